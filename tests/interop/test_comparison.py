"""docs/comparison.md shows these inputs, and this package's columns have nothing wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.comparison.inputs import INPUTS
from tests.interop.comparison.peers import ALL, OURS
from tests.interop.comparison.run import NOT_APPLICABLE, REFUSED, REWRITTEN, RIGHT, SPLIT, verdicts

pytestmark = pytest.mark.interop

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"


def test_there_are_at_least_a_hundred_inputs_and_the_page_has_each() -> None:
    ids = [input_.id for input_ in INPUTS]
    assert len(set(ids)) == len(ids) >= 100
    page = PAGE.read_text("utf-8")
    assert [id_ for id_ in ids if f"| `{id_}` |" not in page] == []
    assert page.startswith(f"# {len(ids)} tricky inputs, ")


@pytest.mark.parametrize("name", OURS)
def test_both_checks_accept_the_requests_of_this_package(name: str) -> None:
    pytest.importorskip("awscrt", reason="awscrt is not installed")
    peer = next(peer for found, _, peer in ALL if found == name)
    found = verdicts(peer)
    assert {verdict.mark for verdict in found.values()} <= {RIGHT, REWRITTEN, SPLIT, REFUSED, NOT_APPLICABLE}
    for id_, verdict in found.items():
        if verdict.mark == SPLIT:  # docs/differences.md: CR-PATH-4, CR-QUERY-3
            assert verdict.why.startswith("Verifier accepts it")
            assert "query-plus" in id_ or (id_.startswith("path-") and id_.endswith("-s3"))
        if verdict.mark == REFUSED:
            assert (
                "-raw" in id_
                or id_.startswith("body-generator")
                or id_ in ("header-outer-spaces", "path-plus-s3")
            )


@pytest.mark.parametrize("name", ["botocore", "awscrt", "curl", "aws4", "@smithy/signature-v4"])
def test_the_verifier_accepts_what_another_signer_signs_right(name: str) -> None:
    """The verifier accepts most inputs of each signer, and refuses none that awscrt finds right."""
    pytest.importorskip("awscrt", reason="awscrt is not installed")
    version, peer = next((version, peer) for found, version, peer in ALL if found == name)
    if not version():
        pytest.skip(f"{name} is not installed")
    found = verdicts(peer)
    refused = {id_: each.why for id_, each in found.items() if each.why.startswith("awscrt makes this")}
    twice = {"preset-date"} if name == "curl" else set()  # curl sends X-Amz-Date twice
    assert {id_ for id_ in refused if "plus" not in id_ and not id_.endswith("-s3")} <= twice, refused
    assert sum(each.mark in (RIGHT, REWRITTEN) for each in found.values()) >= 60
