"""The control page as HTML and JSON: instances, sessions, requests, and the explanation of signatures."""

from __future__ import annotations

import hmac
import html
import json
import re
from collections.abc import Iterable
from typing import Any

from sigv4.credentials import TOKEN_NAMES, Credentials
from sigv4.diagnosis.diagnose import diagnose
from sigv4.diagnosis.evidence import examine
from sigv4.errors import SigV4Error
from sigv4.explanation import Explanation
from sigv4.headers import header_value, is_secret, names_of
from sigv4.request import Request, Response

from ..api import ServiceState
from ..faults import Faults
from . import pages
from .control_script import SCRIPT
from .journal import Entry, Journal

_LONGEST_LINE = 2000
_SIGNATURE_SHOWN = 8
# Tokens anywhere in a request or an answer, escaped or not: in a query, a Referer, an AuthorizedUrl.
_TOKENS = re.compile(rf"((?:authToken|{'|'.join(TOKEN_NAMES)})(?:=|%(?:25)*3D))[^\s&<\"]+", re.IGNORECASE)
# A signature allows a replay for five minutes, so its end is hidden everywhere.
_SIGNATURES = re.compile(r"(Signature(?:=|%3D)[0-9a-f]{8})[0-9a-f]+", re.IGNORECASE)
_MAIN = """\
<p class="quiet"><span id="live">connecting</span> · <span id="now"></span></p>
<p id="said" role="status"></p>
<h2>Notebook instances</h2>
<table class="cards"><thead><tr><th>Name<th>Status<th>Becomes<th></thead><tbody id="instances"></tbody></table>
<h2>Sessions</h2>
<table class="cards"><thead><tr><th>Notebook<th>URL minted by<th>Opened<th>Left</thead><tbody id="sessions"></tbody></table>
<h2>Clock, faults, policies</h2>
<form data-action="move"><label for="seconds">Move the clock by</label>
<input id="seconds" name="value" size="8" value="301" inputmode="numeric"> s <button>Move</button></form>
<form data-action="fault"><label for="faults">Faults</label>
<input id="faults" name="value" size="28"> <button>Inject</button></form>
<details><summary>The policy of an identity</summary>
<form data-action="policy"><select name="identity">{identities}</select> <button>Put in force</button>
<textarea name="value" spellcheck="false" aria-label="policy, in JSON; empty: it may do everything"
placeholder="a policy in JSON; empty: the identity may do everything"></textarea></form></details>
<h2>Requests</h2>
<table class="cards"><thead><tr><th>#<th>Time<th>Operation<th>Status<th>Verdict<th>Identity<th>From<th>Client</thead>
<tbody id="requests"></tbody></table>"""  # noqa: E501 (HTML)


def main(identities: Iterable[str]) -> Response:
    """The page itself; its script fills it."""
    options = "".join(f"<option>{html.escape(arn)}</option>" for arn in identities)
    return pages.page("Local SageMaker", _MAIN.format(identities=options), script=SCRIPT)


def state(
    now: float, ahead: float, service_state: ServiceState, journal: Journal, faults: Faults
) -> dict[str, object]:
    """The data for the script: plain texts and numbers, without secrets.

    ``now`` is the time in epoch seconds, ``ahead`` how far the clock was moved.
    """
    entries = journal.entries()
    return {
        "now": pages.moment(now),
        "ahead": round(ahead),
        "faults": ",".join(f"{name}:{value:g}" for name, value in _named(faults) if value),
        "newest": entries[0].number if entries else 0,
        "instances": [
            {
                "name": each.name,
                "status": each.status,
                "becomes": f"{each.becomes} in {each.due - now:.0f} s"
                if each.becomes
                else each.failure_reason,
            }
            for each in service_state.instances.all()
        ],
        "sessions": [
            {
                "notebook": each.notebook,
                "identity": each.identity,
                "opened": pages.moment(each.opened),
                "left": _duration(each.until - now),
            }
            for each in service_state.sessions.all()
        ],
        "requests": [_in_short(entry) for entry in entries],
    }


def _named(faults: Faults) -> list[tuple[str, float]]:
    return [(name, getattr(faults, name)) for name in ("throttle", "fail", "unavailable", "skew", "slow")]


def _in_short(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "time": pages.moment(entry.at)[11:19],
        "operation": masked(entry.operation or f"{entry.method} {entry.path}"),
        "status": entry.status,
        "outcome": masked(entry.outcome),
        "identity": entry.identity,
        "client": entry.client.address,
        "agent": entry.client.user_agent[:60],
        "explained": entry.evidence is not None,
    }


