"""CHUNK-*, TRAILER-*: aws-chunked bodies, encoded, decoded and verified chunk by chunk."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import pickle
import random
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sigv4 import Credentials, Signer, SigningError, VerificationError, v4, v4a
from sigv4.scope import Scope, parse_timestamp
from sigv4.streaming.checksums import Crc32
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_encoder import Encoder, content_length, streaming_payload
from sigv4.streaming.chunk_signatures import SignatureChain, StreamError, canonical_trailers
from tests.vectors import read

VECTORS = read("chunked.json")
POSITIVE = [pytest.param(data, id=data["id"]) for data in VECTORS if "published" in data["flags"]]
RECEIVED = [data for data in VECTORS if "request" not in data["input"]]
NEGATIVE = [pytest.param(data, id=data["id"]) for data in RECEIVED if "negative" in data["flags"]]
DECODED = [pytest.param(data, id=data["id"]) for data in RECEIVED if "negative" not in data["flags"]]
UNSIGNABLE = [data for data in VECTORS if "request" in data["input"] and "negative" in data["flags"]]
TIMESTAMP = "20130524T000000Z"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
KEY = v4.signing_key(SECRET, Scope("20130524", "us-east-1", "s3"))
CRC = "x-amz-checksum-crc32"
FORMS = ["signed", "signed trailer", "unsigned trailer"]


def chain(seed: str = SEED) -> SignatureChain:
    return SignatureChain(KEY, KEY.scope_text, TIMESTAMP, seed)


def encoder(form: str, length: int, chunk_size: int = 8192) -> Encoder:
    trailers = [(CRC, Crc32())] if "trailer" in form else []
    return Encoder(length, None if "unsigned" in form else chain(), trailers, chunk_size=chunk_size)


def decoder(form: str, length: int) -> Decoder:
    names = [CRC] if "trailer" in form else []
    return Decoder(length, None if "unsigned" in form else chain(), names)


def refusal(decoder: Decoder, body: bytes, step: int = 1 << 30) -> StreamError | None:
    """The refusal of a body, None where it is accepted."""
    try:
        for start in range(0, len(body), step):
            decoder.feed(body[start : start + step])
        decoder.finish()
    except StreamError as error:
        return error
    return None


def random_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("vector", POSITIVE)
def test_every_stage_of_a_published_upload_is_reproduced(vector: dict[str, Any]) -> None:
    given, expect = vector["input"], vector["expect"]
    credentials = Credentials(given["access_key_id"], given["secret_access_key"])
    request = given["request"]
    # EX-S3-6B signs the trailers of a request that declared none.
    declared = given["trailers"] if "TRAILER" in expect["payload"] else ()
    payload = streaming_payload(v4.ALGORITHM, declared)
    assert payload.line == expect["payload"]
    explanation = Signer(given["service"], given["region"], credentials).explain(
        request["method"], request["url"], request["headers"], payload, at=parse_timestamp(given["at"])
    )
    digest = hashlib.sha256(explanation.canonical_request_bytes).hexdigest()
    assert digest == expect["canonical_request_sha256"]
    assert explanation.signature == expect["seed_signature"]
    data = given["data"]["repeat"].encode() * given["data"]["times"]
    links, position = chain(explanation.signature), 0
    for chunk in expect["chunks"]:
        text = links.chunk_string(hashlib.sha256(data[position : position + chunk["size"]]).hexdigest())
        assert text == chunk["string_to_sign"]
        assert text.endswith(chunk["data_sha256"])
        assert links.sign(text) == chunk["signature"]
        position += chunk["size"]
    if "trailer" in expect:
        trailer, pairs = expect["trailer"], [(name, value) for name, value in given["trailers"]]
        assert canonical_trailers(pairs).decode() == trailer["canonical_trailers"]
        assert hashlib.sha256(canonical_trailers(pairs)).hexdigest() == trailer["canonical_trailers_sha256"]
        assert links.trailer_string(pairs) == trailer["string_to_sign"]
        assert links.sign(links.trailer_string(pairs)) == trailer["signature"]


@pytest.mark.parametrize("vector", POSITIVE)
def test_a_published_upload_is_framed_and_decoded(vector: dict[str, Any]) -> None:
    given, expect = vector["input"], vector["expect"]
    data = given["data"]["repeat"].encode() * given["data"]["times"]
    pairs = [(name, value) for name, value in given["trailers"]]
    upload = Encoder(len(data), chain(expect["seed_signature"]), pairs, chunk_size=given["chunk_size"])
    # CHUNK-4 and TRAILER-2, written by hand from the published signatures.
    framed, position = b"", 0
    for chunk in expect["chunks"]:
        piece = data[position : position + chunk["size"]]
        framed += f"{chunk['size']:x};chunk-signature={chunk['signature']}\r\n".encode() + piece
        framed += b"\r\n" if piece else b""
        position += chunk["size"]
    for name, value in pairs:
        framed += f"{name}:{value}\r\n".encode()
    if pairs:
        framed += f"x-amz-trailer-signature:{expect['trailer']['signature']}\r\n".encode()
    framed += b"\r\n"
    assert b"".join(upload.encode(data)) == framed
    assert upload.content_length == len(framed) == expect.get("content_length", len(framed))
    decoding = Decoder(len(data), chain(expect["seed_signature"]), [name for name, _ in pairs])
    assert b"".join(decoding.feed(framed)) == data
    assert decoding.finish() == dict(pairs)


@pytest.mark.parametrize("step", [1 << 30, 1], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("vector", NEGATIVE)
def test_a_negative_is_refused_at_its_part_by_its_rule(vector: dict[str, Any], step: int) -> None:
    given = vector["input"]
    links = chain(given["seed_signature"]) if given["signed"] else None
    found = refusal(Decoder(given["decoded_length"], links, given["trailers"]), given["body"].encode(), step)
    assert found is not None
    assert vector["expect"] == {"error": {"part": found.part, "stage": found.stage, "code": found.code}}
    assert found.status == (403 if found.code == "SignatureDoesNotMatch" else 400)


@pytest.mark.parametrize("step", [1 << 30, 1], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("vector", DECODED)
def test_a_body_in_another_form_that_is_taken(vector: dict[str, Any], step: int) -> None:
    given, body = vector["input"], vector["input"]["body"].encode()
    decoding = Decoder(
        given["decoded_length"],
        chain(given["seed_signature"]) if given["signed"] else None,
        given["trailers"],
    )
    found = [piece for at in range(0, len(body), step) for piece in decoding.feed(body[at : at + step])]
    assert decoding.finish() == vector["expect"]["trailers"]
    assert b"".join(found) == base64.b64decode(vector["expect"]["data"]["base64"])


@pytest.mark.parametrize("vector", UNSIGNABLE, ids=lambda data: data["id"])
def test_a_stream_that_cannot_be_signed_is_refused(vector: dict[str, Any]) -> None:
    given = vector["input"]
    signer = Signer("s3", "us-east-1", Credentials("AKIAIOSFODNN7EXAMPLE", SECRET))
    trailers = [(name, value) for name, value in given["trailers"]]
    ours = {"content-length", "x-amz-decoded-content-length", "x-amz-trailer"}
    headers = [(name, value) for name, value in given["request"]["headers"] if name.lower() not in ours]
    if "trailer" in vector["id"].lower() and given["signed"]:  # the literal is not the caller's to give
        assert signer.stream("PUT", given["request"]["url"], headers, length=5).headers[
            "X-Amz-Content-SHA256"
        ] == (given["payload"].removesuffix("-TRAILER"))
        return
    with pytest.raises(SigningError, match=vector["expect"]["error"]["text"]):
        signer.stream(
            "PUT", given["request"]["url"], headers, length=5, trailers=trailers, signed=given["signed"],
            chunk_size=given["chunk_size"],
        )  # fmt: skip


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
    inside = range(200, first - 200)  # of the data of chunk 1, of which one byte in 97 is tried
    positions = [at for at in range(len(framed)) if at not in inside or at % 97 == 0]
    for position in positions:
        for mask in (0x01, 0x20, 0x80):
            flipped = bytearray(framed)
            flipped[position] ^= mask
            found = refusal(decoder("signed trailer", len(data)), bytes(flipped))
            if found is None:
                # Names of trailers are the same in upper case; nothing else is.
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


def test_a_refused_or_finished_decoder_stays_so() -> None:
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


def test_4A_signatures_are_padded_on_the_wire_and_bare_in_the_chain() -> None:
    """CHUNK-V4A-1."""
    texts: list[str] = []

    class Algorithm:
        ALGORITHM = "AWS4-ECDSA-P256-SHA256"

        @staticmethod
        def sign(key: object, text: str) -> str:
            texts.append(text)
            return "3045" + hashlib.sha256(text.encode()).hexdigest()

        @staticmethod
        def check(key: object, text: str, signature: str) -> bool:
            return signature == "3045" + hashlib.sha256(text.encode()).hexdigest()

    links = SignatureChain(object(), "20130524/s3/aws4_request", TIMESTAMP, "3045aa", algorithm=Algorithm())
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
    assert streaming_payload(Algorithm.ALGORITHM).line == "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"


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
def test_what_cannot_be_sent_is_refused(arguments: Any, message: str) -> None:
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
def test_any_bytes_are_refused_or_read_with_documented_errors_alone(
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
def test_1_GiB_passes_through_encoder_and_decoder_in_flat_memory(form: str) -> None:
    block, count = random_bytes(1 << 20), 1024
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
    checks = pytest.importorskip("botocore.httpchecksum", reason="the referee botocore is not installed")
    data = random_bytes(20000)
    wrapper = checks.AwsChunkedWrapper(io.BytesIO(data), checks.Crc32Checksum, CRC, chunk_size=8192)
    assert wrapper.read() == b"".join(encoder("unsigned trailer", len(data)).encode(data))


def test_chunk_v4a_1_a_signature_is_padded_with_asterisks_alone() -> None:
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
    """A binary file that cannot be iterated, and that keeps what was asked of it."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.asked: list[int] = []

    def read(self, size: int) -> bytes:
        self.asked.append(size)
        return self._file.read(size)


