"""docs/protocol.md, the code that follows it and what proves it name the same rules."""

from __future__ import annotations

import pytest

from tests.vectors import FOLDER, read

from .protocol_page import PAGE, cited, code, proofs, rules, written


@pytest.mark.parametrize("rule", rules())
def test_a_rule_is_cited_by_code_and_shown_by_a_vector_or_test(rule: str) -> None:
    assert code().get(rule), "no code cites it"
    assert proofs().get(rule), "no vector, fault or test cites it"


def test_nothing_cites_a_rule_that_the_page_does_not_have() -> None:
    known = set(rules())
    assert set(code()) - known == set()
    assert set(proofs()) - known == set()
    assert cited(PAGE.read_text("utf-8")) - known == set()


def test_the_page_is_as_its_tool_writes_it() -> None:
    assert PAGE.read_text("utf-8") == written()


def test_no_rule_stands_there_twice() -> None:
    assert sorted(set(rules())) == sorted(rules())


def test_ranges_and_lists_are_read() -> None:
    assert cited("CR-PATH-1…4, x") == {f"CR-PATH-{n}" for n in range(1, 5)}
    assert cited("(CR-HDR-1, 2, 3; STS-2)") == {"CR-HDR-1", "CR-HDR-2", "CR-HDR-3", "STS-2"}
    assert cited("VERIFY-6a…d") == {f"VERIFY-6{n}" for n in "abcd"}
    assert cited("CR-FORMAT, FAIL-01…03") == {"CR-FORMAT", "FAIL-01", "FAIL-02", "FAIL-03"}


def test_the_id_of_a_vector_is_never_the_id_of_a_rule() -> None:
    """A rule's id is a family and a number; no vector's id has that form, and none begins with one."""
    vectors = [vector["id"] for path in sorted(FOLDER.glob("*.json")) for vector in read(path.name)]
    assert [id for id in vectors if cited(id)] == []
    families = {rule.rstrip("0123456789abcd").rstrip("-") for rule in rules()}
    assert {"URL", "FORM", "CR-QUERY"} <= families
    assert "QUERY" not in families
