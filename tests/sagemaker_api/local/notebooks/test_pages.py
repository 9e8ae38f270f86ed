"""The pages of the endpoint and the parts of the control page, byte for byte."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from sagemaker_api.local import Client
from sagemaker_api.local.notebooks import control_page, pages
from sagemaker_api.local.notebooks.journal import Entry, Evidence
from sigv4 import Credentials, Request, Response, Signer

AT = 1_800_000_000.0
STYLE = "'sha256-" + base64.b64encode(hashlib.sha256(pages.STYLE.encode()).digest()).decode() + "'"
REST = "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": f"default-src 'none'; style-src {STYLE}; {REST}",
}


def test_a_page_and_its_headers() -> None:
    shown = pages.page("<T>", "<b>&</b>\ud800", 418)
    assert shown.status == 418
    assert dict(shown.headers) == HEADERS
    assert len(shown.headers) == len(HEADERS)
    text = shown.body.decode()
    assert text.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n')
    assert text.count("<title>&lt;T&gt;</title>") == text.count("<h1>&lt;T&gt;</h1>") == 1
    assert "<b>&</b>\\ud800\n</body></html>\n" in text
    assert f"<style>{pages.STYLE}</style></head>" in text
    assert pages.page("T", "").status == 200


def test_a_page_with_a_script() -> None:
    shown = pages.page("T", "body", script="one()")
    source = "'sha256-" + base64.b64encode(hashlib.sha256(b"one()").digest()).decode() + "'"
    policy = f"default-src 'none'; style-src {STYLE}; script-src {source}; connect-src 'self'; {REST}"
    assert dict(shown.headers) == {**HEADERS, "Content-Security-Policy": policy}
    assert shown.body.endswith(b"body\n<script>one()</script>\n</body></html>\n")


@pytest.mark.parametrize(
    ("shown", "status", "words"),
    [
        (pages.notice("T", "<x>"), 200, "<p>&lt;x&gt;</p>"),
        (pages.notice("T", "x", 404), 404, "<p>x</p>"),
        (pages.signed_out(), 200, "it opens for 5 minutes"),
        (pages.denied("nb", "192.0.2.1"), 403, "open nb from 192.0.2.1."),
        (pages.denied("nb", ""), 403, "open nb from an unknown address."),
        (pages.not_in_service("nb", "Stopped"), 503, "The notebook instance nb is Stopped."),
    ],
)
def test_the_notices(shown: Response, status: int, words: str) -> None:
    assert (shown.status, words in shown.body.decode()) == (status, True)


def test_the_redirect_to_the_sign_in_page() -> None:
    shown = pages.sign_in()
    assert (shown.status, shown.body) == (302, b"")
    assert dict(shown.headers) == {
        "Location": "/sign-in",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }


# --- the control page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 min 0 s"),
        (0, "0 min 0 s"),
        (59.9, "0 min 59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (3661, "1 h 1 min"),
        (7199, "1 h 59 min"),
        (43200, "12 h 0 min"),
    ],
)
def test_the_time_that_is_left(seconds: float, text: str) -> None:
    assert control_page._duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("authToken=abc&x", "authToken=***&x"),
        ("AUTHTOKEN%3Dabc x", "AUTHTOKEN%3D*** x"),
        ('authToken%253Dabc"x', 'authToken%253D***"x'),
        ("authToken%25253Dabc<x", "authToken%25253D***<x"),
        ("X-Amz-Security-Token=abc&x", "X-Amz-Security-Token=***&x"),
        ("x-amz-security-token=a=b", "x-amz-security-token=***"),
        ("X-Amz-S3session-Token%3Dabc &x", "X-Amz-S3session-Token%3D*** &x"),
        ("Signature=0123456789abcdef", "Signature=01234567…"),
        ("signature%3D0123456789ABCDEFg", "signature%3D01234567…g"),
        ("Signature=01234567", "Signature=01234567"),
        ("Signature=0123456", "Signature=0123456"),
        ("authToken abc", "authToken abc"),
    ],
)
def test_what_is_masked_everywhere(text: str, shown: str) -> None:
    assert control_page.masked(text) == shown


def test_the_start_of_a_signature() -> None:
    assert [control_page._start(text) for text in ("", "01234567", "012345678")] == [
        "",
        "01234567",
        "01234567…",
    ]


def test_a_table() -> None:
    rows = [("a&", "b"), ("c", "d")]
    assert control_page._table("<T>", ("N", "&"), rows, "code") == (
        '<h2>&lt;T&gt;</h2>\n<table class="cards">\n<tr><th>N<th>&amp;\n'
        "<tr><td><code>a&amp;</code><td><code>b</code>\n<tr><td><code>c</code><td><code>d</code>\n</table>\n"
    )
    assert control_page._table("", (), [("a",)]) == (
        '<table class="cards">\n<tr>\n<tr><td><span>a</span>\n</table>\n'
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a":"\xc3\xbc"}', '{\n  "a": "ü"\n}'),
        (b"plain", "plain"),
        (b"\xff", "�"),
        (b"[" * 8000, "[" * 8000),
        (b"x" * 9000, "x" * 8000),
        (b"", ""),
    ],
)
def test_the_shown_text_of_a_body(body: bytes, text: str) -> None:
    assert control_page._body(body) == text


def test_headers_as_they_are_shown() -> None:
    given = [
        ("Cookie", "secret"),
        ("X-Amz-Security-Token", "secret"),
        ("Authorization", "AWS4"),
        ("LOCATION", "/x"),
        ("X-A", "y" * 2001),
        ("X-B", b"bytes"),
    ]
    assert control_page._header_lines(given) == [
        "Cookie: ***",
        "X-Amz-Security-Token: ***",
        "Authorization: AWS4",
        "LOCATION: /x",
        f"X-A: {'y' * 2000}",
        "X-B: bytes",
    ]


def entry(evidence: Evidence | None, **more: Any) -> Entry:
    client = Client("192.0.2.1", user_agent="u" * 300)
    return Entry(
        **{
            "number": 7,
            "at": AT,
            "client": client,
            "method": "POST",
            "path": "/",
            "status": 400,
            "outcome": "refused <x>",
            "identity": "",
            "evidence": evidence,
            **more,
        }
    )


def text_of(shown: Response) -> str:
    assert shown.status == 200
    return shown.body.decode()


def test_the_page_of_a_request_without_evidence() -> None:
    text = text_of(control_page.one(entry(None)))
    rows = [
        ("Time", "2027-01-15 08:00:00 UTC"),
        ("From", "192.0.2.1 " + "u" * 200),
        ("Request", "POST /"),
        ("Status", "400"),
        ("Verdict", "refused &lt;x&gt;"),
        ("Identity", "unknown"),
    ]
    lines = "".join(f"<tr><td><span>{name}</span><td><span>{value}</span>\n" for name, value in rows)
    links = '<p><a href="../">All requests</a></p>\n'
    assert f'<h1>Request 7</h1>\n{links}<table class="cards">\n<tr>\n{lines}</table>\n\n</body>' in text
    assert "<span>arn</span>" in text_of(control_page.one(entry(None, identity="arn")))


CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")


def signed(secret: str = "secret", service: str = "sagemaker") -> Request:
    signer = Signer(service, "us-east-1", Credentials("AKIDEXAMPLE", secret))
    headers = signer.sign("POST", "http://h/", {"X-Amz-Target": "SageMaker.ListTags"}, b"{}", at=AT)
    return Request("POST", "/", headers, b"{}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("secret", "credentials", "words"),
    [
        ("secret", CREDENTIALS, "<pre>the same as sent</pre>"),
        ("other", CREDENTIALS, "…</pre></div></div>"),
        ("secret", None, "<pre>not known: no identity has this access key id</pre>"),
    ],
)
@pytest.mark.parametrize("refused", [True, False])
def test_the_page_of_a_request_that_can_be_explained(
    secret: str, credentials: Credentials | None, words: str, refused: bool
) -> None:
    request, answer = signed(secret), Response(403, [("X-A", "b")], b'{"a":1}')
    text = text_of(control_page.one(entry(Evidence(request, credentials, answer, refused))))
    assert words in text
    sent = request.header("authorization").rpartition("Signature=")[2]
    assert f'<h2>Signature</h2>\n<div class="pair"><div>sent<pre>{sent[:8]}…</pre></div>' in text
    lines = "\n".join(["POST /", *(f"{name}: {value!s}" for name, value in request.headers)])
    assert (
        f'<div class="pair"><div><h2>Request</h2>\n<pre>{control_page.masked(lines)}\n\n{{}}</pre></div>'
        in text
    )
    assert (
        "<div><h2>Answer</h2>\n<pre>HTTP/1.1 403\nX-A: b\n\n{\n  &quot;a&quot;: 1\n}</pre></div></div>\n"
        in text
    )
    assert ("<h2>Diagnosis</h2>\n<pre>" in text) is refused
    steps = '</table>\n<h2>String to sign</h2>\n<table class="cards">\n<tr><th>Rules<th>Line<th>Comes from\n'
    assert steps in text
    assert text.count("<h2>Canonical request</h2>") == 1
    assert "<td><code>POST</code>" in text


def test_a_page_of_a_body_that_was_too_long_explains_nothing() -> None:
    text = text_of(control_page.one(entry(Evidence(None, CREDENTIALS, Response(200), True))))
    assert "<p>Its body was too long to be stored, so it cannot be explained.</p>\n" in text
    assert "Signature" not in text


@pytest.mark.parametrize("authorization", ["", "AWS4-HMAC-SHA256 x"])
def test_a_request_whose_signature_cannot_be_read(authorization: str) -> None:
    request = Request(
        "POST", "/", {"Host": "h", **({"Authorization": authorization} if authorization else {})}
    )
    text = text_of(control_page.one(entry(Evidence(request, None, Response(403), True))))
    assert "<h2>Signature</h2>\n<p>There is none that can be read: " in text
    assert "calculated" not in text


def test_the_options_of_identities_are_escaped() -> None:
    text = text_of(control_page.main(["a&", "b"]))
    assert '<select name="identity"><option>a&amp;</option><option>b</option></select>' in text
