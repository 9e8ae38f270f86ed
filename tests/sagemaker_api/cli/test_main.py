"""What ``main`` does around a verb: the order of the flags, the exit code, and what is printed on stderr."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from sagemaker_api import ConfigError, ParamValidationError, cli
from sagemaker_api.cli.client_flags import global_flags
from sigv4.cli.standard_streams import CLOSED


@pytest.mark.parametrize(
    ("arguments", "moved"),
    [
        ("", ""),
        ("verb --region r", "verb --region r"),
        ("--region r verb a", "verb --region r a"),
        ("--region=r verb a", "verb --region=r a"),
        ("--debug --output text verb --debug", "verb --debug --output text --debug"),
        ("--debug verb verb", "verb --debug verb"),
        ("--region", "--region"),
        ("--help verb", "--help verb"),
        ("--debug --help verb", "--help --debug verb"),
        ("--nonsense r verb", "--nonsense r verb"),
    ],
)
def test_global_flags_come_after_the_verb(arguments: str, moved: str) -> None:
    assert cli._verb_first(arguments.split()) == moved.split()


def test_which_global_flags_have_a_value() -> None:
    switches, valued = global_flags()
    assert {"--debug", "--no-sign-request"} <= switches
    assert {"--region", "--color", "--cli-error-format"} <= valued
    assert not {"-h", "--help"} & (switches | valued)


def test_what_main_refuses_is_on_stderr_after_an_empty_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for error, code in ((ConfigError("a\x1b"), 253), (ParamValidationError("b"), 252), (OSError("c"), 255)):

        def refuse(*_: Any, error: Exception = error, **__: Any) -> int:
            raise error

        with monkeypatch.context() as inside:
            inside.setattr(cli, "run_verb", refuse)
            assert cli.main(["demo"]) == code
        out, err = capsys.readouterr()
        assert (out, err[0], err[1] != "\n", "\x1b" in err) == ("", "\n", True, False)
    with monkeypatch.context() as inside:
        inside.setattr(cli, "run_verb", lambda run, *, reader_gone: reader_gone)
        assert cli.main(["demo"]) == 255
    monkeypatch.setattr(sys, "argv", ["sagemaker-api", "nonsense"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.startswith("usage: sagemaker-api ")) == (252, "", True)
    assert err.endswith("\nTry 'sagemaker-api --help'.\n")
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["demo"]) == 255
    assert capsys.readouterr().err == f"\n{CLOSED}\n"
