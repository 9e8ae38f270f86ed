"""``conformance``: what a program printed is compared with what was asked, and then verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigv4 import V4, V4A, Credentials, MissingDependency, Signer, SigningError, v4a
from sigv4.auditing.conformance import (
    Case,
    Outcome,
    ask,
    by_rule,
    chosen,
    run,
    suite_cases,
    vector_cases,
    verifications,
    without_luck,
)
from sigv4.auditing.conformance_answer import own_answer, read_answer
from sigv4.auditing.conformance_judge import judge
from sigv4.auditing.conformance_printed import Difference
from sigv4.auditing.conformance_report import as_json, as_junit, as_text

FOLDER = Path(__file__).parents[3] / "fixtures" / "vectors"
VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector
    for file in sorted(FOLDER.glob("*.json"))
    for vector in json.loads(file.read_text("utf-8"))["vectors"]
}
ALL = [case for file in sorted(FOLDER.glob("*.json")) for case in vector_cases(file.read_bytes())]
ALL += list(verifications(ALL))
BY_ID = {case.id: case for case in ALL}


def _document(*vectors: dict[str, Any]) -> bytes:
    return json.dumps({"schema": 1, "vectors": vectors}).encode()


def cases(*ids: str, **change: Any) -> list[Case]:
    """The cases of some vectors, members of their ``expect`` changed."""
    chosen = [{**VECTORS[id], "expect": {**VECTORS[id]["expect"], **change}} for id in ids]
    return vector_cases(_document(*chosen))


def outcome(*ids: str, **change: Any) -> Outcome:
    (found,) = run(cases(*ids, **change))
    return found


def first(kind: str, algorithm: str = V4) -> Case:
    return next(case for case in ALL if (case.kind, case.algorithm) == (kind, algorithm))


def answered(case: Case, **change: Any) -> Outcome:
    """What comes of this package's own answer with some members changed (None takes one out)."""
    answer = {**own_answer(case), **change}
    kept = {name: value for name, value in answer.items() if value is not None}
    (found,) = ask([case], lambda case: json.dumps(kept).encode())
    return found


def test_every_case_is_answered_right_by_this_package_and_has_a_question() -> None:
    failed = [(found.case.id, found.detail) for found in run(ALL) if not found.passed]
    assert failed == []
    for case in ALL:
        question = json.loads(json.dumps(case.question()))
        assert question["id"] == case.id
        assert question["operation"] == case.operation


def test_every_vector_is_a_case_but_the_few_that_are_no_question() -> None:
    """EX-EV-3 signs bytes that are not a stream; a key with a control character is not an environment's."""
    left = {id for id in VECTORS if id not in BY_ID}
    assert left == {"EX-EV-3"}


def test_a_request_that_cannot_be_signed_and_is_fails() -> None:
    error = {"error": {"stage": "url", "text": "anything"}}
    found = outcome("EX-IAM-1", **error)
    assert (found.passed, found.detail) == (False, "it was signed, and cannot be")


def test_a_refusal_at_another_stage_fails_and_so_does_none() -> None:
    case = first("refused")
    stage = case.expect["stage"]
    found = outcome(case.id, error={"stage": "elsewhere"})
    assert (found.passed, found.detail) == (False, f"refused at {stage}, not at elsewhere")
    assert answered(case, refused=None, error=None, accepted=True).detail == "it was accepted"
    assert answered(case, refused=True).passed
    assert answered(case, refused=None, error="no").passed


def test_a_verifier_that_refuses_everything_fails() -> None:
    found = answered(BY_ID["EX-IAM-1/verify"], accepted=None, refused="VERIFY-15")
    assert not found.passed
    assert found.detail.startswith("it is right, and was refused")


@pytest.mark.parametrize("stage", ["canonical_request", "string_to_sign"])
def test_a_text_that_differs_is_named_with_its_line(stage: str) -> None:
    text = VECTORS["EX-IAM-1"]["expect"][stage]
    found = outcome("EX-IAM-1", **{stage: f"X{text}"})
    name = stage.replace("_", " ")
    assert not found.passed
    assert found.detail.startswith(
        f"the {name} differs: line 1 is {text.split(chr(10))[0]!r}, expected {'X' + text.split(chr(10))[0]!r}"
    )
    lines = text.count("\n") + 1
    found = outcome("EX-IAM-1", **{stage: f"{text}\nmore"})
    assert found.detail.startswith(f"the {name} differs: {lines} lines, expected {lines + 1}")


