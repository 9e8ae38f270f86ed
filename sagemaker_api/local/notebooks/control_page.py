"""The control page: instances, sessions and recent requests, each request with what explains its verdict."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterable

from sigv4.credentials import Credentials
from sigv4.diagnosis.diagnose import diagnose
from sigv4.diagnosis.evidence import examine
from sigv4.errors import SigV4Error
from sigv4.explanation import Explanation
from sigv4.request import Request, Response

from ..api import Desk
from . import pages
from .journal import Entry, Journal

ROOT = "/_control"
_LONGEST_LINE = 2000
# Wherever a request holds one, escaped or not: in a query, in a Referer.
_TOKENS = re.compile(r"(authToken(?:=|%(?:25)*3D))[^\s&<]+", re.IGNORECASE)


def answer(path: str, now: float, desk: Desk, journal: Journal) -> Response:
    """The page at ``path``: ``/_control``, or ``/_control/requests/NUMBER``."""
    number = path.removeprefix(f"{ROOT}/requests/")
    if path in (ROOT, f"{ROOT}/"):
        body = _instances(desk, now) + _sessions(desk, now) + _requests(journal)
        return _page("Local SageMaker", body)
    entry = journal.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if entry is None:
        return pages.notice("Not found", "This request is not kept, or not any longer.", 404)
    return _page(f"Request {entry.number}", _request(entry))


def _page(title: str, body: str) -> Response:
    return pages.page(title, _TOKENS.sub(r"\1***", body), style=pages.STYLE)


def _instances(desk: Desk, now: float) -> str:
    rows = []
    for each in desk.instances.all():
        becomes = f"{each.becomes} in {each.due - now:.0f} s" if each.becomes else each.failure_reason
        rows.append((each.name, each.status, becomes, _moment(each.created), _moment(each.changed)))
    return _table("Notebook instances", ("Name", "Status", "", "Created", "Last changed"), rows)


def _sessions(desk: Desk, now: float) -> str:
    rows = [
        (each.notebook, each.identity, _moment(each.opened), _moment(each.until))
        for each in desk.sessions.all()
    ]
    return _table("Sessions", ("Notebook", "URL minted by", "Opened", "Open until"), rows)


def _requests(journal: Journal) -> str:
    head = "<tr><th>#<th>Time<th>From<th>Request<th>Status<th>Outcome<th>Identity\n"
    rows = []
    for entry in journal.entries():
        number = str(entry.number)
        if entry.evidence is not None:
            number = f'<a href="{ROOT}/requests/{number}">{number}</a>'
        mark = "yes" if entry.status < 400 else "no"
        cells = (
            _moment(entry.at),
            entry.client.address,
            f"{entry.method} {entry.path}",
            str(entry.status),
            entry.outcome,
            entry.identity,
        )
        shown = "".join(f"<td>{html.escape(cell)}" for cell in cells)
        rows.append(f'<tr class="{mark}"><td>{number}{shown}\n')
    return f"<h2>Recent requests</h2>\n<table>\n{head}{''.join(rows)}</table>\n"


def _request(entry: Entry) -> str:
    facts = (
        ("Time", _moment(entry.at)),
        ("From", entry.client.address),
        ("Request", f"{entry.method} {entry.path}"),
        ("Status", str(entry.status)),
        ("Outcome", entry.outcome),
        ("Identity", entry.identity or "unknown"),
    )
    head = _table("", (), facts)
    if entry.evidence is None:
        return head
    request, credentials, refusal = entry.evidence
    if request is None:
        return f"{head}<p>Its body was too long to be kept: there is nothing to explain it with.</p>\n"
    if refusal is None:
        return head + _steps(request)
    return head + _findings(request, credentials, refusal, entry.at) + _steps(request)


def _findings(request: Request, credentials: Credentials | None, refusal: Response, now: float) -> str:
    """What ``diagnose`` finds, of a request that the verifier refused."""
    try:
        found = diagnose(*request, credentials=credentials, response=refusal, now=now)
    except SigV4Error as error:
        return (
            f"<h2>Diagnosis</h2>\n<p>It is no request that can be diagnosed: {html.escape(str(error))}</p>\n"
        )
    return f"<h2>Diagnosis</h2>\n<pre>{html.escape(str(found))}</pre>\n"


def _steps(request: Request) -> str:
    """Canonical request and string to sign as they follow from what arrived, each line with its rules."""
    try:
        examined = examine(request.method, request.url, request.headers, request.body, None, None)
        draft = examined.draft
        explained = Explanation(
            {"Authorization": ""},
            draft.canonical_request(),
            draft.string_to_sign().decode("latin-1"),
            examined.signature,
            draft.signed_headers,
            draft.scope,
            examined.evidence.dialect,
            frozenset(name.lower() for name, _ in request.headers),
        )
        steps = explained.steps()[:2]
    except (SigV4Error, ValueError) as error:  # ValueError: a credential scope that is none
        return f"<h2>Signature</h2>\n<p>There is none that can be read: {html.escape(str(error))}</p>\n"
    blocks = []
    for step in steps:
        rows = [(line.rules, line.text[:_LONGEST_LINE], line.origin) for line in step.lines]
        blocks.append(_table(step.title, ("Rules", "Line", "Comes from"), rows, "code"))
    blocks.append(_table("Signature", (), [("as it came", examined.signature)], "code"))
    return "".join(blocks)


def _table(title: str, names: Iterable[str], rows: Iterable[tuple[str, ...]], wrap: str = "span") -> str:
    head = "".join(f"<th>{html.escape(name)}" for name in names)
    lines = "".join(
        "<tr>" + "".join(f"<td><{wrap}>{html.escape(cell)}</{wrap}>" for cell in row) + "\n" for row in rows
    )
    heading = f"<h2>{html.escape(title)}</h2>\n" if title else ""
    return f"{heading}<table>\n<tr>{head}\n{lines}</table>\n"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
