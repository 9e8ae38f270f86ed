"""The scripts of ``completion``, run by their shells."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sagemaker_api.cli import main as client
from sigv4 import __version__
from sigv4.cli import main as signer

COMMANDS = {"sigv4": signer, "sagemaker-api": client}

WORDS = [
    (["sigv4", "ex"], ["explain"]),
    (["sigv4", "explain", "--al"], ["--algorithm"]),
    (["sigv4", "explain", "--algorithm", ""], ["v4", "v4a"]),
    (["sigv4", "explain", "--region", "u"], []),
    (["sigv4", "completion", "b"], ["bash"]),
    (["sigv4", "nothing", "-"], []),
    (["sagemaker-api", "op"], ["open"]),
    (["sagemaker-api", "open", "--la"], ["--lab"]),
    (["sagemaker-api", "describe-notebook-instance", "--output", "j"], ["json"]),
]


def printed(capsys: pytest.CaptureFixture[str], shell: str, command: str = "sigv4") -> str:
    assert COMMANDS[command](["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_bash(capsys: pytest.CaptureFixture[str], words: list[str], expected: list[str]) -> None:
    quoted = " ".join(f"'{word}'" for word in words)
    function = f"_{words[0].replace('-', '_')}"
    script = printed(capsys, "bash", words[0]) + (
        f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; {function}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-uc", script], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == (expected, "")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_read_their_scripts_without_an_error(
    capsys: pytest.CaptureFixture[str], shell: str, command: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    run = [shell, "-c", printed(capsys, shell, command)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""


def test_every_verb_and_flag_of_the_help_is_in_every_script(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in ("bash", "fish", "zsh"):
        script = printed(capsys, shell)
        for word in ("conformance", "presign", "show-secrets", "presign-cmd", "max-time"):
            assert word in script


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_verb_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    words = next(line for line in printed(capsys, "bash", command).splitlines() if "COMP_CWORD -gt 1" in line)
    verbs = words.partition("words='")[2].split()[:-1]
    assert len(verbs) > 8
    for verb in verbs:
        with pytest.raises(SystemExit):
            COMMANDS[command]([verb, "--help"])
        _, found, example = capsys.readouterr().out.partition("\nexample")
        assert found, verb
        assert f" {verb}" in example, verb


@pytest.mark.parametrize("command", COMMANDS)
def test_both_commands_print_their_version(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as raised:
        COMMANDS[command](["--version"])
    assert (raised.value.code, capsys.readouterr().out) == (0, f"{command} {__version__}\n")
