"""``Signer.stream``: aws-chunked requests (CHUNK-1, 2)."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sigv4 import Crc32, Crc32c, Crc64nvme, Credentials, Signer, SigningError
from sigv4.scope import Scope
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_signatures import SignatureChain
from sigv4.v4 import signing_key

B = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
URL = "https://s3.amazonaws.com/examplebucket/chunkObject.txt"
AT = 1369353600
DATA = b"a" * 66560


def signer(credentials: Any = B) -> Signer:
    return Signer("s3", "us-east-1", credentials)


def test_the_published_example() -> None:
    """EX-S3-6: Amazon S3 API Reference, sigv4-streaming."""
    upload = signer().stream("PUT", URL, {"x-amz-storage-class": "REDUCED_REDUNDANCY"}, length=66560, at=AT)
    assert str(upload.headers["Authorization"]).endswith(
        "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
        "x-amz-decoded-content-length;x-amz-storage-class, "
        "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    )
    assert upload.headers["Content-Length"] == "66824"
    body = b"".join(upload.encode(io.BytesIO(DATA)))
    assert len(body) == 66824
    assert body.endswith(
        b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
    )
    assert body.startswith(
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
    )


@pytest.mark.parametrize("signed", [True, False])
def test_what_is_streamed_is_read_back_with_its_trailers(signed: bool) -> None:
    digest = hashlib.sha256()
    upload = signer().stream(
        "PUT",
        URL,
        {"Content-Encoding": "gzip"},
        length=len(DATA),
        trailers=[("x-amz-checksum-sha256", digest), ("x-amz-checksum-crc32", Crc32())],
        signed=signed,
        at=AT,
    )
    headers = {name.lower(): str(value) for name, value in upload.headers.items()}
    assert headers["content-encoding"] == "gzip,aws-chunked"
    assert headers["x-amz-trailer"] == "x-amz-checksum-sha256,x-amz-checksum-crc32"
    body = b"".join(upload.encode([DATA[:10], DATA[10:70], DATA[70:]]))
    assert len(body) == int(headers["content-length"])
    chain = None
    if signed:
        scope = Scope("20130524", "us-east-1", "s3")
        seed = headers["authorization"].rpartition("=")[2]
        chain = SignatureChain(signing_key(B.secret_access_key, scope), str(scope), "20130524T000000Z", seed)
    decoder = Decoder(len(DATA), chain, ["x-amz-checksum-sha256", "x-amz-checksum-crc32"])
    assert b"".join(decoder.feed(body)) == DATA
    assert set(decoder.finish()) == {"x-amz-checksum-sha256", "x-amz-checksum-crc32"}


def test_an_async_source_gives_the_same_bytes() -> None:
    upload = signer().stream("PUT", URL, length=len(DATA), at=AT)

    async def blocks() -> AsyncIterator[bytes]:
        yield DATA[:5]
        yield DATA[5:]

    async def collect() -> bytes:
        return b"".join([piece async for piece in upload.aencode(blocks())])

    assert asyncio.run(collect()) == b"".join(upload.encode([DATA]))


def test_seed_and_chunks_use_the_same_credentials_even_if_new_ones_are_available() -> None:
    keys = iter([B, Credentials("AKIDOTHER", "other")])
    upload = signer(lambda: next(keys)).stream("PUT", URL, length=len(DATA), at=AT)
    assert b"".join(upload.encode([DATA])) == b"".join(
        signer().stream("PUT", URL, length=len(DATA), at=AT).encode([DATA])
    )
    assert next(keys).access_key_id == "AKIDOTHER"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"length": -1}, "expected their number of bytes"),
        ({"length": True}, "expected their number of bytes"),
        ({"length": 1, "headers": {"Transfer-Encoding": "chunked"}}, "'transfer-encoding' is computed"),
        ({"length": 1, "chunk_size": 100}, "expected at least 8192"),
        ({"length": 1, "headers": {"Content-Length": "1"}}, "'content-length' is computed"),
        ({"length": 1, "signed": False}, "give at least one"),
        ({"length": 1, "url": "https://h/ "}, "which a request line cannot carry"),
    ],
)
def test_an_invalid_stream_is_refused_before_signing(how: dict[str, Any], words: str) -> None:
    with pytest.raises(SigningError, match=words):
        signer().stream("PUT", **{"url": URL, **how})


def test_a_service_that_accepts_no_stream_is_named() -> None:
    with pytest.raises(SigningError, match="STREAMING-AWS4-HMAC-SHA256-PAYLOAD is not accepted by sagemaker"):
        Signer("sagemaker", "us-east-1", B).stream("PUT", URL, length=1)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, "aws-chunked"),
        ("gzip", "gzip,aws-chunked"),
        ("aws-chunked", "aws-chunked"),
        ("AWS-Chunked", "AWS-Chunked"),
        ("aws-chunked, gzip", "aws-chunked,gzip"),
        ("gzip , aws-chunked", "gzip,aws-chunked"),
        ("aws-chunked,gzip,AWS-Chunked", "aws-chunked,gzip"),
        ("x-aws-chunked", "x-aws-chunked,aws-chunked"),
        ("", "aws-chunked"),
        (" , ,", "aws-chunked"),
    ],
)
def test_chunk_1_aws_chunked_is_named_once(given: str | None, sent: str) -> None:
    keys = Credentials("AKIDEXAMPLE", "secret")
    headers = {} if given is None else {"content-ENCODING": given}
    upload = Signer("s3", "us-east-1", keys).stream("PUT", "https://h.example/k", headers, length=3)
    found = {name.lower(): value for name, value in upload.headers.items()}
    assert found["content-encoding"] == sent


def test_chunk_1_the_framed_body_has_the_length_that_is_declared() -> None:
    keys = Credentials("AKIDEXAMPLE", "secret")
    for length in (0, 1, 65536, 70000):
        for trailers in (
            (),
            [("x-amz-checksum-crc32c", Crc32c())],
            [("x-amz-checksum-crc64nvme", Crc64nvme())],
        ):
            upload = Signer("s3", "us-east-1", keys).stream(
                "PUT", "https://h.example/k", length=length, trailers=trailers
            )
            body = upload.encode(b"a" * length)
            assert str(len(body)) == upload.headers["Content-Length"]
            assert repr(body) == f"FramedBody({len(body)} bytes)"
            assert len(next(body) + b"".join(body)) == len(body)


def test_the_checksums_of_the_reference_check_strings() -> None:
    """The check values of the CRC catalogue, of "123456789"; and that of EX-S3-7."""
    for make, value in ((Crc32, "cbf43926"), (Crc32c, "e3069283"), (Crc64nvme, "ae8b14860a799888")):
        checksum = make()
        checksum.update(b"12345")
        other = checksum.copy()
        other.update(b"6789")
        assert other.digest().hex() == value
        assert other.digest_size == len(other.digest())
    checksum = Crc32c()
    checksum.update(66560 * b"a")
    assert checksum.digest().hex() == "b0e3bcfd"


def test_chunk_1_the_headers_of_a_stream_are_spelled_as_s3_documents_them() -> None:
    upload = signer().stream("PUT", URL, length=3, trailers=[("x-amz-checksum-crc32", Crc32())], at=AT)
    assert {name for name in upload.headers if name.lower() not in ("host", "authorization", "x-amz-date")} == {
        "Content-Encoding", "Content-Length", "X-Amz-Content-SHA256", "X-Amz-Decoded-Content-Length", "X-Amz-Trailer",
    }  # fmt: skip


def test_chunk_1_the_callers_content_encoding_keeps_its_spelling() -> None:
    for given in ("content-encoding", "CONTENT-ENCODING"):
        upload = signer().stream("PUT", URL, {given: "gzip"}, length=3, at=AT)
        named = [
            (name, value) for name, value in upload.headers.items() if name.lower() == "content-encoding"
        ]
        assert named == [(given, "gzip,aws-chunked")]


def test_only_spaces_and_tabs_are_left_out_of_content_encoding() -> None:
    upload = signer().stream("PUT", URL, {"Content-Encoding": b" X\t, \xa0 ,x-gzip"}, length=3, at=AT)
    assert upload.headers["Content-Encoding"] == "X,\xa0,x-gzip,aws-chunked".encode("latin-1")


def test_cr_hdr_9_headers_of_an_earlier_signature_are_replaced() -> None:
    upload = signer().stream("PUT", URL, {"authorization": "x", "x-amz-date": "y", "x-amz-security-token": "z"}, length=3, at=AT)  # fmt: skip
    assert sorted(name.lower() for name in upload.headers) == [
        "authorization", "content-encoding", "content-length", "host", "x-amz-content-sha256", "x-amz-date",
        "x-amz-decoded-content-length",
    ]  # fmt: skip
    assert not {"x", "y", "z"} & {*upload.headers.values()}


def test_the_length_of_a_stream_is_that_of_its_chunk_size() -> None:
    upload = signer().stream("PUT", URL, length=len(DATA), chunk_size=8192, at=AT)
    assert len(b"".join(upload.encode([DATA]))) == int(upload.headers["Content-Length"])
    assert len(DATA) < int(upload.headers["Content-Length"])
    assert upload.headers["Content-Length"] != signer().stream("PUT", URL, length=len(DATA), at=AT).headers["Content-Length"]  # fmt: skip