def test_another_signature_fails() -> None:
    found = outcome("EX-IAM-1", signature="0" * 64)
    right = VECTORS["EX-IAM-1"]["expect"]["signature"]
    assert (found.passed, found.detail) == (
        False, f"the signature is {right!r}, expected {'0' * 64!r}"
    )  # fmt: skip


def test_4a_is_checked_with_the_public_key() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    case = first("header", V4A)
    assert outcome(case.id).passed
    point = v4a.key_of(Credentials("AKIDEXAMPLE", "another"), v4a.Scope("20150830", "s")).public_key
    other = {"x": f"{point.x:x}", "y": f"{point.y:x}"}
    found = outcome(case.id, public_key=other)
    assert not found.passed
    assert "expected 'one that the key checks'" in found.detail


@pytest.mark.parametrize(("algorithm", "member"), [(V4, "signature"), (V4A, "public_key")])
def test_a_vector_without_what_it_is_checked_by_is_refused(algorithm: str, member: str) -> None:
    vector = VECTORS[first("header", algorithm).id]
    vector = {**vector, "expect": {**vector["expect"]}}
    del vector["expect"][member]
    with pytest.raises(SigningError, match=f"form of fixtures/vectors/README.md: '{member}'"):
        vector_cases(_document(vector))


def test_values_that_no_request_can_be_made_of_are_no_cases() -> None:
    """A session token with a line end: no other signer is asked for it."""
    given = {**VECTORS["EX-IAM-1"]["input"], "session_token": "a\nb"}
    assert vector_cases(_document({**VECTORS["EX-IAM-1"], "input": given})) == []


# --- what a program printed: every part of it counts


def printed(case: Case) -> str:
    """The signed request of this package as raw text."""
    answer = own_answer(case)
    url = answer["url"]
    host = [] if case.kind == "header" else [["Host", url.split("/")[2].lower()]]
    head = [f"{name}: {value}" for name, value in [*host, *answer["headers"]]]
    target = url if url[:1] == "/" else "/" + url.partition("://")[2].partition("/")[2]
    return "\n".join([f"{answer['method']} {target} HTTP/1.1", *head, "", case.request.body.decode()])


def judged(case: Case, text: str) -> Outcome:
    (found,) = run([case], lambda case: text.encode())
    return found


PRINTED = ["EX-IAM-1", "SAGEMAKER-2", "QUERY-ORDER", "PRESIGN-TOKEN", "PRESIGN-QUERY", "BODY-FORM"]
PRINTED_4A = ["V4A-SAGEMAKER-1", "V4A-QUERY-GET"]
Change = Callable[[str, Case], str]
MUTANTS: dict[str, Change] = {
    "method": lambda text, case: "BREW" + text[text.index(" ") :],
    "target": lambda text, case: text.replace(" /", " /x", 1),
    "target of one form": lambda text, case: text.replace(" /", " /./", 1),
    "parameter added": lambda text, case: text.replace(
        " HTTP/1.1", ("&" if "?" in text.split("\n")[0] else "?") + "more=1 HTTP/1.1", 1
    ),
    "host": lambda text, case: text.replace("Host: ", "Host: x", 1),
    "scope": lambda text, case: text.replace("aws4_request", "aws4_other", 1),
    "service": lambda text, case: text.replace(f"{case.service}/aws4", "another/aws4").replace(
        f"{case.service}%2Faws4", "another%2Faws4"
    ),
    "key id": lambda text, case: text.replace(case.credentials.access_key_id, "AKIDANOTHER", 1),
    "SignedHeaders": lambda text, case: text.replace("SignedHeaders=", "SignedHeaders=a", 1),
    "algorithm": lambda text, case: text.replace("AWS4-", "AWS5-", 1),
    "date": lambda text, case: text.replace(case.given["at"], "20300101T000000Z", 1),
    "header added": lambda text, case: text.replace("\n\n", "\nX-Added: 1\n\n", 1),
    "amazon header added": lambda text, case: text.replace("\n\n", "\nX-Amz-Added: 1\n\n", 1),
    "second signature": lambda text, case: text.replace("\n\n", "\nAuthorization: x\n\n", 1),
    "body": lambda text, case: text + "more",
}


