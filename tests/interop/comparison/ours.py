"""This package's signer, alone and in the adapter of each HTTP library; all send to ``origin``."""

from __future__ import annotations

from sigv4 import Credentials, Signer
from tests.interop.comparison.inputs import Input
from tests.interop.comparison.judge import KEY_ID, REGION, SECRET
from tests.interop.comparison.sending import (
    TIMEOUT,
    NotApplicable,
    body_of,
    host_of,
    pairs_of,
    send_exactly,
    unique_headers,
    url_of,
)


def ours(input_: Input, origin: str) -> None:
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    url, headers = url_of(input_, origin), pairs_of(input_.headers)
    if input_.expires is not None:
        signed_url = signer.presign(input_.method, url, headers, expires=input_.expires)
        target = signed_url.partition("#")[0].partition("://")[2].partition("/")[2]
        send_exactly(
            origin,
            input_.method,
            f"/{target}",
            [("Host", host_of(origin)), *signed_url.headers_to_send.items()],
            b"",
        )
        return
    body = body_of(input_)
    signed = signer.sign(input_.method, url, headers, body)
    target = url.partition("#")[0].partition("://")[2].partition("/")[2]
    send_exactly(origin, input_.method, f"/{target}", signed.items(), input_.body or b"")


def ours_httpx(input_: Input, origin: str) -> None:
    import httpx

    from sigv4.adapters.httpx import SigV4Transport

    if input_.expires is not None:
        raise NotApplicable("presigning needs no adapter")
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    transport = SigV4Transport(httpx.HTTPTransport(trust_env=False), signer)
    headers = [(name.encode(), value.encode()) for name, value in input_.headers]
    with httpx.Client(transport=transport, timeout=TIMEOUT) as client:
        client.request(input_.method, url_of(input_, origin), headers=headers, content=body_of(input_))


def _headers_for_adapter(input_: Input) -> dict[str, str]:
    if input_.expires is not None:
        raise NotApplicable("presigning needs no adapter")
    return unique_headers(input_)


def ours_requests(input_: Input, origin: str) -> None:
    import requests

    from sigv4.adapters.requests import SigV4Adapter

    headers = _headers_for_adapter(input_)
    if input_.user_info:
        raise NotApplicable(
            "requests compares the text of a URL, including the user-info, with that of a mount"
        )
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    with requests.Session() as session:
        session.trust_env = False
        session.mount(f"{origin}/", SigV4Adapter(origin, signer))
        session.request(
            input_.method, url_of(input_, origin), headers=headers, data=body_of(input_), timeout=TIMEOUT,
            allow_redirects=False,
        )  # fmt: skip


def ours_urllib(input_: Input, origin: str) -> None:
    from urllib.request import ProxyHandler, Request, build_opener

    from sigv4.adapters.urllib import SigV4Handler

    headers = _headers_for_adapter(input_)
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    body = body_of(input_)
    if input_.user_info or isinstance(body, str):
        raise NotApplicable("urllib accepts no user-info in a URL, and no text as a body")
    request = Request(url_of(input_, origin), body, headers, method=input_.method)
    with build_opener(SigV4Handler(signer), ProxyHandler({})).open(request, timeout=TIMEOUT):
        pass


def ours_aiohttp(input_: Input, origin: str) -> None:
    import asyncio

    import aiohttp
    import yarl

    from sigv4.adapters.aiohttp import SigV4Middleware

    headers = [(name, value) for name, value in input_.headers]
    _ = _headers_for_adapter(input_) if input_.expires is not None else None
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    middleware = SigV4Middleware(origin, signer)

    async def send() -> None:
        async with (
            aiohttp.ClientSession(middlewares=(middleware,)) as session,
            session.request(
                input_.method,
                yarl.URL(url_of(input_, origin), encoded=True),
                headers=headers,
                data=body_of(input_),
            ),
        ):
            pass

    asyncio.run(send())
