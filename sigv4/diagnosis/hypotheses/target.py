"""The path: FAIL-01…09, 13, 39, 44."""

from __future__ import annotations

from ...canonical import canonical_path, normalize_path
from ...percent import escape, is_escaped, unescape
from .hypothesis import Hypothesis, LeftOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..signature_inputs import Draft
    from .hypothesis import Evidence

# Characters that some encoders do not escape: JavaScript's, RFC 3986's sub-delims, those of URL paths.
_LEFT_RAW = ("!'()*", "!$&'()*+,;=:@", "!$&'()*+,;=", "@:$&=+,", *"!'()*$@=,:;&+[]")
_RESERVED = ":@!$&'()*+,;="
_STAGES = ("prod", "dev", "stage", "staging", "test", "v1", "api", "default", "$default")


def path_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis | LeftOut]:
    path = draft.path
    yield from evidence.beyond(path.split("/")[1:], "the segments of the path")
    encoded = _of_a_path_encoded_again if evidence.dialect.encode_path_again else _of_a_path_encoded_once
    yield from encoded(evidence, path)
    yield from _characters(evidence, path)
    yield from _levels(evidence, path)
    yield from _slashes(evidence, path)
    yield from _rewritten(evidence, path)
    if path == "/":
        yield Hypothesis("FAIL-39", "the empty path is an empty line", path="")
    yield from _segments(evidence, path)


def _of_a_path_encoded_again(evidence: Evidence, path: str) -> Iterator[Hypothesis]:
    """CR-PATH-2, 3: mistakes in the rule of most services."""
    wire, dialect = evidence.path, evidence.dialect
    plus = wire.replace("+", "%2B")  # only S3 reads a raw plus as a space
    once = canonical_path(plus, dialect.replace(encode_path_again=False))
    verbatim = normalize_path(wire) if dialect.normalize_path else wire
    if "%2525" in path:
        fewer = (
            canonical_path(wire.replace("%25", "%"), dialect)
            if is_escaped(wire.replace("%25", "%"))
            else once
        )
        yield Hypothesis(
            "FAIL-02", "the path is signed with one level of escapes fewer than it has", path=fewer
        )
    if "%2F" in wire.upper():
        yield Hypothesis("FAIL-04", "'%2F' in the path is signed as '/'", path=_slashed(path, "/"))
        yield Hypothesis("FAIL-04", "'%2F' in the path is encoded once", path=_slashed(path, "%2F"))
    if "%7E" in wire.upper():
        yield Hypothesis("FAIL-06", "'%7E' in the path is signed as '~'", path=path.replace("%257E", "~"))
        yield Hypothesis("FAIL-06", "'%7E' in the path is encoded once", path=path.replace("%257E", "%7E"))
    yield Hypothesis("FAIL-01", "the path is encoded once", path=once)
    if "%" in wire:
        yield Hypothesis(
            "FAIL-01", "the path is signed as it is sent, without encoding it again", path=verbatim
        )
    if dialect.normalize_path:
        plain = dialect.replace(normalize_path=False)
        yield Hypothesis("FAIL-13", "dot and empty segments are kept", path=canonical_path(wire, plain))
        kept = canonical_path(plus, plain.replace(encode_path_again=False))
        yield Hypothesis("FAIL-01", "the path is encoded once and not normalized", path=kept)
        if wire.endswith(("/.", "/..")) and path != "/":
            yield Hypothesis("FAIL-13", "a final dot segment leaves a '/'", path=f"{path}/")


def _of_a_path_encoded_once(evidence: Evidence, _path: str) -> Iterator[Hypothesis]:
    """CR-PATH-4: mistakes in the rule of S3."""
    wire, dialect = evidence.path, evidence.dialect
    if "+" in wire:
        plus = canonical_path(wire.replace("+", "%2B"), dialect)
        yield Hypothesis("FAIL-09", "a raw '+' in the path is an escaped plus", path=plus)
    dots = dialect.replace(normalize_path=True)
    yield Hypothesis("FAIL-13", "dot and empty segments are dropped", path=canonical_path(wire, dots))
    more = dialect.replace(encode_path_again=True)
    yield Hypothesis("FAIL-03", "the path is encoded twice", path=canonical_path(wire, more))
    both = more.replace(normalize_path=True)
    yield Hypothesis("FAIL-03", "the path is normalized and encoded twice", path=canonical_path(wire, both))
    if "%2F" in wire.upper():
        whole = "/".join(escape(unescape(segment)) for segment in wire.split("/"))
        yield Hypothesis("FAIL-04", "'%2F' in the path stays '%2F'", path=whole)


