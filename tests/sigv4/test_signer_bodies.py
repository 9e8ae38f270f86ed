"""Signer: each form of body, its hash and what is refused."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from sigv4 import (
    DEFAULT,
    UNSIGNED_PAYLOAD,
    Payload,
    Signer,
    SigningError,
)
from sigv4.payload import LITERALS
from tests.sigv4.signed import CREDENTIALS, NOW, URL
from tests.sigv4.signers import S3_SIGNER, SIGNER, refused


def payload(body: Any, signer: Signer = SIGNER) -> str:
    return signer.explain("PUT", URL, (), body, at=NOW).canonical_request.split("\n")[-1]


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"abc", b"abc"),
        (b"", b""),
        (None, b""),
        ("", b""),
        ("aü", "aü".encode()),
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abc"), b"abc"),
        (io.BytesIO(b"abc"), b"abc"),
        (Payload.sha256(hashlib.sha256(b"abc").digest()), b"abc"),
        (Payload.sha256(hashlib.sha256(b"abc").hexdigest()), b"abc"),
    ],
)
def test_payload_1_the_hash_of_each_form_of_body(body: Any, data: bytes) -> None:
    assert payload(body) == hashlib.sha256(data).hexdigest()


def test_payload_6_a_file_is_hashed_from_its_position_which_is_restored(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    path = tmp_path / "body"
    path.write_bytes(data)
    with path.open("rb") as buffered, path.open("rb", buffering=0) as raw:
        for file in (buffered, raw):
            file.seek(1000)
            assert payload(file) == hashlib.sha256(data[1000:]).hexdigest()
            assert file.tell() == 1000


class ReadOnly:
    """A seekable file with the fewest methods."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell

    def seekable(self) -> bool:
        return True


def test_a_file_without_readinto_is_read() -> None:
    file = ReadOnly(b"abc")
    file.read(1)
    assert payload(file) == hashlib.sha256(b"bc").hexdigest()
    assert file.tell() == 1


def test_a_text_file_is_refused_and_its_position_restored() -> None:
    file = io.StringIO("abc")
    assert refused("PUT", URL, (), file) == "the body is a text file: open it in binary mode ('rb')"
    assert file.tell() == 0


def test_a_file_that_cannot_seek_is_refused_unread() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe(b"abc")
    text = refused("PUT", URL, (), pipe)
    assert "cannot seek" in text
    assert "Payload.sha256" in text
    assert pipe.read() == b"abc"


@pytest.mark.parametrize(
    ("body", "kind"),
    [((part for part in (b"a",)), "generator"), ([b"a"], "list"), ({"a": "b"}, "dict"), (1, "int")],
)
def test_an_object_that_is_not_a_body_is_refused_with_the_alternative(body: Any, kind: str) -> None:
    text = refused("PUT", URL, (), body)
    assert text.startswith(
        f"the body is {kind}: expected bytes, str, None, a seekable binary file or a Payload"
    )
    assert "read an iterable into bytes first" in text


def test_a_str_that_utf_8_cannot_encode_is_refused() -> None:
    expected = "the body holds a lone surrogate at position 1: pass the bytes to send"
    assert refused("PUT", URL, (), "a\ud800") == expected


@pytest.mark.parametrize("digest", ["", "e3", "E3B0" * 16, "g" * 64, b"", b"x" * 31])
def test_an_invalid_digest_is_refused(digest: str | bytes) -> None:
    with pytest.raises(SigningError, match="expected a SHA-256 as 64 lower-case hex digits or 32 bytes"):
        Payload.sha256(digest)


def test_payload_4_s3_has_the_header_and_other_services_do_not() -> None:
    assert "X-Amz-Content-SHA256" not in SIGNER.sign("PUT", URL, (), b"x")
    signed = S3_SIGNER.sign("PUT", URL, (), b"x")
    assert signed["X-Amz-Content-SHA256"] == hashlib.sha256(b"x").hexdigest()
    assert "x-amz-content-sha256" in str(signed["Authorization"])


def test_payload_5_an_unsigned_payload_is_the_dialects_choice() -> None:
    signed = S3_SIGNER.sign("PUT", URL, (), UNSIGNED_PAYLOAD)
    assert signed["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"
    assert refused("PUT", URL, (), UNSIGNED_PAYLOAD) == (
        "UNSIGNED-PAYLOAD is not accepted by service (dialect 'default'): sign the body itself, or pass a dialect "
        "whose payload_literals have it"
    )
    dialect = DEFAULT.replace(payload_literals=frozenset(("UNSIGNED-PAYLOAD",)))
    signed = Signer("aoss", "us-east-1", CREDENTIALS, dialect=dialect).sign("PUT", URL, (), UNSIGNED_PAYLOAD)
    assert signed["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"


def test_a_str_body_is_never_taken_for_a_literal_or_a_hash() -> None:
    for text in (*LITERALS, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"):
        assert payload(text, S3_SIGNER) == hashlib.sha256(text.encode()).hexdigest()
