"""``audit``: finds weak, ambiguous and fragile parts of signed requests, even of accepted ones."""

from __future__ import annotations

from ..diagnosis.catalogue import CAUSES
from ..diagnosis.diagnose import diagnose
from ..diagnosis.evidence import examine
from ..diagnosis.findings import PROVED
from ..diagnosis.hypotheses import cause_of_header
from ..diagnosis.oddities import OFTEN_CHANGED
from ..diagnosis.server_answer import date_of, read_answer
from ..dialects import S3_FAMILY, SERVICES
from ..errors import VerificationError
from ..headers import header_text
from ..hosts import names_of_host
from ..record import Record
from ..target import cut_url
from .refused_exchange import is_refused, of_refusal, refuses_authentication
from .url_rules import SEVERITIES, AuditFinding, error, note, of_target, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..credentials import Credentials
    from ..diagnosis.evidence import Examined
    from ..diagnosis.findings import Finding
    from ..dialects import Dialect
    from ..request import Request, Response

LONG_EXPIRY = 43200  # seconds: most temporary credentials expire before that


def audit(
    exchanges: Iterable[tuple[Request, Response | None]],
    *,
    credentials: Credentials | None = None,
    now: float | None = None,
) -> list[tuple[AuditFinding, ...]]:
    """The findings of each request, most severe first, in the order of ``exchanges``.

    With ``credentials`` the signatures by their access key are checked. Clocks are compared with ``now``, or
    else with the Date of the response. No finding shows a secret.
    """
    auditor = Auditor(credentials)
    return [auditor.findings(examined_exchange(*each, credentials, now)) for each in exchanges]


class ExchangeReport(Record):
    """The findings of one exchange alone; ``Auditor`` compares it with the others of its capture.

    ``wrong`` says that the signature is wrong; ``unexplained`` is the request if no single known fault
    explains that.
    """

    findings: tuple[AuditFinding, ...]
    signature: str = ""
    presigned: bool = False
    signer: str = ""
    wrong: AuditFinding | None = None
    unexplained: Request | None = None


class Auditor:
    """Compares the exchanges of one capture, in order.

    For a wrong signature without a known cause, two faults at once are tried, which takes about a second.
    That is done only once for each access key and host, because a client makes the same mistake in all its
    requests.
    """

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._credentials = credentials
        self._signatures: dict[str, int] = {}
        self._searched: dict[str, int] = {}
        self._number = -1

    def findings(self, report: ExchangeReport) -> tuple[AuditFinding, ...]:
        """The findings of the next exchange, most severe first."""
        self._number += 1
        found = list(report.findings)
        if report.signature:
            first = self._signatures.setdefault(report.signature, self._number)
            if first != self._number and not report.presigned:
                said = f"the signature of request {first} again"
                found.append(warning("VERIFY-15", said, "sign every request again; a copy is a replay"))
        if report.wrong is not None:
            found.append(self._explained(report, report.wrong))
        return tuple(sorted(found, key=lambda each: SEVERITIES.index(each.severity)))

    def _explained(self, report: ExchangeReport, wrong: AuditFinding) -> AuditFinding:
        if report.unexplained is None:
            return wrong
        number = self._searched.setdefault(report.signer, self._number)
        if number == self._number:
            return _wrong(diagnose(*report.unexplained, credentials=self._credentials).findings[0])
        told = "two faults at once were tried for request"
        evidence = f"{wrong.evidence}; {told} {number} only, of the same access key and host"
        return AuditFinding(wrong.severity, wrong.id, evidence, wrong.fix)


def _wrong(cause: Finding) -> AuditFinding:
    return error(cause.id, f"the signature is wrong; {cause.evidence}", cause.fix)


def examined_exchange(
    request: Request, response: Response | None, credentials: Credentials | None, now: float | None
) -> ExchangeReport:
    """The findings of one exchange alone, including a single fault of its signature."""
    method, url, headers, body = request
    try:
        examined = examine(method, url, headers, body, None, None)
    except VerificationError as refusal:
        return ExchangeReport(tuple(_unreadable(request, response, refusal)))
    found = [*of_target(url, _dialect(examined)), *_coverage(examined), *_payload(examined, url)]
    found += [*_presigned(examined, url), *_headers(examined), *_scope(examined)]
    found += _clock(examined, response, now)
    wrong = unexplained = None
    if credentials is not None and credentials.access_key_id != examined.access_key_id:
        credentials = None
    if credentials is not None or is_refused(response):
        answer = response if is_refused(response) else None
        diagnosis = diagnose(*request, credentials=credentials, response=answer, most_faults=1)
        if diagnosis.signature_matches is False:
            wrong = _wrong(diagnosis.findings[0])
            unexplained = None if diagnosis.findings[0].certainty == PROVED else request
        if answer is not None:
            found += of_refusal(diagnosis, [*found, *([wrong] if wrong else [])])
    signer = f"{examined.access_key_id} {examined.evidence.lines.get('host', '')}"
    return ExchangeReport(
        tuple(found), examined.signature, bool(examined.evidence.presigned), signer, wrong, unexplained
    )