def _characters(evidence: Evidence, path: str) -> Iterator[Hypothesis]:
    """'~', spaces, plus signs and the case of escapes."""
    wire, dialect = evidence.path, evidence.dialect
    yield Hypothesis("FAIL-06", "'~' in the path is escaped", path=path.replace("~", "%7E"))
    yield Hypothesis("FAIL-06", "'~' in the path is escaped twice", path=path.replace("~", "%257E"))
    yield Hypothesis("FAIL-07", "the escapes of the path have lower-case digits", path=cased(path, str.lower))
    if dialect.encode_path_again:
        upper = canonical_path(cased(wire, str.upper), dialect)
        yield Hypothesis("FAIL-07", "the escapes of the path have upper-case digits", path=upper)
    yield Hypothesis(
        "FAIL-08", "a space in the path is a '+'", path=path.replace("%2520", "%20").replace("%20", "+")
    )
    yield Hypothesis(
        "FAIL-08",
        "a space in the path is an escaped '+'",
        path=path.replace("%2520", "%20").replace("%20", "%2B"),
    )
    yield Hypothesis(
        "FAIL-09", "a plus in the path is a space", path=path.replace("%252B", "%2520").replace("%2B", "%20")
    )


def _levels(evidence: Evidence, path: str) -> Iterator[Hypothesis]:
    """More or fewer escapes than there are."""
    for left in _LEFT_RAW:
        said = (
            f"{left!r} in the path is left as it is"
            if len(left) == 1
            else f"the bytes {left} are left raw in the path"
        )
        yield Hypothesis("FAIL-05", said, path=left_raw(path, left))
    yield Hypothesis("FAIL-05", "the path is not encoded at all", path=unescape(evidence.path))
    yield Hypothesis("FAIL-02", "the path is encoded once more", path=path.replace("%", "%25"))
    if not evidence.dialect.encode_path_again:
        yield Hypothesis("FAIL-05", "the path is signed as it is sent", path=evidence.path)


def _slashes(evidence: Evidence, path: str) -> Iterator[Hypothesis]:
    """A '/' that was removed, added or merged on the way."""
    slashes = "//" if path.endswith("/") else "/"
    yield Hypothesis("FAIL-13", f"the path ends in '{slashes}'", path=f"{path}/")
    yield Hypothesis("FAIL-13", "the path does not end in '/'", path=path.rstrip("/") or "/")
    if evidence.dialect.normalize_path:
        return
    segments = path.split("/")
    for number in range(1, min(len(segments), evidence.most_parts + 1)):
        doubled = "/".join([*segments[:number], "", *segments[number:]])
        yield Hypothesis("FAIL-13", f"the path has '//' before its segment {number}", path=doubled)


def _rewritten(evidence: Evidence, path: str) -> Iterator[Hypothesis]:
    """FAIL-02: characters that a library or proxy escaped, or the reverse, after the path was signed."""
    wire, dialect = evidence.path, evidence.dialect
    found = [char for char in _RESERVED if char in wire]
    for chars in (*found, "".join(found)):
        other = wire
        for char in chars:
            other = other.replace(char, f"%{ord(char):02X}")
        yield Hypothesis(
            "FAIL-02", f"the path is sent with {chars!r} escaped", path=canonical_path(other, dialect)
        )
    for char in _RESERVED:
        escaped = f"%{ord(char):02X}"
        if escaped in wire.upper():
            other = cased(wire, str.upper).replace(escaped, char)
            yield Hypothesis(
                "FAIL-02", f"the path is sent with a raw {char!r}", path=canonical_path(other, dialect)
            )
    if "+" in wire and dialect.encode_path_again:
        spaced = canonical_path(wire.replace("+", "%20"), dialect)
        yield Hypothesis("FAIL-08", "the path is sent with '%20' for each '+'", path=spaced)


def _segments(evidence: Evidence, path: str) -> Iterator[Hypothesis]:
    """FAIL-44, 39: a stage or prefix that was added or removed; the host or the query in the path."""
    rest, host = path, evidence.lines.get("host", "")
    for number in range(1, evidence.most_parts + 1):
        if "/" not in rest[1:]:
            break
        rest = "/" + rest[1:].partition("/")[2]
        which = "segment of the path is" if number == 1 else f"{number} segments of the path are"
        yield Hypothesis("FAIL-44", f"the first {which} missing", path=rest)
    if evidence.service == "execute-api":
        for stage in _STAGES:
            said = f"the path begins with the stage '/{stage}'"
            yield Hypothesis("FAIL-44", said, path=f"/{stage}{path}".rstrip("/"))
            yield Hypothesis("FAIL-44", said, path=f"/{stage}{path}")
    yield Hypothesis("FAIL-44", "the path is '/' alone", path="/")
    for words, other in (
        ("the host is in place of the path", host),
        ("the host is before the path", f"{host}{path}"),
        ("'/' and the host are before the path", f"/{host}{path}"),
        ("the whole URL is in place of the path", f"https://{host}{path}"),
        ("the path has no '/' before it", path[1:]),
    ):
        yield Hypothesis("FAIL-39", words, path=other)
    if evidence.query:
        both = f"{evidence.path}?{evidence.query}"
        yield Hypothesis("FAIL-39", "the query is a part of the path", path=both, query="")
        yield Hypothesis("FAIL-39", "the query is a part of the path as well", path=both)


def _slashed(path: str, to: str) -> str:
    return path.replace("%252F", to).replace("%252f", to)


def cased(text: str, case: object) -> str:
    """``text`` with the hex digits of its escapes in another case."""
    start, *pieces = text.split("%")
    change = str.lower if case is str.lower else str.upper
    return "".join([start, *(f"%{change(piece[:2])}{piece[2:]}" for piece in pieces)])


def left_raw(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text
