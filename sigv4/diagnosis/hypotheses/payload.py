"""The payload line: FAIL-32…35, 39."""

from __future__ import annotations

import base64
import json
import zlib
from hashlib import sha256

from ...payload import EMPTY_SHA256, UNSIGNED_PAYLOAD, is_sha256
from .hypothesis import Hypothesis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence

_LONGEST = 1 << 20  # of a body that is written anew: beyond it only the plain hypotheses are tried


def payload_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    body, declared = evidence.body, evidence.lines.get("x-amz-content-sha256")
    digest = sha256(body)
    bodiless = draft.method.upper() in ("GET", "HEAD", "DELETE")
    if declared is not None and declared != digest.hexdigest():
        id = "FAIL-35" if declared == UNSIGNED_PAYLOAD.line else "FAIL-34"
        yield Hypothesis(
            id, "the payload line is the hash of the body, not the header's value", payload=digest.hexdigest()
        )
    if body:
        id = "FAIL-33" if bodiless else "FAIL-32"
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
    yield Hypothesis("FAIL-39", "the payload line is empty", payload="")
    yield Hypothesis(
        "FAIL-34", "the body itself is the payload line", payload=body[:_LONGEST].decode("latin-1")
    )
    if body and len(body) <= _LONGEST:
        for words, other in _other_bodies(body):
            yield Hypothesis("FAIL-32", f"the body is hashed {words}", payload=sha256(other).hexdigest())


def _other_bodies(body: bytes) -> Iterator[tuple[str, bytes]]:
    unix = body.replace(b"\r\n", b"\n")
    yield "with LF line ends", unix
    yield "with CRLF line ends", unix.replace(b"\n", b"\r\n")
    yield "without the line end behind it", body.rstrip(b"\r\n")
    yield "without line ends", unix.replace(b"\n", b"")
    yield "with a line end behind it", body + b"\n"
    yield "without white space at its ends", body.strip()
    yield "with a byte order mark", b"\xef\xbb\xbf" + body
    yield "without its byte order mark", body.removeprefix(b"\xef\xbb\xbf")
    yield "before it was compressed", _inflated(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        yield "as UTF-8 of its Latin-1 text", body.decode("latin-1").encode("utf-8")
        return
    for encoding in ("utf-16-le", "utf-16", "utf-16-be", "utf-32-le"):
        yield f"as {encoding}", text.encode(encoding)
    yield "as Latin-1", text.encode("latin-1", "replace")
    yield "as ASCII", text.encode("ascii", "replace")
    yield "with '+' for spaces", text.replace("%20", "+").encode()
    yield "with '%20' for '+'", text.replace("+", "%20").encode()
    yield from _other_json(text)


def _other_json(text: str) -> Iterator[tuple[str, bytes]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
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
                said = f"as JSON written anew (indent {indent}, separators {separators}, "
                said += f"{'sorted keys, ' if ordered else ''}{'ASCII' if ascii_only else 'UTF-8'})"
                again = json.dumps(
                    value, ensure_ascii=ascii_only, sort_keys=ordered, indent=indent, separators=separators
                )
                yield said, again.encode("utf-8", "surrogatepass")
    yield "as a JSON string of itself", json.dumps(text).encode()
    yield "as Python shows it", repr(value).encode("utf-8", "surrogatepass")
    if isinstance(value, str):
        yield "as the text within the JSON string", value.encode("utf-8", "surrogatepass")


def _inflated(body: bytes) -> bytes:
    """What ``body`` was before gzip or deflate, up to a limit; itself where it is neither."""
    try:
        return zlib.decompressobj(47).decompress(body, _LONGEST)
    except zlib.error:
        return body
