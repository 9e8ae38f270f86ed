"""Deliberate faults have the requested kind and number, and are the same in every run."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sagemaker_api import SageMaker
from sagemaker_api.errors import ConfigError
from sagemaker_api.local import Faults, LocalSageMaker
from sigv4 import Request

from .without_sockets import HERE, Desk, refusal

NAME = {"NotebookInstanceName": "nb"}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("throttle:0.2", Faults(throttle=0.2)),
        ("throttle:0.2,skew:+400,slow:2", Faults(throttle=0.2, skew=400, slow=2)),
        (" skew:-400 , fail:1 ", Faults(skew=-400, fail=1)),
        ("unavailable:.5", Faults(unavailable=0.5)),
    ],
)
def test_faults_are_written_as_names_and_numbers(text: str, faults: Faults) -> None:
    assert Faults.parse(text) == faults


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the fault '' in '' is unknown: expected throttle:P"),
        ("trottle:1", "the fault 'trottle' in"),
        ("slow", "has '', which is not a number"),
        ("slow:soon", "has 'soon', which is not a number"),
        ("slow:1,slow:2", "is given twice"),
        ("throttle:1.1", "the fault throttle is 1.1: expected a number from 0 to 1"),
        ("throttle:nan", "has 'nan', which is not a number"),
        ("slow:-1", "the fault slow is -1"),
        ("skew:inf", "has 'inf', which is not a number"),
        ("slow:1_0", "has '1_0', which is not a number"),
    ],
)
def test_invalid_faults_are_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Faults.parse(text)


@pytest.mark.parametrize("name", Faults.field_names)
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_faults_without_a_size_are_refused(name: str, number: float) -> None:
    with pytest.raises(ConfigError, match=f"^the fault {name} is {number}: expected a number from"):
        Faults(**{name: number})


def codes(seed: int) -> list[str]:
    desk = Desk(faults=Faults(throttle=0.2), seed=seed)
    return [json.loads(desk.call(NAME).body).get("__type", "") for _ in range(500)]


@pytest.mark.slow
def test_the_same_calls_are_throttled_with_the_same_seed() -> None:
    found = codes(1)
    assert 60 <= Counter(found)["ThrottlingException"] <= 140
    assert set(found) == {"", "ThrottlingException"}
    assert found == codes(1)
    assert found != codes(2)


@pytest.mark.parametrize(
    ("faults", "status", "body"),
    [
        (Faults(throttle=1), 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}),
        (Faults(fail=1), 500, {"__type": "InternalFailure"}),
        (Faults(unavailable=1), 503, {"__type": "ServiceUnavailable"}),
    ],
)
def test_each_fault_has_its_own_answer_and_makes_no_url(
    faults: Faults, status: int, body: dict[str, str]
) -> None:
    desk = Desk(faults=faults)
    answer = desk.call(NAME)
    assert (answer.status, json.loads(answer.body)) == (status, body)
    assert desk.local.sessions._urls == {}


def test_an_unknown_caller_is_refused_before_any_fault() -> None:
    desk = Desk(faults=Faults(throttle=1))
    answer = desk.call(NAME, change=lambda headers: headers.pop("Authorization"))
    assert refusal(answer)[0] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(("skew", "words"), [(400, "Signature expired"), (-400, "Signature not yet current")])
def test_signatures_are_checked_by_the_skewed_clock(skew: float, words: str) -> None:
    desk = Desk(faults=Faults(skew=skew))
    code, message = refusal(desk.call(NAME))
    assert (code, message.startswith(words)) == ("InvalidSignatureException", True)


def test_only_the_api_is_slow() -> None:
    service = Desk(faults=Faults(slow=2)).service
    assert service.delay(Request("POST", "/")) == 2
    assert service.delay(Request("GET", "/sign-in")) == 0
    assert service.delay(Request("POST", "/notebook/nb/api/kernels")) == 0


@pytest.mark.slow
def test_our_client_works_with_a_skewed_slow_and_throttling_endpoint() -> None:
    faults = Faults(skew=400, throttle=0.3, slow=0.1)
    with LocalSageMaker({"nb": "InService"}, faults=faults, seed=1) as local:
        with SageMaker(
            region_name=local.region, endpoint_url=local.url, credentials=local.credentials
        ) as client:
            assert client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")
        outcomes = [entry.outcome for entry in reversed(local.service.journal.entries())]
    assert outcomes == [
        "refused at VERIFY-10: SignatureDoesNotMatch",
        "verified; CreatePresignedNotebookInstanceUrl: ThrottlingException",
        "verified; CreatePresignedNotebookInstanceUrl",
    ]


def test_random_faults_do_not_affect_pages() -> None:
    desk = Desk(faults=Faults(fail=1))
    assert desk.service.answer(Request("GET", "/sign-in", {"Host": "127.0.0.1:8080"}), HERE).status == 200
