"""``Payload`` and ``payload_line``: the errors for a wrong body and for a wrong hash."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from sigv4 import Payload, SigningError
from sigv4.payload import payload_line


class _Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False


class _InBlocks:
    """A file that has no ``readinto``; it counts its reads."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.reads: list[int] = []
        self.seek, self.tell, self.seekable = self._file.seek, self._file.tell, self._file.seekable

    def read(self, size: int) -> bytes:
        self.reads.append(size)
        return self._file.read(size)


class _IntoBuffers(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("a file that fills a buffer is read without a copy")


def said(call: Any, *arguments: object) -> str:
    with pytest.raises(SigningError) as caught:
        call(*arguments)
    return str(caught.value)


def test_payload_1_a_digest_may_be_text_or_bytes() -> None:
    digest = hashlib.sha256(b"x")
    assert (
        Payload.sha256(digest.digest()) == Payload.sha256(digest.hexdigest()) == Payload(digest.hexdigest())
    )


def test_a_wrong_payload_line_is_shown_shortened() -> None:
    shown = "x" * 80
    expected = f"the payload line is {shown!r}: expected 64 lower-case hex digits or a literal"
    assert said(Payload, f"{shown}y") == expected


@pytest.mark.parametrize(("digest", "found"), [("e3", "2 characters"), (b"abc", "3 bytes")])
def test_a_digest_of_another_length_is_reported(digest: str | bytes, found: str) -> None:
    expected = f"expected a SHA-256 as 64 lower-case hex digits or 32 bytes, got {found}"
    assert said(Payload.sha256, digest) == expected


def test_an_object_that_is_not_a_body_is_refused_with_all_alternatives() -> None:
    assert said(payload_line, [b"a"]) == (
        "the body is list: expected bytes, str, None, a seekable binary file or a Payload; "
        "read an iterable into bytes first, or pass Payload.sha256(...), "
        "or UNSIGNED_PAYLOAD if the service accepts it"
    )
    assert said(payload_line, _Unseekable(b"a")) == (
        "the body is a file that cannot seek: hashing would use it up; read it into bytes first, or pass "
        "Payload.sha256(...) with its hash"
    )


def test_payload_6_a_file_is_read_in_blocks() -> None:
    data = bytes(600_000)
    file: Any = _InBlocks(data)
    assert payload_line(file) == hashlib.sha256(data).hexdigest()
    assert set(file.reads) == {1 << 18}
    assert payload_line(_IntoBuffers(data)) == hashlib.sha256(data).hexdigest()
