"""A result in JSON and in text, as the AWS CLI prints it."""

from __future__ import annotations

import io
import json
import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from sagemaker_api.cli.output import shown

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
    assert [shown(value, "json") for value in ({}, None, [])] == ["", "null\n", "[]\n"]


def _random(rng: random.Random, depth: int = 3) -> Any:
    kind = rng.randrange(6) if depth else rng.randrange(4)
    if kind < 4:
        return rng.choice(["a", "B c", "", 0, 7, 1.5, True, None, MOMENT])
    if kind == 4:  # of objects alone or of none: the AWS CLI falls over a mixture
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
    """What the AWS CLI's timestamp parser hands to its formatter: texts."""
    if isinstance(value, dict):
        return {name: _isoformat(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_isoformat(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