def test_a_file_is_read_one_chunk_at_a_time() -> None:
    data = random_bytes(20000)
    file = Recorder(data)
    assert b"".join(encoder("signed", 20000).encode(file)) == b"".join(encoder("signed", 20000).encode(data))
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
        ([("A", "1  2")], "the value of the trailer 'a' has tabs, outer or repeated spaces, which implementations sign in different ways (TRAILER-1): send it without"),
        ([("A", "1\n")], "header 'a' holds the control character 0x0A at position 1: it cannot be sent in a header; remove it"),
        ([("A", 1)], "the trailer 'a' is int: expected str, or a checksum as of hashlib"),
    ],
)  # fmt: skip
def test_trailers_that_are_read_in_different_ways_are_refused_in_words(trailers: Any, words: str) -> None:
    with pytest.raises(SigningError) as caught:
        Encoder(1, None, trailers)
    assert str(caught.value) == words


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha384", "sha512"])
def test_the_length_counts_checksums_of_any_size(name: str) -> None:
    """Base64 of 16, 20, 32, 48 and 64 bytes: with two, one and no ``=`` behind it."""
    for links in (chain(), None):
        upload = Encoder(3, links, [("x-amz-checksum-a", hashlib.new(name, usedforsecurity=False))])
        framed = b"".join(upload.encode(b"abc"))
        assert upload.content_length == len(framed)
        value = base64.b64encode(hashlib.new(name, b"abc", usedforsecurity=False).digest())
        assert b"x-amz-checksum-a:" + value + b"\r\n" in framed


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("size", [1, 100, 8191, 8192, 8193, 20000])
def test_blocks_of_every_size_and_kind_are_framed_alike(kind: Any, size: int) -> None:
    data = random_bytes(20000)
    blocks = [kind(data[at : at + size]) for at in range(0, len(data), size)]
    assert b"".join(encoder("signed", len(data)).encode(blocks)) == b"".join(
        encoder("signed", len(data)).encode(data)
    )