@pytest.mark.parametrize("name", MUTANTS)
@pytest.mark.parametrize("id", PRINTED + PRINTED_4A)
def test_a_right_signature_with_another_request_does_not_pass(id: str, name: str) -> None:
    case = BY_ID[id]
    if case.algorithm == V4A:
        pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    text = printed(case)
    assert judged(case, text).passed, judged(case, text).detail
    changed = MUTANTS[name](text, case)
    assert changed != text
    found = judged(case, changed)
    assert not found.passed
    assert found.detail


@pytest.mark.parametrize("id", ["SAGEMAKER-2", "PRESIGN-TOKEN"])
def test_a_token_that_is_changed_or_dropped_does_not_pass(id: str) -> None:
    case = BY_ID[id]
    text, token = printed(case), case.credentials.session_token or ""
    assert not judged(case, text.replace(token[:10], "X" * 10, 1)).passed
    lines = [line for line in text.split("\n") if not line.lower().startswith("x-amz-security-token")]
    assert not judged(case, "\n".join(lines).replace("&X-Amz-Security-Token=", "&Other=")).passed


def test_an_expiry_that_is_changed_does_not_pass() -> None:
    case = BY_ID["PRESIGN-GET"]
    assert not judged(case, printed(case).replace("X-Amz-Expires=", "X-Amz-Expires=1", 1)).passed


def test_a_token_that_is_not_signed_must_be_there_all_the_same() -> None:
    for id in ("PRESIGN-IOT-MQTT", "IOT-GATEWAY-1"):
        case = BY_ID[id]
        text = printed(case)
        assert judged(case, text).passed, judged(case, text).detail
        lines = [line for line in text.split("\n") if not line.lower().startswith("x-amz-security-token")]
        head = "\n".join(lines).replace("&X-Amz-Security-Token=", "&X-Amz-Other=")
        assert not judged(case, head).passed


def test_nonsense_passes_nowhere() -> None:
    """The expected signature in a request that has nothing of the case."""
    for case in ALL:
        if case.kind in ("header", "query"):
            signature = case.expect.get("signature", "0")
            text = (
                "BREW /x HTTP/1.1\nHost: x\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e, "
                f"SignedHeaders=host, Signature={signature}\n\n"
            )
            assert not judged(case, text).passed, case.id


@pytest.mark.parametrize("number", range(3))
def test_one_constant_request_passes_one_case_at_most(number: int) -> None:
    text = printed(BY_ID[["EX-IAM-1", "PRESIGN-GET", "V4A-SAGEMAKER-1"][number]])
    passed = [case.id for case in ALL if case.kind in ("header", "query") and judged(case, text).passed]
    assert len(passed) == 1


def test_a_signer_without_4a_passes_no_4a_case() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")

    def hmac(case: Case) -> bytes:
        signer = Signer(case.service, "us-east-1", case.credentials, dialect=case.dialect)
        made = signer.explain(
            *list(case.request)[:3], case.request.body or None, at=case.at, expires=case.expires
        )
        answer = {"url": str(made.url) if made.url else case.request.url, "headers": dict(made.headers)}
        texts = {name: value if isinstance(value, str) else "" for name, value in answer["headers"].items()}
        return json.dumps({**answer, "headers": list(texts.items())}).encode()

    asked = [case for case in ALL if case.algorithm == V4A and case.kind in ("header", "query")]
    assert len(asked) >= 25
    assert [found.case.id for found in ask(asked, hmac) if found.passed] == []


def test_the_url_is_posed_where_the_host_header_is_the_question() -> None:
    for id in ("HOST-USER-INFO", "HOST-DEFAULT-PORT", "HOST-UPPER"):
        raw = BY_ID[id].raw().decode()
        url = BY_ID[id].request.url
        assert raw.startswith(f"GET {url} HTTP/1.1\n")
        assert "\nHost:" not in raw
    assert BY_ID["HOST-PORT"].raw().decode().split("\n")[1].startswith("Host: ")


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
        b"Host: h", b"X-A: \xff", b"X-Amz-Date: 20150830T123600Z",
    ]  # fmt: skip


