"""Compares what a server calculated with what this package calculates: finds the first difference."""

from __future__ import annotations

from hashlib import sha256
from itertools import zip_longest

from ..headers import SECRET_HEADERS
from .findings import LIKELY, POSSIBLE, PROVED, finding
from .hypotheses import cause_of_header, singles
from .oddities import is_of_aws
from .signature_inputs import Draft, differing_parts
from .static_checks import shown
from .stumbling_blocks import stumbling_blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evidence import Examined
    from .findings import Finding
    from .server_answer import ServerAnswer

# Causes that fit every such request, even one that is signed right.
_VAGUE = ("FAIL-19", "FAIL-32", "FAIL-40")


def compared(request: Examined, answer: ServerAnswer | None, matches: bool | None) -> Iterator[Finding]:
    """Compares the texts that the server calculated with those that this package calculates."""
    if answer is None or (answer.canonical_request is None and answer.string_to_sign is None):
        return
    draft = request.draft
    theirs = answer.canonical_request
    parts = [] if theirs is None else list(differing_parts(draft, theirs))
    of_headers = _header_changes(request) if any(slot.startswith("header ") for slot, _, _ in parts) else {}
    for slot, ours, wanted in parts:
        id = of_headers.get((slot, wanted)) or _cause_of_part(request, slot, ours, wanted)
        yield _changed_part(id, slot, ours, wanted, PROVED if matches else LIKELY)
    if parts:
        return
    # Four lines, or four words if a browser showed them as one line.
    text = (answer.string_to_sign or "").split()
    if len(text) != 4 or text[0] != draft.algorithm:
        text = []
    if text and text[1:3] != [draft.timestamp, draft.scope]:
        id = "FAIL-43" if text[1] != draft.timestamp else "FAIL-38"
        yield finding(id, LIKELY, f"the server signed time and scope {shown(' '.join(text[1:3]))!r}")
        return
    same = answer.echoes or (bool(text) and text[3] == sha256(draft.canonical_request()).hexdigest())
    if same and matches:
        yield finding(
            "FAIL-25", LIKELY, "the server calculated the same texts, and has another secret for this key"
        )
    elif same and matches is None:
        yield from _faults_of_the_signer(request)
    elif text and matches:
        yield finding("FAIL-58", PROVED, "the canonical request that the server hashed differs from this one")


def _faults_of_the_signer(request: Examined) -> Iterator[Finding]:
    """The findings if nothing was changed on the way: the client signed another text, or used another key."""
    said = "the server calculated the same texts as this request gives"
    otherwise = stumbling_blocks(request)
    sure = [(id, words) for id, words in otherwise if id not in _VAGUE]
    for id, words in sure:
        yield finding(
            id, POSSIBLE, f"{said}; the signer may have made a mistake that is common here: {words}"
        )
    yield finding("FAIL-25", POSSIBLE if sure else LIKELY, said)
    for id, words in otherwise:
        if id in _VAGUE:  # a server uses the body and the host that it received
            yield finding(id, POSSIBLE, f"{said}; {words}")
    host = request.evidence.lines.get("host", "")
    if host and not is_of_aws(host):
        for id in ("FAIL-15", "FAIL-14"):
            yield finding(
                id, POSSIBLE, f"{said}; but the Host that arrived may differ from the one that was signed"
            )
    yield finding("FAIL-31", POSSIBLE, said)


def _header_changes(request: Examined) -> dict[tuple[str, str], str]:
    """The cause that gives a header another value, by ``header NAME`` and that value; ``""`` if it is gone.

    It is made once for all headers, of which a request may have hundreds.
    """
    ours = dict(request.draft.headers)
    found = {("header content-length", ""): "FAIL-18"}  # chunked transfer replaced it
    for hypothesis in singles(request.evidence, request.draft):
        if "headers" in hypothesis.changes:
            theirs = dict(hypothesis.changes["headers"])
            for name in dict(ours.items() ^ theirs.items()):
                found.setdefault((f"header {name}", theirs.get(name, "")), hypothesis.id)
    return found


def _changed_part(id: str, slot: str, ours: str, theirs: str, certainty: str) -> Finding:
    secret = slot == "form" or slot.removeprefix("header ") in SECRET_HEADERS
    if slot == "query":
        ours, theirs = _first_difference(ours.split("&"), theirs.split("&"))
        secret = "token=" in ours.lower() + theirs.lower()
    at = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    seen = (
        ""
        if secret
        else f": this request gives {_around(ours, at)!r}, the server has {_around(theirs, at)!r}"
    )
    said = f"the {slot} differs from byte {at}{seen}"
    return finding(id, certainty, said) if secret else finding(id, certainty, said, "", ours, theirs)


def _first_difference(ours: list[str], theirs: list[str]) -> tuple[str, str]:
    return next((a, b) for a, b in zip_longest(ours, theirs, fillvalue="") if a != b)


def _cause_of_part(request: Examined, slot: str, ours: str, theirs: str) -> str:
    """The cause of a hypothesis that turns our part into theirs or the reverse; else the usual cause."""
    draft, evidence = request.draft, request.evidence
    presigned = evidence.presigned
    name = slot.partition(" ")[2]
    if name:
        return cause_of_header(name, presigned=presigned)
    if slot == "method":
        return "FAIL-40" if presigned else "CR-METHOD"
    both_ways: list[tuple[Draft, str, set[str]]] = [(draft, theirs, set())]
    if slot in ("path", "query"):  # the other hypotheses use the request, not the draft
        unlike = draft.replace(**{slot: "\0"})  # a hypothesis that still gives our part uses the request
        drawn = {each.words for each in singles(evidence, unlike) if each.changes.get(slot) == ours}
        both_ways.append((draft.replace(**{slot: theirs}), ours, drawn))
    for known, wanted, drawn in both_ways:
        for hypothesis in singles(evidence, known):
            changed = hypothesis.applied(known)
            if (
                getattr(changed, slot, "") == wanted
                and _same_beyond(changed, known, slot)
                and hypothesis.words not in drawn
            ):
                return hypothesis.id
    if slot == "query" and presigned:
        return "FAIL-40"
    if slot in ("path", "query"):  # in a way that is not known: no sentence about escapes would be true
        return "FAIL-58"
    usual = {"signed_headers": "FAIL-37", "payload": "FAIL-32"}
    return usual.get(slot, "FAIL-39")


def _same_beyond(changed: Draft, known: Draft, slot: str) -> bool:
    return all(getattr(changed, each) is getattr(known, each) or each == slot for each in Draft.field_names)


def _around(text: str, at: int) -> str:
    start = max(0, at - 20)
    return ("…" if start else "") + text[start : at + 40] + ("…" if len(text) > at + 40 else "")
