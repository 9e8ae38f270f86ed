"""Compares the server's calculation with that of the request: names the part that differs, and the cause."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sigv4 import Credentials, Response, Signer, diagnose
from sigv4.diagnosis.diagnose import Diagnosis
from sigv4.diagnosis.hypotheses import singles
from sigv4.diagnosis.hypotheses.hypothesis import Evidence, Hypothesis
from sigv4.diagnosis.server_answer import read_answer
from sigv4.diagnosis.signature_inputs import Draft
from sigv4.error_responses import expanded

KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
OTHERS = Credentials("AKIDEXAMPLE", "t" * 40)
HOST = "lambda.us-east-1.amazonaws.com"
NOW = 1772600767  # 20260304T050607Z

Change = Callable[[str], str]


def same(text: str) -> str:
    return text


def swap(old: str, new: str) -> Change:
    def changed(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return changed


def asked(
    canonical: Change = same,
    text: Change = same,
    credentials: Credentials | None = KEYS,
    expires: int | None = None,
    target: str = "/a%20b?x=1&y=2",
) -> Diagnosis:
    """The findings if the server calculated other texts than the signer of the request."""
    made = Signer("lambda", "us-east-1", KEYS).explain(
        "POST",
        f"https://{HOST}{target}",
        {"Content-Type": "a/b", "X-Amz-Meta-A": "v"},
        b"{}",
        at=NOW,
        expires=expires,
    )
    message = expanded("It does not match.", canonical(made.canonical_request), text(made.string_to_sign))
    answer = Response(
        403, {"x-amzn-errortype": "InvalidSignatureException"}, json.dumps({"message": message}).encode()
    )
    url = target if made.url is None else str(made.url)
    headers = made.headers if made.url is None else {"Host": HOST, **made.url.headers_to_send}
    return diagnose("POST", url, headers, b"{}", credentials=credentials, response=answer)


@pytest.mark.parametrize(
    ("canonical", "id", "said"),
    [
        (swap("POST", "PUT"), "CR-METHOD", "the method differs from byte 1: this request gives 'POST', the server has 'PUT'"),
        (swap("/a%2520b", "/c"), "FAIL-58", "the path differs from byte 1: this request gives '/a%2520b', the server has '/c'"),
        (swap("/a%2520b", "/a%20b"), "FAIL-01", "the path differs from byte 4: this request gives '/a%2520b', the server has '/a%20b'"),
        (swap("y=2", "y=3"), "FAIL-58", "the query differs from byte 2: this request gives 'y=2', the server has 'y=3'"),
        (swap("&y=2", ""), "FAIL-60", "the query differs from byte 0: this request gives 'y=2', the server has ''"),
        (swap("-a:v", "-a:w"), "FAIL-16", "the header x-amz-meta-a differs from byte 0: this request gives 'v', the server has 'w'"),
        (swap("x-amz-meta-a:v\n", ""), "FAIL-16", "the header x-amz-meta-a differs from byte 0: this request gives 'v', the server has ''"),
        (swap("-a:v\n", "-a:v\nz:1\n"), "FAIL-16", "the header z differs from byte 0: this request gives '', the server has '1'"),
        (swap("content-type;host", "host"), "FAIL-37", "the signed_headers differs from byte 0: this request gives 'content-type;host;x-amz-date;x-amz-meta-…', the server has 'host;x-amz-date;x-amz-meta-a'"),
        (swap("host;x-amz-date;x-amz-meta-a\n", "host;x-amz-date;x-amz-meta-a;z\n"), "FAIL-37", "the signed_headers differs from byte 41: this request gives '…mz-date;x-amz-meta-a', the server has '…mz-date;x-amz-meta-a;z'"),
        (lambda canonical: canonical[:-64] + "0" * 64, "FAIL-32", f"the payload differs from byte 0: this request gives '44136fa355b3678a1146ad16f7e8649e94fb4fc2…', the server has '{'0' * 40}…'"),
        (lambda canonical: "POST\n/", "FAIL-39", "the form differs from byte 6"),
    ],
)  # fmt: skip
def test_the_part_that_differs_is_named_with_its_byte(canonical: Change, id: str, said: str) -> None:
    found = asked(canonical).findings[0]
    assert (found.id, found.certainty, found.evidence) == (id, "proved", said)


@pytest.mark.parametrize("canonical", [swap("POST", "PUT"), swap("y=2", "y=3")], ids=["method", "query"])
def test_the_cause_for_a_presigned_url_is_its_use(canonical: Change) -> None:
    assert asked(canonical, expires=900).findings[0].id == "FAIL-40"


def test_the_cause_is_likely_and_not_proved_without_a_secret() -> None:
    found = asked(swap("-a:v", "-a:w"), credentials=None).findings[0]
    assert (found.id, found.certainty) == ("FAIL-16", "likely")


@pytest.mark.parametrize(
    ("text", "id", "said"),
    [
        (swap("20260304T050607Z", "20260304T050608Z"), "FAIL-43", "20260304T050608Z 20260304/us-east-1/lambda/aws4_request"),
        (swap("us-east-1", "eu-west-1"), "FAIL-38", "20260304T050607Z 20260304/eu-west-1/lambda/aws4_request"),
    ],
)  # fmt: skip
def test_another_time_or_scope_is_named(text: Change, id: str, said: str) -> None:
    found = asked(text=text).findings[0]
    assert (found.id, found.certainty) == (id, "likely")
    assert found.evidence == f"the server signed time and scope {said!r}"


@pytest.mark.slow
def test_the_same_texts_and_another_signature_are_another_secret() -> None:
    for credentials, certainties in (
        (KEYS, ["likely"]),
        (None, ["likely", "possible", "possible", "possible"]),
    ):
        diagnosis = asked(credentials=credentials, target="/")
        assert [each.certainty for each in diagnosis.findings] == certainties
        assert diagnosis.findings[0].id == "FAIL-25"
    assert [each.certainty for each in asked(credentials=OTHERS).findings] == ["possible"]


def test_parts_of_the_target_that_signers_read_differently_come_first_without_a_secret() -> None:
    findings = asked(credentials=None).findings
    assert {each.certainty for each in findings} == {"possible"}
    assert findings[0].id == "FAIL-01"
    assert [each.id for each in findings][-2:] == ["FAIL-25", "FAIL-31"]
    assert findings[0].evidence.endswith(
        "the signer may have made a mistake that is common here: the path is encoded once"
    )


def test_an_answer_with_only_a_string_to_sign_is_compared() -> None:
    text = "AWS4-HMAC-SHA256\n20260304T050607Z\n20260304/eu-west-1/lambda/aws4_request\n" + "0" * 64
    message = f"It does not match.\n\nThe String-to-Sign should have been\n'{text}'\n"
    answer = Response(
        403, {}, json.dumps({"__type": "InvalidSignatureException", "message": message}).encode()
    )
    read = read_answer(answer)
    assert (read.canonical_request, read.string_to_sign) == (None, text)
    assert read.message == "It does not match."
    signed = Signer("lambda", "us-east-1", KEYS).sign("GET", f"https://{HOST}/", at=NOW)
    found = diagnose("GET", "/", signed, credentials=KEYS, response=answer).findings
    assert "FAIL-38" in [each.id for each in found]
    right = Response(403, {}, answer.body.replace(b"eu-west-1", b"us-east-1"))
    assert "FAIL-38" not in [
        each.id for each in diagnose("GET", "/", signed, credentials=KEYS, response=right).findings
    ]


def test_every_changed_part_is_named() -> None:
    def both(canonical: str) -> str:
        return canonical.replace("POST", "PUT").replace("-a:v", "-a:w")

    found = asked(both).findings
    assert [(each.id, each.certainty) for each in found] == [("CR-METHOD", "proved"), ("FAIL-16", "proved")]


@pytest.mark.parametrize(
    ("text", "ids", "blind"),
    [
        ("{right}", ["FAIL-25"], "FAIL-25"),
        ("{line}", ["FAIL-25"], "FAIL-25"),
        ("{other}", ["FAIL-58"], "unexplained"),
        ("GET\n\n\n1616865000\n/b/a", ["FAIL-58", "FAIL-25"], "unexplained"),
    ],
    ids=["the same", "the same on one line", "another", "of Version 2"],
)
def test_a_string_to_sign_without_its_canonical_request_is_read(
    text: str, ids: list[str], blind: str
) -> None:
    made = Signer("s3", "us-east-1", KEYS).explain("GET", "https://b.s3.us-east-1.amazonaws.com/a", at=NOW)
    right = made.string_to_sign
    shown = text.format(right=right, line=right.replace("\n", " "), other=right[:-64] + "0" * 64)
    body = f"<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{shown}</StringToSign></Error>"
    answer = Response(403, {}, body.encode())
    found = diagnose("GET", "/a", made.headers, credentials=KEYS, response=answer).findings
    assert [each.id for each in found] == ids
    assert diagnose("GET", "/a", made.headers, response=answer).findings[0].id == blind


@pytest.mark.parametrize(
    ("shown", "ids"),
    [
        ("GET /a%20%20b host:h x-amz-date:1 host;x-amz-date 0", ["FAIL-09"]),
        ("GET /a%2B%2Bb host:h x-amz-date:1 host;x-amz-date 0", ["FAIL-58", "FAIL-25"]),
    ],
)
def test_an_echo_that_a_browser_showed_as_one_line_proves_no_other_form(shown: str, ids: list[str]) -> None:
    url = "https://b.s3.us-east-1.amazonaws.com/a%2B%2Bb"
    made = Signer("s3", "us-east-1", KEYS).sign("GET", url, at=NOW)
    body = f"<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest> {shown} </CanonicalRequest></Error>"
    answer = Response(403, {}, body.encode())
    found = diagnose("GET", "/a%2B%2Bb", made, credentials=KEYS, response=answer).findings
    assert [each.id for each in found] == ids


def test_an_echo_that_an_editor_saved_is_read_by_its_lines() -> None:
    made = Signer("s3", "us-east-1", KEYS).explain("GET", "https://b.s3.us-east-1.amazonaws.com/a", at=NOW)
    lines = made.canonical_request.replace("/a\n", "/b\n").replace("\n", "\r\n")
    body = f"<Error><CanonicalRequest>\r\n{lines}\r\n</CanonicalRequest></Error>"
    answer = Response(403, {}, body.encode())
    found = diagnose("GET", "/a", made.headers, credentials=KEYS, response=answer).findings
    assert [(each.id, each.other) for each in found] == [("FAIL-58", "/b")]


def test_a_content_length_that_did_not_arrive_was_replaced_by_chunked_transfer() -> None:
    made = Signer("lambda", "us-east-1", KEYS).explain(
        "POST", f"https://{HOST}/", {"Content-Length": "2"}, b"{}", at=NOW
    )
    canonical = made.canonical_request.replace("content-length:2\n", "")
    message = expanded("It does not match.", canonical, made.string_to_sign)
    answer = Response(403, {}, json.dumps({"message": message}).encode())
    assert diagnose("POST", "/", made.headers, b"{}", response=answer).findings[0].id == "FAIL-18"


def test_a_host_outside_aws_may_have_arrived_as_another() -> None:
    made = Signer("s3", "us-east-1", KEYS).explain("GET", "https://minio.example/a", {}, None, at=NOW)
    message = expanded("It does not match.", made.canonical_request, made.string_to_sign)
    answer = Response(403, {}, json.dumps({"message": message}).encode())
    found = [each.id for each in diagnose("GET", "/a", made.headers, response=answer).findings]
    assert found[0] == "FAIL-25"
    assert {"FAIL-14", "FAIL-15"} <= set(found)


def test_the_causes_of_headers_are_made_once_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def counted(evidence: Evidence, draft: Draft) -> list[Hypothesis]:
        made.append(draft)
        return singles(evidence, draft)

    monkeypatch.setattr("sigv4.diagnosis.server_comparison.singles", counted)
    url = f"https://{HOST}/"
    signed = Signer("lambda", "us-east-1", KEYS).sign("GET", url, {f"X-H{i}": "v" for i in range(50)}, at=NOW)
    echo = "<CanonicalRequest>GET\n/\n\nhost:h\n\nhost\n0</CanonicalRequest>"
    answer = Response(403, {}, f"<Error><Code>SignatureDoesNotMatch</Code>{echo}</Error>".encode())
    found = diagnose("GET", "/", signed, credentials=KEYS, response=answer)
    assert found.findings[0].id == "FAIL-15"
    assert len(made) < 4  # not once for each of the 50


def test_unsigned_payload_is_not_the_advice_for_a_url_that_signs_the_hash_of_its_body() -> None:
    found = asked(credentials=None, expires=60)
    assert "FAIL-40" in {each.id for each in found.findings}
    assert "UNSIGNED-PAYLOAD" not in str(found)
