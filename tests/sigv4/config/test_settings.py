"""Settings come from an argument, else the environment, else the profile, else a default; each has its origin."""

from __future__ import annotations

import subprocess
import sys
import traceback
from typing import Any

import pytest

from sagemaker_api import SageMaker, ServiceError
from sigv4 import ConfigError, Credentials, CredentialsError
from sigv4.config.profiles import Profile
from sigv4.config.settings import Setting, resolve, resolve_each
from sigv4.config.shared_config import merged
from sigv4.providers.environment import find
from tests.sagemaker_api.scripted import ScriptedServer, http


def chosen(found: Setting) -> tuple[object, str]:
    return found.value, found.origin


OWN, ALL = "AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL"


@pytest.mark.parametrize(
    ("environ", "argument", "value", "origin"),
    [
        ({}, None, None, "default"),
        ({"AWS_DEFAULT_REGION": "d"}, None, "d", "AWS_DEFAULT_REGION"),
        ({"AWS_REGION": "r", "AWS_DEFAULT_REGION": "d"}, None, "r", "AWS_REGION"),
        ({"AWS_REGION": " ", "AWS_DEFAULT_REGION": "d"}, None, "d", "AWS_DEFAULT_REGION"),
        ({"AWS_REGION": "r"}, "a", "a", "argument"),
        ({"AWS_REGION": "r"}, "", "", "argument"),
    ],
)
def test_region(environ: dict[str, str], argument: str | None, value: str | None, origin: str) -> None:
    assert chosen(resolve("SageMaker", region=argument, environ=environ).region) == (value, origin)


