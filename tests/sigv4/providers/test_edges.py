"""The last second of a token, the longest text of an error, files that a killed write left behind, and the terminal."""

from __future__ import annotations

import fcntl
import json
import os
from getpass import GetPassWarning
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from warnings import warn

import pytest

from sigv4 import Response
from sigv4.config.profiles import Profile
from sigv4.config.shared_config import merged
from sigv4.providers import environment, files, process, profile
from sigv4.providers.sources import Sources
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, answer, refused
from tests.sigv4.providers.test_login import cache as login_cache, find as login_find
from tests.sigv4.providers.test_sso import LATE, LEGACY, NOW, REFRESH, SESSION, START, Service, cache, find

OVER = "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile."


# --- IAM Identity Center


@pytest.mark.parametrize(("left", "good"), [(1, True), (0.5, True), (0, False), (-1, False)])
@pytest.mark.parametrize(("text", "key"), [(LEGACY, START), (SESSION, "my-sso")])
def test_the_last_second_of_a_token(tmp_path: Path, text: str, key: str, left: float, good: bool) -> None:
    cache(tmp_path, key)
    service = Service()
    if good:
        assert find(tmp_path, text, service, now=EXPIRES - left) is not None
        assert len(service.requests) == 1
    else:
        assert refused(lambda: find(tmp_path, text, service, now=EXPIRES - left)) == OVER
        assert service.requests == []


def token(**changes: Any) -> Response:
    found = {"accessToken": f"{SECRET}-2", "expiresIn": 1, **changes}
    return Response(200, {}, json.dumps(found).encode())


def paths(service: Service) -> list[str]:
    return [each.url.partition("?")[0].rpartition("/")[2] for each in service.requests]


@pytest.mark.parametrize(("left", "refreshed"), [(900, False), (899, True)])
def test_a_token_is_refreshed_in_its_last_quarter_of_an_hour(
    tmp_path: Path, left: int, refreshed: bool
) -> None:
    file = cache(tmp_path, "my-sso", **REFRESH)
    service = Service(token=token())
    assert find(tmp_path, SESSION, service, now=EXPIRES - left) is not None
    assert paths(service) == ["token", "credentials"] if refreshed else ["credentials"]
    kept = json.loads(file.read_text())
    if refreshed:
        assert kept == {**REFRESH, "accessToken": f"{SECRET}-2", "expiresAt": "2026-03-04T04:51:09Z"}
        assert service.requests[0].headers == (("Content-Type", "application/json"),)


@pytest.mark.parametrize(("ends", "good"), [("2026-03-04T05:06:07Z", False), ("2026-03-04T05:06:08Z", True)])
def test_the_last_second_of_a_registration(tmp_path: Path, ends: str, good: bool) -> None:
    cache(tmp_path, "my-sso", registrationExpiresAt=ends, **REFRESH)
    service = Service(token=token())
    if good:
        assert find(tmp_path, SESSION, service, now=EXPIRES) is not None
    else:
        said = refused(lambda: find(tmp_path, SESSION, service, now=EXPIRES))
        assert said == f"{OVER} It cannot be refreshed: the registration of the client has expired."


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (Response(400, {}, b"{}"), "the service refuses (status 400)"),
        (Response(400, {}, b'{"error": "%s"}' % (b"e" * 90)), f"the service refuses ({'e' * 80})"),
        (Response(201, {}, token().body), "the service refuses (status 201)"),
        (Response(200, {}, b"[]"), "sso-oidc: expected a JSON object"),
        (token(expiresIn=0), "sso-oidc: the answer has no accessToken and expiresIn"),
        (token(expiresIn=1 << 36), "sso-oidc: the answer has no accessToken and expiresIn"),
        (token(accessToken=None), "sso-oidc: the answer has no accessToken and expiresIn"),
        (token(expiresIn=(1 << 36) - 1), ""),
    ],
)
def test_why_a_token_cannot_be_refreshed(tmp_path: Path, refusal: Response, why: str) -> None:
    cache(tmp_path, "my-sso", expiresAt=LATE, **REFRESH)
    service = Service(token=refusal)
    if why:
        said = refused(lambda: find(tmp_path, SESSION, service))
        assert said == f"{OVER} It cannot be refreshed: {why}."
    else:
        assert find(tmp_path, SESSION, service) is not None


@pytest.mark.parametrize("missing", ["refreshToken", "clientId", "clientSecret"])
def test_what_a_refresh_needs(tmp_path: Path, missing: str) -> None:
    cache(tmp_path, "my-sso", expiresAt=LATE, **{**REFRESH, missing: None})
    service = Service(token=token())
    assert refused(lambda: find(tmp_path, SESSION, service)) == OVER
    assert service.requests == []


