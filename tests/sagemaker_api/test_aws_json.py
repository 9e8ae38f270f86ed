"""AWS JSON 1.1: the exact bytes of a call, and the results of answers."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from sagemaker_api.aws_json import decode_error, decode_result, encode_request, request_id
from sagemaker_api.errors import ParamValidationError, ProtocolError
from sigv4 import Response
from tests.sagemaker_api.answers import REFUSALS, SUCCESSES, Refusal, Success


@pytest.mark.parametrize("answer", SUCCESSES, ids=lambda answer: answer.name)
def test_a_success_is_an_object(answer: Success) -> None:
    read = decode_result(Response(answer.status, answer.headers, answer.body))
    assert {name: read[name] for name in answer.result} == answer.result


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: answer.name)
def test_a_refusal_has_a_code_and_a_message(answer: Refusal) -> None:
    assert decode_error(Response(answer.status, answer.headers, answer.body)) == (answer.code, answer.message)


# --- requests


def test_a_call_is_its_target_and_its_body() -> None:
    headers, body = encode_request("SageMaker", "ListX", {})
    assert headers == {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListX"}
    assert body == b"{}"


WHEN = datetime.datetime(2026, 3, 4, 5, 6, 7, 500000, datetime.timezone.utc)


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("é", '"\\u00e9"'),
        (1, "1"),
        (True, "true"),
        (1.5, "1.5"),
        (float("nan"), '"NaN"'),
        (float("inf"), '"Infinity"'),
        (float("-inf"), '"-Infinity"'),
        (b"\xff\xfe", '"//4="'),
        (bytearray(b"\xff\xfe"), '"//4="'),
        (WHEN, "1772600767.5"),
        ([1, None, [b"a"]], '[1,null,["YQ=="]]'),
        ((1, "a"), '[1,"a"]'),
        ({"a": None, "b": {"c": b""}}, '{"b":{"c":""}}'),
    ],
)
def test_values_have_their_wire_form(value: object, wire: str) -> None:
    assert encode_request("S", "O", {"A": value, "None": None})[1] == f'{{"A":{wire}}}'.encode()


class Moment:
    """An object with a ``timestamp`` and without a time zone."""

    def timestamp(self) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"A": {"b": [1, object]}}, "Invalid type for parameter input.A.b[1], type: <class 'type'>: expected dict, list, str, int, float, bool, bytes or an aware datetime"),
        ({"A": WHEN.replace(tzinfo=None)}, "Invalid type for parameter input.A, type: <class 'datetime.datetime'>: expected dict, list, str, int, float, bool, bytes or an aware datetime"),
        ({"A": Moment()}, f"Invalid type for parameter input.A, type: {Moment}: expected dict, list, str, int, float, bool, bytes or an aware datetime"),
        ({"A": [{1: 2}]}, "Invalid name in input.A[0]: 1, type: <class 'int'>, expected a str"),
        ({2: 3}, "Invalid name in input: 2, type: <class 'int'>, expected a str"),
    ],
)  # fmt: skip
def test_what_json_cannot_hold_is_named_with_its_place(params: Any, words: str) -> None:
    with pytest.raises(ParamValidationError) as raised:
        encode_request("S", "O", params)
    assert words in str(raised.value)


# --- answers


def said(status: int, body: bytes, *headers: tuple[str, str]) -> tuple[str, str]:
    return decode_error(Response(status, headers, body))


def refused(status: int, body: bytes, *headers: tuple[str, str]) -> str:
    with pytest.raises(ProtocolError) as raised:
        decode_result(Response(status, headers, body))
    return str(raised.value)


ADVICE = "expected a JSON object. Did a proxy or a login page answer? Check the endpoint URL and the network"


@pytest.mark.parametrize(
    ("body", "headers", "found"),
    [
        (b"<html>", [], "6 bytes that are not a JSON object (no content type)"),
        (b"[]", [("Content-Type", "a/b")], "2 bytes that are not a JSON object (a/b)"),
        (b"\xff", [("content-type", f"{'a' * 79}/b")], f"1 bytes that are not a JSON object ({'a' * 79}/…)"),
        (b"1", [("content-type", f"{'a' * 78}/b")], f"1 bytes that are not a JSON object ({'a' * 78}/b)"),
        (b"1", [("content-type", "a\nb\tc\x7fd")], "1 bytes that are not a JSON object (a b\tcd)"),
        (b"{}", [("Content-Encoding", "br")], "a body compressed by 'br', which was not asked for"),
        (b"{}", [("content-encoding", "x" * 41)], f"a body compressed by '{'x' * 40}', which was not asked for"),
    ],
)  # fmt: skip
def test_a_success_without_an_object_is_described(
    body: bytes, headers: list[tuple[str, str]], found: str
) -> None:
    assert refused(200, body, *headers) == f"the endpoint answered 200 with {found}: {ADVICE}"


@pytest.mark.parametrize("coding", ["", "identity", "IDENTITY"])
def test_identity_is_not_a_coding(coding: str) -> None:
    assert decode_result(Response(200, [("Content-Encoding", coding)], b'{"a":1}')) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b'{"code":"A","__type":"B"}', [("X-Amzn-ErrorType", "C:http://x")], "C"),
        (b'{"code":"A","__type":"B"}', [("x-amzn-errortype", " : ")], "A"),
        (b'{"code":1,"__type":"a.b#B"}', [], "B"),
        (b'{"__type":"a#b#C:d:e#f"}', [], "C"),
        (b'{"__type":" B\\u0007\\u0085 "}', [], "B"),
        (b'{"__type":"' + b"x" * 300 + b'"}', [], "x" * 256),
        (b"{}", [], "418"),
        (b'["code"]', [], "418"),
    ],
)
def test_the_code_is_looked_for_in_this_order(body: bytes, headers: list[tuple[str, str]], code: str) -> None:
    assert said(418, body, *headers)[0] == code


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "a", "Message": "b"}, "a"),
        ({"Message": "b", "errorMessage": "c"}, "b"),
        ({"errorMessage": "c"}, "c"),
        ({"message": ""}, ""),
        ({"message": None, "Message": "b"}, "b"),
        ({"message": ["x", 1]}, "['x', 1]"),
        ({"other": "x"}, ""),
        ({"message": "a\tb\nc\rd\x00e\x1ff\x7fg\x80h\x9fi\xa0j k"}, "a\tb\ncdefghi\xa0j k"),
        ({"message": "XX"}, "XX"),
        ({"message": "m" * 16384}, "m" * 16384),
        ({"message": "m" * 16385}, "m" * 16384 + "…"),
    ],
    ids=str,
)
def test_the_message_is_looked_for_in_this_order(body: dict[str, Any], message: str) -> None:
    assert said(400, json.dumps(body).encode())[1] == message
    assert said(503, json.dumps(body).encode())[1] == message


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, b" plain text \n", "plain text"),
        (400, b"\xffnot UTF-8", "\ufffdnot UTF-8"),
        (400, b"<html>busy", "<html>busy"),
        (499, b"<html>busy", "<html>busy"),
        (500, b"<HTML>busy", "Internal Server Error"),
        (500, b"<!DOCTYPE html>", "Internal Server Error"),
        (500, b"<error>", "<error>"),
        (503, b"", "Service Unavailable"),
        (500, b"", "Internal Server Error"),
        (499, b"", ""),
        (403, b"", ""),
        (403, b" ", "Forbidden"),
        (599, b"", ""),
        (400, b"x" * 500, "x" * 500),
        (400, b"x" * 501, "x" * 500 + "…"),
        (400, b"[]", "Bad Request"),
    ],
)
def test_a_text_that_is_not_json_counts_as_the_text_of_a_proxy(
    status: int, body: bytes, message: str
) -> None:
    assert said(status, body) == (str(status), message)


def test_a_compressed_refusal_is_named_by_its_status() -> None:
    assert said(403, b"\x1f\x8b", ("Content-Encoding", "gzip")) == ("403", "Forbidden")


def test_secrets_are_masked_before_the_text_is_cut() -> None:
    def mask(text: str) -> str:
        return text.replace("SECRET", "***")

    body = b'{"__type":"' + b"x" * 253 + b'SECRET","message":"' + b"m" * 16381 + b'SECRET"}'
    code, message = decode_error(Response(400, (), body), mask)
    assert (code, message) == ("x" * 253 + "***", "m" * 16381 + "***")
    assert decode_error(Response(400, (), b"x" * 497 + b"SECRET"), mask)[1] == "x" * 497 + "***"


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("https://h.example/a?b", " to https://h.example"),
        ("https://h.example?u=/x@y", " to https://h.example"),
        ("https://user:pass@h.example:8443/https://other", " to https://h.example:8443"),
        ("http://h/a/b/c", " to http://h"),
        ("abcdefgh://h", " to abcdefgh://h"),
        ("abcdefghi://h", " to abcdefgh…://h"),
        (f"https://{'h' * 253}/", f" to https://{'h' * 253}"),
        (f"https://{'h' * 254}/", f" to https://{'h' * 253}…"),
        ("/elsewhere", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 399])
def test_a_redirect_says_where_it_points_and_no_more(status: int, location: str, where: str) -> None:
    headers = [("Location", location)] if location else []
    assert said(status, b'{"message": "x"}', *headers) == (
        str(status),
        f"the endpoint redirects{where}, and a signed request is never redirected: check region and endpoint URL",
    )


def test_no_part_of_a_redirect_shows_a_secret() -> None:
    response = Response(302, [("Location", "se-cret://se-cret.example/")], b"")
    text = decode_error(response, lambda text: text.replace("se-cret", "***"))[1]
    assert text.startswith("the endpoint redirects to ***://***.example, and a signed request is never")


def test_the_request_id_is_cut_and_printable() -> None:
    names = ("x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id")
    for number, name in enumerate(names):
        headers = [(each, f"id-{each}") for each in reversed(names[number:])]
        assert request_id(Response(200, headers)) == f"id-{name}"
    assert request_id(Response(200, [(names[0], "\x07"), (names[1], "i" * 129)])) == "i" * 128
    assert request_id(Response(200)) == ""
