"""A refusal is read in every style, also from hostile bytes, and in linear time."""

from __future__ import annotations

import random
from functools import partial

import pytest

from sigv4 import Response, VerificationError
from sigv4.diagnosis.server_answer import read_answer
from sigv4.error_responses import (
    JSON_1_0,
    JSON_1_1,
    QUERY,
    REST_JSON,
    S3_XML,
    ProtocolStyle,
    answer,
    expanded,
)
from tests.work import lines_run

CANONICAL = "GET\n/\nq=a%20b&c='\n\nhost:h\n\nhost\n" + "0" * 64
TEXT = "AWS4-HMAC-SHA256\n20260304T050607Z\n20260304/us-east-1/s/aws4_request\n" + "1" * 64


@pytest.mark.parametrize("style", [JSON_1_0, JSON_1_1, REST_JSON, QUERY], ids=lambda style: style.name)
def test_the_answers_of_every_style_are_read_back(style: ProtocolStyle) -> None:
    message = expanded("It does not match.", CANONICAL, TEXT)
    error = VerificationError("VERIFY-15", "SignatureDoesNotMatch", message)
    read = read_answer(answer(style, error, "id"))
    assert read.code in ("SignatureDoesNotMatch", "InvalidSignatureException")
    assert read.message == "It does not match."
    assert read.canonical_request == CANONICAL.encode()
    assert read.string_to_sign == TEXT


def test_s3_echoes_are_read_as_bytes() -> None:
    raw = CANONICAL.encode() + b"\xff"
    body = (
        "<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message>"
        f"<StringToSign>{TEXT}</StringToSign><CanonicalRequest>lost&amp;&#x41;&#66;</CanonicalRequest>"
        f"<CanonicalRequestBytes>{' '.join(f'{byte:02x}' for byte in raw)}</CanonicalRequestBytes></Error>"
    ).encode()
    assert read_answer(Response(403, {}, body)).canonical_request == raw
    without = body[: body.index(b"<CanonicalRequestBytes>")]
    assert read_answer(Response(403, {}, without)).canonical_request == b"lost&AB"
    read = read_answer(answer(S3_XML, VerificationError("VERIFY-15", "SignatureDoesNotMatch", ""), "id"))
    assert read.code == "SignatureDoesNotMatch"


def test_clock_region_and_name_are_found_in_every_place() -> None:
    json_body = b'{"__type":"com.amazon.coral.service#InvalidSignatureException","Message":"Signature expired: 20260304T050607Z is now earlier than 20260304T050707Z (20260304T051207Z - 5 min.)"}'
    read = read_answer(Response(400, {"Date": "Wed, 04 Mar 2026 00:00:00 GMT"}, json_body))
    assert (read.code, read.time) == ("InvalidSignatureException", 1772601127)
    s3 = b"<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message><ServerTime>2026-03-04T05:12:07.123Z</ServerTime></Error>"
    assert read_answer(Response(403, {}, s3)).time == 1772601127
    assert read_answer(Response(301, {"x-amz-bucket-region": "eu-west-1"}, b"")).region == "eu-west-1"
    assert read_answer(Response(403, {"x-amzn-ErrorType": "A:http://b/"}, b"")).code == "A"


def test_json_that_is_not_an_object_names_nothing() -> None:
    for body in (b'{"a": [', b'{"message": 1, "__type": null}'):
        read = read_answer(Response(403, {}, body))
        assert (read.code, read.message) == ("", "")


def test_hostile_answers_raise_nothing_and_take_linear_work() -> None:
    rng = random.Random(4)
    pieces = [b"<Code>", b"</Code>", b"<Message>", b"&#x", b"&amp", b";", b"The Canonical String for this request should have been", b"'", b"\n\nThe String-to-Sign should have been\n'", b"(", b"{", b'{"message":', b'"', b"[" * 30, b"\xff", b"; expecting ", b"<CanonicalRequestBytes>zz</CanonicalRequestBytes>"]  # fmt: skip
    for size in [5] * 500 + [50] * 100 + [8000] * 3:
        for start in (b"<", b"{", b'{"message": "', b""):
            read_answer(Response(403, {}, (start + b"".join(rng.choices(pieces, k=size)))[: 1 << 16]))
    for piece in [*pieces, b"a"]:
        short, long = (b"<" + piece * (size // len(piece)) for size in (1 << 12, 1 << 14))
        worked = [lines_run(partial(read_answer, Response(403, {}, body))) for body in (short, long)]
        assert worked[1] <= 4.8 * worked[0] + 500, piece
