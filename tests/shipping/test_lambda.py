"""Runs the function of docs/lambda.md with an unzipped layer under AWS's runtime client, on every Python here."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from sagemaker_api.local import LocalSageMaker
from sigv4 import Credentials
from sigv4.vendoring.layer import beside_sources, compiled_files, layer_files, layer_zip
from tests.pythons import bare_environment, pip_for, pythons
from tests.shipping.lambda_runtime import REQUEST_ID, Lambda, event

pytestmark = [pytest.mark.interop, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lambda.md").read_text("utf-8")
FUNCTION = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[0]
KEYS = Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FQoGZXIvYXdzEXAMPLETOKEN==")


class Unpacked(NamedTuple):
    python: str
    layer: Path
    function: Path


@pytest.fixture(scope="module", params=pythons().items(), ids=lambda pair: pair[0])
def unpacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    version, interpreter = request.param
    folder = tmp_path_factory.mktemp(f"lambda-{version}")
    python = bare_environment(folder / "venv", interpreter)
    install = [*pip_for(python), "--only-binary", ":all:", "awslambdaric"]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(
            f"awslambdaric has no wheel for Python {version} on this platform, or no index is reachable"
        )
    runtime = f"python{version}"
    sources = layer_files(runtime, client=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(interpreter).parent}:/usr/bin:/bin")
        zipped = layer_zip({**sources, **beside_sources(compiled_files(sources, runtime))})
    (folder / "layer.zip").write_bytes(zipped)
    with ZipFile(folder / "layer.zip") as archive:
        archive.extractall(folder / "opt")
    (folder / "task").mkdir()
    (folder / "task" / "function.py").write_text(FUNCTION, "utf-8")
    return Unpacked(str(python), folder / "opt", folder / "task")


@pytest.fixture
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"my-notebook": "InService", "asleep": "Stopped"}, credentials=KEYS) as endpoint:
        yield endpoint


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def opens(url: str) -> bool:
    """Whether the URL opens a session: a redirect with a cookie."""
    try:
        urllib.request.build_opener(_NoRedirect).open(url, timeout=60)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code == 302 and bool(answer.headers["Set-Cookie"])
    return False


@pytest.mark.parametrize("snapstart", [False, True], ids=["keys in the environment", "SnapStart"])
def test_the_function_redirects_to_a_fresh_url(
    unpacked: Unpacked, local: LocalSageMaker, snapstart: bool
) -> None:
    with Lambda(*unpacked, local.url, KEYS, snapstart) as function:
        answers = [function.invoke(event(notebook="my-notebook")) for _ in range(3)]
        log = function.log()
        assert function.api.credentials_asked == (1 if snapstart else 0)
    for answer in answers:
        assert answer.path.endswith(f"/runtime/invocation/{REQUEST_ID}/response"), answer.body
        assert answer.body["statusCode"] == 302
        assert answer.body["headers"]["Cache-Control"] == "no-store"
    urls = [answer.body["headers"]["Location"] for answer in answers]
    assert len(set(urls)) == 3
    assert opens(urls[-1])
    secrets = [KEYS.secret_access_key, KEYS.session_token, *(url.partition("authToken=")[2] for url in urls)]
    assert all(secrets)
    assert [secret for secret in secrets if secret and secret in log] == []


def test_errors_are_json_problems_without_secrets(unpacked: Unpacked, local: LocalSageMaker) -> None:
    with Lambda(*unpacked, local.url, KEYS) as function:
        names = {"": 400, "-x": 400, "a" * 64: 400, "a\nb": 400, "../x": 400, "no-such": 409, "asleep": 409}
        found = {name: function.invoke(event(notebook=name)) for name in names}
        nothing = function.invoke(event())
        local.stop()
        unreachable = function.invoke(event(notebook="my-notebook"))
        log = function.log()
    assert {name: answer.body["statusCode"] for name, answer in found.items()} == names
    assert (nothing.body["statusCode"], unreachable.body["statusCode"]) == (400, 502)
    for answer in (*found.values(), nothing, unreachable):
        assert answer.body["headers"]["Content-Type"] == "application/problem+json"
        assert answer.body["headers"]["Cache-Control"] == "no-store"
        problem = json.loads(answer.body["body"])
        assert problem["status"] == answer.body["statusCode"]
        assert problem["instance"] == f"urn:uuid:{REQUEST_ID}"
        assert "Location" not in answer.body["headers"]
    for text in (log, *(answer.body["body"] for answer in (*found.values(), unreachable))):
        assert KEYS.secret_access_key not in text
        assert str(KEYS.session_token) not in text


def test_the_compiled_files_of_the_layer_are_the_ones_that_run(unpacked: Unpacked) -> None:
    """If the source is broken, the compiled file is still used: its hash is not checked (PEP 552)."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True; import sigv4.percent as p; "
        "print(p.__cached__)"
    )
    source = unpacked.layer / "python" / "sigv4" / "percent.py"
    content = source.read_bytes()
    source.write_bytes(b"raise SystemError('compiled again')\n")
    try:
        command = [unpacked.python, "-I", "-S", "-c", program, str(unpacked.layer / "python")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        source.write_bytes(content)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_file()
