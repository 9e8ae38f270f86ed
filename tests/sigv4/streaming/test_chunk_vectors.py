"""CHUNK-*, TRAILER-*: the vectors of aws-chunked bodies."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from sigv4 import Credentials, Signer, SigningError, v4
from sigv4.scope import parse_timestamp
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_encoder import Encoder, streaming_payload
from sigv4.streaming.chunk_signatures import canonical_trailers
from tests.sigv4.streaming.chunks import (
    SECRET,
    chain,
    refusal,
)
from tests.vectors import read

VECTORS = read("chunked.json")
POSITIVE = [pytest.param(data, id=data["id"]) for data in VECTORS if "published" in data["flags"]]
RECEIVED = [data for data in VECTORS if "request" not in data["input"]]
NEGATIVE = [pytest.param(data, id=data["id"]) for data in RECEIVED if "negative" in data["flags"]]
DECODED = [pytest.param(data, id=data["id"]) for data in RECEIVED if "negative" not in data["flags"]]
UNSIGNABLE = [data for data in VECTORS if "request" in data["input"] and "negative" in data["flags"]]


@pytest.mark.parametrize("vector", POSITIVE)
def test_every_stage_of_a_published_upload_is_reproduced(vector: dict[str, Any]) -> None:
    given, expect = vector["input"], vector["expect"]
    credentials = Credentials(given["access_key_id"], given["secret_access_key"])
    request = given["request"]
    # EX-S3-6B signs the trailers of a request that declared none.
    declared = given["trailers"] if "TRAILER" in expect["payload"] else ()
    payload = streaming_payload(v4.ALGORITHM, declared)
    assert payload.line == expect["payload"]
    explanation = Signer(given["service"], given["region"], credentials).explain(
        request["method"], request["url"], request["headers"], payload, at=parse_timestamp(given["at"])
    )
    digest = hashlib.sha256(explanation.canonical_request_bytes).hexdigest()
    assert digest == expect["canonical_request_sha256"]
    assert explanation.signature == expect["seed_signature"]
    data = given["data"]["repeat"].encode() * given["data"]["times"]
    links, position = chain(explanation.signature), 0
    for chunk in expect["chunks"]:
        text = links.chunk_string(hashlib.sha256(data[position : position + chunk["size"]]).hexdigest())
        assert text == chunk["string_to_sign"]
        assert text.endswith(chunk["data_sha256"])
        assert links.sign(text) == chunk["signature"]
        position += chunk["size"]
    if "trailer" in expect:
        trailer, pairs = expect["trailer"], [(name, value) for name, value in given["trailers"]]
        assert canonical_trailers(pairs).decode() == trailer["canonical_trailers"]
        assert hashlib.sha256(canonical_trailers(pairs)).hexdigest() == trailer["canonical_trailers_sha256"]
        assert links.trailer_string(pairs) == trailer["string_to_sign"]
        assert links.sign(links.trailer_string(pairs)) == trailer["signature"]


@pytest.mark.parametrize("vector", POSITIVE)
def test_a_published_upload_is_framed_and_decoded(vector: dict[str, Any]) -> None:
    given, expect = vector["input"], vector["expect"]
    data = given["data"]["repeat"].encode() * given["data"]["times"]
    pairs = [(name, value) for name, value in given["trailers"]]
    upload = Encoder(len(data), chain(expect["seed_signature"]), pairs, chunk_size=given["chunk_size"])
    # CHUNK-4 and TRAILER-2, written by hand from the published signatures.
    framed, position = b"", 0
    for chunk in expect["chunks"]:
        piece = data[position : position + chunk["size"]]
        framed += f"{chunk['size']:x};chunk-signature={chunk['signature']}\r\n".encode() + piece
        framed += b"\r\n" if piece else b""
        position += chunk["size"]
    for name, value in pairs:
        framed += f"{name}:{value}\r\n".encode()
    if pairs:
        framed += f"x-amz-trailer-signature:{expect['trailer']['signature']}\r\n".encode()
    framed += b"\r\n"
    assert b"".join(upload.encode(data)) == framed
    assert upload.content_length == len(framed) == expect.get("content_length", len(framed))
    decoding = Decoder(len(data), chain(expect["seed_signature"]), [name for name, _ in pairs])
    assert b"".join(decoding.feed(framed)) == data
    assert decoding.finish() == dict(pairs)


@pytest.mark.parametrize("step", [1 << 30, 1], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("vector", NEGATIVE)
def test_a_negative_vector_is_refused_at_its_part_by_its_rule(vector: dict[str, Any], step: int) -> None:
    given = vector["input"]
    links = chain(given["seed_signature"]) if given["signed"] else None
    found = refusal(Decoder(given["decoded_length"], links, given["trailers"]), given["body"].encode(), step)
    assert found is not None
    assert vector["expect"] == {"error": {"part": found.part, "stage": found.stage, "code": found.code}}
    assert found.status == (403 if found.code == "SignatureDoesNotMatch" else 400)


@pytest.mark.parametrize("step", [1 << 30, 1], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("vector", DECODED)
def test_a_body_in_another_form_that_is_accepted(vector: dict[str, Any], step: int) -> None:
    given, body = vector["input"], vector["input"]["body"].encode()
    decoding = Decoder(
        given["decoded_length"],
        chain(given["seed_signature"]) if given["signed"] else None,
        given["trailers"],
    )
    found = [piece for at in range(0, len(body), step) for piece in decoding.feed(body[at : at + step])]
    assert decoding.finish() == vector["expect"]["trailers"]
    assert b"".join(found) == base64.b64decode(vector["expect"]["data"]["base64"])


@pytest.mark.parametrize("vector", UNSIGNABLE, ids=lambda data: data["id"])
def test_a_stream_that_cannot_be_signed_is_refused(vector: dict[str, Any]) -> None:
    given = vector["input"]
    signer = Signer("s3", "us-east-1", Credentials("AKIAIOSFODNN7EXAMPLE", SECRET))
    trailers = [(name, value) for name, value in given["trailers"]]
    ours = {"content-length", "x-amz-decoded-content-length", "x-amz-trailer"}
    headers = [(name, value) for name, value in given["request"]["headers"] if name.lower() not in ours]
    if "trailer" in vector["id"].lower() and given["signed"]:  # the caller cannot give the literal
        assert signer.stream("PUT", given["request"]["url"], headers, length=5).headers[
            "X-Amz-Content-SHA256"
        ] == (given["payload"].removesuffix("-TRAILER"))
        return
    with pytest.raises(SigningError, match=vector["expect"]["error"]["text"]):
        signer.stream(
            "PUT", given["request"]["url"], headers, length=5, trailers=trailers, signed=given["signed"],
            chunk_size=given["chunk_size"],
        )  # fmt: skip
