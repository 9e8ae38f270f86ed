"""``diagnose`` names the cause: on a corpus of faults made by breaking botocore's signer, and on none there."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, Response, diagnose
from sigv4.diagnosis import Diagnosis

FILE = Path(__file__).parents[2] / "fixtures" / "faults" / "faults.json"
FAULTS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["faults"]


def _value(text: str) -> str | bytes:
    return base64.b64decode(text[7:]) if text.startswith("base64:") else text


def diagnosed(fault: dict[str, Any]) -> Diagnosis:
    request, secret = fault["request"], fault["secret_access_key"]
    return diagnose(
        request["method"],
        request["target"],
        [(name, _value(value)) for name, value in request["headers"]],
        base64.b64decode(request["body"]),
        credentials=None if secret is None else Credentials("AKIDEXAMPLE", secret, fault["session_token"]),
        response=None if fault["answer"] is None else Response.parse(fault["answer"].encode()),
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["id"])
def test_the_first_finding_of_a_fault_is_its_cause(fault: dict[str, Any]) -> None:
    before = time.perf_counter()
    diagnosis = diagnosed(fault)
    assert time.perf_counter() - before < 10
    assert diagnosis.findings, str(diagnosis)
    first = diagnosis.findings[0]
    assert first.id == fault["cause"], str(diagnosis)
    assert first.certainty in ("proved", "likely")
    assert (fault["secret_access_key"] or "wJalr") not in str(diagnosis)
