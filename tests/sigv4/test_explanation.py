"""The text of an explanation: rules of each line, reasons for unsigned headers, and no secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sigv4 import UNSIGNED_PAYLOAD, Credentials, Request, Signer
from sigv4.diagnosis.captured_explanation import CapturedExplanation, explain_captured
from tests.sigv4.signed import KEY_ID, NOW, SECRET

TOKEN = "TOKEN/+=="
TEMPORARY = Credentials(KEY_ID, SECRET, TOKEN)


def test_unsigned_headers_are_listed_with_their_reasons() -> None:
    signer = Signer("sagemaker", "us-east-1", TEMPORARY)
    made = signer.explain("GET", "https://h.example/", {"User-Agent": "x"}, at=NOW)
    assert list(made.unsigned) == ["User-Agent"]
    assert str(made).endswith(f"\n\nSent, not signed\n\n  User-Agent: {made.unsigned['User-Agent']}")
    assert "Sent, not signed" not in str(signer.explain("GET", "https://h.example/", at=NOW))


def test_a_token_that_is_added_after_signing_has_that_reason() -> None:
    made = Signer("iotdevicegateway", "us-east-1", TEMPORARY).explain("GET", "https://h.example/", at=NOW)
    assert made.unsigned == {"X-Amz-Security-Token": "added after the signing (TOKEN-2)"}


def test_the_payload_header_of_s3_has_its_rule() -> None:
    made = Signer("s3", "us-east-1", TEMPORARY).explain("GET", "https://h.example/", at=NOW)
    rules = {line.text.partition(":")[0]: line.rules for line in made.steps()[0].lines}
    assert rules["x-amz-content-sha256"] == "CR-HDR-2, PAYLOAD-2"
    assert rules["host"] == "CR-HDR-2, CR-HDR-6"
    assert rules["x-amz-security-token"] == "TOKEN-1"
    assert rules["x-amz-date"] == "CR-HDR-2"


@pytest.mark.parametrize("service", ["sagemaker", "s3", "s3express", "iot"])
def test_the_token_of_a_url_is_shown_only_to_its_owner(service: str) -> None:
    signer = Signer(service, "us-east-1", TEMPORARY)
    made = signer.explain("GET", "https://h.example/?a=b", at=NOW, expires=60)
    for text in (str(made), str(made.as_dict()), repr(made), str(made.steps())):
        assert "TOKEN" not in text.replace("X-Amz-Security-Token=***", "")
    for shown in (made.text(TEMPORARY), str(made.as_dict(TEMPORARY))):
        assert "TOKEN%2F%2B%3D%3D" in shown
    assert made.as_dict(TEMPORARY)["url"] == str(made.url)
    assert "Token=***&" in made.text() or made.text().count("Token=***")


# AWS General Reference, "Signature Version 4 signing process": the example of every step.
EXAMPLE = """\
Canonical request

  CR-METHOD                        GET
  CR-PATH-1, CR-PATH-2, CR-PATH-3  /
  CR-QUERY-1, CR-QUERY-2           Action=ListUsers&Version=2010-05-08
  CR-HDR-2                         content-type:application/x-www-form-urlencoded; charset=utf-8
  CR-HDR-2, CR-HDR-6               host:iam.amazonaws.com
  CR-HDR-2                         x-amz-date:20150830T123600Z
  CR-FORMAT
  CR-HDR-1, CR-HDR-5               content-type;host;x-amz-date
  PAYLOAD-1                        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

String to sign

  STS-1  AWS4-HMAC-SHA256
  STS-3  20150830T123600Z
  STS-2  20150830/us-east-1/iam/aws4_request
  STS-1  f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59

Signing key

  KEY-1  kDate = HMAC("AWS4" + secret, "20150830") = 0138c7a6cbd60aa727b2f653a522567439dfb9f3e72b21f9b25941a42f04a7cd
  KEY-1  kRegion = HMAC(kDate, "us-east-1") = f33d5808504bf34812e5fade63308b424b244c59189be2a591dd2282c7cb563f
  KEY-1  kService = HMAC(kRegion, "iam") = 199e1f48c602a5ae77ce26a46906920e76fc8427aeaa53da643646fcda1ccfb0
  KEY-1  kSigning = HMAC(kService, "aws4_request") = c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9

Signature

  KEY-2  5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7

Authorization

  AUTHZ-1  AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
