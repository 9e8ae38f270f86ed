"""B8, B9: time and peak memory of a new process that requests one URL over https on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from .paired import Timings
from .row import Row, compared

ROOT = Path(__file__).resolve().parents[2]
_URL = "https://my-nb.notebook.us-west-2.sagemaker.aws?authToken=x"
_OURS = """
import sys
from sagemaker_api import {transport}, SageMaker
client = SageMaker("us-west-2", endpoint_url=sys.argv[1], transport={transport}(verify=sys.argv[2]))
print(client.create_presigned_notebook_instance_url(NotebookInstanceName="my-nb")["AuthorizedUrl"])
"""
_PROGRAMS = {
    "floor": """
import http.client, ssl, json, sys
host, port = sys.argv[1].removeprefix("https://").split(":")
context = ssl.create_default_context(cafile=sys.argv[2])
connection = http.client.HTTPSConnection(host, int(port), context=context)
connection.request("POST", "/", json.dumps({"NotebookInstanceName": "my-nb"}))
print(json.loads(connection.getresponse().read())["AuthorizedUrl"])
""",
    "ours": _OURS.format(transport="StdlibTransport"),
    "httpx": _OURS.format(transport="HttpxTransport"),
    "boto3": """
import boto3, sys
client = boto3.client("sagemaker", region_name="us-west-2", endpoint_url=sys.argv[1], verify=sys.argv[2])
print(client.create_presigned_notebook_instance_url(NotebookInstanceName="my-nb")["AuthorizedUrl"])
""",
    "AWS CLI": """
import sys
from awscli.clidriver import main
url, bundle = sys.argv[1:]
sys.argv = ["aws", "sagemaker", "create-presigned-notebook-instance-url", "--notebook-instance-name", "my-nb",
    "--region", "us-west-2", "--endpoint-url", url, "--ca-bundle", bundle, "--query", "AuthorizedUrl"]
code = main()
assert code == 0, code
""",
}
_NEEDS = {"httpx": "httpx", "boto3": "boto3", "AWS CLI": "awscli"}
_BUDGETS = {"boto3": 0.20, "AWS CLI": 0.15, "floor": 1.1}
# ru_maxrss is not used: in a child process it begins with the value of the parent.
_PEAK = """
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def one_url(rounds: int = 9) -> Iterator[Row]:
    from tests.sagemaker_api.pki import Pki
    from tests.sagemaker_api.scripted import ScriptedServer, http

    names = [name for name in _PROGRAMS if find_spec(_NEEDS.get(name, "sys")) is not None]
    answer = http(200, f'{{"AuthorizedUrl":"{_URL}"}}')
    with tempfile.TemporaryDirectory() as folder:
        pki = Pki(Path(folder))
        environ = _environ(folder)
        with ScriptedServer(answer, tls=pki.server) as server:
            runs = {name: [program, server.url, str(pki.bundle)] for name, program in _PROGRAMS.items()}
            for name in names:
                _seconds(runs[name], environ)  # compiles the files
            found = {name: [0.0] * rounds for name in names}
            for number in range(rounds):
                for name in names:
                    found[name][number] = _seconds(runs[name], environ)
            peaks = {name: _peak(runs[name], environ) for name in names} if Path("/proc").is_dir() else {}
    yield from _times(Timings(found))
    if "boto3" in peaks:
        against = f"boto3 script {peaks['boto3'] / 1024:.1f} MiB"
        ratio = peaks["ours"] / peaks["boto3"]
        yield Row("B9", "its peak memory", f"{peaks['ours'] / 1024:.1f} MiB", against, ratio, 0.35)


def _times(timings: Timings) -> Iterator[Row]:
    for name, budget in _BUDGETS.items():
        if name in timings.rounds:
            yield compared("B8", "one URL from a cold process", timings, "ours", name, budget, "ms")
    if "httpx" in timings.rounds:
        yield compared("B8", "the same over httpx", timings, "httpx", "floor", None, "ms")


def _environ(folder: str) -> dict[str, str]:
    """An environment with credentials, without this user's files, that keeps compiled files in ``folder``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AWS_CONFIG_FILE": os.path.join(folder, "config"),
        "AWS_SHARED_CREDENTIALS_FILE": os.path.join(folder, "credentials"),
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": os.path.join(folder, "compiled"),
    }


def _run(arguments: list[str], environ: dict[str, str]) -> list[str]:
    command = [sys.executable, "-c", *arguments]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.split()


def _seconds(arguments: list[str], environ: dict[str, str]) -> float:
    start = perf_counter()
    printed = _run(arguments, environ)
    seconds = perf_counter() - start
    assert printed[0].strip('"') == _URL
    return seconds


def _peak(arguments: list[str], environ: dict[str, str]) -> int:
    program, *rest = arguments
    return int(_run([program + _PEAK, *rest], environ)[-1])
