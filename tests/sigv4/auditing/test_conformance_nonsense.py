"""``conformance``: a program that gives the same answer to every question passes no case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigv4.auditing.conformance import (
    Case,
    Outcome,
    ask,
    run,
    without_constant_answers,
)
from sigv4.auditing.conformance_answer import own_answer
from tests.sigv4.auditing.cases import (
    ALL,
    BY_ID,
    VECTORS,
    answered,
    outcome,
)


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


def test_an_acceptance_must_be_explicit() -> None:
    case = BY_ID["WINDOW-OLDEST"]
    assert answered(case).passed
    assert answered(case, accepted=None).detail == "the answer has no 'accepted': expected true"
    assert answered(case, id="ANOTHER").detail == "the answer is to the question 'ANOTHER'"
    assert answered(case, id=case.id).passed


def _same(answer: dict[str, Any], asked: list[Case]) -> list[Outcome]:
    return without_constant_answers(ask(asked, lambda case: json.dumps(answer).encode()))


@pytest.mark.slow
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


def test_a_program_that_distinguishes_some_questions_keeps_its_results() -> None:
    asked = [
        BY_ID["EX-IAM-1/verify"],
        BY_ID["REFUSE-OLD"],
        BY_ID["REFUSE-BODY"],
        BY_ID["NEG-PORT"],
        BY_ID["EX-KEY-1"],
    ]
    assert all(found.passed for found in without_constant_answers(run(asked)))
    (refused, *_) = _same({"refused": True}, [BY_ID["REFUSE-OLD"]])
    assert refused.passed, "one answer alone is not recognised as constant"
    found = _same({"accepted": True}, [BY_ID["EX-IAM-1/verify"], BY_ID["REFUSE-OLD"]])
    assert found[0].detail == "it is accepted, but so is everything that is wrong (verify)"
    found = _same({"error": "no"}, [BY_ID["EX-IAM-1"], BY_ID["NEG-PORT"]])
    assert found[1].detail == "it is refused, but so is everything that is right (sign)"
    signed = own_answer(BY_ID["EX-IAM-1"])
    found = _same(signed, [BY_ID["EX-IAM-1"], BY_ID["NEG-PORT"]])
    assert [each.passed for each in found] == [True, False], (
        "it signs the right request, and the one that must be refused"
    )


def test_credentials_that_cannot_sign_are_passed_on_unchanged() -> None:
    for id, name in (("NEG-SECRET-EMPTY", "secret_access_key"), ("NEG-KEY-ID-SLASH", "access_key_id")):
        assert BY_ID[id].question()[name] == VECTORS[id]["input"][name]
        assert outcome(id).passed
    assert BY_ID["TOKEN-EMPTY"].question()["session_token"] == ""
    assert BY_ID["PRESIGN-S3-BODY-EMPTY"].question()["body"] == ""
    assert BY_ID["PRESIGN-S3-GET"].question()["body"] is None
