"""Runs five signers in the conformance kit by the line protocol; docs/comparison.md has their reports."""

from __future__ import annotations

import pytest

from tests.interop.drivers.report import HEADING, PAGE, programs, report

pytestmark = pytest.mark.interop

SIGNERS = ("@smithy/signature-v4", "aws4", "curl", "aws-sigv4 (Ruby)", "from the page")
# The cases that each signer is known to pass, and one that it is known to fail, with its rule.
KNOWN = {
    "@smithy/signature-v4": (140, "IOT-GATEWAY-1", "TOKEN-2"),
    "aws4": (120, "PRESIGN-IOT-MQTT", "TOKEN-2"),
    "curl": (70, "PATH-DOTS", "CR-PATH-3"),
    "aws-sigv4 (Ruby)": (120, "PATH-DOTS", "CR-PATH-3"),
}


@pytest.mark.parametrize("name", SIGNERS)
def test_a_signer_is_judged_and_its_faults_are_named(name: str) -> None:
    command = programs().get(name)
    if command is None:
        pytest.skip(f"{name} is not installed")
    found = report(command)
    if name == "from the page":
        assert found["failed"] == []
        return
    least, id, rule = KNOWN[name]
    assert found["passed"] >= least
    assert found["skipped"] > 300  # it does not verify, and skips those questions
    (fault,) = [each for each in found["failed"] if each["id"] == id]
    assert rule in fault["rules"]


def test_the_page_has_the_reports_of_all_five_signers_by_rule() -> None:
    _, heading, section = PAGE.read_text("utf-8").partition(HEADING)
    assert heading
    assert f"| rule | {' | '.join(SIGNERS)} |" in section
    rows = [line for line in section.split("\n") if line.startswith("| ") and "/" in line]
    assert len(rows) > 60
    for row in rows[1:]:
        ours = row.split("|")[-2].strip()
        assert ours == "–" or ours.partition("/")[0] == ours.partition("/")[2], row
