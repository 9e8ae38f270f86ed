"""The function of docs/lambda.md compared with one that uses boto3, under AWS's runtime client: cold and warm."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from zipfile import ZipFile

from sagemaker_api.local import LocalSageMaker
from sigv4 import Credentials
from sigv4.vendoring.layer import beside_sources, compiled_files, layer_files, layer_zip
from tests.pythons import bare_environment, pip_for
from tests.shipping.lambda_runtime import Lambda, event

from .row import Row

ROOT = Path(__file__).resolve().parents[2]
KEYS = Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FQoGZXIvYXdzEXAMPLETOKEN==")
OVER_BOTO3 = """
import boto3

client = boto3.client("sagemaker")


def handler(event, context):
    name = event["queryStringParameters"]["notebook"]
    answer = client.create_presigned_notebook_instance_url(
        NotebookInstanceName=name, SessionExpirationDurationInSeconds=1800
    )
    return {"statusCode": 302, "headers": {"Location": answer["AuthorizedUrl"], "Cache-Control": "no-store"}}
"""


def opener(rounds: int = 7, calls: int = 25) -> Iterator[Row]:
    """Milliseconds from the start of the process to its first answer, and from event to answer afterwards.

    boto3 is imported from site-packages with its compiled files, which is faster than from a layer.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = _python(folder)
        with ZipFile(_layer(folder)) as archive:
            archive.extractall(folder / "opt")
        page = (ROOT / "docs" / "lambda.md").read_text("utf-8")
        ours = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[0]
        functions = {}
        for kind, source in {"ours": ours, "boto3": OVER_BOTO3}.items():
            functions[kind] = folder / kind
            functions[kind].mkdir()
            (functions[kind] / "function.py").write_text(source, "utf-8")
        with LocalSageMaker(credentials=KEYS) as local:
            pairs = [
                [
                    _times(python, folder / "opt", functions[kind], local.url, calls)
                    for kind in ("ours", "boto3")
                ]
                for _ in range(rounds)
            ]
    for position, what in enumerate(("first answer of a cold function", "answer of a warm function")):
        mine, theirs = (median(pair[side][position] for pair in pairs) for side in (0, 1))
        ratio = median(pair[0][position] / pair[1][position] for pair in pairs)
        yield Row("Lambda", what, f"{mine * 1e3:.1f} ms", f"boto3 {theirs * 1e3:.1f} ms", ratio, 1.0)


def _times(python: str, layer: Path, function: Path, url: str, calls: int) -> tuple[float, float]:
    with Lambda(python, layer, function, url, KEYS) as environment:
        opened = event(notebook="my-notebook")
        first = environment.invoke(opened)
        warm = [environment.invoke(opened) for _ in range(calls)]
        wrong = [answer.body for answer in (first, *warm) if answer.body.get("statusCode") != 302]
        if wrong:
            raise RuntimeError(f"the function failed: {wrong[0]}")
        return first.at - environment.started, median(answer.seconds for answer in warm)


def _python(folder: Path) -> str:
    python = bare_environment(folder / "venv", sys.executable)
    install = [*pip_for(python), "--only-binary", ":all:", "awslambdaric", "boto3"]
    subprocess.run(install, check=True, capture_output=True)
    return str(python)


def _layer(folder: Path) -> Path:
    runtime = f"python3.{sys.version_info[1]}"
    files = layer_files(runtime, client=True)
    (folder / "layer.zip").write_bytes(layer_zip({**files, **beside_sources(compiled_files(files, runtime))}))
    return folder / "layer.zip"
