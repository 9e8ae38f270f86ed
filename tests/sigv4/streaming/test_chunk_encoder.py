"""CHUNK-*, TRAILER-*: aws-chunked bodies as they are encoded."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import IO, Any, cast

import pytest
from hypothesis import given, strategies as st

from sigv4 import v4
from sigv4.streaming.checksums import Crc32
from sigv4.streaming.chunk_encoder import Encoder, content_length, streaming_payload
from tests.sigv4.streaming.chunks import (
    CRC,
    FORMS,
    chain,
    decoder,
    encoder,
    random_bytes,
    refusal,
)

LENGTHS = [0, 1, 8191, 8192, 8193, 16384, 20000]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("length", LENGTHS)
def test_encoded_bodies_are_decoded_whole_and_byte_by_byte(form: str, length: int) -> None:
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
def test_the_body_does_not_depend_on_how_its_data_are_split(blocks: Any) -> None:
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


def test_the_literals_of_CHUNK_6() -> None:
    trailers = [(CRC, "x")]
    assert streaming_payload(v4.ALGORITHM, trailers).line == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    assert streaming_payload(None, trailers).line == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert streaming_payload(None, trailers).is_literal


def test_a_checksum_of_hashlib_is_sent_in_base64() -> None:
    upload = Encoder(5, None, [("x-amz-checksum-sha256", hashlib.sha256())])
    digest = base64.b64encode(hashlib.sha256(b"hello").digest())
    expected = b"5\r\nhello\r\n0\r\nx-amz-checksum-sha256:" + digest + b"\r\n\r\n"
    assert b"".join(upload.encode(b"hello")) == b"".join(upload.encode(b"hello")) == expected


@given(st.lists(st.binary(max_size=5000), max_size=8), st.sampled_from(FORMS), st.integers(1, 9000))
def test_whatever_is_encoded_can_be_decoded(blocks: list[bytes], form: str, step: int) -> None:
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
def test_256_MiB_pass_through_encoder_and_decoder_in_constant_memory(form: str) -> None:
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


def test_the_length_of_each_form_is_that_of_its_bytes() -> None:
    for form in FORMS:
        for length in LENGTHS:
            upload = encoder(form, length)
            assert upload.content_length == len(b"".join(upload.encode(bytes(length))))


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
