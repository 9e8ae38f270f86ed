"""A profile's role: its source, the MFA code, web identities and the cache."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from sigv4 import Credentials, Request, Response, Verifier
from sigv4.providers import role_cache
from sigv4.providers.chain import Chain
from sigv4.providers.fetch import Unreachable, fetch
from tests.sigv4.providers.endpoints import EXPIRES, KEYS, SECRET, Endpoint, answer, refused
from tests.sigv4.providers.roles import NOW, ROLE, SOURCE, STATIC, Hosts, find, xml


class Sts:
    """An STS that returns a role's credentials to each caller with a right signature."""

    def __init__(self, known: Mapping[str, Credentials], region: str = "eu-west-1") -> None:
        self.known, self.calls = dict(known), list[dict[str, str]]()
        self.verifier = Verifier(
            "sts", region, lambda claim: self.known.get(claim.access_key_id), clock=lambda: NOW
        )

    def __call__(self, request: Request, seconds: float) -> Response:
        found = dict(parse_qsl(request.body.decode(), strict_parsing=True))
        found["host"] = str(dict(request.headers)["Host"])
        if found["Action"] == "AssumeRole":
            found["by"] = self.verifier.verify(*request).access_key_id
        else:
            assert not [name for name, _ in request.headers if name in ("Authorization", "X-Amz-Date")]
        self.calls.append(found)
        key_id = f"ASIA{found['RoleArn'][-1].upper()}"
        self.known[key_id] = Credentials(key_id, SECRET, "T&")
        return Response(200, {}, xml(found["Action"], key_id))


def test_a_role_is_assumed_with_the_keys_of_its_source() -> None:
    endpoint = Sts({"AKIDSOURCE": SOURCE})
    text = f"[profile a]\nrole_arn = {ROLE}\nsource_profile = b\nexternal_id = e/1 +\nduration_seconds = 900\nrole_session_name = me\n[profile b]\n{STATIC}"
    assert find(text, endpoint) == Credentials("ASIAR", SECRET, "T&", EXPIRES)
    assert endpoint.calls == [
        {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": ROLE,
            "RoleSessionName": "me",
            "DurationSeconds": "900",
            "ExternalId": "e/1 +",
            "host": "sts.eu-west-1.amazonaws.com",
            "by": "AKIDSOURCE",
        },
    ]


def test_a_chain_of_roles_and_the_region_of_each() -> None:
    endpoint = Sts({"AKIDSOURCE": SOURCE})
    text = f"[profile a]\nrole_arn = x/1\nsource_profile = b\n[profile b]\nrole_arn = x/2\nsource_profile = c\n[profile c]\n{STATIC}\nrole_arn = never\n"
    found = find(text, endpoint)
    assert found is not None
    assert found.access_key_id == "ASIA1"
    assert [(each["RoleArn"], each["by"]) for each in endpoint.calls] == [
        ("x/2", "AKIDSOURCE"),
        ("x/1", "ASIA2"),
    ]
    assert endpoint.calls[0]["RoleSessionName"] == f"sigv4-session-{NOW}"


def test_a_profile_may_be_its_own_source() -> None:
    endpoint = Sts({"AKIDSOURCE": SOURCE})
    assert find(f"[profile a]\nrole_arn = x/1\nsource_profile = a\n{STATIC}", endpoint) is not None
    assert endpoint.calls[0]["by"] == "AKIDSOURCE"


@pytest.mark.parametrize(
    ("kind", "environ"),
    [
        ("Environment", {"AWS_ACCESS_KEY_ID": "AKIDSOURCE", "AWS_SECRET_ACCESS_KEY": SECRET}),
        ("EcsContainer", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}),
        ("Ec2InstanceMetadata", {}),
    ],
)
def test_a_source_that_is_not_a_profile(kind: str, environ: dict[str, str]) -> None:
    sts_ = Sts({"AKIDSOURCE": SOURCE})
    keys = Response(200, {}, answer(AccessKeyId="AKIDSOURCE", Token=None))
    metadata = Endpoint(
        *([keys] if kind == "EcsContainer" else [Response(200, {}, b"t"), Response(200, {}, b"r"), keys])
    )

    def fetch(request: Request, seconds: float) -> Response:
        return (sts_ if "sts." in request.url else metadata)(request, seconds)

    text = f"[profile a]\nrole_arn = x/1\ncredential_source = {kind}"
    found = find(text, fetch, environ={"AWS_REGION": "eu-west-1", **environ})
    assert found is not None
    assert sts_.calls[0]["by"] == "AKIDSOURCE"


