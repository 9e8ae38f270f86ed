"""Parts of a request that HTTP libraries rewrite: the received request still verifies."""

from __future__ import annotations

import asyncio
import io
import pickle
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from sigv4 import Signer, SigningError
from sigv4.adapters.hop_signer import body_to_hash, remaining_length, with_escaped_spaces
from sigv4.adapters.urllib import SigV4Handler
from tests.capture import CREDENTIALS, OK, Captured, CapturingServer, redirect, signer, verify

# (signer, origin, method, URL, query parameters, body)
Send = Callable[[Signer, str, str, str, Any, Any], None]


def with_urllib(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    if params is not None:
        url += ("&" if "?" in url else "?") + urlencode(params)
    opener = urllib.request.build_opener(SigV4Handler(by), urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, body, method=method), timeout=20):
        pass


def with_requests(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Adapter

    with requests.Session() as session:
        session.trust_env = False
        session.mount(f"{origin}/", SigV4Adapter(origin, by))
        session.request(method, url, params=params, data=body, timeout=20)


def with_requests_auth(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Auth

    with requests.Session() as session:
        session.trust_env = False
        session.request(method, url, params=params, data=body, auth=SigV4Auth(by), timeout=20)


def with_httpx(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    from sigv4.adapters.httpx import SigV4Transport

    transport = SigV4Transport(httpx.HTTPTransport(verify=False), by)
    with httpx.Client(transport=transport, timeout=20) as client:
        client.request(method, url, params=params, content=body)


def with_httpx_redirects(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    from sigv4.adapters.httpx import SigV4Transport

    transport = SigV4Transport(httpx.HTTPTransport(verify=False), by)
    with httpx.Client(transport=transport, timeout=20, follow_redirects=True) as client:
        client.request(method, url, params=params, content=body)


def with_httpx_auth(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    from sigv4.adapters.httpx import SigV4Auth

    with httpx.Client(trust_env=False, verify=False, timeout=20) as client:
        client.request(method, url, params=params, content=body, auth=SigV4Auth(by))


def with_async_httpx(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    from sigv4.adapters.httpx import AsyncSigV4Transport

    async def run() -> None:
        transport = AsyncSigV4Transport(httpx.AsyncHTTPTransport(verify=False), by)
        async with httpx.AsyncClient(transport=transport, timeout=20) as client:
            content = body.read() if hasattr(body, "read") else body
            await client.request(method, url, params=params, content=content)

    asyncio.run(run())


def with_aiohttp(by: Signer, origin: str, method: str, url: str, params: Any, body: Any) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    from sigv4.adapters.aiohttp import SigV4Middleware

    async def run() -> None:
        async with (
            aiohttp.ClientSession(middlewares=(SigV4Middleware(origin, by),)) as session,
            session.request(method, url, params=params, data=body),
        ):
            pass

    asyncio.run(run())


WAYS: dict[str, Send] = {
    "urllib": with_urllib,
    "requests": with_requests,
    "requests_auth": with_requests_auth,
    "httpx": with_httpx,
    "httpx_auth": with_httpx_auth,
    "async_httpx": with_async_httpx,
    "aiohttp": with_aiohttp,
}
each_way = pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)

PARAMETERS: list[Any] = [
    {"q": "a b"},
    {"a b": "c+d e%20f"},
    {"q": "~a;b,c!'()*"},
    {"q": "ü日😀"},
    {"q": ""},
    [("q", "2"), ("q", "1"), ("Q", "0")],
    {"q": "a%2Fb"},
    {"q": "%"},
    {"q": '"<>`{}|\\^$[]'},
    {"a=b": "c&d@:/?#"},
    {"q": "\n\t"},
    {"": "x"},
]
PATHS = [
    "", "/", "/a b", "/a%20b", "/a%2Bb", "/a%2Fb", "/a%2fb", "/%7e", "/~", "/;x=1", "/ü", "/%C3%BC", "/%E9",
    "/a//b", "//a", "/a/./b", "/a/../b", "/a/", "/a%zz", "/[x]", "/a|b", "/{a}", "/a\\b", '/<a>"', "/a:b@c",
    "/!$&'()*,=", "/a%252Fb", "/a%3Fb", "/a%23b", "/a%0Ab", "/a#b?c",
]  # fmt: skip
QUERIES = [
    "a+b=c+d", "q=a%2Bb", "q=%7e", "q=%2f", "q", "q=", "&&", "=", "q=a/b?c", "q=;", "q=é", "q=a b", "q=%zz",
    "q='", 'q="', "q=[1]", "q=a|b^{}`\\<>", "q=%E9", "a=1&a=0&A=2", "q=a%3Db%26", "q=!$()*,:@", "q=a+b#c+d",
]  # fmt: skip


@pytest.fixture
def server() -> Iterator[CapturingServer]:
    with CapturingServer() as running:
        yield running


@each_way
def test_parameters_arrive_as_given_with_a_space_as_percent_20(server: CapturingServer, send: Send) -> None:
    for parameters in PARAMETERS:
        send(signer(), server.origin, "GET", f"{server.origin}/a", parameters, None)
        target = server.last.target
        assert "+" not in target, parameters
        verify(server.last)
        given = list(parameters.items() if isinstance(parameters, dict) else parameters)
        assert parse_qsl(target.partition("?")[2], keep_blank_values=True) == given


@pytest.mark.slow
@each_way
@pytest.mark.parametrize("service", ["sagemaker", "s3"])
def test_every_spelling_verifies_or_is_refused_before_it_is_sent(
    server: CapturingServer, send: Send, service: str
) -> None:
    arrived = 0
    for url in [*PATHS, *[f"/a?{query}" for query in QUERIES]]:
        before = len(server.captured)
        # The signer refuses the spelling, or the library refuses it with its own error.
        with suppress(Exception):
            send(signer(service), server.origin, "GET", server.origin + url, None, None)
        if len(server.captured) == before:
            continue
        assert len(server.captured) == before + 1
        verify(server.last, service)
        assert "+" not in server.last.target.partition("?")[2]
        arrived += 1
    assert arrived > 30


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/a+b?c+d=e+f#g+h", "https://h/a+b?c%20d=e%20f#g+h"),
        ("/a#b?c+d", "/a#b?c+d"),
        ("/a?b=%2B", "/a?b=%2B"),
        ("/a+b", "/a+b"),
    ],
)
def test_cr_query_3_only_a_plus_in_the_query_is_rewritten(url: str, expected: str) -> None:
    assert with_escaped_spaces(url) == expected


@each_way
@pytest.mark.parametrize("start", [0, 3, 6000])
def test_a_file_is_sent_from_its_position_with_its_length(
    server: CapturingServer, send: Send, start: int
) -> None:
    file = io.BytesIO(b"abcdef" * 1000)
    file.seek(start)
    send(signer("s3"), server.origin, "PUT", f"{server.origin}/key", None, file)
    verify(server.last, "s3")
    assert server.last.body == (b"abcdef" * 1000)[start:]
    assert server.last.header("content-length") == str(6000 - start).encode()
    assert server.last.header("transfer-encoding") is None  # S3 refuses it


# httpx treats them as iterables of numbers, and fails.
@pytest.mark.parametrize("send", [with_urllib, with_requests, with_requests_auth, with_aiohttp])
@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_another_type_are_signed_as_they_are_sent(
    server: CapturingServer, send: Send, kind: Any
) -> None:
    send(signer(), server.origin, "POST", f"{server.origin}/", None, kind(b"abc"))
    verify(server.last)
    assert server.last.body == b"abc"


@pytest.mark.parametrize("compress", [True, "deflate", "gzip"])
def test_aiohttp_s_own_compression_is_refused(server: CapturingServer, compress: Any) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    from sigv4.adapters.aiohttp import SigV4Middleware

    async def run() -> None:
        async with aiohttp.ClientSession(middlewares=(SigV4Middleware(server.origin, signer()),)) as session:
            await session.post(server.origin, data=b"body", compress=compress)

    with pytest.raises(SigningError, match="compress it first, and name the coding"):
        asyncio.run(run())
    assert server.captured == []


@pytest.mark.parametrize("send", [with_requests, with_httpx_redirects, with_aiohttp])
@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("away", [False, True])
def test_a_file_is_sent_whole_on_each_hop_of_a_redirect(send: Send, status: int, away: bool) -> None:
    file = io.BytesIO(b"..." + b"abcdef" * 1000)
    file.seek(3)
    with CapturingServer() as other, CapturingServer() as server:
        target = f"{other.origin}/b" if away else "/b"
        answers = [redirect(status, target), OK]
        server.answer = lambda _: answers.pop(0)
        send(signer("s3"), server.origin, "PUT", f"{server.origin}/a", None, file)
        hops = [*server.captured, *other.captured]
    assert [hop.target for hop in hops] == ["/a", "/b"]
    for hop in hops:
        assert hop.body == b"abcdef" * 1000
    for hop in server.captured:
        verify(hop, "s3")
    assert not other.captured or other.last.header("authorization") is None


def ticking_signer() -> Signer:
    """A signer whose clock advances by a second with each signature."""
    seconds = iter(range(1_700_000_000, 1_700_000_010))
    return Signer("s3", "us-east-1", CREDENTIALS, clock=lambda: next(seconds))


def slow_twice() -> Callable[[Captured], bytes]:
    answers = [b"HTTP/1.1 503 Slow\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"] * 2 + [OK]
    return lambda _: answers.pop(0)


def three_retries() -> Any:
    from urllib3.util import Retry

    return Retry(total=3, status_forcelist=[503], allowed_methods=None, backoff_factor=0)


def check_three_signatures(received: Sequence[Captured]) -> None:
    """Each attempt has its own signature and time."""
    dates = [captured.header("x-amz-date") for captured in received]
    assert dates == [b"20231114T221320Z", b"20231114T221321Z", b"20231114T221322Z"]
    for captured in received:
        assert judge(captured)


@pytest.mark.parametrize("body", [b"data", io.BytesIO(b"file" * 9000), None])
def test_requests_signs_each_attempt_of_its_retries_again(body: Any) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Adapter

    with CapturingServer(slow_twice()) as server, requests.Session() as session:
        session.trust_env = False
        adapter = SigV4Adapter(server.origin, ticking_signer(), max_retries=three_retries())
        session.mount(f"{server.origin}/", adapter)
        answer = session.put(f"{server.origin}/key", data=body)
    assert answer.status_code == 200
    check_three_signatures(server.captured)
    assert {captured.body for captured in server.captured} == {server.last.body}
    assert answer.request.headers["X-Amz-Date"] == "20231114T221322Z"


@pytest.mark.parametrize("body", [b"data", io.BytesIO(b"file" * 9000), None])
@pytest.mark.parametrize("proxied", [False, True])
def test_requests_auth_signs_each_retry_of_another_adapter_again(body: Any, proxied: bool) -> None:
    """The other adapter retries without calling ``auth`` again."""
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Auth

    with CapturingServer(slow_twice()) as server, requests.Session() as session:
        session.trust_env = False
        proxies = {"http": server.origin.replace("://", "://user:password@")} if proxied else None
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=three_retries()))
        url = "http://s3.example/key" if proxied else f"{server.origin}/key"
        answer = session.put(url, data=body, auth=SigV4Auth(ticking_signer()), proxies=proxies)
    check_three_signatures(
        [each._replace(target=each.target.removeprefix("http://s3.example")) for each in server.captured]
    )
    assert {captured.body for captured in server.captured} == {server.last.body}
    assert answer.request.headers["X-Amz-Date"] == "20231114T221322Z"
    assert "Proxy-Authorization" not in answer.request.headers
    assert pickle.loads(pickle.dumps(answer)).request.headers == answer.request.headers


def test_a_request_of_requests_that_is_sent_twice_is_signed_again() -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Adapter, SigV4Auth

    by = ticking_signer()
    with CapturingServer() as server, requests.Session() as session:
        session.trust_env = False
        prepared = session.prepare_request(requests.Request("PUT", f"{server.origin}/key", data=b"x"))
        SigV4Auth(by)(prepared)
        for _ in range(2):
            session.send(prepared)
        session.mount(server.origin, SigV4Adapter(server.origin, by))
        answer = session.get(f"{server.origin}/key")
        assert pickle.loads(pickle.dumps(answer)).request.headers == answer.request.headers
    check_three_signatures(server.captured)


def judge(captured: Captured) -> bool:
    from sigv4 import Verifier

    verifier = Verifier("s3", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: 1_700_000_000.0)
    return bool(verifier.verify(captured.method, captured.target, captured.headers, captured.body))


def test_urllib_sends_an_iterator_whose_hash_is_declared(server: CapturingServer) -> None:
    opener = urllib.request.build_opener(SigV4Handler(signer("s3")), urllib.request.ProxyHandler({}))
    headers = {"Content-Length": "4", "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    request = urllib.request.Request(f"{server.origin}/k", iter([b"da", b"ta"]), headers, method="PUT")
    with opener.open(request, timeout=20):
        verify(server.last, "s3")
    assert server.last.body == b"data"


def test_only_a_body_that_can_be_read_twice_is_hashed() -> None:
    file = io.BytesIO(b"abc")
    assert body_to_hash(file) is file
    assert body_to_hash(memoryview(b"abc")) == b"abc"
    with pytest.raises(SigningError, match="the body is list_iterator, which hashing would use up"):
        body_to_hash(iter([b"a"]))
    assert remaining_length(iter([b"a"])) is None
    assert (remaining_length(file), file.seek(9), remaining_length(file)) == (3, 9, 0)
