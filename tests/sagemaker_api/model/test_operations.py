"""Parameters are checked as boto checks them, and sent in the same form."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timezone
from decimal import Decimal
from enum import IntEnum

import pytest

from sagemaker_api import AuthorizedUrl, ParamValidationError
from sagemaker_api.aws_json import encode_request
from sagemaker_api.model.operations import OPERATIONS

OPERATION = OPERATIONS["CreatePresignedNotebookInstanceUrl"]
NAME, SECONDS = "NotebookInstanceName", "SessionExpirationDurationInSeconds"
MISSING = f'Missing required parameter in input: "{NAME}"'


def _unknown(name: str) -> str:
    return f'Unknown parameter in input: "{name}", must be one of: {NAME}, {SECONDS}'


def _wrong_type(name: str, value: str, found: str, valid: str) -> str:
    return f"Invalid type for parameter {name}, value: {value}, type: <class '{found}'>, valid types: <class '{valid}'>"


def _too_small(value: str) -> str:
    return f"Invalid value for parameter {SECONDS}, value: {value}, valid min value: 1800"


# test_leaving_boto3.py gives every row, except the last few, to boto3 as well.
CASES: list[tuple[dict[str, object], list[str]]] = [
    ({}, [MISSING]),
    ({NAME: 1}, [_wrong_type(NAME, "1", "int", "str")]),
    ({NAME: None}, [_wrong_type(NAME, "None", "NoneType", "str")]),
    ({NAME: b"x"}, [_wrong_type(NAME, "b'x'", "bytes", "str")]),
    (
        {NAME: ["x"], SECONDS: {}},
        [_wrong_type(NAME, "['x']", "list", "str"), _wrong_type(SECONDS, "{}", "dict", "int")],
    ),
    ({NAME: "x", SECONDS: "3600"}, [_wrong_type(SECONDS, "3600", "str", "int")]),
    ({NAME: "x", SECONDS: 3600.0}, [_wrong_type(SECONDS, "3600.0", "float", "int")]),
    ({NAME: "x", SECONDS: None}, [_wrong_type(SECONDS, "None", "NoneType", "int")]),
    ({NAME: "x", SECONDS: Decimal(3600)}, [_wrong_type(SECONDS, "3600", "decimal.Decimal", "int")]),
    ({NAME: "x", SECONDS: 1799}, [_too_small("1799")]),
    ({NAME: "x", SECONDS: -1}, [_too_small("-1")]),
    ({NAME: "x", SECONDS: True}, [_too_small("True")]),
    ({NAME: "x", "Foo": None}, [_unknown("Foo")]),
    ({"Foo": 1}, [MISSING, _unknown("Foo")]),
    ({SECONDS: 3, "Foo": 1, "Bar": 2}, [MISSING, _unknown("Foo"), _unknown("Bar"), _too_small("3")]),
    (
        {SECONDS: 3, NAME: 5, "Zed": 1},
        [_unknown("Zed"), _too_small("3"), _wrong_type(NAME, "5", "int", "str")],
    ),
]


@pytest.mark.parametrize(("params", "report"), CASES)
def test_parameters_are_refused_in_botos_words_and_order(
    params: dict[str, object], report: list[str]
) -> None:
    with pytest.raises(ParamValidationError) as raised:
        OPERATION.checked(params)
    assert raised.value.report.split("\n") == report
    assert str(raised.value) == "Parameter validation failed:\n" + "\n".join(report)


@pytest.mark.parametrize(
    "params",
    [
        {NAME: "x"},
        {NAME: ""},
        {NAME: "-not a name-" * 20},
        {NAME: "x", SECONDS: 1800},
        {NAME: "x", SECONDS: 10**9},
    ],
)
def test_pattern_length_and_greatest_value_are_left_to_the_service(params: dict[str, object]) -> None:
    OPERATION.checked(params)


class _Colour(IntEnum):
    RED = 1


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("é\ud800\n", '"\\u00e9\\ud800\\n"'),
        (True, "true"),
        (3600, "3600"),
        (_Colour.RED, "1"),
        (1.5, "1.5"),
        (float("nan"), '"NaN"'),
        (float("inf"), '"Infinity"'),
        (float("-inf"), '"-Infinity"'),
        (b"\xff\xfe", '"//4="'),
        (datetime(2018, 10, 23, 23, 12, 57, 501000, timezone.utc), "1540336377.501"),
        ([1, None, {"a": None, "b": ("c",)}], '[1,null,{"b":["c"]}]'),
    ],
)
def test_values_on_the_wire(value: object, wire: str) -> None:
    assert encode_request("T", "Op", {"M": value})[1].decode("ascii") == f'{{"M":{wire}}}'


def test_no_parameters_are_an_empty_object_and_none_is_left_out() -> None:
    headers, body = encode_request("SageMaker", "ListNotebookInstances", {"NextToken": None})
    assert body == b"{}"
    assert headers == {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.ListNotebookInstances",
    }


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"A": {"B": [1, {2}]}}, "input.A.B[1]"),
        ({"A": object()}, "input.A, type: <class 'object'>"),
        ({"A": datetime(2018, 1, 1)}, "an aware datetime"),
        ({"A": {1: 2}}, "Invalid name in input.A: 1"),
    ],
)
def test_a_value_that_json_cannot_hold_is_refused_with_its_place(
    params: dict[str, object], words: str
) -> None:
    with pytest.raises(ParamValidationError) as raised:
        encode_request("T", "Op", params)
    assert words in str(raised.value)


URL = AuthorizedUrl("https://my-nb.notebook.us-west-2.sagemaker.aws?authToken=marker")


def test_an_authorized_url_is_a_str_that_shows_its_host_only() -> None:
    assert repr(URL) == "AuthorizedUrl('https://my-nb.notebook.us-west-2.sagemaker.aws/***')"
    assert URL == "https://my-nb.notebook.us-west-2.sagemaker.aws?authToken=marker"
    assert f"{URL}" == str(URL) == "".join(URL)
    assert json.loads(json.dumps({"url": URL})) == {"url": str(URL)}
    assert copy.deepcopy(URL) == pickle.loads(pickle.dumps(URL)) == URL
    assert repr(copy.deepcopy(URL)) == repr(pickle.loads(pickle.dumps(URL))) == repr(URL)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://127.0.0.1:8080/notebook/x/?authToken=marker", "http://127.0.0.1:8080/***"),
        ("https://h/marker", "https://h/***"),
        ("https://h#marker", "https://h/***"),
        ("https://marker@h/", "***"),
        ("marker", "***"),
        ("://marker", "***"),
        ("https://?marker", "***"),
        ("", "***"),
    ],
)
def test_no_form_of_authorized_url_shows_its_secret(text: str, shown: str) -> None:
    assert repr(AuthorizedUrl(text)) == f"AuthorizedUrl({shown!r})"
