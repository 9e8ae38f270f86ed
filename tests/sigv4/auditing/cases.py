"""The cases of the vectors, and the outcomes of changed ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sigv4 import V4
from sigv4.auditing.conformance import (
    Case,
    Outcome,
    ask,
    run,
    vector_cases,
    verifications,
)
from sigv4.auditing.conformance_answer import own_answer

FOLDER = Path(__file__).parents[3] / "fixtures" / "vectors"
VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector
    for file in sorted(FOLDER.glob("*.json"))
    for vector in json.loads(file.read_text("utf-8"))["vectors"]
}
ALL = [case for file in sorted(FOLDER.glob("*.json")) for case in vector_cases(file.read_bytes())]
ALL += list(verifications(ALL))
BY_ID = {case.id: case for case in ALL}


def _document(*vectors: dict[str, Any]) -> bytes:
    return json.dumps({"schema": 1, "vectors": vectors}).encode()


def cases(*ids: str, **change: Any) -> list[Case]:
    """The cases of some vectors, with changed members of ``expect``."""
    chosen = [{**VECTORS[id], "expect": {**VECTORS[id]["expect"], **change}} for id in ids]
    return vector_cases(_document(*chosen))


def outcome(*ids: str, **change: Any) -> Outcome:
    (found,) = run(cases(*ids, **change))
    return found


def first(kind: str, algorithm: str = V4) -> Case:
    return next(case for case in ALL if (case.kind, case.algorithm) == (kind, algorithm))


def answered(case: Case, **change: Any) -> Outcome:
    """The result for this package's own answer with some members changed (None removes one)."""
    answer = {**own_answer(case), **change}
    kept = {name: value for name, value in answer.items() if value is not None}
    (found,) = ask([case], lambda case: json.dumps(kept).encode())
    return found


def printed(case: Case) -> str:
    """The signed request of this package as raw text."""
    answer = own_answer(case)
    url = answer["url"]
    host = [] if case.kind == "header" else [["Host", url.split("/")[2].lower()]]
    head = [f"{name}: {value}" for name, value in [*host, *answer["headers"]]]
    target = url if url[:1] == "/" else "/" + url.partition("://")[2].partition("/")[2]
    return "\n".join([f"{answer['method']} {target} HTTP/1.1", *head, "", case.request.body.decode()])
