"""Describes the endpoint's refusals, for the report of a failed test."""

from __future__ import annotations

from collections.abc import Iterable

from sigv4.diagnosis.diagnose import diagnose
from sigv4.errors import SigV4Error, printable

from .control_page import masked
from .journal import Entry

_SHOWN = 20


def refusals(entries: Iterable[Entry]) -> str:
    """The last refusals, oldest first, with the findings of ``diagnose``; ``""`` if there are none.

    No token, signature or secret is in the text.
    """
    refused = [entry for entry in entries if entry.status >= 400 or entry.outcome == "no live session"]
    return "\n".join(_said(entry) for entry in reversed(refused[:_SHOWN]))


def _said(entry: Entry) -> str:
    asked = entry.operation or f"{entry.method} {entry.path}"
    line = f"{entry.number}. {asked}: {entry.status}, {entry.outcome}"
    if entry.identity:
        line += f" ({entry.identity} from {entry.client.address or 'an unknown address'})"
    lines = [line]
    lines += [f"   {each}" for each in _diagnosis(entry).splitlines() if each]
    return "\n".join(printable(each, "?") for each in masked("\n".join(lines)).split("\n"))


def _diagnosis(entry: Entry) -> str:
    if entry.evidence is None:
        return ""
    request, credentials, answer, refused = entry.evidence
    if request is None or not refused:
        return ""
    try:
        return str(diagnose(*request, credentials=credentials, response=answer, now=entry.at))
    except SigV4Error as error:
        return str(error)
