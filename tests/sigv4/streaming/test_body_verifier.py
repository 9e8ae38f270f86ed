"""``verify_stream``: the request that opens a stream, then its chunks or events (CHUNK-1…6, EVENT-4…6)."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from binascii import crc32
from hashlib import sha1
from typing import Any

import pytest

from sigv4 import V4A, Credentials, Payload, Signer, SigningKey, Upload, VerificationError, Verifier
from sigv4.scope import Scope, parse_timestamp
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_signatures import StreamError
from sigv4.streaming.event_frames import STRING, Header
from sigv4.streaming.event_stream import EventSigner, EventVerifier
from sigv4.v4 import signing_key

from ..signed import CREDENTIALS, KEY_ID, NOW, SECRET, TEMPORARY

DATA = bytes(range(256)) * 80  # 20480 bytes: chunks of 8192, 8192 and 4096
URL = "https://b.s3.amazonaws.com/key"
CRC = ("x-amz-checksum-crc32", b64encode(crc32(DATA).to_bytes(4, "big")).decode())
EVENTS = Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS")


def upload(
    credentials: Credentials = TEMPORARY, algorithm: str = "AWS4-HMAC-SHA256", **options: Any
) -> Upload:
    signer = Signer("s3", "*" if algorithm == V4A else "us-east-1", credentials, algorithm=algorithm)
    return signer.stream("PUT", URL, (), length=len(DATA), chunk_size=8192, at=NOW, **options)


def verifier(on_file: Any = TEMPORARY, service: str = "s3", **options: Any) -> Verifier:
    return Verifier(service, "us-east-1", lambda claim: on_file, clock=lambda: NOW, **options)


def refusal(headers: dict[str, Any], checker: Verifier | None = None) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        (checker or verifier()).verify_stream("PUT", "/key", headers)
    return caught.value


def refused(headers: dict[str, Any], checker: Verifier | None = None) -> tuple[str, str, int]:
    error = refusal(headers, checker)
    return error.stage, error.code, error.status


@pytest.mark.parametrize(
    "options",
    [{}, {"trailers": [CRC]}, {"trailers": [CRC], "signed": False}, {"algorithm": V4A}, {"algorithm": V4A, "trailers": [CRC]}],
    ids=["signed", "signed-trailer", "unsigned-trailer", "4a", "4a-trailer"],
)  # fmt: skip
def test_chunk_6_each_form_is_read_back(options: dict[str, Any]) -> None:
    if "algorithm" in options:
        pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    sent = upload(**options)
    checker = verifier(algorithms=(options.get("algorithm", "AWS4-HMAC-SHA256"),))
    verified, body = checker.verify_stream("PUT", "/key", sent.headers)
    assert verified.access_key_id == KEY_ID
    assert verified.payload.startswith("STREAMING-")
    assert isinstance(body, Decoder)
    assert b"".join(body.feed(b"".join(sent.encode([DATA])))) == DATA
    assert body.finish() == dict(options.get("trailers", ()))


def test_lookup_may_return_a_derived_key() -> None:
    sent = upload(CREDENTIALS)
    key = signing_key(SECRET, Scope("20150830", "us-east-1", "s3"))
    _, body = verifier(key).verify_stream("PUT", "/key", sent.headers)
    assert isinstance(body, Decoder)
    assert b"".join(body.feed(b"".join(sent.encode([DATA])))) == DATA


def test_chunk_3_a_changed_byte_is_named_with_its_chunk() -> None:
    sent = upload()
    framed = b"".join(sent.encode([DATA]))
    for position, part in [
        (200, "chunk 1"),
        (8400, "chunk 2"),
        (17000, "chunk 3"),
        (len(framed) - 20, "chunk 4"),
    ]:
        changed = bytearray(framed)
        changed[position] ^= 1
        _, body = verifier().verify_stream("PUT", "/key", sent.headers)
        assert isinstance(body, Decoder)
        with pytest.raises(StreamError) as caught:
            body.feed(bytes(changed))
        assert (caught.value.part, caught.value.code) == (part, "SignatureDoesNotMatch")


def test_a_body_signed_in_pieces_is_not_for_verify_and_a_hashed_one_not_for_verify_stream() -> None:
    sent = upload()
    with pytest.raises(VerificationError) as caught:
        verifier().verify("PUT", "/key", sent.headers, b"".join(sent.encode([DATA])))
    assert caught.value.stage == "VERIFY-15"
    for body in (b"x", Payload("UNSIGNED-PAYLOAD")):
        hashed = Signer("s3", "us-east-1", TEMPORARY).sign("PUT", URL, (), body, at=NOW)
        assert refused(hashed)[:2] == ("VERIFY-15", "SignatureDoesNotMatch")


def test_a_literal_that_the_dialect_does_not_accept_is_refused() -> None:
    headers = Signer("transcribe", "us-east-1", TEMPORARY).sign("PUT", URL, (), EVENTS, at=NOW)
    as_s3 = dict(headers) | {"Authorization": str(headers["Authorization"]).replace("/transcribe/", "/s3/")}
    assert refused(as_s3)[0] == "VERIFY-15"


def signed(literal: str, **headers: str | bytes) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return dict(Signer("s3", "us-east-1", TEMPORARY).sign("PUT", URL, named, Payload(literal), at=NOW))


def test_chunk_1_the_headers_must_describe_the_body() -> None:
    chunks, trailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    for length in (None, "", "-1", "1e3", "٣"):
        given = {} if length is None else {"x_amz_decoded_content_length": length}
        if length and not length.isascii():
            continue
        assert refused(signed(chunks, **given)) == ("CHUNK-1", "MissingContentLength", 411)
    length_of = {"x_amz_decoded_content_length": "1"}
    assert refused(signed(trailer, **length_of)) == ("CHUNK-6", "InvalidRequest", 400)
    assert refused(signed(chunks, x_amz_trailer="a", **length_of)) == ("CHUNK-6", "InvalidRequest", 400)
    of_4a = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
    assert refused(signed(of_4a, **length_of)) == ("CHUNK-6", "InvalidRequest", 400)
    assert refusal(signed(chunks)).message == "You must provide the Content-Length HTTP header."
    assert refusal(signed(trailer, **length_of)).message == (
        "The x-amz-trailer header and x-amz-content-sha256 do not fit: only a -TRAILER body has trailers."
    )
    assert refusal(signed(of_4a, **length_of)).message == (
        "The value of x-amz-content-sha256 does not fit the algorithm AWS4-HMAC-SHA256."
    )


def opened(names: str | bytes) -> Decoder:
    """The decoder of an unsigned body whose trailers are announced with these names."""
    headers = signed(
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        x_amz_decoded_content_length=str(len(DATA)),
        x_amz_trailer=names,
    )
    _, body = verifier().verify_stream("PUT", "/key", headers)
    assert isinstance(body, Decoder)
    return body


@pytest.mark.parametrize(
    "names", ["X-Amz-Checksum-CRC32,X-Amz-Checksum-SHA1", ", x-amz-checksum-sha1 ,, x-amz-checksum-crc32 ,"]
)
def test_trailer_1_the_names_of_trailers_are_a_list_in_any_case(names: str) -> None:
    digest = b64encode(sha1(DATA, usedforsecurity=False).digest()).decode()
    trailers = [CRC, ("x-amz-checksum-sha1", digest)]
    framed = b"".join(upload(trailers=trailers, signed=False).encode([DATA]))
    body = opened(names)
    assert b"".join(body.feed(framed)) == DATA
    assert body.finish() == dict(trailers)


def test_trailer_1_only_spaces_are_left_out_of_the_names_of_trailers() -> None:
    framed = b"".join(upload(trailers=[CRC], signed=False).encode([DATA]))
    for names in (b"\xa0x-amz-checksum-crc32", b"x-amz-checksum-crc32,\xa0"):
        body = opened(names)
        with pytest.raises(StreamError):
            [body.feed(framed), body.finish()]


def test_unsigned_chunks_may_be_refused() -> None:
    sent = upload(trailers=[CRC], signed=False)
    assert refused(sent.headers, verifier(unsigned_payloads=False))[1] == "AccessDenied"
    verifier(unsigned_payloads=False).verify_stream("PUT", "/key", upload().headers)


def events(on_file: Any, *moments: str) -> list[bytes]:
    headers = Signer("transcribe", "us-east-1", CREDENTIALS).sign("PUT", URL, (), EVENTS, at=NOW)
    _, body = verifier(on_file, "transcribe").verify_stream("PUT", "/key", headers)
    assert isinstance(body, EventVerifier)
    seed = str(headers["Authorization"]).rpartition("=")[2]
    signer = EventSigner(lambda date: signing_key(SECRET, Scope(date, "us-east-1", "transcribe")), seed)
    released = []
    for moment in moments:
        at = parse_timestamp(moment)
        released += body.feed(signer.sign([Header("a", STRING, "b")], moment.encode(), at=at))
    released += body.feed(signer.close(at=parse_timestamp(moments[-1])))
    body.finish()
    return [event.message().payload for event in released]


def test_event_5_a_stream_continues_past_midnight_with_the_secret() -> None:
    moments = ("20150830T235959Z", "20150831T000000Z")
    assert events(CREDENTIALS, *moments) == [moment.encode() for moment in moments]
    key: SigningKey = signing_key(SECRET, Scope("20150830", "us-east-1", "transcribe"))
    assert events(key, moments[0]) == [moments[0].encode()]
    with pytest.raises(StreamError) as caught:
        events(key, *moments)
    assert (caught.value.part, caught.value.stage) == ("event 2", "EVENT-4")


def test_averify_stream_awaits_its_lookup() -> None:
    async def lookup(claim: object) -> Credentials:
        await asyncio.sleep(0)
        return TEMPORARY

    sent = upload()
    checker = Verifier("s3", "us-east-1", lookup, clock=lambda: NOW)
    _, body = asyncio.run(checker.averify_stream("PUT", "/key", sent.headers))
    assert isinstance(body, Decoder)
    assert b"".join(body.feed(b"".join(sent.encode([DATA])))) == DATA
    with pytest.raises(VerificationError):
        asyncio.run(checker.averify_stream("PUT", "/other", sent.headers))


def test_event_6_an_event_stream_whose_seed_is_4a_is_refused_as_chunks_are() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    signer = Signer("transcribe", "us-east-1", CREDENTIALS, algorithm=V4A)
    literal = Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS")
    headers = signer.sign(
        "POST", "https://transcribestreaming.us-east-1.amazonaws.com/stream", (), literal, at=NOW
    )
    checker = Verifier(
        "transcribe",
        "us-east-1",
        lambda claim: CREDENTIALS,
        algorithms=("AWS4-HMAC-SHA256", V4A),
        clock=lambda: NOW,
    )
    for enter in (checker.verify_stream, lambda *request: asyncio.run(checker.averify_stream(*request))):
        with pytest.raises(VerificationError) as caught:
            enter("POST", "/stream", headers)
        assert (caught.value.stage, caught.value.code, caught.value.status) == (
            "CHUNK-6",
            "InvalidRequest",
            400,
        )
