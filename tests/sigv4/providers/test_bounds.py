"""Each limit of the providers, with a value at it and one beyond it; and the records of ``Chain.why``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sigv4 import ConfigError, Credentials, CredentialsError, Response
from sigv4.config import service_endpoints
from sigv4.config.profiles import Profile
from sigv4.config.service_endpoints import ServiceEndpoint
from sigv4.config.settings import ClientArguments
from sigv4.config.shared_config import merged
from sigv4.providers import imds, process, profile, role_cache, sso, sts
from sigv4.providers.chain import Chain, masked
from sigv4.providers.files import read_file, write_file
from sigv4.providers.freshness import Found
from sigv4.providers.sources import Sources

NOW = 1_800_000_000.0
KEYS = "aws_access_key_id = AKIDSOURCE\naws_secret_access_key = secret\n"
ROLE = "[profile a]\nrole_arn = arn:r\nsource_profile = a\n" + KEYS
XML = (
    b"<R><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    b"<Expiration>2027-01-15T09:00:00Z</Expiration></R>"
)


def sources(environ: dict[str, str] | None = None, fetch: Any = None, **more: Any) -> Sources:
    given = {"AWS_REGION": "eu-west-1", **(environ or {})}
    return Sources(
        given, fetch=fetch or (lambda request, seconds: Response(200, (), XML)), clock=lambda: NOW, **more
    )


def find(text: str, found: Sources) -> Credentials | None:
    config = merged(("config", text), ("credentials", ""))
    return profile.find(Profile("a", "argument", config.profiles["a"], config), found)


@pytest.mark.parametrize(
    ("seconds", "good"),
    [
        ("900", True),
        ("43200", True),
        ("899", False),
        ("43201", False),
        ("1e3", False),
        ("²", False),
        ("-900", False),
    ],
)
def test_the_duration_of_a_role(seconds: str, good: bool) -> None:
    bodies: list[bytes] = []

    def fetch(request: Any, limit: float) -> Response:
        bodies.append(request.body)
        assert limit == 20.0
        return Response(200, (), XML)

    text = f"{ROLE}duration_seconds = {seconds}\n"
    if good:
        assert find(text, sources(fetch=fetch)) is not None
        assert f"DurationSeconds={seconds}".encode() in bodies[0]
    else:
        said = rf"^config:6: duration_seconds is '{seconds}': expected 900 to 43200$"
        with pytest.raises(ConfigError, match=said):
            find(text, sources(fetch=fetch))
        assert bodies == []


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("123456", True),
        (" 123456\n", True),
        ("12345", False),
        ("1234567", False),
        ("12345x", False),
        ("12345²", False),
    ],
)
def test_the_digits_of_a_code(tmp_path: Path, code: str, good: bool) -> None:
    asked: list[str] = []

    def prompt(text: str) -> str:
        asked.append(text)
        return code

    found = sources({"HOME": str(tmp_path)}, prompt=prompt)
    text = f"{ROLE}mfa_serial = arn:m\n"
    if good:
        assert find(text, found) is not None
        assert asked == ["Enter MFA code for arn:m: "]
    else:
        said = f"the MFA code for arn:m has {len(code.strip())} characters: expected 6 digits"
        with pytest.raises(CredentialsError, match=said):
            find(text, found)


@pytest.mark.parametrize(("left", "is_used"), [(901, True), (900, False), (-1, False)])
def test_a_cached_role_is_used_while_it_lasts_for_15_minutes(
    tmp_path: Path, left: float, is_used: bool
) -> None:
    path = str(tmp_path / "a" / "role.json")
    given = Credentials("ASIAROLE", "secret", "token", NOW + left)
    role_cache.write(path, given)
    assert json.loads(Path(path).read_bytes())["ProviderType"] == "assume-role"
    assert role_cache.read(path, lambda: NOW) == (given if is_used else None)
    role_cache.write(path, Credentials("ASIAROLE", "secret", "token"))
    assert role_cache.read(path, lambda: NOW) is None
    assert role_cache.read("", lambda: NOW) is None
    role_cache.write("", given)


@pytest.mark.parametrize(
    "kept", [b"", b"{}", b'{"Credentials": null}', b'{"Credentials": []}', b'{"Credentials": {}}']
)
def test_a_cache_that_holds_no_role_is_passed_over(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "role.json").write_bytes(kept)
    assert role_cache.read(str(tmp_path / "role.json"), lambda: NOW) is None


@pytest.mark.parametrize(
    ("token", "length"),
    [("abcd", None), ("abc", 3), ("x" * 20000, None), ("x" * 20001, 20001), ("a\tbc", 4), ("abcü", 5), (" abcd\r\n", None), ("", 0)],
)  # fmt: skip
def test_the_length_of_a_web_identity_token(token: str, length: int | None) -> None:
    if length is None:
        assert sts.token_in("/f", lambda path: token.encode()) == token.strip()
    else:
        with pytest.raises(CredentialsError, match=f"^/f: no web identity token: found {length} characters$"):
            sts.token_in("/f", lambda path: token.encode())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(None, 60.0), ("0.5", 0.5), ("86400", 86400.0), ("86401", None), ("0", None), ("-1", None), ("x", None), ("nan", None)],
)  # fmt: skip
def test_how_long_a_process_may_take(text: str | None, seconds: float | None) -> None:
    environ = {} if text is None else {"AWS_CREDENTIAL_PROCESS_TIMEOUT": text}
    if seconds is not None:
        assert process.seconds_of({}, environ) == seconds
    else:
        said = rf"^AWS_CREDENTIAL_PROCESS_TIMEOUT: credential_process_timeout is '{text}': expected seconds, "
        with pytest.raises(ConfigError, match=said):
            process.seconds_of({}, environ)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(("size", "good"), [(1 << 20, True), ((1 << 20) + 1, False)])
def test_how_much_a_process_may_print(stream: str, size: int, good: bool) -> None:
    words = [sys.executable, "-I", "-S", "-c", f"import sys; sys.{stream}.write('x' * {size})"]
    if good:
        code, output, errors = process.run(words)
        sizes = (size, 0) if stream == "stdout" else (0, size)
        assert (code, len(output), len(errors)) == (0, *sizes)
    else:
        with pytest.raises(CredentialsError, match=r"printed more than 1048576 bytes$"):
            process.run(words)


@pytest.mark.parametrize(
    ("name", "field", "text", "value"),
    [
        ("TIMEOUT", "seconds", None, 1.0),
        ("TIMEOUT", "seconds", "0.25", 0.25),
        ("TIMEOUT", "seconds", "3600", 3600.0),
        ("TIMEOUT", "seconds", "3601", None),
        ("TIMEOUT", "seconds", "0", None),
        ("TIMEOUT", "seconds", "x", None),
        ("NUM_ATTEMPTS", "attempts", None, 1),
        ("NUM_ATTEMPTS", "attempts", "0.25", 1),
        ("NUM_ATTEMPTS", "attempts", "3", 3),
        ("NUM_ATTEMPTS", "attempts", "-1", None),
        ("NUM_ATTEMPTS", "attempts", "nan", None),
    ],
)
def test_how_often_and_how_long_the_instance_metadata_are_asked(
    name: str, field: str, text: str | None, value: float | None
) -> None:
    variable = f"AWS_METADATA_SERVICE_{name}"
    environ = {} if text is None else {variable: text}
    if value is not None:
        assert getattr(imds.service_of(environ), field) == value
    else:
        key = f"metadata_service_{name.lower()}"
        with pytest.raises(ConfigError, match=rf"^{variable}: {key} is '{text}': expected a number above 0$"):
            imds.service_of(environ)


@pytest.mark.parametrize(
    ("ends", "good"),
    [(1, True), ((1 << 36) * 1000 - 1, True), ((1 << 36) * 1000, False), (0, False), (-1, False), (1.5, False), (True, False), ("1", False), (None, False)],
)  # fmt: skip
def test_the_expiration_of_a_role_of_the_portal(ends: Any, good: bool) -> None:
    keys = {"accessKeyId": "ASIAEXAMPLE", "secretAccessKey": "s", "sessionToken": "t", "expiration": ends}
    if good:
        assert sso._credentials(keys) == Credentials("ASIAEXAMPLE", "s", "t", ends / 1000)
    else:
        with pytest.raises(CredentialsError, match=r"^sso: the answer has no expiration$"):
            sso._credentials(keys)
    for name in ("accessKeyId", "secretAccessKey", "sessionToken"):
        for wrong in (None, "", 5):
            with pytest.raises(CredentialsError, match=r"^sso: the answer has no roleCredentials$"):
                sso._credentials({**keys, name: wrong})


@pytest.mark.parametrize("size", [65536, 65537])
def test_how_much_of_a_file_is_read(tmp_path: Path, size: int) -> None:
    path = str(tmp_path / "file")
    write_file(path, b"x" * size)
    assert len(read_file(path)) == 65536
    with pytest.raises(CredentialsError, match=f"^{os.devnull}: it is not a regular file$"):
        read_file(os.devnull)
    with pytest.raises(CredentialsError, match=f"^{path}x: No such file or directory$"):
        read_file(f"{path}x")


# --- what is recorded of a search


@pytest.mark.parametrize(
    ("text", "environ", "trail"),
    [
        (f"[profile a]\n{KEYS}", {}, ["config:2 aws_access_key_id"]),
        (
            ROLE,
            {},
            ["config:2 role_arn", "by https://sts.eu-west-1.amazonaws.com", "config:4 aws_access_key_id"],
        ),
        (
            "[profile a]\nrole_arn = r\ncredential_source = Environment\n",
            {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "s"},
            [
                "config:2 role_arn",
                "by https://sts.eu-west-1.amazonaws.com",
                "with the credentials of Environment",
            ],
        ),
    ],
)
def test_the_trail_of_a_profile(text: str, environ: dict[str, str], trail: list[str]) -> None:
    found = sources(environ)
    assert find(text, found) is not None
    assert sorted(found.trail) == sorted(trail)


def test_a_chain_drops_the_credentials_that_a_service_refused_and_no_others() -> None:
    chain = Chain(environ={})
    kept = Found(Credentials("ASIAKEPT", "s", "t"), NOW, "container")
    chain.forget(kept.credentials)
    chain._found = kept
    chain.forget(Credentials("ASIAOTHER", "s", "t"))
    assert vars(chain)["_found"] is kept
    chain.forget(Credentials("ASIAKEPT", "s", "t"))
    assert vars(chain)["_found"] is None
    assert repr(Chain("", environ={})) == "Chain(profile_name=None)"
    assert masked("AKIDEXAMPLE") == "****************MPLE"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "https://sts.eu-west-1.amazonaws.com"),
        ({"region": "eu-west-3"}, "https://sts.eu-west-3.amazonaws.com"),
        ({"use_fips_endpoint": True}, "https://sts-fips.eu-west-1.amazonaws.com"),
        ({"use_dualstack_endpoint": True}, "https://sts.eu-west-1.api.aws"),
        (
            {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
            "https://sts-fips.eu-west-1.api.aws",
        ),
    ],
)
def test_the_arguments_of_the_client_choose_the_endpoint_of_sts(given: dict[str, Any], url: str) -> None:
    config = merged(("config", ""), ("credentials", ""))
    none = Profile("a", "argument", {}, config)
    found = sts.endpoint_of(none, {"AWS_REGION": "eu-west-1"}, arguments=ClientArguments(**given))
    assert found.url == url


@pytest.mark.parametrize("url", ["http://localhost:1", "http://localhost:1/", "http://localhost:1//"])
def test_sts_is_asked_at_the_root_of_its_endpoint(url: str) -> None:
    asked: list[str] = []

    def fetch(request: Any, seconds: float) -> Response:
        asked.append(request.url)
        return Response(200, (), XML)

    where = ServiceEndpoint(url, "eu-west-1")
    sts.assume_role({"RoleArn": "r"}, Credentials("AKIDSOURCE", "secret"), where, fetch, lambda: NOW)
    sts.assume_role_with_web_identity({"RoleArn": "r"}, where, fetch)
    assert asked == ["http://localhost:1/"] * 2


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "https://portal.sso.eu-west-1.amazonaws.com"),
        ({"use_fips_endpoint": True}, "https://portal.sso-fips.eu-west-1.amazonaws.com"),
        ({"use_dualstack_endpoint": True}, "https://portal.sso.eu-west-1.api.aws"),
    ],
)
def test_the_arguments_of_the_client_choose_the_endpoint_of_the_portal(
    given: dict[str, Any], url: str
) -> None:
    none = Profile("a", "argument", {}, merged(("config", ""), ("credentials", "")))
    found = sources(arguments=ClientArguments(**given))
    assert sso.url_of("SSO", service_endpoints.SSO, "eu-west-1", none, found) == url


def test_a_web_identity_of_a_profile_is_asked_for_in_its_region(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token")
    asked: list[str] = []

    def fetch(request: Any, seconds: float) -> Response:
        asked.append(request.url)
        return Response(200, (), XML)

    text = f"[profile a]\nrole_arn = r\nregion = eu-west-3\nweb_identity_token_file = {tmp_path / 'token'}\n"
    assert find(text, sources({"AWS_REGION": ""}, fetch)) is not None
    assert asked == ["https://sts.eu-west-3.amazonaws.com/"]
