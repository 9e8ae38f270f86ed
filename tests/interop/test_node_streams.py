"""Compares event streams with the codec and the event signer of npm, and chunks with the same signer.

A chunk (CHUNK-3) and an event without headers (EVENT-4) have the same string to sign.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from sigv4 import Credentials, Signer
from sigv4.scope import Scope, format_timestamp
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_signatures import SignatureChain, StreamError
from sigv4.streaming.event_frames import (  # fmt: skip
    BYTES,
    FALSE,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    TIMESTAMP,
    TRUE,
    UUID,
    Frame,
    Header,
    decode_frame,
    encode_frame,
    encode_header,
)
from sigv4.streaming.event_stream import EventSigner, EventVerifier
from sigv4.v4 import signing_key
from tests.interop import node

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(node.missing() is not None, reason=node.missing() or ""),
]

FRAMES = 3_000
CHAINS, LINKS = 500, 24  # 500 streams of 24 events, and 500 of 24 chunks: 12,000 signatures each
KEYS = {"accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
OURS = Credentials(KEYS["accessKeyId"], KEYS["secretAccessKey"])
SIZES = {INT8: 8, INT16: 16, INT32: 32, INT64: 64}
TEXT = "abcXYZ019 -_:/éß中😀"


def _value(random: Random, kind: int) -> Any:
    if kind in (TRUE, FALSE):
        return kind == TRUE
    if kind in SIZES:
        limit = 1 << (SIZES[kind] - 1)
        return random.choice((-limit, limit - 1, 0, random.randrange(-limit, limit)))
    if kind == TIMESTAMP:
        return random.randrange(-(10**14), 10**14)  # the range of a Date in JavaScript
    if kind == STRING:
        return "".join(random.choices(TEXT, k=random.randint(0, 40)))
    return random.randbytes(16 if kind == UUID else random.randint(0, 60))


def _frame(seed: int) -> Frame:
    random = Random(seed)
    names = {
        "".join(random.choices(TEXT[:-4], k=random.randint(1, 12))): None
        for _ in range(random.randint(0, 10))
    }
    # JavaScript puts names that consist of digits first, so that no name does.
    headers = [
        Header(f"h{name}", kind, _value(random, kind)) for name in names for kind in [random.randrange(10)]
    ]
    return Frame(headers, random.randbytes(random.randint(0, 200)))  # fmt: skip


def _plain(header: Header) -> list[Any]:
    """A header in the form that ``bridge.mjs`` writes."""
    name, kind, value = header
    if kind in (TRUE, FALSE):
        return [name, kind, None]
    if isinstance(value, bytes):
        return [name, kind, value.hex()]
    return [name, kind, str(value) if kind in (INT64, TIMESTAMP) else value]


def test_event_1_2_the_codec_of_npm_writes_and_reads_the_same_frames() -> None:
    frames = [_frame(seed) for seed in range(FRAMES)]
    kinds = {header.kind for frame in frames for header in frame.headers}
    assert kinds == {TRUE, FALSE, INT8, INT16, INT32, INT64, BYTES, STRING, TIMESTAMP, UUID}
    encoded = node.ask(
        {"op": "codec.encode", "headers": [_plain(header) for header in frame.headers], "payload": frame.payload.hex()}
        for frame in frames
    )  # fmt: skip
    wire = [encode_frame(frame.headers, frame.payload) for frame in frames]
    decoded = node.ask({"op": "codec.decode", "frame": raw.hex()} for raw in wire)
    for frame, raw, theirs, read in zip(frames, wire, encoded, decoded, strict=True):
        assert theirs == raw.hex(), frame
        assert decode_frame(bytes.fromhex(theirs)) == frame
        assert read == {
            "headers": [_plain(header) for header in frame.headers],
            "payload": frame.payload.hex(),
        }


def test_event_1_neither_side_accepts_a_damaged_frame() -> None:
    questions, damaged = [], []
    for seed in range(500):
        raw = bytearray(encode_frame(*_frame(seed)))
        raw[Random(seed).randrange(len(raw))] ^= 1 << Random(seed).randrange(8)
        damaged.append(bytes(raw))
        questions.append({"op": "codec.decode", "frame": raw.hex()})
    for frame, answer in zip(damaged, node.ask(questions), strict=True):
        assert "error" in answer
        with pytest.raises(StreamError):
            decode_frame(frame)


def _event(date: int, prior: str, headers: bytes, payload: bytes, service: str) -> dict[str, Any]:
    return {
        "op": "smithy.event",
        "service": service,
        "region": "us-east-1",
        "credentials": KEYS,
        "date": date * 1000,
        "prior": prior,
        "headers": headers.hex(),
        "payload": payload.hex(),
    }


def test_event_4_5_smithy_signs_every_event_of_a_chain_as_we_do() -> None:
    questions, signatures = [], []
    for seed in range(CHAINS):
        random = Random(seed)
        prior = random.randbytes(32).hex()
        start = random.randrange(0, 4102444800)
        signer = EventSigner(
            lambda date: signing_key(OURS.secret_access_key, Scope(date, "us-east-1", "transcribe")), prior
        )
        verifier = EventVerifier(
            lambda date: signing_key(OURS.secret_access_key, Scope(date, "us-east-1", "transcribe")), prior
        )
        for link in range(LINKS):
            at = start + link * random.choice((1, 3600))
            payload = encode_frame(*_frame(seed * LINKS + link))
            header = encode_header(":date", TIMESTAMP, at * 1000)
            questions.append(_event(at, signer.signature, header, payload, "transcribe"))
            (event,) = verifier.feed(signer.sign_payload(payload, at=at))
            assert event.payload == payload
            signatures.append(signer.signature)
    assert node.ask(questions) == signatures


def test_chunk_3_smithy_signs_every_chunk_of_a_chain_as_we_do() -> None:
    questions, signatures = [], []
    for seed in range(CHAINS):
        random = Random(seed)
        at = random.randrange(0, 4102444800)
        data = random.randbytes(LINKS * 8192 - random.randrange(1, 8192))
        upload = Signer("s3", "us-east-1", OURS).stream(
            "PUT", "https://b.example/k", length=len(data), chunk_size=8192, at=at
        )
        seed_signature = str(upload.headers["Authorization"]).rpartition("=")[2]
        framed = b"".join(upload.encode([data]))
        prior = seed_signature
        for start in range(0, len(data) + 8191, 8192):
            chunk = data[start : start + 8192]
            head, _, framed = framed.partition(b"\r\n")
            size, _, signature = head.decode().partition(";chunk-signature=")
            assert int(size, 16) == len(chunk)
            framed = framed[len(chunk) + 2 :]
            questions.append(_event(at, prior, b"", chunk, "s3"))
            signatures.append(signature)
            prior = signature
        assert framed == b""
    answers = node.ask(questions)
    assert answers == signatures
    assert len(answers) >= CHAINS * LINKS


def test_chunk_3_our_decoder_accepts_a_body_that_smithy_signed() -> None:
    at, scope = 1440938160, Scope("20150830", "us-east-1", "s3")
    chunks = [Random(number).randbytes(8192) for number in range(5)] + [b"end", b""]
    prior = 64 * "a"
    framed = b""
    for chunk in chunks:
        (prior,) = node.ask([_event(at, prior, b"", chunk, "s3")])
        framed += f"{len(chunk):x};chunk-signature={prior}\r\n".encode() + chunk + b"\r\n"
    chain = SignatureChain(
        signing_key(OURS.secret_access_key, scope), str(scope), format_timestamp(at), 64 * "a"
    )
    decoder = Decoder(5 * 8192 + 3, chain)
    assert b"".join(decoder.feed(framed)) == b"".join(chunks)
    decoder.finish()
