"""What a provider gets from its caller: the environment, the profile, the clock, the arguments and the limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from sigv4 import Credentials, CredentialsError, Request, Response
from sigv4.config.profiles import Profile
from sigv4.config.settings import ClientArguments
from sigv4.config.shared_config import merged
from sigv4.providers import container, environment, fetch as fetch_module, login, process, profile
from sigv4.providers.chain import Chain, default_chain
from sigv4.providers.sources import Sources
from tests.sigv4.providers import test_sso
from tests.sigv4.providers.endpoints import (
    KEYS,
    SECRET,
    Endpoint,
    answer,
    environ_of,
    found_in,
    refused,
)
from tests.sigv4.providers.roles import NOW, STATIC, Hosts, find, xml

IDENTITY = "[default]\nrole_arn = x/1\nrole_session_name = mine\nregion = eu-west-1\nweb_identity_token_file = ~/token\n"
SIGNED = f"[profile a]\nrole_arn = x/1\nsource_profile = a\n{STATIC}"


class Sts:
    """Gives the credentials of every role; records the forms of the requests, and the limits of their time."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.seconds: list[float] = []

    def __call__(self, request: Request, seconds: float) -> Response:
        self.forms.append(dict(parse_qsl(request.body.decode())))
        self.seconds.append(seconds)
        return Response(200, {}, xml(self.forms[-1]["Action"]))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("one.two")
    return tmp_path


# --- roles


def test_a_signed_request_needs_a_region_also_at_a_configured_endpoint(home: Path) -> None:
    environ = {"HOME": str(home), "AWS_ENDPOINT_URL_STS": "https://sts.example"}
    assert refused(lambda: find(SIGNED, Endpoint(), environ=environ)) == "You must specify a region."
    identity = "[profile a]\nrole_arn = x/1\nweb_identity_token_file = ~/token\n"
    assert find(identity, Hosts(), environ=environ) is not None
    variables = {**environ, "AWS_WEB_IDENTITY_TOKEN_FILE": f" {home / 'token'} ", "AWS_ROLE_ARN": "x/1"}
    assert (
        Chain(environ=environ_of(home, **variables), fetch=Hosts(), clock=lambda: NOW)().access_key_id
        == "ASIA1"
    )


@pytest.mark.parametrize(
    ("path", "good"),
    [("~/token", True), ("HOME/token", True), ("token", False), ("./token", False), ("~/none", False)],
)
@pytest.mark.parametrize("of_profile", [True, False])
def test_the_path_of_a_token_file_is_read_in_the_given_environment(
    home: Path, path: str, good: bool, of_profile: bool
) -> None:
    environ = {"HOME": str(home), "AWS_REGION": "eu-west-1"}
    path = path.replace("HOME", str(home))
    text, origin = f"[default]\nrole_arn = x/1\nweb_identity_token_file = {path}\n", f"{home / 'config'}:3"
    if not of_profile:
        text, origin = "[default]\nrole_arn = x/1\n[profile b]\n", "AWS_WEB_IDENTITY_TOKEN_FILE"
        environ["AWS_WEB_IDENTITY_TOKEN_FILE"] = path
        text = text.replace("role_arn = x/1\n", "")
        environ["AWS_ROLE_ARN"] = "x/1"
    chain = Chain(environ=environ_of(home, text, **environ), fetch=Sts(), clock=lambda: NOW)
    if good:
        assert chain().access_key_id == "ASIAROLE"
    else:
        said = refused(chain)
        expected = f"{home / 'none'}: No such file" if "none" in path else f"{origin}: the path {path!r} is "
        assert said.startswith(expected)


@pytest.mark.parametrize(
    ("name", "variables", "role", "session"),
    [
        (None, {}, "x/1", "mine"),
        (None, {"AWS_ROLE_ARN": "x/2", "AWS_ROLE_SESSION_NAME": "s"}, "x/2", "s"),
        (None, {"AWS_PROFILE": "default", "AWS_ROLE_ARN": "x/2"}, "x/2", "mine"),
        ("default", {"AWS_ROLE_ARN": "x/2", "AWS_ROLE_SESSION_NAME": "s"}, "x/1", "mine"),
    ],
)
def test_the_variables_of_a_role_count_unless_a_profile_is_given(
    home: Path, name: str | None, variables: dict[str, str], role: str, session: str
) -> None:
    asked = Sts()
    environ = environ_of(home, IDENTITY, HOME=str(home), **variables)
    assert Chain(name, environ=environ, fetch=asked, clock=lambda: NOW)().access_key_id == "ASIAROLE"
    assert [(form["RoleArn"], form["RoleSessionName"]) for form in asked.forms] == [(role, session)]
    assert asked.seconds == [20.0]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (IDENTITY.replace("role_session_name = mine\n", ""), {}),
        (f"[default]\nrole_arn = x/1\nregion = eu-west-1\nsource_profile = default\n{STATIC}", {}),
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": "~/token", "AWS_ROLE_ARN": "x/1", "AWS_REGION": "eu-west-1"}),
    ],
)
def test_a_session_without_a_name_has_the_time_of_the_given_clock(
    home: Path, text: str, variables: dict[str, str]
) -> None:
    asked = Sts()
    environ = environ_of(home, text, HOME=str(home), **variables)
    Chain(environ=environ, fetch=asked, clock=lambda: NOW + 0.9)()
    assert asked.forms[0]["RoleSessionName"] == f"sigv4-session-{NOW}"
    assert asked.seconds == [20.0]