def _dialect(examined: Examined) -> Dialect:
    """The dialect of S3 if the host belongs to S3, else that of the service in the scope."""
    services = names_of_host(examined.evidence.lines.get("host", ""))[1]
    return next((SERVICES[name] for name in services if name in S3_FAMILY), examined.evidence.dialect)


def _unreadable(
    request: Request, response: Response | None, refusal: VerificationError
) -> Iterator[AuditFinding]:
    answer = response if is_refused(response) else None
    if refusal.code != "MissingAuthenticationToken":
        for each in diagnose(*request, response=answer).findings:
            yield error(each.id, each.evidence, each.fix)
        return
    refused: list[AuditFinding] = []
    if refuses_authentication(response):
        refused += of_refusal(diagnose(*request, response=answer), ())
    unsigned = note("FAIL-50", "the request has no signature", CAUSES["FAIL-50"][1])
    yield from refused or [unsigned]


def _coverage(examined: Examined) -> Iterator[AuditFinding]:
    lines, names = examined.evidence.lines, dict.fromkeys(examined.signed_names)
    if "host" not in names:
        yield error("VERIFY-8", "the host is not signed: the request can be sent elsewhere", "sign 'host'")
    token = examined.evidence.token_name.lower()
    for name in lines:
        if (
            name.startswith("x-amz-")
            and name not in names
            and not (name == token and not examined.evidence.dialect.sign_token)
        ):
            yield error("VERIFY-8", f"{name!r} is not signed: it can be changed on the way", f"sign {name!r}")
    if "content-type" in lines and "content-type" not in names and examined.evidence.body:
        yield warning(
            "CR-HDR-5",
            "Content-Type is not signed: the body can be read as another type",
            "sign 'content-type'",
        )
    for name in names:
        if name in OFTEN_CHANGED:
            id = cause_of_header(name)
            yield warning(id, f"{name!r} is signed, but is changed or removed on the way", CAUSES[id][1])


def _payload(examined: Examined, url: str) -> Iterator[AuditFinding]:
    payload = examined.draft.payload
    if "UNSIGNED" not in payload:
        return
    presigned = examined.evidence.presigned
    if not presigned or not examined.draft.is_bodiless:
        rate = note if examined.evidence.dialect.unsigned_payload else warning
        rate = error if cut_url(url)[0] == "http" else rate
        fix = "sign the SHA-256 of the body, and never leave it out over plain http"
        yield rate("PAYLOAD-5", f"the body is not signed ({payload})", fix)


def _presigned(examined: Examined, url: str) -> Iterator[AuditFinding]:
    if not examined.evidence.presigned:
        return
    if cut_url(url)[0] == "http":
        yield error("URL-1", "a presigned URL over plain http: anyone who sees it can use it", "use https")
    if examined.expires is not None and examined.expires > LONG_EXPIRY:
        yield warning(
            "URL-2",
            f"the URL is valid for {examined.expires} s",
            "make it valid only for as long as it is needed",
        )
    if examined.token:
        yield warning(
            "TOKEN-1",
            "a session token in the URL: URLs are logged",
            "treat the URL as a password, and let it expire soon",
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
            yield warning(
                "CR-HDR-2",
                f"{lower!r} is signed and repeated: libraries join it in different ways",
                "send it once, its values joined with ','",
            )
        seen.add(lower)
        if "\t" in text:
            yield warning(
                "CR-HDR-4", f"a tab in {lower!r}: signers disagree whether it is white space", "write a space"
            )
        if not text.isascii():
            yield warning(
                "CR-HDR-8",
                f"{lower!r} is not ASCII: libraries send it as UTF-8 or Latin-1",
                "escape it, or leave it unsigned",
            )
        if "  " in text.strip():
            yield note("CR-HDR-3", f"a run of spaces in {lower!r}: some signers keep it", "write one space")


def _scope(examined: Examined) -> Iterator[AuditFinding]:
    host = examined.evidence.lines.get("host", "")
    region, services = names_of_host(host)
    signed_region, service = examined.evidence.region, examined.evidence.service
    if region and not examined.region_set and signed_region != region:
        yield warning(
            "FAIL-27", f"signed for {signed_region!r}, sent to {host[:120]!r}", f"sign for {region!r}"
        )
    if services and service not in services:
        yield warning(
            "FAIL-28", f"signed for the service {service!r}, sent to {host[:120]!r}", CAUSES["FAIL-28"][1]
        )


def _clock(examined: Examined, response: Response | None, now: float | None) -> Iterator[AuditFinding]:
    time = now
    if time is None and response is not None:
        time = read_answer(response).time if is_refused(response) else date_of(response)
    if time is None or examined.seconds is None:
        return
    window = examined.evidence.dialect.window
    late = int(time) - examined.seconds
    life = window if examined.expires is None else examined.expires
    if late > life or -late > window:
        said = f"{late} s old" if late > 0 else f"{-late} s in the future"
        id = "URL-2" if late > life and examined.expires is not None else "FAIL-29"
        yield error(id, f"the signature is {said}; {life} s are allowed", CAUSES[id][1])
