"""CHUNK-*, TRAILER-*: aws-chunked bodies decoded and verified; none is released before its chunk is verified."""

from __future__ import annotations

import hashlib
import pickle

import pytest
from hypothesis import given, strategies as st

from sigv4 import SigningError, VerificationError, v4
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_encoder import Encoder
from sigv4.streaming.chunk_signatures import SignatureChain, StreamError, canonical_trailers
from tests.sigv4.streaming.chunks import (
    CRC,
    FORMS,
    KEY,
    SECRET,
    TIMESTAMP,
    chain,
    decoder,
    encoder,
    random_bytes,
    refusal,
)


@pytest.mark.parametrize("form", FORMS)
def test_a_body_cut_short_anywhere_is_refused(form: str) -> None:
    framed = b"".join(encoder(form, 20).encode(bytes(20)))
    end = len(framed) - (2 if "trailer" in form else 0)  # TRAILER-2: the last empty line may be missing
    for size in range(end):
        assert refusal(decoder(form, 20), framed[:size]) is not None, size
    assert refusal(decoder(form, 20), framed) is None


def test_any_flipped_byte_is_refused_at_its_chunk() -> None:
    data = random_bytes(8192 + 100)
    framed = b"".join(encoder("signed trailer", len(data)).encode(data))
    first = len(b"2000;chunk-signature=") + 64 + 2 + 8192 + 2
    second = first + len(b"64;chunk-signature=") + 64 + 2 + 100 + 2
    last = second + len(b"0;chunk-signature=") + 64 + 2
    inside = range(200, first - 200)  # of the data of chunk 1, one byte in 97 is tried
    positions = [at for at in range(len(framed)) if at not in inside or at % 97 == 0]
    for position in positions:
        for mask in (0x01, 0x20, 0x80):
            flipped = bytearray(framed)
            flipped[position] ^= mask
            found = refusal(decoder("signed trailer", len(data)), bytes(flipped))
            if found is None:
                # Only the names of trailers may be changed to upper case.
                assert position >= last, (position, mask)
                assert flipped.lower() == framed.lower(), (position, mask)
            else:
                parts = ["chunk 1", "chunk 2", "chunk 3", "trailers"]
                expected = parts[(position >= first) + (position >= second) + (position >= last)]
                assert found.part == expected, (position, mask)


def test_chunks_out_of_order_repeated_or_left_out_are_refused() -> None:
    data = random_bytes(3 * 8192)
    framed = b"".join(encoder("signed", len(data)).encode(data))
    size = len(b"2000;chunk-signature=") + 64 + 2 + 8192 + 2
    one, two, three, last = (
        framed[:size],
        framed[size : 2 * size],
        framed[2 * size : 3 * size],
        framed[3 * size :],
    )
    for body, part in [
        (two + one + three + last, "chunk 1"),
        (one + three + two + last, "chunk 2"),
        (one + one + three + last, "chunk 2"),
        (one + two + last, "chunk 3"),
    ]:
        found = refusal(decoder("signed", len(data)), body)
        assert found is not None
        assert found.part == part
    other = SignatureChain(KEY, KEY.scope_text, TIMESTAMP, "0" * 64)
    assert refusal(Decoder(len(data), other), framed) is not None


def test_no_data_are_released_before_their_chunk_is_verified() -> None:
    framed = b"".join(encoder("signed", 8192).encode(bytes(8192)))
    end = framed.index(b"\r\n0;") + 2
    decoding = decoder("signed", 8192)
    assert decoding.feed(framed[: end - 1]) == []
    assert decoding.feed(framed[end - 1 : end]) == [bytes(8192)]


def test_the_variants_of_TRAILER_2_are_read() -> None:
    framed = b"".join(encoder("signed trailer", 5).encode(b"hello"))
    start = framed.index(CRC.encode())
    head, tail = framed[:start], framed[start:]
    value_end = tail.index(b"\r\n")
    variants = [
        head + tail,
        head + b"\r\n" + tail,
        head + tail[:-2],
        head + tail + b"\r\n",
        head + tail[:value_end] + b"\n" + tail[value_end:],
        head + CRC.encode() + b": " + tail[len(CRC) + 1 :],
        head + tail.replace(b"x-amz-trailer-signature", b"X-Amz-Trailer-Signature"),
    ]
    for body in variants:
        assert refusal(decoder("signed trailer", 5), body) is None, body
    plain = b"".join(encoder("signed", 5).encode(b"hello"))
    assert refusal(decoder("signed", 5), plain + b"\r\n") is None


