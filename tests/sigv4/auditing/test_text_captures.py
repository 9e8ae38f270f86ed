"""Requests are read from the real output of programs; other texts are left to other readers."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from sigv4 import Credentials, Request, Response, SigningError, diagnose
from sigv4.auditing.capture_source import Source, in_utf8
from sigv4.auditing.captures import read_captures
from sigv4.auditing.foreign_files import foreign, foreign_json
from sigv4.auditing.pasted_urls import urls_of
from sigv4.auditing.text_captures import reader_of

CAPTURES = Path(__file__).parents[3] / "fixtures" / "captures"
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
BODY = b'{"MaxResults": 5}'


def read_text(raw: bytes) -> list[tuple[Request, Response | None]] | None:
    reader = reader_of(raw)
    return None if reader is None else list(reader(Source(io.BytesIO(raw))))


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
def test_a_printed_request_has_a_right_signature(name: str, has_body: bool) -> None:
    """curl 7.88.1 -v, boto3 1.44 and AWS CLI debug logs, http.client under requests 2.34, httpx 0.28.1 -v."""
    found = read_text((CAPTURES / name).read_bytes())
    assert found is not None
    assert len(found) == 1
    request, response = found[0]
    assert request.method == "POST"
    assert response is not None
    assert response.status == (0 if name.startswith("boto3") else 403)  # boto3's log does not contain it
    assert request.body == (BODY if has_body else b"")
    diagnosis = diagnose(request.method, request.url, request.headers, request.body or BODY, credentials=KEYS)
    assert diagnosis.signature_matches is True, str(diagnosis)
    if not has_body:
        cut = diagnose(*request, credentials=KEYS)
        assert (cut.findings[0].id, cut.verdict) == ("FAIL-56", "undecided")


def test_a_bare_url_is_a_get() -> None:
    found = read_text(b"https://h.example/a?X-Amz-Signature=b\r\n")
    assert found is not None
    assert tuple(found[0][0])[:3] == (
        "GET",
        "https://h.example/a?X-Amz-Signature=b",
        (("Host", "h.example"),),
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("<{}>", 1), ('"{}"\n', 1), ("HTTPS{rest}", 1), ("{}\n{}\n", 2), ("Use [it]({}), please.", 1),
        ("See {}.", 1), ("{start}\n{end}", 1), ("Compare {} with {}.", 0), ("x{}", 1), ("no URL: http", 0),
        ("ftp://h/?X-Amz-Signature=a http", 0),
    ],
)  # fmt: skip
def test_urls_are_found_in_every_form_in_which_people_paste_them(text: str, count: int) -> None:
    url = "https://h.example/a?X-Amz-Signature=b"
    given = text.format(url, url, rest=url[5:], start=url[:30], end=url[30:])
    assert len(urls_of(given)) == count
    assert all(each.lower() == url.lower() for each in urls_of(given))


@pytest.mark.parametrize("wrap", ["```http\n{}\n```\n", "```\n{}", "{indented}", "{}\n\n"])
def test_text_that_a_page_puts_around_a_request_is_removed(wrap: str) -> None:
    raw = "GET /a HTTP/1.1\nHost: h.example\nA: b"
    given = wrap.format(raw, indented="\n".join(f"    {line}" for line in raw.split("\n")))
    request = read_captures(given.encode())[0][0]
    assert (request.method, request.url, request.header("a"), request.body) == ("GET", "/a", "b", b"")


def test_http_2_as_lines() -> None:
    raw = ":method: POST\n:path: /a?b\n:authority: h.example\nx-a: b\nnonsense\n\n{}"
    assert tuple(read_captures(raw.encode())[0][0]) == (
        "POST", "/a?b", (("Host", "h.example"), ("x-a", "b")), b"{}",
    )  # fmt: skip
    named = raw.replace("x-a: b", "host: other")
    assert read_captures(named.encode())[0][0].header("host") == "other"
    with pytest.raises(SigningError, match="no :method and :path"):
        read_captures(b":authority: h\nhost: h\n\n")


def test_the_body_of_a_single_request_is_all_that_follows() -> None:
    head = "POST / HTTP/1.1\nHost: h\n"
    for given, body in (
        (f"{head}\n{{}}", b"{}"),
        (f"{head}\n{{}}\n", b"{}\n"),
        (f"{head}Content-Length: 2\n\n{{}}\n", b"{}"),
        (f"{head}Content-Length: 9\n\n{{}}", b"{}"),
        (f"{head}Content-Length: 1\n\n{{}}", b"{}"),
        (f"{head}Transfer-Encoding: chunked\n\n2\n{{}}", b"2\n{}"),
    ):
        (found,) = read_captures(given.encode())
        assert found[0].body == body
    both = read_captures(f"{head}\n{head}Content-Length: 2\n\n{{}}".encode())
    assert [request.body for request, _ in both] == [b"", b"{}"]


def test_a_list_of_entries_is_read() -> None:
    request = {"method": "GET", "url": "https://h.example/", "headers": {"A": "b"}}
    raw = json.dumps([{"request": request}, request, {**request, "body": "c"}]).encode()
    for given in (raw, raw.decode().encode("utf-16"), b" " + raw):
        found = read_captures(given)
        assert [each.body for each, _ in found] == [b"", b"", b"c"]
    assert read_captures(b"[]") == []
    form = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "c/d"}, 1]}
    for post, body in ((form, b"a+b=c%2Fd"), ({**form, "params": 1}, b""), ({"mimeType": "a"}, b"")):
        entry = {"request": {**request, "postData": post}}
        assert read_captures(json.dumps([entry]).encode())[0][0].body == body


FOREIGN = [
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
    (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "a pcap file"),
    (b"\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a", "a pcapng file"),
    (b"fetch('https://h')", "'Copy as fetch'"),
    (b"$session = New-Object", "'Copy as PowerShell'"),
    (b"http POST h A:b", "a command of HTTPie"),
    (b"aws s3 ls", "a command of the AWS CLI"),
    (b"AWS_ACCESS_KEY_ID=a", "credentials"),
    (b"[default]\nregion = a", "an AWS configuration file"),
    ("[default]\nregion = a".encode("utf-16"), "an AWS configuration file"),
    (b"An error occurred (X) when calling", "an error message"),
    (b'1.2.3.4 - - [x] "GET / HTTP/1.1" 403 1', "an access log"),
    (b"05:06 IP a > b\n\t0x0000:  4500", "output of tcpdump"),
    (b"h.example/a?X-Amz-Signature=b", "a URL without its scheme"),
    (b'{"info": {"_postman_id": "a"}, "item": []}', "a Postman collection"),
    (b'{"__export_format": 4}', "an Insomnia export"),
    (b'{"httpMethod": "GET", "requestContext": {}}', "an event of a Lambda function"),
    (b'{"message": "Forbidden"}', "the answer of a server"),
    (b'[{"scheme": "https", "host": "h", "path": "/"}]', "a session of Charles"),
    (b"<?xml version='1.0' ?>\n<charles-session>", "a session of Charles"),
    (b'<?xml version="1.0"?>\n<!DOCTYPE items [', "items of Burp Suite"),
    (b'<?xml version="1.0"?>\n<error/>', "an XML document"),
    (b"PK\x03\x04", "a ZIP file: unpack it; if it holds sessions of Fiddler"),
    (b'{"constants": {}, "events": []}', "a net log of Chrome"),
    (b"2016:9:websocket;0:~8:response;228:6:reason;2:OK,}", "flows of mitmproxy: save them as HAR"),
    (b"900:8:response,4:null!}", "flows of mitmproxy"),  # of its old versions
]


@pytest.mark.parametrize(("raw", "what"), FOREIGN)
def test_the_error_for_a_file_of_another_kind_names_that_kind(raw: bytes, what: str) -> None:
    with pytest.raises(
        SigningError, match=f"^the file looks like .*{re.escape(what)}.*; expected a raw request"
    ):
        read_captures(raw)


def test_an_unknown_format_is_not_named() -> None:
    for raw in (
        b"nonsense",
        b"1:2:ab:",
        b"1:\xb2:ab;",
        b"1:100:ab;",
        b"1:2:",
        b"PUT / HTTP/1.1\n\n<charles-session",
    ):
        assert foreign(raw) == ""
    assert foreign_json([]) == foreign_json({"a": 1}) == foreign_json({"info": 1}) == ""
    assert foreign_json([{"AccessKeyId": "a"}]).startswith("looks like credentials")


def test_utf_16_and_byte_order_marks_are_removed() -> None:
    text = "GET / HTTP/1.1\nHost: h\n\n"
    for raw in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        b"\xfe\xff" + text.encode("utf-16-be"),
        text.encode("utf-16-le"),
        text.encode("utf-32"),
        b"\0\0\xfe\xff" + text.encode("utf-32-be"),
    ):
        assert in_utf8(raw) == text.encode()
    assert read_text(b"nonsense") is None
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


def test_logs_with_less_content_are_read_as_far_as_possible() -> None:
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
    folded = "send: b'GET / HTTP/1.1\\r\\nHost: h\\r\\nA: b\\r\\n c\\r\\n\\r\\n'\nreply: 'HTTP/1.1 200 OK'\n"
    both = read_text(folded.encode() * 2)
    assert both is not None
    assert [dict(each.headers)["A"] for each, _ in both] == ["b c", "b c"]
    empty = read_text(
        f"{line}{{'Host': 'h'}}>\nResponse headers: {json.dumps({})}\nResponse body:\n".encode()
    )
    assert empty is not None
    assert empty[0][1] is not None


def test_a_capture_that_windows_wrote_is_read() -> None:
    line = json.dumps({"method": "GET", "url": "https://h.example/", "headers": {"Host": "h.example"}})
    assert read_captures(line.encode("utf-16"))[0][0].method == "GET"
    assert read_captures("GET / HTTP/1.1\nHost: h\n\n".encode("utf-16"))[0][0].url == "/"
