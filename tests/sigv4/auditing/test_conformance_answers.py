"""``conformance``: answers in JSON: streams, messages, forms and frames."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sigv4.auditing.conformance import (
    ask,
    by_rule,
)
from sigv4.auditing.conformance_answer import own_answer
from sigv4.auditing.conformance_report import as_text
from tests.sigv4.auditing.cases import (
    ALL,
    BY_ID,
    answered,
    cases,
)


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


def test_a_difference_in_the_request_alone_has_no_cause() -> None:
    found = answered(BY_ID["EX-IAM-1"], method="PUT")
    assert found.cause == ""
    assert found.detail == str(found.differences[0])


def test_each_question_has_the_body_of_its_case() -> None:
    asked = 0
    for case in ALL:
        if case.operation in ("sign", "presign", "verify"):
            body = case.question()["body"]
            given = base64.b64decode(body["base64"]) if isinstance(body, dict) else (body or "").encode()
            assert given == case.request.body, case.id
            asked += bool(given)
    assert asked > 50


def test_the_url_of_a_presigned_request_must_be_answered() -> None:
    assert answered(BY_ID["PRESIGN-GET"], url=None).detail.startswith("the answer has no 'url'")


def test_an_answer_may_leave_out_unchanged_parts() -> None:
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
