"""The method, the headers and their names: FAIL-16…24, 37, 40, 42, 43, 48."""

from __future__ import annotations

from ...canonical import USUAL_METHODS
from ...headers import header_value
from .hypothesis import MOST_HEADERS, Hypothesis, LeftOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..signature_inputs import Draft
    from .hypothesis import Evidence

_TYPES = (
    "",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/x-www-form-urlencoded; charset=UTF-8",
    "application/octet-stream",
    "binary/octet-stream",
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=UTF-8",
    "application/x-amz-json-1.0",
    "application/x-amz-json-1.1",
    "text/plain",
    "text/plain; charset=utf-8",
    "text/plain;charset=UTF-8",
    "application/xml",
)
# Values that libraries and proxies write into headers that they control.
USUAL_VALUES: Mapping[str, tuple[str, ...]] = {
    "accept": ("", "*/*", "application/json"),
    "accept-encoding": (
        "", "identity", "gzip", "gzip, deflate", "gzip,deflate", "gzip, deflate, br", "gzip, br",
        "gzip, deflate, br, zstd", "br, gzip",
    ),
    "connection": ("", "close", "keep-alive", "Keep-Alive"),
    "expect": ("", "100-continue"),
    "transfer-encoding": ("", "chunked"),
    "te": ("", "trailers"),
    "via": ("",),
    "cache-control": ("", "no-cache", "max-age=0"),
    "x-forwarded-proto": ("", "http", "https"),
    "x-forwarded-port": ("", "80", "443"),
}  # fmt: skip
_CAUSES = {
    "host": "FAIL-15",
    "expect": "FAIL-17",
    "transfer-encoding": "FAIL-18",
    "content-length": "FAIL-18",
    "content-type": "FAIL-19",
    "x-amz-security-token": "FAIL-23",
    "x-amz-s3session-token": "FAIL-23",
    "x-amz-content-sha256": "FAIL-36",
    "x-amz-date": "FAIL-43",
    "date": "FAIL-43",
}


def cause_of_header(name: str, *, presigned: bool = False) -> str:
    """The id of the cause for a signed header that is missing or changed."""
    return _CAUSES.get(name) or ("FAIL-40" if presigned else "FAIL-16")


def method_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    for method in (draft.method.upper(), draft.method.lower()):
        yield Hypothesis("CR-METHOD", f"the method is {method!r}", method=method)
    for method in USUAL_METHODS:
        if not evidence.presigned and (method, draft.method) == ("POST", "GET"):
            # A 301, 302 or 303 turns a POST into a GET; without a redirect, the client signed another method.
            yield Hypothesis("FAIL-42", f"the method is {method!r}", method=method)
        yield Hypothesis(
            "FAIL-40" if evidence.presigned else "CR-METHOD", f"the method is {method!r}", method=method
        )


def header_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis | LeftOut]:
    lines = dict(draft.headers)
    if len(lines) > MOST_HEADERS:
        yield LeftOut(f"faults of single headers, since more than {MOST_HEADERS} headers are signed")
        return
    sent: dict[str, list[str]] = {}
    for name, given in evidence.pairs:
        sent.setdefault(name.lower(), []).append(header_value(given))
    for name, value in lines.items():
        for id, words, changed in _values(evidence, name, value, sent.get(name.lower(), [])):
            yield Hypothesis(id, words, headers=tuple({**lines, name: changed}.items()))
    yield from _tokens(evidence, draft)
    for name in lines:
        if name == "host" and len(lines) == 1:
            continue
        kept = tuple(pair for pair in draft.headers if pair[0] != name)
        names = ";".join(each for each in draft.signed_headers.split(";") if each != name)
        cause = cause_of_header(name, presigned=evidence.presigned)
        yield Hypothesis(cause, f"the line of the header {name!r} is missing", headers=kept)
        yield Hypothesis(cause, f"the header {name!r} is not signed", headers=kept, signed_headers=names)


def name_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    """FAIL-37: the names in the headers and in SignedHeaders."""
    spelled = {name.lower(): name for name, _ in evidence.pairs}
    names = draft.signed_headers.split(";")
    as_sent = [spelled.get(name.lower(), name) for name in names]
    titled = [name.title() for name in names]
    lower = [name.lower() for name in names]
    places: dict[str, int] = {}
    for place, (name, _) in enumerate(evidence.pairs):
        places.setdefault(name.lower(), place)
    arrived = sorted(lower, key=lambda name: places.get(name, len(evidence.pairs)))
    lines = {name.lower(): value for name, value in draft.headers}
    for words, found in (
        ("as they are sent", as_sent),
        ("in title case", titled),
        ("in lower case, sorted", sorted(lower)),
        ("in lower case", lower),
        ("in the order they are sent", arrived),
    ):
        signed = ";".join(found)
        block = tuple((name, lines.get(name.lower(), "")) for name in found)
        yield Hypothesis("FAIL-37", f"the names in SignedHeaders are {words}", signed_headers=signed)
        yield Hypothesis("FAIL-37", f"the names of the header lines are {words}", headers=block)
        yield Hypothesis("FAIL-37", f"the header names are {words}", headers=block, signed_headers=signed)
    for words, signed in (
        ("SignedHeaders ends in ';'", f"{draft.signed_headers};"),
        ("SignedHeaders does not end in ';'", draft.signed_headers.rstrip(";")),
        ("SignedHeaders is joined with '; '", "; ".join(names)),
        ("SignedHeaders is joined with ','", ",".join(names)),
        ("SignedHeaders is escaped in the canonical request", "%3B".join(names)),
        ("SignedHeaders is empty", ""),
    ):
        yield Hypothesis("FAIL-37", words, signed_headers=signed)


