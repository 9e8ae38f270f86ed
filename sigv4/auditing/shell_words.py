"""Splits a command line into words, as a POSIX shell or Windows ``cmd`` (with ``^``) does."""

from __future__ import annotations

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"', "0": "\0"}


def shell_commands(text: str, begins: Callable[[str], bool]) -> Iterator[list[str]]:
    """The words of each command of ``text``, which may have continued lines. Raises SigningError.

    A line between two commands is skipped unless a command begins there: ``begins`` gets its first 200
    characters and decides.
    """
    is_windows = '^"' in text or "^\n" in text
    text = _without_carets(text) if is_windows else text.replace("\\\n", " ")
    words_from = _windows_words if is_windows else _posix_words
    at = 0
    while at < len(text):
        if begins(text[at : at + 200]):
            words, at = words_from(text, at)
            yield words
        else:
            at = text.find("\n", at) + 1 or len(text)


def _posix_words(text: str, at: int) -> tuple[list[str], int]:
    """The words of the command at ``at``, and where its line ends."""
    words: list[str] = []
    word: list[str] | None = None
    while at < len(text):
        char = text[at]
        if char in " \t\n;":
            if word is not None:
                words.append("".join(word))
                word = None
            at += 1
            if char == ";":
                words.append(char)
            if char == "\n" and words:
                break
            continue
        word = [] if word is None else word
        if text.startswith("$'", at):
            piece, at = _ansi(text, at + 2)
        elif char in "'\"":
            piece, at = _quoted(text, at + 1, char)
        elif char == "\\" and at + 1 < len(text):
            piece, at = text[at + 1], at + 2
        else:
            piece, at = char, at + 1
        word.append(piece)
    if word is not None:
        words.append("".join(word))
    return words, at


def _quoted(text: str, at: int, quote: str) -> tuple[str, int]:
    out: list[str] = []
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\", "$", "`"):
            at += 1
        out.append(text[at : at + 1])
        at += 1
    return _closed(text, at, out)


def _ansi(text: str, at: int) -> tuple[str, int]:
    """``$'…'`` of bash, which browsers write for a value with quotes or non-ASCII bytes."""
    out: list[str] = []
    while at < len(text) and text[at] != "'":
        if text[at] != "\\":
            out.append(text[at])
            at += 1
            continue
        kind = text[at + 1 : at + 2]
        size = {"u": 4, "x": 2}.get(kind, 0)
        digits = text[at + 2 : at + 2 + size]
        if size and len(digits) == size and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            out.append(chr(int(digits, 16)))
            at += 2 + size
        else:
            out.append(_ESCAPES.get(kind, kind))
            at += 2
    return _closed(text, at, out)


def _closed(text: str, at: int, out: list[str]) -> tuple[str, int]:
    if at >= len(text):
        raise SigningError("the command ends within a quoted word: copy all of it")
    return "".join(out), at + 1


def _without_carets(text: str) -> str:
    """``text`` after ``cmd`` has removed ``^``, which escapes a character or continues a line."""
    start, *pieces = text.split("^")
    out = [start]
    taken = False  # whether the previous character is an escaped caret
    for piece in pieces:
        if not piece and not taken:
            taken = True
            continue
        if taken:
            out.append("^")
            taken = False
        if piece.startswith("\n\n"):  # browsers write a line end within a value like this
            out.append(piece[1:])
        elif piece.startswith("\n"):
            out.append(f" {piece[1:]}")
        else:
            out.append(piece)
    return "".join(out)


def _windows_words(text: str, at: int) -> tuple[list[str], int]:
    r"""``_posix_words`` for ``cmd``: browsers write ``"…"`` with ``\"`` or ``""`` and ``\\`` within it."""
    words: list[str] = []
    word: list[str] | None = None
    quoted = False
    while at < len(text):
        char = text[at]
        if char in " \t\n" and not quoted:
            if word is not None:
                words.append("".join(word))
                word = None
            at += 1
            if char == "\n" and words:
                break
            continue
        word = [] if word is None else word
        if char == "\\" and text[at + 1 : at + 2] in ("\\", '"'):
            word.append(text[at + 1])
            at += 2
        elif char == '"' and quoted and text[at + 1 : at + 2] == '"':
            word.append('"')
            at += 2
        elif char == '"':
            quoted, at = not quoted, at + 1
        else:
            word.append(char)
            at += 1
    if quoted:
        raise SigningError("the command ends within a quoted word: copy all of it")
    if word is not None:
        words.append("".join(word))
    return words, at
