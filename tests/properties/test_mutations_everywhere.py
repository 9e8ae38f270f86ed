"""Every single-byte change to a presigned URL, to a signed chunk or to a signed event is refused, or changes nothing."""

from __future__ import annotations

from base64 import b64encode
from binascii import crc32
from collections.abc import Callable, Iterator
from random import Random

import pytest

from sigv4 import Claim, Credentials, Payload, Signer, VerificationError, Verifier
from sigv4.scope import Scope
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_signatures import SignatureChain
from sigv4.streaming.event_frames import STRING, TIMESTAMP, Header
from sigv4.streaming.event_stream import EventSigner, EventVerifier
from sigv4.v4 import SigningKey, signing_key
from tests import oracle
from tests.sigv4.signed import CREDENTIALS, NOW, SECRET, TEMPORARY

HOST = "x.example"
# Tries a share of the changes, and returns how many were tried and how many of them the oracle allows.
Sweep = Callable[[float], tuple[int, int]]


def changes(text: bytes, share: float, seed: str) -> Iterator[bytes]:
    """Each byte replaced, removed, or preceded by another one; a ``share`` of all these changes."""
    random = Random(seed)
    for at in range(len(text)):
        for byte in range(256):
            if random.random() < share:
                yield text[:at] + bytes([byte]) + text[at + 1 :]
            if random.random() < share / 4:
                yield text[:at] + bytes([byte]) + text[at:]
        if random.random() < share * 8:
            yield text[:at] + text[at + 1 :]


def query_meaning(target: str) -> tuple[bytes, bytes] | None:
    """The parts of ``target`` that a signature covers, and the signature; computed by the oracle."""
    path, _, query = target.encode("latin-1").partition(b"?")
    try:
        return oracle.path(path, False), oracle.query(query)
    except oracle.Refused:
        return None


def on_file(credentials: Credentials) -> Callable[[Claim], Credentials]:
    return lambda claim: credentials


def sweep_urls(share: float) -> tuple[int, int]:
    tried = excused = 0
    for credentials, path in ((CREDENTIALS, "/a%20b/c?A=v%2F&flag"), (TEMPORARY, "/?z=1&a=%C3%BC")):
        signer = Signer("execute-api", "us-east-1", credentials)
        url = signer.presign("GET", f"https://{HOST}{path}", expires=60, at=NOW)
        target = url.removeprefix(f"https://{HOST}")
        checkers = [
            Verifier("execute-api", "us-east-1", on_file(credentials), strict=strict, clock=lambda: NOW)
            for strict in (False, True)
        ]
        checkers[0].verify("GET", target, {"Host": HOST})
        original = query_meaning(target)
        for changed in changes(target.encode(), share, path):
            text = changed.decode("latin-1")
            if text == target:
                continue
            tried += 1
            for checker in checkers:
                try:
                    checker.verify("GET", text, {"Host": HOST})
                except VerificationError:
                    continue
                assert query_meaning(text) == original, text
                excused += 1
    return tried, excused


def body_key(service: str) -> SigningKey:
    return signing_key(SECRET, Scope("20150830", "us-east-1", service))


def sweep_chunks(share: float) -> tuple[int, int]:
    tried = excused = 0
    data = Random(1).randbytes(64)
    crc = b64encode(crc32(data).to_bytes(4, "big")).decode()
    for trailers in ((), (("x-amz-checksum-crc32", crc),)):
        upload = Signer("s3", "us-east-1", CREDENTIALS).stream(
            "PUT", f"https://{HOST}/k", length=len(data), trailers=trailers, at=NOW
        )
        framed = b"".join(upload.encode([data]))
        seed = str(upload.headers["Authorization"]).rpartition("=")[2]
        key = body_key("s3")
        names = [name for name, _ in trailers]
        for changed in changes(framed, share, str(trailers)):
            if changed == framed:
                continue
            tried += 1
            decoder = Decoder(len(data), SignatureChain(key, str(key.scope), "20150830T123600Z", seed), names)
            try:
                released = b"".join(decoder.feed(changed))
                found = decoder.finish()
            except VerificationError:
                continue
            assert (released, found) == (data, dict(trailers)), changed
            excused += 1
    return tried, excused


def sweep_events(share: float) -> tuple[int, int]:
    tried = excused = 0
    headers = Signer("transcribe", "us-east-1", CREDENTIALS).sign(
        "POST", f"https://{HOST}/", (), Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS"), at=NOW
    )
    seed = str(headers["Authorization"]).rpartition("=")[2]
    signer = EventSigner(lambda date: body_key("transcribe"), seed)
    stream = signer.sign([Header("h", STRING, "v"), Header("t", TIMESTAMP, 1)], b"payload", at=NOW)
    stream += signer.close(at=NOW + 1)
    for changed in changes(stream, share, "events"):
        if changed == stream:
            continue
        tried += 1
        verifier = EventVerifier(lambda date: body_key("transcribe"), seed)
        try:
            verifier.feed(changed)
            verifier.finish()
        except VerificationError:
            continue
        excused += 1
    return tried, excused


SWEEPS = pytest.mark.parametrize("sweep", [sweep_urls, sweep_chunks, sweep_events])


@pytest.mark.slow
@SWEEPS
def test_a_sample_of_single_byte_changes_is_refused(sweep: Sweep) -> None:
    tried, excused = sweep(0.02)
    assert tried > 1_000
    assert excused < tried / 50


@pytest.mark.slow
@SWEEPS
def test_every_single_byte_change_is_refused(sweep: Sweep) -> None:
    tried, excused = sweep(1)
    assert tried > 40_000
    assert excused < tried / 50
    assert (excused == 0) is (sweep is sweep_events)
