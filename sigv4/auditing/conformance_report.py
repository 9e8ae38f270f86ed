"""The report of the conformance kit: as text, as one JSON object, and as JUnit XML."""

from __future__ import annotations

import json

from ..authorization import V4
from ..diagnosis.catalogue import CAUSES
from ..error_responses import xml_text
from .conformance import by_rule
from .conformance_case import Kind
from .conformance_verdict import FAILED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .conformance import Outcome
    from .conformance_case import Case


def as_text(outcomes: list[Outcome]) -> str:
    """The failed cases, each with a diff; then the counts by rule and in total."""
    lines: list[str] = []
    for outcome in outcomes:
        if outcome.status == FAILED:
            lines += [f"FAILED {outcome.case.id} [{', '.join(rules_of(outcome))}]", f"  {outcome.detail}"]
            lines += [f"    {line}" for line in diff(outcome)]
    skipped: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.status == SKIPPED:
            skipped[outcome.detail] = skipped.get(outcome.detail, 0) + 1
    lines += [f"SKIPPED {count} case{'s' * (count > 1)}: {reason}" for reason, count in skipped.items()]
    lines += [f"{rule:<12} {passed} of {cases}" for rule, (passed, cases) in by_rule(outcomes).items()]
    asked = [outcome for outcome in outcomes if outcome.status != SKIPPED]
    more = f", {len(outcomes) - len(asked)} skipped" if len(asked) < len(outcomes) else ""
    lines.append(f"{sum(outcome.passed for outcome in asked)} of {len(asked)} cases passed{more}")
    return "\n".join(lines)


def rules_of(outcome: Outcome) -> list[str]:
    """The rules of the case, and those of its cause, its differences and its refusal."""
    broken = [outcome.cause, CAUSES[outcome.cause][2]] if outcome.cause else []
    broken += [outcome.stage] if outcome.stage else []
    for each in outcome.differences:
        broken += _RULES.get(each.what, ())
        if each.what in ("signature", "seed signature"):
            broken += _of_signature(outcome.case)
    return list(dict.fromkeys([*outcome.case.rules, *broken]))


def _of_signature(case: Case) -> list[str]:
    """The rules of a wrong signature."""
    of_stream = {Kind.STREAM: ["CHUNK-2"], Kind.EVENTS: ["EVENT-6"]}.get(case.kind, [])
    return [*of_stream, "KEY-2" if case.algorithm == V4 else "V4A-3"]


# The name of a difference -> the rules that it concerns.
_RULES = {
    "method": ("CR-METHOD",),
    "target": ("CR-PATH-1",),
    "path": ("CR-PATH-1",),
    "query": ("URL-1",),
    "caller's parameters": ("URL-5",),
    "fragment": ("URL-1",),
    "number of signatures": ("URL-1",),
    "algorithm": ("STS-1",),
    "Credential": ("STS-2", "AUTHZ-1"),
    "SignedHeaders": ("CR-HDR-1", "CR-HDR-5"),
    "Authorization header": ("AUTHZ-1",),
    "parts of Authorization": ("AUTHZ-1",),
    "header host": ("CR-HDR-6",),
    "header x-amz-date": ("STS-3",),
    "header x-amz-content-sha256": ("PAYLOAD-2", "PAYLOAD-4"),
    "header x-amz-security-token": ("TOKEN-1",),
    "header x-amz-s3session-token": ("TOKEN-3",),
    "header x-amz-region-set": ("V4A-1",),
    "body": ("PAYLOAD-1",),
    "framed body": ("CHUNK-4",),
    "trailers": ("TRAILER-1",),
    "number of messages": ("EVENT-3",),
    "headers of an event": ("EVENT-3",),
    "date of an event": ("EVENT-4",),
    "signature of an event": ("EVENT-4", "EVENT-5"),
    "payload of an event": ("EVENT-3",),
    "framed length": ("CHUNK-4", "CHUNK-5"),
}


def diff(outcome: Outcome) -> Iterator[str]:
    """Each difference: ``-`` what was expected, ``+`` what was found; line by line if it has several."""
    for each in outcome.differences:
        wanted, found = each.wanted.split("\n"), each.found.split("\n")
        yield f"{each.what}:"
        if len(wanted) == len(found) == 1:
            yield f"- {each.wanted}"
            yield f"+ {each.found}"
            continue
        from difflib import unified_diff

        lines = unified_diff(wanted, found, lineterm="", n=1)
        yield from (line for line in lines if line[:2] not in ("--", "++"))


def as_json(outcomes: list[Outcome]) -> str:
    asked = [outcome for outcome in outcomes if outcome.status != SKIPPED]
    report: dict[str, Any] = {
        "passed": sum(outcome.passed for outcome in asked),
        "cases": len(asked),
        "skipped": len(outcomes) - len(asked),
        "rules": {
            rule: {"passed": passed, "cases": cases} for rule, (passed, cases) in by_rule(outcomes).items()
        },
        "failed": [
            {
                "id": outcome.case.id,
                "rules": rules_of(outcome),
                "cause": outcome.cause or None,
                "detail": outcome.detail,
                "differences": [
                    {"what": each.what, "expected": each.wanted, "found": each.found}
                    for each in outcome.differences
                ],
            }
            for outcome in outcomes
            if outcome.status == FAILED
        ],
    }
    return json.dumps(report, indent=2)


def as_junit(outcomes: list[Outcome]) -> str:
    """JUnit XML: one ``testcase`` per case, with its first rule as the class name."""
    failed = sum(outcome.status == FAILED for outcome in outcomes)
    skipped = sum(outcome.status == SKIPPED for outcome in outcomes)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name="sigv4 conformance" tests="{len(outcomes)}" failures="{failed}" errors="0" '
        f'skipped="{skipped}">',
    ]
    for outcome in outcomes:
        head = f'  <testcase classname="{_xml(outcome.case.rules[0])}" name="{_xml(outcome.case.id)}"'
        if outcome.passed:
            lines.append(f"{head}/>")
            continue
        lines.append(f"{head}>")
        if outcome.status == SKIPPED:
            lines.append(f'    <skipped message="{_xml(outcome.detail)}"/>')
        else:
            text = "\n".join([f"breaks {', '.join(rules_of(outcome))}", *diff(outcome)])
            message = _xml(outcome.detail).replace("\n", "&#10;")
            lines.append(f'    <failure message="{message}">{_xml(text)}</failure>')
        lines.append("  </testcase>")
    return "\n".join([*lines, "</testsuite>", ""])


def _xml(text: str) -> str:
    return xml_text(text).replace('"', "&quot;")
