"""The payload line: FAIL-32…35, 39."""

from __future__ import annotations

import base64
import json
import zlib
from hashlib import sha256

from ...payload import EMPTY_SHA256, LITERALS, UNSIGNED_PAYLOAD, is_sha256
from ...percent import escape, is_escaped, unescape
from .hypothesis import LONGEST_BODY, Hypothesis, LeftOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence


def payload_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis | LeftOut]:
    body, declared = evidence.body, evidence.lines.get("x-amz-content-sha256")
    digest = sha256(body)
    if declared is not None and declared != digest.hexdigest():
        id = "FAIL-35" if declared == UNSIGNED_PAYLOAD.line else "FAIL-34"
        yield Hypothesis(
            id, "the payload line is the hash of the body, not the header's value", payload=digest.hexdigest()
        )
    if body:
        id = "FAIL-33" if draft.is_bodiless else "FAIL-32"
        yield Hypothesis(id, "the body is hashed as empty", payload=EMPTY_SHA256)
    line = UNSIGNED_PAYLOAD.line
    yield Hypothesis("FAIL-35", f"the payload line is {line}", payload=line)
    yield Hypothesis("FAIL-35", "the payload line is the hash of the body", payload=digest.hexdigest())
    if is_sha256(draft.payload):
        raw = bytes.fromhex(draft.payload)
        yield Hypothesis(
            "FAIL-34", "the payload hash is in Base64", payload=base64.b64encode(raw).decode("ascii")
        )
        yield Hypothesis("FAIL-34", "the payload hash is in upper case", payload=draft.payload.upper())
    yield from _declared_otherwise(draft, declared, digest.hexdigest())
    yield Hypothesis("FAIL-39", "the payload line is empty", payload="")
    if len(body) > LONGEST_BODY:
        yield LeftOut(f"other forms of the body, which is longer than {LONGEST_BODY} bytes")
    elif body:
        # Stored with the request: the search for two faults needs them again for each first fault.
        if not evidence.other_bodies:
            evidence.other_bodies.extend(_of_other_bodies(body))
        yield from evidence.other_bodies


def _of_other_bodies(body: bytes) -> Iterator[Hypothesis | LeftOut]:
    """Other bodies that may have been signed, such as one without framing or a line end of the capture."""
    yield Hypothesis("FAIL-34", "the body itself is the payload line", payload=body.decode("latin-1"))
    whole = _dechunked(body)
    if whole is not None:
        fix = "give the body without its chunk framing: the dump has the bytes of the connection"
        said = "the chunk framing of the capture is not a part of the body"
        yield Hypothesis("FAIL-56", said, fix, payload=sha256(whole).hexdigest())
    for words, other in _other_bodies(body):
        if other is None:
            yield LeftOut(f"the body {words}")
        elif other != body:
            yield Hypothesis("FAIL-32", f"the body is hashed {words}", payload=sha256(other).hexdigest())
    if body.endswith(b"\n"):
        fix = "remove the last line end from the capture: an editor or a shell added it"
        plain = body.removesuffix(b"\n").removesuffix(b"\r")
        said = "the line end after the body is not a part of it"
        yield Hypothesis("FAIL-56", said, fix, payload=sha256(plain).hexdigest())


def _dechunked(body: bytes) -> bytes | None:
    """The body without HTTP's chunk framing (RFC 9112 §7.1); None if it has no framing."""
    chunks: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        digits = body[at:end].partition(b";")[0].strip()
        if not digits or len(digits) > 8 or digits.translate(None, b"0123456789abcdefABCDEF"):
            return None
        size = int(digits, 16)
        if size == 0:
            return b"".join(chunks)
        at = end + 2 + size
        chunks.append(body[end + 2 : at])
        at += 2 if body.startswith(b"\r\n", at) else 0
    return None