@pytest.mark.parametrize(("after", "asked"), [(59, 1), (60, 2)])
def test_a_refresh_is_tried_again_after_a_minute(tmp_path: Path, after: int, asked: int) -> None:
    cache(tmp_path, "my-sso", **REFRESH)
    tried: dict[str, float] = {}
    service = Service(token=Response(400, {}, b"{}"))
    for now in (0.0, 0.0 + after):
        assert find(tmp_path, SESSION, service, now=EXPIRES - 800 + now, tried=tried) is not None
    assert paths(service).count("token") == asked


@pytest.mark.parametrize(
    ("raw", "state"),
    [(None, "does not exist"), (b"{", "does not exist"), (b'{"accessToken": "a"}', "is invalid"), (b'{"expiresAt": "2026-03-04T05:06:07Z"}', "is invalid")],
)  # fmt: skip
def test_the_state_of_a_token_is_named(tmp_path: Path, raw: bytes | None, state: str) -> None:
    if raw is not None:
        cache(tmp_path, "my-sso").write_bytes(raw)
    said = refused(lambda: find(tmp_path, SESSION, Service()))
    assert said == f"Error loading SSO Token: Token for my-sso {state}: run aws sso login"


def test_the_trail_of_a_role_of_the_portal(tmp_path: Path) -> None:
    file = cache(tmp_path, "my-sso")
    config = merged(("config", SESSION), ("credentials", ""))
    seconds: list[float] = []
    service = Service()

    def fetch(request: Any, limit: float) -> Response:
        seconds.append(limit)
        return service(request, limit)

    sources = Sources({"HOME": str(tmp_path)}, fetch=fetch, clock=lambda: NOW)
    assert profile.find(Profile("a", "argument", config.profiles["a"], config), sources) is not None
    url = "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"
    assert sources.trail == ["config:3 sso_account_id", str(file), f"role 'Role X' of account 012345678901 by {url}"]  # fmt: skip
    assert seconds == [20.0]


# --- aws login, programs, variables


@pytest.mark.parametrize(("ends", "good"), [("2026-03-04T04:06:08Z", True), ("2026-03-04T04:06:07Z", False)])
def test_the_last_second_of_a_login(tmp_path: Path, ends: str, good: bool) -> None:
    file = login_cache(tmp_path / ".aws" / "login" / "cache", expiresAt=ends)
    if good:
        assert login_find(tmp_path) is not None
    else:
        said = f"config:2: login_session: the credentials in {file} have expired: run aws login"
        assert refused(lambda: login_find(tmp_path)) == said


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (b"\xff\xfe sorry \n", "\ufffd\ufffd sorry"),
        ("né".encode("latin-1"), "n\ufffd"),
        ("é\x1b[2J".encode(), "é [2J"),
        (b"a" * 10 + b"b" * 300, "b" * 300),
        (b"", "'prog' ended with 1, and printed no error"),
        (b"key wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY! no", "key *** no"),
        (b"key wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY, no", "key *** no"),
        (b'{"SecretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}', "***"),
        (b"token=FwoGZXIvYXdzEBYaDHqa0AP1234567890abcdefgh/x failed", "*** failed"),
        (b"x" * 290 + b" wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "x" * 290 + " ***"),
        (
            b"botocore.exceptions.UnauthorizedSSOTokenErrorOfThisProgram: no",
            "botocore.exceptions.UnauthorizedSSOTokenErrorOfThisProgram: no",
        ),
        (
            b"/usr/lib/python3.11/site-packages/Tool/main.py: 123e4567-e89b-12d3-a456-426614174000",
            "/usr/lib/python3.11/site-packages/Tool/main.py: 123e4567-e89b-12d3-a456-426614174000",
        ),
    ],
)
def test_what_a_program_prints_as_its_error(printed: bytes, said: str) -> None:
    found = refused(lambda: process.find("prog", "config:2", lambda words: (1, b"", printed)))
    assert found == f"Error when retrieving credentials from custom-process: {said}"


