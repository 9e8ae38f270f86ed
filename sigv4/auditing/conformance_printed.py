"""Compares a signed request that a program printed with the request that it was asked to sign.

A right signature proves nothing if it belongs to another request. So method, target, headers, body, key id,
scope, time, token and expiry are compared one by one before the signature is checked.
"""

from __future__ import annotations

import base64
from binascii import Error as NoBase64

from ..canonical import query_pairs
from ..errors import SigningError
from ..headers import EARLIER_SIGNATURE, canonical_value, names_of, utf8_text
from ..percent import unescape
from ..record import Record
from ..request import utf8_bytes, utf8_value
from ..scope import TERMINATOR, format_timestamp
from ..target import cut_url, split_target
from .conformance_case import Case, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .conformance_answer import Answer

_TEXTS = ("canonical_request", "string_to_sign")


class Difference(Record):
    """One difference from the question: its name, the expected value, the value found."""

    what: str
    wanted: str
    found: str

    def __str__(self) -> str:
        if "\n" in self.wanted or "\n" in self.found:
            return f"the {self.what} differs: {_first_line(self.wanted, self.found)}"
        return f"the {self.what} is {self.found[:200]!r}, expected {self.wanted[:200]!r}"


class Printed(Record):
    """A printed signed request; ``signature`` is the one in its header or query."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    signature: str
    differences: tuple[Difference, ...]

    def pairs(self) -> list[tuple[str, str | bytes]]:
        """The headers in the form that a verifier accepts: non-ASCII values as bytes."""
        return [(name, utf8_value(value)) for name, value in self.headers]


def compare(case: Case, answer: Answer) -> Printed:
    """The request in ``answer``, with all its differences from that of ``case``. Raises SigningError."""
    method, url = str(answer.get("method", case.request.method)), answer.get("url")
    if url is None and case.kind == Kind.QUERY:
        raise SigningError("the answer has no 'url': expected the presigned URL")
    url, body = str(url or case.request.url), body_of(answer.get("body"), case.request.body)
    headers = _pairs(answer.get("headers", []))
    target = cut_url(url)[2]
    if url[:1] != "/" and "host" not in names_of(headers):
        headers = (("Host", split_target(url)[0]), *headers)
    lines = _lines(headers)
    wanted = _Wanted(case)
    found = [
        Difference(name.replace("_", " "), case.expect[name], str(answer[name]))
        for name in _TEXTS
        if name in answer and name in case.expect
    ]
    found.append(Difference("method", case.request.method, method))
    if case.kind == Kind.QUERY:
        signature, more = _in_query(case, wanted, target)
        more.append(Difference("fragment", case.request.url.partition("#")[2], url.partition("#")[2]))
    else:
        signature, more = _in_header(case, wanted, target, lines)
    found += more
    found += _of_headers(case, wanted, lines, len(body))
    if case.request.body or body:
        found.append(Difference("body", repr(case.request.body), repr(body)))
    differences = tuple(each for each in found if each.wanted != each.found)
    return Printed(method, target, headers, body, signature, differences)


class _Wanted:
    """The parts of the expected canonical request, or of the case if no canonical request is known."""

    def __init__(self, case: Case) -> None:
        day = format_timestamp(case.at)[:8]
        region = "" if case.region_set else f"{case.region}/"
        self.credential = f"{case.credentials.access_key_id}/{day}/{region}{case.service}/{TERMINATOR}"
        self.lines: dict[str, str] = {}
        self.names, self.query = "", ""
        if "canonical_request" in case.expect:
            lines = case.expect["canonical_request"].split("\n")
            self.query, block, self.names = lines[2], lines[3:-3], lines[-2]
            self.lines = {name: value for name, _, value in (line.partition(":") for line in block)}


def _in_header(
    case: Case, wanted: _Wanted, target: str, lines: dict[str, str]
) -> tuple[str, list[Difference]]:
    """The signature in an Authorization header, and the differences in its other parts (AUTHZ-1)."""
    found = [Difference("target", cut_url(case.request.url)[2], target)]
    header = lines.get("authorization")
    if header is None:
        return "", [*found, Difference("Authorization header", "one", "none")]
    algorithm, _, rest = header.partition(" ")
    pieces = (part.strip(" ").partition("=") for part in rest.split(","))
    parts = {name: value for name, _, value in pieces}
    names = parts.get("SignedHeaders", "")
    found += [
        Difference("algorithm", case.algorithm, algorithm),
        Difference("Credential", wanted.credential, parts.get("Credential", "")),
        Difference("SignedHeaders", wanted.names or names, names),
        Difference("parts of Authorization", "Credential, SignedHeaders, Signature", ", ".join(parts)),
    ]
    return parts.get("Signature", ""), found


def _in_query(case: Case, wanted: _Wanted, target: str) -> tuple[str, list[Difference]]:
    """The signature of a presigned URL, and the differences in its path and other parameters (URL-1)."""
    asked_path, _, asked = cut_url(case.request.url)[2].partition("?")
    path, _, query = target.partition("?")
    pairs = query_pairs(query)
    found = [Difference("path", asked_path, path)]
    signatures = [value for name, value in pairs if name == "X-Amz-Signature"]
    pairs = [pair for pair in pairs if pair[0] != "X-Amz-Signature"]
    token, token_name = case.credentials.session_token, case.credentials.token_name
    if token and not case.dialect.sign_token:
        tokens = [unescape(value) for name, value in pairs if name == token_name]
        pairs = [pair for pair in pairs if pair[0] != token_name]
        found.append(Difference(f"{token_name} parameter", token, ",".join(tokens)))
    if wanted.query:
        shown = "\n".join(f"{name}={value}" for name, value in sorted(pairs))
        found.append(Difference("query", wanted.query.replace("&", "\n"), shown))
    own = [part for part in query.split("&") if not part.startswith("X-Amz-")]
    given = [part for part in asked.split("&") if not part.startswith("X-Amz-")]
    kept = "&".join(sorted(filter(None, given))), "&".join(sorted(filter(None, own)))
    found.append(Difference("caller's parameters", *kept))
    found.append(Difference("number of signatures", "1", str(len(signatures))))
    return "".join(signatures[:1]), found


def _of_headers(case: Case, wanted: _Wanted, lines: dict[str, str], length: int) -> list[Difference]:
    """The differences in headers: signed ones, the caller's, and additional ones."""
    texts = tuple((name, utf8_text(v)) for name, v in case.request.headers)
    given = {name: value for name, value in _lines(texts).items() if name not in EARLIER_SIGNATURE}
    found = [
        Difference(f"header {name}", value, lines.get(name, "(none)")) for name, value in wanted.lines.items()
    ]
    for name, value in given.items():
        if name not in wanted.lines and (name in lines or name not in case.dialect.never_signed):
            found.append(Difference(f"header {name}", value, lines.get(name, "(none)")))
    known = {*wanted.lines, *given, "authorization", "host", "content-length"}
    if case.kind != Kind.QUERY and not wanted.lines:
        known |= {
            "x-amz-date",
            "x-amz-content-sha256",
            case.credentials.token_name.lower(),
            "x-amz-region-set",
        }
    if case.kind != Kind.QUERY and case.credentials.session_token and not case.dialect.sign_token:
        name = case.credentials.token_name
        known.add(name.lower())
        found.append(
            Difference(f"header {name}", case.credentials.session_token, lines.get(name.lower(), "(none)"))
        )
    if case.kind == Kind.QUERY:
        known.discard("authorization")
    found += [Difference(f"header {name}", "(none)", lines[name]) for name in lines if name not in known]
    if "content-length" in lines and "content-length" not in {**given, **wanted.lines}:
        found.append(Difference("header content-length", str(length), lines["content-length"]))
    return found


