"""IAM Identity Center: the AWS CLI's cache, its refresh, and the credentials of the role."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, Request, Response
from sigv4.config.profiles import Profile
from sigv4.config.shared_config import merged
from sigv4.providers import profile, sso
from sigv4.providers.fetch import Unreachable
from sigv4.providers.sources import Sources
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, refused

NOW = EXPIRES - 3600
START = "https://d-1234567890.awsapps.com/start"
SESSION = f"[profile a]\nsso_session = my-sso\nsso_account_id = 012345678901\nsso_role_name = Role X\n[sso-session my-sso]\nsso_region = eu-west-1\nsso_start_url = {START}\n"
LEGACY = (
    f"[profile a]\nsso_start_url = {START}\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n"
)
ROLE = {
    "roleCredentials": {
        "accessKeyId": "ASIASSO",
        "secretAccessKey": SECRET,
        "sessionToken": SECRET,
        "expiration": EXPIRES * 1000,
    }
}
NAMES = {
    "my-sso": "0ad374308c5a4e22f723adf10145eafad7c4031c",
    START: "7487b5b67d5fa1132cf33fa93ae51ef38cc37752",
}


class Service:
    """The portal and the token service: answers by path, and records the requests."""

    def __init__(
        self, role: Response | Exception | None = None, token: Response | Exception | None = None
    ) -> None:
        self.role = role or Response(200, {}, json.dumps(ROLE).encode())
        self.token = token
        self.requests: list[Request] = []

    def __call__(self, request: Request, seconds: float) -> Response:
        self.requests.append(request)
        found = self.token if request.url.endswith("/token") else self.role
        if isinstance(found, Exception):
            raise found
        assert found is not None, request.url
        return found


def cache(home: Path, key: str, **more: Any) -> Path:
    folder = home / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{NAMES[key]}.json"
    file.write_text(json.dumps({"accessToken": f"{SECRET}-1", "expiresAt": "2026-03-04T05:06:07Z", **more}))
    return file


def find(
    home: Path,
    text: str,
    service: Service,
    now: float = NOW,
    tried: dict[str, float] | None = None,
    environ: dict[str, str] | None = None,
) -> Credentials | None:
    config = merged(("config", text), ("credentials", ""))
    sources = Sources(
        {"HOME": str(home), **(environ or {})}, fetch=service, clock=lambda: now, refreshes=tried
    )
    return profile.find(Profile("a", "argument", config.profiles["a"], config), sources)


@pytest.mark.parametrize(("text", "key"), [(SESSION, "my-sso"), (LEGACY, START)])
def test_the_token_in_the_cache_gives_the_credentials_of_the_role(
    tmp_path: Path, text: str, key: str
) -> None:
    cache(tmp_path, key)
    service = Service()
    assert find(tmp_path, text, service) == Credentials("ASIASSO", SECRET, SECRET, EXPIRES)
    request = service.requests[0]
    assert request.url.startswith(
        "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name="
    )
    assert dict(request.headers) == {"x-amz-sso_bearer_token": f"{SECRET}-1"}
    if text is SESSION:
        assert request.url.endswith("?role_name=Role%20X&account_id=012345678901")


REFRESH = {
    "refreshToken": "refresh",
    "clientId": "id",
    "clientSecret": SECRET,
    "region": "eu-west-1",
    "more": [1],
}
SOON = "2026-03-04T04:20:00UTC"  # 830 seconds left, in the older spelling
LATE = "2026-03-04T04:00:00Z"
NEW = Response(
    200, {}, json.dumps({"accessToken": f"{SECRET}-2", "expiresIn": 28800, "refreshToken": "next"}).encode()
)


def test_a_token_that_is_about_to_expire_is_refreshed_and_written_to_the_cache(tmp_path: Path) -> None:
    file = cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    service = Service(token=NEW)
    assert find(tmp_path, SESSION, service) is not None
    request = service.requests[0]
    assert (request.method, request.url) == ("POST", "https://oidc.eu-west-1.amazonaws.com/token")
    assert json.loads(request.body) == {
        "grantType": "refresh_token",
        "clientId": "id",
        "clientSecret": SECRET,
        "refreshToken": "refresh",
    }
    assert dict(service.requests[1].headers)["x-amz-sso_bearer_token"] == f"{SECRET}-2"
    written = json.loads(file.read_text())
    assert written == {
        **REFRESH,
        "accessToken": f"{SECRET}-2",
        "expiresAt": "2026-03-04T12:06:07Z",
        "refreshToken": "next",
    }
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "token", [Response(400, {}, b"{}"), Unreachable("h"), Response(200, {}, b'{"accessToken": 1}')]
)
def test_the_old_token_is_used_while_it_is_valid_if_the_refresh_fails(
    tmp_path: Path, token: Response | Exception
) -> None:
    file = cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    before = file.read_bytes()
    service = Service(token=token)
    assert find(tmp_path, SESSION, service) is not None
    assert dict(service.requests[-1].headers)["x-amz-sso_bearer_token"] == f"{SECRET}-1"
    assert file.read_bytes() == before
    cache(tmp_path, "my-sso", expiresAt=LATE, **REFRESH)
    assert "run aws sso login" in refused(lambda: find(tmp_path, SESSION, Service(token=token)))


def test_a_registration_that_is_over_is_not_used(tmp_path: Path) -> None:
    cache(tmp_path, "my-sso", expiresAt=LATE, registrationExpiresAt=LATE, **REFRESH)
    service = Service()
    assert "has expired or is otherwise invalid" in refused(lambda: find(tmp_path, SESSION, service))
    assert service.requests == []


def test_the_older_form_is_not_refreshed(tmp_path: Path) -> None:
    cache(tmp_path, START, expiresAt=LATE, **REFRESH)
    service = Service()
    assert "has expired or is otherwise invalid" in refused(lambda: find(tmp_path, LEGACY, service))
    assert service.requests == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SESSION.replace("sso_account_id = 012345678901\n", ""), 'The profile "a" is configured to use SSO but is missing required configuration: sso_account_id'),
        (LEGACY.replace("sso_region = eu-west-1\n", ""), "missing required configuration: sso_region"),
        (SESSION.replace("[sso-session my-sso]", "[sso-session other]"), 'The specified sso-session does not exist: "my-sso"'),
        (SESSION.replace("[sso-session my-sso]\nsso_region = eu-west-1", "[sso-session my-sso]"), "missing required configuration: sso_region"),
        (SESSION.replace("sso_role_name", "sso_region = r-1\nsso_role_name"), "The value for sso_region is inconsistent between profile (r-1) and sso-session (eu-west-1)."),
        (SESSION.replace("= eu-west-1", "= evil.example/"), "sso_region is 'evil.example/'"),
        (SESSION, "Error loading SSO Token: Token for my-sso does not exist: run aws sso login"),
    ],
)  # fmt: skip
def test_missing_parts_are_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(lambda: find(tmp_path, text, Service()))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"accessToken": "THE-SECRET-KEY"}',
        b'{"accessToken": "THE-SECRET-KEY", "expiresAt": "soon"}',
        b"\xff",
    ],
)
def test_a_cache_that_cannot_be_read_is_refused(tmp_path: Path, raw: bytes) -> None:
    cache(tmp_path, "my-sso").write_bytes(raw)
    said = refused(lambda: find(tmp_path, SESSION, Service()))
    assert "run aws sso login" in said or "expected a time" in said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response(401, {}, b"{}"), "has expired or is otherwise invalid"),
        (Response(403, {}, b'{"message": "No access"}'), "status 403 for the role 'Role X' in account 012345678901: No access"),
        (Response(500, {}, b"<html>"), "status 500"),
        (Response(200, {}, b"{}"), "no roleCredentials"),
        (Response(200, {}, json.dumps({"roleCredentials": {**ROLE["roleCredentials"], "expiration": "x"}}).encode()), "no expiration"),
        (Response(200, {}, json.dumps({"roleCredentials": {**ROLE["roleCredentials"], "expiration": 10**400}}).encode()), "no expiration"),
        (Response(200, {}, json.dumps({"roleCredentials": {**ROLE["roleCredentials"], "expiration": True}}).encode()), "no expiration"),
        (Response(403, {}, b'{"message": "a\\u001b[2Jb"}'), "account 012345678901: a [2Jb"),
        (Unreachable("h: TimeoutError"), "sso: h: TimeoutError"),
    ],
)  # fmt: skip
def test_what_the_portal_refuses_is_reported(tmp_path: Path, answer: Response | Exception, said: str) -> None:
    cache(tmp_path, "my-sso")
    assert said in refused(lambda: find(tmp_path, SESSION, Service(role=answer)))


def test_a_cache_that_cannot_be_written_causes_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    file = cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    before = file.read_bytes()
    monkeypatch.setattr("os.replace", full)
    assert find(tmp_path, SESSION, Service(token=NEW)) is not None
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("key", NAMES)
def test_the_names_of_the_cache_files(key: str, tmp_path: Path) -> None:
    sources = Sources({"HOME": str(tmp_path)})
    assert sso.cache_file(key, sources) == f"{tmp_path}/.aws/sso/cache/{NAMES[key]}.json"


@pytest.mark.parametrize(
    ("region", "environ", "portal", "oidc"),
    [
        ("cn-north-1", {}, "https://portal.sso.cn-north-1.amazonaws.com.cn", "https://oidc.cn-north-1.amazonaws.com.cn"),
        ("us-east-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://portal.sso-fips.us-east-1.amazonaws.com", "https://oidc-fips.us-east-1.amazonaws.com"),
        ("us-east-1", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "https://portal.sso.us-east-1.api.aws", "https://oidc.us-east-1.api.aws"),
        ("us-east-1", {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}, "https://portal.sso-fips.us-east-1.api.aws", "https://oidc-fips.us-east-1.api.aws"),
        ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://portal.sso.us-gov-west-1.amazonaws.com", "https://oidc.us-gov-west-1.amazonaws.com"),
        ("us-east-1", {"AWS_ENDPOINT_URL_SSO": "https://a/", "AWS_ENDPOINT_URL_SSO_OIDC": "http://127.0.0.1:8"}, "https://a", "http://127.0.0.1:8"),
    ],
)  # fmt: skip
def test_the_hosts_of_the_portal_and_the_token_service(
    tmp_path: Path, region: str, environ: dict[str, str], portal: str, oidc: str
) -> None:
    cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    service = Service(token=NEW)
    assert find(tmp_path, SESSION.replace("eu-west-1", region), service, environ=environ) is not None
    urls = [each.url.partition("?")[0] for each in service.requests]
    assert urls == [f"{oidc}/token", f"{portal}/federation/credentials"]


@pytest.mark.parametrize(
    "variable", ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL"]
)
def test_no_token_is_sent_over_plain_http(tmp_path: Path, variable: str) -> None:
    cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    service = Service(token=NEW)
    said = refused(lambda: find(tmp_path, SESSION, service, environ={variable: "http://h.example"}))
    assert said == f"{variable}: a token is not sent over plain http: 'http://h.example'"
    assert all(not each.url.startswith("http://") for each in service.requests)


def test_a_refresh_that_fails_is_not_tried_again_for_a_minute(tmp_path: Path) -> None:
    cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    tried: dict[str, float] = {}
    service = Service(token=Response(400, {}, b"{}"))
    for after, asked in ((0, 1), (30, 1), (59, 1), (61, 2), (100, 2)):
        assert find(tmp_path, SESSION, service, NOW + after, tried) is not None
        assert sum(each.url.endswith("/token") for each in service.requests) == asked


def test_the_token_of_another_process_is_used_if_the_refresh_fails(tmp_path: Path) -> None:
    class Raced(Service):
        def __call__(self, request: Request, seconds: float) -> Response:
            if request.url.endswith("/token"):
                cache(tmp_path, "my-sso", accessToken=f"{SECRET}-3", **REFRESH)
            return super().__call__(request, seconds)

    cache(tmp_path, "my-sso", expiresAt=LATE, **REFRESH)
    service = Raced(token=Response(400, {}, b'{"error": "invalid_grant"}'))
    assert find(tmp_path, SESSION, service) is not None
    assert dict(service.requests[-1].headers)["x-amz-sso_bearer_token"] == f"{SECRET}-3"


def test_the_portal_is_retried_if_it_is_busy(tmp_path: Path) -> None:
    cache(tmp_path, "my-sso")
    busy = Response(429, {}, b"{}")
    service = Service(role=busy)
    assert "status 429" in refused(lambda: find(tmp_path, SESSION, service))
    assert len(service.requests) == 3


@pytest.mark.parametrize("seconds", [10**400, 1 << 60, -1, True, "3600"])
def test_a_refreshed_token_without_a_lifetime_is_not_used(tmp_path: Path, seconds: Any) -> None:
    file = cache(tmp_path, "my-sso", refreshToken="r", clientId="c", clientSecret="s")
    kept = file.read_text()
    token = Response(200, {}, json.dumps({"accessToken": "new", "expiresIn": seconds}).encode())
    service = Service(token=token)
    assert find(tmp_path, SESSION, service, now=EXPIRES - 60) is not None
    assert dict(service.requests[-1].headers)["x-amz-sso_bearer_token"] == f"{SECRET}-1"
    assert file.read_text() == kept


@pytest.mark.parametrize("other", ["", "credential_process = prog\n", "role_arn = arn\nsource_profile = b\n"])
def test_a_profile_needs_more_than_a_session_or_start_url_for_sso(tmp_path: Path, other: str) -> None:
    """As in boto3, an account or a role makes a profile use SSO."""
    text = (
        "[default]\nsso_session = my-sso\nsso_start_url = https://h/start\n"
        "aws_access_key_id = AKIDSTATIC\naws_secret_access_key = s\n"
        "[sso-session my-sso]\nsso_region = eu-west-1\nsso_start_url = https://h/start\n"
    )
    config = merged(("config", text), ("credentials", ""))
    sources = Sources({"HOME": str(tmp_path)}, fetch=Service())
    found = profile.find(Profile("default", "default", config.profiles["default"], config), sources)
    assert found == Credentials("AKIDSTATIC", "s")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("sso_account_id = 1", "sso_role_name, sso_start_url, sso_region"),
        ("sso_role_name = r", "sso_account_id, sso_start_url, sso_region"),
        ("sso_account_id = 1\nsso_role_name = r", "sso_start_url, sso_region"),
        ("sso_account_id = 1\nsso_role_name = r\nsso_start_url = https://h", "sso_region"),
        ("sso_account_id = 1\nsso_role_name = r\nsso_session = empty", "sso_start_url, sso_region"),
    ],
)
def test_missing_settings_of_an_sso_profile_are_named(tmp_path: Path, text: str, missing: str) -> None:
    text = f"[profile a]\naws_access_key_id = AKID\naws_secret_access_key = s\n{text}\n[sso-session empty]\n"
    said = refused(lambda: find(tmp_path, text, Service()))
    assert (
        said == f'The profile "a" is configured to use SSO but is missing required configuration: {missing}'
    )


def test_a_refresh_token_that_was_used_already_is_named(tmp_path: Path) -> None:
    spent = Response(
        400, {}, b'{"error": "invalid_grant", "error_description": "Invalid refresh token provided"}'
    )
    cache(tmp_path, "my-sso", expiresAt=LATE, **REFRESH)
    said = refused(lambda: find(tmp_path, SESSION, Service(token=spent), now=EXPIRES + 1))
    assert "run aws sso login" in said
    assert said.endswith("It cannot be refreshed: the service refuses (invalid_grant).")
    cache(tmp_path, "my-sso", expiresAt=SOON, **REFRESH)
    assert find(tmp_path, SESSION, Service(token=spent)) is not None  # the old token is still valid