def _values(evidence: Evidence, name: str, value: str, raw: list[str]) -> Iterator[tuple[str, str, str]]:
    """Other values that may have been signed for one header, sent as ``raw``: id, words, value."""
    shown = f"the header {name!r}"
    if name == "content-type":
        for other in _content_types(value):
            yield "FAIL-19", f"Content-Type is {other!r}", other
    if name == "content-length":
        sent = str(len(evidence.body))
        for other in ("-1", "", "0", sent, evidence.lines.get("x-amz-decoded-content-length", sent)):
            id = "FAIL-48" if "content-length" in evidence.lines else "FAIL-18"
            yield id, f"Content-Length is {other!r}", other
    if name == "x-amz-date" and "date" in evidence.lines:
        yield "FAIL-43", "X-Amz-Date has the value of Date", evidence.lines["date"]
    for other in USUAL_VALUES.get(name, ()):
        yield cause_of_header(name, presigned=evidence.presigned), f"{shown} is {other!r}", other
    yield from _white_space(shown, raw, value)
    yield from _repeated(shown, raw)
    yield from _encodings(shown, value)
    if value and name != "x-amz-date":
        yield cause_of_header(name, presigned=evidence.presigned), f"{shown} is empty", ""
    if value != value.lower():
        yield cause_of_header(name, presigned=evidence.presigned), f"{shown} is in lower case", value.lower()


def _content_types(value: str) -> Iterator[str]:
    base = value.partition(";")[0].strip()
    yield base
    for charset in ("utf-8", "UTF-8"):
        yield f"{base}; charset={charset}"
        yield f"{base};charset={charset}"
    yield value.lower()
    yield from _TYPES


def _white_space(shown: str, raw: list[str], value: str) -> Iterator[tuple[str, str, str]]:
    if len(raw) == 1:
        yield "FAIL-20", f"white space within {shown} is kept", raw[0]
        yield "FAIL-20", f"white space within quotes of {shown} is kept", _outside_quotes(raw[0])
        yield "FAIL-20", f"tabs within {shown} are kept", " ".join(word for word in raw[0].split(" ") if word)
    yield "FAIL-20", f"{shown} begins with a space", f" {value}"
    yield "FAIL-20", f"{shown} ends with a space", f"{value} "
    if " " in value:
        yield "FAIL-20", f"all white space of {shown} is dropped", value.replace(" ", "")


def _outside_quotes(text: str) -> str:
    parts = text.split('"')
    parts[::2] = [_squeezed(part) for part in parts[::2]]
    return '"'.join(parts).strip()


def _squeezed(text: str) -> str:
    words = " ".join(word for word in text.split(" ") if word)
    return f"{' ' if text[:1] == ' ' else ''}{words}{' ' if words and text[-1:] == ' ' else ''}"


def _repeated(shown: str, raw: list[str]) -> Iterable[tuple[str, str, str]]:
    if len(raw) == 1 and "," in raw[0]:
        parts = [part.strip() for part in raw[0].split(",")]
        yield "FAIL-21", f"{shown} is joined with ',' alone", ",".join(parts)
        yield "FAIL-21", f"{shown} is joined with ', '", ", ".join(parts)
        yield "FAIL-21", f"the values of {shown} are sorted", ",".join(sorted(parts))
    if len(raw) > 1:
        yield "FAIL-21", f"{shown} is joined with ', '", ", ".join(raw)
        yield "FAIL-21", f"the values of {shown} are sorted", ",".join(sorted(raw))
        yield "FAIL-21", f"the values of {shown} are in reverse order", ",".join(reversed(raw))
        yield "FAIL-21", f"only the last {shown} is signed", raw[-1]
        yield "FAIL-21", f"only the first {shown} is signed", raw[0]


def _encodings(shown: str, value: str) -> Iterator[tuple[str, str, str]]:
    if value.isascii():
        return
    raw = value.encode("latin-1")
    yield (
        "FAIL-22",
        f"{shown} was sent as Latin-1 and signed as UTF-8",
        value.encode("utf-8").decode("latin-1"),
    )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = value
    yield (
        "FAIL-22",
        f"{shown} was sent as UTF-8 and signed as Latin-1",
        text.encode("latin-1", "replace").decode("latin-1"),
    )
    yield (
        "FAIL-22",
        f"{shown} is signed without its bytes outside ASCII",
        text.encode("ascii", "ignore").decode("ascii"),
    )
    yield (
        "FAIL-22",
        f"{shown} is signed with '?' for what is outside ASCII",
        text.encode("ascii", "replace").decode("ascii"),
    )


def _tokens(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    """FAIL-23, 24: a token line that is missing, or present but not signed."""
    name = evidence.token_name.lower()
    if name in dict(draft.headers) or evidence.presigned:
        return
    token = evidence.credentials.session_token if evidence.credentials else None
    for words, value in (
        ("as sent", evidence.lines.get(name)),
        ("of the credentials", token),
        ("that is empty", ""),
    ):
        if value is None:
            continue
        headers = tuple(sorted([*draft.headers, (name, value)]))
        id = "FAIL-23" if evidence.dialect.sign_token else "FAIL-24"
        said = f"a session token {words} is signed"
        yield Hypothesis(id, said, headers=headers, signed_headers=";".join(each for each, _ in headers))
        yield Hypothesis(id, f"{said} and not named in SignedHeaders", headers=headers)
