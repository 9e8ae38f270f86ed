"""CHUNK-V4A-1: aws-chunked bodies that are signed with 4A."""

from __future__ import annotations

import hashlib

import pytest

from sigv4 import v4a
from sigv4.streaming.checksums import Crc32
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_encoder import Encoder, streaming_payload
from sigv4.streaming.chunk_signatures import SignatureChain
from tests.sigv4.streaming.chunks import (
    CRC,
    SECRET,
    SEED,
    TIMESTAMP,
    random_bytes,
    refusal,
)


def test_4A_signatures_are_padded_on_the_wire_and_not_in_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """CHUNK-V4A-1."""
    texts: list[str] = []

    def sign(key: object, text: str) -> str:
        texts.append(text)
        return "3045" + hashlib.sha256(text.encode()).hexdigest()

    def check(key: object, text: str, signature: str) -> bool:
        return signature == "3045" + hashlib.sha256(text.encode()).hexdigest()

    monkeypatch.setattr(v4a, "sign", sign)
    monkeypatch.setattr(v4a, "check", check)
    links = SignatureChain(object(), "20130524/s3/aws4_request", TIMESTAMP, "3045aa", algorithm=v4a)
    upload = Encoder(8200, links, [(CRC, Crc32())], chunk_size=8192)
    framed = b"".join(upload.encode(bytes(8200)))
    assert len(framed) == upload.content_length
    first = texts[1].split("\n")[3]
    assert texts[0].startswith(
        "AWS4-ECDSA-P256-SHA256-PAYLOAD\n20130524T000000Z\n20130524/s3/aws4_request\n3045aa\n"
    )
    assert texts[3].startswith("AWS4-ECDSA-P256-SHA256-TRAILER\n")
    assert framed.startswith(f"2000;chunk-signature={first}{'*' * (144 - len(first))}\r\n".encode())
    assert "*" not in "".join(texts)
    assert refusal(Decoder(8200, links, [CRC]), framed) is None
    unpadded = refusal(Decoder(8200, links, [CRC]), framed.replace(b"*", b""))
    assert unpadded is not None
    assert (unpadded.part, unpadded.stage) == ("chunk 1", "CHUNK-3")
    assert streaming_payload(v4a.ALGORITHM).line == "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"


def test_4A_bodies_verify_with_the_public_key_alone() -> None:
    """CHUNK-V4A-1, with the key of EX-V4A-3."""
    scope = v4a.Scope("20130524", "s3")
    key = v4a.signing_key("AKIAIOSFODNN7EXAMPLE", SECRET, scope)
    seed = v4a.sign(key, "the string to sign of a request")
    data = random_bytes(66560)
    upload = Encoder(66560, SignatureChain(key, str(scope), TIMESTAMP, seed, algorithm=v4a), [(CRC, Crc32())])
    framed = b"".join(upload.encode(data))
    assert len(framed) == upload.content_length
    links = SignatureChain(key.public_key, str(scope), TIMESTAMP, seed, algorithm=v4a)
    decoding = Decoder(66560, links, [CRC])
    assert b"".join(decoding.feed(framed)) == data
    decoding.finish()
    for position, part in [
        (30, "chunk 1"),
        (1000, "chunk 1"),
        (66000, "chunk 2"),
        (len(framed) - 200, "trailers"),
    ]:
        flipped = bytearray(framed)
        flipped[position] ^= 1
        found = refusal(Decoder(66560, links, [CRC]), bytes(flipped))
        assert found is not None
        assert found.part == part


def test_chunk_v4a_1_a_signature_is_padded_only_with_asterisks() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    key = v4a.signing_key("AKIDEXAMPLE", SECRET, v4a.Scope("20130524", "s3"))
    for padding, right in (("*", True), ("X", False), (" ", False), ("0", False)):
        links = SignatureChain(key, str(key.scope), TIMESTAMP, SEED, algorithm=v4a)
        texts = (links.chunk_string(f"{number:064x}") for number in range(100))
        text, bare = next((text, bare) for text in texts if len(bare := v4a.sign(key, text)) < 144)
        padded = bare + padding * (144 - len(bare))
        assert links.check(text, padded) is right
        assert links.signature == (bare if right else SEED)
        assert not links.check(text, bare)
