"""The checksums of trailers: their published check values, and the refusal of a checksum that does not match the data."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from sigv4.streaming.checksums import checksum_of, encoded
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_signatures import StreamError

# Of b"123456789": RFC 3720 (CRC-32C), NVM Express base specification (CRC-64/NVME), ITU-T V.42 (CRC-32).
CHECK_VALUES = {
    "x-amz-checksum-crc32": "cbf43926",
    "x-amz-checksum-crc32c": "e3069283",
    "x-amz-checksum-crc64nvme": "ae8b14860a799888",
    "x-amz-checksum-md5": hashlib.md5(b"123456789").hexdigest(),
    "x-amz-checksum-sha1": hashlib.sha1(b"123456789").hexdigest(),
    "x-amz-checksum-sha256": hashlib.sha256(b"123456789").hexdigest(),
    "x-amz-checksum-sha512": hashlib.sha512(b"123456789").hexdigest(),
}


@pytest.mark.parametrize("name", CHECK_VALUES)
def test_the_published_check_value(name: str) -> None:
    checksum = checksum_of(name)
    assert checksum is not None
    checksum.update(b"1234")
    other = checksum.copy()
    for each in (checksum, other):
        each.update(b"56789")
        assert each.digest().hex() == CHECK_VALUES[name]
        assert len(each.digest()) == each.digest_size
        assert base64.b64decode(encoded(each)).hex() == CHECK_VALUES[name]


def test_another_trailer_is_not_a_checksum() -> None:
    assert checksum_of("x-amz-meta-note") is None
    assert checksum_of("x-amz-checksum-type") is None


def body(name: str, value: str) -> bytes:
    return b"9\r\n123456789\r\n0\r\n" + f"{name}:{value}\r\n\r\n".encode()


@pytest.mark.parametrize("name", CHECK_VALUES)
def test_an_unsigned_trailer_that_does_not_fit_the_data_is_refused_as_s3_does(name: str) -> None:
    right = base64.b64encode(bytes.fromhex(CHECK_VALUES[name])).decode()
    decoder = Decoder(9, None, [name.upper()])
    assert b"".join(decoder.feed(body(name, right))) == b"123456789"
    assert decoder.finish() == {name: right}
    for wrong in (
        base64.b64encode(bytes(len(CHECK_VALUES[name]) // 2)).decode(),
        "",
        "?",
        right + "=",
        right.lower(),
    ):
        decoder = Decoder(9, None, [name])
        decoder.feed(body(name, wrong))
        with pytest.raises(StreamError) as caught:
            decoder.finish()
        error = caught.value
        algorithm = name.removeprefix("x-amz-checksum-").upper()
        assert (error.part, error.code, error.status) == ("trailers", "BadDigest", 400)
        assert error.message == f"The {algorithm} you specified did not match the calculated checksum."
        with pytest.raises(StreamError):
            decoder.finish()


def test_a_checksum_is_the_same_however_the_data_come() -> None:
    data = bytes(range(256)) * 100
    value = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    framed = b"6400\r\n" + data + b"\r\n0\r\n" + f"x-amz-checksum-crc32:{value}\r\n\r\n".encode()
    for size in (1, 7, 4096, len(framed)):
        for kind in (bytes, bytearray, memoryview):
            decoder = Decoder(len(data), None, ["x-amz-checksum-crc32"])
            pieces = [
                piece
                for at in range(0, len(framed), size)
                for piece in decoder.feed(kind(framed[at : at + size]))
            ]
            assert b"".join(pieces) == data
            assert decoder.finish() == {"x-amz-checksum-crc32": value}
