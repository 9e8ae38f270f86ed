"""A body in chunks is refused with the texts of S3, or with this package's if AWS has none; limits are exact to the byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import SigningError, v4
from sigv4.scope import Scope
from sigv4.streaming.chunk_decoder import LARGEST_CHUNK, Decoder
from sigv4.streaming.chunk_encoder import Encoder, content_length
from sigv4.streaming.chunk_signatures import SignatureChain
from tests.sigv4.signed import SECRET
from tests.sigv4.streaming.refusals import Refusal, refused

KEY = v4.signing_key(SECRET, Scope("20130524", "us-east-1", "s3"))
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
SHORT = "You did not provide the number of bytes specified by the Content-Length HTTP header."
WRONG_CHUNK = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
BAD_TRAILER = (
    "The request contained trailing data that was not well-formed or did not conform to our published schema."
)


def chain() -> SignatureChain:
    return SignatureChain(KEY, KEY.scope_text, "20130524T000000Z", SEED)


def malformed(part: str, detail: str) -> Refusal:
    return part, "CHUNK-4", "InvalidRequest", f"The chunk is not well-formed: {detail}", 400


TRAILERS = ("trailers", "TRAILER-3", "MalformedTrailerError", BAD_TRAILER, 400)
NOT_HEX = "its line does not begin with its size in hex"
NO_CRLF = "no CRLF follows its data"


def decoded(body: bytes, length: int, *trailers: str, signed: bool = False, **options: Any) -> list[bytes]:
    decoder = Decoder(length, chain() if signed else None, trailers, **options)
    released = decoder.feed(body)
    decoder.finish()
    return released


@pytest.mark.parametrize(
    ("body", "length", "refusal"),
    [
        (b"g\r\n", 1, malformed("chunk 1", NOT_HEX)),
        (b"\r\n", 1, malformed("chunk 1", NOT_HEX)),
        (b"0" * 17 + b"\r\n", 0, malformed("chunk 1", NOT_HEX)),
        (b"1\r\nab\r\n", 1, malformed("chunk 1", NO_CRLF)),
        (b"1\r\na\r\r\n", 1, malformed("chunk 1", NO_CRLF)),
        (b"1;x\r\n", 1, malformed("chunk 1", "an extension follows its size, expected none in the unsigned form")),
        (b"1;\r\n", 1, malformed("chunk 1", "an extension follows its size, expected none in the unsigned form")),
        (b"0" * 258, 1, malformed("chunk 1", "its line is longer than 256 bytes")),
        (b"2000\r\n" + bytes(8192) + b"\r\ng\r\n", 8193, malformed("chunk 2", NOT_HEX)),
        (b"2000\r\n" + bytes(8192) + b"\r\n\r\n", 8193, malformed("chunk 2", NOT_HEX)),
        (b"2\r\n", 1, ("chunk 1", "CHUNK-1", "IncompleteBody", SHORT, 400)),
        (b"0\r\n", 1, ("chunk 1", "CHUNK-1", "IncompleteBody", SHORT, 400)),
        (b"1\r\na\r\n1\r\n", 2, ("chunk 1", "CHUNK-5", "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes", 400)),
        (b"1fff\r\n" + bytes(8191) + b"\r\n1\r\n", 8192, ("chunk 1", "CHUNK-5", "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes", 400)),
        (b"2000\r\n" + bytes(8192) + b"\r\n1\r\na\r\n1\r\n", 8194, ("chunk 2", "CHUNK-5", "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes", 400)),
        (b"", 0, ("chunk 1", "CHUNK-4", "IncompleteBody", SHORT, 400)),
        (b"0\r\n", 0, ("chunk 1", "CHUNK-4", "IncompleteBody", SHORT, 400)),
        (b"1\r\na", 1, ("chunk 1", "CHUNK-4", "IncompleteBody", SHORT, 400)),
        (b"0\r\n\r", 0, TRAILERS),
        (b"0\r\na:1\r\n\r\n", 0, TRAILERS),
        (b"0\r\n" + b"x" * 16385, 0, TRAILERS),
    ],
)  # fmt: skip
def test_an_unsigned_body_that_is_wrong(body: bytes, length: int, refusal: Refusal) -> None:
    assert refused(decoded, body, length) == refusal
    decoder = Decoder(length, None)

    def byte_by_byte() -> None:
        for at in range(len(body)):
            decoder.feed(body[at : at + 1])
        decoder.finish()

    assert refused(byte_by_byte) == refusal


@pytest.mark.parametrize(
    ("body", "length", "released"),
    [
        (b"0\r\n\r\n", 0, []),
        (b"0000000000000000\r\n\r\n", 0, []),
        (b"0000000000000001\r\na\r\n0\r\n\r\n", 1, [b"a"]),
        (b"2000\r\n" + bytes(8192) + b"\r\n1\r\na\r\n0\r\n\r\n", 8193, [bytes(8192), b"a"]),
        (b"aB\r\n" + bytes(171) + b"\r\n0\r\n\r\n", 171, [bytes(171)]),
    ],
)
def test_an_unsigned_body_that_is_right(body: bytes, length: int, released: list[bytes]) -> None:
    assert decoded(body, length) == released
    decoder = Decoder(length, None)
    again = [piece for at in range(len(body)) for piece in decoder.feed(body[at : at + 1])]
    assert decoder.finish() == {}
    assert b"".join(again) == b"".join(released)


def test_a_line_may_have_256_bytes_and_the_trailers_16384() -> None:
    decoder = Decoder(1, None)
    assert decoder.feed(b"1" * 257) == []
    assert refused(decoder.feed, b"1") == malformed("chunk 1", "its line is longer than 256 bytes")
    assert refused(Decoder(1, None).feed, b"1" * 256 + b"\r\n") == malformed("chunk 1", NOT_HEX)
    assert refused(Decoder(1, None).feed, b"1" * 257 + b"\r\n") == malformed(
        "chunk 1", "its line is longer than 256 bytes"
    )
    tail = b"a:" + b"1" * (16384 - 6) + b"\r\n\r\n"
    decoder = Decoder(0, None, ["A"])
    assert decoder.feed(b"0\r\n" + tail) == []
    assert decoder.finish() == {"a": "1" * (16384 - 6)}
    assert refused(Decoder(0, None, ["a"]).feed, b"0\r\n" + tail + b"1") == TRAILERS


def test_a_signed_chunk_has_a_bound_and_an_unsigned_one_the_length() -> None:
    body = b"".join(Encoder(9000, chain(), chunk_size=8192).encode(bytes(9000)))
    assert b"".join(decoded(body, 9000, signed=True, largest_chunk=8192)) == bytes(9000)
    message = "A chunk of 8192 bytes was announced; at most 8191 are accepted"
    assert refused(lambda: decoded(body, 9000, signed=True, largest_chunk=8191)) == (
        "chunk 1", "CHUNK-5", "InvalidChunkSizeError", message, 400,
    )  # fmt: skip
    assert LARGEST_CHUNK == 16 << 20
    decoder = Decoder(1 << 40, chain())
    assert decoder.feed(b"1000000;chunk-signature=" + b"0" * 64 + b"\r\n") == []
    message = "A chunk of 16777217 bytes was announced; at most 16777216 are accepted"
    assert refused(Decoder(1 << 40, chain()).feed, b"1000001;chunk-signature=" + b"0" * 64 + b"\r\n") == (
        "chunk 1", "CHUNK-5", "InvalidChunkSizeError", message, 400,
    )  # fmt: skip
    assert Decoder(1 << 40, None, largest_chunk=1).feed(b"ffffffff\r\na") == [b"a"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda body: body.replace(b";chunk-signature=", b";chunk_signature=", 1), malformed("chunk 1", "expected ';chunk-signature=' after its size")),
        (lambda body: body.replace(b";chunk-signature=", b"\r\n", 1), malformed("chunk 1", "expected ';chunk-signature=' after its size")),
        (lambda body: body.replace(b"data\r\n", b"dataXX", 1), malformed("chunk 1", NO_CRLF)),
        (lambda body: body.replace(b"data\r\n", b"dat0\r\n", 1), ("chunk 1", "CHUNK-3", "SignatureDoesNotMatch", WRONG_CHUNK, 403)),
        (lambda body: body.replace(b"data\r\n", b"dat0XX", 1), ("chunk 1", "CHUNK-3", "SignatureDoesNotMatch", WRONG_CHUNK, 403)),
        (lambda body: body.replace(b"0;chunk-signature=", b"0;chunk-signature=0", 1), ("chunk 2", "CHUNK-3", "SignatureDoesNotMatch", WRONG_CHUNK, 403)),
        (lambda body: body.replace(b"a:1\r\n", b"a:2\r\n", 1), ("trailers", "TRAILER-1", "SignatureDoesNotMatch", WRONG_CHUNK, 403)),
        (lambda body: body.replace(b"a:1\r\n", b"", 1), TRAILERS),
        (lambda body: body.replace(b"a:1\r\n", b"a:1\r\na:1\r\n", 1), TRAILERS),
        (lambda body: body.replace(b"a:1\r\n", b"a:1\r\nA:1\r\n", 1), TRAILERS),
        (lambda body: body.replace(b"a:1\r\n", b"a:1\r\nb:1\r\n", 1), TRAILERS),
        (lambda body: body.replace(b"a:1\r\n", b"a 1\r\n", 1), TRAILERS),
        (lambda body: body.replace(b"a:1\r\n", b"a :1\r\n", 1), TRAILERS),
        (lambda body: body.replace(b"a:1\r\n", b"a:1\x00\r\n", 1), TRAILERS),
        (lambda body: body + b"\r\n\r\n", TRAILERS),
        (lambda body: body + b"b:2\r\n", TRAILERS),
        (lambda body: body + b"x", TRAILERS),
        (lambda body: body[:-4], TRAILERS),
    ],
)  # fmt: skip
def test_a_signed_body_that_is_changed(change: Callable[[bytes], bytes], refusal: Refusal) -> None:
    body = b"".join(Encoder(4, chain(), [("A", "1")]).encode(b"data"))
    assert decoded(body, 4, "a", signed=True) == [b"data"]
    assert change(body) != body
    assert refused(lambda: decoded(change(body), 4, "a", signed=True)) == refusal


def test_a_value_with_a_tab_is_one_trailer_and_a_colon_is_part_of_it() -> None:
    decoder = Decoder(0, None, ["a", "b"])
    decoder.feed(b"0\r\na: x\ty:z \r\nB:\r\n\r\n")
    assert decoder.finish() == {"a": "x y:z", "b": ""}


def test_a_finished_decoder_says_what_to_do() -> None:
    decoder = Decoder(0, None)
    decoder.feed(b"0\r\n\r\n")
    decoder.finish()
    for call in (lambda: decoder.feed(b""), decoder.finish):
        with pytest.raises(SigningError) as caught:
            call()
        assert str(caught.value) == "this decoder is finished: make a new one for each body"


@pytest.mark.parametrize(
    ("length", "size", "words"),
    [
        (-1, 8192, "the length of the data is -1: expected their number of bytes"),
        (1.0, 8192, "the length of the data is 1.0: expected their number of bytes"),
        (0, 8191, "chunk_size is 8191: expected at least 8192 (CHUNK-5)"),
        (0, "8192", "chunk_size is '8192': expected at least 8192 (CHUNK-5)"),
    ],
)
def test_invalid_sizes_are_refused(length: Any, size: Any, words: str) -> None:
    for call in (
        lambda: content_length(length, v4.ALGORITHM, chunk_size=size),
        lambda: Encoder(length, chain(), chunk_size=size),
    ):
        with pytest.raises(SigningError) as caught:
            call()
        assert str(caught.value) == words


@pytest.mark.parametrize("tail", [b"\r\na:1\r\n", b"a:1\r\n", b"\r\na:1\r\n\r\n", b"a:1\n\r\n\r\n\r\n"])
def test_trailer_2_variants_of_empty_lines_are_accepted(tail: bytes) -> None:
    decoder = Decoder(0, None, ["a"])
    decoder.feed(b"0\r\n" + tail)
    assert decoder.finish() == {"a": "1"}


@pytest.mark.parametrize("tail", [b"\r\n", b"\r\n\r\n"])
def test_trailer_2_a_body_without_trailers_ends_in_one_empty_line_or_two(tail: bytes) -> None:
    decoder = Decoder(0, None, [])
    decoder.feed(b"0\r\n" + tail)
    assert decoder.finish() == {}
    for more in (b"\r\n\r\n", b"\n", b"\r", b"0"):
        decoder = Decoder(0, None, [])
        decoder.feed(b"0\r\n" + tail + more)
        assert refused(decoder.finish) == TRAILERS


@pytest.mark.parametrize(("name", "line"), [("abc", b"abc"), ("a b", b"a b:1"), ("", b":1")])
def test_trailer_3_a_declared_trailer_must_be_well_formed(name: str, line: bytes) -> None:
    decoder = Decoder(0, None, [name])
    decoder.feed(b"0\r\n" + line + b"\r\n\r\n")
    first = refused(decoder.finish)
    assert first == TRAILERS
    assert refused(decoder.finish) == refused(decoder.feed, b"") == first
