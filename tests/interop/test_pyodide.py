"""The package on CPython in WebAssembly (Pyodide, run by Node): vectors, the single file, and docs/browsers.md."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

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


def run(program: str, tree: Path, tmp_path: Path) -> str:
    """The output of a program in WebAssembly, with the folder ``tree`` at ``/tree``."""
    script = tmp_path / "program.py"
    script.write_text(START + program)
    command = ["node", str(node.HERE / "pyodide.mjs"), str(node.modules().parent), str(tree), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_every_vector_that_needs_no_cryptography_holds(tmp_path: Path) -> None:
    printed = run(
        "from sigv4.cli import main\nassert main(['conformance']) == 0\nprint(sys.platform)\n", ROOT, tmp_path
    )
    assert "FAILED" not in printed
    assert "SKIPPED" in printed  # the skipped cases are those of 4A
    assert printed.splitlines()[-1] == "emscripten"


def test_the_single_file_signs_there(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    assert main(["vendor", str(tree / "signing.py"), "--single-file"]) == 0
    (vector,) = (each for each in signing_vectors() if each.id == "EX-RS-1")
    (tree / "vector.json").write_text(json.dumps({"input": vector.input}))
    printed = run(
        """
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
""",
        tree,
        tmp_path,
    )
    assert printed.splitlines()[-1] == vector.expect["authorization"]


def test_the_block_of_the_page_asks_the_local_endpoint_with_fetch(tmp_path: Path) -> None:
    (block,) = (each.text for each in ALL["docs/browsers.md"] if each.language == "python")
    shutil.copytree(ROOT / "sigv4", tmp_path / "tree" / "sigv4", ignore=shutil.ignore_patterns("__pycache__"))
    with LocalSageMaker({"my-notebook": "InService"}) as local:
        keys = local.credentials
        call = (
            f"{block}\nkeys = Credentials({keys.access_key_id!r}, {keys.secret_access_key!r})\n"
            f"print(*await describe({local.url + '/'!r}, 'my-notebook', keys))\n"
        )
        printed = run(call, tmp_path / "tree", tmp_path)
    status, _, answer = printed.splitlines()[-1].partition(" ")
    assert (status, json.loads(answer)["NotebookInstanceStatus"]) == ("200", "InService")
