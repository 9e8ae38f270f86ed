"""CHUNK-*, TRAILER-*: aws-chunked bodies as they are encoded."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import sys
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import IO, Any, cast

import pytest
from hypothesis import given, strategies as st

from sigv4 import SigningError, v4, v4a
from sigv4.streaming.checksums import Crc32
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_encoder import Encoder, content_length, streaming_payload
from sigv4.streaming.chunk_signatures import SignatureChain
from tests.sigv4.streaming.chunks import (
    CRC,
    FORMS,
    SECRET,
    SEED,
    TIMESTAMP,
    chain,
    decoder,
    encoder,
    random_bytes,
    refusal,
)

LENGTHS = [0, 1, 8191, 8192, 8193, 16384, 20000]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("length", LENGTHS)
def test_encoded_bodies_decode_fed_whole_and_byte_by_byte(form: str, length: int) -> None:
    data = random_bytes(length)
    upload = encoder(form, length)
    framed = b"".join(upload.encode(data))
    assert len(framed) == upload.content_length
    trailers = (
        {CRC: base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()} if "trailer" in form else {}
    )
    for step in (len(framed), 1, 4099):
        decoding = decoder(form, length)
        pieces = [
            piece for at in range(0, len(framed), step) for piece in decoding.feed(framed[at : at + step])
        ]
        assert b"".join(pieces) == data
        assert decoding.finish() == trailers
    assert refusal(decoder(form, length), framed + b"x") is not None
    assert refusal(decoder(form, length), framed + framed) is not None


BLOCKS: list[Any] = [
    lambda data: data,
    bytearray,
    memoryview,
    io.BytesIO,
    lambda data: [data],
    lambda data: [data[:1], b"", data[1:9000], bytearray(data[9000:])],
    lambda data: (data[at : at + 8192] for at in range(0, len(data), 8192)),
    lambda data: (data[at : at + 1] for at in range(len(data))),
    lambda data: [memoryview(data).cast("H")],
]


@pytest.mark.parametrize("blocks", BLOCKS)
def test_the_body_does_not_depend_on_how_its_data_are_cut(blocks: Any) -> None:
    data = random_bytes(20000)
    upload = encoder("signed trailer", len(data))
    whole = b"".join(upload.encode(data))
    assert b"".join(upload.encode(blocks(data))) == whole  # the second run of one encoder
    assert all(type(piece) is bytes for piece in upload.encode(blocks(data)))


def test_an_async_iterable_gives_the_same_body() -> None:
    data = random_bytes(20000)
    upload = encoder("signed trailer", len(data))

    async def blocks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 3000):
            yield data[at : at + 3000]

    async def collect() -> bytes:
        return b"".join([piece async for piece in upload.aencode(blocks())])

    assert asyncio.run(collect()) == b"".join(upload.encode(data))


def test_content_length_is_exact_for_every_form_and_width() -> None:
    """CHUNK-4 and CHUNK-V4A-1: 66824 and 67064 for the example of 65536 + 1024 bytes."""
    ecdsa = "AWS4-ECDSA-P256-SHA256"
    assert content_length(66560, v4.ALGORITHM) == 66824
    assert content_length(66560, ecdsa) == 67064
    trailer = len("x-amz-checksum-crc32:12345678\r\n")
    assert content_length(5, None, [(CRC, Crc32())]) == len("5\r\nhello\r\n0\r\n\r\n") + trailer
    signature = len("x-amz-trailer-signature:") + 144 + 2
    assert content_length(66560, ecdsa, [(CRC, "12345678")]) == 67064 + trailer + signature


def test_4A_signatures_are_padded_on_the_wire_and_bare_in_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_the_literals_of_CHUNK_6() -> None:
    trailers = [(CRC, "x")]
    assert streaming_payload(v4.ALGORITHM, trailers).line == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    assert streaming_payload(None, trailers).line == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert streaming_payload(None, trailers).is_literal


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, None, [(CRC, "x")]), "the length of the data is -1"),
        ((1, None, []), "at least one"),
        ((1, None, [(CRC, "x"), (CRC.upper(), "y")]), "repeated"),
        ((1, None, [("x-amz-trailer-signature", "x")]), "reserved"),
        ((1, None, [("a b", "x")]), "not a token"),
        ((1, None, [(CRC, "x\r\ny:z")]), "control character"),
        ((1, None, [(CRC, " x")]), "spaces"),
        ((1, None, [(CRC, "x  y")]), "spaces"),
        ((1, None, [(CRC, 5)]), "expected str, or a checksum"),
    ],
)
def test_requests_that_cannot_be_sent_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(SigningError, match=message):
        Encoder(*arguments)


def test_chunks_below_8_KiB_and_blocks_that_are_no_bytes_are_refused() -> None:
    with pytest.raises(SigningError, match="at least 8192"):
        Encoder(1, chain(), chunk_size=8191)
    blocks: Any = ["text"]
    with pytest.raises(SigningError, match="a block of the body is str"):
        list(encoder("signed", 4).encode(blocks))


def test_a_checksum_of_hashlib_is_sent_in_base64() -> None:
    upload = Encoder(5, None, [("x-amz-checksum-sha256", hashlib.sha256())])
    digest = base64.b64encode(hashlib.sha256(b"hello").digest())
    expected = b"5\r\nhello\r\n0\r\nx-amz-checksum-sha256:" + digest + b"\r\n\r\n"
    assert b"".join(upload.encode(b"hello")) == b"".join(upload.encode(b"hello")) == expected


@given(st.lists(st.binary(max_size=5000), max_size=8), st.sampled_from(FORMS), st.integers(1, 9000))
def test_whatever_is_encoded_decodes(blocks: list[bytes], form: str, step: int) -> None:
    data = b"".join(blocks)
    upload = encoder(form, len(data))
    framed = b"".join(upload.encode(blocks))
    assert len(framed) == upload.content_length
    decoding = decoder(form, len(data))
    pieces = [piece for at in range(0, len(framed), step) for piece in decoding.feed(framed[at : at + step])]
    decoding.finish()
    assert b"".join(pieces) == data


def through(form: str, blocks: Iterable[bytes], length: int) -> Iterator[bytes]:
    decoding = decoder(form, length)
    for piece in encoder(form, length, chunk_size=65536).encode(blocks):
        yield from decoding.feed(piece)
    decoding.finish()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_256_MiB_pass_through_encoder_and_decoder_in_flat_memory(form: str) -> None:
    block, count = random_bytes(1 << 20), 256
    digest, expected = hashlib.sha256(), hashlib.sha256()
    for _ in range(count):
        expected.update(block)
    tracemalloc.start()
    try:
        for data in through(form, (block for _ in range(count)), count << 20):
            digest.update(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert digest.digest() == expected.digest()
    assert peak < 2 << 20, peak


@pytest.mark.interop
def test_unsigned_trailers_are_framed_as_botocore_frames_them() -> None:
    checks = pytest.importorskip("botocore.httpchecksum", reason="botocore is not installed")
    data = random_bytes(20000)
    wrapper = checks.AwsChunkedWrapper(io.BytesIO(data), checks.Crc32Checksum, CRC, chunk_size=8192)
    assert wrapper.read() == b"".join(encoder("unsigned trailer", len(data)).encode(data))


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


class Recorder:
    """A binary file that cannot be iterated over, and records the sizes of its reads."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.asked: list[int] = []

    def read(self, size: int) -> bytes:
        self.asked.append(size)
        return self._file.read(size)


