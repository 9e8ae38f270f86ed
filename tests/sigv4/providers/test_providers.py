"""Each provider: success, expiry, refusal, malformed answers, slowness and absence; the chain over them."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigv4 import ConfigError, Credentials, CredentialsError, Request, Response
from sigv4.config.profiles import Profile
from sigv4.config.shared_config import merged
from sigv4.providers import container, environment, imds, process, profile
from sigv4.providers.answers import expiry
from sigv4.providers.chain import Chain, masked
from sigv4.providers.fetch import Unreachable, fetch
from sigv4.providers.sources import Sources
from tests.sagemaker_api.scripted import ScriptedServer, http

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
    """Answers requests from a script, the last answer for ever, and keeps them."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers, self.requests = list(answers), list[Request]()
        self.last: Response | Exception = AssertionError("nothing is to be asked")

    def __call__(self, request: Request, seconds: float) -> Response:
        self.requests.append(request)
        if self.answers:
            self.last = self.answers.pop(0)
        if isinstance(self.last, Exception):
            raise self.last
        return self.last


def refused(call: Callable[[], object]) -> str:
    """The text of a CredentialsError or ConfigError; no frame of it holds the secret."""
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


def no_program(words: list[str]) -> tuple[int, bytes, bytes]:
    raise AssertionError(words)


def found_in(text: str, credentials: str = "", run: Any = no_program, **more: Any) -> Credentials | None:
    """What the profile ``default`` of these files gives."""
    config = merged(("config", f"[default]\n{text}"), ("credentials", f"[default]\n{credentials}"))
    sources = Sources(
        more.pop("environ", {"AWS_REGION": "eu-west-1"}), run=run, clock=lambda: EXPIRES - 3600, **more
    )
    return profile.find(Profile("default", "default", config.profiles["default"], config), sources)


def test_the_expiry_of_the_environments_keys() -> None:
    variables = {
        "AWS_ACCESS_KEY_ID": "A",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_CREDENTIAL_EXPIRATION": KEYS["Expiration"],
    }
    found = environment.find(variables)
    assert found is not None
    assert found.expires_at == EXPIRES


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07+00:00",
        "2026-03-04T06:06:07+01:00",
        "2026-03-04T05:06:07UTC",
        "2026-03-04T05:06:07",
        "2026-03-04 05:06:07+00:00",
        "2026-03-04t05:06:07z",
        "2026-03-03T19:06:07-1000",
    ],
)
def test_times(text: str) -> None:
    assert expiry(text, "x") == EXPIRES
    for fraction in (".5", ".50", ".500000", ".500000000"):
        assert expiry(text[:19] + fraction + text[19:], "x") == EXPIRES + 0.5
    assert "expected a time" in refused(lambda: expiry(text[:19] + "." + text[19:], "x"))
    assert "expected a time" in refused(lambda: expiry("soon", "x"))


def test_a_profiles_static_keys() -> None:
    found = found_in(f"aws_access_key_id = AKID\naws_secret_access_key = {SECRET}\naws_session_token = T")
    assert found == Credentials("AKID", SECRET, "T")
    assert found_in("region = x") is None
    said = refused(lambda: found_in("aws_access_key_id = AKID"))
    assert said == "Partial credentials found in config, missing: aws_secret_access_key"
    said = refused(lambda: found_in(f"aws_access_key_id = A/B\naws_secret_access_key = {SECRET}"))
    assert said.startswith("config:2: access_key_id holds")


def test_a_process_goes_before_the_keys_of_the_config_file_and_behind_those_of_the_credentials_file() -> None:
    def run(words: list[str]) -> tuple[int, bytes, bytes]:
        return 0, json.dumps({"Version": 1, **KEYS}).encode(), b""

    keys = "aws_access_key_id = AKID\naws_secret_access_key = s"
    found = found_in(f"{keys}\ncredential_process = x", run=run)
    assert found is not None
    assert found.access_key_id == "ASIAEXAMPLE"
    found = found_in("credential_process = x", keys, run=run)
    assert found is not None
    assert found.access_key_id == "AKID"


