"""CHUNK-*, TRAILER-*: what the encoder of aws-chunked bodies refuses: lengths, chunk sizes, data and trailers."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.streaming.chunk_encoder import Encoder, content_length
from tests.sigv4.streaming.chunks import (
    CRC,
    chain,
    encoder,
)


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


def test_chunks_below_8_KiB_and_blocks_that_are_not_bytes_are_refused() -> None:
    with pytest.raises(SigningError, match="at least 8192"):
        Encoder(1, chain(), chunk_size=8191)
    blocks: Any = ["text"]
    with pytest.raises(SigningError, match="a block of the body is str"):
        list(encoder("signed", 4).encode(blocks))


def test_data_of_another_length_are_refused_with_a_reason() -> None:
    for data, words in (
        (b"abc", "the data are longer than declared: at least 3 bytes, expected 2; nothing of the last block was sent, so the server will refuse the request"),
        (b"a", "the data are shorter than declared: 1 bytes, expected 2; the last chunk was not sent, so the server will refuse the request"),
    ):  # fmt: skip
        with pytest.raises(SigningError) as caught:
            list(encoder("signed", 2).encode(data))
        assert str(caught.value) == words


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
def test_trailers_that_are_read_in_different_ways_are_refused_with_a_reason(
    trailers: Any, words: str
) -> None:
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