def test_a_file_is_read_one_chunk_at_a_time() -> None:
    data = random_bytes(20000)
    file = Recorder(data)
    assert b"".join(encoder("signed", 20000).encode(cast("IO[bytes]", file))) == b"".join(
        encoder("signed", 20000).encode(data)
    )
    assert set(file.asked) == {8192}


def test_a_block_of_the_chunks_size_is_passed_on_uncopied_and_any_other_as_bytes() -> None:
    block = random_bytes(8192)
    pieces = list(encoder("signed", 8192).encode([block]))
    assert pieces[1] is block
    for other in (bytearray(block), memoryview(block)):
        pieces = list(encoder("signed", 8192).encode([other]))
        assert [type(piece) for piece in pieces] == [bytes] * 3
        assert pieces[1] == block


@pytest.mark.parametrize("form", FORMS)
def test_a_block_of_the_chunks_size_waits_for_what_came_before(form: str) -> None:
    first, second = random_bytes(100), random_bytes(8192)
    whole = b"".join(encoder(form, 8292).encode(first + second))
    assert b"".join(encoder(form, 8292).encode([first, second])) == whole
    assert b"".join(decoder(form, 8292).feed(whole)) == first + second


def test_data_of_another_length_are_refused_in_words() -> None:
    for data, words in (
        (b"abc", "the data are longer than declared: at least 3 bytes, expected 2; nothing of the last block was sent, so the server will refuse the request"),
        (b"a", "the data are shorter than declared: 1 bytes, expected 2; the last chunk was not sent, so the server will refuse the request"),
    ):  # fmt: skip
        with pytest.raises(SigningError) as caught:
            list(encoder("signed", 2).encode(data))
        assert str(caught.value) == words


