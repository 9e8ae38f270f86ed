"""Finds the ids of the protocol's rules in text: ``CR-PATH-2``, ``VERIFY-6a…d``, ``CR-HDR-1, 2``."""

from __future__ import annotations

import re

FAMILIES = (
    "CR-PATH", "CR-QUERY", "CR-HDR", "PAYLOAD", "STS", "KEY", "AUTHZ", "TOKEN", "URL", "FORM", "CHUNK-V4A",
    "CHUNK", "TRAILER", "EVENT", "V4A", "VERIFY", "FAIL",
)  # fmt: skip
# One id, a range ("CR-PATH-1…4"), or an id and the numbers after it ("CR-HDR-1, 2, 3").
_CITED = re.compile(
    rf"(?<![A-Z0-9-])(?:(CR-FORMAT|CR-METHOD)|({'|'.join(FAMILIES)})-(\d+[a-h]?)"
    r"((?:(?:, |…)(?:\d+[a-d]?|[a-d])(?![\w-]|\.\d))*))(?!\w|-\w)"
)


def cited(text: str) -> list[str]:
    """The rule ids in ``text``, each once, in order; ranges and lists expanded."""
    found: dict[str, None] = {}
    for whole, family, first, more in _CITED.findall(text):
        if whole:
            found[whole] = None
            continue
        found[f"{family}-{first}"] = None
        before = first
        for mark, number in re.findall(r"(, |…)(\d+[a-d]?|[a-d])", more):
            if mark == ", ":
                found[f"{family}-{number}"] = None
            elif number.isdigit():
                for each in range(int(before), int(number) + 1):
                    found[f"{family}-{each:0{len(before)}}"] = None
            else:  # "6a…d"
                for letter in range(ord(before[-1]), ord(number[-1]) + 1):
                    found[f"{family}-{before[:-1]}{chr(letter)}"] = None
            before = number
    return list(found)
