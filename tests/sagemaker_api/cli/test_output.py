"""A result in JSON and in text, as the AWS CLI prints it."""

from __future__ import annotations

import io
import json
import random
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api.cli.output import shown
from sagemaker_api.cli.table_output import table

MOMENT = datetime(2018, 10, 23, 16, 12, 57, 501000, timezone(timedelta(hours=-7)))
CASES: list[tuple[Any, str]] = [
    ({}, ""),
    ([], ""),
    ("x", "x\n"),
    (None, "None\n"),
    (5, "5\n"),
    (["a", "b"], "a\tb\n"),
    ({"B": "b", "A": 1}, "1\tb\n"),
    ({"S": ["a", "b"], "N": "n"}, "n\nS\ta\nS\tb\n"),
    ({"C": {"V": "2"}, "N": "n"}, "n\nC\t2\n"),
    (
        {"NotebookInstances": [{"N": "a", "T": ["x"]}, {"M": 1}]},
        "NOTEBOOKINSTANCES\t\ta\nT\tx\nNOTEBOOKINSTANCES\t1\t\n",
    ),
    ([["a", None], ["b", "c"]], "a\tNone\nb\tc\n"),
    ({"T": MOMENT}, "2018-10-23T16:12:57.501000-07:00\n"),
    ({"NextToken": {"NextToken": "t"}}, "NEXTTOKEN\tt\n"),
]


@pytest.mark.parametrize(("result", "text"), CASES)
def test_text_is_tab_separated(result: Any, text: str) -> None:
    assert shown(result, "text") == text


def test_json_is_indented_by_four_with_moments_in_iso_8601() -> None:
    assert shown({"A": "é", "T": MOMENT, "L": []}, "json") == (
        '{\n    "A": "é",\n    "T": "2018-10-23T16:12:57.501000-07:00",\n    "L": []\n}\n'
    )
    empty: tuple[Any, ...] = ({}, None, [])
    assert [shown(value, "json") for value in empty] == ["", "null\n", "[]\n"]


def _random(rng: random.Random, depth: int = 3) -> Any:
    kind = rng.randrange(6) if depth else rng.randrange(4)
    if kind < 4:
        return rng.choice(["a", "B c", "", 0, 7, 1.5, True, None, MOMENT])
    if kind == 4:  # all items are objects or none is: the AWS CLI fails for a mixture
        items = [_random(rng, depth - 1) for _ in range(rng.randrange(4))]
        objects = [item for item in items if isinstance(item, dict)]
        return objects if rng.random() < 0.5 else [item for item in items if not isinstance(item, dict)]
    return {name: _random(rng, depth - 1) for name in rng.sample("ABCDEF", rng.randrange(4))}


@pytest.mark.interop
def test_the_aws_cli_prints_the_same() -> None:
    text = pytest.importorskip("awscli.text", reason="awscli is not installed (extra `interop`)")
    from awscli.utils import json_encoder

    rng = random.Random(7)
    results = [result for result, _ in CASES] + [_random(rng) for _ in range(3000)]
    for result in results:
        stream = io.StringIO()
        text.format_text(_isoformat(result), stream)
        assert shown(result, "text") == stream.getvalue(), result
        if result != {}:
            theirs = json.dumps(result, indent=4, default=json_encoder, ensure_ascii=False) + "\n"
            assert shown(result, "json") == theirs


