"""Requests and responses: parsed from raw bytes, looked up by header, shown without secrets."""

from __future__ import annotations

import re

import pytest

from sigv4 import Request, Response, SigningError
from sigv4.request import secrets_of_headers, utf8_bytes, utf8_value


def test_the_secrets_among_headers() -> None:
    headers = (("Host", "h"), ("Cookie", "c"), ("cookie", b"\xff"), ("X-Amz-Security-Token", ""))
    assert secrets_of_headers(headers) == {"c", "\xff"}


def test_a_repr_has_no_secret_no_query_and_no_body() -> None:
    request = Request("GET", "/a?b?c", [("Host", "h"), ("Cookie", "c")], b"body")
    assert repr(request) == "Request('GET', '/a?…', [Host: 'h', Cookie: '***'], <4 bytes>)"
    assert repr(Request("GET", "/a?")) == "Request('GET', '/a', [], <0 bytes>)"
    assert (
        repr(Response(200, {"Location": "l", "A": "b"}))
        == "Response(200, [Location: '***', A: 'b'], <0 bytes>)"
    )


def test_a_repr_masks_headers_whose_names_are_bytes() -> None:
    headers: list[tuple[str | bytes, str | bytes]] = [(b"Authorization", b"Bearer s"), (b"A", b"b")]
    assert (
        repr(Request("GET", "/", headers))
        == "Request('GET', '/', [Authorization: '***', A: b'b'], <0 bytes>)"
    )
    assert secrets_of_headers(Request("GET", "/", headers).headers) == {"Bearer s"}


def test_headers_are_looked_up() -> None:
    response = Response(200, {"A": "b"})
    assert (response.header("a"), response.header("b"), response.body) == ("b", "", b"")
    assert (response.has_header("A".lower()), response.has_header("b")) == (True, False)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_message_is_split_at_the_line_ends_of_its_first_line(end: bytes) -> None:
    head = end.join([b"PUT /a b HTTP/1.1", b"A:  b:c\t", b"X: XX\x0c", b"E:"])
    wanted = (("A", "b:c"), ("X", "XX\x0c"), ("E", ""))
    assert Request.parse(head) == Request.parse(head + end) == Request("PUT", "/a b", wanted)
    assert Request.parse(head + end + end + b"x\ny\r\n").body == b"x\ny\r\n"


def test_folds_are_undone_if_that_is_asked() -> None:
    lines = b"\nA: X\n\t X\x0c \n X\nB: \xff\n\n"
    for parse, start in ((Request.parse, b"GET / HTTP/1.1"), (Response.parse, b"HTTP/1.1 200 OK")):
        assert parse(start + lines, unfold=True).headers == (("A", "X X\x0c X"), ("B", b"\xff"))
        with pytest.raises(SigningError) as caught:
            parse(start + lines)
        assert str(caught.value) == (
            "line 3 continues the header above it (obs-fold): servers read such a header in different ways; "
            "put it on one line, or ask for it to be unfolded"
        )


LONG = "x" * 100


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\r\n\r\n", "the message is empty: expected a start line, headers, a blank line and a body"),
        (b"", "the message is empty: expected a start line, headers, a blank line and a body"),
        (b"GET /\r\nA: b\n", "line 2 holds a bare CR, LF or NUL: expected one kind of line end"),
        (
            LONG.encode(),
            f"line 1 is not an HTTP request line: expected 'METHOD target HTTP/1.1', got {LONG[:80].encode()!r}",
        ),
        (
            b"GET / HTTP/1.1\n" + LONG.encode() + b"(: b",
            f"line 2: header name {(LONG[:60]).encode()!r} holds bytes that no name may hold",
        ),
        (
            b"GET / HTTP/1.1\n: b",
            "line 2 is not a header: expected 'Name: value', found no name before a colon",
        ),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_with_its_line(raw: bytes, text: str) -> None:
    with pytest.raises(SigningError, match=f"^{re.escape(text)}$"):
        Request.parse(raw)


@pytest.mark.parametrize("line", [f"HTTP/1.1 20 {LONG}", "HTTP/1.1 2000 OK", "HTTP/1.1 2x0", "ICY 200 OK"])
def test_a_status_line_has_three_digits(line: str) -> None:
    text = f"line 1 is not an HTTP status line: expected 'HTTP/1.1 200 OK', got {line[:80].encode()!r}"
    with pytest.raises(SigningError, match=f"^{re.escape(text)}$"):
        Response.parse(line.encode())
    assert Response.parse(b"HTTP/1.1 200").status == 200


def test_typed_text_is_sent_in_utf_8_and_bytes_that_are_not_stay_as_they_were() -> None:
    assert (utf8_value("a"), utf8_value("ü"), utf8_value("a\udcff")) == ("a", "ü".encode(), b"a\xff")
    assert (utf8_bytes("a"), utf8_bytes("ü\udcff")) == (b"a", b"\xc3\xbc\xff")