def test_a_credential_process() -> None:
    asked = []

    def run(words: list[str]) -> tuple[int, bytes, bytes]:
        asked.append(words)
        return 0, json.dumps({"Version": 1, **KEYS, "SessionToken": "T"}).encode(), b""

    found = found_in("credential_process = prog 'a b' --c", run=run)
    assert found == Credentials("ASIAEXAMPLE", SECRET, "T", EXPIRES)
    assert asked == [["prog", "a b", "--c"]]


@pytest.mark.parametrize(
    ("code", "output", "said"),
    [
        (3, SECRET.encode(), "Error when retrieving credentials from custom-process: sorry"),
        (0, SECRET.encode(), "expected a JSON object"),
        (0, b"[]", "expected a JSON object"),
        (0, answer(), "Unsupported version '<Version key not provided>'"),
        (0, answer(Version=2), "Unsupported version '2'"),
        (0, answer(Version=1, AccessKeyId=None), "Missing required key in response: 'AccessKeyId'"),
        (0, answer(Version=1, SecretAccessKey=7), "Missing required key in response: 'SecretAccessKey'"),
        (0, answer(Version=1, Expiration="soon"), "expected a time such as"),
        (0, answer(Version=1, Expiration=7), "Expiration is not text"),
        (0, answer(Version=1, AccessKeyId="A B"), "access_key_id holds a space"),
    ],
)
def test_a_credential_process_that_fails(code: int, output: bytes, said: str) -> None:
    assert said in refused(lambda: process.find("prog", "config:2", lambda words: (code, output, b"sorry")))


def test_a_credential_process_is_run_without_a_shell(tmp_path: Path) -> None:
    script = tmp_path / "p.py"
    script.write_text(
        "import json, sys; print(json.dumps({'Version': 1, 'AccessKeyId': 'AKID', 'SecretAccessKey': sys.argv[1]}))"
    )
    found = process.find(f"{sys.executable} {script} '$HOME;x'", "config:2")
    assert found == Credentials("AKID", "$HOME;x")
    assert "No such file" in refused(lambda: process.find("/no/such/program", "config:2"))
    assert "No closing quotation" in refused(lambda: process.find("a 'b", "config:2"))
    assert "is empty" in refused(lambda: process.find(" ", "config:2"))


def test_a_container() -> None:
    endpoint = Endpoint(Response(200, {}, answer()))
    environ = {
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "https://no",
    }
    assert container.find(environ, endpoint) == Credentials("ASIAEXAMPLE", SECRET, "TOKEN", EXPIRES)
    assert endpoint.requests == [
        Request("GET", "http://169.254.170.2/v2/x", [("Accept", "application/json")])
    ]
    assert container.find({}, endpoint) is None


def test_a_containers_token_is_read_anew_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    environ = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file),
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other",
    }
    endpoint = Endpoint(Response(200, {}, answer()), Response(200, {}, answer()))
    for token in ("one\n", "two"):
        file.write_text(token)
        container.find(environ, endpoint)
    assert [dict(each.headers)["Authorization"] for each in endpoint.requests] == ["one", "two"]
    file.write_text("a\nb")
    assert (
        refused(lambda: container.find(environ, endpoint)) == "Auth token value is not a legal header value"
    )
    file.unlink()
    assert "No such file" in refused(lambda: container.find(environ, endpoint))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "http://127.9.9.9/",
        "http://localhost:1/",
        "http://[::1]:8/",
        "http://[fd00:ec2::23]/v1",
        "https://any.example/x",
    ],
)
def test_hosts_that_a_containers_endpoint_may_have(url: str) -> None:
    endpoint = Endpoint(Response(200, {}, answer()))
    assert container.find({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}, endpoint) is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://169.254.169.254/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://[::2]/",
        "ftp://x",
        "nonsense",
        "http://a b/",
    ],
)
def test_hosts_that_it_may_not_have(url: str) -> None:
    said = refused(lambda: container.find({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}, Endpoint()))
    assert "Unsupported host" in said or "AWS_CONTAINER_CREDENTIALS_FULL_URI" in said


