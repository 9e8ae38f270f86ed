"""What the output depends on: the terminal, the settings, and characters that a terminal would interpret."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api import ConfigError
from sagemaker_api.cli import client_flags, output
from sagemaker_api.cli.client_flags import add_client_flags
from tests.sagemaker_api.cli.test_flags import parsed


class Terminal:
    """A standard output that is a terminal, or that is not one."""

    def __init__(self, terminal: bool) -> None:
        self.isatty = lambda: terminal
        self.fileno = lambda: 77


@pytest.mark.parametrize(
    ("color", "terminal", "colored"),
    [
        ("on", False, True),
        ("on", True, True),
        ("auto", True, True),
        ("auto", False, False),
        ("off", True, False),
    ],
)
def test_when_a_table_has_colours(
    monkeypatch: pytest.MonkeyPatch, color: str, terminal: bool, colored: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal(terminal))
    assert ("\x1b[" in output.shown({"A": 1, "B": 2}, "table", "T", color)) == colored
    assert "\x1b[" not in output.shown({"A": 1, "B": 2}, "table", "T")


@pytest.mark.parametrize(("columns", "width"), [(120, 120), (1, 1), (0, 80), (None, 80)])
def test_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int | None, width: int) -> None:
    def size(descriptor: int) -> Any:
        assert descriptor == 77
        if columns is None:
            raise OSError
        return SimpleNamespace(columns=columns)

    monkeypatch.setattr(sys, "stdout", Terminal(True))
    monkeypatch.setattr(os, "get_terminal_size", size)
    assert output._columns() == width
    monkeypatch.setattr(sys, "stdout", SimpleNamespace())
    assert output._columns() == 80


@pytest.mark.parametrize(
    ("text", "printed", "escaped"),
    [
        ("a\tb\nc", "a\tb\nc", r"a\tb\nc"),
        ("\x1b[2J\r", "?[2J?", r"\u001b[2J\r"),
        ("a\u202eb\ud800", "a?b?", r"a\u202eb\ud800"),
        ("\u2028\u2029\x7f", "???", r"\u2028\u2029\u007f"),
        ("é 開\U0001f600", "é 開\U0001f600", "é 開\U0001f600"),
    ],
)
def test_a_character_that_a_terminal_would_interpret(text: str, printed: str, escaped: str) -> None:
    assert output.printable(text) == printed
    assert output.shown({text: [text]}, "text") == f"{printed.upper()}\t{printed}\n"
    found = output.shown([text], "json")
    assert found == f'[\n    "{escaped}"\n]\n'
    assert json.loads(found) == [text]


@pytest.mark.parametrize(
    ("given", "variable", "profile", "form"),
    [
        (None, None, None, "json"),
        (None, None, "yaml", "yaml"),
        (None, "TEXT", "yaml", "text"),
        ("table", "text", "yaml", "table"),
        (None, "xml", "yaml", "AWS_DEFAULT_OUTPUT: output is 'xml': expected json, text, table, yaml, yaml-stream or off"),
        (None, "x" * 50, None, f"AWS_DEFAULT_OUTPUT: output is '{'x' * 40}': expected "),
        (None, None, "xml", "{config}:2: output is 'xml': expected "),
    ],
)  # fmt: skip
def test_which_form_the_output_has(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    given: str | None,
    variable: str | None,
    profile: str | None,
    form: str,
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[default]\n{f'output = {profile}' if profile else ''}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    if variable:
        monkeypatch.setenv("AWS_DEFAULT_OUTPUT", variable)
    options = parsed(add_client_flags, *(["--output", given] if given else []))
    if form in output.FORMS:
        assert client_flags.output_of(options) == form
    else:
        with pytest.raises(ConfigError) as refused:
            client_flags.output_of(options)
        assert str(refused.value).startswith(form.format(config=config))


def test_the_form_is_that_of_the_profile_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default]\noutput = text\n[profile other]\noutput = yaml\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for flags, form in (([], "text"), (["--profile", "other"], "yaml"), (["--profile", ""], "text")):
        assert client_flags.output_of(parsed(add_client_flags, *flags)) == form
