"""``conformance``: its reports, and AWS's own test suite."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigv4 import V4, V4A, Credentials, MissingDependency, Signer, SigningError
from sigv4.auditing.conformance import (
    Case,
    ask,
    chosen,
    run,
    suite_cases,
)
from sigv4.auditing.conformance_answer import own_answer, read_answer
from sigv4.auditing.conformance_judge import judge
from sigv4.auditing.conformance_printed import Difference
from sigv4.auditing.conformance_report import as_json, as_junit, as_text
from tests.sigv4.auditing.cases import (
    ALL,
    BY_ID,
    VECTORS,
    answered,
    first,
    printed,
)


def test_reports_name_the_rule_the_cause_and_what_differs() -> None:
    case = BY_ID["EX-RS-1"]

    def once(case: Case) -> bytes:
        signer = Signer(
            case.service, case.region, case.credentials, dialect=case.dialect.replace(encode_path_again=False)
        )
        made = signer.explain(
            case.request.method, case.request.url, case.request.headers, case.request.body or None, at=case.at
        )
        answer = {"headers": list(made.headers.items()), "canonical_request": made.canonical_request}
        return json.dumps(answer).encode()

    outcomes = [*ask([case], once), answered(BY_ID["EX-IAM-1"]), answered(BY_ID["EX-IAM-2"], skip='"no"')]
    text = as_text(outcomes)
    assert "FAILED EX-RS-1 [CR-PATH-2" in text
    assert "FAIL-01: this signature is what you get if the path is encoded once" in text
    assert "\n    -/2015-03-31/functions/arn%253A" in text
    assert "\n    +/2015-03-31/functions/arn%3A" in text
    assert text.endswith("1 of 2 cases passed, 1 skipped")
    report = json.loads(as_json(outcomes))
    assert (report["passed"], report["cases"], report["skipped"]) == (1, 2, 1)
    (failed,) = report["failed"]
    assert (failed["id"], failed["cause"]) == ("EX-RS-1", "FAIL-01")
    assert {"CR-PATH-2", "FAIL-01"} <= set(failed["rules"])
    assert {each["what"] for each in failed["differences"]} == {"canonical request", "signature"}
    from xml.etree import ElementTree

    root = ElementTree.fromstring(as_junit(outcomes))
    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "3", "failures": "1", "skipped": "1",
    }  # fmt: skip
    assert [len(each) for each in root] == [1, 0, 1]
    assert "breaks CR-PATH-2" in (root[0][0].text or "")


def test_only_chooses_by_rule_name_operation_and_refuses_what_names_nothing() -> None:
    assert chosen(ALL, []) == ALL
    assert {case.id for case in chosen(ALL, ["EX-IAM-1"])} == {"EX-IAM-1", "EX-IAM-1/verify"}
    assert {case.operation for case in chosen(ALL, ["presign"])} == {"presign"}
    assert all("CR-PATH-4" in case.rules for case in chosen(ALL, ["CR-PATH-4"]))
    with pytest.raises(SigningError, match="no case has the rule, name or operation 'CR-PATH-N'"):
        chosen(ALL, ["EX-IAM-1", "CR-PATH-N"])


def test_a_difference_of_long_values_is_cut() -> None:
    assert len(str(Difference("header a", "x" * 1000, "y"))) < 300


def test_a_verifier_makes_the_final_check() -> None:
    """All compared parts are equal, but the vector itself is wrong: its body is not signed."""
    case = BY_ID["BODY-FORM"]
    expect = {name: case.expect[name] for name in ("signature",)}
    other = case.replace(expect=expect)
    verdict = judge(other, {**own_answer(case), "headers": own_answer(case)["headers"]})
    assert verdict.status == "passed"
    at = other.replace(at=case.at + 86400 * 2)
    assert judge(at, own_answer(case)).status == "failed"


def suite(**more: str) -> dict[str, bytes]:
    vector = VECTORS["EX-IAM-1"]
    context = {
        "credentials": {"access_key_id": "AKIDEXAMPLE", "secret_access_key": vector["input"]["secret_access_key"]},
        "expiration_in_seconds": 3600, "normalize": True, "region": "us-east-1", "service": "iam",
        "sign_body": False, "timestamp": "2015-08-30T12:36:00Z",
    }  # fmt: skip
    request = "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\nHost:iam.amazonaws.com\nX-Amz-Date:20150830T123600Z\n"
    return {name: text.encode() for name, text in {"context.json": json.dumps(context), "request.txt": request, **more}.items()}  # fmt: skip


def test_the_query_form_of_the_suite_has_no_date_header() -> None:
    found = suite_cases(
        "get-vanilla", suite(**{"query-signature.txt": "0" * 64, "header-signature.txt": "1" * 64})
    )
    assert [(each.id, each.kind, each.algorithm, each.expires) for each in found] == [
        ("get-vanilla/header", "header", V4, None),
        ("get-vanilla/query", "query", V4, 3600),
    ]
    assert [name for name, _ in found[0].request.headers] == ["Host", "X-Amz-Date"]
    assert [name for name, _ in found[1].request.headers] == ["Host"]
    assert found[1].expect == {"signature": "0" * 64}
    assert found[0].question()["raw_target"] is True
    assert not any(each.passed for each in run(found))


def test_a_case_of_the_suite_without_texts_is_judged_by_its_signature() -> None:
    vector = VECTORS["EX-IAM-1"]["input"]
    signer = Signer("iam", "us-east-1", Credentials("AKIDEXAMPLE", vector["secret_access_key"]))
    target = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
    signature = signer.explain("GET", target, at=1440938160).signature
    (case,) = suite_cases("get-vanilla", suite(**{"header-signature.txt": signature}))
    (found,) = run([case])
    assert found.passed, found.detail
    (found,) = run([case], lambda case: printed(case).replace("\n\n", "\nX-Added: 1\n\n").encode())
    assert not found.passed


def test_the_4a_form_of_the_suite_has_a_public_key() -> None:
    key = json.dumps({"X": "1f", "Y": "2e"})
    found = suite_cases("get-vanilla", suite(**{"public-key.json": key}))
    assert [(each.algorithm, each.expect["public_key"], each.region_set) for each in found] == [
        (V4A, {"x": "1f", "y": "2e"}, "us-east-1")
    ] * 2


def test_an_answer_is_a_raw_request_or_json() -> None:
    assert read_answer(b' {"skip": "x"}') == {"skip": "x"}
    raw = b"PUT /a HTTP/1.1\nHost: h\nX-A: \xff\n\nbody"
    assert read_answer(raw) == {
        "method": "PUT", "url": "/a", "headers": [["Host", "h"], ["X-A", "\udcff"]],
        "body": {"base64": "Ym9keQ=="},
    }  # fmt: skip


def _no_cryptography() -> Any:
    raise MissingDependency("cryptography", "sigv4a")


def test_cases_of_4a_are_skipped_without_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    case = first("header", V4A)
    answer = json.dumps(own_answer(case)).encode()
    monkeypatch.setattr("sigv4.v4a._cryptography", _no_cryptography)
    for found in (*run([case]), *ask([case], lambda case: answer)):
        assert (found.status, found.detail) == (
            "skipped",
            "they need cryptography (pip install cryptography)",
        )


def test_a_verifier_refuses_what_the_vector_alone_would_let_pass() -> None:
    case = BY_ID["EX-IAM-1"]
    answer = json.dumps(own_answer(case)).encode()
    strict = case.replace(dialect=case.dialect.replace(content_sha256=True))
    (found,) = ask([strict], lambda case: answer)
    assert (found.status, found.stage) == ("failed", "VERIFY-15")
    assert found.detail.startswith("a verifier refuses it at VERIFY-15")
    assert "VERIFY-15" in as_text([found])


@pytest.mark.slow
def test_a_signature_of_no_known_fault_has_no_cause() -> None:
    case = BY_ID["EX-IAM-1"]
    changed = [
        [name, value[:-4] + "0000" if name == "Authorization" else value]
        for name, value in own_answer(case)["headers"]
    ]
    found = answered(case, headers=changed, canonical_request=None, string_to_sign=None)
    assert (found.status, found.cause) == ("failed", "")


def test_a_case_with_a_target_is_posed_with_its_host_header() -> None:
    (case,) = suite_cases("get-vanilla", suite(**{"header-signature.txt": "0" * 64}))
    assert case.raw().decode().split("\n")[:2] == [
        "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1", "Host: iam.amazonaws.com",
    ]  # fmt: skip