def test_a_container_that_fails_is_asked_three_times_and_stops_the_chain() -> None:
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
    endpoint = Endpoint(Unreachable("h: TimeoutError"), Response(500), Response(200, {}, answer()))
    assert container.find(environ, endpoint) is not None
    endpoint = Endpoint(*[Unreachable("h: TimeoutError")] * 3)
    assert "container-role: h: TimeoutError" in refused(lambda: container.find(environ, endpoint))
    endpoint = Endpoint(Response(404, {}, SECRET.encode()))
    assert "non 200 response 404" in refused(lambda: container.find(environ, endpoint))


ROLES = Response(200, {}, b"role-a\n")
TOKEN = Response(200, {}, b"imds-token")


def test_instance_metadata_version_2() -> None:
    endpoint = Endpoint(TOKEN, ROLES, Response(200, {}, answer(Code="Success")))
    assert imds.find({}, endpoint) == Credentials("ASIAEXAMPLE", SECRET, "TOKEN", EXPIRES)
    base = "http://169.254.169.254/latest"
    assert [(each.method, each.url) for each in endpoint.requests] == [
        ("PUT", f"{base}/api/token"),
        ("GET", f"{base}/meta-data/iam/security-credentials/"),
        ("GET", f"{base}/meta-data/iam/security-credentials/role-a"),
    ]
    assert dict(endpoint.requests[0].headers) == {"x-aws-ec2-metadata-token-ttl-seconds": "21600"}
    assert all(
        dict(each.headers) == {"x-aws-ec2-metadata-token": "imds-token"} for each in endpoint.requests[1:]
    )


@pytest.mark.parametrize(
    "answers",
    [[Unreachable("off EC2")], [Response(404)], [Response(405)], [TOKEN, Response(404)]],
)
def test_no_instance_or_no_role_passes_on_and_version_1_is_never_tried(answers: list[Any]) -> None:
    endpoint = Endpoint(*answers)
    assert imds.find({}, endpoint) is None
    assert endpoint.answers == []
    assert imds.find({"AWS_EC2_METADATA_DISABLED": "TRUE"}, Endpoint()) is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([Response(403)], "refuses (403)"),
        ([TOKEN, Response(200)], "names no role"),
        ([TOKEN, Response(200, {}, b"../x")], "names no role"),
        ([TOKEN, ROLES, Response(500)], "status 500 for the role 'role-a'"),
        ([TOKEN, ROLES, Response(200, {}, b"<html>")], "expected a JSON object"),
        (
            [TOKEN, ROLES, Response(200, {}, answer(Code="AssumeRoleUnauthorizedAccess"))],
            "AssumeRoleUnauthorizedAccess",
        ),
        ([TOKEN, Unreachable("h: TimeoutError")], "h: TimeoutError"),
    ],
)
def test_instance_metadata_that_answers_and_gives_none(answers: list[Any], said: str) -> None:
    assert said in refused(lambda: imds.find({}, Endpoint(*answers)))