def _isoformat(value: Any) -> Any:
    """The text that the AWS CLI's timestamp parser passes to its formatter."""
    if isinstance(value, dict):
        return {name: _isoformat(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_isoformat(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


_NOTEBOOKS = {"NotebookInstances": [
    {"NotebookInstanceName": "a", "NotebookInstanceStatus": "InService", "VolumeSizeInGB": 5, "SecurityGroups": ["sg-1", "sg-2"]},
    {"NotebookInstanceName": "größe 開発", "FailureReason": "Insufficient notebook instance capacity. Retry later or with a different type."},
], "NextToken": None}  # fmt: skip
_SHAPES: list[Any] = [
    {},
    [],
    "https://h.example?authToken=abc",
    ["a", "b"],
    [["a", None], ["b", True]],
    {"A": 1},
    {"A": 1, "B": "x" * 70},
    {"A": {"B": {"C": [1, 2]}}, "D": 1.5},
    {"A": [{"B": []}, {"C": {}}]},
    _NOTEBOOKS,
    _NOTEBOOKS["NotebookInstances"],
]


def _tree(rng: random.Random, depth: int) -> Any:
    kind = rng.random()
    if depth <= 0 or kind < 0.4:
        return rng.choice(["a", "InService", "x" * rng.randrange(40), "größe 開発", 5, None, True, 1.5, "yes", "no: 1", "it's",
                           " lead", "- a", "-1", "0x1f", "1:20", "a #b", "@x", "~", "", "1_000", "=", "a:", "2018-10-23",
                           "2018-10-23T22:46:17Z", " ".join(["Insufficient capacity"] * 8)])  # fmt: skip
    if kind < 0.6:
        return {
            rng.choice("abcdefgh") * rng.randrange(1, 9): _tree(rng, depth - 1)
            for _ in range(rng.randrange(5))
        }
    if kind < 0.8:
        return [
            {rng.choice("abc") * 3: _tree(rng, depth - 2) for _ in range(rng.randrange(1, 5))}
            for _ in range(rng.randrange(4))
        ]
    return [_tree(rng, 0) for _ in range(rng.randrange(4))]


def _trees() -> list[Any]:
    rng = random.Random(19)
    return [*_SHAPES, *({f"Key{n}": _tree(rng, 4) for n in range(3)} for _ in range(150))]


def test_a_table_is_the_one_that_the_aws_cli_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    awscli_table = pytest.importorskip("awscli.table", reason="awscli is not installed (extra `interop`)")
    formatter = pytest.importorskip("awscli.formatter")
    monkeypatch.setattr(awscli_table, "determine_terminal_width", lambda default_width=80: 80)
    same = 0
    for result in _trees():
        for color in (False, True):
            theirs = io.StringIO()
            made = formatter.TableFormatter(SimpleNamespace(color="off", query=None))
            if color:  # the AWS CLI's styles, without its wrapper around sys.stdout
                made.table._styler = object.__new__(awscli_table.ColorizedStyler)
            try:
                made._format_response("DescribeX", result, theirs)
            except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError):
                continue  # the AWS CLI cannot draw this table
            assert table(result, "DescribeX", terminal=80, color=color) == theirs.getvalue()
            same += 1
    assert same > 200


@pytest.mark.parametrize(
    "count", [len(_SHAPES) + 15, pytest.param(None, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_yaml_is_what_a_yaml_library_writes_and_reads(count: int | None) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed (it comes with awscli)")
    for result in _trees()[:count]:
        text = shown(result, "yaml")
        if result != {}:
            assert text == yaml.safe_dump(result, default_flow_style=False, allow_unicode=True)
            assert yaml.safe_load(text) == result
    long = "Insufficient capacity " * 8
    others: list[Any] = [
        ["-a", "?a", ":a", "- a", "-", "---", "--- a", "---a", "--a", "...", "...a", "..a"],
        {"A": [long, {"B": long}]},
        [long],
        long,
        {"X": "X", "L": ["Xylophone", {"Z": [{"X": "="}]}]},
    ]
    for result in others:
        text = shown(result, "yaml")
        assert text == yaml.safe_dump(result, default_flow_style=False, allow_unicode=True)
    for text in ("a\nb", "\t", "\x07", 'q"\\', "\x85", "\U0001f600\u2028", "12e3", "0o7", ".inf"):
        assert yaml.safe_load(shown({"A": [text]}, "yaml")) == {"A": [text]}
    assert shown({"T": MOMENT}, "yaml") == "T: '2018-10-23T16:12:57.501000-07:00'\n"
    assert shown({"T": 1}, "yaml-stream") == "- T: 1\n"
    assert shown({"T": 1}, "off") == ""
