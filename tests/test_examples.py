"""Runs the programs of docs/examples against the local endpoint, as a user would."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sagemaker_api.local import LocalSageMaker, Policy, asgi

pytest_plugins = ["pytester"]

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"my-notebook": "Stopped", "notebook-of-alice": "InService"}) as local:
        _point_at(local, monkeypatch)
        yield local


def _point_at(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**local.environment, "NO_PROXY": "127.0.0.1", "AWS_CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)


def test_every_example_is_run_here() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {
        "mint_and_open", "lambda_function", "test_notebooks", "terminal", "review_policy",
    }  # fmt: skip


def test_mint_and_open_starts_the_instance(here: LocalSageMaker) -> None:
    url = loaded("mint_and_open").mint("my-notebook")
    assert url.startswith(f"{here.url}/notebook/my-notebook/?authToken=")


def test_the_lambda_function_redirects_to_the_user_s_notebook(here: LocalSageMaker) -> None:
    handler = loaded("lambda_function").handler

    def answered(user: str) -> dict[str, object]:
        event = {"requestContext": {"authorizer": {"claims": {"cognito:username": user}}}}
        return dict(handler(event, None))

    found = answered("alice")
    assert found["statusCode"] == 302
    assert str(found["headers"]).count("/notebook/notebook-of-alice/?authToken=") == 1
    assert answered("bob") == {"statusCode": 409, "body": "ValidationException"}


@pytest.mark.slow
def test_the_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    pytester.makepyfile(test_notebooks=(EXAMPLES / "test_notebooks.py").read_text("utf-8"))
    pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_policy_is_reviewed(tmp_path: Path) -> None:
    inside = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": inside}
    member = {
        "StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
        "IpAddress": {"aws:SourceIp": "203.0.113.0/25"},
    }
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": member}
    role = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allow, deny, role]}
    review = loaded("review_policy").review
    words = [line.split(": ")[1] for line in review(Policy.parse(document, "p"))]
    assert words == ["unknown", "denied", "denied", "denied", "p"]
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(document), "utf-8")
    command = [sys.executable, str(EXAMPLES / "review_policy.py"), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(
        "the office: unknown: unknown, because the value of aws:PrincipalOrgID is not known"
    )


@pytest.mark.interop
@pytest.mark.slow
def test_a_command_runs_in_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("httpx", "websockets", "uvicorn", "jupyter_server", "ipykernel", "terminado"):
        pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")
    # An environment that sees its packages through another one does not have their configuration.
    from sagemaker_api.local.serving import jupyter

    enabled = {**jupyter._SETTINGS, "ServerApp.jpserver_extensions": "jupyter_server_terminals=True"}
    monkeypatch.setattr(jupyter, "_SETTINGS", enabled)
    with LocalSageMaker({"nb": "InService"}, server=asgi(tmp_path)) as local:
        _point_at(local, monkeypatch)
        assert "42" in loaded("terminal").run("nb", "echo $((6 * 7))")