def test_another_signer_is_not_asked_for_what_must_be_refused() -> None:
    ids = ["EX-IAM-1", "GET-WITH-BODY", first("refused").id, first("unsignable").id, first("query").id]
    outcomes = list(run(cases(*ids), lambda case: printed(case).encode()))
    assert [each.case.id for each in outcomes] == ["EX-IAM-1", "GET-WITH-BODY", first("query").id]
    assert all(each.passed for each in outcomes), outcomes


def test_a_signer_that_does_not_sign_is_told_so() -> None:
    (found,) = run(cases("EX-IAM-1"), lambda case: case.raw())
    assert not found.passed
    assert found.cause == "FAIL-50"


# --- answers in JSON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "the answer is not JSON"),
        ("{} []", "the answer is not JSON"),
        ('{"url": "https://h/", "headers": 1}', "are not pairs"),
        ('{"url": "https://h/", "headers": [1]}', "are not pairs"),
        ('{"url": "https://h/", "body": {"base64": "?"}}', "is not base64"),
        ("nonsense", "HTTP request line"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_failed_case(text: str, words: str) -> None:
    (found,) = ask(cases("EX-IAM-1"), lambda case: text.encode())
    assert not found.passed
    assert words in found.detail


def test_a_refusal_of_a_right_request_fails_and_a_skip_is_counted_apart() -> None:
    assert answered(BY_ID["EX-IAM-1"], error="no").detail == "no"
    found = answered(BY_ID["EX-IAM-1"], skip="has no query signatures")
    assert (found.status, found.passed) == ("skipped", False)
    assert by_rule([found]) == {}
    assert "SKIPPED 1 case: has no query signatures" in as_text([found])


def test_the_url_of_a_presigned_request_must_be_answered() -> None:
    assert answered(BY_ID["PRESIGN-GET"], url=None).detail.startswith("the answer has no 'url'")


def test_an_answer_may_leave_out_what_is_as_it_was_asked() -> None:
    case = BY_ID["BODY-FORM"]
    assert answered(case, method=None, url=None).passed
    assert answered(case, body=case.request.body.decode()).passed
    assert not answered(case, body="another").passed
    headers = dict(own_answer(case)["headers"])
    assert answered(case, headers=headers).passed
    assert answered(case, headers={**headers, "Content-Length": str(len(case.request.body))}).passed
    assert not answered(case, headers={**headers, "Content-Length": "1"}).passed
    assert answered(
        case, url=case.request.url, headers={k: v for k, v in headers.items() if k != "Host"}
    ).passed


STREAMS = ["CHUNK-WHOLE-BODY", "TRAILER-UNSORTED", "CHUNK-UNSIGNED-TRAILER", "CHUNK-THREE"]


def _body_of(answer: dict[str, Any]) -> bytes:
    import base64

    return base64.b64decode(answer["body"]["base64"])


def _as_body(body: bytes) -> dict[str, str]:
    import base64

    return {"base64": base64.b64encode(body).decode()}


@pytest.mark.parametrize("id", STREAMS)
def test_every_part_of_a_chunked_body_is_judged(id: str) -> None:
    case = BY_ID[id]
    body = _body_of(own_answer(case))
    assert answered(case).passed
    assert not answered(case, body=None).passed
    assert not answered(case, body=_as_body(body[:-2])).passed
    assert not answered(
        case, body=_as_body(body.replace(b"hello", b"jello").replace(b"012", b"210", 1))
    ).passed
    assert not answered(case, headers=[]).passed
    headers = dict(own_answer(case)["headers"])
    assert answered(case, headers={**headers, "Content-Length": str(len(body))}).passed
    assert not answered(case, headers={**headers, "Content-Length": "1"}).passed
    signature = headers["Authorization"][-4:]
    other = headers["Authorization"].replace(signature, "0000")
    assert "seed signature" in answered(case, headers={**headers, "Authorization": other}).detail


def test_chunks_of_another_size_or_form_do_not_pass() -> None:
    case = BY_ID["CHUNK-THREE"]
    other = case.replace(given={**case.given, "chunk_size": 24576})  # fmt: skip
    assert "framed length" in answered(case, body=own_answer(other)["body"]).detail
    case = BY_ID["CHUNK-WHOLE-BODY"]
    body = _body_of(own_answer(case)).replace(b"b;chunk", b"B;chunk")
    assert "framed body" in answered(case, body=_as_body(body)).detail
    case = BY_ID["CHUNK-UNSIGNED-TRAILER"]
    body = _body_of(own_answer(case))
    assert "trailers" in answered(case, body=_as_body(body.replace(b"crc32:", b"crc32:X"))).detail
    assert "refused at TRAILER-3" in answered(case, body=_as_body(body.replace(b"hello", b"jello"))).detail
    other = case.replace(given={**case.given, "trailers": [["x-amz-checksum-crc32", "AAAAAA=="]]})
    assert answered(other, body=_as_body(body)).detail.startswith("the trailers is ")
    other = case.replace(given={**case.given, "data": {"repeat": "jello world", "times": 1}})
    assert answered(other, body=_as_body(body)).detail.startswith("the data is ")


def test_4a_chunks_are_checked_with_the_public_key() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    case = BY_ID["CHUNK-V4A-TRAILER"]
    body = _body_of(own_answer(case))
    found = answered(case)
    assert found.passed
    bare = body.replace(b"*", b"")
    assert not answered(case, body=_as_body(bare)).passed


def test_every_message_of_an_event_stream_is_judged() -> None:
    case = BY_ID["EVENTS-MIDNIGHT"]
    messages = own_answer(case)["messages"]
    assert answered(case).passed
    assert answered(case, messages=messages[:-1]).detail == "the number of messages is '2', expected '3'"
    swapped = answered(case, messages=[messages[1], messages[0], messages[2]])
    assert {each.what for each in swapped.differences} == {
        "date of an event", "signature of an event", "headers of an event", "payload of an event",
    }  # fmt: skip
    cut = answered(case, messages=[messages[0][:-2] + "00", *messages[1:]])
    assert (cut.stage, cut.detail.partition(":")[0]) == ("EVENT-1", "a message is refused at EVENT-1")
    plain = own_answer(BY_ID["FRAME-EMPTY"])["frame"]
    assert "expected" in answered(case, messages=[plain, *messages[1:]]).detail
    assert not answered(case, messages=["zz"]).passed
    assert not answered(case, messages=None).passed
    assert not answered(case, headers=[]).passed
    headers = dict(own_answer(case)["headers"])
    other = headers["Authorization"][:-4] + "0000"
    assert "seed signature" in answered(case, headers={**headers, "Authorization": other}).detail


def test_forms_keys_and_frames_are_compared_member_by_member() -> None:
    form = BY_ID["POLICY-TOKEN"]
    fields = own_answer(form)["fields"]
    assert answered(form, fields={name.title(): value for name, value in fields.items()}).passed
    for name in fields:
        found = answered(form, fields={**fields, name: "another"})
        assert not found.passed
    assert not answered(form, fields=None).passed
    assert answered(BY_ID["EX-KEY-1"], k_date="00").detail.startswith("the k date is '00'")
    assert not answered(BY_ID["FRAME-BYTES"], frame="00").passed
    assert not answered(BY_ID["FRAME-BYTES/read"], headers=[]).passed


# --- the same answer to everything


def test_what_a_decoder_found_may_be_text_pairs_or_base64() -> None:
    case = BY_ID["DECODE-SIGNED-TRAILERS"]
    trailers = own_answer(case)["trailers"]
    for data in ("hello", {"base64": "aGVsbG8="}):
        for found in (
            trailers,
            list(trailers.items()),
            {name.upper(): value for name, value in trailers.items()},
        ):
            assert answered(case, data=data, trailers=found).passed
    assert not answered(case, data="jello").passed
    assert not answered(case, data=None).passed
    assert not answered(case, trailers=None).passed
    assert not answered(case, trailers=5).passed
    assert answered(BY_ID["DECODE-SIGNED-EMPTY"], data="").passed


def test_the_fragment_of_a_url_and_an_earlier_signature_are_compared() -> None:
    case = BY_ID["PRESIGN-FRAGMENT"]
    url = own_answer(case)["url"]
    found = answered(case, url=url.partition("#")[0])
    assert [each.what for each in found.differences] == ["fragment"]
    case = BY_ID["HEADER-SIGNED-BEFORE-TOKEN-GONE"]
    headers = [*own_answer(case)["headers"], ["X-Amz-Security-Token", "AN/OLD+TOKEN=="]]
    assert [each.what for each in answered(case, headers=headers).differences] == [
        "header x-amz-security-token"
    ]


def test_an_acceptance_must_be_said() -> None:
    case = BY_ID["WINDOW-OLDEST"]
    assert answered(case).passed
    assert answered(case, accepted=None).detail == "the answer has no 'accepted': expected true"
    assert answered(case, id="ANOTHER").detail == "the answer is to the question 'ANOTHER'"
    assert answered(case, id=case.id).passed


def _same(answer: dict[str, Any], asked: list[Case]) -> list[Outcome]:
    return without_luck(ask(asked, lambda case: json.dumps(answer).encode()))


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "no"},
        {"refused": True},
        {"refused": "VERIFY-15"},
        {"accepted": True},
        {"valid": True},
        {"valid": False},
        {},
    ],
    ids=str,
)
def test_the_same_answer_to_every_question_passes_none(answer: dict[str, Any]) -> None:
    assert [found.case.id for found in _same(answer, ALL) if found.passed] == []


