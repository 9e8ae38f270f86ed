"""docs/protocol.md, the code and the tests name the same rules."""

from __future__ import annotations

import re

import pytest

from tests.vectors import FOLDER, read

from . import protocol_page
from .protocol_page import PAGE, cited, code, proofs, rules, written


@pytest.mark.slow
def test_every_rule_is_cited_by_code_and_shown_by_a_vector_or_test() -> None:
    assert [rule for rule in rules() if not code().get(rule)] == [], "no code cites these"
    assert [rule for rule in rules() if not proofs().get(rule)] == [], "no vector, fault or test cites these"


@pytest.mark.slow
def test_nothing_cites_a_rule_that_the_page_does_not_have() -> None:
    known = set(rules())
    assert set(code()) - known == set()
    assert set(proofs()) - known == set()
    assert cited(PAGE.read_text("utf-8")) - known == set()


def test_the_page_is_as_its_tool_writes_it() -> None:
    assert PAGE.read_text("utf-8") == written()


def test_no_rule_occurs_twice() -> None:
    assert sorted(set(rules())) == sorted(rules())


def test_the_id_of_a_vector_is_never_the_id_of_a_rule() -> None:
    """A rule's id is a family and a number; no vector's id has that form, and none begins with one."""
    vectors = [vector["id"] for path in sorted(FOLDER.glob("*.json")) for vector in read(path.name)]
    assert [id for id in vectors if cited(id)] == []
    families = {rule.rstrip("0123456789abcd").rstrip("-") for rule in rules()}
    assert {"URL", "FORM", "CR-QUERY"} <= families
    assert "QUERY" not in families


def _bodies() -> dict[str, str]:
    """The prose of each rule, without its generated lines."""
    parts = re.split(r"^### (\S+)\n", PAGE.read_text("utf-8"), flags=re.M)
    bodies = {}
    for rule, body in zip(parts[1::2], parts[2::2], strict=True):
        text = re.split(r"^#{1,2} |^<!-- /causes", body, flags=re.M)[0]
        bodies[rule] = "\n".join(line for line in text.split("\n") if not line.startswith("- *"))
    return bodies


def faults_of(rule: str, body: str, keys: set[str]) -> list[str]:
    """The faults in the form of a rule's text."""
    found = []
    if not re.match(r"\*\*(MUST|SHOULD|Observed)\.\*\* ", body):
        found.append("it does not begin with its level")
    sources = re.findall(r"^\*Source:\* (.+?)(?=\n\n|\Z|^\*)", body, re.M | re.S)
    if len(sources) != 1:
        found.append("it has no line of sources, or two")
    elif not re.search(r"\[[A-Z0-9-]+\]", sources[0]):
        found.append("its source is not an entry of Sources")
    found += [
        f"{key} is not in Sources" for key in re.findall(r"\[([A-Z][A-Z0-9-]+)\]", body) if key not in keys
    ]
    if re.search(r"^\*Code:\*|^\*Shown by:\*|^- \*(Code|Shown by):\*", body, re.M):
        found.append("it has a block of code or proofs that its tool did not write")
    return [f"{rule}: {fault}" for fault in found]


def _keys() -> set[str]:
    return set(re.findall(r"^\| \[([A-Z][A-Z0-9-]+)\] \|", PAGE.read_text("utf-8"), re.M))


def test_every_rule_has_a_level_and_a_source_that_the_page_lists() -> None:
    faults = [
        fault
        for rule, body in _bodies().items()
        if not rule.startswith("FAIL-")
        for fault in faults_of(rule, body, _keys())
    ]
    assert faults == []


def test_every_source_is_cited_and_has_an_address() -> None:
    text, _, sources = PAGE.read_text("utf-8").partition("\n## Sources\n")
    assert [key for key in _keys() if f"[{key}]" not in text] == []
    rows = re.findall(r"^\| \[[A-Z][A-Z0-9-]+\] \| (.+?) \| (.*?) \|$", sources, re.M)
    assert len(rows) == len(_keys()) > 60
    assert all("https://" in where for where, _ in rows)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("The method. *Source:* [IAM-REQUEST].", "level"),
        ("**MUST.** The method.", "no line of sources"),
        ("**MUST.** The method.\n*Source:* probed.", "not an entry of Sources"),
        ("**MUST.** The method.\n*Source:* [NO-SUCH].", "NO-SUCH is not in Sources"),
        ("**MUST.** The method.\n*Source:* [IAM-REQUEST].\\\n*Code:* `received`\\", "did not write"),
    ],
)
def test_a_rule_without_level_or_source_or_with_a_stale_block_is_found(body: str, fault: str) -> None:
    assert any(fault in each for each in faults_of("CR-METHOD", body, _keys()))


@pytest.mark.parametrize(
    "id", ["CR-PATH-99", "VERIFY-19", "VERIFY-6e", "FORM-2", "CHUNK-V4A-2", "FAIL-99", "URL-9"]
)
def test_an_id_that_names_nothing_is_found(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cited(f"see {id}.") - set(rules()) == {id}
    text = PAGE.read_text("utf-8")
    monkeypatch.setattr(
        protocol_page, "PAGE", _Text(text.replace("## Sources", f"As in {id}.\n\n## Sources"))
    )
    assert cited(protocol_page.PAGE.read_text("utf-8")) - set(protocol_page.rules()) == {id}


def test_a_table_that_differs_from_the_code_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, made in protocol_page.tables().items():
        assert name == "causes" or made in PAGE.read_text("utf-8"), name
    stale = PAGE.read_text("utf-8").replace("| `sts` | encode again", "| `sts` | decode, encode once")
    stale = stale.replace("- *Code:* `canonical.canonical_path`", "- *Code:* `canonical.gone`")
    monkeypatch.setattr(protocol_page, "PAGE", _Text(stale))
    assert protocol_page.written() == PAGE.read_text("utf-8") != stale


class _Text:
    """A page in memory."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read_text(self, _: str) -> str:
        return self._text