def test_a_signed_trailer_without_its_signature_or_with_another_is_refused() -> None:
    framed = b"".join(encoder("signed trailer", 5).encode(b"hello"))
    at = framed.index(b"x-amz-trailer-signature:")
    without = refusal(decoder("signed trailer", 5), framed[:at] + b"\r\n")
    assert without is not None
    assert (without.stage, without.code) == ("TRAILER-3", "MalformedTrailerError")
    other = refusal(
        decoder("signed trailer", 5), framed.replace(b"x-amz-checksum-crc32:N", b"x-amz-checksum-crc32:O")
    )
    assert other is not None
    assert (other.part, other.stage, other.code) == ("trailers", "TRAILER-1", "SignatureDoesNotMatch")


def test_trailers_are_signed_by_name_in_whatever_order_they_come() -> None:
    """TRAILER-1."""
    assert canonical_trailers([("b", "2"), ("a", "1"), ("a-b", " 3  4 ")]) == b"a:1\na-b:3 4\nb:2\n"
    framed = b"".join(Encoder(0, chain(), [("B", "2"), ("a", "1")]).encode(b""))
    assert b"\r\nb:2\r\na:1\r\n" in framed
    swapped = framed.replace(b"b:2\r\na:1\r\n", b"a:1\r\nb:2\r\n")
    for body in (framed, swapped):
        decoding = Decoder(0, chain(), ["a", "b"])
        assert decoding.feed(body) == []
        assert decoding.finish() == {"a": "1", "b": "2"}


def test_upper_case_sizes_are_read() -> None:
    data = random_bytes(0xABCD)
    framed = b"".join(encoder("signed", len(data), chunk_size=65536).encode(data))
    assert framed.startswith(b"abcd;")
    assert refusal(decoder("signed", len(data)), b"ABCD" + framed[4:]) is None


def test_trailing_data_beyond_the_bound_are_refused_while_they_come() -> None:
    decoding = decoder("signed", 0)
    decoding.feed(b"".join(encoder("signed", 0).encode(b"")))
    for _ in range(16):
        assert decoding.feed(b"x" * 1023) == []
    with pytest.raises(StreamError, match="MalformedTrailerError"):
        decoding.feed(b"x" * 1023)


def test_a_refused_or_finished_decoder_accepts_nothing_more() -> None:
    decoding = decoder("signed", 5)
    with pytest.raises(StreamError) as first:
        decoding.feed(b"x\r\n")
    with pytest.raises(StreamError) as again:
        decoding.feed(b"")
    assert again.value is first.value
    with pytest.raises(StreamError):
        decoding.finish()
    finished = decoder("signed", 0)
    finished.feed(b"".join(encoder("signed", 0).encode(b"")))
    finished.finish()
    with pytest.raises(SigningError, match="a new one"):
        finished.feed(b"")


def test_unsigned_data_are_released_as_they_come() -> None:
    decoding = decoder("unsigned trailer", 1 << 40)
    assert decoding.feed(b"10000000000\r\nab") == [b"ab"]
    assert decoding.feed(b"c") == [b"c"]


def test_the_declared_length_is_enforced_before_the_last_chunk() -> None:
    for data, message in [(bytes(9999), "shorter"), (bytes(10001), "longer")]:
        pieces: list[bytes] = []
        with pytest.raises(SigningError, match=message):
            pieces.extend(encoder("signed", 10000).encode(data))
        assert not any(piece.startswith(b"\r\n0;") for piece in pieces)


def test_a_refusal_is_a_verification_error_that_can_be_pickled() -> None:
    error = refusal(decoder("signed", 5), b"x\r\n")
    assert isinstance(error, VerificationError)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.part, copy.stage, copy.code, copy.message, copy.status, str(copy)) == (
        error.part, error.stage, error.code, error.message, error.status, str(error),
    )  # fmt: skip
    assert str(error).startswith("chunk 1: InvalidRequest: ")


def test_no_refusal_holds_the_expected_signature() -> None:
    framed = b"".join(encoder("signed", 5).encode(b"hello"))
    found = refusal(decoder("signed", 5), framed.replace(b"hello", b"hullo"))
    expected = v4.sign(KEY, chain().chunk_string(hashlib.sha256(b"hullo").hexdigest()))
    frame = None if found is None else found.__traceback__
    shown = str(found)
    while frame is not None:
        if "sigv4/" in frame.tb_frame.f_code.co_filename.replace("tests/sigv4", ""):
            shown += repr(frame.tb_frame.f_locals)
        frame = frame.tb_next
    assert "SignatureDoesNotMatch" in shown
    assert expected not in shown
    assert SECRET not in shown