SignedHeaders=content-type;host;x-amz-date, \
Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"""


def test_the_published_example_is_explained_with_the_rule_of_each_line() -> None:
    owner = Credentials(KEY_ID, SECRET)
    made = Signer("iam", "us-east-1", owner).explain(
        "GET",
        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        at=NOW,
    )
    assert made.text(owner) == EXAMPLE
    assert str(made) == re.sub(r"(HMAC\(.*\)) = \w+", r"\1 = ***", EXAMPLE)
    assert repr(made) == (
        "Explanation(credential_scope='20150830/us-east-1/iam/aws4_request', "
        "signed_headers='content-type;host;x-amz-date')"
    )


SENT: dict[str, str | bytes] = {"x-amz-acl": b"\xff", "User-Agent": "u", "Connection": "c"}


def test_each_line_has_its_origin() -> None:
    made = Signer("s3", "us-east-1", TEMPORARY).explain("GET", "https://b/a%20b?x=1", SENT, at=NOW)
    canonical, text, key, signature, last = made.steps()
    assert [(line.rules, line.origin) for line in canonical.lines] == [
        ("CR-METHOD", "the method, as sent"),
        ("CR-PATH-1, CR-PATH-4", "the path, each byte escaped once"),
        ("CR-QUERY-1, CR-QUERY-2", "the query, each part decoded and escaped, sorted"),
        ("CR-HDR-2, CR-HDR-6", "taken from the URL"),
        ("CR-HDR-2", "a header of the request"),
        ("CR-HDR-2, PAYLOAD-2", "added by the signer"),
        ("CR-HDR-2", "added by the signer"),
        ("TOKEN-1", "added by the signer"),
        ("CR-FORMAT", "one empty line ends the headers"),
        ("CR-HDR-1, CR-HDR-5", "the names of the signed headers, in lower case, sorted"),
        ("PAYLOAD-1", "SHA-256 of no bytes"),
    ]
    assert [line.origin for line in text.lines] == [
        "the algorithm",
        "X-Amz-Date",
        "the credential scope",
        "SHA-256 of the canonical request",
    ]
    assert {line.origin for line in key.lines} == {"the credential scope"}
    assert [line.origin for line in signature.lines + last.lines] == ["key and text", "the header to send"]
    assert [step.title for step in made.steps()] == [
        "Canonical request", "String to sign", "Signing key", "Signature", "Authorization",
    ]  # fmt: skip


def test_the_path_and_the_body_have_the_words_of_their_service() -> None:
    def rules(service: str, body: Any = None) -> tuple[object, object]:
        made = Signer(service, "us-east-1", TEMPORARY).explain("PUT", "https://h/a", (), body, at=NOW)
        lines = made.steps()[0].lines
        return (lines[1].rules, lines[1].origin), (lines[-1].rules, lines[-1].origin)

    path = ("CR-PATH-1, CR-PATH-2, CR-PATH-3", "the path, escaped once more than it is sent, dot and empty segments resolved")  # fmt: skip
    assert rules("iam", b"a") == (path, ("PAYLOAD-1", "SHA-256 of the body"))
    assert rules("s3", UNSIGNED_PAYLOAD)[1] == (
        "PAYLOAD-3, PAYLOAD-5",
        "a literal in place of the hash of the body",
    )


def test_a_dict_has_everything_and_masks_the_token() -> None:
    signer = Signer("s3", "us-east-1", TEMPORARY)
    made = signer.explain("GET", "https://b/a%20b?x=1", SENT, at=NOW)
    shown, whole = made.as_dict(), made.as_dict(TEMPORARY)
    sent = {name: str(value) for name, value in made.headers.items()} | {"x-amz-acl": "\\xff"}
    assert list(shown) == [
        "canonical_request", "string_to_sign", "credential_scope", "signed_headers", "signature", "authorization",
        "headers", "unsigned", "steps",
    ]  # fmt: skip
    assert whole["headers"] == sent
    assert shown["headers"] == sent | {"X-Amz-Security-Token": "***"}
    assert whole["canonical_request"] == made.canonical_request
    assert shown["canonical_request"] == made.canonical_request.replace(TOKEN, "***")
    assert shown["string_to_sign"] == made.string_to_sign
    assert shown["credential_scope"] == "20150830/us-east-1/s3/aws4_request"
    assert shown["signed_headers"] == made.signed_headers
    assert shown["signature"] == made.signature
    assert shown["authorization"] == whole["authorization"] == made.headers["Authorization"]
    assert shown["unsigned"] == made.unsigned
    for as_dict, credentials in ((shown, None), (whole, TEMPORARY)):
        assert as_dict["steps"] == [
            {
                "title": step.title,
                "lines": [{"text": a.text, "rules": a.rules, "origin": a.origin} for a in step.lines],
            }
            for step in made.steps(credentials)
        ]


@pytest.mark.parametrize(
    ("service", "last"), [("s3", "&X-Amz-SignedHeaders=host&"), ("iotdevicegateway", "")]
)
def test_a_url_is_explained_with_its_parameters(service: str, last: str) -> None:
    made = Signer(service, "us-east-1", TEMPORARY).explain("GET", "https://h/?x=1#f", at=NOW, expires=60)
    assert made.url is not None
    query = str(made.url).removeprefix("https://h/?x=1&").removesuffix("#f")
    assert made.authorization == query
    assert last in query
    step = made.steps()[-1]
    assert step.title == "Presigned URL"
    assert [(line.rules, line.origin) for line in step.lines] == [("URL-1, URL-2, URL-3", "the URL to use")]
    assert step.lines[0].text == str(made.url).replace("TOKEN%2F%2B%3D%3D", "***")
    assert made.steps(TEMPORARY)[-1].lines[0].text == str(made.url)
    assert made.as_dict()["url"] == step.lines[0].text
    assert made.as_dict(TEMPORARY)["authorization"] == query
    shown = made.steps(TEMPORARY)[0].lines[2].text
    assert shown == made.canonical_request.split("\n")[2]
    assert made.steps()[0].lines[2].text == shown.replace("TOKEN%2F%2B%3D%3D", "***")
    assert "TOKEN%2F%2B%3D%3D" in shown or not last
    assert made.as_dict()["authorization"] == query.replace("TOKEN%2F%2B%3D%3D", "***")
    assert made.steps()[0].lines[2].rules == "CR-QUERY-1, CR-QUERY-2, CR-QUERY-6"


PRESIGNED = Signer("s3", "us-east-1", TEMPORARY).presign("GET", "https://h.example/k?x=1", expires=60, at=NOW)


def captured(old: str, new: str) -> CapturedExplanation:
    made = explain_captured(Request("GET", PRESIGNED.replace(old, new), {"Host": "h.example"}))
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TOKEN%2F%2B%3D%3D", "TOKEN/TOKEN+=="),
        ("TOKEN%2F", "a;TOKEN,TOKEN"),
        ("TOKEN%2F", "a?TOKEN"),
        ("X-Amz-Security-Token=", "X%2DAmz-Security-Token="),
        ("X-Amz-Security-Token=", "x-amz-security-token="),
        ("X-Amz-Security-Token=", "X-Amz-S3session-Token="),
    ],
)
def test_token_1_the_token_of_a_captured_url_is_masked_in_any_spelling(old: str, new: str) -> None:
    made = captured(old, new).explanation
    for text in (str(made), str(made.as_dict()), repr(made)):
        assert "TOKEN" not in text
        assert "x=1" in text or text == repr(made)
    assert str(made.as_dict()["url"]).count("oken=***&") == 1


def test_control_characters_of_a_captured_request_are_shown_as_escapes() -> None:
    made = captured("us-east-1", "us%20%1B[31m%0Aeast").explanation
    assert made.credential_scope == "20150830/us \x1b[31m\neast/s3/aws4_request"
    assert [line.text for line in made.steps()[1].lines][:3] == [
        "AWS4-HMAC-SHA256", "20150830T123600Z", made.credential_scope,
    ]  # fmt: skip
    assert "\n  STS-2  20150830/us \\x1b[31m\\neast/s3/aws4_request\n" in str(made)
    assert r'kRegion = HMAC(kDate, "us \x1b[31m\neast") = ***' in str(made)
    assert made.as_dict()["steps"] is not None
    late = captured("20150830T", "2015%0A0830T").explanation
    assert late.steps()[1].lines[1].text == "2015\n0830T123600Z"
    assert r"signature that was sent:  \x1b[31m" in captured("Signature=", "Signature=%1B[31m").summary()


def test_a_captured_scope_of_other_parts_has_no_key() -> None:
    made = captured("us-east-1%2F", "").explanation
    assert [(line.text, line.rules, line.origin) for line in made.steps()[2].lines] == [
        (
            "(no key: the scope has 3 parts, not day/region/service/aws4_request)",
            "KEY-1",
            "the credential scope",
        )
    ]


def test_a_captured_url_may_spell_its_algorithm_with_escapes() -> None:
    made = captured("X-Amz-Algorithm", "X%2DAmz-Algorithm").explanation
    assert made.authorization.startswith("x=1&X%2DAmz-Algorithm=AWS4-HMAC-SHA256&")


def test_a_header_that_a_captured_request_does_not_sign_has_that_reason() -> None:
    headers = {**Signer("iam", "us-east-1", TEMPORARY).sign("GET", "https://h/", at=NOW), "X-Other": "a"}
    made = explain_captured(Request("GET", "/", headers))
    assert made is not None
    assert made.explanation.unsigned == {"X-Other": "its signer left it out of SignedHeaders"}


def test_a_host_with_a_port_is_still_the_host() -> None:
    made = Signer("iam", "us-east-1", TEMPORARY).explain("GET", "https://h:8443/", at=NOW)
    assert [(a.text, a.rules) for a in made.steps()[0].lines if a.text[:5] == "host:"] == [
        ("host:h:8443", "CR-HDR-2, CR-HDR-6")
    ]


def test_4a_has_the_rules_of_its_steps() -> None:
    pytest.importorskip("cryptography", reason="4A needs cryptography")
    made = Signer("s3", "us-east-1", TEMPORARY, algorithm="AWS4-ECDSA-P256-SHA256").explain(
        "GET", "https://h/", at=NOW
    )
    _, text, key, signature, _ = made.steps()
    assert [line.rules for line in text.lines] == ["V4A-1", "STS-3", "V4A-1", "STS-1"]
    assert [(line.text, line.rules, line.origin) for line in key.lines] == [
        ('private key = KDF("AWS4A" + secret, access key id)', "V4A-2", "the same for every day and region")
    ]
    assert [line.rules for line in signature.lines] == ["V4A-3"]