def test_both_outputs_of_a_program_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[float] = []

    class Reader:
        """Has read its output only when it is joined."""

        def __init__(self, program: object, name: str) -> None:
            self.name, self.read, self.is_too_long, self.thread = name, b"", False, self

        def join(self, seconds: float) -> None:
            self.read = self.name.encode()
            joined.append(seconds)

        def is_alive(self) -> bool:
            return False

    program = SimpleNamespace(wait=lambda seconds=None: 3, kill=lambda: None)
    monkeypatch.setattr("subprocess.Popen", lambda words, stdout, stderr: program)
    monkeypatch.setattr(process, "_Reader", Reader)
    monkeypatch.setattr("time.monotonic", lambda: 7.0)
    assert process.run(["prog"], 5.0) == (3, b"stdout", b"stderr")
    assert joined == [5.0, 5.0, 1, 1]


@pytest.mark.parametrize(
    ("command", "output", "said"),
    [
        (" ", b"", "config:2: credential_process is empty"),
        ("a 'b", b"", "config:2: credential_process: No closing quotation"),
        ("a", b"[]", "credential_process: expected a JSON object"),
        ("a", answer(Version="v" * 50), f"Unsupported version '{'v' * 40}' for credential process provider, supported versions: 1"),
        ("a", answer(Version=1, AccessKeyId=""), "credential_process: Missing required key in response: 'AccessKeyId'"),
    ],
)  # fmt: skip
def test_a_program_that_gives_no_credentials(command: str, output: bytes, said: str) -> None:
    assert refused(lambda: process.find(command, "config:2", lambda words: (0, output, b""))) == said


@pytest.mark.parametrize(
    ("variables", "token"),
    [({}, None), ({"AWS_SESSION_TOKEN": " s "}, "s"), ({"AWS_SECURITY_TOKEN": "o", "AWS_SESSION_TOKEN": "s"}, "o")],
)  # fmt: skip
def test_the_variables_of_the_environment(variables: dict[str, str], token: str | None) -> None:
    keys = {"AWS_ACCESS_KEY_ID": " AKID ", "AWS_SECRET_ACCESS_KEY": f" {SECRET} "}
    found = environment.find({**keys, **variables})
    assert found is not None
    assert (found.access_key_id, found.secret_access_key, found.session_token) == ("AKID", SECRET, token)
    said = refused(lambda: environment.find({**keys, "AWS_CREDENTIAL_EXPIRATION": "soon"}))
    assert said == "AWS_CREDENTIAL_EXPIRATION: expected a time such as 2026-01-02T03:04:05Z, got 'soon'"
    said = refused(lambda: environment.find({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": " "}))
    assert said == "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY"


# --- files


@pytest.mark.parametrize(
    ("name", "age", "locks", "is_locked", "left"),
    [
        (".file.x", 0, True, False, False),
        (".file.x", 100, True, True, True),
        (".other.x", 100, True, False, True),
        (".file.x", 30, False, False, True),
        (".file.x", 100, False, False, False),
    ],
)
def test_temporary_files_of_killed_writes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, age: float, locks: bool, is_locked: bool, left: bool
) -> None:  # fmt: skip
    monkeypatch.setattr(files, "_can_lock", lambda: locks)
    temporary = tmp_path / name
    temporary.write_bytes(b"secret")
    monkeypatch.setattr("time.time", lambda: temporary.stat().st_mtime + age if temporary.exists() else 0.0)
    with temporary.open("rb") as held:
        if is_locked:
            fcntl.flock(held, fcntl.LOCK_EX)
        files.write_file(str(tmp_path / "file"), b"new")
    assert temporary.exists() is left
    assert (tmp_path / "file").read_bytes() == b"new"
    assert os.stat(tmp_path / "file").st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted({"file", *([name] if left else [])})


def test_a_link_in_place_of_a_temporary_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"kept")
    (tmp_path / ".file.x").symlink_to(tmp_path / "kept")
    files.write_file(str(tmp_path / "file"), b"new")
    assert (tmp_path / ".file.x").is_symlink()
    assert (tmp_path / "kept").read_bytes() == b"kept"


# --- the terminal


@pytest.mark.parametrize("error", [EOFError(), OSError(), AttributeError(), ValueError()])
def test_a_question_on_the_terminal(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nobody(text: str) -> str:
        raise error

    monkeypatch.setattr("getpass.getpass", lambda text: f"the answer to {text}")
    assert Sources({}).prompt("Code: ") == "the answer to Code: "
    monkeypatch.setattr("getpass.getpass", lambda text: warn("no echo", GetPassWarning, stacklevel=2) or text)
    assert Sources({}).prompt("Code: ") == "Code: "  # a warning would be an error here
    monkeypatch.setattr("getpass.getpass", nobody)
    said = "Code: there is no terminal to ask on: run this where there is one, or use credentials that need no code"  # fmt: skip
    assert refused(lambda: Sources({}).prompt("Code: ")) == said