def body_of(given: Any, asked: bytes) -> bytes:
    """The body of an answer; if it has none, that of the question. Raises SigningError."""
    if given is None:
        return asked
    if not isinstance(given, dict):
        return utf8_bytes(str(given))
    try:
        return base64.b64decode(str(given.get("base64")), validate=True)
    except NoBase64:
        raise SigningError("the answer's body is not base64") from None


def _pairs(given: Any) -> tuple[tuple[str, str], ...]:
    pairs = given.items() if isinstance(given, dict) else given
    try:
        return tuple((str(name), str(value)) for name, value in pairs)
    except (TypeError, ValueError):
        raise SigningError("the answer's headers are not pairs of a name and a value") from None


def _lines(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Canonical values by lower-case name."""
    lines: dict[str, str] = {}
    for name, value in headers:
        lower, text = name.lower(), canonical_value(value)
        lines[lower] = f"{lines[lower]},{text}" if lower in lines else text
    return lines


def _first_line(wanted: str, found: str) -> str:
    for number, (a, b) in enumerate(zip(wanted.split("\n"), found.split("\n"), strict=False), 1):
        if a != b:
            return f"line {number} is {b[:120]!r}, expected {a[:120]!r}"
    return f"{found.count(chr(10)) + 1} lines, expected {wanted.count(chr(10)) + 1}"