@pytest.mark.parametrize(
    ("environ", "argument", "value", "origin"),
    [
        ({}, None, None, "default"),
        ({ALL: "http://all"}, None, "http://all", ALL),
        ({ALL: "http://all", OWN: "http://own"}, None, "http://own", OWN),
        ({ALL: "http://all", OWN: ""}, None, "http://all", ALL),
        ({ALL: "http://all", OWN: "http://own"}, "http://arg", "http://arg", "argument"),
        ({ALL: "http://all", OWN: "x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, None, None, "default"),
        ({ALL: "http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "1"}, None, "http://all", ALL),
        ({ALL: "x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "http://arg", "http://arg", "argument"),
    ],
)
def test_endpoint_url(environ: dict[str, str], argument: str | None, value: str | None, origin: str) -> None:
    found = resolve("SageMaker", endpoint_url=argument, environ=environ).endpoint_url
    assert chosen(found) == (value, origin)


def test_another_service_has_its_own_variable() -> None:
    found = resolve("SSO OIDC", environ={"AWS_ENDPOINT_URL_SSO_OIDC": "http://sso", OWN: "http://own"})
    assert found.endpoint_url == Setting("http://sso", "AWS_ENDPOINT_URL_SSO_OIDC")


@pytest.mark.parametrize(
    ("text", "argument", "value", "origin"),
    [
        ("true", None, True, "V"),
        ("True ", None, True, "V"),
        ("false", None, False, "V"),
        ("1", None, False, "V"),
        ("", None, False, "default"),
        ("true", False, False, "argument"),
        ("", True, True, "argument"),
    ],
)
def test_switches(text: str, argument: bool | None, value: bool, origin: str) -> None:
    fips, dual = "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"
    found = resolve(
        "SageMaker",
        use_fips_endpoint=argument,
        use_dualstack_endpoint=argument,
        environ={fips: text, dual: text},
    )
    assert chosen(found.use_fips_endpoint) == (value, fips if origin == "V" else origin)
    assert chosen(found.use_dualstack_endpoint) == (value, dual if origin == "V" else origin)


def test_ca_bundle() -> None:
    both = {"AWS_CA_BUNDLE": "/a", "REQUESTS_CA_BUNDLE": "/r"}
    assert resolve("SageMaker", environ=both).ca_bundle == Setting(
        "/a", "AWS_CA_BUNDLE", ("REQUESTS_CA_BUNDLE",)
    )
    assert resolve("SageMaker", environ={"REQUESTS_CA_BUNDLE": "/r"}).ca_bundle.value == "/r"
    assert resolve("SageMaker", ca_bundle="/arg", environ=both).ca_bundle.origin == "argument"


PROFILE = merged(
    ("config", "[default]\nretry_mode = Legacy\nmax_attempts = 4\nsdk_ua_app_id = my app\nca_bundle = /c\n"),
    ("credentials", ""),
)


def profile(text: str = "") -> Profile:
    config = merged(("config", f"[default]\n{text}"), ("credentials", "")) if text else PROFILE
    return Profile("default", "default", config.profiles["default"], config)


@pytest.mark.parametrize(
    ("environ", "mode", "attempts", "app_id"),
    [
        ({}, ("legacy", "config:2"), (4, "config:3"), ("my-app", "config:4")),
        (
            {"AWS_RETRY_MODE": "ADAPTIVE", "AWS_MAX_ATTEMPTS": " 1 ", "AWS_SDK_UA_APP_ID": "a/b(c)!"},
            ("adaptive", "AWS_RETRY_MODE"),
            (1, "AWS_MAX_ATTEMPTS"),
            ("a-b-c-!", "AWS_SDK_UA_APP_ID"),
        ),
        (
            {"AWS_RETRY_MODE": "", "AWS_SDK_UA_APP_ID": "é" * 60},
            ("legacy", "config:2"),
            (4, "config:3"),
            ("-" * 50, "AWS_SDK_UA_APP_ID"),
        ),
    ],
)
def test_retries_and_the_application_id(
    environ: dict[str, str], mode: object, attempts: object, app_id: object
) -> None:
    found = resolve("SageMaker", profile=profile(), environ=environ)
    assert [(each.value, each.origin) for each in (found.retry_mode, found.max_attempts, found.app_id)] == [
        mode,
        attempts,
        app_id,
    ]


def test_ignored_settings_are_reported() -> None:
    text = "region = r\nendpoint_url = https://p\nuse_fips_endpoint = true"
    environ = {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b", OWN: "https://own", ALL: "https://all"}
    found = resolve("SageMaker", region="x", profile=profile(text), environ=environ, use_fips_endpoint=False)
    assert found.region == Setting("x", "argument", ("AWS_REGION", "AWS_DEFAULT_REGION", "config:2"))
    assert found.endpoint_url == Setting("https://own", OWN, (ALL, "config:3"))
    assert found.use_fips_endpoint == Setting(False, "argument", ("config:4",))
    environ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
    found = resolve("SageMaker", profile=profile(text), environ=environ)
    assert found.endpoint_url == Setting(None, "default", (OWN, ALL, "config:3"))


def test_the_defaults_of_the_settings() -> None:
    found = resolve("SageMaker", environ={})
    assert (found.retry_mode, found.max_attempts) == (Setting("standard", "default"), Setting(3, "default"))
    assert found.app_id == Setting(None, "default")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "+", "9" * 5000])
def test_attempts_that_are_not_a_number_are_refused(value: str) -> None:
    with pytest.raises(
        ConfigError, match=r"^AWS_MAX_ATTEMPTS: max_attempts is '.*': expected a whole number"
    ):
        resolve("SageMaker", environ={"AWS_MAX_ATTEMPTS": value})
    with pytest.raises(ConfigError, match=r"^config:2: max_attempts is"):
        resolve("SageMaker", profile=profile(f"max_attempts = {value}\n"), environ={})


def test_an_invalid_retry_mode_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected standard, legacy or adaptive"):
        resolve("SageMaker", environ={"AWS_RETRY_MODE": "quick"})


def test_a_client_uses_these_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "my app")
    with ScriptedServer(http(503)) as server, pytest.raises(ServiceError) as raised:
        SageMaker("us-west-2", endpoint_url=server.url, credentials=Credentials("AKID", "s")).call("X")
    assert raised.value.attempts == 2
    assert "(reached max retries: 1)" in str(raised.value)
    assert [server.headers(number)["amz-sdk-request"] for number in (0, 1)] == [
        "attempt=1; max=2",
        "attempt=2; max=2",
    ]
    assert server.headers()["user-agent"].endswith(" app/my-app")


def test_a_wrong_variable_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "none")
    with pytest.raises(ConfigError, match=r"^AWS_MAX_ATTEMPTS: "):
        SageMaker("us-west-2")


def test_the_deadline_header_uses_the_clock_of_the_service() -> None:
    dated = http(503, b"", ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"))
    credentials = Credentials("AKID", "s")
    with ScriptedServer(dated) as server, pytest.raises(ServiceError):
        SageMaker("us-west-2", endpoint_url=server.url, credentials=credentials, read_timeout=60).call("X")
    first, second, third = (server.headers(number)["amz-sdk-request"] for number in range(3))
    assert first == "attempt=1; max=3"
    assert second.startswith("ttl=20260101T0001")
    assert third.endswith("Z; attempt=3; max=3")


PROBE = """
import sys
import sigv4, sagemaker_api
assert not [name for name in sys.modules if name.startswith("sigv4.providers")], "import"
assert "httpx" not in sys.modules
from sagemaker_api import SageMaker, StdlibTransport
client = SageMaker("us-west-2", endpoint_url=sys.argv[1], aws_access_key_id="AKID", aws_secret_access_key="s",
    transport=StdlibTransport())
client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
print([name for name in sys.modules if name.startswith("sigv4.providers")])
"""


def test_an_import_and_a_client_with_explicit_credentials_load_no_provider() -> None:
    with ScriptedServer(http(200, '{"AuthorizedUrl":"u"}')) as server:
        command = [sys.executable, "-c", PROBE, server.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


KEY = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "marker-secret"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}, None),
        ({**KEY, "AWS_ACCESS_KEY_ID": " "}, None),
        (KEY, Credentials("AKID", "marker-secret")),
        ({**KEY, "AWS_SESSION_TOKEN": "t"}, Credentials("AKID", "marker-secret", "t")),
        ({**KEY, "AWS_SESSION_TOKEN": ""}, Credentials("AKID", "marker-secret")),
        (
            {**KEY, "AWS_SESSION_TOKEN": "t", "AWS_SECURITY_TOKEN": "old"},
            Credentials("AKID", "marker-secret", "old"),
        ),
        ({**KEY, "AWS_ACCESS_KEY_ID": "\tAKID "}, Credentials("AKID", "marker-secret")),
    ],
)
def test_credentials_from_the_environment(environ: dict[str, str], expected: Credentials | None) -> None:
    assert find(environ) == expected


def test_credentials_from_the_environment_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find() is None
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    assert find() == Credentials("AKID", "marker-secret")


@pytest.mark.parametrize("secret", ["", "  "])
def test_partial_credentials_are_an_error_in_botos_words(secret: str) -> None:
    with pytest.raises(CredentialsError) as raised:
        find({"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": secret})
    assert str(raised.value) == "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY"


@pytest.mark.parametrize(
    "environ",
    [{**KEY, "AWS_SECRET_ACCESS_KEY": "marker-secret\0"}, {**KEY, "AWS_SESSION_TOKEN": "marker\u2028token"}],
)
def test_an_impossible_value_is_refused_and_not_repeated(environ: dict[str, str]) -> None:
    with pytest.raises(CredentialsError) as raised:
        find(environ)
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    inside = [frame for frame in told.stack if frame.filename.endswith(("environment.py", "credentials.py"))]
    assert inside
    assert "marker" not in str(raised.value) + str([frame.locals for frame in inside])


@pytest.mark.parametrize(("value", "number"), [("+3", 3), ("07", 7), ("99999999999", 99999999999)])
def test_attempts_are_read_as_python_reads_a_number(value: str, number: int) -> None:
    assert resolve("SageMaker", environ={"AWS_MAX_ATTEMPTS": value}).max_attempts.value == number


@pytest.mark.parametrize(
    ("environ", "endpoint_url", "found"),
    [
        ({"AWS_ENDPOINT_URL": "https://e.example"}, None, "https://e.example"),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None, None),
        ({}, "https://a.example", "https://a.example"),
    ],
)
def test_a_missing_services_section_is_an_error_only_if_it_is_needed(
    environ: dict[str, str], endpoint_url: str | None, found: str | None
) -> None:
    missing = profile("services = nowhere\n")
    settings = resolve("SageMaker", profile=missing, environ=environ, endpoint_url=endpoint_url)
    assert settings.endpoint_url.value == found
    with pytest.raises(ConfigError, match='"nowhere" services configuration does not exist'):
        resolve("SageMaker", profile=missing, environ={})


def test_a_setting_read_by_name_has_the_same_value_or_gives_its_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    given = profile("region = r\nendpoint_url = https://p\nretry_mode = legacy\nsdk_ua_app_id = a")
    arguments: Any
    for arguments in ({}, {"region": "x", "endpoint_url": "https://x"}):
        whole = resolve("SageMaker", profile=given, **arguments)
        each = resolve_each("SageMaker", profile=given, **arguments)
        assert each == {name: getattr(whole, name) for name in each}
        assert list(each) == list(type(whole).__annotations__)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "many")
    wrong = resolve_each("SageMaker", profile=given)
    assert {name for name in wrong if isinstance(wrong[name], ConfigError)} == {"max_attempts"}
