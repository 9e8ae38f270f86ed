"""The package on CPython in WebAssembly (Pyodide, run by Node): vectors, the single file, and docs/browsers.md."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from sagemaker_api.local import LocalSageMaker
from sigv4.cli import main
from tests.interop import node
from tests.test_documents import ALL
from tests.vectors import signing_vectors

ROOT = Path(__file__).parents[2]
missing = node.missing()

pytestmark = [pytest.mark.interop, pytest.mark.skipif(missing is not None, reason=str(missing))]

START = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/tree")
"""
VECTORS = """
from sigv4.cli import main
assert main(["conformance"]) == 0
print(sys.platform)
"""
SINGLE_FILE = """
import json
from datetime import datetime, timezone
import signing
given = json.load(open("/tree/vector.json"))["input"]
keys = signing.Credentials(given["access_key_id"], given["secret_access_key"], given["session_token"])
at = datetime.strptime(given["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
signer = signing.Signer(given["service"], given["region"], keys)
headers = [tuple(pair) for pair in given["headers"]]
signed = signer.sign(given["method"], given["url"], headers, given["body"], at=at)
print(dict(signed)["Authorization"])
"""
BETWEEN = "=" * 20
(VECTOR,) = (each for each in signing_vectors() if each.id == "EX-RS-1")


class Printed(NamedTuple):
    vectors: str
    single_file: str
    page: str


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """What the three programs print, one after the other in one process: its start takes most of the time."""
    folder = tmp_path_factory.mktemp("pyodide")
    tree = folder / "tree"
    for part in ("sigv4", "fixtures/vectors"):
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "protocol.md", tree / "docs")
    assert main(["vendor", str(tree / "signing.py"), "--single-file"]) == 0
    (tree / "vector.json").write_text(json.dumps({"input": VECTOR.input}))
    (block,) = (each.text for each in ALL["docs/browsers.md"] if each.language == "python")
    with LocalSageMaker({"my-notebook": "InService"}) as local:
        keys = local.credentials
        page = (
            f"{block}\nkeys = Credentials({keys.access_key_id!r}, {keys.secret_access_key!r})\n"
            f"print(*await describe({local.url + '/'!r}, 'my-notebook', keys))\n"
        )
        script = folder / "program.py"
        script.write_text(START + f"\nprint({BETWEEN!r})\n".join((VECTORS, SINGLE_FILE, page)))
        command = ["node", str(node.HERE / "pyodide.mjs"), str(node.modules().parent), str(tree), str(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return Printed(*done.stdout.split(f"{BETWEEN}\n"))


def test_every_vector_that_needs_no_cryptography_holds(printed: Printed) -> None:
    assert "FAILED" not in printed.vectors
    assert "SKIPPED" in printed.vectors  # the skipped cases are those of 4A
    assert printed.vectors.splitlines()[-1] == "emscripten"


def test_the_single_file_signs_in_pyodide(printed: Printed) -> None:
    assert printed.single_file.splitlines()[-1] == VECTOR.expect["authorization"]


def test_the_block_of_the_page_asks_the_local_endpoint_with_fetch(printed: Printed) -> None:
    status, _, answer = printed.page.splitlines()[-1].partition(" ")
    assert (status, json.loads(answer)["NotebookInstanceStatus"]) == ("200", "InService")
