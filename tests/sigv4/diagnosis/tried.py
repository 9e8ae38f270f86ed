"""The hypotheses that ``diagnose`` tries for a request: the words of each, its cause and what it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sigv4 import Credentials, Signer
from sigv4.diagnosis.evidence import Examined, examine
from sigv4.diagnosis.hypotheses import singles
from tests.sigv4.diagnosis.seen import NOW

Tried = list[tuple[str, str, "str | None"]]
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def examined(
    service: str,
    url: str,
    headers: Mapping[str, str | bytes] | None = None,
    body: bytes = b"",
    *,
    method: str = "GET",
    added: Iterable[tuple[str, str]] = (),
    keys: Credentials = KEYS,
    called: str = "",
) -> Examined:
    """A request that is signed for ``url``, with the headers ``added`` after it was signed."""
    signed = Signer(service, "us-east-1", keys).sign(method, f"https://{url}", headers or {}, body, at=NOW)
    target = "/" + url.partition("/")[2]
    return examine(method, target, (*signed.items(), *added), body, keys, None, called=called)


def presigned(url: str, keys: Credentials = KEYS) -> Examined:
    made = str(Signer("s3", "us-east-1", keys).presign("GET", f"https://{url}", expires=900, at=NOW))
    host, _, target = made.removeprefix("https://").partition("/")
    return examine("GET", f"/{target}", (("Host", host),), b"", keys, None)


def changes(request: Examined, slot: str, *, alone: bool = True) -> list[tuple[str, str, Any]]:
    """Cause, words and new value of each hypothesis that changes ``slot``; ``alone``: and nothing else."""
    return [
        (each.id, each.words, each.changes[slot])
        for each in singles(request.evidence, request.draft)
        if slot in each.changes and not (alone and len(each.changes) > 1)
    ]


def rows(table: str) -> list[tuple[str, str, str]]:
    """The lines of a table, each a cause, a text without blanks (``-`` for none) and words."""
    found = [line.split(maxsplit=2) for line in table.strip().splitlines()]
    return [(id, words, "" if text == "-" else text) for id, text, words in found]


def code(char: str) -> str:
    return f"%{ord(char):02X}"


def of_header(request: Examined, name: str) -> list[tuple[str, str, str | None]]:
    """Cause, words and new value of each hypothesis that changes one header alone; None: it is missing."""
    before = dict(request.draft.headers)
    found = []
    for id, words, headers in changes(request, "headers"):
        after = dict(headers)
        if [each for each in before | after if before.get(each) != after.get(each)] == [name]:
            found.append((id, words, after.get(name)))
    return found
