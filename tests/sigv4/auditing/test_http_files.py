"""``.http`` files of editors: their requests are read as the bytes that are sent, and missing parts are named."""

from __future__ import annotations

import pytest

from sigv4 import Request, SigningError
from sigv4.auditing.captures import read_captures

WITHOUT_VERSION = b"""POST /x?a=b
Host: h.example
Content-Type: application/json

{"a": 1}

"""
OF_JETBRAINS = b"""### First
# @name first
// a comment
@v = 1
GET https://h.example/a
    ?b=c
    &d=e
Accept: a/b
# between

### Second
POST http://h.example/x HTTP/1.1
Content-Type: text/plain

one

two

> {% client.test() %}
<> 2026-03-04.200.json

###
"""


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_request_line_needs_no_version(line_end: bytes) -> None:
    ((request, response),) = read_captures(WITHOUT_VERSION.replace(b"\n", line_end))
    headers = (("Host", "h.example"), ("Content-Type", "application/json"))
    assert (request, response) == (Request("POST", "/x?a=b", headers, b'{"a": 1}'), None)


def test_several_requests_are_separated_by_a_line() -> None:
    first, second = [request for request, _ in read_captures(OF_JETBRAINS)]
    assert first == Request("GET", "https://h.example/a?b=c&d=e", [("Host", "h.example"), ("Accept", "a/b")])
    assert second.headers == (("Host", "h.example"), ("Content-Type", "text/plain"))
    assert (second.url, second.body) == ("http://h.example/x", b"one\n\ntwo")


@pytest.mark.parametrize("blank", [" ", "    ", "\t", "\t "])
def test_a_query_is_continued_after_any_blank(blank: str) -> None:
    ((request, _),) = read_captures(
        f"GET https://h.example/a\n{blank}?b=c\n{blank}&d=e\nAccept: a/b\n".encode()
    )
    assert request.url == "https://h.example/a?b=c&d=e"
    assert request.headers == (("Host", "h.example"), ("Accept", "a/b"))


def test_a_request_without_headers_is_read() -> None:
    ((request, _),) = read_captures(b"GET https://h.example/")
    assert request == Request("GET", "https://h.example/", [("Host", "h.example")])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"GET {{host}}/a", "variable 'host'"),
        (b"GET /a\nAuthorization: {{auth}}", "variable 'auth'"),
        (b"POST /a\nHost: h\n\n< ./body.json", "another file"),
        (b"GET /a\nno header", "not a header"),
        (b"GET /a\n(x): y", "not a header"),
        (b"GET /a\n###\nnothing", "is not the first line of a request"),
    ],
)
def test_what_is_not_in_the_file_is_named(raw: bytes, said: str) -> None:
    with pytest.raises(SigningError, match=said):
        read_captures(raw)
