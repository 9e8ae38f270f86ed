"""``sagemaker-api local``: its flags, and files that change while it runs."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from sagemaker_api import ServiceError
from sigv4 import Credentials
from tests.sagemaker_api.cli.running import running
from tests.waiting import wait_until

pytestmark = pytest.mark.slow  # .ci/run runs these, since they take some seconds

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def test_a_policy_that_is_removed_in_its_file_ends_the_session(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(ALLOW))
    with (
        running("--policy", str(file)) as local,
        httpx.Client(trust_env=False, follow_redirects=True) as browser,
    ):
        page = f"{local.url}/notebook/my-notebook/"
        assert browser.get(local.mint()).status_code == 200
        file.write_text("{")
        assert local.complaint().startswith(
            f"not applied, the earlier policies stay in force: {file} is not JSON"
        )
        assert browser.get(page).status_code == 200
        file.write_text(json.dumps(DENY))
        assert local.line() == "# identities and policies: read again"
        assert browser.get(page).status_code == 403
        with pytest.raises(ServiceError, match="with an explicit deny in an identity-based policy"):
            local.mint()


def test_identities_are_added_and_removed_with_their_file(tmp_path: Path) -> None:
    file = tmp_path / "identities.json"
    (tmp_path / "policy.json").write_text(json.dumps(ALLOW))
    alice, bob = (
        {
            "Arn": f"arn:aws:iam::123456789012:user/{name}",
            "AccessKeyId": f"AKID{name.upper()}",
            "SecretAccessKey": f"MARKER{name}",
            "Policies": ["policy.json"],
        }
        for name in ("alice", "bob")
    )
    file.write_text(json.dumps([alice, bob]))
    with (
        running("--identity", str(file)) as local,
        httpx.Client(trust_env=False, follow_redirects=True) as browser,
    ):
        assert "MARKER" not in "".join(local.said)
        assert "# AWS_SECRET_ACCESS_KEY: the one you gave" in local.said
        assert "# also known: AKIDBOB, arn:aws:iam::123456789012:user/bob" in local.said
        page = f"{local.url}/notebook/my-notebook/"
        assert browser.get(local.mint(Credentials("AKIDBOB", "MARKERbob"))).url == page
        (tmp_path / "policy.json").write_text(json.dumps(DENY))
        assert local.line() == "# identities and policies: read again"
        assert browser.get(page).status_code == 403
        file.write_text(json.dumps([alice]))
        assert local.line() == "# identities and policies: read again"
        assert browser.get(page).url == f"{local.url}/sign-in"
        with pytest.raises(ServiceError) as refused:
            local.mint(Credentials("AKIDBOB", "MARKERbob"))
        assert refused.value.code == "UnrecognizedClientException"


def test_the_flags_reach_the_endpoint() -> None:
    flags = ["--delay", "Pending=0.2", "--fail", "broken=out of luck", "--single-use", "--seed", "1"]
    flags += ["--notebook", "my-notebook", "--notebook", "broken=Stopped", "--notebook", "later=Stopped"]
    flags += [
        "--fault",
        "slow:0.1",
        "--trust-proxy",
        "127.0.0.1",
        "--trust-forwarded",
        "scheme",
        "--account-id",
        "000000000001",
    ]
    with running(*flags) as local, local.client() as client, httpx.Client(trust_env=False) as browser:
        url = local.mint()
        first = browser.get(url, headers={"X-Forwarded-Proto": "https"})
        assert first.headers["set-cookie"].endswith("; Secure")
        assert browser.get(url).headers["location"] == "/sign-in"

        def described(name: str) -> dict[str, object]:
            return dict(client.call("DescribeNotebookInstance", {"NotebookInstanceName": name}))

        for name in ("later", "broken"):
            client.call("StartNotebookInstance", {"NotebookInstanceName": name})
        wait_until(lambda: described("later")["NotebookInstanceStatus"] == "InService")
        wait_until(lambda: described("broken").get("FailureReason") == "out of luck")
        assert ":000000000001:" in str(described("later")["NotebookInstanceArn"])
        (control,) = [line for line in local.said if line.startswith("# Control page: ")]
        page = browser.get(f"{control.rpartition(' ')[2]}state")
        assert "out of luck" in page.text