def test_an_mfa_code_is_asked_for() -> None:
    asked = []

    def prompt(text: str) -> str:
        asked.append(text)
        return " 123456\n"

    endpoint = Sts({"AKIDSOURCE": SOURCE})
    text = f"[profile a]\nrole_arn = x/1\nsource_profile = b\nmfa_serial = arn:mfa\n[profile b]\n{STATIC}"
    find(text, endpoint, prompt=prompt)
    assert asked == ["Enter MFA code for arn:mfa: "]
    assert (endpoint.calls[0]["SerialNumber"], endpoint.calls[0]["TokenCode"]) == ("arn:mfa", "123456")
    assert "expected 6 digits" in refused(lambda: find(text, endpoint, prompt=lambda text: "12345"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("role_arn = r\nsource_profile = b\ncredential_source = Environment", 'The profile "a" contains both source_profile and credential_source.'),
        ("role_arn = r", "Partial credentials found in assume-role, missing: source_profile or credential_source"),
        ("role_arn = r\nsource_profile = zz", 'The source_profile "zz" referenced in the profile "a" does not exist.'),
        ("role_arn = r\ncredential_source = environment", 'The credential source "environment" referenced in profile "a" is not valid.'),
        ("role_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a", "Infinite loop in credential configuration detected. Attempting to load from profile a which has already been visited. Visited profiles: ['a', 'b']"),
        ("role_arn = r\nsource_profile = a", "Infinite loop in credential configuration detected. Attempting to load from profile a which has already been visited. Visited profiles: ['a']"),
        ("role_arn = r\nsource_profile = b\n[profile b]\nregion = x", 'The source profile "b" must have credentials.'),
        ("role_arn = r\ncredential_source = Environment", "Error when retrieving credentials from Environment: No credentials found in credential_source referenced in profile a"),
        (f"role_arn = r\nsource_profile = b\nduration_seconds = 60\n[profile b]\n{STATIC}", "config:4: duration_seconds is '60': expected 900 to 43200"),
    ],
)  # fmt: skip
def test_unresolvable_settings_are_refused_with_botocores_texts(text: str, said: str) -> None:
    assert refused(lambda: find(f"[profile a]\n{text}", Endpoint())) == said


def test_a_web_identity_is_not_signed_and_its_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    endpoint = Sts({})
    text = f"[profile a]\nrole_arn = x/1\nweb_identity_token_file = {file}\nrole_session_name = s"
    for token in ("one.two.three\n", "four.five.six"):
        file.write_text(token)
        found = find(text, endpoint)
        assert found is not None
        assert found.access_key_id == "ASIA1"
    assert [each["WebIdentityToken"] for each in endpoint.calls] == ["one.two.three", "four.five.six"]
    file.write_text("")
    assert "no web identity token: found 0 characters" in refused(lambda: find(text, endpoint))
    file.unlink()
    assert "No such file" in refused(lambda: find(text, endpoint))
    assert "has no role ARN configured" in refused(
        lambda: find(f"[profile a]\nweb_identity_token_file = {file}", endpoint)
    )


def test_no_frame_of_an_error_holds_a_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    identity = f"[profile a]\nrole_arn = x/1\nweb_identity_token_file = {tmp_path / 'token'}"
    keys = (
        f"[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\n{STATIC}\naws_session_token = {SECRET}"
    )
    for text in (identity, keys):
        for given in (Response(403, {}, b"<Code>A</Code>"), Unreachable("h: TimeoutError")):
            refused(partial(find, text, Endpoint(given)))
        url = "http://127.0.0.1:1"
        environ = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_STS": url}
        refused(partial(find, text, fetch, environ=environ))


