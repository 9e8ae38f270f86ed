"""Deep nesting in what strangers write is a documented error: no function that calls itself runs out of stack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_api.aws_json import decode_error, decode_result
from sagemaker_api.cli.query import compiled
from sagemaker_api.cli.shorthand import ShorthandError, parse_shorthand
from sagemaker_api.errors import ParamValidationError, ProtocolError
from sigv4 import Response
from sigv4.auditing.captures import read_captures
from sigv4.errors import repr_of


def nested(depth: int, start: str, end: str) -> bytes:
    return (start * depth + "1" + end * depth).encode()


@pytest.mark.parametrize(("start", "end"), [('{"a":', "}"), ('{"a":[', "]}")])
@pytest.mark.parametrize("depth", [101, 300, 20_000])
def test_an_answer_that_is_nested_too_deeply_is_not_an_object(depth: int, start: str, end: str) -> None:
    raw = nested(depth, start, end)
    with pytest.raises(ProtocolError, match=f"{len(raw)} bytes that are not a JSON object"):
        decode_result(Response(200, (), raw))
    code, message = decode_error(Response(400, (), raw))
    assert code == "400"
    assert message.startswith(start)


def test_an_answer_that_is_nested_less_deeply_is_read() -> None:
    assert decode_result(Response(200, (), nested(100, '{"a":', "}"))) == json.loads(
        nested(100, '{"a":', "}")
    )


@pytest.mark.parametrize("text", ["a=" + "[" * 5000, "a={" * 5000])
def test_shorthand(text: str) -> None:
    with pytest.raises(ShorthandError, match="nested too deeply"):
        parse_shorthand(text)


@pytest.mark.parametrize("operator", ["|", "||", "&&"])
def test_an_expression_of_jmespath(operator: str) -> None:
    pytest.importorskip("jmespath")
    with pytest.raises(ParamValidationError, match="Bad value for --query"):
        compiled("a" + f"{operator}a" * 2000)({"a": {"a": 1}})


def test_a_value_in_an_error() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    assert repr_of(deep) == "a deeply nested value"
    while deep:  # taken apart here, since Python frees it level by level
        deep = deep[0]


def test_a_field_of_a_form() -> None:
    value = json.loads(nested(300, "[", "]"))
    fields = [{"name": "a", "value": value}, {"name": "b", "value": 1}]
    data = {"mimeType": "application/x-www-form-urlencoded", "params": fields}
    request = {"method": "POST", "url": "https://h/", "headers": [], "postData": data}
    ((found, _),) = read_captures(json.dumps({"log": {"entries": [{"request": request}]}}).encode())
    assert found.body == b"a=&b=1"
