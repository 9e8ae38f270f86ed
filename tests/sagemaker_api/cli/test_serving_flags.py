"""``sagemaker-api local`` in this process: what becomes of its flags, what it prints, and what it reads again."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api.cli import serving
from sagemaker_api.local import EXAMPLE, Limits, LocalSageMaker
from sagemaker_api.local.notebooks.instances import NO_CAPACITY
from sagemaker_api.local.serving.server import Server
from sigv4 import Credentials
from tests.sagemaker_api.cli.called import run

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
# No action of AWS matches it, so the statement is ignored, and named.
ODD = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sagemker:*", "Resource": "*"}}
ALICE = {"Arn": "arn:aws:iam::123456789012:user/alice", "AccessKeyId": "AKIDALICE", "SecretAccessKey": "sa"}
BOB = {"Arn": "arn:aws:iam::123456789012:user/bob", "AccessKeyId": "AKIDBOB", "SecretAccessKey": "sb"}


class Running:
    """Runs the verb; in place of its loop the function ``then`` is called with the endpoint."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.signals: list[Any] = []
        self.given: dict[str, Any] = {}
        self._patch = monkeypatch
        monkeypatch.setattr(signal, "signal", lambda *each: self.signals.append(each))

    def __call__(self, *flags: str, then: Callable[[LocalSageMaker], None] = lambda local: None) -> int:
        def until_ctrl_c(local: LocalSageMaker, *_: object) -> None:
            then(local)
            raise KeyboardInterrupt

        def make(notebooks: Any, **given: Any) -> LocalSageMaker:
            self.given = {"notebooks": notebooks, **given}
            return LocalSageMaker(notebooks, **given)

        made: Any = make
        made.default_arn = LocalSageMaker.default_arn
        self._patch.setattr(serving, "_keep_up", until_ctrl_c)
        self._patch.setattr(serving, "LocalSageMaker", made)
        return run("local", *flags)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Running:
    return Running(monkeypatch)


def test_without_flags_the_example_credentials_may_do_everything(
    local: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    urls: list[str] = []
    assert local(then=lambda running: urls.append(running.url)) == 0
    identities = local.given.pop("identities")
    assert [(each.arn, each.credentials, each.policies) for each in identities] == [
        (LocalSageMaker.default_arn("us-east-1", "123456789012"), EXAMPLE, None)
    ]
    assert local.given == {
        "notebooks": {"my-notebook": "InService"},
        "region": "us-east-1",
        "account_id": "123456789012",
        "host": "127.0.0.1",
        "port": 0,
        "delays": {},
        "failing": {},
        "limit": None,
        "context": {},
        "faults": None,
        "seed": None,
        "single_use": False,
        "url_form": "path",
        "trusted_proxies": [],
        "forwarded": [],
        "server": Server,
        "on_verdict": serving._report,
    }
    assert local.signals == [(signal.SIGTERM, signal.default_int_handler)]
    first, *exports, control, ends, empty, ended = capsys.readouterr().out.splitlines()
    assert first.startswith("# SageMaker is listening; ")
    assert "export AWS_ACCESS_KEY_ID=AKIDEXAMPLE" in exports
    assert f"export AWS_SECRET_ACCESS_KEY={EXAMPLE.secret_access_key}" in exports
    assert f"export AWS_ENDPOINT_URL_SAGEMAKER={urls[0]}" in exports
    assert not [line for line in exports if not line.startswith("export ")]
    assert control.startswith(f"# Control page: {urls[0]}/")
    assert (ends, empty, ended) == ("# Ctrl-C ends it.", "", "# ended")


def test_each_flag_reaches_the_endpoint(local: Running) -> None:
    flags = (
        "--port 0 --notebook a --notebook b=Stopped --delay 2 --delay Pending=3.5 --fail c --fail d=why --limit 9 --seed 4 "
        "--fault slow:0.25 --region eu-west-1 --account-id 000000000001 --single-use --url-form host "
        "--trust-proxy 127.0.0.1 --trust-forwarded vpc --context aws:TagKeys=1 --context aws:MultiFactorAuthPresent --access-key-id AKIDOWN "
        "--secret-access-key own --session-token token"
    )
    assert local(*flags.split()) == 0
    found = local.given
    (identity,) = found.pop("identities")
    assert identity.arn == LocalSageMaker.default_arn("eu-west-1", "000000000001")
    assert identity.credentials == Credentials("AKIDOWN", "own", "token")
    assert found.pop("faults").slow == 0.25
    assert found == {
        "notebooks": {"a": "InService", "b": "Stopped"},
        "region": "eu-west-1",
        "account_id": "000000000001",
        "host": "127.0.0.1",
        "port": 0,
        "delays": {"Pending": 3.5, "Stopping": 2.0, "Updating": 2.0, "Deleting": 2.0},
        "failing": {"c": NO_CAPACITY, "d": "why"},
        "limit": 9,
        "context": {"aws:TagKeys": ["1"], "aws:MultiFactorAuthPresent": None},
        "seed": 4,
        "single_use": True,
        "url_form": "host",
        "trusted_proxies": ["127.0.0.1"],
        "forwarded": ["vpc"],
        "server": Server,
        "on_verdict": serving._report,
    }


@pytest.mark.parametrize(
    ("flags", "asked"),
    [
        (["--jupyter"], (".", Limits())),
        (["--jupyter", "/n", "--proxy-limit", "start=5"], ("/n", Limits(start=5))),
        (["--asgi"], (None, Limits())),
        (["--asgi", "--proxy-limit", "message=5"], (None, Limits(message=5))),
    ],
)
def test_the_flags_of_the_proxy_to_jupyter(
    local: Running, monkeypatch: pytest.MonkeyPatch, flags: list[str], asked: tuple[Any, ...]
) -> None:
    given: list[tuple[Any, ...]] = []

    class Uvicorn(Server): ...

    def asgi(*arguments: Any) -> type[Server]:
        given.append(arguments)
        return Uvicorn

    monkeypatch.setattr(serving, "asgi", asgi)
    assert local(*flags) == 0
    assert given == [asked]
    assert local.given["server"] is Uvicorn


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--access-key-id A", "go together"),
        ("--secret-access-key S", "go together"),
        ("--session-token T", "go together"),
        ("--access-key-id A --secret-file /nothing/here", "--secret-file /nothing/here: No such file"),
        ("--access-key-id A --secret-access-key S --secret-file x", "both given: keep one"),
        ("--identity x --policy y", "leave out the other flags for them"),
        ("--identity x --access-key-id A", "leave out the other flags for them"),
        ("--identity x --session-token T", "leave out the other flags for them"),
        ("--notebook nb --notebook nb=Stopped", "--notebook nb is given twice: keep one"),
        ("--fail nb=a --fail nb=b", "--fail nb is given twice: keep one"),
        ("--delay long", "--delay 'long': expected seconds"),
        ("--delay Pending=long", "--delay 'Pending=long': expected seconds"),
        ("--delay Pending=1_0", "--delay 'Pending=1_0': expected seconds"),
        (
            "--proxy-limit start=5",
            "--proxy-limit sets limits of the proxy to Jupyter: give --jupyter or --asgi",
        ),
        ("--policy /nothing/here", "/nothing/here: No such file"),
    ],
)
def test_flags_that_cannot_be_served_are_refused(
    local: Running, capsys: pytest.CaptureFixture[str], flags: str, words: str
) -> None:
    assert local(*flags.split()) == 253
    assert words in capsys.readouterr().err
    assert local.given == {}


