"""The commands in docs/local.md for other tools work as written; two identities call at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api.local import Identity, LocalSageMaker, Policy
from sigv4 import Credentials

from .test_real_clients import curl_that_signs

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.interop

PAGE = (Path(__file__).parents[3] / "docs" / "local.md").read_text("utf-8")
ALL = Policy.parse(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "all"
)


def test_the_example_of_the_page_passes_unchanged(pytester: pytest.Pytester) -> None:
    for name in ("boto3", "requests"):
        pytest.importorskip(name)
    found = re.search(r"^```python\n(def test_.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    pytester.makepyfile(f"import boto3\nimport requests\n{found[1]}")
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_curl_command_of_the_page_lists_the_instances() -> None:
    curl_that_signs()
    found = re.search(r"^\| curl \| `(.*?)` \|$", PAGE, re.MULTILINE)
    assert found is not None
    with LocalSageMaker({"nb": "InService"}, region="eu-west-1") as local:
        environment = {**os.environ, **local.environment, "NO_PROXY": "127.0.0.1"}
        command = ["sh", "-c", f"{found[1]} --silent"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    listed = json.loads(done.stdout)["NotebookInstances"]
    assert [each["NotebookInstanceName"] for each in listed] == ["nb"]


def test_two_identities_call_with_boto3_at_once_and_each_is_recognised() -> None:
    boto3 = pytest.importorskip("boto3")
    from botocore.config import Config
    from botocore.exceptions import ClientError

    users = {
        name: Identity(
            f"arn:aws:iam::123456789012:user/{name}",
            Credentials(f"AKID{name.upper()}", f"secret-of-{name}", token),
            policies,
        )
        for name, token, policies in (("alice", None, [ALL]), ("bob", "bobs-token", []))
    }
    with LocalSageMaker({"nb": "InService"}, identities=users.values()) as local:
        settings = Config(retries={"total_max_attempts": 1}, proxies={})

        def client(name: str) -> Any:
            keys = users[name].credentials
            return boto3.session.Session(
                keys.access_key_id, keys.secret_access_key, keys.session_token, "us-east-1"
            ).client("sagemaker", endpoint_url=local.url, config=settings)

        clients = {name: client(name) for name in users}

        def mint(name: str) -> str:
            try:
                answer = clients[name].create_presigned_notebook_instance_url(NotebookInstanceName="nb")
            except ClientError as error:
                message = error.response["Error"]["Message"]
                assert f"User: {users[name].arn} is not authorized" in message
                return str(error.response["Error"]["Code"])
            return str(answer["AuthorizedUrl"])

        with ThreadPoolExecutor(8) as pool:
            asked = ["alice", "bob"] * 20
            answers = list(pool.map(mint, asked))
        for each in clients.values():
            each.close()
    assert set(answers[1::2]) == {"AccessDeniedException"}
    assert len(set(answers[::2])) == 20
    assert all(url.startswith(local.url) for url in answers[::2])


BESIDE_MOTO = """
    import boto3
    from moto import mock_aws

    @mock_aws(config={"core": {"mock_credentials": False}})
    def test_both(local_sagemaker):
        boto3.client("s3").create_bucket(Bucket="results")
        answer = boto3.client("sagemaker").create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")
        assert answer["AuthorizedUrl"].startswith(local_sagemaker.url)
        assert [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]] == ["results"]
"""


def test_moto_mocks_the_other_services_in_the_same_test(pytester: pytest.Pytester) -> None:
    for package in ("boto3", "moto"):
        pytest.importorskip(package)
    assert '@mock_aws(config={"core": {"mock_credentials": False}})' in PAGE
    pytester.makepyfile(BESIDE_MOTO)
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-W", "ignore::DeprecationWarning")
    done.assert_outcomes(passed=1)
