"""The lines that ``sagemaker-api local`` prints for pasting into a shell, quoted for each shell."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sagemaker_api.cli import serving

VALUES = ["plain", "it's", r"a\b", r"it's a\'b", '$HOME `id` "x"', "a b;c", ""]


def printed(shell: str, line: str) -> str:
    command = [shell, "-c", f'{line}\nprintf %s "$GIVEN"']
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("value", VALUES)
def test_a_shell_reads_the_value_that_was_meant(value: str) -> None:
    assert printed("sh", serving._export("sh", "GIVEN", value)) == value
    fish = shutil.which("fish")
    if fish is not None:
        assert printed(fish, serving._export("fish", "GIVEN", value)) == value


def test_fish_and_powershell_quote_as_their_documentation_says() -> None:
    """fish, "Quotes": within single quotes only a quote and a backslash are escaped. PowerShell,
    "about_Quoting_Rules": a single quote within single quotes is doubled."""
    assert serving._export("fish", "A", r"it's a\b") == r"set -gx A 'it\'s a\\b'"
    assert serving._export("powershell", "A", r"it's a\b $x") == r"$env:A = 'it''s a\b $x'"
