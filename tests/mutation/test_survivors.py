"""The record of surviving mutants matches the current code."""

from __future__ import annotations

from tests.mutation.__main__ import JUSTIFIED, ROOT, TESTS, listed

LISTED = listed()


def test_every_survivor_is_a_change_to_lines_that_are_there() -> None:
    assert LISTED
    for module, change in LISTED:
        lines = {line.strip() for line in (ROOT / module).read_text("utf-8").splitlines()}
        assert [line[2:] for line in change.split("\n") if line[0] == "-" and line[2:] not in lines] == []


def test_every_change_of_the_record_is_read() -> None:
    assert len(LISTED) == JUSTIFIED.read_text("utf-8").count("```diff")


def test_every_module_and_test_file_of_the_run_is_there() -> None:
    for module, tests in TESTS.items():
        assert (ROOT / module).is_file()
        assert [name for name in tests.split() if not (ROOT / "tests" / name).is_file()] == []
