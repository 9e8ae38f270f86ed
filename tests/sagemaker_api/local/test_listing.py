"""ListNotebookInstances: filters, order, pages, and invalid tokens."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, strategies as st

from .without_sockets import START, Desk, refusal

ROLE = "arn:aws:iam::123456789012:role/notebooks"


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Six instances, a minute apart: alpha, bravo and charlie are there first."""
    desk = Desk(notebooks={"alpha": "Stopped", "bravo": "InService", "charlie": "Failed"})
    for number, name in enumerate(("delta", "echo-alpha", "Foxtrot"), 1):
        desk.now = START + 60 * number
        desk.do(
            "CreateNotebookInstance",
            NotebookInstanceName=name,
            InstanceType="ml.t3.medium",
            RoleArn=ROLE,
            LifecycleConfigName=f"config-{number}",
            DefaultCodeRepository=f"https://git.example/{name}",
            AdditionalCodeRepositories=["https://git.example/shared", f"https://git.example/{number}"],
        )
    desk.now = START + 240
    return desk


def names(desk: Desk, **params: object) -> list[str]:
    answer = desk.do("ListNotebookInstances", **params)
    return [each["NotebookInstanceName"] for each in answer["NotebookInstances"]]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, "Foxtrot alpha bravo charlie delta echo-alpha"),
        ({"SortOrder": "Descending"}, "echo-alpha delta charlie bravo alpha Foxtrot"),
        ({"SortBy": "CreationTime"}, "alpha bravo charlie delta echo-alpha Foxtrot"),
        (
            {"SortBy": "CreationTime", "SortOrder": "Descending"},
            "Foxtrot echo-alpha delta charlie bravo alpha",
        ),
        ({"SortBy": "Status"}, "charlie Foxtrot bravo delta echo-alpha alpha"),
        ({"NameContains": "ALPHA"}, "alpha echo-alpha"),
        ({"StatusEquals": "InService"}, "Foxtrot bravo delta echo-alpha"),
        ({"StatusEquals": "Deleting"}, ""),
        ({"CreationTimeAfter": START + 60}, "Foxtrot echo-alpha"),
        ({"CreationTimeBefore": START + 60}, "alpha bravo charlie"),
        ({"LastModifiedTimeAfter": START, "LastModifiedTimeBefore": START + 120.5}, "delta echo-alpha"),
        ({"NotebookInstanceLifecycleConfigNameContains": "config-2"}, "echo-alpha"),
        ({"DefaultCodeRepositoryContains": "delta"}, "delta"),
        ({"AdditionalCodeRepositoryEquals": "https://git.example/shared"}, "Foxtrot delta echo-alpha"),
        ({"AdditionalCodeRepositoryEquals": "https://git.example/"}, ""),
    ],
)
def test_filters_and_order_are_those_of_the_model(desk: Desk, params: dict[str, Any], found: str) -> None:
    assert names(desk, **params) == found.split()


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6, 100])
@pytest.mark.parametrize("by", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_follow_one_another_without_gap_or_repetition(
    desk: Desk, size: int, by: str, order: str
) -> None:
    query = {"SortBy": by, "SortOrder": order}
    whole, params, pages = names(desk, **query), {**query, "MaxResults": size}, []
    while True:
        answer = desk.do("ListNotebookInstances", **params)
        pages.append([each["NotebookInstanceName"] for each in answer["NotebookInstances"]])
        if "NextToken" not in answer:
            break
        params["NextToken"] = answer["NextToken"]
    assert [name for page in pages for name in page] == whole
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


def test_changes_between_pages_do_not_shift_other_items() -> None:
    desk = Desk(notebooks=dict.fromkeys("abcdef", "Stopped"))
    first = desk.do("ListNotebookInstances", MaxResults=2)
    desk.do("DeleteNotebookInstance", NotebookInstanceName="b")
    desk.do("CreateNotebookInstance", NotebookInstanceName="a1", InstanceType="ml.t3.medium", RoleArn=ROLE)
    rest = names(desk, NextToken=first["NextToken"])
    assert rest == list("cdef")


def test_a_page_holds_ten_by_default() -> None:
    desk = Desk(notebooks={f"nb{number}": "Stopped" for number in range(11)})
    answer = desk.do("ListNotebookInstances")
    assert (len(answer["NotebookInstances"]), "NextToken" in answer) == (10, True)


def test_an_item_has_the_members_of_a_summary(desk: Desk) -> None:
    item = desk.do("ListNotebookInstances", NameContains="delta")["NotebookInstances"][0]
    assert item == {
        "NotebookInstanceName": "delta",
        "NotebookInstanceArn": "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/delta",
        "NotebookInstanceStatus": "InService",
        "Url": "127.0.0.1:8080/notebook/delta/",
        "InstanceType": "ml.t3.medium",
        "CreationTime": START + 60,
        "LastModifiedTime": START + 60,
        "NotebookInstanceLifecycleConfigName": "config-1",
        "DefaultCodeRepository": "https://git.example/delta",
        "AdditionalCodeRepositories": ["https://git.example/shared", "https://git.example/1"],
    }


def test_a_token_is_valid_only_for_its_listing(desk: Desk) -> None:
    token = desk.do("ListNotebookInstances", MaxResults=2)["NextToken"]
    assert names(desk, NextToken=token, MaxResults=3) == ["bravo", "charlie", "delta"]
    for params in ({"SortBy": "Status"}, {"NameContains": "a"}):
        code, message = refusal(desk.ask("ListNotebookInstances", NextToken=token, **params))
        assert (code, message.startswith("Invalid NextToken")) == ("ValidationException", True)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"MaxResults": 0}, "greater than or equal to 1"),
        ({"MaxResults": 101}, "less than or equal to 100"),
        ({"SortBy": "Size"}, "Member must satisfy enum value set: [Name, CreationTime, Status]"),
        ({"NameContains": "a_b"}, "satisfy regular expression pattern: [a-zA-Z0-9-]+"),
        ({"StatusEquals": "Gone"}, "enum value set: [Pending, InService"),
        ({"NextToken": "x" * 8193}, "length less than or equal to 8192"),
    ],
)
def test_invalid_parameters_of_a_listing_are_refused(desk: Desk, params: dict[str, Any], words: str) -> None:
    code, message = refusal(desk.ask("ListNotebookInstances", **params))
    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00Z", True, 1e300, [1]])
def test_a_moment_is_a_number_of_seconds(desk: Desk, moment: object) -> None:
    assert refusal(desk.ask("ListNotebookInstances", CreationTimeAfter=moment))[0] == "SerializationException"


HOSTILE = st.one_of(
    st.text(),
    st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()),
    st.sampled_from(['["x","",""]', "[1,2,3]", "{}", "[" * 2000, '["",null,"a"]', "null"]).map(
        lambda text: base64.urlsafe_b64encode(text.encode()).decode()
    ),
)


@given(HOSTILE)
def test_no_arbitrary_text_is_a_valid_token(desk: Desk, token: str) -> None:
    assert refusal(desk.ask("ListNotebookInstances", NextToken=token))[0] == "ValidationException"
