"""Only numbers in plain digits are numbers, wherever a person gives one."""

from __future__ import annotations

from argparse import Action, ArgumentTypeError
from typing import cast

import pytest

from sagemaker_api.cli import _parser as sagemaker_parser, main as sagemaker_api
from sagemaker_api.errors import ConfigError, ParamValidationError
from sagemaker_api.local import Faults, Limits
from sagemaker_api.paging import PAGINGS, Turns
from sigv4.cli import _parser as sigv4_parser, main as sigv4
from sigv4.config.numbers import plain_number, signed_number, whole_number

NEVER = ["", "x", "nan", "inf", "-Infinity", "1e999", "1_0", "٥", "５", " 5 ", "\x1f5", "++5", "+-5"]


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2.0), ("-0.5", -0.5), (".5", 0.5), ("1e3", 1000.0), ("1e+3", 1000.0)]
)
def test_plain_numbers(text: str, number: float) -> None:
    assert plain_number(text) == signed_number(text) == number


def test_a_difference_may_begin_with_a_plus_sign() -> None:
    assert (signed_number("+400"), Faults.parse("skew:+400").skew) == (400.0, 400.0)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("-12", -12), ("9" * 19, 10**19 - 1)])
def test_whole_numbers(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["1.0", "1e3", "-", "--1", "5\n", "9" * 20, "9" * 5000, "²"])
def test_what_is_not_a_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a whole number in plain digits$"):
        whole_number(text)


@pytest.mark.parametrize("text", [*NEVER, "+5"])
def test_what_is_not_a_plain_number(text: str) -> None:
    for read in (plain_number, whole_number):
        with pytest.raises(ValueError):  # noqa: PT011 (each caller has its own text)
            read(text)
    with pytest.raises(ConfigError, match="which is not a number"):
        Faults.parse(f"slow:{text}")
    for name in ("start", "message"):
        with pytest.raises(ConfigError, match=f"^the limit is .*{name}="):
            Limits.parse([f"{name}={text}"])
    for name in ("MaxItems", "PageSize"):
        with pytest.raises(ParamValidationError, match=f"PaginationConfig: {name} is "):
            Turns(PAGINGS["list_tags"], {"PaginationConfig": {name: text}})


@pytest.mark.parametrize("text", NEVER)
def test_what_is_not_a_signed_number(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each caller has its own text)
        signed_number(text)


def _readers() -> list[Action]:
    """Every flag of both programs that has a reader of its own."""
    verbs = [
        verb for whole in (sigv4_parser(), sagemaker_parser()) for verb in whole.get_default("verbs").values()
    ]
    return [action for verb in verbs for action in verb.parser._actions if callable(action.type)]


def test_no_flag_accepts_what_only_int_and_float_accept() -> None:
    numbers = [each for each in _readers() if _taken(each, "5") in (5, 5.0)]
    named = {each.option_strings[-1] for each in numbers}
    assert {"--port", "--limit", "--seed", "--jobs", "--entry", "--expires", "--timeout"} <= named
    assert [each for each in numbers for odd in ("1_0", "٥", "+5", " 5 ", "5\n") if _taken(each, odd)] == []


def _taken(action: Action, text: str) -> object:
    try:
        assert callable(action.type)
        return cast("object", action.type(text))
    except (ArgumentTypeError, ValueError):
        return None


@pytest.mark.parametrize("text", ["1_0", "٥", "+5", " 5 "])
def test_numbers_that_are_read_after_the_command_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("--max-items", "--page-size", "--max-results"):
        assert sagemaker_api(["list-notebook-instances", "--region", "us-east-1", flag, text]) == 252
        assert f"\n{flag} is {text!r}: expected a" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        sigv4(["audit", "-", "--jobs", text])
    assert f"argument --jobs: {text!r}: expected a whole number" in capsys.readouterr().err
