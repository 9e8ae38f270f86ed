"""client.md §4.1, 4.2 and 5.2: argument, then environment, then default, each with its origin."""

from __future__ import annotations

import traceback

import pytest

from sigv4 import Credentials, CredentialsError
from sigv4.environment.providers.environment import find
from sigv4.environment.settings import Setting, resolve

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
    assert resolve("SageMaker", region=argument, environ=environ).region == Setting(value, origin)


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
    assert resolve("SageMaker", endpoint_url=argument, environ=environ).endpoint_url == Setting(value, origin)


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
    assert found.use_fips_endpoint == Setting(value, fips if origin == "V" else origin)
    assert found.use_dualstack_endpoint == Setting(value, dual if origin == "V" else origin)


def test_ca_bundle() -> None:
    both = {"AWS_CA_BUNDLE": "/a", "REQUESTS_CA_BUNDLE": "/r"}
    assert resolve("SageMaker", environ=both).ca_bundle == Setting("/a", "AWS_CA_BUNDLE")
    assert resolve("SageMaker", environ={"REQUESTS_CA_BUNDLE": "/r"}).ca_bundle.value == "/r"
    assert resolve("SageMaker", ca_bundle="/arg", environ=both).ca_bundle == Setting("/arg", "argument")


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
    [{**KEY, "AWS_SECRET_ACCESS_KEY": "marker-secret\n"}, {**KEY, "AWS_SESSION_TOKEN": "marker\u2028token"}],
)
def test_a_value_that_cannot_be_one_is_refused_and_not_repeated(environ: dict[str, str]) -> None:
    with pytest.raises(CredentialsError) as raised:
        find(environ)
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    inside = [frame for frame in told.stack if frame.filename.endswith(("environment.py", "credentials.py"))]
    assert inside
    assert "marker" not in str(raised.value) + str([frame.locals for frame in inside])
