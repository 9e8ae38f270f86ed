"""Redirects of urllib.request, requests and aiohttp: signed again within the origin, and no signature to another one."""

from __future__ import annotations

import io
import urllib.request
from http.client import HTTPMessage
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import pytest

from sigv4 import SigningError
from sigv4.adapters.urllib import SigV4Handler
from tests.capture import TOKEN, Captured, CapturingServer, redirect, signer, verify
from tests.sigv4.adapters.ways import (
    Send,
    each_way,
    with_aiohttp,
    with_requests_auth,
)


@each_way
def test_a_redirect_within_the_origin_is_signed_again(send: Send) -> None:
    def answer(captured: Captured) -> bytes:
        return (
            redirect(302, "/b?x=1")
            if captured.target == "/a"
            else b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    with CapturingServer(answer) as server:
        send(signer(), server.origin, "GET", f"{server.origin}/a", {"X-Amz-Target": "A.B"})
        assert [each.target for each in server.captured] == ["/a", "/b?x=1"]
        verify(server.captured[0])
        if send is with_requests_auth:  # the auth does not see the next hop: nothing of the signature is sent
            assert not {"authorization", "x-amz-security-token", "x-amz-target"} & server.last.names
        else:
            verify(server.last)
            assert server.last.header("x-amz-target") == b"A.B"


@each_way
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("everywhere", [False, True])
def test_no_part_of_a_signature_is_sent_to_another_origin(send: Send, status: int, everywhere: bool) -> None:
    with (
        CapturingServer() as other,
        CapturingServer(lambda _: redirect(status, f"{other.origin}/b")) as server,
    ):
        headers = {"X-Amz-Target": "A.B", "X-Other": "mine"}
        send(signer(), server.origin, "GET", f"{server.origin}/a", headers, everywhere=everywhere)
        verify(server.last)
        assert len(other.captured) == 1
        assert not [n for n in other.last.names if n.startswith("x-amz-") or n == "authorization"]
        assert other.last.header("x-other") == b"mine"
        assert other.last.wire.count(TOKEN.encode()) == 0


@each_way
def test_a_redirect_back_from_another_origin_is_not_signed(send: Send) -> None:
    def answer(captured: Captured) -> bytes:
        if captured.target == "/a":
            return redirect(302, f"{other.origin}/b")
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    other = CapturingServer(lambda _: redirect(302, f"{server.origin}/chosen"))
    with CapturingServer(answer) as server, other:
        if send is with_aiohttp:  # the middleware cannot distinguish this hop from a first request
            with pytest.raises(SigningError, match="the caller did not choose that request"):
                send(signer(), server.origin, "GET", f"{server.origin}/a", {})
            assert [each.target for each in server.captured] == ["/a"]
            return
        send(signer(), server.origin, "GET", f"{server.origin}/a", {})
        assert server.last.target == "/chosen"
        assert not [n for n in server.last.names if n.startswith("x-amz-") or n == "authorization"]


def test_a_redirect_that_urllib_does_not_follow_is_an_error_of_urllib() -> None:
    request = urllib.request.Request("http://own/a", b"x", method="POST")
    with pytest.raises(HTTPError, match=r"^HTTP Error 307: Temporary Redirect$"):
        SigV4Handler(signer()).redirect_request(
            request, io.BytesIO(), 307, "Temporary Redirect", HTTPMessage(), "http://own/b"
        )


def test_the_refused_target_of_a_redirect_is_shown_as_it_was_written() -> None:
    """Without its query, which may hold a secret."""
    yarl = pytest.importorskip("yarl", reason="yarl is not installed")
    from sigv4.adapters.aiohttp import SigV4Middleware

    closed: list[str] = []
    answer: Any = SimpleNamespace(url=yarl.URL("http://other/a"), close=lambda: closed.append("it"))
    middleware = SigV4Middleware("http://own", signer())
    for status, location in ((200, "http://own/b"), (302, "/b"), (302, None)):
        answer.status, answer.headers = status, {"Location": location} if location else {}
        middleware._check_redirect(answer)
    assert closed == []
    for status in (301, 302, 303, 307, 308):
        answer.status, answer.headers = status, {"Location": "http://own/%7Ea%2Fb?token=1"}
        with pytest.raises(SigningError, match=r"^http://other redirects to 'http://own/%7Ea%2Fb', whose"):
            middleware._check_redirect(answer)
    assert closed == ["it"] * 5
