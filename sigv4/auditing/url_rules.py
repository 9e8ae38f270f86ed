"""Finds the forms of a URL that libraries, proxies and signers read in different ways."""

from __future__ import annotations

from ..canonical import canonical_path, canonical_query, normalize_path
from ..errors import SigningError
from ..percent import UNRESERVED, escape, is_escaped, unescape, unescape_where_valid
from ..record import Record
from ..target import cut_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..dialects import Dialect

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
_SEGMENT_BYTES = frozenset((UNRESERVED + b"%/").decode())


class AuditFinding(Record):
    """One finding of ``audit`` or ``lint``.

    ``severity`` is "error" (it is refused, or reveals something), "warning" (it breaks or is weak with some
    library, proxy or server) or "note"; ``id`` is the rule or cause in docs/protocol.md.
    """

    severity: str
    id: str
    evidence: str
    fix: str

    def as_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in type(self).field_names}

    def __str__(self) -> str:
        return f"{self.severity}: {self.id}: {self.evidence}\n  fix: {self.fix}"


def error(id: str, evidence: str, fix: str) -> AuditFinding:
    return AuditFinding(ERROR, id, evidence, fix)


def warning(id: str, evidence: str, fix: str) -> AuditFinding:
    return AuditFinding(WARNING, id, evidence, fix)


def note(id: str, evidence: str, fix: str) -> AuditFinding:
    return AuditFinding(NOTE, id, evidence, fix)


def of_target(url: str, dialect: Dialect) -> Iterator[AuditFinding]:
    """The ambiguous parts of a path and query."""
    path, _, query = path_and_query(url)
    yield from _of_characters(path, dialect)
    yield from _of_escapes(path, query)
    yield from _of_segments(path)
    yield from _of_query(query)


def _of_characters(path: str, dialect: Dialect) -> Iterator[AuditFinding]:
    if "+" in path:
        yield warning(
            "CR-PATH-4",
            "a raw '+' in the path: S3 reads a space, other servers a plus sign",
            "write '%2B' for a plus sign, '%20' for a space; both give another signature",
        )
    raw = sorted({char for char in path if char not in _SEGMENT_BYTES and char != "+"})
    if raw:
        rate = note if dialect.encode_path_again else warning
        said = f"{''.join(raw)!r} unescaped in the path"
        yield rate("CR-PATH-6", said, "escape every byte but A-Z a-z 0-9 - . _ ~ /")


def _of_escapes(path: str, query: str) -> Iterator[AuditFinding]:
    if lower := _lower_escape(path) or _lower_escape(query):
        fix = f"write '{lower.upper()}', not '{lower}'"
        yield warning("CR-PATH-2", "escapes with lower-case digits: libraries rewrite them", fix)
    if any(escape(char) == char for char in _escaped(path) | _escaped(query)):
        yield warning(
            "CR-PATH-6",
            "escapes of unreserved characters: libraries undo them",
            "leave A-Z a-z 0-9 - . _ ~ unescaped",
        )


def _of_segments(path: str) -> Iterator[AuditFinding]:
    if normalize_path(path) != path:
        yield warning(
            "CR-PATH-3",
            "dot or empty segments in the path: libraries and proxies drop them",
            "leave them out, or send with a client that keeps the path",
        )
    if "%2F" in path.upper():
        yield warning(
            "CR-PATH-1",
            "'%2F' within a path segment: URL parsers and proxies make it '/'",
            "send with a client that keeps the path, and check what arrives",
        )


def _of_query(query: str) -> Iterator[AuditFinding]:
    if "+" in query:
        yield warning(
            "CR-QUERY-3",
            "a raw '+' in the query: some servers read a space, others a plus",
            "write '%20' or '%2B'",
        )
    if "" in query.split("&") and query:
        yield warning("CR-QUERY-4", "an empty parameter ('&&', or '&' at an end)", "leave it out")
    names = [parameter.partition("=")[0] for parameter in query.split("&") if parameter]
    if len(set(names)) != len(names):
        yield note(
            "CR-QUERY-2",
            "a repeated parameter: some signers keep one of them",
            "compare the canonical query with 'sigv4 explain'",
        )
    if any("=" not in parameter for parameter in query.split("&") if parameter):
        yield note("CR-QUERY-1", "a parameter without '=': some signers do not add it", "write 'name='")
    if ";" in query:
        yield warning("CR-QUERY-5", "a raw ';' in the query: some servers read a separator", "write '%3B'")


def rewritten(url: str) -> str:
    raw = url.partition("#")[0].encode("utf-8", "surrogatepass").decode("latin-1")
    before, question, query = raw.partition("?")
    start = ""
    if before[:1] != "/":
        path = cut_url(before)[2]
        start, before = before.removesuffix(path), path if before.endswith(path) else ""
    path = "/".join(_each(before.split("/"), _safe)) or "/"
    pairs = _each([parameter for parameter in query.split("&") if parameter], _safe_parameter)
    return f"{start}{path}{question if pairs else ''}{'&'.join(pairs)}"


def _each(parts: list[str], rewrite: Callable[[str], str]) -> list[str]:
    """``rewrite`` of every part; equal parts are rewritten once."""
    known = {part: rewrite(part) for part in set(parts)}
    return [known[part] for part in parts]


def _safe(text: str) -> str:
    return escape(unescape_where_valid(text))


def _safe_parameter(parameter: str) -> str:
    name, _, value = parameter.partition("=")
    return f"{_safe(name.replace('+', ' '))}={_safe(value.replace('+', ' '))}"


def canonical_target(url: str, dialect: Dialect) -> tuple[str, str] | None:
    path, _, query = path_and_query(url)
    try:
        return canonical_path(path or "/", dialect), canonical_query(query)
    except SigningError:
        return None


def path_and_query(url: str) -> tuple[str, str, str]:
    return cut_url(url)[2].partition("?")


def _lower_escape(text: str) -> str:
    """The first escape with lower-case digits; "" if there is none."""
    escapes = (f"%{piece[:2]}" for piece in text.split("%")[1:])
    return next((each for each in escapes if each != each.upper()), "")


def _escaped(text: str) -> set[str]:
    """The characters that ``text`` escapes."""
    escapes = {piece[:2] for piece in text.split("%")[1:]}
    return {unescape(f"%{digits}") for digits in escapes if is_escaped(f"%{digits}")}
