"""``conformance``: a vector that expects the wrong thing fails, and so does a signer that does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigv4 import V4, V4A, Credentials, Signer, SigningError, v4a
from sigv4.auditing.conformance import Case, Outcome, run, suite_cases, vector_cases

FOLDER = Path(__file__).parents[3] / "fixtures" / "vectors"
VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector
    for file in sorted(FOLDER.glob("*.json"))
    for vector in json.loads(file.read_text("utf-8"))["vectors"]
}


def cases(*ids: str, **change: Any) -> list[Case]:
    """The cases of some vectors, members of their ``expect`` changed."""
    chosen = [{**VECTORS[id], "expect": {**VECTORS[id]["expect"], **change}} for id in ids]
    return vector_cases(json.dumps({"schema": 1, "vectors": chosen}).encode())


def outcome(*ids: str, **change: Any) -> Outcome:
    (found,) = run(cases(*ids, **change))
    return found


def first(kind: str) -> str:
    return next(id for id in VECTORS if [each.kind for each in cases(id)] == [kind])


def test_a_request_that_cannot_be_signed_and_is_fails() -> None:
    error = {"error": {"stage": "url", "text": "anything"}}
    found = outcome("EX-IAM-1", **error)
    assert (found.passed, found.detail) == (False, "it was signed, and cannot be")


def test_a_refusal_at_another_stage_fails_and_so_does_none() -> None:
    id = first("refused")
    stage = VECTORS[id]["expect"]["error"]["stage"]
    found = outcome(id, error={"stage": "elsewhere"})
    assert (found.passed, found.detail) == (False, f"refused at {stage}, not at elsewhere")
    accepted = _received(VECTORS["EX-IAM-1"], id)
    (found,) = run(vector_cases(json.dumps({"schema": 1, "vectors": [accepted]}).encode()))
    assert (found.passed, found.detail) == (False, "it was accepted")


def _received(vector: dict[str, Any], id: str) -> dict[str, Any]:
    """A sound request in the form of a received one, which a vector says is to be refused."""
    given = vector["input"]
    host = given["url"].split("/")[2]
    target = given["url"].partition(host)[2]
    headers = [
        ["Host", host], *given["headers"], ["X-Amz-Date", given["at"]],
        ["Authorization", vector["expect"]["authorization"]],
    ]  # fmt: skip
    received = {**given, "of": vector["id"], "target": target, "headers": headers, "now": given["at"]}
    del received["url"]
    return {**VECTORS[id], "input": received}


@pytest.mark.parametrize("stage", ["canonical_request", "string_to_sign"])
def test_a_text_that_differs_is_named_with_its_line(stage: str) -> None:
    text = VECTORS["EX-IAM-1"]["expect"][stage]
    found = outcome("EX-IAM-1", **{stage: f"X{text}"})
    name = stage.replace("_", " ")
    assert not found.passed
    assert found.detail == (
        f"the {name} differs: line 1 is {text.split(chr(10))[0]!r}, expected {'X' + text.split(chr(10))[0]!r}"
    )
    lines = text.count("\n") + 1
    found = outcome("EX-IAM-1", **{stage: f"{text}\nmore"})
    assert found.detail == f"the {name} differs: {lines} lines, expected {lines + 1}"


def test_another_signature_fails() -> None:
    found = outcome("EX-IAM-1", signature="0" * 64)
    assert (found.passed, found.detail) == (False, "the signature differs")
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    id = next(id for id in VECTORS if [each.algorithm for each in cases(id)] == [V4A])
    assert outcome(id).passed
    point = v4a.key_of(Credentials("AKIDEXAMPLE", "another"), v4a.Scope("20150830", "s")).public_key
    other = {"x": f"{point.x:x}", "y": f"{point.y:x}"}
    found = outcome(id, public_key=other)
    assert (found.passed, found.detail) == (False, "the signature does not verify")


@pytest.mark.parametrize(("id", "member"), [("EX-IAM-1", "signature"), ("4A", "public_key")])
def test_a_vector_without_what_it_is_checked_by_is_refused(id: str, member: str) -> None:
    id = id if id in VECTORS else next(id for id in VECTORS if [c.algorithm for c in cases(id)] == [V4A])
    vector = {**VECTORS[id], "expect": {**VECTORS[id]["expect"]}}
    del vector["expect"][member]
    with pytest.raises(SigningError, match=f"as fixtures/vectors/README.md has it: '{member}'"):
        vector_cases(json.dumps({"schema": 1, "vectors": [vector]}).encode())


def test_values_that_no_request_can_be_made_of_are_no_cases() -> None:
    """A session token with a line end: no other signer is asked for it."""
    given = {**VECTORS["EX-IAM-1"]["input"], "session_token": "a\nb"}
    vector = {**VECTORS["EX-IAM-1"], "input": given}
    assert vector_cases(json.dumps({"schema": 1, "vectors": [vector]}).encode()) == []


# --- another signer


def right(case: Case) -> bytes:
    """Signs a case as it should be, and answers with the request that came of it."""
    signer = Signer(
        case.service, case.region, case.credentials, dialect=case.dialect, algorithm=case.algorithm
    )
    method, url, headers, body = case.request
    made = signer.explain(method, url, headers, body or None, at=case.at, expires=case.expires)
    if made.url is not None:
        url = "/" + str(made.url).partition("://")[2].partition("/")[2]
        headers = {"Host": case.request.url.split("/")[2], **made.url.headers_to_send}
        return _raw(method, url, list(headers.items()), body)
    return _raw(method, "/" + url.partition("://")[2].partition("/")[2], list(made.headers.items()), body)


def _raw(method: str, target: str, headers: list[tuple[str, str | bytes]], body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1".encode()]
    lines += [
        f"{name}: ".encode() + (value if isinstance(value, bytes) else value.encode())
        for name, value in headers
    ]
    return b"\n".join(lines) + b"\n\n" + body


def test_another_signer_is_not_asked_for_what_must_be_refused() -> None:
    ids = ["EX-IAM-1", "GET-WITH-BODY", first("refused"), first("unsignable"), first("query")]
    outcomes = list(run(cases(*ids), right))
    assert sorted(each.case.id for each in outcomes) == sorted(["EX-IAM-1", "GET-WITH-BODY", first("query")])
    assert all(each.passed for each in outcomes), outcomes


def test_a_right_signature_of_another_request_is_no_pass() -> None:
    def more(case: Case) -> bytes:
        method, url, headers, body = case.request
        signer = Signer(case.service, case.region, case.credentials, dialect=case.dialect)
        signed = signer.sign(method, url, [*headers, ("X-Amz-Meta-More", "1")], body, at=case.at)
        return _raw(method, "/" + url.partition("://")[2].partition("/")[2], list(signed.items()), body)

    (found,) = run(cases("EX-IAM-1"), more)
    assert not found.passed
    assert found.detail == "a right signature, of other headers or parameters than the case has"


def test_a_signer_that_does_not_sign_is_told_so() -> None:
    (found,) = run(cases("EX-IAM-1"), lambda case: case.raw())
    assert (found.passed, found.detail.partition(":")[0]) == (False, "FAIL-50")


def test_a_wrong_4a_signature_is_found_and_a_right_one_passes() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    id = next(
        id for id in VECTORS if [(each.algorithm, each.kind) for each in cases(id)] == [(V4A, "header")]
    )
    (found,) = run(cases(id), right)
    assert found.passed, found.detail
    (found,) = run(cases(id), lambda case: right(case).replace(b"Signature=30", b"Signature=31"))
    assert not found.passed


def test_the_request_to_sign_has_host_and_date_once() -> None:
    (case,) = cases("EX-IAM-1")
    method, url, _, body = case.request
    lines = case.raw().split(b"\n\n")[0].split(b"\n")
    names = [line.partition(b":")[0].lower() for line in lines[1:]]
    assert lines[0].startswith(f"{method} /".encode())
    assert names.count(b"host") == names.count(b"x-amz-date") == 1
    given = [("Host", "h"), ("X-Amz-Date", "20150830T123600Z"), ("X-A", b"\xff")]
    own = Case(*[
        type(case.request)(method, url, given, body) if name == "request" else getattr(case, name)
        for name in Case.field_names
    ])  # fmt: skip
    assert own.raw().split(b"\n\n")[0].split(b"\n")[1:] == [
        b"Host: h", b"X-Amz-Date: 20150830T123600Z", b"X-A: \xff",
    ]  # fmt: skip


# --- AWS's suite


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


def test_the_4a_form_of_the_suite_has_a_public_key() -> None:
    key = json.dumps({"X": "1f", "Y": "2e"})
    found = suite_cases("get-vanilla", suite(**{"public-key.json": key}))
    assert [(each.algorithm, each.expect["public_key"]) for each in found] == [
        (V4A, {"x": "1f", "y": "2e"})
    ] * 2
