"""The flags of the local endpoint and of every call: how each is read, and which values are refused."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api.call import UNSIGNED
from sagemaker_api.cli import client_flags, local, serving
from sagemaker_api.cli.client_flags import add_client_flags, global_flags
from sagemaker_api.client_arguments import check_seconds
from sagemaker_api.errors import ConfigError
from sagemaker_api.local import Limits
from sagemaker_api.local.serving.server import Server


def parsed(add: Any, *words: str) -> Namespace:
    parser = ArgumentParser()
    add(parser)
    return parser.parse_args([*words])


@pytest.mark.parametrize(
    ("flag", "words"),
    [("--url-form", ("path", "host")), ("--trust-forwarded", ("scheme", "vpc"))],
)
def test_a_flag_with_a_few_words_accepts_only_those(
    flag: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    name = flag[2:].replace("-", "_")
    for word in words:
        found = getattr(parsed(local.add_arguments, flag, word), name)
        assert found == (word if flag == "--url-form" else [word])
    with pytest.raises(SystemExit):
        parsed(local.add_arguments, flag, "other")
    assert "invalid choice" in capsys.readouterr().err


def test_the_defaults_of_the_local_endpoint() -> None:
    found = vars(parsed(local.add_arguments))
    for name, value in {
        "url_form": "path",
        "single_use": False,
        "trust_proxy": [],
        "trust_forwarded": [],
        "context": [],
        "delay": [],
        "fail": [],
        "limit": None,
        "fault": None,
        "seed": None,
        "notebook": None,
        "policy": None,
        "identity": None,
        "access_key_id": None,
        "secret_file": None,
        "session_token": None,
    }.items():
        assert found[name] == value, name


@pytest.mark.parametrize("asgi", [True, False])
@pytest.mark.parametrize("jupyter", [None, "", "/notebooks"])
@pytest.mark.parametrize("limits", [[], ["start=5"]])
def test_which_server_is_used(
    monkeypatch: pytest.MonkeyPatch, asgi: bool, jupyter: str | None, limits: list[str]
) -> None:
    monkeypatch.setattr(serving, "asgi", lambda directory, bounds: ("uvicorn", directory, bounds))
    options = Namespace(asgi=asgi, jupyter=jupyter, proxy_limit=limits)
    choose: Any = serving._server
    if asgi or jupyter is not None:
        assert choose(options) == ("uvicorn", jupyter, Limits(start=5.0) if limits else Limits())
    elif limits:
        with pytest.raises(ConfigError, match="--proxy-limit sets limits of the proxy to Jupyter"):
            choose(options)
    else:
        assert choose(options) is Server


def test_pairs_are_given_once() -> None:
    assert serving._pairs("--f", ["a=1", "b", "c=", "d=x=y"], "default") == {
        "a": "1",
        "b": "default",
        "c": "default",
        "d": "x=y",
    }
    with pytest.raises(ConfigError, match=r"^--f a is given twice: keep one$"):
        serving._pairs("--f", ["a=1", "a=2"], "")


# The AWS CLI's global options: https://docs.aws.amazon.com/cli/latest/reference/#options
SWITCHES = {
    "--debug",
    "--no-verify-ssl",
    "--no-paginate",
    "--no-sign-request",
    "--no-cli-pager",
    "--no-cli-auto-prompt",
}
VALUED = {
    "--endpoint-url",
    "--output",
    "--query",
    "--profile",
    "--region",
    "--color",
    "--ca-bundle",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--cli-binary-format",
}


def test_the_global_flags_of_the_aws_cli_are_accepted() -> None:
    switches, valued = global_flags()
    assert switches >= SWITCHES
    assert valued >= VALUED
    assert not switches & valued
    for flag in ("--no-cli-pager", "--no-cli-auto-prompt", "--no-paginate"):
        parsed(add_client_flags, flag)
    for flag in ("--cli-binary-format", "--cli-error-format"):
        parsed(add_client_flags, flag, "x")


@pytest.mark.parametrize("words", [("on",), ("off",), ("auto",)])
def test_the_colours_of_a_table(words: tuple[str]) -> None:
    assert parsed(add_client_flags, "--color", *words).color == words[0]
    assert parsed(add_client_flags).color == "auto"


class Client:
    """Replaces the client, and records its arguments."""

    made: list[dict[str, Any]]

    def __init__(self, **given: Any) -> None:
        Client.made.append(given)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), {}),
        (("--cli-connect-timeout", "5"), {"connect_timeout": 5.0, "deadline": 65.0}),
        (("--cli-read-timeout", "7"), {"read_timeout": 7.0, "deadline": 67.0}),
        (("--region", "eu-west-1"), {"region_name": "eu-west-1"}),
        (("--region", ""), {}),
        (("--endpoint-url", "http://h"), {"endpoint_url": "http://h"}),
        (("--profile", "p"), {"profile_name": "p"}),
        (("--no-verify-ssl",), {"verify": False}),
        (("--ca-bundle", "/ca"), {"verify": "/ca"}),
        (("--no-verify-ssl", "--ca-bundle", "/ca"), {"verify": False}),
        (("--no-sign-request",), {"credentials": UNSIGNED}),
    ],
)
def test_the_client_of_the_flags(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: dict[str, Any]
) -> None:
    Client.made = []
    monkeypatch.setattr(client_flags, "SageMaker", Client)
    with client_flags.client_of(parsed(add_client_flags, *words)):
        pass
    (given,) = Client.made
    usual = {"connect_timeout": 60.0, "read_timeout": 60.0, "deadline": 30.0}
    assert {name: value for name, value in given.items() if value is not None} == {**usual, **expected}


def test_an_unknown_form_of_output_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "text", "table", "yaml", "yaml-stream", "off"):
        assert client_flags.output_of(parsed(add_client_flags, "--output", name)) == name
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", "xml")
    with pytest.raises(ConfigError, match="xml"):
        client_flags.output_of(parsed(add_client_flags))


@pytest.mark.parametrize(
    ("words", "limits"),
    [
        ((), (60.0, 60.0, 30.0)),
        (("--cli-connect-timeout", "5"), (5.0, 60.0, 65.0)),
        (("--cli-read-timeout", "7"), (60.0, 7.0, 67.0)),
        (("--cli-read-timeout", "7", "--cli-connect-timeout", "0.5"), (0.5, 7.0, 7.5)),
        (("--cli-read-timeout", "0"), (60.0, 86400.0, 86400.0)),
        (("--cli-read-timeout", "86400"), (60.0, 86400.0, 86400.0)),
    ],
)
def test_the_time_limits_of_the_flags(words: tuple[str, ...], limits: tuple[float, float, float]) -> None:
    options = parsed(add_client_flags, *words)
    found = client_flags._time_limits(options.cli_connect_timeout, options.cli_read_timeout)
    assert found == limits
    check_seconds(connect=found[0], read=found[1], deadline=found[2])


@pytest.mark.parametrize("text", ["-1", "86401", "x", "nan"])
def test_values_that_are_not_times_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(add_client_flags, f"--cli-read-timeout={text}")
    assert f"'{text}': expected seconds, 0 to 86400" in capsys.readouterr().err