def test_identities_of_files_are_announced_without_their_secrets(
    local: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, entry in (
        ("a", {**ALICE, "SessionToken": "MARKERtoken", "SecretAccessKey": "MARKER"}),
        ("b", BOB),
    ):
        (tmp_path / name).write_text(json.dumps([entry]))
    assert local("--identity", str(tmp_path / "a"), "--identity", str(tmp_path / "b"), "--shell", "fish") == 0
    out = capsys.readouterr().out
    assert "set -gx AWS_ACCESS_KEY_ID 'AKIDALICE'\n" in out
    assert "# AWS_SECRET_ACCESS_KEY: the one you gave\n" in out
    assert "# AWS_SESSION_TOKEN: the one you gave\n" in out
    assert "# also known: AKIDBOB, arn:aws:iam::123456789012:user/bob\n" in out
    assert "AKIDALICE, arn" not in out
    assert "MARKER" not in out


def test_a_secret_on_the_command_line_is_warned_of(
    local: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    told = " on the command line shows in process lists and shell history"
    for flags, expected in (
        (["--secret-access-key", "S", "--session-token", "T"], ["--secret-access-key", "--session-token"]),
        (["--secret-access-key", "S"], ["--secret-access-key"]),
    ):
        assert local("--access-key-id", "A", *flags) == 0
        assert capsys.readouterr().err.splitlines() == [f"{flag}{told}" for flag in expected]


class Files:
    """Runs the loop of the verb, and writes a file in each of its pauses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *writes: tuple[Path, Any]) -> None:
        self.pauses: list[float] = []
        self._writes = list(writes)
        monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=self._sleep))

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if not self._writes:
            raise KeyboardInterrupt
        path, content = self._writes.pop(0)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def keep_up(self, local: LocalSageMaker, **flags: Any) -> None:
        given = dict.fromkeys(("access_key_id", "secret_access_key", "secret_file", "session_token"))
        options: Any = SimpleNamespace(**{"identity": None, "policy": None, **given, **flags})
        with pytest.raises(KeyboardInterrupt):
            serving._keep_up(local, options, serving._stamps(options))


def test_a_policy_that_changes_in_its_file_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(ALLOW))
    local = LocalSageMaker()
    files = Files(monkeypatch, (tmp_path / "another", "x"), (file, "{"), (file, DENY), (file, ODD))
    files.keep_up(local, policy=[str(file)])
    out, err = capsys.readouterr()
    assert files.pauses == [0.5] * 5
    assert out == "# identities and policies: read again\n" * 2
    refused, ignored = err.splitlines()
    assert refused.startswith(f"not applied, the earlier policies stay in force: {file} is not JSON")
    assert ignored.startswith("ignored: ")
    (identity,) = local.identities
    (policy,) = identity.policies or ()
    assert policy.set_aside
    local.stop()


def test_identities_and_their_policies_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, policy = tmp_path / "identities.json", tmp_path / "policy.json"
    policy.write_text(json.dumps(ALLOW))
    file.write_text(json.dumps([{**ALICE, "Policies": ["policy.json"]}, BOB]))
    local = LocalSageMaker()
    files = Files(monkeypatch, (policy, ODD), (file, "["), (file, [BOB]), (policy, DENY))
    files.keep_up(local, identity=[str(file)])
    out, err = capsys.readouterr()
    assert out == "# identities and policies: read again\n" * 2
    assert [line.partition(":")[0] for line in err.splitlines()] == [
        "ignored",
        "not applied, the earlier policies stay in force",
    ]
    assert [each.credentials.access_key_id for each in local.identities] == ["AKIDBOB"]
    local.stop()
