"""The chain of providers: its order, its report on each provider, and when it gets new credentials."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from sigv4 import Credentials, CredentialsError, Request, Response
from sigv4.config.profiles import Profile
from sigv4.config.shared_config import merged
from sigv4.providers import sso
from sigv4.providers.chain import Chain, masked
from sigv4.providers.fetch import Unreachable
from sigv4.providers.profile import find
from sigv4.providers.sources import Sources
from tests.sigv4.providers.endpoints import (
    EXPIRES,
    SECRET,
    Endpoint,
    answer,
    environ_of,
    refused,
)

STATIC = f"[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {SECRET}\n[profile p]\naws_access_key_id = AKIDP\naws_secret_access_key = {SECRET}\n[profile empty]\nregion = x\n"
ENV = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize(
    ("name", "variables", "key_id"),
    [
        (None, ENV, "AKIDENV"),
        (None, {**ENV, "AWS_PROFILE": "p"}, "AKIDENV"),  # the profile in the variable does not come first
        ("p", ENV, "AKIDP"),
        (None, {}, "AKIDPROFILE"),
        (None, {"AWS_PROFILE": "p"}, "AKIDP"),
        ("empty", ENV, "ASIAEXAMPLE"),
        (None, {"AWS_PROFILE": "empty"}, "ASIAEXAMPLE"),
    ],
)
def test_the_order_of_the_chain(
    tmp_path: Path, name: str | None, variables: dict[str, str], key_id: str
) -> None:
    environ = environ_of(tmp_path, STATIC, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x", **variables)
    chain = Chain(
        name, environ=environ, fetch=Endpoint(Response(200, {}, answer())), clock=lambda: EXPIRES - 3600
    )
    assert chain().access_key_id == key_id
    assert [why for _, why in chain.why() if why.startswith(f"found {masked(key_id)}: ")]
    assert key_id not in repr(chain.why())
    assert SECRET not in repr(chain) + repr(chain.why())


def test_nothing_is_sent_unless_nothing_else_applies(tmp_path: Path) -> None:
    endpoint = Endpoint()
    for text, variables in ((STATIC, {}), ("", ENV)):
        Chain(environ=environ_of(tmp_path, text, **variables), fetch=endpoint)()
    assert endpoint.requests == []
    environ = environ_of(tmp_path, "", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x")
    endpoint = Endpoint(*[Unreachable("x")] * 3)
    refused(Chain(environ=environ, fetch=endpoint))
    assert all(
        "169.254.170.2" in each.url for each in endpoint.requests
    )  # with a container, the instance metadata is not asked


def test_where_nothing_is_found_each_provider_says_why(tmp_path: Path) -> None:
    chain = Chain(environ=environ_of(tmp_path, AWS_EC2_METADATA_DISABLED="true"))
    with pytest.raises(CredentialsError, match=r"^Unable to locate credentials$") as caught:
        chain()
    assert caught.value.tried == (
        "environment: AWS_ACCESS_KEY_ID is not set",
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "profile: the profile 'default' is in neither file",
        "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set",
        "instance metadata: AWS_EC2_METADATA_DISABLED is true",
        f"shared files: {tmp_path / 'none'} (AWS_SHARED_CREDENTIALS_FILE) does not exist",
    )
    assert chain.why()[-1] == ("instance metadata", "AWS_EC2_METADATA_DISABLED is true")


def test_why_names_the_places_and_the_providers_that_were_passed_over_or_not_asked(tmp_path: Path) -> None:
    text = f"[default]\ncredential_process = {sys.executable} -c 'print(1)'\n"
    keys = f"[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {SECRET}\n"
    environ = environ_of(tmp_path, text, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x")
    file = tmp_path / "credentials"
    file.write_text(keys)
    environ["AWS_SHARED_CREDENTIALS_FILE"] = str(file)
    config = environ["AWS_CONFIG_FILE"]
    assert Chain(environ=environ, fetch=Endpoint()).why() == (
        ("environment", "AWS_ACCESS_KEY_ID is not set"),
        ("web identity", "AWS_WEB_IDENTITY_TOKEN_FILE is not set"),
        (
            "profile",
            f"found ****************FILE: {file}:2 aws_access_key_id (before {config}:2 credential_process)",
        ),
        ("container", "not asked"),
        ("instance metadata", "not asked"),
    )
    assert Chain(environ={**environ, **ENV}, fetch=Endpoint()).why() == (
        ("environment", "found ****************DENV: AWS_ACCESS_KEY_ID"),
        ("all others", "not asked"),
    )


def test_the_two_keys_of_one_provider_do_not_pass_over_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sso, "find", lambda profile, sources: Credentials("A", SECRET))
    text = "[default]\nsso_account_id = 1\nsso_role_name = r\ncredential_process = p\n"
    config = merged(("config", text), ("credentials", ""))
    sources = Sources({})
    assert find(Profile("default", "default", config.profiles["default"], config), sources) is not None
    assert sources.trail == ["config:2 sso_account_id (before config:4 credential_process)"]


class Rotating:
    """A container endpoint whose credentials are valid for an hour of ``clock``."""

    def __init__(self) -> None:
        self.now, self.count, self.fails, self.inside, self.most = float(EXPIRES), 0, False, 0, 0
        self.lock = threading.Lock()

    def __call__(self, request: Request, seconds: float) -> Response:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.001)  # lets the other threads run: one that asked, too, would be inside now
        with self.lock:
            self.inside -= 1
            if self.fails:
                raise Unreachable("h: TimeoutError")
            self.count += 1
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now + 3600))
        return Response(200, {}, answer(AccessKeyId=f"ASIA{self.count}", Expiration=ends))


def rotating(tmp_path: Path) -> tuple[Rotating, Chain]:
    source = Rotating()
    environ = environ_of(tmp_path, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x")
    return source, Chain(environ=environ, fetch=source, clock=lambda: source.now)


def test_credentials_are_kept_and_refreshed_before_they_expire(tmp_path: Path) -> None:
    source, chain = rotating(tmp_path)
    start = source.now
    for after, key_id in ((0, "ASIA1"), (2699, "ASIA1"), (2701, "ASIA2"), (2702, "ASIA2")):
        source.now = start + after
        assert chain().access_key_id == key_id
    source.fails = True
    source.now = start + 2701 + 2750  # new ones are optional: the old ones are still valid
    assert chain().access_key_id == "ASIA2"
    source.now = start + 2701 + 3100  # new ones are needed
    assert "TimeoutError" in refused(chain)
    source.fails = False
    assert chain().access_key_id == "ASIA3"


def test_credentials_that_have_expired_already_are_refused(tmp_path: Path) -> None:
    environ = environ_of(tmp_path, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x")
    chain = Chain(environ=environ, fetch=Endpoint(Response(200, {}, answer())), clock=lambda: EXPIRES)
    assert "are still expired" in refused(chain)
