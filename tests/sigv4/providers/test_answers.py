"""Answers of credential endpoints: what is asked again, what is taken, and what is said of the rest."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import Credentials, CredentialsError, Request, Response
from sigv4.network.deadline_socket import ExchangeError
from sigv4.network.proxies import Proxy
from sigv4.providers import attempts, container, environment, fetch as fetch_module, freshness, imds
from sigv4.providers.answers import credentials_in, expiry, json_object
from sigv4.providers.attempts import answer_to, is_no_json, is_transient
from sigv4.providers.fetch import Unreachable

KEYS = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "Token": "token"}
REQUEST = Request("GET", "http://h/", [("Authorization", "token")])


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"1", b"null", b"[" * 100_000, b"\xff"])
def test_only_an_object_is_one(raw: bytes) -> None:
    with pytest.raises(CredentialsError, match=r"^source: expected a JSON object$"):
        json_object(raw, "source")
    assert json_object(b'{"a": 1}', "source") == {"a": 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"AccessKeyId": None}, "source: Missing required key in response: 'AccessKeyId'"),
        ({"AccessKeyId": ""}, "source: Missing required key in response: 'AccessKeyId'"),
        ({"SecretAccessKey": 1}, "source: Missing required key in response: 'SecretAccessKey'"),
        ({"SecretAccessKey": ""}, "source: Missing required key in response: 'SecretAccessKey'"),
        ({"Expiration": 5}, "source: Expiration is not text such as 2026-01-02T03:04:05Z"),
        ({"Expiration": "soon"}, "source: expected a time such as 2026-01-02T03:04:05Z, got 'soon'"),
        ({"Expiration": "x" * 50}, f"source: expected a time such as 2026-01-02T03:04:05Z, got '{'x' * 40}'"),
    ],
)
def test_missing_members_of_an_answer_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CredentialsError) as refused:
        credentials_in({**KEYS, **change}, "source", "Token")
    assert str(refused.value) == said


def test_credentials_are_accepted_without_their_white_space() -> None:
    padded = {name: f" {value}\n" for name, value in KEYS.items()}
    expected = Credentials("ASIAEXAMPLE", "secret", "token", 1767323045.0)
    assert credentials_in({**padded, "Expiration": " 2026-01-02T03:04:05Z "}, "s", "Token") == expected
    for other in ({"Token": 1}, {"Token": None}):
        found = credentials_in({**KEYS, **other}, "s", "Token")
        assert (found.session_token, found.expires_at) == (None, None)
    assert credentials_in(KEYS, "s", "SessionToken").session_token is None


# 1767323045 is 2026-01-02T03:04:05Z, as `date -u +%s` has it.
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-02T03:04:05Z", 1767323045.0),
        ("2026-01-02 03:04:05", 1767323045.0),
        ("2026-01-02t03:04:05z", 1767323045.0),
        ("20260102T030405Z", 1767323045.0),
        ("2026-01-02T03:04:05UTC", 1767323045.0),
        ("2026-01-02 03:04:05 UTC", 1767323045.0),
        ("2026-01-02T03:04:05 GMT", 1767323045.0),
        ("2026-01-02T03:04:05.5Z", 1767323045.5),
        ("2026-01-02T03:04:05,25Z", 1767323045.25),
        ("2026-01-02T05:04:05+02:00", 1767323045.0),
        ("2026-01-02T05:34:05+0230", 1767323045.0),
        ("2026-01-02T01:04:05-02", 1767323045.0),
        ("2026-01-02T00:34:05-02:30", 1767323045.0),
        ("2026-01-02T03:04", 1767323040.0),
        ("2026-01-02T03", 1767322800.0),
        ("2026-01-02", 1767312000.0),
        ("Fri, 02 Jan 2026 03:04:05 GMT", 1767323045.0),
    ],
)
def test_the_forms_of_a_time(text: str, seconds: float) -> None:
    assert expiry(text, "source") == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        "2026-01-02T",
        "2026-01-02T3",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T030",
        "2026-01-2T03",
        "2026-13-02T03",
        "2026-01-02T25",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05+123",
        "2026-01-02T03:04:05+12345",
        "2026-01-02T03:04:0x",
        "2026-01-02T03:04:0²",
        "x2026-01-02T03:04:05Z",
    ],
)
def test_a_text_that_is_not_a_time(text: str) -> None:
    with pytest.raises(CredentialsError, match=r"^source: expected a time such as"):
        expiry(text, "source")


# --- attempts


@pytest.mark.parametrize(
    ("status", "transient"), [(200, False), (400, False), (428, False), (429, True), (430, False), (499, False), (500, True), (503, True), (599, True)]
)  # fmt: skip
def test_which_statuses_may_pass(status: int, transient: bool) -> None:
    assert is_transient(Response(status)) is transient


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"{}", True),
        (200, b"x", True),
        (200, b'{"a":1}', False),
        (404, b"{}", False),
        (404, b'{"a":1}', False),
    ],
)
def test_answers_that_are_not_json(status: int, body: bytes, expected: bool) -> None:
    assert is_no_json(Response(status, (), body)) is expected


class Script:
    """Answers from a list; an Unreachable is raised."""

    def __init__(self, *answers: Response | Unreachable) -> None:
        self.answers = list(answers)
        self.seconds: list[float] = []

    def __call__(self, request: Request, seconds: float) -> Response:
        assert request == REQUEST
        self.seconds.append(seconds)
        found = self.answers.pop(0)
        if isinstance(found, Unreachable):
            raise found
        return found


OK, BUSY, GONE, LATER = Response(200), Response(503), Unreachable("gone"), Unreachable("later")


@pytest.mark.parametrize(
    ("answers", "more", "result", "asked"),
    [
        ((OK,), {}, OK, 1),
        ((BUSY, OK), {}, OK, 2),
        ((BUSY, BUSY, BUSY), {}, BUSY, 3),
        ((GONE, OK), {}, OK, 2),
        ((GONE, GONE, LATER), {}, "later", 3),
        ((BUSY, GONE, LATER), {}, "later", 3),
        ((GONE, BUSY, BUSY), {}, BUSY, 3),
        ((GONE,), {"unanswered": 1}, "gone", 1),
        ((GONE, LATER), {"unanswered": 2}, "later", 2),
        ((BUSY, GONE, OK), {"unanswered": 1}, OK, 3),
        ((BUSY,), {"attempts": 1}, BUSY, 1),
        ((BUSY,) * 5, {"attempts": 5}, BUSY, 5),
        ((OK, OK, OK), {"again": lambda answer: True}, OK, 3),
    ],
)
def test_what_is_retried(
    monkeypatch: pytest.MonkeyPatch, answers: Any, more: dict[str, Any], result: Any, asked: int
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(attempts, "_PAUSE", 0.5)
    monkeypatch.setattr(attempts, "time", SimpleNamespace(sleep=pauses.append))
    script = Script(*answers)
    if isinstance(result, str):
        with pytest.raises(Unreachable, match=f"^{result}$"):
            answer_to(REQUEST, script, 7.0, **more)
    else:
        assert answer_to(REQUEST, script, 7.0, **more) is result
    assert script.seconds == [7.0] * asked
    assert pauses == [0.5, 1.0, 2.0, 4.0][: asked - 1]


# --- texts


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("connect", "refused", "h: could not connect: refused"),
        ("connect-timeout", "", "h: connect timeout"),
        ("read-timeout", "", "h: read timeout"),
        ("deadline", "", "h: no whole answer in time"),
        ("closed", "why", "h: the connection was closed before a whole answer came: why"),
        ("tls", "why", "h: SSL validation failed: why"),
        ("too-large", "why", "h: the answer is too long: why"),
        ("proxy", "why", 'h: Failed to connect to proxy URL: "http://***:***@p:8" (HTTPS_PROXY): why'),
        ("proxy-refused", "", 'h: Failed to connect to proxy URL: "http://***:***@p:8" (HTTPS_PROXY)'),
    ],
)
def test_why_an_endpoint_gave_no_answer(kind: str, reason: str, said: str) -> None:
    proxy = Proxy("p", 8, "Basic x", "HTTPS_PROXY")
    assert fetch_module._said("h", ExchangeError(kind, reason), proxy) == said


@pytest.mark.parametrize(
    ("request_", "app_id", "headers"),
    [
        (Request("GET", "http://h/"), "", {"Host": "h"}),
        (Request("GET", "http://h/", [("host", "x")]), "", {"host": "x"}),
        (Request("GET", "http://h/", (), b"ab"), "", {"Host": "h", "Content-Length": "2"}),
        (Request("PUT", "http://h/"), "", {"Host": "h", "Content-Length": "0"}),
        (
            Request("POST", "http://h/"),
            "a",
            {"Host": "h", "Content-Length": "0", "User-Agent": "sigv4 app/a"},
        ),
        (Request("POST", "http://h/", [("content-length", "7")]), "", {"Host": "h", "content-length": "7"}),
        (Request("DELETE", "http://h/"), "", {"Host": "h"}),
    ],
)
def test_what_is_added_to_a_request(request_: Request, app_id: str, headers: dict[str, str]) -> None:
    found = fetch_module._complete(request_, "h", app_id)
    assert dict(found.headers) == headers
    assert (found.method, found.url, found.body) == (request_.method, request_.url, request_.body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"code": "C", "message": "m"}, ": C m"),
        ({"code": "C"}, ": C"),
        ({"message": "m", "other": "o"}, ": m"),
        ({"code": 5, "message": None}, ""),
        ({"code": "x" * 300, "message": "m"}, f": {'x' * 200} m"),
        ({"code": "a\nb"}, ": a b"),
        ({"code": "\x1b[2J", "message": "m"}, ": [2J m"),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_reason_in_a_containers_refusal(body: Any, said: str) -> None:
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
    answer = Response(403, (), json.dumps(body).encode())
    with pytest.raises(CredentialsError) as refused:
        container.find(environ, lambda request, seconds: answer)
    assert str(refused.value) == (
        "Error when retrieving credentials from container-role: Received non 200 response 403 from container "
        f"metadata{said}"
    )


@pytest.mark.parametrize(
    ("environ", "files", "headers"),
    [
        ({}, {}, {}),
        ({"_TOKEN": "t"}, {}, {"Authorization": "t"}),
        ({"_TOKEN": ""}, {}, {}),
        ({"_TOKEN": " t "}, {}, {"Authorization": " t "}),
        (
            {"_TOKEN": "t", "_TOKEN_FILE": "/f"},
            {"/f": b"of the file\r\n\n"},
            {"Authorization": "of the file"},
        ),
        ({"_TOKEN": "t", "_TOKEN_FILE": "  "}, {}, {"Authorization": "t"}),
        ({"_TOKEN_FILE": " ~/f "}, {"/h/f": b"\xfc"}, {"Authorization": "\xfc"}),
        ({"_TOKEN_FILE": "/f"}, {"/f": b"\n"}, {}),
        ({"_TOKEN": "a\nb"}, {}, None),
        ({"_TOKEN": "a\r"}, {}, None),
        ({"_TOKEN": "a\0"}, {}, None),
        ({"_TOKEN_FILE": "/f"}, {"/f": b"a\nb\n"}, None),
    ],
)
def test_the_token_of_a_container(
    environ: dict[str, str], files: dict[str, bytes], headers: dict[str, str] | None
) -> None:
    asked: list[Request] = []

    def fetch(request: Request, seconds: float) -> Response:
        asked.append(request)
        assert seconds == 2.0
        return Response(200, (), json.dumps(KEYS).encode())

    given = {f"AWS_CONTAINER_AUTHORIZATION{name}": value for name, value in environ.items()}
    given |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": " http://localhost/x ", "HOME": "/h"}
    if headers is None:
        with pytest.raises(CredentialsError, match=r"^Auth token value is not a legal header value$"):
            container.find(given, fetch, files.__getitem__)
        assert asked == []
        return
    assert container.find(given, fetch, files.__getitem__) == Credentials("ASIAEXAMPLE", "secret", "token")
    (request,) = asked
    assert (request.method, request.url, request.body) == ("GET", "http://localhost/x", b"")
    assert dict(request.headers) == {"Accept": "application/json", **headers}


@pytest.mark.parametrize(
    ("relative", "full", "url"),
    [
        ("/a", "http://localhost/b", "http://169.254.170.2/a"),
        (" /a ", "", "http://169.254.170.2/a"),
        ("", "http://169.254.170.23/b", "http://169.254.170.23/b"),
        (" ", "https://any.example/b", "https://any.example/b"),
    ],
)
def test_the_url_of_a_container(relative: str, full: str, url: str) -> None:
    environ = {
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": relative,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": full,
    }
    assert environment.is_container(environ)
    assert container.url_of(environ) == url


# --- freshness


@pytest.mark.parametrize(
    ("life", "left", "expected"),
    [
        (3600.0, 901.0, 2),
        (3600.0, 900.0, 1),
        (3600.0, 601.0, 1),
        (3600.0, 600.0, 0),
        (3600.0, 0.0, 0),
        (3600.0, -5.0, 0),
        (1200.0, 301.0, 2),
        (1200.0, 300.0, 1),
        (1200.0, 201.0, 1),
        (1200.0, 200.0, 0),
        (36000.0, 901.0, 2),
        (36000.0, 600.0, 0),
        (-5.0, 1.0, 2),
        (-5.0, 0.0, 0),
    ],
)
def test_when_credentials_are_refreshed(life: float, left: float, expected: int) -> None:
    found = freshness.Found(Credentials("AKIDEXAMPLE", "secret", None, 10_000.0), 10_000.0 - life, "provider")
    assert found.freshness(10_000.0 - left) == expected
    assert (found.at, found.provider) == (10_000.0 - life, "provider")


def test_credentials_without_an_expiry_stay_fresh() -> None:
    assert freshness.Found(Credentials("AKIDEXAMPLE", "secret"), 0.0, "p").freshness(1e12) == 2


@pytest.mark.parametrize(("random", "more"), [(0.0, 600.0), (0.5, 750.0), (1.0, 900.0)])
def test_credentials_are_stretched_by_ten_to_fifteen_minutes(
    monkeypatch: pytest.MonkeyPatch, random: float, more: float
) -> None:
    monkeypatch.setattr("random.random", lambda: random)
    given = Credentials("AKIDEXAMPLE", "secret", "token", 5.0, "X-Amz-S3session-Token")
    expected = Credentials("AKIDEXAMPLE", "secret", "token", 1000.0 + more, "X-Amz-S3session-Token")
    assert freshness.stretched(given, 1000.0) == expected


def test_instance_metadata_that_are_no_json_are_named() -> None:
    answers = {"/latest/api/token": b"token", "/latest/meta-data/iam/security-credentials/": b"role\nother"}

    def fetch(request: Request, seconds: float) -> Response:
        path = request.url.removeprefix("http://169.254.169.254")
        return Response(200, (), answers.get(path, b"no json"))

    with pytest.raises(CredentialsError, match=r"^iam-role: expected a JSON object$"):
        imds.find({}, fetch)
