"""The shared half of ``Request.parse`` and ``Response.parse``: head, headers and body of a raw message.

A capture is evidence: what an HTTP server would have to guess about is refused, with the line number.
"""

from __future__ import annotations

from .errors import SigningError
from .headers import TOKEN_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .request import HeaderPairs


def split_head(raw: bytes) -> tuple[list[bytes], bytes]:
    """The lines of the head (start line first, ends removed) and the body.

    The line end of the start line, CRLF or LF, is the line end of the whole head, so that a body that
    begins with a blank line of the other kind keeps it.
    """
    start = raw.find(b"\n")
    crlf = start > 0 and raw[start - 1 : start] == b"\r"
    end = b"\r\n" if crlf else b"\n"
    head, blank, body = raw.partition(end + end)
    if not blank:
        head = head.removesuffix(end)
    lines = head.split(end)
    for number, line in enumerate(lines, 1):
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise SigningError(f"line {number} holds a bare CR, LF or NUL: expected one kind of line end")
    if not lines[0]:
        raise SigningError("the message is empty: expected a start line, headers, a blank line and a body")
    return lines, body


def parse_headers(lines: list[bytes], unfold: bool) -> HeaderPairs:
    """Header lines as pairs: names as ``str``, values without the white space around them.

    A value is ``str`` where it is ASCII and ``bytes`` as sent where it is not.
    """
    found: list[tuple[bytes, bytes]] = []
    for number, line in enumerate(lines, 2):
        if line[:1] in (b" ", b"\t"):
            if not (unfold and found):
                raise SigningError(
                    f"line {number} continues the header above it (obs-fold): servers read such a header in "
                    "different ways; put it on one line, or ask for it to be unfolded"
                )
            name, value = found[-1]
            found[-1] = name, value + b" " + line.strip(b" \t")
            continue
        name, colon, value = line.partition(b":")
        if not (colon and name):
            raise SigningError(
                f"line {number} is not a header: expected 'Name: value', found no name before a colon"
            )
        if name.translate(None, TOKEN_BYTES):
            raise SigningError(f"line {number}: header name {name[:60]!r} holds bytes that no name may hold")
        found.append((name, value.strip(b" \t")))
    return tuple((n.decode("ascii"), v.decode("ascii") if v.isascii() else v) for n, v in found)