def test_the_length_of_each_form_is_that_of_its_bytes() -> None:
    for form in FORMS:
        for length in LENGTHS:
            upload = encoder(form, length)
            assert upload.content_length == len(b"".join(upload.encode(bytes(length))))


@pytest.mark.parametrize(
    ("trailers", "words"),
    [
        ([], "an unsigned body is framed only to send trailers: give at least one"),
        ([("A", "1"), ("a", "2")], "the trailer 'a' is repeated or reserved: give each name once"),
        ([("X-Amz-Trailer-Signature", "1")], "the trailer 'x-amz-trailer-signature' is repeated or reserved: give each name once"),
        ([("Authorization", "1")], "the trailer 'authorization' is needed before the body (RFC 9110 §6.5.1): send it as a header"),
        ([("A", "1  2")], "the value of the trailer 'a' has tabs, outer or repeated spaces, which implementations sign in different ways (TRAILER-1): send it without"),
        ([("A", "1\n")], "header 'a' holds the control character 0x0A at position 1: it cannot be sent in a header; remove it"),
        ([("A", 1)], "the trailer 'a' is int: expected str, or a checksum as of hashlib"),
    ],
)  # fmt: skip
def test_trailers_that_are_read_in_different_ways_are_refused_in_words(trailers: Any, words: str) -> None:
    with pytest.raises(SigningError) as caught:
        Encoder(1, None, trailers)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "name",
    (
        "Content-Length Transfer-Encoding Host Content-Type Content-Encoding Content-Range Trailer TE Range "
        "If-Match Cookie Proxy-Authorization Date X-Amz-Date X-Amz-Security-Token X-Amz-Content-SHA256 "
        "X-Amz-Decoded-Content-Length X-Amz-Trailer X-Amz-Region-Set"
    ).split(),
)
def test_trailer_1_what_is_needed_before_the_body_is_not_a_trailer(name: str) -> None:
    for form in ("unsigned", "signed"):
        with pytest.raises(SigningError, match="needed before the body"):
            Encoder(1, chain() if form == "signed" else None, [(name, "x")])


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha384", "sha512"])
def test_the_length_counts_checksums_of_any_size(name: str) -> None:
    """Base64 of 16, 20, 32, 48 and 64 bytes ends in two, one or no ``=``."""
    for links in (chain(), None):
        upload = Encoder(3, links, [("x-amz-checksum-a", hashlib.new(name, usedforsecurity=False))])
        framed = b"".join(upload.encode(b"abc"))
        assert upload.content_length == len(framed)
        value = base64.b64encode(hashlib.new(name, b"abc", usedforsecurity=False).digest())
        assert b"x-amz-checksum-a:" + value + b"\r\n" in framed


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("size", [1, 100, 8191, 8192, 8193, 20000])
def test_blocks_of_every_size_and_kind_give_the_same_frames(kind: Any, size: int) -> None:
    data = random_bytes(20000)
    blocks = [kind(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join(encoder("signed", len(data)).encode(blocks)) == b"".join(
        encoder("signed", len(data)).encode(data)
    )


def test_a_body_may_be_as_large_as_a_length_can_be() -> None:
    def framed(length: int) -> int:
        return content_length(length, None, [("a", "b")], chunk_size=sys.maxsize)

    largest = sys.maxsize - (framed(1 << 60) - (1 << 60))
    assert framed(largest) == sys.maxsize
    with pytest.raises(SigningError) as caught:
        framed(largest + 1)
    assert str(caught.value) == (
        f"the length of the data is {largest + 1}: with its framing the body would be larger than {sys.maxsize} "
        "bytes, the largest size that Python supports"
    )
