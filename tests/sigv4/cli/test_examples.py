"""The example of each verb's ``--help`` runs as it is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_api.cli import _parser as sagemaker_api_parser
from sagemaker_api.local import LocalSageMaker
from sigv4 import Credentials, Signer
from sigv4.cli import _parser as sigv4_parser
from tests.shell import bash, environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the examples are of a POSIX shell"),
    pytest.mark.skipif(
        not (Path(sys.executable).parent / "sagemaker-api").exists(),
        reason="the console scripts are not installed",
    ),
]

ROOT = Path(__file__).parents[3]
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SERVES = {"local"}  # this verb runs until it is ended: see tests/sagemaker_api/cli/test_local.py
# Verbs whose exit code is a result: 1 if something was found, or denied.
ANSWERS = {"diagnose", "audit", "lint", "simulate"}


def examples() -> Iterator[tuple[str, str]]:
    """Each verb with each command of its example; lines that a shell cannot run are left out."""
    for parser in (sigv4_parser(), sagemaker_api_parser()):
        for verb, (_, sub) in parser.get_default("verbs").items():
            block = sub.epilog.partition("\n")[2].partition("\n\n")[0]
            command = ""
            for line in block.splitlines():
                command += line.strip() + "\n"
                if not line.endswith(("\\", "|")) and verb not in SERVES:
                    if not any(prose in command for prose in ("> a file", "…")):
                        yield verb, command
                    command = ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the examples use."""
    folder = tmp_path_factory.mktemp("examples")
    url = "https://iam.amazonaws.com/?Action=ListUsers"
    signed = Signer("iam", "us-east-1", KEYS).sign("GET", url)
    lines = "".join(f"{name}: {value}\n" for name, value in signed.items())
    for name in ("request.http", "requests.http"):
        (folder / name).write_text(f"GET /?Action=ListUsers HTTP/1.1\n{lines}\n")
    (folder / "answer.http").write_text("HTTP/1.1 403 Forbidden\n\n<Error><Code>AccessDenied</Code></Error>")
    named = [{"name": name, "value": value} for name, value in signed.items()]
    entry = {"request": {"method": "GET", "url": url, "headers": named}}
    (folder / "capture.har").write_text(json.dumps({"log": {"entries": [entry] * 4}}))
    (folder / "secret.txt").write_text(KEYS.secret_access_key)
    allow = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    for name in ("mfa.json", "office-only.json"):
        (folder / name).write_text(json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    (folder / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    (folder / "captured.http").write_text((folder / "request.http").read_text())
    (folder / "my-signer.mjs").write_text(
        "process.stdin.resume();"
    )  # a program that reads and answers nothing
    (folder / "my-signer").write_text('#!/bin/sh\nexec cat "$1"\n')  # a program that does not sign
    (folder / "my-signer").chmod(0o755)
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    (folder / "src" / "mytool").mkdir(parents=True)
    (folder / ".aws").mkdir()
    (folder / ".aws" / "config").write_text(
        "[profile work]\nregion = us-east-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n"
    )
    for home in (".local/share/bash-completion/completions", ".config/fish/completions"):
        (folder / home).mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("verb", "command"), list(examples()), ids=lambda each: str(each).split("\n")[0][:60]
)
def test_an_example_runs(verb: str, command: str, folder: Path) -> None:
    stopped = verb.startswith(("start-", "update-", "delete-"))
    there = (
        {} if verb.startswith("create-notebook") else {"my-notebook": "Stopped" if stopped else "InService"}
    )
    with LocalSageMaker(there) as local:
        if verb == "send":  # nothing leaves this machine
            command = command.replace("https://api.sagemaker.us-east-1.amazonaws.com", local.url)
        variables = {**environment(folder), **local.environment, "BROWSER": "true %s"}
        done = bash(command, folder, variables)
    refused = (
        "my-signer" in command and done.returncode == 1
    )  # the right result for a program that does not sign
    assert done.returncode == 0 or refused or (verb in ANSWERS and done.returncode == 1), (
        done.stdout[-1000:] + done.stderr[-1000:]
    )
    assert "Traceback" not in done.stderr
