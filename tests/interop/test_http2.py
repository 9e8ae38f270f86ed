"""httpx over HTTP/2, with both transports and the auth: a server that verifies accepts what was signed (CR-HDR-6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest

from sigv4 import Crc32, Signer
from sigv4.adapters.httpx import AsyncSigV4Transport, SigV4Auth, SigV4Transport
from tests.interop.echo_app import KEYS
from tests.interop.servers import running

for package in ("hypercorn", "h2"):
    pytest.importorskip(package, reason="packages of the extra `interop` are not installed")

pytestmark = pytest.mark.interop
SIGNED = ("cookie", "x-several")


def signer(service: str = "s3") -> Signer:
    return Signer(service, "us-east-1", KEYS)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with running("hypercorn, HTTP/2", ECHO_SERVICE="s3") as (port, _):
        yield f"http://localhost:{port}"


def with_transport() -> httpx.Client:
    inner = httpx.HTTPTransport(http1=False, http2=True)  # HTTP/2 from the first byte, without TLS
    return httpx.Client(transport=SigV4Transport(inner, signer(), sign_headers=SIGNED), timeout=60)


def with_auth() -> httpx.Client:
    return httpx.Client(http1=False, http2=True, auth=SigV4Auth(signer(), sign_headers=SIGNED), timeout=60)


@pytest.mark.parametrize("client", [with_transport, with_auth])
@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        ("GET", "/", [], b""),
        ("GET", "/a%20b/%C3%BC?q=%2B&x=1", [], b""),
        ("PUT", "/k", [("Content-Type", "a/b")], b"x" * 300_000),
        ("GET", "/", [("Cookie", "a=1; b=2")], b""),
        ("GET", "/", [("Cookie", "a=1"), ("cookie", "b=2")], b""),
        ("GET", "/", [("X-Several", "1"), ("x-several", "2"), ("X-Several", "")], b""),
        ("GET", "/", [("Host", "other.example:8080")], b""),
        ("GET", "/", [("TE", "trailers"), ("Connection", "x-hop"), ("Accept-Encoding", "br")], b""),
    ],
)
def test_what_is_signed_is_what_a_server_of_http_2_verifies(
    origin: str,
    client: Callable[[], httpx.Client],
    method: str,
    target: str,
    headers: list[tuple[str, str]],
    body: bytes,
) -> None:
    with client() as running_client:
        answer = running_client.request(method, origin + target, headers=headers, content=body)
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 200), answer.text
    told = answer.json()
    assert bytes.fromhex(told["body"]) == body
    assert {"host", "x-amz-date"} | {name.lower() for name, _ in headers} & {*SIGNED} <= {*told["signed"]}


def test_many_requests_at_once_on_one_connection(origin: str) -> None:
    async def send() -> set[tuple[str, int, bool]]:
        inner = httpx.AsyncHTTPTransport(http1=False, http2=True)
        async with httpx.AsyncClient(transport=AsyncSigV4Transport(inner, signer()), timeout=60) as client:
            bodies = [b"z" * 1000 * number for number in range(20)]
            answers = await asyncio.gather(*(client.put(f"{origin}/k", content=body) for body in bodies))
            return {
                (answer.http_version, answer.status_code, bytes.fromhex(answer.json()["body"]) == body)
                for answer, body in zip(answers, bodies, strict=True)
            }

    assert asyncio.run(send()) == {("HTTP/2", 200, True)}


def test_a_stream_and_a_presigned_url(origin: str) -> None:
    upload = signer().stream(
        "PUT", f"{origin}/k", {}, length=200_000, trailers=[("x-amz-checksum-crc32", Crc32())]
    )
    url = signer().presign("GET", f"{origin}/k", expires=60)
    with httpx.Client(http1=False, http2=True, timeout=60) as client:
        headers = {name: str(value) for name, value in upload.headers.items()}
        sent = client.put(f"{origin}/k", headers=headers, content=upload.encode(b"y" * 200_000))
        assert (sent.http_version, sent.status_code) == ("HTTP/2", 200), sent.text
        assert bytes.fromhex(sent.json()["body"]) == b"y" * 200_000
        assert client.get(str(url)).status_code == 200
        assert client.get(f"{origin}/k").status_code == 403
