"""Ties docs/protocol.md to the code and its proofs: ``python -m tests.protocol_page`` writes both lines of each rule."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sigv4.auditing import rule_ids

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "protocol.md"
_IN_NAME = re.compile(r"def test_(verify|chunk|trailer|event|token|payload)_(\d+[a-d]?)_")
_CODE, _SHOWN = "- *Code:* ", "- *Shown by:* "


def cited(text: str) -> set[str]:
    """The rule ids that ``text`` names."""
    return set(rule_ids.cited(text))


def rules() -> list[str]:
    """The ids of the page, in its order."""
    return re.findall(r"^### (\S+)$", PAGE.read_text("utf-8"), re.M)


@cache
def code() -> dict[str, list[str]]:
    """Rule id -> ``module.function`` where it is cited, smallest definition first that holds the words."""
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "sigv4").rglob("*.py")):
        if path.name in ("catalogue.py", "conformance_vectors.py", "rule_ids.py", "rule.py"):
            continue
        text = path.read_text("utf-8")
        spans = sorted(_definitions(ast.parse(text)), key=lambda span: span[1] - span[0])
        module = path.relative_to(ROOT / "sigv4").with_suffix("").as_posix()
        for number, line in enumerate(text.split("\n"), 1):
            for rule in cited(line):
                name = next((name for start, end, name in spans if start <= number <= end), "")
                place = f"`{module}{'.' if name else ''}{name}`"
                if place not in places.setdefault(rule, []):
                    places[rule].append(place)
    return places


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[int, int, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{prefix}{node.name}"
            yield node.lineno, node.end_lineno or node.lineno, name
            yield from _definitions(node, f"{name}.")
        else:
            yield from _definitions(node, prefix)


@cache
def proofs() -> dict[str, list[str]]:
    """Rule id -> the vectors and faults that show it, then the tests that name it."""
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "fixtures" / "vectors").glob("*.json")):
        vectors: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["vectors"]
        for vector in vectors:
            error = vector["expect"].get("error")
            stage = str(error.get("stage", "")) if isinstance(error, dict) else ""
            for rule in cited(f"{vector['notes']} {vector['source']} {stage}"):
                places.setdefault(rule, []).append(vector["id"])
    faults: list[dict[str, Any]] = json.loads(
        (ROOT / "fixtures" / "faults" / "faults.json").read_text("utf-8")
    )["faults"]
    for fault in faults:
        places.setdefault(fault["cause"], []).append(f"fault {fault['id']}")
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name in ("protocol_page.py", "test_protocol_page.py", "faults.py"):
            continue
        text = path.read_text("utf-8")
        named = {f"{family.upper()}-{number}" for family, number in _IN_NAME.findall(text)}
        for rule in sorted(cited(text) | named):
            places.setdefault(rule, []).append(f"`{path.relative_to(ROOT).as_posix()}`")
    return places


def written() -> str:
    """The page with its two lines a rule as they are today."""
    in_code, shown = code(), proofs()
    parts = re.split(r"^(### \S+\n)", PAGE.read_text("utf-8"), flags=re.M)
    out = [parts[0]]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        rule = heading[4:-1]
        text, section, after = body.partition("\n## ")
        prose = "\n".join(line for line in text.split("\n") if not line.startswith((_CODE, _SHOWN))).strip()
        out += [heading, prose, "\n\n", _CODE, _list(in_code.get(rule, []), 4)]
        out += ["\n", _SHOWN, _list(shown.get(rule, []), 6), "\n\n", section.lstrip("\n"), after]
    return "".join(out).rstrip() + "\n"


def _list(places: list[str], most: int) -> str:
    unique = list(dict.fromkeys(places))
    more = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + more


def main() -> None:
    if "--check" in sys.argv[1:]:
        sys.exit(PAGE.read_text("utf-8") != written())
    PAGE.write_text(written(), "utf-8")


if __name__ == "__main__":
    main()
