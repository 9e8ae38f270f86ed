"""The output of the verbs: its format, ``--query``, and the log of ``--debug``."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_api.local import LocalSageMaker
from tests.sagemaker_api.cli.called import ROOT, VERB, run


def test_query_and_text_print_only_the_url(local: LocalSageMaker, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(VERB, "--notebook-instance-name", "nb", "--query", "AuthorizedUrl", "--output", "text") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{local.url}/notebook/nb/?authToken=")
    assert out.count("\n") == 1
    assert err == ""


def test_json_is_the_result_without_metadata(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(
            VERB,
            "--cli-input-json",
            '{"NotebookInstanceName": "nb"}',
            "--session-expiration-duration-in-seconds",
            "1800",
        )
        == 0
    )
    out = capsys.readouterr().out
    assert list(json.loads(out)) == ["AuthorizedUrl"]
    assert out.startswith('{\n    "AuthorizedUrl": "http')


@pytest.mark.slow
@pytest.mark.parametrize(("output", "start"), [("text", "http://"), ("json", "{\n")])
def test_the_output_form_comes_from_the_environment_unless_given(
    local: LocalSageMaker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
    start: str,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", output)
    assert run(VERB, "--notebook-instance-name", "nb") == 0
    assert capsys.readouterr().out.startswith(start)
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", "xml")
    assert run(VERB, "--notebook-instance-name", "nb", "--output", output) == 0
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert "AWS_DEFAULT_OUTPUT: output is 'xml'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "start"),
    [("text", "http://"), ("yaml", "AuthorizedUrl: http://"), ("yaml-stream", "- Auth"), ("table", "----")],
)
@pytest.mark.slow
def test_the_output_form_of_the_profile_counts_last(
    local: LocalSageMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
    start: str,
) -> None:
    (tmp_path / "config").write_text(f"[default]\noutput = {output}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert run(VERB, "--notebook-instance-name", "nb") == 0
    assert capsys.readouterr().out.startswith(start)
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", "off")
    assert run(VERB, "--notebook-instance-name", "nb") == 0
    assert capsys.readouterr().out == ""
    assert run(VERB, "--notebook-instance-name", "nb", "--output", "json") == 0
    assert capsys.readouterr().out.startswith("{\n")
    monkeypatch.delenv("AWS_DEFAULT_OUTPUT")
    (tmp_path / "config").write_text("[default]\noutput = xml\n")
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert f"{tmp_path / 'config'}:2: output is 'xml': expected json, text, table" in capsys.readouterr().err


def test_query_for_a_member_that_is_not_there_prints_null_as_the_aws_cli_does(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    for output, shown in (("json", "null\n"), ("text", "None\n")):
        assert run(VERB, "--notebook-instance-name", "nb", "--query", "Nothing", "--output", output) == 0
        assert capsys.readouterr().out == shown


@pytest.mark.slow
def test_debug_shows_attempts_and_no_secret(local: LocalSageMaker) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagemaker_api", VERB, "--notebook-instance-name", "nb", "--debug"],
        env={**os.environ, **local.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "CreatePresignedNotebookInstanceUrl" in done.stderr
    for secret in (local.credentials.secret_access_key, "authToken"):
        assert secret not in done.stderr
    assert re.findall(r"Signature=(\S+)", done.stderr) == ["***"]


def test_debug_changes_no_other_logger(local: LocalSageMaker, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    assert run(VERB, "--notebook-instance-name", "nb", "--debug") == 0
    assert (list(root.handlers), root.level) == before
    assert logging.getLogger("sagemaker_api").handlers == []
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(line.startswith("sagemaker_api: ") for line in lines)
