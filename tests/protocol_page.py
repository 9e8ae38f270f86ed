"""Writes the generated parts of docs/protocol.md, such as the code and tests of each rule."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sigv4.auditing import rule_ids
from sigv4.diagnosis.catalogue import CAUSES
from sigv4.dialects import DEFAULT, NEVER_SIGNED, SERVICES, Dialect
from sigv4.error_responses import JSON_CODES, S3_REFUSALS, S3_URL_REFUSALS
from sigv4.payload import LITERALS
from sigv4.signing_names import HOST_LABELS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "protocol.md"
FAULTS = ROOT / "tests" / "interop" / "faults"
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
    """Rule id -> the ``module.function`` that cites it: the smallest definition around the words."""
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
    """Rule id -> the vectors and faults that test it, then the tests that name it."""
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
        if path.name in ("protocol_page.py", "test_protocol_page.py", "test_rule_ids.py"):
            continue
        if path.parent == FAULTS:  # they are listed by their ids
            continue
        text = path.read_text("utf-8")
        named = {f"{family.upper()}-{number}" for family, number in _IN_NAME.findall(text)}
        for rule in sorted(cited(text) | named):
            places.setdefault(rule, []).append(f"`{path.relative_to(ROOT).as_posix()}`")
    return places


def written() -> str:
    """The page with up-to-date tables, causes and the two lines of each rule."""
    in_code, shown = code(), proofs()
    page = PAGE.read_text("utf-8")
    for name, made in tables().items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, mark, rest = page.partition(start)
        if not mark or end not in rest:
            raise SystemExit(f"docs/protocol.md has no place for the table {name!r}: {start!r} … {end!r}")
        page = f"{before}{start}\n{made}\n{end}{rest.partition(end)[2]}"
    parts = re.split(r"^(### \S+\n)", page, flags=re.M)
    out = [parts[0]]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        rule = heading[4:-1]
        text, section, after = _split(body)
        prose = "\n".join(line for line in text.split("\n") if not line.startswith((_CODE, _SHOWN))).strip()
        out += [heading, prose, "\n\n", _CODE, _list(in_code.get(rule, []), 4)]
        out += ["\n", _SHOWN, _list(shown.get(rule, []), 6), "\n\n", section.lstrip("\n"), after]
    return "".join(out).rstrip() + "\n"


def _split(body: str) -> tuple[str, str, str]:
    """The text of a rule, and any text between it and the next rule, such as the head of a section."""
    text, section, after = body.partition("\n## ")
    head, found, rest = text.partition("\n<!-- /causes")
    return head, f"{found}{rest}{section}", after


def tables() -> dict[str, str]:
    """The tables of the page that are made from data in the code."""
    return {
        "services": _services(),
        "names": _names(),
        "never signed": _never_signed(),
        "codes": _table(("query", "JSON"), [(f"`{a}`", f"`{b}`") for a, b in JSON_CODES.items()]),
        "s3": _s3_refusals(),
        "causes": _causes(),
    }


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _services() -> str:
    """One row for the services that have the same dialect."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for service, dialect in SERVICES.items():
        groups.setdefault(_row(dialect), []).append(service)
    rows = [(", ".join(f"`{name}`" for name in names), *row) for row, names in groups.items()]
    rows.append(("all others", *_row(DEFAULT)))
    head = (
        "service", "path", "X-Amz-Content-SHA256", "literals", "payload line of a presigned URL", "token", "window",
        "life of a URL", "two mechanisms", "unknown scheme", "expired URL",
    )  # fmt: skip
    return _table(head, rows)


def _row(dialect: Dialect) -> tuple[str, ...]:
    literals = sorted(dialect.payload_literals)
    streaming = LITERALS - {"STREAMING-AWS4-HMAC-SHA256-EVENTS"}
    shown = (
        "all but EVENTS"
        if set(literals) == streaming
        else ", ".join(f"`{name}`" for name in literals) or "none"
    )
    header = "required" if dialect.content_sha256 else "not required"
    if dialect.unsigned_payload:
        header = "required: `UNSIGNED-PAYLOAD`"
    token = " or ".join(f"`{name}`" for name in dialect.token_names)
    s3 = not dialect.encode_path_again
    life = f"{dialect.url_life // 60} min., X-Amz-Expires is ignored" if dialect.url_life else "X-Amz-Expires"
    return (
        "encode again" if dialect.encode_path_again else "decode, encode once",
        header,
        shown,
        "`UNSIGNED-PAYLOAD`" if dialect.presign_unsigned or dialect.unsigned_payload else "hash of the body",
        token + ("" if dialect.sign_token else ", not signed, added last"),
        f"{dialect.window // 60} min.",
        life + (", required" if dialect.expires_required else ""),
        _refusal("two", s3),
        _refusal("scheme", s3),
        _refusal("expired", s3),
    )


def _refusal(what: str, s3: bool) -> str:
    if not s3:
        return {"two": "403 SignatureDoesNotMatch", "scheme": "400 IncompleteSignature"}.get(
            what, "403 SignatureDoesNotMatch"
        )
    code, status, _ = {
        "two": S3_REFUSALS["VERIFY-5"], "scheme": S3_REFUSALS["VERIFY-6a"], "expired": S3_URL_REFUSALS["VERIFY-10"],
    }[what]  # fmt: skip
    return f"{status} {code}"


def _names() -> str:
    names: dict[str, list[str]] = {}
    for label, name in sorted(HOST_LABELS.items()):
        names.setdefault(name, []).append(label)
    rows = [
        (f"`{name}`", ", ".join(f"`{label}`" for label in labels)) for name, labels in sorted(names.items())
    ]
    return _table(("signing name", "labels of its hosts"), rows)


def _never_signed() -> str:
    reasons: dict[str, list[str]] = {}
    for name, reason in NEVER_SIGNED.items():
        reasons.setdefault(reason, []).append(f"`{name}`")
    return _table(("headers", "why"), [(", ".join(names), reason) for reason, names in reasons.items()])


def _s3_refusals() -> str:
    rows = []
    for table, suffix in ((S3_REFUSALS, ""), (S3_URL_REFUSALS, " of a presigned URL")):
        for rule, (code, status, text) in table.items():
            rows.append((f"{rule}{suffix}", f"{status} {code}", text or "as above"))
    return _table(("rule", "status and code", "text"), rows)


def _causes() -> str:
    out = ""
    for rule, (what, fix, broken) in CAUSES.items():
        if not rule.startswith("FAIL-"):
            continue
        out += f"### {rule}\n{what[:1].upper()}{what[1:]}: {fix}. Breaks {broken}.\n\n"
    return out


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