@given(st.binary(max_size=300), st.sampled_from(FORMS), st.integers(1, 300), st.integers(0, 40))
def test_any_bytes_are_read_or_raise_a_documented_error(
    body: bytes, form: str, step: int, length: int
) -> None:
    found = refusal(decoder(form, length), body, step)
    assert found is not None or "unsigned" in form


FRAGMENTS = [
    b"0",
    b"5",
    b"\r\n",
    b";chunk-signature=",
    b"hello",
    b":",
    CRC.encode(),
    b"\n",
    b"f" * 64,
    b"*",
    b" ",
    b"\xff",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14), st.sampled_from(FORMS))
def test_any_fragments_of_a_body_give_the_same_answer_whole_and_byte_by_byte(
    parts: list[bytes], form: str
) -> None:
    body = b"".join(parts)
    whole, bytewise = refusal(decoder(form, 5), body), refusal(decoder(form, 5), body, 1)
    assert (whole and whole.args) == (bytewise and bytewise.args)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("step", [1, 7, 50, 1000, 10_000])
def test_a_body_is_the_same_in_pieces_of_any_size(form: str, step: int) -> None:
    data = random_bytes(8192 + 300)
    framed = b"".join(encoder(form, len(data)).encode(data))
    decoding = decoder(form, len(data))
    pieces = [decoding.feed(framed[at : at + step]) for at in range(0, len(framed), step)]
    assert b"".join(each for piece in pieces for each in piece) == data
    assert all(each for piece in pieces for each in piece), "no piece is empty"
    assert list(decoding.finish()) == ([CRC] if "trailer" in form else [])


@pytest.mark.parametrize("form", FORMS)
def test_a_body_may_be_any_object_that_holds_bytes(form: str) -> None:
    data = random_bytes(300_000)  # more data than is copied at once
    framed = b"".join(encoder(form, len(data), 65536).encode(data))
    for whole in (framed, bytearray(framed), memoryview(framed)):
        decoding = decoder(form, len(data))
        assert b"".join(decoding.feed(whole)) == data
        decoding.finish()
    even = len(framed) // 2 * 2
    decoding = decoder(form, len(data))
    assert b"".join(decoding.feed(memoryview(framed[:even]).cast("H"))) == data
    decoding.feed(framed[even:])
    decoding.finish()


def test_what_is_in_memory_is_counted() -> None:
    framed = b"".join(encoder("signed", 8192).encode(bytes(8192)))
    start, end = framed.index(b"\r\n") + 2, framed.index(b"\r\n0;")
    decoding, fed = decoder("signed", 8192), 0
    assert decoding.kept == 0
    for upto, kept in (
        (2, 2), (start, 0), (start + 100, 100), (start + 300, 300), (start + 5300, 5300), (end, 8192),
        (end + 1, 8193), (end + 2, 0), (end + 5, 3),
    ):  # fmt: skip
        decoding.feed(framed[fed:upto])
        assert decoding.kept == kept
        fed = upto
    decoding.feed(framed[fed:])
    decoding.finish()
    assert decoding.kept == 0
    refused = decoder("signed", 8192)
    refused.feed(framed[: start + 100])
    with pytest.raises(StreamError):
        refused.feed(bytes(8192 - 100) + b"xx")
    assert refused.kept == 0


def test_the_line_before_a_chunk_has_at_most_256_bytes() -> None:
    for size, stage in ((256, "CHUNK-3"), (257, "CHUNK-4")):
        line = b"0;chunk-signature=".ljust(size, b"0") + b"\r\n"
        for step in (1, 100, 1000):
            found = refusal(decoder("signed", 0), line, step)
            assert found is not None
            assert found.stage == stage
            assert ("its line is longer than 256 bytes" in found.message) is (size > 256)


def test_a_wrong_checksum_is_refused_by_the_name_of_its_algorithm() -> None:
    framed = b"".join(encoder("unsigned trailer", 5).encode(b"hello"))
    found = refusal(decoder("unsigned trailer", 5), framed.replace(b"hello", b"hullo"))
    assert found is not None
    assert (found.part, found.stage, found.code, found.status) == ("trailers", "TRAILER-3", "BadDigest", 400)
    assert found.message == "The CRC32 you specified did not match the calculated checksum."
