"""The words of a command line as a POSIX shell, or ``cmd`` with its ``^``, would split it."""

from __future__ import annotations

from ..errors import SigningError

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"', "0": "\0"}


def shell_words(text: str) -> list[str]:
    """The words of one command; ``\\`` at the end of a line continues it. Raises SigningError."""
    text = text.replace("\\\n", " ").replace("^\n", " ")
    words: list[str] = []
    word: list[str] | None = None
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t\n":
            if word is not None:
                words.append("".join(word))
                word = None
            at += 1
            if char == "\n" and words:
                break
            continue
        word = [] if word is None else word
        if text.startswith("$'", at):
            piece, at = _ansi(text, at + 2)
        elif text.startswith('^"', at):
            piece, at = _caret_quoted(text, at + 2)
        elif char in "'\"":
            piece, at = _quoted(text, at + 1, char)
        elif char in "\\^" and at + 1 < len(text):
            piece, at = text[at + 1], at + 2
        else:
            piece, at = char, at + 1
        word.append(piece)
    if word is not None:
        words.append("".join(word))
    return words


def _quoted(text: str, at: int, quote: str) -> tuple[str, int]:
    out: list[str] = []
    while at < len(text) and text[at] != quote:
        if (
            quote == '"'
            and text[at] in "\\^"
            and text[at + 1 : at + 2] in ('"', "\\", "$", "`", "^", "%", "&")
        ):
            at += 1
        out.append(text[at : at + 1])
        at += 1
    return _closed(text, at, out)


def _caret_quoted(text: str, at: int) -> tuple[str, int]:
    """``^"…^"`` of cmd, as browsers write it: ``^`` goes before every special character."""
    out: list[str] = []
    while at < len(text) and not text.startswith('^"', at):
        at += text[at] == "^"
        out.append(text[at : at + 1])
        at += 1
    return _closed(text, at, out)[0], at + 2


def _ansi(text: str, at: int) -> tuple[str, int]:
    """``$'…'`` of bash, which browsers write where a value has quotes or bytes outside ASCII."""
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
