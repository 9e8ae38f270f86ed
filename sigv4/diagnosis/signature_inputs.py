"""``Draft``: the parts of a signature, which ``diagnose`` changes until they give the client's signature."""

from __future__ import annotations

import hmac

from ..authorization import V4, algorithm_of
from ..canonical import canonical_request
from ..record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    # Algorithm, timestamp, scope, canonical request -> the bytes that are signed.
    TextForm: TypeAlias = Callable[[str, str, str, bytes], bytes]


class Draft(Record):
    """The parts of one signature. ``headers`` are the signed ones, as (name, canonical value).

    ``key`` is the raw signing key, or the public key of 4A, or None if the secret is unknown. ``form`` and
    ``text_form`` build the bytes of the canonical request and of the string to sign. Each character of a text
    is one byte (Latin-1).
    """

    _masked = ("key", "headers", "query")
    algorithm: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    signed_headers: str
    payload: str
    form: Callable[[bytes], bytes]
    timestamp: str
    scope: str
    text_form: TextForm
    key: Any

    @property
    def is_bodiless(self) -> bool:
        """Whether requests with this method usually have no body; clients and proxies drop one."""
        return self.method.upper() in ("GET", "HEAD", "DELETE", "OPTIONS")

    def canonical_request(self) -> bytes:
        lines = dict(self.headers)
        names = list(lines)
        parts = (self.method, self.path, self.query, lines, names, self.signed_headers, self.payload)
        return self.form(canonical_request(*parts))

    def string_to_sign(self) -> bytes:
        return self.text_form(self.algorithm, self.timestamp, self.scope, self.canonical_request())

    def signature(self) -> str:
        """The Version 4 signature of these parts."""
        return hmac.digest(self.key, self.string_to_sign(), "sha256").hex()

    def gives(self, signature: str) -> bool:
        """Whether these parts give ``signature``."""
        if self.algorithm == V4:
            return signature.isascii() and hmac.compare_digest(self.signature(), signature)
        text = self.string_to_sign()
        from .. import v4a

        try:
            return v4a.check(self.key, text.decode("latin-1"), signature)
        except UnicodeError:  # no 4A signer accepts a text outside ASCII
            return False


def as_is(canonical: bytes) -> bytes:
    """The ordinary ``form``."""
    return canonical


def plain_text(algorithm: str, timestamp: str, scope: str, canonical: bytes) -> bytes:
    """The ordinary ``text_form``."""
    return algorithm_of(algorithm).string_to_sign(timestamp, scope, canonical).encode("latin-1", "replace")


def differing_parts(ours: Draft, canonical: bytes) -> Iterator[tuple[str, str, str]]:
    """The parts in which another canonical request differs: ``(slot, ours, theirs)`` for each.

    For a header the slot is ``"header NAME"``, and the value is ``""`` if the line is missing. Where a header
    differs, the list of names does not count; a text that is not a canonical request is one part, ``"form"``.
    """
    theirs = canonical.decode("latin-1").split("\n")
    if (
        len(theirs) == 1 and theirs[0].count(" ") > 3
    ):  # a browser shows the lines as one; only the method and the path can be found in it
        for slot, value in zip(("method", "path"), theirs[0].split(" "), strict=False):
            if getattr(ours, slot) != value:
                yield slot, getattr(ours, slot), value
        return
    if len(theirs) < 6:
        yield "form", ours.canonical_request().decode("latin-1"), "\n".join(theirs)
        return
    for slot, value in zip(("method", "path", "query"), theirs, strict=False):
        if getattr(ours, slot) != value:
            yield slot, getattr(ours, slot), value
    end = theirs.index("", 3) if "" in theirs[3:] else len(theirs)
    found = dict(_name_and_value(line) for line in theirs[3:end])
    expected = dict(ours.headers)
    names = [*expected, *(name for name in found if name not in expected)]
    unlike = [name for name in names if expected.get(name) != found.get(name)]
    for name in unlike:
        yield f"header {name}", expected.get(name, ""), found.get(name, "")
    if theirs[end + 1 : end + 2] != [ours.signed_headers] and not unlike:
        yield "signed_headers", ours.signed_headers, "".join(theirs[end + 1 : end + 2])
    if theirs[end + 2 :] != [ours.payload]:
        yield "payload", ours.payload, "\n".join(theirs[end + 2 :])


def _name_and_value(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value
