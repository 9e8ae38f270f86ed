"""``lint`` names the changes that text, mail or a shell made to a presigned URL, and reverts them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sigv4 import Credentials, Signer, diagnose
from sigv4.auditing.lint import lint

KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
URL = str(
    Signer("s3", "us-east-1", KEYS).presign(
        "GET", "https://b.s3.us-east-1.amazonaws.com/a%20b", expires=60, at=1772600767
    )
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: url.replace("&", "&amp;"), "'&amp;' is '&'"),
        (lambda url: url.replace("&", "\\u0026"), "'\\\\u0026' is '&'"),
        (lambda url: url.replace("&", "\\&"), "escaped for a shell"),
        (lambda url: url.replace("&", "^&"), "escaped for cmd"),
        (lambda url: url.replace("&X-Amz-", "=26X-Amz-"), "mail (quoted-printable)"),
        (lambda url: f"{url}.", "'.' follows the signature"),
        (lambda url: f"{url})", "')' follows the signature"),
        (lambda url: f"<{url}>", "the URL is in <>"),
        (lambda url: f'"{url}"', 'the URL is in ""'),
        (lambda url: f"{url[:90]}\n{url[90:]}", "line breaks"),
        (lambda url: f"{url[:90]}=\r\n{url[90:]}".replace("X-Amz-Algorithm=", "X-Amz-Algorithm=3D"), "soft line breaks"),
        (lambda url: url.partition("?")[0] + "?" + url.partition("?")[2].replace("%", "%25"), "escaped twice"),
        (lambda url: url.partition("?")[0] + "?" + url.partition("?")[2].replace("%", "%25").replace("=", "%3D"), "escaped as a whole"),
    ],
)  # fmt: skip
def test_what_was_done_to_a_url_is_named_and_undone(change: Callable[[str], str], said: str) -> None:
    findings, safe, kept = lint(change(URL))
    assert any(said in each.evidence and each.id == "FAIL-40" for each in findings), findings
    assert (
        diagnose("GET", safe, [("Host", "b.s3.us-east-1.amazonaws.com")], credentials=KEYS).verdict == "right"
    )
    assert kept


def test_a_url_that_was_cut_is_reported() -> None:
    for cut, said in (
        (URL[:-9], "has 55 digits of 64"),
        (URL.partition("&")[0], "X-Amz-Signature is missing"),
    ):
        evidence = [each.evidence for each in lint(cut)[0]]
        assert said in evidence[0]
        assert sum("was cut" in each for each in evidence) == 1


def test_a_presigned_url_is_recognised_wherever_its_parameters_are() -> None:
    """Only the lifetime of a presigned URL is audited."""
    for signed in (URL, URL.replace("?", "?a=b&")):
        assert "URL-2" in [each.id for each in lint(signed.replace("Expires=60", "Expires=never"))[0]]


def test_a_dropped_fragment_is_reported() -> None:
    findings, safe, _ = lint("https://b.s3.us-east-1.amazonaws.com/a#b")
    assert [each.evidence for each in findings] == [
        "'#b' is never sent: clients do not send what follows '#'"
    ]
    assert safe == "https://b.s3.us-east-1.amazonaws.com/a"


def test_an_ordinary_url_is_left_as_it_is() -> None:
    assert lint(URL)[1:] == (URL, True)
    assert [each for each in lint(URL)[0] if each.id == "FAIL-40"] == []
    assert lint("https://h.example/a?b=&amp;c")[1] == "https://h.example/a?b=&amp%3Bc="
    assert lint(f"{URL}&utm_source=a")[1] == f"{URL}&utm_source=a"
