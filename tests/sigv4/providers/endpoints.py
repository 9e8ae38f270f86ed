"""Helps the tests of the providers: an endpoint with scripted answers, and the text of a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigv4 import ConfigError, Credentials, CredentialsError, Request, Response
from sigv4.config.profiles import Profile
from sigv4.config.shared_config import merged
from sigv4.providers import profile
from sigv4.providers.sources import Sources

SECRET = "THE-SECRET-KEY"
KEYS = {
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": SECRET,
    "Token": "TOKEN",
    "Expiration": "2026-03-04T05:06:07Z",
}
EXPIRES = 1772600767


def answer(**changes: Any) -> bytes:
    return json.dumps({**KEYS, **changes}).encode()


class Endpoint:
    """Records requests and answers them from a script; the last answer is repeated."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers, self.requests = list(answers), list[Request]()
        self.last: Response | Exception = AssertionError("no request was expected")

    def __call__(self, request: Request, seconds: float) -> Response:
        self.requests.append(request)
        if self.answers:
            self.last = self.answers.pop(0)
        if isinstance(self.last, Exception):
            raise self.last
        return self.last


def refused(call: Callable[[], object]) -> str:
    """The text of a CredentialsError or ConfigError; also checks that no frame of it contains the secret."""
    with pytest.raises((ConfigError, CredentialsError)) as caught:
        call()
    trace = caught.value.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "sigv4" in name and "tests" not in name:
            assert SECRET not in repr(trace.tb_frame.f_locals), name
        trace = trace.tb_next
    assert SECRET not in str(caught.value)
    return str(caught.value)


def environ_of(tmp_path: Path, text: str = "", **more: str) -> dict[str, str]:
    (tmp_path / "config").write_text(text)
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        **more,
    }


def no_program(words: list[str]) -> tuple[int, bytes, bytes]:
    raise AssertionError(words)


def found_in(text: str, credentials: str = "", run: Any = no_program, **more: Any) -> Credentials | None:
    """The credentials of the profile ``default`` in these files."""
    config = merged(("config", f"[default]\n{text}"), ("credentials", f"[default]\n{credentials}"))
    sources = Sources(
        more.pop("environ", {"AWS_REGION": "eu-west-1"}), run=run, clock=lambda: EXPIRES - 3600, **more
    )
    return profile.find(Profile("default", "default", config.profiles["default"], config), sources)