def one(entry: Entry) -> Response:
    """The page of one request: its parts, the answer, both signatures, and the diagnosis."""
    facts = (
        ("Time", pages.moment(entry.at)),
        ("From", f"{entry.client.address} {entry.client.user_agent[:200]}"),
        ("Request", f"{entry.method} {entry.path}"),
        ("Status", str(entry.status)),
        ("Verdict", entry.outcome),
        ("Identity", entry.identity or "unknown"),
    )
    body = _table("", (), facts)
    if entry.evidence is not None:
        request, credentials, answer, refused = entry.evidence
        if request is None:
            body += "<p>Its body was too long to be stored, so it cannot be explained.</p>\n"
        else:
            body += _signatures(request, credentials, entry.at)
            if refused:
                body += _findings(request, credentials, answer, entry.at)
            body += _exchange(request, answer) + _steps(request)
    return pages.page(f"Request {entry.number}", '<p><a href="../">All requests</a></p>\n' + masked(body))


def _signatures(request: Request, credentials: Credentials | None, at: float) -> str:
    """The sent and the calculated signature; only the start of each, since a whole one allows a replay."""
    try:
        sent = examine(request.method, request.url, request.headers, request.body, None, None).signature
    except (SigV4Error, ValueError):
        return ""
    calculated = "not known: no identity has this access key id"
    if credentials is not None:
        calculated = _calculated(request, credentials) or "the same as sent"
    return (
        '<h2>Signature</h2>\n<div class="pair">'
        f"<div>sent<pre>{html.escape(_start(sent))}</pre></div>"
        f"<div>calculated<pre>{html.escape(calculated)}</pre></div></div>\n"
    )


def _calculated(request: Request, credentials: Credentials) -> str:
    """The start of the signature by these credentials, ``""`` if it is the one that was sent."""
    examined = examine(request.method, request.url, request.headers, request.body, credentials, None)
    key, text = examined.draft.key, examined.draft.string_to_sign()
    if not isinstance(key, bytes):
        return "not known: its credential scope is not one of Version 4"
    digits = hmac.digest(key, text, "sha256").hex()
    return "" if hmac.compare_digest(digits, examined.signature) else _start(digits)


def _start(signature: str) -> str:
    shown = signature[:_SIGNATURE_SHOWN]
    return shown + "…" if len(signature) > _SIGNATURE_SHOWN else shown


def _exchange(request: Request, answer: Response) -> str:
    lines = [f"{request.method} {request.url}", *_header_lines(request.headers)]
    answered = [f"HTTP/1.1 {answer.status}", *_header_lines(answer.headers)]
    return (
        '<div class="pair"><div><h2>Request</h2>\n'
        f"<pre>{html.escape(chr(10).join(lines))}\n\n{html.escape(_body(request.body))}</pre></div>"
        f"<div><h2>Answer</h2>\n<pre>{html.escape(chr(10).join(answered))}\n\n"
        f"{html.escape(_body(answer.body))}</pre></div></div>\n"
    )


def _header_lines(headers: Iterable[tuple[str, Any]]) -> list[str]:
    shown = []
    for name, value in headers:
        # Secrets are removed from the whole page; the start of a signature and the target of a redirect stay.
        hidden = is_secret(name) and name.lower() not in ("authorization", "location")
        shown.append(f"{name}: {'***' if hidden else header_value(value)[:_LONGEST_LINE]}")
    return shown


def _body(body: bytes) -> str:
    text = body[: 4 * _LONGEST_LINE].decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _findings(request: Request, credentials: Credentials | None, refusal: Response, now: float) -> str:
    """The findings of ``diagnose`` for a request that the verifier refused."""
    try:
        found = diagnose(*request, credentials=credentials, response=refusal, now=now)
    except SigV4Error as error:
        return f"<h2>Diagnosis</h2>\n<p>It cannot be diagnosed: {html.escape(str(error))}</p>\n"
    return f"<h2>Diagnosis</h2>\n<pre>{html.escape(str(found))}</pre>\n"


def _steps(request: Request) -> str:
    """Canonical request and string to sign of the received request, each line with its rules."""
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
            names_of(request.headers),
        )
        steps = explained.steps()[:2]
    except (SigV4Error, ValueError) as error:  # ValueError: a malformed credential scope
        return f"<h2>Signature</h2>\n<p>There is none that can be read: {html.escape(str(error))}</p>\n"
    blocks = []
    for step in steps:
        rows = [(line.rules, line.text[:_LONGEST_LINE], line.origin) for line in step.lines]
        blocks.append(_table(step.title, ("Rules", "Line", "Comes from"), rows, "code"))
    return "".join(blocks)


def _table(title: str, names: Iterable[str], rows: Iterable[tuple[str, ...]], wrap: str = "span") -> str:
    head = "".join(f"<th>{html.escape(name)}" for name in names)
    lines = "".join(
        "<tr>" + "".join(f"<td><{wrap}>{html.escape(cell)}</{wrap}>" for cell in row) + "\n" for row in rows
    )
    heading = f"<h2>{html.escape(title)}</h2>\n" if title else ""
    return f'{heading}<table class="cards">\n<tr>{head}\n{lines}</table>\n'


def masked(text: str) -> str:
    """``text`` without tokens, and with only the start of each signature."""
    return _SIGNATURES.sub(r"\1…", _TOKENS.sub(r"\1***", text))


def _duration(seconds: float) -> str:
    hours, rest = divmod(max(0, int(seconds)), 3600)
    return f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60} s"
