"""The environment, static keys, programs and times; and the common parts of all providers' requests."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from sigv4 import Credentials, Request, Response
from sigv4.config.shared_config import merged
from sigv4.providers import environment, process
from sigv4.providers.answers import expiry
from sigv4.providers.chain import Chain
from sigv4.providers.fetch import Unreachable, fetch
from tests.sagemaker_api.scripted import ScriptedServer, http
from tests.sigv4.providers.endpoints import (
    EXPIRES,
    KEYS,
    SECRET,
    Endpoint,
    answer,
    found_in,
    refused,
)


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
    assert said.startswith("config:2: access_key_id contains")
    said = refused(
        lambda: found_in("aws_access_key_id = A\naws_secret_access_key = a b\naws_session_token = c")
    )
    assert said.startswith("config:3: secret_access_key contains a space")
    said = refused(
        lambda: found_in("aws_access_key_id = A\naws_secret_access_key = b\naws_session_token = c d")
    )
    assert said.startswith("config:4: session_token contains a space")


def test_a_process_comes_between_the_keys_of_the_two_files() -> None:
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
        (0, answer(Version="1"), "supported versions: 1, a number, not text"),
        (0, b" \n", "'prog' printed nothing: expected a JSON object"),
        (-9, b"", "Error when retrieving credentials from custom-process: sorry"),
        (0, answer(Version=1, AccessKeyId=None), "Missing required key in response: 'AccessKeyId'"),
        (0, answer(Version=1, SecretAccessKey=7), "Missing required key in response: 'SecretAccessKey'"),
        (0, answer(Version=1, Expiration="soon"), "expected a time such as"),
        (0, answer(Version=1, Expiration=7), "Expiration is not text"),
        (0, answer(Version=1, AccessKeyId="A B"), "access_key_id contains a space"),
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


def test_fetch_has_limits_and_follows_no_redirect() -> None:
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
        said = refused(partial(process.seconds_of, {}, environ))
        assert "expected seconds, more than 0" in said
    sleeper = f"{sys.executable} -I -S -c 'import time; time.sleep(600)'"
    said = refused(
        lambda: found_in(f"credential_process = {sleeper}\ncredential_process_timeout = 0.1", run=None)
    )
    assert "took more than 0.1 s: credential_process_timeout in the profile sets the limit" in said


def test_names_are_resolved_in_the_same_thread_if_no_other_can_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = threading.Thread.start

    def no_thread(self: threading.Thread) -> None:
        if threading.current_thread() is not threading.main_thread():  # the server's own threads
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

        loop = asyncio.new_event_loop()  # asyncio.run would shut down its executor in a thread
        assert loop.run_until_complete(asked()).access_key_id == "ASIAEXAMPLE"
        loop.close()