def _declared_otherwise(draft: Draft, declared: str | None, hashed: str) -> Iterator[Hypothesis]:
    """FAIL-35: another X-Amz-Content-SHA256 was signed than was sent, as header and as payload line."""
    if declared is None:
        return
    for other in dict.fromkeys((hashed, UNSIGNED_PAYLOAD.line, EMPTY_SHA256, *sorted(LITERALS))):
        headers = tuple(
            (name, other if name == "x-amz-content-sha256" else value) for name, value in draft.headers
        )
        said = f"X-Amz-Content-SHA256 is {other!r}, in the header and as the payload line"
        yield Hypothesis("FAIL-35", said, headers=headers, payload=other)


def _other_bodies(body: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Other bodies, with words that say how they differ; None for one that is too large to be made."""
    unix = body.replace(b"\r\n", b"\n")
    yield "with LF line ends", unix
    yield "with CRLF line ends", unix.replace(b"\n", b"\r\n")
    yield "without the line end after it", body.rstrip(b"\r\n")
    yield "without line ends", unix.replace(b"\n", b"")
    yield "with a line end after it", body + b"\n"
    yield "without white space at its ends", body.strip()
    yield "with a byte order mark", b"\xef\xbb\xbf" + body
    yield "without its byte order mark", body.removeprefix(b"\xef\xbb\xbf")
    inflated = _inflated(body)
    large = f", which is longer than {LONGEST_BODY} bytes" if inflated is None else ""
    yield f"before it was compressed{large}", inflated
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        yield "as UTF-8 of its Latin-1 text", body.decode("latin-1").encode("utf-8")
        return
    for encoding in ("utf-16-le", "utf-16", "utf-16-be", "utf-32-le"):
        yield f"as {encoding}", text.encode(encoding)
    yield "as Latin-1", text.encode("latin-1", "replace")
    yield "as ASCII", text.encode("ascii", "replace")
    yield "with CR line ends", text.replace("\r\n", "\n").replace("\n", "\r").encode()
    yield "with '+' for spaces", text.replace("%20", "+").encode()
    yield from _other_forms(body.decode("latin-1"))
    yield from _other_json(text)


def _other_forms(text: str) -> Iterator[tuple[str, bytes]]:
    """For a form: the body before or after URL-encoding."""
    if is_escaped(text) and "=" in text:
        yield "before the form was URL-encoded", unescape(text.replace("+", " ")).encode("latin-1")
        yield "before the form was URL-encoded, '+' kept", unescape(text).encode("latin-1")
        parts = [part.partition("=") for part in text.split("&")]
        again = "&".join(f"{escape(unescape(name))}={escape(unescape(value))}" for name, _, value in parts)
        yield "as a form that is escaped in another way", again.encode("latin-1")
        yield "as a form with '%20' for '+'", again.replace("%2B", "%20").encode("latin-1")


def _other_json(text: str) -> Iterator[tuple[str, bytes | None]]:
    try:
        yield from _rewritten_json(text)
    except RecursionError:
        yield "as JSON serialized again, since it is nested too deeply", None


def _rewritten_json(text: str) -> Iterator[tuple[str, bytes]]:
    try:
        value = json.loads(text)
    except ValueError:
        return
    for ascii_only in (True, False):
        for ordered in (False, True):
            for indent, separators in (
                (None, None),
                (None, (",", ":")),
                (None, (",", ": ")),
                (2, None),
                (4, None),
            ):
                said = f"as JSON serialized again (indent {indent}, separators {separators}, "
                said += f"{'sorted keys, ' if ordered else ''}{'ASCII' if ascii_only else 'UTF-8'})"
                again = json.dumps(
                    value, ensure_ascii=ascii_only, sort_keys=ordered, indent=indent, separators=separators
                )
                yield said, again.encode("utf-8", "surrogatepass")
    yield "as a JSON string of itself", json.dumps(text).encode()
    yield "as Python shows it", repr(value).encode()
    if isinstance(value, str):
        yield "as the text within the JSON string", value.encode("utf-8", "surrogatepass")


def _inflated(body: bytes) -> bytes | None:
    """``body`` without gzip or deflate compression, None if that is too long; unchanged if not compressed."""
    try:
        found = zlib.decompressobj(47).decompress(body, LONGEST_BODY + 1)
    except zlib.error:
        return body
    return found if len(found) <= LONGEST_BODY else None