def test_where_instance_metadata_is_asked() -> None:
    for environ, base in (
        ({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"}, "http://[fd00:ec2::254]"),
        (
            {
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://h:1/",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv6",
            },
            "http://h:1",
        ),
    ):
        endpoint = Endpoint(Response(404))
        imds.find(environ, endpoint)
        assert endpoint.requests[0].url == f"{base}/latest/api/token"
    endpoint = Endpoint(*[Unreachable("x")] * 3)
    assert imds.find({"AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3"}, endpoint) is None
    assert endpoint.answers == []
    for name, value in (("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5"), ("AWS_METADATA_SERVICE_TIMEOUT", "x"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "h")):  # fmt: skip
        assert name in refused(lambda name=name, value=value: imds.find({name: value}, Endpoint()))  # type: ignore[misc]  # mypy cannot infer such a lambda


def section_of(text: str) -> Any:
    return merged(("config", f"[default]\n{text}"), ("credentials", "")).profiles["default"]


def test_instance_metadata_configured_in_the_profile() -> None:
    section = section_of(
        "ec2_metadata_service_endpoint = http://h:1/\nmetadata_service_timeout = 7\n"
        "metadata_service_num_attempts = 2\nec2_instance_profile_name = mine\n"
    )
    assert imds.service_of({}, section) == imds.Service("http://h:1", 7, 2, "mine")
    environ = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://e", "AWS_METADATA_SERVICE_TIMEOUT": "0.5"}
    assert imds.service_of(environ, section) == imds.Service("http://e", 0.5, 2, "mine")
    mode = section_of("ec2_metadata_service_endpoint_mode = IPv6")
    assert imds.service_of({}, mode).base == "http://[fd00:ec2::254]"
    assert imds.service_of({"AWS_IMDS_USE_IPV6": "true"}).base == "http://[fd00:ec2::254]"
    assert imds.is_disabled({}, section_of("disable_ec2_metadata = true"))
    said = refused(lambda: imds.service_of({}, section_of("metadata_service_timeout = soon")))
    assert said == "config:2: metadata_service_timeout is 'soon': expected a number above 0"
    said = refused(lambda: imds.service_of({}, section_of("ec2_metadata_service_endpoint_mode = 5")))
    assert said == "config:2: ec2_metadata_service_endpoint_mode is '5': expected ipv4 or ipv6"


def test_a_role_that_is_named_is_not_asked_for() -> None:
    endpoint = Endpoint(TOKEN, Response(200, {}, answer()))
    assert imds.find({"AWS_EC2_INSTANCE_PROFILE_NAME": "mine"}, endpoint) is not None
    assert [each.url.rpartition("/")[2] for each in endpoint.requests] == ["token", "mine"]


GOOD = Response(200, {}, answer())


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ([TOKEN, Response(401), TOKEN, ROLES, GOOD], 5),  # a session token that is refused is got anew
        ([TOKEN, ROLES, Response(401), TOKEN, GOOD], 5),
        ([TOKEN, Response(200), ROLES, GOOD], 4),
        ([TOKEN, Response(503), Unreachable("h"), ROLES, GOOD], 5),
        ([TOKEN, ROLES, Response(200), Response(200, {}, b"{"), GOOD], 5),
    ],
)
def test_instance_metadata_is_asked_again_where_that_may_help(answers: list[Any], count: int) -> None:
    endpoint = Endpoint(*answers)
    assert imds.find({}, endpoint) == Credentials("ASIAEXAMPLE", SECRET, "TOKEN", EXPIRES)
    assert len(endpoint.requests) == count


def test_a_token_that_is_refused_twice_is_the_end_of_it() -> None:
    endpoint = Endpoint(TOKEN, Response(401), TOKEN, Response(401))
    assert "names no role (status 401)" in refused(lambda: imds.find({}, endpoint))
    assert len(endpoint.requests) == 4


def test_what_a_container_says_of_its_refusal_is_told() -> None:
    body = b'{"code": "AccessDenied", "message": "no role", "secret": "THE-SECRET-KEY"}'
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
    said = refused(lambda: container.find(environ, Endpoint(Response(400, {}, body))))
    assert said.endswith("Received non 200 response 400 from container metadata: AccessDenied no role")


def environ_of(tmp_path: Path, text: str = "", **more: str) -> dict[str, str]:
    (tmp_path / "config").write_text(text)
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        **more,
    }


STATIC = f"[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {SECRET}\n[profile p]\naws_access_key_id = AKIDP\naws_secret_access_key = {SECRET}\n[profile empty]\nregion = x\n"
ENV = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize(
    ("name", "variables", "key_id"),
    [
        (None, ENV, "AKIDENV"),
        (None, {**ENV, "AWS_PROFILE": "p"}, "AKIDENV"),  # the variable's profile does not take it over
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
    )  # no instance metadata beside a container


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


def test_why_says_where_what_was_passed_over_and_what_was_not_asked(tmp_path: Path) -> None:
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


class Rotating:
    """A container endpoint whose credentials live for an hour of ``clock``."""

    def __init__(self) -> None:
        self.now, self.count, self.fails, self.inside, self.most = float(EXPIRES), 0, False, 0, 0
        self.lock = threading.Lock()

    def __call__(self, request: Request, seconds: float) -> Response:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.001)
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
    source.now = start + 2701 + 2750  # advisory: the old ones still do
    assert chain().access_key_id == "ASIA2"
    source.now = start + 2701 + 3100  # mandatory
    assert "TimeoutError" in refused(chain)
    source.fails = False
    assert chain().access_key_id == "ASIA3"