def test_a_program_that_tells_some_apart_is_not_said_to_be_lucky() -> None:
    asked = [
        BY_ID["EX-IAM-1/verify"],
        BY_ID["REFUSE-OLD"],
        BY_ID["REFUSE-BODY"],
        BY_ID["NEG-PORT"],
        BY_ID["EX-KEY-1"],
    ]
    assert all(found.passed for found in without_luck(run(asked)))
    (refused, *_) = _same({"refused": True}, [BY_ID["REFUSE-OLD"]])
    assert refused.passed, "alone, it cannot be told"
    found = _same({"accepted": True}, [BY_ID["EX-IAM-1/verify"], BY_ID["REFUSE-OLD"]])
    assert found[0].detail == "it is accepted, but so is all that is wrong (verify)"
    found = _same({"error": "no"}, [BY_ID["EX-IAM-1"], BY_ID["NEG-PORT"]])
    assert found[1].detail == "it is refused, but so is all that is right (sign)"
    signed = own_answer(BY_ID["EX-IAM-1"])
    found = _same(signed, [BY_ID["EX-IAM-1"], BY_ID["NEG-PORT"]])
    assert [each.passed for each in found] == [True, False], "it signs, if too much"


def test_credentials_that_cannot_sign_are_asked_as_they_are() -> None:
    for id, name in (("NEG-SECRET-EMPTY", "secret_access_key"), ("NEG-KEY-ID-SLASH", "access_key_id")):
        assert BY_ID[id].question()[name] == VECTORS[id]["input"][name]
        assert outcome(id).passed
    assert BY_ID["TOKEN-EMPTY"].question()["session_token"] == ""
    assert BY_ID["PRESIGN-S3-BODY-EMPTY"].question()["body"] == ""
    assert BY_ID["PRESIGN-S3-GET"].question()["body"] is None


# --- reports


def test_reports_name_the_rule_the_cause_and_what_differs() -> None:
    case = BY_ID["EX-RS-1"]

    def once(case: Case) -> bytes:
        signer = Signer(
            case.service, case.region, case.credentials, dialect=case.dialect.replace(encode_path_again=False)
        )
        made = signer.explain(*list(case.request)[:3], case.request.body or None, at=case.at)
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


def test_a_verifier_has_the_last_word() -> None:
    """All that is compared is the same, and the vector itself is wrong: it has a body that is not signed."""
    case = BY_ID["BODY-FORM"]
    expect = {name: case.expect[name] for name in ("signature",)}
    other = case.replace(expect=expect)
    verdict = judge(other, {**own_answer(case), "headers": own_answer(case)["headers"]})
    assert verdict.status == "passed"
    at = other.replace(at=case.at + 86400 * 2)
    assert judge(at, own_answer(case)).status == "failed"


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
