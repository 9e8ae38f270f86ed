"""One transport in many threads and tasks, with credentials that rotate; and what its tracebacks show."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sigv4 import Claim, Credentials, Signer, SigningError, VerificationError, Verifier
from sigv4.adapters.httpx import AsyncSigV4Transport, SigV4Auth, SigV4Transport
from tests.capture import CREDENTIALS, SECRET, TOKEN, CapturingServer, signer

POOL = {
    f"AKID{number}": Credentials(
        f"AKID{number}", f"secret{number}", f"token/{number}" if number % 2 else None
    )
    for number in range(7)
}
THREADS, TASKS, REQUESTS = 8, 200, 10_000


def rotating() -> Credentials:
    return random.choice(list(POOL.values()))


class Judge:
    """A transport that verifies each request, and counts the results."""

    def __init__(self) -> None:
        self.verifier = Verifier("sagemaker", "us-east-1", self.lookup)
        self.valid: list[str] = []
        self.invalid: list[str] = []

    def lookup(self, claim: Claim) -> Credentials:
        return POOL[claim.access_key_id]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        try:
            verified = self.verifier.verify(request.method, target, request.headers.raw, request.read())
        except VerificationError as error:
            self.invalid.append(str(error))
            return httpx.Response(error.status)
        self.valid.append(verified.access_key_id)
        return httpx.Response(200)


@pytest.mark.slow
def test_no_signature_of_ten_thousand_is_invalid_from_threads_and_tasks() -> None:
    judge = Judge()
    shared = Signer("sagemaker", "us-east-1", rotating)
    inner = httpx.MockTransport(judge)
    start = threading.Barrier(THREADS)

    def work(client: httpx.Client, thread: int) -> None:
        start.wait()
        for number in range(REQUESTS // 2 // THREADS):
            client.post(
                f"https://api.example/{thread % 3}/{number % 5}?n={number % 11}", content=b"%d" % number
            )

    with httpx.Client(transport=SigV4Transport(inner, shared)) as client, ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work, client, thread) for thread in range(THREADS)]:
            future.result()

    async def task(client: httpx.AsyncClient, number: int) -> None:
        for step in range(REQUESTS // 2 // TASKS):
            await client.post(f"https://api.example/{number % 13}?n={step}", content=b"%d" % step)
            await asyncio.sleep(0)

    async def main() -> None:
        async with httpx.AsyncClient(transport=AsyncSigV4Transport(inner, shared)) as client:
            await asyncio.gather(*(task(client, number) for number in range(TASKS)))

    asyncio.run(main())
    assert judge.invalid == []
    assert len(judge.valid) == REQUESTS
    assert set(judge.valid) == set(POOL)


@pytest.mark.slow
def test_signatures_stay_valid_over_shared_sockets() -> None:
    judge = Judge()
    transport = SigV4Transport(httpx.HTTPTransport(verify=False), Signer("sagemaker", "us-east-1", rotating))
    with (
        CapturingServer() as server,
        httpx.Client(transport=transport) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        urls = [f"{server.origin}/{number}?n=ü" for number in range(200)]
        answers = list(pool.map(lambda url: client.post(url, content=url.encode()), urls))
    assert {answer.status_code for answer in answers} == {200}
    for captured in server.captured:
        judge.verifier.verify(captured.method, captured.target, captured.headers, captured.body)
    assert len(server.captured) == 200


def _refused() -> str:
    """An address of this machine at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def _shown(error: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def _assert_no_secret(text: str, inner_error: BaseException) -> None:
    assert "handle_" in text or "auth_flow" in text
    assert [word for word in (SECRET, TOKEN, "Signature=") if word in text] == []
    assert [word for word in (SECRET, TOKEN, "Signature=") if word in str(inner_error)] == []


def _over_transport(url: str) -> None:
    with httpx.Client(transport=SigV4Transport(httpx.HTTPTransport(verify=False), signer())) as client:
        client.post(url, json={})


def _over_async_transport(url: str) -> None:
    async def main() -> None:
        inner = httpx.AsyncHTTPTransport(verify=False)
        async with httpx.AsyncClient(transport=AsyncSigV4Transport(inner, signer())) as client:
            await client.post(url, json={})

    asyncio.run(main())


@pytest.mark.parametrize("way", [_over_transport, _over_async_transport])
def test_no_secret_is_in_a_traceback_with_locals(way: Callable[[str], None]) -> None:
    with pytest.raises(httpx.ConnectError) as refused:
        way(_refused())
    _assert_no_secret(_shown(refused.value), refused.value)
    with CapturingServer(lambda captured: b"") as server, pytest.raises(httpx.RemoteProtocolError) as cut:
        way(server.origin)
    _assert_no_secret(_shown(cut.value), cut.value)
    with pytest.raises(SigningError) as raw:
        way("http://127.0.0.1/%zz")
    _assert_no_secret(_shown(raw.value), raw.value)


def test_no_secret_is_in_a_repr_and_the_callers_request_stays_unsigned() -> None:
    inner = httpx.MockTransport(lambda request: httpx.Response(200))
    transport = SigV4Transport(inner, signer())
    shown = [repr(transport), repr(AsyncSigV4Transport(inner, signer())), repr(SigV4Auth(signer()))]
    assert all("Signer('sagemaker', 'us-east-1'" in text for text in shown)
    assert [word for word in (SECRET, TOKEN, CREDENTIALS.access_key_id) if word in "".join(shown)] == []
    with httpx.Client(transport=transport) as client:
        response = client.get("https://api.example/")
    assert {"authorization", "x-amz-security-token", "x-amz-date"} & set(response.request.headers) == set()


def test_closing_the_client_closes_the_inner_transport() -> None:
    closed = []

    class Inner(httpx.MockTransport):
        def close(self) -> None:
            closed.append("sync")

        async def aclose(self) -> None:
            closed.append("async")

    inner = Inner(lambda request: httpx.Response(200))
    httpx.Client(transport=SigV4Transport(inner, signer())).close()
    asyncio.run(httpx.AsyncClient(transport=AsyncSigV4Transport(inner, signer())).aclose())
    assert closed == ["sync", "async"]


def test_errors_of_the_credentials_callable_are_not_caught() -> None:
    def fails() -> Credentials:
        raise LookupError("no credentials today")

    sent: list[httpx.Request] = []

    def record(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    transport = SigV4Transport(httpx.MockTransport(record), Signer("sagemaker", "us-east-1", fails))
    with (
        httpx.Client(transport=transport) as client,
        pytest.raises(LookupError, match="no credentials today"),
    ):
        client.get("https://api.example/")
    assert sent == []
