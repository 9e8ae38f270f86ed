"""Requests are read from what programs really print; what is none of these kinds is left to others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigv4 import Credentials, SigningError, diagnose
from sigv4.auditing.captures import read_captures
from sigv4.auditing.shell_words import shell_words
from sigv4.auditing.text_captures import in_utf8, read_text

CAPTURES = Path(__file__).parents[3] / "fixtures" / "captures"
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
BODY = b'{"MaxResults": 5}'


@pytest.mark.parametrize(
    ("name", "has_body"),
    [
        ("curl-verbose.txt", False),
        ("boto3-debug.log", True),
        ("aws-cli-debug.log", True),
        ("requests-debug.txt", True),
        ("httpx-verbose.txt", False),
    ],
)
def test_what_a_program_printed_is_a_request_with_a_right_signature(name: str, has_body: bool) -> None:
    """curl 7.88.1 -v, boto3 1.44 and AWS CLI debug logs, http.client under requests 2.34, httpx 0.28.1 -v."""
    found = read_text((CAPTURES / name).read_bytes())
    assert found is not None
    assert len(found) == 1
    request, response = found[0]
    assert request.method == "POST"
    assert response is not None
    assert response.status == (0 if name.startswith("boto3") else 403)  # which is not in its own log
    assert request.body == (BODY if has_body else b"")
    diagnosis = diagnose(request.method, request.url, request.headers, request.body or BODY, credentials=KEYS)
    assert diagnosis.signature_matches is True, str(diagnosis)
    if not has_body:
        cut = diagnose(*request, credentials=KEYS)
        assert (cut.findings[0].id, cut.verdict) == ("FAIL-56", "undecided")


COMMANDS = [
    (
        "curl 'https://h.example/a?b=c' -X 'PUT' -H 'Accept: x' --data-raw $'{\"a\":\"\\u0027\\n\"}'",
        "PUT",
        b'{"a":"\'\n"}',
    ),
    ("curl https://h.example/a \\\n  -H 'A: b' \\\n  --compressed", "GET", b""),
    ('curl ^"https://h.example/a^" ^\n  -H ^"A: b^"', "GET", b""),
    ("$ curl -sd a=1 --data b=2 -b c=d -A me --url=https://h.example/a", "POST", b"a=1&b=2"),
    ("curl -I -o /dev/null -XHEAD h.example/a#f", "HEAD", b""),
    ("curl --head -HHost:h.example https://h.example/a", "HEAD", b""),
]


@pytest.mark.parametrize(("command", "method", "body"), COMMANDS)
def test_copy_as_curl_is_read_as_the_shell_would(command: str, method: str, body: bytes) -> None:
    found = read_text(command.encode())
    assert found is not None
    request = found[0][0]
    assert (request.method, request.body) == (method, body)
    assert request.url.partition("://")[2].partition("?")[0] == "h.example/a"
    assert ("host", "h.example") in [(name.lower(), value) for name, value in request.headers]


def test_a_command_that_was_cut_is_refused() -> None:
    with pytest.raises(SigningError, match="ends within a quoted word"):
        read_text(b"curl 'https://h")
    with pytest.raises(SigningError, match="names no URL"):
        read_text(b"curl -v")
    assert shell_words('a \\x41\'b\' "c\\"d" e\nrest') == ["a", "x41b", 'c"d', "e"]
    assert shell_words("$'\\x41\\u00e9\\q\\t\\xZZ'") == ["A\xe9q\txZZ"]


def test_a_bare_url_is_a_get() -> None:
    found = read_text(b"https://h.example/a?X-Amz-Signature=b\r\n")
    assert found is not None
    assert tuple(found[0][0])[:3] == (
        "GET",
        "https://h.example/a?X-Amz-Signature=b",
        (("Host", "h.example"),),
    )


def test_utf_16_and_byte_order_marks_are_taken_off() -> None:
    text = "GET / HTTP/1.1\nHost: h\n\n"
    for raw in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        b"\xfe\xff" + text.encode("utf-16-be"),
        text.encode("utf-16-le"),
    ):
        assert in_utf8(raw) == text.encode()
    assert read_text(text.encode()) is None
    assert read_text(b"* a log\nwithout a request\n") is None


def test_marked_lines_are_paired_with_their_answers() -> None:
    """Two requests on one connection, an interim answer, a body, and the marks of requests_toolbelt."""
    text = (
        "> PUT /a HTTP/1.1\n> Host: h\n> Expect: 100-continue\n>\n< HTTP/1.1 100 Continue\n<\n} [1 bytes data]\n"
        "> GET /b HTTP/1.1\n> Host: h\n>\n< HTTP/1.1 403 Forbidden\n< A: b\n<\n{}\n* done\n> GET /c HTTP/1.1\n> Host: h\n>\n"
    )
    found = read_text(text.encode())
    assert found is not None
    assert [(request.url, response and (response.status, response.body)) for request, response in found] == [
        ("/a", None),
        ("/b", (403, b"{}")),
        ("/c", None),
    ]
    turned = text.replace("> ", "@ ").replace("< ", "> ").replace("@ ", "< ")
    other = read_text(turned.encode())
    assert other is not None
    assert [request.url for request, _ in other] == ["/a", "/b", "/c"]


def test_a_dump_with_its_answer_is_split() -> None:
    found = read_text(
        b"* Connected\nPOST /a HTTP/1.1\nHost: h\nX-Amz-Meta-\xc3\xa9: 1\n\n{}\n\nHTTP/1.1 403 No\nA: b\n\nx"
    )
    assert found is not None
    request, response = found[0]
    assert (request.method, request.body) == ("POST", b"{}")
    assert response is not None
    assert (response.status, response.body) == (403, b"x")
    alone = read_text(b"* Connected\nGET /a HTTP/1.1\nHost: h\n\n")
    assert alone is not None
    assert alone[0][1] is None


def test_logs_that_hold_less_are_read_as_far_as_they_go() -> None:
    line = "Sending http request: <AWSPreparedRequest stream_output=False, method=GET, url=https://h.example/, headers="
    found = read_text(f"{line}{{'A': b'\\xe9', 'B': 'c'}}>\n".encode())
    assert found is not None
    request, response = found[0]
    assert request.headers == (("Host", "h.example"), ("A", b"\xe9"), ("B", "c"))
    assert response is None
    with pytest.raises(SigningError, match="cuts its 'Sending http request' short"):
        read_text(f"{line}{{'A': b'\n".encode())
    odd = read_text(f"{line}{{}}>\nResponse headers: nonsense\nResponse body:\nb'\\x".encode())
    assert odd is not None
    assert odd[0][1] is not None
    assert (odd[0][1].status, odd[0][1].headers, odd[0][1].body) == (0, (), b"")
    sent = read_text(b"send: b'GET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n'\nheader: stray\n")
    assert sent is not None
    assert sent[0][1] is None
    empty = read_text(
        f"{line}{{'Host': 'h'}}>\nResponse headers: {json.dumps({})}\nResponse body:\n".encode()
    )
    assert empty is not None
    assert empty[0][1] is not None


def test_a_capture_that_windows_wrote_is_read() -> None:
    line = json.dumps({"method": "GET", "url": "https://h.example/", "headers": {"Host": "h.example"}})
    assert read_captures(line.encode("utf-16"))[0][0].method == "GET"
    assert read_captures("GET / HTTP/1.1\nHost: h\n\n".encode("utf-16"))[0][0].url == "/"
