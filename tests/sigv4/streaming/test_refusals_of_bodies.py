"""A signed body is refused with the texts of S3, or with ours if AWS has none; limits are exact to the byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import SigningError, VerificationError, v4
from sigv4.scope import Scope
from sigv4.streaming.chunk_decoder import LARGEST_CHUNK, Decoder
from sigv4.streaming.chunk_encoder import Encoder, content_length
from sigv4.streaming.chunk_signatures import SignatureChain, StreamError
from sigv4.streaming.event_frames import (
    BYTES,
    FALSE,
    INT8,
    INT64,
    LARGEST_HEADERS,
    STRING,
    TIMESTAMP,
    TRUE,
    UUID,
    Frame,
    FrameDecoder,
    Header,
    decode_frame,
    encode_frame,
    encode_header,
)
from sigv4.streaming.event_stream import EventSigner, EventVerifier, SignedEvent
from tests.sigv4.signed import MISMATCH

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
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
Refusal = tuple[str, str, str, str, int]


def chain() -> SignatureChain:
    return SignatureChain(KEY, KEY.scope_text, "20130524T000000Z", SEED)


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(StreamError) as caught:
        call(*arguments)
    error = caught.value
    assert str(error) == f"{error.part}: {error.code}: {error.message}"
    return error.part, error.stage, error.code, error.message, error.status


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


# --- event streams


def unframed(part: str, detail: str) -> Refusal:
    return part, "EVENT-1", "SerializationException", f"The frame is refused: {detail}", 400


def framed(block: bytes, payload: bytes = b"", **lengths: int) -> bytes:
    """A frame around a block of headers, its lengths and CRCs right unless given."""
    from binascii import crc32

    total = lengths.get("total", 16 + len(block) + len(payload))
    prelude = total.to_bytes(4, "big") + lengths.get("headers", len(block)).to_bytes(4, "big")
    message = prelude + crc32(prelude).to_bytes(4, "big") + block + payload
    return message + crc32(message).to_bytes(4, "big")


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


def test_the_limits_of_frames_hold_to_the_byte() -> None:
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


def test_bytes_that_are_not_one_frame() -> None:
    assert refused(decode_frame, b"") == unframed("event 1", "expected one frame, found 0")
    assert refused(decode_frame, framed(b"") * 2) == unframed("event 1", "expected one frame, found 2")
    assert refused(decode_frame, framed(b"") + b"x") == unframed("event 2", "the stream ends 1 bytes into it")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("", TRUE, True), "the header name '' is 0 bytes: expected 1 to 255"),
        (("é" * 128, TRUE, True), f"the header name {'é' * 40!r} is 256 bytes: expected 1 to 255"),
        (("\ud800", TRUE, True), "the header name '\\ud800' has no UTF-8 form"),
        (("a", TRUE, 1), "the header 'a' has a value that is not of type 0: see Header"),
        (("a", FALSE, 0), "the header 'a' has a value that is not of type 1: see Header"),
        (("a", INT8, True), "the header 'a' has a value that is not of type 2: see Header"),
        (("a", INT8, 128), "the header 'a' is 128: too large for type 2"),
        (("a", INT8, -129), "the header 'a' is -129: too large for type 2"),
        (("a", INT64, "1"), "the header 'a' has a value that is not of type 5: see Header"),
        (("a", BYTES, "b"), "the header 'a' has a value that is not of type 6: see Header"),
        (("a", BYTES, bytes(65536)), "the header 'a' is 65536 bytes: expected at most 65535"),
        (("a", STRING, b"b"), "the header 'a' has a value that is not of type 7: see Header"),
        (("a", STRING, "\ud800"), "the header 'a' has a value that is not of type 7: see Header"),
        (("a", UUID, bytes(15)), "the header 'a' has a value that is not of type 9: see Header"),
        (("a", UUID, bytes(17)), "the header 'a' has a value that is not of type 9: see Header"),
        (("a", UUID, "x" * 16), "the header 'a' has a value that is not of type 9: see Header"),
        (("a", 10, b""), "the header 'a' has a value that is not of type 10: see Header"),
    ],
)
def test_a_header_that_cannot_be_encoded(header: Any, words: str) -> None:
    with pytest.raises(SigningError) as caught:
        encode_header(*header)
    assert str(caught.value) == words


def test_a_name_has_at_most_255_bytes_and_occurs_once() -> None:
    frame = Frame([Header("é" * 127 + "a", BYTES, bytes(65535)), Header("b", INT8, -128)], b"p")
    assert decode_frame(encode_frame(*frame)) == frame
    with pytest.raises(SigningError) as caught:
        encode_frame([Header("a", TRUE, True), Header("a", FALSE, False)])
    assert str(caught.value) == ("a header name occurs twice in one frame: give each once, got ['a', 'a']")
    assert (frame.header("b"), frame.header("B")) == (-128, None)


# --- signed events

EVENT_SEED = "e1d8e8c8815e60969f2a34765c9a15945ffc0badbaa4b7e3b163ea19131e949b"
AT = 1369353600  # 20130524T000000Z


def signer() -> EventSigner:
    return EventSigner(lambda date: KEY, EVENT_SEED)


def events() -> EventVerifier:
    return EventVerifier(lambda date: KEY if date == "20130524" else None, EVENT_SEED)


def unwrapped(part: str, detail: str) -> Refusal:
    return part, "EVENT-3", "SerializationException", f"The message is refused: {detail}", 400


SHAPE = "expected :date and :chunk-signature, and no other header"
DATE, SIGNATURE = Header(":date", TIMESTAMP, AT * 1000), Header(":chunk-signature", BYTES, bytes(32))


LAST_DATE = 253402300799999  # 9999-12-31T23:59:59.999Z


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ([DATE], unwrapped("event 1", SHAPE)),
        ([SIGNATURE], unwrapped("event 1", SHAPE)),
        ([DATE, SIGNATURE, Header("a", TRUE, True)], unwrapped("event 1", SHAPE)),
        ([Header(":date", INT64, AT * 1000), SIGNATURE], unwrapped("event 1", SHAPE)),
        ([DATE, Header(":chunk-signature", STRING, "0")], unwrapped("event 1", SHAPE)),
        ([Header(":date", TIMESTAMP, 1 << 60), SIGNATURE], unwrapped("event 1", "its :date is outside the years 1 to 9999")),
        ([Header(":date", TIMESTAMP, LAST_DATE), SIGNATURE], ("event 1", "EVENT-4", "SignatureDoesNotMatch", MISMATCH, 403)),
        ([Header(":date", TIMESTAMP, LAST_DATE + 1), SIGNATURE], unwrapped("event 1", "its :date is outside the years 1 to 9999")),
        ([DATE, SIGNATURE], ("event 1", "EVENT-4", "SignatureDoesNotMatch", MISMATCH, 403)),
        ([Header(":date", TIMESTAMP, 0), SIGNATURE], ("event 1", "EVENT-4", "SignatureDoesNotMatch", MISMATCH, 403)),
    ],
)  # fmt: skip
def test_a_message_that_is_wrong(headers: list[Header], refusal: Refusal) -> None:
    assert refused(events().feed, encode_frame(headers, b"p")) == refusal
    first = signer().sign_payload(b"1", at=AT)
    verifier = events()
    assert verifier.feed(first) == [SignedEvent(AT * 1000, b"1")]
    assert refused(verifier.feed, encode_frame(headers, b"p")) == (
        refusal[0].replace("1", "2"), *refusal[1:],
    )  # fmt: skip
    with pytest.raises(VerificationError):
        verifier.finish()


def test_a_stream_ends_with_its_empty_message_and_nothing_follows() -> None:
    source = signer()
    one, end = source.sign_payload(b"1", at=AT), source.close(at=AT)
    verifier = events()
    assert verifier.feed(one) == [SignedEvent(AT * 1000, b"1")]
    assert refused(verifier.finish) == unwrapped("event 2", "the stream ends without its empty message")
    assert verifier.feed(end) == []
    verifier.finish()
    again = "it follows the empty message that ended the stream"
    assert refused(verifier.feed, one) == unwrapped("event 3", again)
    for call in (
        lambda: source.sign_payload(b"2", at=AT),
        lambda: source.sign([], b"2", at=AT),
        lambda: source.close(at=AT),
    ):
        with pytest.raises(SigningError) as caught:
            call()
        assert str(caught.value) == "the stream is closed: nothing can be signed after its empty message"
    with pytest.raises(SigningError) as caught:
        signer().sign_payload(b"", at=AT)
    assert str(caught.value) == "an empty payload ends the stream: call close, or frame an empty event"


def test_event_5_a_date_has_whole_seconds() -> None:
    for at in (AT, AT + 0.999, AT - 0.001, -0.5):
        message = decode_frame(signer().sign_payload(b"1", at=at))
        assert message.header(":date") == int(at // 1) * 1000
    assert EventVerifier(lambda date: KEY, EVENT_SEED, largest_payload=1).feed(
        signer().sign_payload(b"1", at=AT)
    ) == [SignedEvent(AT * 1000, b"1")]
    assert refused(
        EventVerifier(lambda date: KEY, EVENT_SEED, largest_payload=1).feed,
        signer().sign_payload(b"12", at=AT),
    ) == unframed("event 1", "a payload of 2 bytes; at most 1 are accepted")


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
