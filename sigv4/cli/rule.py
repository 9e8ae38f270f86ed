"""``sigv4 rule``: prints a rule of the protocol with its source, its place in the code and its vectors."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, Namespace
from difflib import get_close_matches

from ..errors import SigningError
from . import reference_data

NAME = "rule"
SUMMARY = "print a rule of the protocol, with its source, its place in the code and its vectors"
DESCRIPTION = """\
ID is the id of a rule in findings, refusals and explanations, such as CR-PATH-2, VERIFY-10 or FAIL-01. The
beginning of an id, such as CR-PATH, prints every rule with this beginning; without ID all rules are listed.
Exit code: 0; 2 for an unknown ID."""
EXAMPLE = """\
example:
  sigv4 rule CR-PATH-2
  sigv4 rule FAIL"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?")


def run(options: Namespace) -> int:
    rules = rules_of(reference_data.protocol_page())
    if options.id is None:
        for rule, text in rules.items():
            print(f"{rule:<12} {_first_sentence(text)}")
        return 0
    wanted = options.id.upper()
    chosen = {
        rule: text
        for rule, text in rules.items()
        if rule.upper() == wanted or rule.upper().startswith(f"{wanted}-")
    }
    if not chosen:
        padded = re.sub(r"-(\d)$", r"-0\1", wanted)
        near = [padded] if padded in rules else get_close_matches(wanted, rules, n=3)
        fix = f"did you mean {' or '.join(near)}?" if near else "'sigv4 rule' lists all"
        raise SigningError(f"no rule is called {options.id[:40]!r}: {fix}")
    shown_by = _vectors(list(chosen))
    print("\n\n".join(_shown(rule, text, shown_by[rule]) for rule, text in chosen.items()))
    return 0


def rules_of(page: str) -> dict[str, str]:
    """The text of each rule, by its id, in the order of the page."""
    parts = re.split(r"^### (\S+).*\n", page, flags=re.MULTILINE)
    ends = re.compile(r"^#{1,2} ", re.MULTILINE)  # the next section of the page
    return {rule: ends.split(text)[0].strip() for rule, text in zip(parts[1::2], parts[2::2], strict=True)}


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[.;])\s", " ".join(text.split()))[0]
    return sentence if len(sentence) <= 90 else sentence[:89] + "…"


def _vectors(rules: list[str]) -> dict[str, list[str]]:
    """The ids of the vectors that cite each rule in their notes or source."""
    found: dict[str, list[str]] = {rule: [] for rule in rules}
    for file in sorted(reference_data.vectors().glob("*.json")):
        for vector in json.loads(file.read_text("utf-8")).get("vectors", ()):
            said = f"{vector['notes']} {vector['source']}"
            for rule in rules:
                if re.search(rf"(?<![\w-]){re.escape(rule)}(?![\w-])", said):
                    found[rule].append(f"{vector['id']} ({file.name})")
    return found


def _shown(rule: str, text: str, vectors: list[str]) -> str:
    named = "\n".join(f"  {each}" for each in vectors)
    return f"{rule}\n\n{text}" + (f"\n\nVectors that cite it:\n{named}" if named else "")
