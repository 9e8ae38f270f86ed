"""The checksums of ``x-amz-checksum-*`` trailers, with the interface of ``hashlib``."""

from __future__ import annotations

from binascii import b2a_base64, crc32
from hashlib import md5, sha1, sha256, sha512

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    class Checksum(Protocol):
        """A hash object of ``hashlib``, or any object with the same methods."""

        @property
        def digest_size(self) -> int: ...
        def update(self, data: bytes, /) -> object: ...
        def digest(self) -> bytes: ...
        def copy(self) -> Checksum: ...


class Crc32:
    """CRC-32 with the interface of ``hashlib``, for the trailer ``x-amz-checksum-crc32``."""

    digest_size = 4

    def __init__(self, value: int = 0) -> None:
        self._value = value

    def update(self, data: bytes) -> None:
        """Add ``data`` to what was read so far."""
        self._value = crc32(data, self._value)

    def digest(self) -> bytes:
        """The checksum of the data so far: 4 bytes, the highest first."""
        return self._value.to_bytes(4, "big")

    def copy(self) -> Crc32:
        """An independent checksum that has read the same data."""
        return Crc32(self._value)


class _TableCrc:
    """A reflected CRC that starts and ends with all bits inverted, a byte at a time: some 20 MB/s."""

    __slots__ = ("_table", "_value", "digest_size")

    def __init__(self, polynomial: int, digest_size: int) -> None:
        self._table = _table(polynomial)
        self._value = (1 << 8 * digest_size) - 1
        self.digest_size: int = digest_size

    def update(self, data: bytes) -> None:
        """Add ``data`` to what was read so far."""
        value, table = self._value, self._table
        for byte in data:
            value = table[(value ^ byte) & 255] ^ (value >> 8)
        self._value = value

    def digest(self) -> bytes:
        """The checksum of the data so far: ``digest_size`` bytes, the highest first."""
        inverted = self._value ^ ((1 << 8 * self.digest_size) - 1)
        return inverted.to_bytes(self.digest_size, "big")

    def copy(self) -> _TableCrc:
        """An independent checksum that has read the same data."""
        other = object.__new__(_TableCrc)
        other._table, other._value, other.digest_size = self._table, self._value, self.digest_size
        return other


def _table(polynomial: int) -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


class Crc32c(_TableCrc):
    """CRC-32C (Castagnoli, RFC 3720 appendix B.4), for the trailer ``x-amz-checksum-crc32c``.

    In Python, some 20 MB/s; you may pass any object with the same methods instead.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0x82F63B78, 4)


class Crc64nvme(_TableCrc):
    """CRC-64/NVME (NVM Express base specification), for the trailer ``x-amz-checksum-crc64nvme``.

    In Python, some 20 MB/s; you may pass any object with the same methods instead.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0x9A6C9329AC4BC9B5, 8)


# S3 API Reference, "Checking object integrity": the names of checksum trailers, and S3's names for them in
# errors.
_CHECKSUMS: Mapping[str, Callable[[], Checksum]] = {
    "x-amz-checksum-crc32": Crc32,
    "x-amz-checksum-crc32c": Crc32c,
    "x-amz-checksum-crc64nvme": Crc64nvme,
    "x-amz-checksum-md5": lambda: md5(usedforsecurity=False),
    "x-amz-checksum-sha1": lambda: sha1(usedforsecurity=False),
    "x-amz-checksum-sha256": sha256,
    "x-amz-checksum-sha512": sha512,
}


def checksum_of(trailer: str) -> Checksum | None:
    """A new checksum for the trailer of this lower-case name; None if the name is not that of a checksum."""
    make = _CHECKSUMS.get(trailer)
    return make() if make else None


def encoded(checksum: Checksum) -> str:
    """The value of a checksum trailer: the digest in base64."""
    return b2a_base64(checksum.digest(), newline=False).decode("ascii")