@pytest.mark.parametrize("file", ["config", "credentials"])
def test_a_profile_in_one_file_only(file: str) -> None:
    for text, key_id in (("region = x", None), (STATIC, "AKIDSOURCE"), (f"role_arn = x/1\nsource_profile = a\n{STATIC}", "ASIAROLE")):  # fmt: skip
        head = "profile a" if file == "config" else "a"
        texts = {"config": "", "credentials": "", file: f"[{head}]\n{text}\n"}
        config = merged(("config", texts["config"]), ("credentials", texts["credentials"]))
        given = Sources({"AWS_REGION": "eu-west-1"}, fetch=Sts(), clock=lambda: NOW)
        found = profile.find(Profile("a", "argument", config.profiles["a"], config), given)
        assert (found and found.access_key_id) == key_id


def test_the_instance_metadata_of_a_source_are_those_of_the_requested_profile() -> None:
    text = "[profile a]\nrole_arn = x/1\nsource_profile = b\nec2_metadata_service_endpoint = http://a:1\nec2_instance_profile_name = of-a\n[profile b]\nrole_arn = x/2\ncredential_source = Ec2InstanceMetadata\nec2_metadata_service_endpoint = http://b:1\nec2_instance_profile_name = of-b\n"
    urls: list[str] = []

    def fetch(request: Request, seconds: float) -> Response:
        urls.append(request.url)
        if "sts." in request.url:
            return Response(200, {}, xml())
        return Response(200, {}, b"token" if request.url.endswith("/token") else answer())

    assert find(text, fetch) is not None
    role = "http://a:1/latest/meta-data/iam/security-credentials/of-a"
    assert urls == ["http://a:1/latest/api/token", role, *["https://sts.eu-west-1.amazonaws.com/"] * 2]


