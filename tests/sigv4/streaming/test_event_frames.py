"""EVENT-1 and EVENT-2: event-stream frames and their headers, as they are written, read and refused."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sigv4 import SigningError
from sigv4.streaming.chunk_signatures import StreamError
from sigv4.streaming.event_frames import (
    BYTES,
    FALSE,
    INT8,
    INT32,
    INT64,
    LARGEST_HEADERS,
    LARGEST_PAYLOAD,
    STRING,
    TIMESTAMP,
    TRUE,
    UUID,
    Frame,
    FrameDecoder,
    Header,
    decode_frame,
    encode_frame,
)
from tests.sigv4.streaming.frames import EVENT, MAXIMA, framed
from tests.sigv4.streaming.refusals import refused, unframed
from tests.vectors import read

VECTORS = {data["id"]: data for data in read("event_stream.json")}
NEGATIVE = [pytest.param(data, id=name) for name, data in VECTORS.items() if "negative" in data["flags"]]


def test_EX_EV_4_documented_frame() -> None:
    given, expect = VECTORS["EX-EV-4"]["input"], VECTORS["EX-EV-4"]["expect"]
    found = decode_frame(bytes.fromhex(given["frame"]))
    shown = [
        [name, kind, value.hex() if isinstance(value, bytes) else value]
        for name, kind, value in found.headers
    ]
    assert shown == expect["headers"]
    assert found.payload == expect["payload"].encode()
    assert encode_frame(found.headers, found.payload).hex() == given["frame"]


@pytest.mark.parametrize("step", [1 << 30, 1], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("vector", NEGATIVE)
def test_a_negative_vector_is_refused_by_its_rule(vector: dict[str, Any], step: int) -> None:
    data, expect = bytes.fromhex(vector["input"]["frame"]), vector["expect"]["error"]
    decoder = FrameDecoder()
    with pytest.raises(StreamError) as caught:  # noqa: PT012 (either call may raise it)
        for at in range(0, len(data), step):
            decoder.feed(data[at : at + step])
        decoder.finish()
    error = caught.value
    assert (error.part, error.stage, error.code) == (
        expect["part"],
        expect["stage"],
        "SerializationException",
    )
    assert expect["text"] in error.message


def test_all_ten_header_types_are_encoded_and_decoded() -> None:
    """EVENT-2, each encoding by hand."""
    values = [
        b"",
        b"",
        b"\x80",
        b"\x7f\xff",
        b"\x80\0\0\0",
        b"\x7f" + b"\xff" * 7,
        b"\0\xc8" + b"\0\xff" * 100,
    ]
    values += [b"\0\x09" + "テスト".encode(), b"\xff" * 8, bytes(range(16))]
    block = b"".join(
        bytes((len(header.name),)) + header.name.encode() + bytes((kind,)) + value
        for kind, (header, value) in enumerate(zip(MAXIMA, values, strict=True))
    )
    assert encode_frame(MAXIMA, b"payload") == framed(block, b"payload")
    assert decode_frame(framed(block, b"payload")) == Frame(MAXIMA, b"payload")


def test_frames_are_decoded_however_they_are_split() -> None:
    frames = [Frame(MAXIMA, b"x" * 1000), Frame([], b""), Frame(EVENT, b"y")]
    data = b"".join(encode_frame(*each) for each in frames)
    for step in (len(data), 1, 7):
        decoder = FrameDecoder()
        assert [f for at in range(0, len(data), step) for f in decoder.feed(data[at : at + step])] == frames
        decoder.finish()
    decoder = FrameDecoder()
    assert decoder.feed(data + data[:20]) == frames
    with pytest.raises(StreamError, match=r"event 4: SerializationException: .* ends 20 bytes into it"):
        decoder.finish()
    for two in (b"", encode_frame([]) * 2):
        with pytest.raises(StreamError, match="expected one frame"):
            decode_frame(two)


def test_hostile_lengths_are_refused_before_allocation() -> None:
    tracemalloc.start()
    try:
        for total, headers in [(0xFFFFFFFF, 0), (0xFFFFFFFF, 0xFFFFFFFF), (25 << 20, 0), (1 << 20, 1 << 18)]:
            lengths = total.to_bytes(4, "big") + headers.to_bytes(4, "big")
            with pytest.raises(StreamError):
                FrameDecoder().feed(lengths + zlib.crc32(lengths).to_bytes(4, "big"))
        allowed = (16 + LARGEST_PAYLOAD).to_bytes(4, "big") + bytes(4)
        assert FrameDecoder().feed(allowed + zlib.crc32(allowed).to_bytes(4, "big") + bytes(1000)) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 18


@given(st.binary(max_size=80), st.binary(max_size=20))
def test_any_headers_are_read_or_raise_a_documented_error(headers: bytes, payload: bytes) -> None:
    """The CRCs are corrected, so that only the bytes of the headers are tested."""
    try:
        found = decode_frame(framed(headers, payload))
    except StreamError:
        return
    assert encode_frame(found.headers, found.payload) == framed(headers, payload)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
HEADERS = st.one_of(
    st.builds(Header, NAMES, st.just(TRUE), st.just(True)),
    st.builds(Header, NAMES, st.just(INT32), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Header, NAMES, st.just(TIMESTAMP), st.integers(-(2**63), 2**63 - 1)),
    st.builds(Header, NAMES, st.just(BYTES), st.binary()),
    st.builds(Header, NAMES, st.just(STRING), st.text(st.characters(codec="utf-8"))),
    st.builds(Header, NAMES, st.just(UUID), st.binary(min_size=16, max_size=16)),
)


@given(st.lists(HEADERS, unique_by=lambda header: header.name, max_size=6), st.binary(), st.integers(1, 50))
def test_whatever_is_encoded_can_be_decoded(headers: list[Header], payload: bytes, step: int) -> None:
    data = encode_frame(headers, payload)
    decoder = FrameDecoder()
    found = [each for at in range(0, len(data), step) for each in decoder.feed(data[at : at + step])]
    assert found == [Frame(headers, payload)]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"\0" * 12, "the CRC of its prelude does not match"),
        (framed(b"")[:-1] + b"\0", "the CRC of the message does not match"),
        (framed(b"", total=15), "headers of 0 bytes do not fit into 15"),
        (framed(b"a", total=16), "headers of 1 bytes do not fit into 16"),
        (framed(b"", headers=1 << 24), "headers of 16777216 bytes; at most 131072 are accepted"),
        (framed(b"", headers=131073), "headers of 131073 bytes; at most 131072 are accepted"),
        (
            framed(b"", total=16 + (24 << 20) + 1),
            "a payload of 25165825 bytes; at most 25165824 are accepted",
        ),
        (framed(b"\1a\0\1a\1"), "the header 'a' is repeated"),
        (framed(b"\1b\0\0\0"), "a header has no name"),
        (framed(b"\1b\0\1a\x0a"), "a header at byte 3 cannot be read: type 10 is not one of 0 to 9"),
        (framed(b"\1a"), "a header at byte 0 cannot be read: it extends past the headers"),
        (framed(b"\2a\0"), "a header at byte 0 cannot be read: it extends past the headers"),
        (framed(b"\1a\7\0\2x"), "a header at byte 0 cannot be read: it extends past the headers"),
        (framed(b"\1a\7\0\1\xff"), "a header at byte 0 cannot be read: it is not UTF-8"),
        (framed(b"\1\xff\0"), "a header at byte 0 cannot be read: it is not UTF-8"),
        (framed(b"\1a\x09" + bytes(15)), "a header at byte 0 cannot be read: it extends past the headers"),
    ],
)
def test_a_frame_that_is_wrong(data: bytes, refusal: str) -> None:
    assert refused(FrameDecoder().feed, data) == unframed("event 1", refusal)
    decoder = FrameDecoder()
    assert decoder.feed(framed(b"")) == [Frame([])]
    assert refused(decoder.feed, data) == unframed("event 2", refusal)
    assert decoder.count == 1
    again = pytest.raises(StreamError)
    with again as caught:
        decoder.finish()
    assert caught.value.part == "event 2"


def test_the_limits_of_frames_are_exact_to_the_byte() -> None:
    decoder = FrameDecoder(largest_headers=3, largest_payload=2)
    assert decoder.feed(framed(b"\1a\0", b"xy")) == [Frame([Header("a", TRUE, True)], b"xy")]
    assert refused(FrameDecoder(largest_headers=2).feed, framed(b"\1a\0")) == unframed(
        "event 1", "headers of 3 bytes; at most 2 are accepted"
    )
    assert refused(FrameDecoder(largest_payload=1).feed, framed(b"", b"xy")) == unframed(
        "event 1", "a payload of 2 bytes; at most 1 are accepted"
    )
    name = b"\1a\7"
    size = LARGEST_HEADERS - 2 * len(name) - 4 - 65535
    two = [Header("a", STRING, "x" * 65535), Header("b", STRING, "x" * size)]
    assert decode_frame(encode_frame(two)) == Frame(two)
    with pytest.raises(SigningError) as caught:
        encode_frame([two[0], Header("bb", STRING, "x" * size)])
    assert str(caught.value) == "the headers are 131073 bytes: expected at most 131072"
    with pytest.raises(SigningError) as caught:
        encode_frame([], bytes((24 << 20) + 1))
    assert str(caught.value) == "the payload is 25165825 bytes: expected at most 25165824"
    assert len(encode_frame([], bytes(24 << 20))) == (24 << 20) + 16


def test_bytes_that_are_not_exactly_one_frame() -> None:
    assert refused(decode_frame, b"") == unframed("event 1", "expected one frame, found 0")
    assert refused(decode_frame, framed(b"") * 2) == unframed("event 1", "expected one frame, found 2")
    assert refused(decode_frame, framed(b"") + b"x") == unframed("event 2", "the stream ends 1 bytes into it")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("", TRUE, True), "the header name '' is 0 bytes: expected 1 to 255"),
        (("é" * 128, TRUE, True), f"the header name {'é' * 40!r} is 256 bytes: expected 1 to 255"),
        (("a" * 256, TRUE, True), f"the header name {'a' * 40!r} is 256 bytes: expected 1 to 255"),
        (("\ud800", TRUE, True), "the header name '\\ud800' has no UTF-8 form"),
        (("a", TRUE, 1), "the header 'a' has a value that is not of type 0: see Header"),
        (("a", TRUE, False), "the header 'a' has a value that is not of type 0: see Header"),
        (("a", FALSE, 0), "the header 'a' has a value that is not of type 1: see Header"),
        (("a", INT8, True), "the header 'a' has a value that is not of type 2: see Header"),
        (("a", INT8, 128), "the header 'a' is 128: too large for type 2"),
        (("a", INT8, -129), "the header 'a' is -129: too large for type 2"),
        (("a", INT64, 2**63), f"the header 'a' is {2**63}: too large for type 5"),
        (("a", INT64, "1"), "the header 'a' has a value that is not of type 5: see Header"),
        (("a", BYTES, "b"), "the header 'a' has a value that is not of type 6: see Header"),
        (("a", BYTES, bytes(65536)), "the header 'a' is 65536 bytes: expected at most 65535"),
        (("a", STRING, b"b"), "the header 'a' has a value that is not of type 7: see Header"),
        (("a", STRING, "\ud800"), "the header 'a' has a value that is not of type 7: see Header"),
        (("a", UUID, bytes(15)), "the header 'a' has a value that is not of type 9: see Header"),
        (("a", UUID, bytes(17)), "the header 'a' has a value that is not of type 9: see Header"),
        (("a", UUID, "x" * 16), "the header 'a' has a value that is not of type 9: see Header"),
        *(
            (("a", kind, b""), f"the header 'a' has a value that is not of type {kind}: see Header")
            for kind in (10, 300, -1)
        ),
    ],
)
def test_a_header_that_cannot_be_encoded(header: Any, words: str) -> None:
    with pytest.raises(SigningError) as caught:
        encode_frame([Header(*header)])
    assert str(caught.value) == words


def test_a_name_has_at_most_255_bytes_and_occurs_once() -> None:
    frame = Frame([Header("é" * 127 + "a", BYTES, bytes(65535)), Header("b", INT8, -128)], b"p")
    assert decode_frame(encode_frame(*frame)) == frame
    with pytest.raises(SigningError) as caught:
        encode_frame([Header("a", TRUE, True), Header("a", FALSE, False)])
    assert str(caught.value) == ("a header name occurs twice in one frame: give each once, got ['a', 'a']")
    assert (frame.header("b"), frame.header("B")) == (-128, None)
