"""The fixture ``local_sagemaker``, used by tests of another project."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api.local import LocalSageMaker, pytest_plugin

from .without_sockets import Nowhere

pytest_plugins = ["pytester", "sagemaker_api.local.pytest_plugin"]

TESTS = """
    import os
    import httpx
    import pytest
    from sagemaker_api import SageMaker

    def mint():
        with SageMaker() as client:
            return client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")["AuthorizedUrl"]

    def opened(url):
        with httpx.Client(follow_redirects=True) as browser:
            return browser.get(url).text

    def test_a_url_opens_for_five_minutes(local_sagemaker):
        url = mint()
        assert url.startswith(local_sagemaker.url)
        assert "Notebook my-notebook" in opened(url)
        local_sagemaker.clock.move(301)
        assert "Signed out" in opened(url)

    def test_the_next_test_has_its_own_clock(local_sagemaker):
        assert local_sagemaker.clock.ahead == 0
        assert local_sagemaker.service.journal.entries() == []
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" not in os.environ
        assert os.environ["AWS_CONFIG_FILE"] == os.devnull

    @pytest.mark.local_sagemaker(notebooks={"mine": "Stopped"}, delays=60)
    def test_settings_come_from_the_marker(local_sagemaker):
        assert [each.name for each in local_sagemaker.instances.all()] == ["mine"]
        assert local_sagemaker.instances.delays["Pending"] == 60

    @pytest.mark.local_sagemaker({"another": "Stopped"})
    def test_the_marker_accepts_the_arguments_of_local_sagemaker_in_their_order(local_sagemaker):
        assert [each.name for each in local_sagemaker.instances.all()] == ["another"]
"""
AFTER = """
    import os

    def test_the_environment_is_as_before():
        assert os.environ["AWS_PROFILE"] == "mine"
        assert "AWS_ENDPOINT_URL_SAGEMAKER" not in os.environ
"""


@pytest.mark.slow
def test_the_fixture_gives_each_test_its_own_sagemaker(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    pytester.makepyfile(test_a=TESTS, test_b=AFTER)
    done = pytester.runpytest_inprocess("-q", "--strict-markers", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=5)


FAILING = """
    import httpx
    import pytest
    from sagemaker_api import SageMaker
    from sagemaker_api.local import EXAMPLE
    from sigv4 import Credentials

    def test_a_wrong_secret(local_sagemaker):
        with SageMaker(credentials=Credentials(EXAMPLE.access_key_id, "MARKERsecret")) as client:
            client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")

    def test_nothing_was_refused(local_sagemaker):
        assert local_sagemaker.url == ""

    @pytest.mark.xfail(strict=True)
    def test_an_expected_failure(local_sagemaker):
        assert False

    def test_without_the_fixture():
        assert False
"""


@pytest.mark.slow
def test_a_failed_test_shows_what_the_endpoint_refused_and_why(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    pytester.makepyfile(FAILING)
    done = pytester.runpytest_inprocess(
        "-q", "--tb=no", "-p", "no:cacheprovider", "-rN", "--show-capture=all"
    )
    done.assert_outcomes(failed=3, xfailed=1)
    (section, nothing) = (dict(report.sections)["local SageMaker"] for report in _failed(pytester))
    assert (
        "1. CreatePresignedNotebookInstanceUrl: 400, refused at VERIFY-15: SignatureDoesNotMatch" in section
    )
    assert "arn:aws:iam::123456789012:user/local from 127.0.0.1" in section
    assert "The signature is wrong" in section
    assert "MARKER" not in section
    assert nothing == "It refused nothing."


def _failed(pytester: pytest.Pytester) -> list[pytest.TestReport]:
    reports = pytester.inline_run("-q", "--tb=no", "-p", "no:cacheprovider").getreports(
        "pytest_runtest_logreport"
    )
    return [
        report
        for report in reports
        if isinstance(report, pytest.TestReport)
        and report.failed
        and "without_the_fixture" not in report.nodeid
    ]


@pytest.fixture
def settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("NO_PROXY", "other.example")
    monkeypatch.delenv("no_proxy", raising=False)
    boto3 = SimpleNamespace(DEFAULT_SESSION="a session with credentials that it found")
    monkeypatch.setitem(sys.modules, "boto3", boto3)
    return boto3


def test_the_environment_is_that_of_the_endpoint_alone(
    settings_of_this_machine: Any, local_sagemaker: LocalSageMaker
) -> None:
    assert {name: value for name, value in os.environ.items() if name.startswith("AWS_")} == {
        **local_sagemaker.environment,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert os.environ["NO_PROXY"] == "127.0.0.1,other.example"
    assert os.environ["no_proxy"] == "127.0.0.1"
    assert settings_of_this_machine.DEFAULT_SESSION is None
    assert [each.name for each in local_sagemaker.instances.all()] == ["my-notebook"]


def test_the_marker_gives_the_arguments(request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.local_sagemaker({"another": "Stopped"}, delays=60))
    local_sagemaker: LocalSageMaker = request.getfixturevalue("local_sagemaker")
    assert [(each.name, each.status) for each in local_sagemaker.instances.all()] == [("another", "Stopped")]
    assert local_sagemaker.instances.delays["Pending"] == 60


@pytest.mark.parametrize(
    ("when", "has_failed", "has_local", "sections"),
    [
        ("call", True, True, [("local SageMaker", "It refused nothing.")]),
        ("call", False, True, []),
        ("teardown", True, True, []),
        ("call", True, False, []),
    ],
)
def test_only_the_report_of_a_failed_test_says_what_was_refused(
    when: str, has_failed: bool, has_local: bool, sections: list[tuple[str, str]]
) -> None:
    stash = pytest.Stash()
    if has_local:
        stash[pytest_plugin._LOCAL] = LocalSageMaker(server=Nowhere)
    item: Any = SimpleNamespace(stash=stash)
    report: Any = SimpleNamespace(when=when, failed=has_failed, sections=[])
    call: Any = None
    hook = pytest_plugin.pytest_runtest_makereport(item, call)
    next(hook)
    with pytest.raises(StopIteration) as returned:
        hook.send(report)
    assert returned.value.value is report
    assert report.sections == sections


def test_the_plugin_is_registered_where_pytest_looks() -> None:
    found = [
        entry
        for entry in importlib.metadata.entry_points(group="pytest11")
        if entry.name == "local_sagemaker"
    ]
    assert [entry.value for entry in found] == ["sagemaker_api.local.pytest_plugin"]


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    """pytest loads the plugin in every test run where this package is installed."""
    program = (
        "import pytest, sys; before = set(sys.modules); import sagemaker_api.local.pytest_plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        "sagemaker_api",
        "sagemaker_api.lazy_names",
        "sagemaker_api.local",
        "sagemaker_api.local.pytest_plugin",
    ]


def test_the_example_of_the_plugin_does_what_the_first_test_does() -> None:
    shown = pytest_plugin.__doc__
    assert shown is not None
    for line in ("local_sagemaker.clock.move(301)", '"Signed out" in', '"Notebook my-notebook" in'):
        assert line in shown
        assert line in TESTS
