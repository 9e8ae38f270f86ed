"""``sagemaker-api demo``."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_api import ProtocolError
from sagemaker_api.cli import demo
from sagemaker_api.local import EXAMPLE
from sigv4 import Request, Signer
from tests.sagemaker_api.cli.called import ROOT, run


def test_the_demo_fails_if_its_steps_do_not_give_the_request_that_was_sent() -> None:
    headers = Signer("sagemaker", "us-east-1", EXAMPLE).sign("POST", "http://127.0.0.1/", {}, b"{}")
    assert (
        demo._explain(Request("POST", "http://127.0.0.1/", headers, b"{}")).signature
        in headers["Authorization"]
    )
    with pytest.raises(ProtocolError):
        demo._explain(Request("POST", "http://127.0.0.1/", headers, b"{} "))


def test_the_demo_shows_each_step_of_one_exchange(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--notebook-instance-name", "nb2") == 0
    first, *parts = re.split(r"\n\n([1-7])  ", capsys.readouterr().out)
    endpoint = re.match(r"A local SageMaker listens on (http://127.0.0.1:\d+); it shares no state", first)
    assert endpoint
    assert parts[::2] == list("1234567")
    canonical, to_sign, request, verdict, answer, url, opened = (
        [line.removeprefix("    ") for line in part.rstrip("\n").split("\n")[2:]] for part in parts[1::2]
    )
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    assert canonical[:3] == ["POST", "/", ""]
    assert to_sign[0::3] == ["AWS4-HMAC-SHA256", digest]
    assert request[0] == "POST / HTTP/1.1"
    place = request.index("Authorization: AWS4-HMAC-SHA256")
    assert [line.partition("=")[0] for line in request[place + 1 : place + 4]] == [
        "  Credential",
        "  SignedHeaders",
        "  Signature",
    ]
    body = json.loads(request[-1])
    assert body == {"NotebookInstanceName": "nb2", "SessionExpirationDurationInSeconds": 3600}
    assert hashlib.sha256(request[-1].encode()).hexdigest() == canonical[-1]
    assert request[-2] == ""
    (line,) = verdict
    assert line.startswith("accepted: signed by AKIDEXAMPLE for ")
    assert line.endswith("/us-east-1/sagemaker/aws4_request")
    assert answer[0] == "HTTP/1.1 200 OK"
    assert "Content-Type: application/x-amz-json-1.1" in answer
    assert answer[-3:-1] == ["", '{"AuthorizedUrl":']
    assert json.loads("".join(answer[-2:])) == {"AuthorizedUrl": url[0]}
    assert url[0].startswith(f"{endpoint[1]}/notebook/nb2/?authToken=")
    assert opened[0] == "GET with the token   302, to /notebook/nb2/"
    assert re.fullmatch(r" {21}sets the cookie local-sagemaker-\S+", opened[1])
    assert "HttpOnly" in opened[2]
    assert opened[3] == "GET with the cookie  200"
    assert "nb2" in "\n".join(opened[4:])


@pytest.mark.slow
def test_the_demo_runs_with_python_alone(tmp_path: Path) -> None:
    for package in ("sigv4", "sagemaker_api"):
        shutil.copytree(ROOT / package, tmp_path / package)
    command = [sys.executable, "-S", "-E", "-s", "-m", "sagemaker_api", "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    for title in (
        "Canonical request",
        "String to sign",
        "accepted: signed by AKIDEXAMPLE",
        "authToken=",
        "Notebook my-notebook",
    ):
        assert title in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert done.stderr == ""