def test_credentials_that_come_expired_are_refused(tmp_path: Path) -> None:
    environ = environ_of(tmp_path, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x")
    chain = Chain(environ=environ, fetch=Endpoint(Response(200, {}, answer())), clock=lambda: EXPIRES)
    assert "are still expired" in refused(chain)


def test_fetch_is_bounded_and_follows_nothing() -> None:
    answers = [
        b"HTTP/1.1 302 Found\r\nLocation: http://h/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 2000000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 2000000,
        b"nonsense\r\n\r\n",
    ]
    with ScriptedServer(*answers) as server:
        request = Request("PUT", f"{server.url}/a?b", [("X-A", "b")])
        assert fetch(request, 5).status == 302
        for _ in range(3):
            with pytest.raises(Unreachable):
                fetch(request, 5)
        assert server.requests[0].startswith(b"PUT /a?b HTTP/1.1\r\n")
        assert server.headers(0) == {"host": server.url[7:], "x-a": "b", "content-length": "0"}
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1: could not connect: "):
        fetch(Request("GET", "http://127.0.0.1:1/", [("Authorization", SECRET)]), 1)


def test_the_token_of_one_file_does_not_go_with_the_keys_of_the_other() -> None:
    keys = f"aws_access_key_id = AKID\naws_secret_access_key = {SECRET}"
    found = found_in(f"{keys}\naws_session_token = STALE", keys)
    assert found == Credentials("AKID", SECRET)


_TOKEN_REQUEST = "/latest/api/token"
_FOUND = (Response(200, {}, b"TOKEN"), Response(200, {}, b"role"), Response(200, {}, answer(Code="Success")))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_metadata_service_is_asked_again_for_its_session_token(status: int) -> None:
    busy = Response(status, {}, b"busy")
    endpoint = Endpoint(busy, busy, *_FOUND)
    assert imds.find({}, endpoint) is not None
    assert [each.url.endswith(_TOKEN_REQUEST) for each in endpoint.requests] == [
        True,
        True,
        True,
        False,
        False,
    ]
    said = refused(lambda: imds.find({}, Endpoint(busy)))
    assert (
        said
        == f"iam-role: the instance metadata service is busy: it answered {status} to the request for a session token"
    )


@pytest.mark.parametrize("status", [429, 503])
def test_it_is_named_as_busy_for_the_second_token_too(status: int) -> None:
    token, refusal, busy = Response(200, {}, b"TOKEN"), Response(401, {}, b""), Response(status, {}, b"")
    endpoint = Endpoint(token, refusal, busy, *_FOUND)
    assert imds.find({}, endpoint) is not None
    assert f"busy: it answered {status}" in refused(lambda: imds.find({}, Endpoint(token, refusal, busy)))
    said = refused(lambda: imds.find({}, Endpoint(token, refusal, Unreachable("h: connect timeout"))))
    assert said == "iam-role: it refused the session token (401), then no answer (h: connect timeout)"


def test_no_answer_is_for_no_answer_alone() -> None:
    for response, why in (
        (Unreachable("h: connect timeout"), "no answer (h: connect timeout)"),
        (Response(404, {}, b""), "it answered 404 to the request for a session token: it has no version 2"),
        (Response(405, {}, b""), "it answered 405 to the request for a session token: it has no version 2"),
        (Response(200, {}, b"\x00"), "its session token cannot be read"),
        (Response(200, {}, b""), "its session token cannot be read"),
    ):
        endpoint = Endpoint(response)
        chain = Chain(environ={"HOME": "/none"}, fetch=endpoint)
        assert chain.why()[-1] == ("instance metadata", f"http://169.254.169.254: {why}")
        assert len(endpoint.requests) == 1
    chain = Chain(environ={"HOME": "/none"}, fetch=Endpoint(Response(200, {}, b"T"), Response(404, {}, b"")))
    assert chain.why()[-1] == ("instance metadata", "http://169.254.169.254: the instance has no role")
    said = refused(lambda: imds.find({}, Endpoint(Response(403, {}, b""))))
    assert "(403)" in said
    assert "kube2iam" in said


@pytest.mark.parametrize("body", [b"", b"<html>starting</html>", b"[]"])
def test_a_container_that_answers_without_json_is_asked_again(body: bytes) -> None:
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}
    endpoint = Endpoint(Response(200, {}, body), Response(503, {}, b""), Response(200, {}, answer()))
    assert container.find(environ, endpoint) is not None
    assert len(endpoint.requests) == 3
    assert "container-role: expected a JSON object" in refused(
        lambda: container.find(environ, Endpoint(Response(200, {}, body)))
    )


