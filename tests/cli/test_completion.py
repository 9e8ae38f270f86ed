"""The scripts of ``completion``, read by the shells they are for."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

import sagemaker_api.cli
from sigv4 import __version__
from sigv4.cli import main

WORDS = [
    (["sigv4", "ex"], ["explain"]),
    (["sigv4", "explain", "--al"], ["--algorithm"]),
    (["sigv4", "explain", "--algorithm", ""], ["v4", "v4a"]),
    (["sigv4", "explain", "--region", "u"], []),
    (["sigv4", "completion", "b"], ["bash"]),
    (["sigv4", "nothing", "-"], []),
]


def printed(capsys: pytest.CaptureFixture[str], shell: str) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_bash(capsys: pytest.CaptureFixture[str], words: list[str], expected: list[str]) -> None:
    quoted = " ".join(f"'{word}'" for word in words)
    script = printed(capsys, "bash") + (
        f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _sigv4; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-uc", script], capture_output=True, text=True, check=True, timeout=30)
    assert (done.stdout.split(), done.stderr) == (expected, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_read_theirs_without_complaint(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    command = [shell, "-c", printed(capsys, shell)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert done.stderr == ""


def test_every_verb_and_flag_of_the_help_is_in_every_script(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in ("bash", "fish", "zsh"):
        script = printed(capsys, shell)
        for word in ("conformance", "presign", "show-secrets", "presign-cmd", "max-time"):
            assert word in script


@pytest.mark.parametrize(("command", "run"), [("sigv4", main), ("sagemaker-api", sagemaker_api.cli.main)])
def test_both_commands_tell_their_version(
    capsys: pytest.CaptureFixture[str], command: str, run: Callable[[list[str]], int]
) -> None:
    with pytest.raises(SystemExit) as raised:
        run(["--version"])
    assert (raised.value.code, capsys.readouterr().out) == (0, f"{command} {__version__}\n")