def test_a_web_identity_token_is_not_sent_over_plain_http(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one.two")
    text = f"[profile a]\nrole_arn = x/1\nweb_identity_token_file = {tmp_path / 'token'}"
    environ = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_STS": "http://sts.example.com"}
    assert "not sent over plain http" in refused(lambda: find(text, Endpoint(), environ=environ))
    environ["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:4566"
    assert find(text, Sts({}), environ=environ) is not None


@pytest.mark.parametrize("role", [True, False])
def test_the_place_of_the_environments_web_identity_in_the_chain(tmp_path: Path, role: bool) -> None:
    """It comes after the profile's role and before its keys, and is ignored if a profile is given as argument."""
    (tmp_path / "token").write_text("one.two")
    text = (
        f"[default]\n{STATIC}\n"
        + ("role_arn = x/2\nsource_profile = b\n" if role else "")
        + f"[profile b]\n{STATIC}"
    )
    (tmp_path / "config").write_text(text)
    environ = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_REGION": "eu-west-1",
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ROLE_ARN": "x/1",
    }
    endpoint = Sts({"AKIDSOURCE": SOURCE})
    assert Chain(environ=environ, fetch=endpoint, clock=lambda: NOW)().access_key_id == (
        "ASIA2" if role else "ASIA1"
    )
    assert Chain("b", environ=environ, fetch=endpoint, clock=lambda: NOW)().access_key_id == "AKIDSOURCE"


MFA = f"[profile a]\nrole_arn = {ROLE}\nsource_profile = b\nmfa_serial = arn:mfa\nduration_seconds = 3600\n[profile b]\n{STATIC}"


def test_a_code_is_not_asked_for_again_while_the_role_lasts(tmp_path: Path) -> None:
    asked = []

    def prompt(text: str) -> str:
        asked.append(text)
        return "123456"

    environ = {"AWS_REGION": "eu-west-1", "HOME": str(tmp_path)}
    endpoint = Sts({"AKIDSOURCE": SOURCE})
    first = find(MFA, endpoint, environ=environ, prompt=prompt)
    assert (
        find(MFA, Endpoint(), environ=environ, prompt=prompt)
        == first
        == Credentials("ASIAR", SECRET, "T&", EXPIRES)
    )
    assert len(asked) == 1
    parameters = {
        "RoleArn": ROLE,
        "SerialNumber": "arn:mfa",
        "DurationSeconds": "3600",
        "TokenCode": "123456",
    }
    file = Path(role_cache.cache_file(parameters, environ))
    assert file.parent == tmp_path / ".aws" / "cli" / "cache"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    kept = json.loads(file.read_text())
    assert kept["Credentials"]["Expiration"] == KEYS["Expiration"]
    for raw in (
        "",
        "{",
        "[]",
        "{}",
        '{"Credentials": 1}',
        json.dumps({"Credentials": {**kept["Credentials"], "Expiration": "2026-03-04T04:20:00Z"}}),
    ):
        file.write_text(raw)
        assert find(MFA, Sts({"AKIDSOURCE": SOURCE}), environ=environ, prompt=prompt) is not None
    assert len(asked) == 7


def test_the_name_of_the_cache_file_is_that_of_the_aws_cli(tmp_path: Path) -> None:
    parameters = {"RoleArn": ROLE, "DurationSeconds": "3600"}
    file = role_cache.cache_file(parameters, {"HOME": "/h"})
    assert file == "/h/.aws/cli/cache/5b4f30aca379fe07625746c18f3f425bb3231f15.json"


def test_a_role_without_a_code_is_not_written_to_disk(tmp_path: Path) -> None:
    text = MFA.replace("mfa_serial = arn:mfa\n", "")
    environ = {"AWS_REGION": "eu-west-1", "HOME": str(tmp_path)}
    assert find(text, Sts({"AKIDSOURCE": SOURCE}), environ=environ) is not None
    assert list(tmp_path.iterdir()) == []


def test_an_mfa_code_without_a_terminal_is_a_documented_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nobody(text: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", nobody)
    text = f"[profile a]\nrole_arn = {ROLE}\nsource_profile = a\nmfa_serial = arn:aws:iam::1:mfa/me\n{STATIC}"
    said = refused(lambda: find(text, Hosts(), environ={"HOME": str(tmp_path), "AWS_REGION": "eu-west-1"}))
    assert said.startswith("Enter MFA code for arn:aws:iam::1:mfa/me: there is no terminal to ask on")