def test_a_role_kept_on_disk_is_named_in_the_trail(home: Path) -> None:
    text = SIGNED.replace("x/1\n", "x/1\nmfa_serial = arn:mfa\n").replace("profile a]", "default]")
    text = text.replace("source_profile = a", "source_profile = default")
    environ = environ_of(home, text, HOME=str(home), AWS_REGION="eu-west-1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda text: "123456")
        assert Chain(environ=environ, fetch=Sts(), clock=lambda: NOW)().access_key_id == "ASIAROLE"
    chain = Chain(environ=environ, fetch=Endpoint(), clock=lambda: NOW)
    assert chain().access_key_id == "ASIAROLE"
    assert f"; kept in {home}/.aws/cli/cache/" in dict(chain.why())["profile"]


# --- programs, containers, aws login


@pytest.mark.parametrize(
    ("setting", "variables", "seconds"),
    [
        ("", {}, 60.0),
        ("credential_process_timeout = 7\n", {}, 7.0),
        ("credential_process_timeout = 7\n", {"AWS_CREDENTIAL_PROCESS_TIMEOUT": "8"}, 8.0),
    ],
)
def test_a_program_gets_the_time_that_is_configured(
    monkeypatch: pytest.MonkeyPatch, setting: str, variables: dict[str, str], seconds: float
) -> None:
    asked: list[tuple[list[str], float]] = []

    def run(words: list[str], seconds: float) -> tuple[int, bytes, bytes]:
        asked.append((words, seconds))
        return 0, json.dumps({"Version": 1, **KEYS}).encode(), b""

    monkeypatch.setattr(process, "run", run)
    assert found_in(f"{setting}credential_process = a b", run=None, environ=variables) is not None
    assert asked == [(["a", "b"], seconds)]


def test_the_token_file_of_a_container_is_in_the_given_home(home: Path) -> None:
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x", "HOME": str(home)}
    name, limits = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", list[float]()

    def fetch(request: Request, seconds: float) -> Response:
        limits.append(seconds)
        assert dict(request.headers)["Authorization"] == "one.two"
        return Response(200, {}, answer())

    assert container.find({**environ, name: " ~/token "}, fetch) is not None
    assert limits == [2.0]
    said = refused(lambda: container.find({**environ, name: "token"}, Endpoint()))
    assert said.startswith(f"{name}: the path 'token' is relative")


def test_the_cache_of_aws_login_is_in_the_given_home() -> None:
    name = "AWS_LOGIN_CACHE_DIRECTORY"
    assert login.cache_file("s", {"HOME": "/h", name: " ~/c "}).startswith(
        "/h/c/043a718774c572bd8a25adbeb1bf"
    )
    said = refused(lambda: login.cache_file("s", {name: "c"}))
    assert said.startswith(f"{name}: the path 'c' is relative")


# --- the chain


@pytest.mark.parametrize(
    ("arguments", "variables", "verify", "app_id"),
    [
        (None, {}, True, ""),
        (ClientArguments(verify=False), {"AWS_CA_BUNDLE": "/env.pem"}, False, ""),
        (ClientArguments(verify="/ca.pem"), {}, "/ca.pem", ""),
        (None, {"AWS_CA_BUNDLE": "/env.pem", "AWS_SDK_UA_APP_ID": "app"}, "/env.pem", "app"),
    ],
)
def test_the_chain_asks_with_the_settings_of_its_caller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: Any, variables: dict[str, str], verify: Any, app_id: str
) -> None:  # fmt: skip
    asked: list[dict[str, Any]] = []

    def fetch(request: Request, seconds: float, **more: Any) -> Response:
        asked.append(more)
        return Response(200, {}, answer())

    monkeypatch.setattr(fetch_module, "fetch", fetch)
    environ = environ_of(tmp_path, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x", **variables)
    assert Chain(environ=environ, clock=lambda: NOW, arguments=arguments)().access_key_id == "ASIAEXAMPLE"
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("time.time", lambda: NOW)
    assert default_chain("", arguments)._load().credentials.access_key_id == "ASIAEXAMPLE"
    assert asked == [{"environ": given, "verify": verify, "app_id": app_id} for given in (environ, None)]


def test_the_default_chain_has_the_profile_and_the_environment_of_this_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environ_of(tmp_path, f"[profile p]\n{STATIC}").items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    assert default_chain("p")() == Credentials("AKIDSOURCE", SECRET)
    assert repr(default_chain("p")) == "Chain(profile_name='p')"
    assert default_chain()() == default_chain("")() == environment.find() == Credentials("AKIDENV", "s")


def test_the_arguments_of_the_caller_reach_roles_and_web_identities(home: Path) -> None:
    given = ClientArguments(region="eu-north-1")
    for text, variables in (
        (f"[default]\nrole_arn = x/1\nsource_profile = default\n{STATIC}", {}),
        ("", {"AWS_WEB_IDENTITY_TOKEN_FILE": str(home / "token"), "AWS_ROLE_ARN": "x/1"}),
    ):
        hosts = Hosts()
        chain = Chain(environ=environ_of(home, text, AWS_REGION="eu-west-1", **variables), fetch=hosts, clock=lambda: NOW, arguments=given)  # fmt: skip
        assert chain().access_key_id == "ASIA1"
        assert hosts.seen[0][0] == "sts.eu-north-1.amazonaws.com"
    expected = f"found ****************SIA1: AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN: {home / 'token'}"
    assert dict(chain.why())["web identity"] == expected


def test_two_searches_of_a_chain_refresh_a_token_once_a_minute(tmp_path: Path) -> None:
    test_sso.cache(tmp_path, "my-sso", expiresAt=test_sso.SOON, **test_sso.REFRESH)
    service = test_sso.Service(token=Response(400, {}, b"{}"))
    environ = environ_of(tmp_path, test_sso.SESSION, HOME=str(tmp_path))
    chain = Chain("a", environ=environ, fetch=service, clock=lambda: NOW)
    chain.forget(chain())
    assert chain().access_key_id == "ASIASSO"
    assert [each.url.rpartition("/")[2].partition("?")[0] for each in service.requests] == ["token", "credentials", "credentials"]  # fmt: skip


def test_a_refusal_lists_what_was_tried_until_then(tmp_path: Path) -> None:
    nothing = ("environment: AWS_ACCESS_KEY_ID is not set", "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set")  # fmt: skip
    chain = Chain(environ=environ_of(tmp_path, "[default]\naws_access_key_id = A\n"))
    with pytest.raises(CredentialsError) as caught:
        chain()
    said = f"Partial credentials found in {tmp_path / 'config'}, missing: aws_secret_access_key"
    assert str(caught.value) == said
    assert caught.value.tried == (*nothing, f"profile: {said}")
    chain = Chain(environ=environ_of(tmp_path, "[default]\nrole_arn = r\nregion = eu-west-1\n"))
    said = refused(chain)
    assert chain.why() == (("environment", "AWS_ACCESS_KEY_ID is not set"), ("profile", said))
    chain = Chain("none", environ=environ_of(tmp_path))
    said = refused(chain)
    assert chain.why() == (("profile", said),)
