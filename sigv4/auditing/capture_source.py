"""``Source``: reads a capture once, from start to end, as UTF-8, and can look ahead."""

from __future__ import annotations

from codecs import getincrementaldecoder
from io import BytesIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codecs import IncrementalDecoder
    from collections.abc import Iterator

    from .json_stream import BinaryFile

_BLOCK = 1 << 16
_SHORT = 256  # most runs of skipped bytes are shorter; what is read beyond them is copied twice
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xef\xbb\xbf", ""),
)


def in_utf8(raw: bytes) -> bytes:
    """``raw`` as UTF-8 without a byte order mark; Windows writes UTF-16."""
    return Source(BytesIO(raw)).rest()


class Source:
    """The bytes of ``file`` without a byte order mark; UTF-16 and UTF-32, which Windows writes, become UTF-8.

    ``position`` is how many of these bytes were read.
    """

    def __init__(self, file: BinaryFile) -> None:
        self._file = file
        self._decoder: IncrementalDecoder | None = None
        self._ahead = b""
        self._at = 0
        self._ended = False
        self.position: int = 0
        first = b""
        while len(first) < 4 and (block := file.read(_BLOCK)):
            first += block
        mark, encoding = next((each for each in _MARKS if first.startswith(each[0])), (b"", ""))
        if not mark and len(first) > 3 and first[1:2] == b"\0" == first[3:4]:
            encoding = "utf-16-le"
        first = first[len(mark) :]
        if encoding:
            self._decoder = getincrementaldecoder(encoding)("replace")
            first = self._decoder.decode(first).encode("utf-8")
        self._ahead = first

    def _block(self) -> bytes:
        """The next block; b"" at the end."""
        while block := self._file.read(_BLOCK):
            if self._decoder is None:
                return block
            if decoded := self._decoder.decode(block):
                return decoded.encode("utf-8")
        self._ended = True
        rest = "" if self._decoder is None else self._decoder.decode(b"", final=True)
        self._decoder = None
        return rest.encode("utf-8")

    def peek(self, size: int, after: int = 0) -> bytes:
        """``size`` bytes ``after`` the next ones, or all that are left of them, without consuming any.

        A quarter more than that is read, so that text is not copied each time if this is repeated.
        """
        needed = after + size
        ahead = len(self._ahead) - self._at
        if ahead < needed and not self._ended:
            pieces = [self._ahead[self._at :]]
            while ahead < needed + needed // 4 and (block := self._block()):
                pieces.append(block)
                ahead += len(block)
            self._ahead, self._at = b"".join(pieces), 0
        return self._ahead[self._at + after : self._at + needed]

    def read(self, size: int) -> bytes:
        """Up to ``size`` of the next bytes; b"" at the end."""
        if self._at == len(self._ahead):
            self._ahead, self._at = self._block(), 0
        found = self._ahead[self._at : self._at + size]
        self._at += len(found)
        self.position += len(found)
        return found

    def exactly(self, size: int) -> bytes:
        """The next ``size`` bytes, or all that are left."""
        pieces = []
        while size > 0 and (piece := self.read(min(size, _BLOCK))):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def unread(self, data: bytes) -> None:
        """Puts back ``data``, the bytes that were read last."""
        self.position -= len(data)
        if self._at >= len(data):
            self._at -= len(data)
        else:
            self._ahead, self._at = data + self._ahead[self._at :], 0

    def line(self) -> bytes:
        """The bytes up to and including the next line end; b"" at the end."""
        pieces = []
        while True:
            if self._at == len(self._ahead):
                self._ahead, self._at = self._block(), 0
            end = self._ahead.find(b"\n", self._at) + 1
            piece = self._ahead[self._at : end or len(self._ahead)]
            self._at += len(piece)
            pieces.append(piece)
            if end or not piece:
                break
        found = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.position += len(found)
        return found

    def skip(self, bytes_: bytes) -> None:
        """Skips to the first byte that is not in ``bytes_``."""
        while block := self.read(_SHORT):
            if rest := block.lstrip(bytes_):
                self.unread(rest)
                return

    def lines(self) -> Iterator[str]:
        """The remaining lines as text without line ends; bytes that are not UTF-8 are escaped."""
        while line := self.line():
            yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def rest(self) -> bytes:
        pieces = []
        while block := self.read(_BLOCK):
            pieces.append(block)
        return b"".join(pieces)
