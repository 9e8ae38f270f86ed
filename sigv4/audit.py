"""``audit``: what is weak, ambiguous or about to break in signed requests, though each may be accepted today."""

from __future__ import annotations

from .authorization import QUERY_PARTS
from .canonical import canonical_path, canonical_query, normalize_path
from .causes import CAUSES
from .diagnosis import OFTEN_CHANGED, diagnose
from .dialects import DEFAULT, S3, dialect_of
from .errors import SigningError, VerificationError
from .examination import examine
from .headers import header_text
from .hosts import names_of_host
from .hypotheses import cause_of_header
from .percent import UNRESERVED, escape, unescape
from .server_answer import read_answer
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .credentials import Credentials
    from .dialects import Dialect
    from .examination import Examined
    from .request import Request
    from .response import Response

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
LONG_EXPIRY = 43200  # seconds: beyond it a URL outlives most temporary credentials
_SEGMENT_BYTES = frozenset((UNRESERVED + b"%/").decode())


class AuditFinding(Value):
    """``severity`` is "error" (is refused, or gives something away), "warning" (breaks or weakens under some
    library, proxy or server) or "note"; ``id`` the rule or cause in docs/protocol.md.
    """

    __slots__ = ("severity", "id", "evidence", "fix")
    severity: str
    id: str
    evidence: str
    fix: str

    def __init__(self, severity: str, id: str, evidence: str, fix: str) -> None:
        self._set(severity, id, evidence, fix)

    def as_dict(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        return f"{self.severity}: {self.id}: {self.evidence}\n  fix: {self.fix}"


def audit(
    exchanges: Iterable[tuple[Request, Response | None]],
    *,
    credentials: Credentials | None = None,
    now: float | None = None,
) -> list[tuple[AuditFinding, ...]]:
    """The findings of each request, most severe first, in the order of ``exchanges``.

    With ``credentials`` the signatures by their access key are checked. ``now``, or else the Date of the
    response, is what clocks are compared with. Nothing that is shown is a secret.
    """
    signatures: dict[str, int] = {}
    answers = []
    for number, (request, response) in enumerate(exchanges):
        found = list(_of_exchange(request, response, credentials, now, signatures, number))
        answers.append(tuple(sorted(found, key=lambda each: SEVERITIES.index(each.severity))))
    return answers


def _of_exchange(
    request: Request,
    response: Response | None,
    credentials: Credentials | None,
    now: float | None,
    signatures: dict[str, int],
    number: int,
) -> Iterator[AuditFinding]:
    method, url, headers, body = request
    try:
        examined = examine(method, url, headers, body, None, None)
    except VerificationError as error:
        yield from _unreadable(request, error)
        return
    yield from of_target(url, examined.evidence.dialect)
    yield from _coverage(examined)
    yield from _payload(examined, url)
    yield from _presigned(examined, url)
    yield from _headers(examined)
    yield from _scope(examined)
    yield from _clock(examined, response, now)
    first = signatures.setdefault(examined.signature, number)
    if first != number and not examined.evidence.presigned:
        yield AuditFinding(
            WARNING,
            "VERIFY-15",
            f"the signature of request {first} again",
            "sign every request anew; a copy is a replay",
        )
    if credentials is not None and credentials.access_key_id == examined.access_key_id:
        diagnosis = diagnose(method, url, headers, body, credentials=credentials)
        if diagnosis.signature_matches is False:
            cause = diagnosis.findings[0]
            yield AuditFinding(ERROR, cause.id, f"the signature is wrong; {cause.evidence}", cause.fix)


def _unreadable(request: Request, error: VerificationError) -> Iterator[AuditFinding]:
    if error.code == "MissingAuthenticationToken":
        yield AuditFinding(NOTE, "FAIL-50", "the request carries no signature", CAUSES["FAIL-50"][1])
        return
    findings = diagnose(*request).findings
    for each in findings:
        yield AuditFinding(ERROR, each.id, each.evidence, each.fix)


def of_target(url: str, dialect: Dialect) -> Iterator[AuditFinding]:
    """What is ambiguous in a path and query: forms that libraries, proxies and signers read in different ways."""
    path, _, query = _path_and_query(url)
    if "+" in path:
        yield AuditFinding(
            WARNING,
            "CR-PATH-4",
            "a raw '+' in the path: some read a space",
            "write '%2B', or '%20' for a space",
        )
    raw = sorted({char for char in path if char not in _SEGMENT_BYTES and char != "+"})
    if raw:
        severity, id = (WARNING, "CR-PATH-6") if dialect.encode_path_again is False else (NOTE, "CR-PATH-6")
        yield AuditFinding(
            severity,
            id,
            f"{''.join(raw)!r} unescaped in the path",
            "escape every byte but A-Z a-z 0-9 - . _ ~ /",
        )
    if _lower_escapes(path) or _lower_escapes(query):
        yield AuditFinding(
            WARNING,
            "CR-PATH-2",
            "escapes with lower-case digits: libraries rewrite them",
            "write '%3A', not '%3a'",
        )
    if any(escape(char) == char for char in _escaped(path) | _escaped(query)):
        yield AuditFinding(
            WARNING,
            "CR-PATH-6",
            "escapes of unreserved characters: libraries undo them",
            "leave A-Z a-z 0-9 - . _ ~ unescaped",
        )
    if normalize_path(path) != path:
        yield AuditFinding(
            WARNING,
            "CR-PATH-3",
            "dot or empty segments in the path: libraries and proxies drop them",
            "leave them out, or send with a client that keeps the path",
        )
    if "%2F" in path.upper():
        yield AuditFinding(
            WARNING,
            "CR-PATH-1",
            "'%2F' within a path segment: URL parsers and proxies make it '/'",
            "send with a client that keeps the path, and check what arrives",
        )
    if "+" in query:
        yield AuditFinding(
            WARNING,
            "CR-QUERY-3",
            "a raw '+' in the query: a space to some, a plus to others",
            "write '%20' or '%2B'",
        )
    if "" in query.split("&") and query:
        yield AuditFinding(
            WARNING, "CR-QUERY-4", "an empty parameter ('&&', or '&' at an end)", "leave it out"
        )
    names = [parameter.partition("=")[0] for parameter in query.split("&") if parameter]
    if len(set(names)) != len(names):
        yield AuditFinding(
            NOTE,
            "CR-QUERY-2",
            "a repeated parameter: some signers keep one of them",
            "compare the canonical query with 'sigv4 explain'",
        )
    if any("=" not in parameter for parameter in query.split("&") if parameter):
        yield AuditFinding(
            NOTE, "CR-QUERY-1", "a parameter without '=': some signers leave it so", "write 'name='"
        )
    if ";" in query:
        yield AuditFinding(
            WARNING, "CR-QUERY-5", "a raw ';' in the query: a separator to some", "write '%3B'"
        )


def _coverage(examined: Examined) -> Iterator[AuditFinding]:
    lines, names = examined.evidence.lines, examined.signed_names
    if "host" not in names:
        yield AuditFinding(
            ERROR, "VERIFY-8", "the host is not signed: the request can be sent elsewhere", "sign 'host'"
        )
    token = examined.evidence.dialect.token_name.lower()
    for name in lines:
        if (
            name.startswith("x-amz-")
            and name not in names
            and not (name == token and not examined.evidence.dialect.sign_token)
        ):
            yield AuditFinding(
                ERROR, "VERIFY-8", f"{name!r} is not signed: it can be changed on the way", f"sign {name!r}"
            )
    if "content-type" in lines and "content-type" not in names and examined.evidence.body:
        yield AuditFinding(
            WARNING,
            "CR-HDR-5",
            "Content-Type is not signed: the body can be read as another type",
            "sign 'content-type'",
        )
    for name in names:
        if name in OFTEN_CHANGED:
            id = cause_of_header(name, False)
            yield AuditFinding(
                WARNING, id, f"{name!r} is signed, and is changed or removed on the way", CAUSES[id][1]
            )


def _payload(examined: Examined, url: str) -> Iterator[AuditFinding]:
    payload = examined.draft.payload
    if "UNSIGNED" not in payload:
        return
    presigned = examined.evidence.presigned
    writes = examined.draft.method not in ("GET", "HEAD", "DELETE", "OPTIONS")
    if not presigned or writes:
        severity = (
            ERROR
            if url.startswith("http://")
            else NOTE
            if examined.evidence.dialect.unsigned_payload
            else WARNING
        )
        yield AuditFinding(
            severity,
            "PAYLOAD-5",
            f"the body is not signed ({payload})",
            "sign the SHA-256 of the body, and never leave it out over plain http",
        )


def _presigned(examined: Examined, url: str) -> Iterator[AuditFinding]:
    if not examined.evidence.presigned:
        return
    if url.startswith("http://"):
        yield AuditFinding(
            ERROR, "QUERY-1", "a presigned URL over plain http: whoever sees it can use it", "use https"
        )
    if examined.expires is not None and examined.expires > LONG_EXPIRY:
        yield AuditFinding(
            WARNING,
            "QUERY-2",
            f"the URL lives {examined.expires} s",
            "let it live no longer than its use takes",
        )
    if examined.token:
        yield AuditFinding(
            WARNING,
            "TOKEN-1",
            "a session token in the URL: URLs are logged",
            "treat the URL as a password; keep its life short",
        )


def _headers(examined: Examined) -> Iterator[AuditFinding]:
    names = set(examined.signed_names)
    seen: set[str] = set()
    for name, value in examined.evidence.pairs:
        lower = name.lower()
        if lower not in names:
            continue
        text = header_text(lower, value)
        if lower in seen:
            yield AuditFinding(
                WARNING,
                "CR-HDR-2",
                f"{lower!r} is signed and repeated: libraries join it in different ways",
                "send it once, its values joined with ','",
            )
        seen.add(lower)
        if "\t" in text:
            yield AuditFinding(
                WARNING,
                "CR-HDR-4",
                f"a tab in {lower!r}: signers disagree whether it is white space",
                "write a space",
            )
        if not text.isascii():
            yield AuditFinding(
                WARNING,
                "CR-HDR-8",
                f"{lower!r} is not ASCII: libraries send it as UTF-8 or Latin-1",
                "escape it, or leave it unsigned",
            )
        if "  " in text.strip():
            yield AuditFinding(
                NOTE, "CR-HDR-3", f"a run of spaces in {lower!r}: some signers keep it", "write one space"
            )


def _scope(examined: Examined) -> Iterator[AuditFinding]:
    host = examined.evidence.lines.get("host", "")
    region, services = names_of_host(host)
    signed_region, service = examined.evidence.region, examined.evidence.service
    if region and not examined.region_set and signed_region != region:
        yield AuditFinding(
            WARNING,
            "FAIL-27",
            f"signed for {signed_region!r}, sent to {host[:120]!r}",
            f"sign for {region!r}",
        )
    if services and service not in services:
        yield AuditFinding(
            WARNING,
            "FAIL-28",
            f"signed for the service {service!r}, sent to {host[:120]!r}",
            CAUSES["FAIL-28"][1],
        )


def _clock(examined: Examined, response: Response | None, now: float | None) -> Iterator[AuditFinding]:
    time = now
    if time is None and response is not None:
        time = read_answer(response).time
    if time is None or examined.seconds is None:
        return
    window = examined.evidence.dialect.window
    late = int(time) - examined.seconds
    life = window if examined.expires is None else examined.expires
    if late > life or -late > window:
        said = f"{late} s old" if late > 0 else f"{-late} s in the future"
        yield AuditFinding(
            ERROR, "FAIL-29", f"the signature is {said}; {life} s are allowed", CAUSES["FAIL-29"][1]
        )


def lint(url: str) -> tuple[tuple[AuditFinding, ...], str, bool]:
    """One URL, signed or not: its findings, a safe rewriting, and whether a signature in it survives that.

    The rewriting keeps what the URL means to a server: each part escaped once with upper-case digits, spaces as
    ``%20``, no empty parameters, no fragment.

    Raises SigningError for what is no URL.
    """
    from .request import Request
    from .target import check_url, split_target

    host = split_target(url)[0]
    try:
        check_url(url)
        faults = []
    except SigningError as error:
        faults = [AuditFinding(ERROR, "CR-PATH-1", str(error), "use the rewriting")]
    names = {parameter.partition("=")[0] for parameter in _path_and_query(url)[2].split("&")}
    presigned = bool(names & set(QUERY_PARTS))
    services = names_of_host(host)[1]
    dialect = S3 if {"s3", "s3express"} & services else DEFAULT
    if presigned and not faults:
        found = audit([(Request("GET", url, [("Host", host)]), None)])[0]
        dialect = _dialect_in(url) or dialect
    else:
        found = tuple(faults) or tuple(of_target(url, dialect))
    safe = _rewritten(url)
    kept = _canonical(url, dialect) == _canonical(safe, dialect)
    return found, safe, kept


def _dialect_in(url: str) -> Dialect | None:
    for parameter in _path_and_query(url)[2].split("&"):
        name, _, value = parameter.partition("=")
        if name == "X-Amz-Credential":
            parts = unescape(value).split("/")
            try:
                return dialect_of(parts[-2]) if len(parts) > 3 else None
            except SigningError:
                return None
    return None


def _rewritten(url: str) -> str:
    raw = url.partition("#")[0].encode("utf-8", "surrogatepass").decode("latin-1")
    before, question, query = raw.partition("?")
    start = ""
    if before[:1] != "/":
        scheme, separator, rest = before.partition("://")
        authority, slash, path = rest.partition("/")
        start, before = scheme + separator + authority, slash + path
    path = "/".join(escape(_unescaped(segment)) for segment in before.split("/")) or "/"
    pairs = []
    for parameter in query.split("&"):
        if parameter:
            name, _, value = parameter.partition("=")
            pairs.append("=".join(escape(_unescaped(part.replace("+", " "))) for part in (name, value)))
    return f"{start}{path}{question if pairs else ''}{'&'.join(pairs)}"


def _unescaped(text: str) -> str:
    """``text`` decoded; where its escapes are broken, a ``%`` stands for itself."""
    try:
        return unescape(text)
    except SigningError:
        return text


def _canonical(url: str, dialect: Dialect) -> tuple[str, str] | None:
    path, _, query = _path_and_query(url)
    try:
        return canonical_path(path or "/", dialect), canonical_query(query)
    except SigningError:
        return None


def _path_and_query(url: str) -> tuple[str, str, str]:
    target = url.partition("#")[0]
    if target[:1] != "/":
        target = "/" + target.partition("://")[2].partition("/")[2]
    return target.partition("?")


def _lower_escapes(text: str) -> bool:
    return any(piece[:2] != piece[:2].upper() for piece in text.split("%")[1:])


def _escaped(text: str) -> set[str]:
    """The characters that ``text`` escapes."""
    pieces = text.split("%")[1:]
    return {
        chr(int(piece[:2], 16))
        for piece in pieces
        if len(piece) > 1 and set(piece[:2]) <= set("0123456789abcdefABCDEF")
    }
