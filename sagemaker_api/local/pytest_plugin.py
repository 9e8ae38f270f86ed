"""A pytest fixture, available if this package is installed: a local SageMaker for each test.

    def test_a_url_opens_for_five_minutes(local_sagemaker):
        ask = boto3.client("sagemaker").create_presigned_notebook_instance_url
        url = ask(NotebookInstanceName="my-notebook")["AuthorizedUrl"]
        assert "Notebook my-notebook" in requests.get(url).text
        local_sagemaker.clock.move(301)
        assert "Signed out" in requests.get(url).text

``local_sagemaker`` is a ``sagemaker_api.local.LocalSageMaker`` with the notebook instance ``my-notebook``.
The environment variables of the test point boto3, the AWS CLI and ``sagemaker_api.SageMaker`` at it, and
keep them from this machine's own AWS settings. A marker gives other settings::

    @pytest.mark.local_sagemaker(notebooks={"mine": "Stopped"}, delays=60)

For a failed test, pytest shows the endpoint's refusals and their reasons.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from . import LocalSageMaker


_LOCAL: pytest.StashKey[LocalSageMaker] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "local_sagemaker(**settings): what the fixture gives to LocalSageMaker"
    )


@pytest.fixture
def local_sagemaker(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalSageMaker]:
    """A local SageMaker for one test; see ``sagemaker_api.local.pytest_plugin``."""
    import os
    import sys

    from . import LocalSageMaker

    if "boto3" in sys.modules:  # boto3.client() caches the credentials that it found first
        monkeypatch.setattr(sys.modules["boto3"], "DEFAULT_SESSION", None)

    marker = request.node.get_closest_marker("local_sagemaker")
    arguments, settings = ((), {}) if marker is None else (marker.args, marker.kwargs)
    with LocalSageMaker(*arguments, **settings) as local:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                monkeypatch.delenv(name)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1", prepend=",")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, os.devnull)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name, value in local.environment.items():
            monkeypatch.setenv(name, value)
        request.node.stash[_LOCAL] = local
        yield local


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the endpoint's refusals to the report of a failed test."""
    report = yield
    local = item.stash.get(_LOCAL, None)
    if report.when == "call" and report.failed and local is not None:
        from .notebooks.refusals import refusals

        said = refusals(local.service.journal.entries())
        report.sections.append(("local SageMaker", said or "It refused nothing."))
    return report