@pytest.mark.parametrize(
    "text",
    ["20260304T050607Z", "20260304T060607+0100", "2026-03-04T06:06:07+01", "2026-03-04T05:06:07,0Z", "2026-03-04 05:06:07 UTC",
     "Wed, 04 Mar 2026 05:06:07 GMT"],
)  # fmt: skip
def test_times_in_further_forms(text: str) -> None:
    assert expiry(text, "x") == EXPIRES


@pytest.mark.parametrize(
    "text", ["", "Z", "2026-03-04T", "2026-3-4T05:06:07Z", "2026-13-04T05:06:07Z", "2026-03-04T25:06:07Z", "1772600767",
             "2026-03-04T05:06:07+1", "2026-03-04T05:06:07.Z", "0001-01-01T00:00:00+01:00", "Wed, 04 Foo 2026 05:06:07 GMT", "٢٠٢٦٠٣٠٤"]
)  # fmt: skip
def test_other_times_are_refused(text: str) -> None:
    assert "expected a time" in refused(lambda: expiry(text, "x"))


def test_keys_of_the_environment_past_their_expiry_are_named() -> None:
    environ = {
        "AWS_ACCESS_KEY_ID": "A",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_CREDENTIAL_EXPIRATION": "2026-03-04T05:06:07Z",
    }
    assert Chain(environ=environ, clock=lambda: EXPIRES - 1)().access_key_id == "A"
    assert "AWS_CREDENTIAL_EXPIRATION" in refused(Chain(environ=environ, clock=lambda: EXPIRES))


def test_how_long_a_process_may_take_is_a_setting() -> None:
    config = merged(("config", "[default]\ncredential_process_timeout = 90\n"), ("credentials", ""))
    section = config.profiles["default"]
    assert process.seconds_of({}, {}) == 60
    assert process.seconds_of(section, {}) == 90
    assert process.seconds_of(section, {"AWS_CREDENTIAL_PROCESS_TIMEOUT": "1.5"}) == 1.5
    for wrong in ("0", "-1", "soon", "nan", "1e9"):
        environ = {"AWS_CREDENTIAL_PROCESS_TIMEOUT": wrong}
        said = refused(lambda environ=environ: process.seconds_of({}, environ))  # type: ignore[misc]  # mypy cannot infer such a lambda
        assert "expected seconds, more than 0" in said
    sleeper = f"{sys.executable} -I -S -c 'import time; time.sleep(600)'"
    said = refused(
        lambda: found_in(f"credential_process = {sleeper}\ncredential_process_timeout = 0.1", run=None)
    )
    assert "took more than 0.1 s: credential_process_timeout in the profile sets the limit" in said


def test_where_no_thread_can_be_had_names_are_resolved_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def no_thread(self: threading.Thread) -> None:
        if threading.current_thread() is not threading.main_thread():  # the server's own
            return start(self)
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with ScriptedServer(http(200, "{}")) as server:
        monkeypatch.setattr(threading.Thread, "start", no_thread)
        url = server.url.replace("127.0.0.1", "localhost")
        assert fetch(Request("GET", f"{url}/"), 10, environ={}).status == 200
        assert "no thread can be started" in refused(lambda: process.run([sys.executable, "-c", "pass"]))

        async def asked() -> Credentials:
            environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
            return await Chain(
                environ=environ, fetch=Endpoint(Response(200, {}, answer())), clock=lambda: 0
            ).aget()

        loop = asyncio.new_event_loop()  # asyncio.run would end its executor in a thread
        assert loop.run_until_complete(asked()).access_key_id == "ASIAEXAMPLE"
        loop.close()
