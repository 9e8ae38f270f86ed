"""The credentials of a container's endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, CredentialsError, Request, Response
from sigv4.providers import container, environment
from sigv4.providers.fetch import Unreachable
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, Endpoint, answer, refused

KEYS = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "Token": "token"}


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


def test_a_containers_token_is_read_again_from_its_file(tmp_path: Path) -> None:
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
    said = refused(lambda: container.find(environ, endpoint))
    assert said == f"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {file}: No such file or directory"


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


def test_the_reason_in_a_containers_refusal_is_shown() -> None:
    body = b'{"code": "AccessDenied", "message": "no role", "secret": "THE-SECRET-KEY"}'
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
    said = refused(lambda: container.find(environ, Endpoint(Response(400, {}, body))))
    assert said.endswith("Received non 200 response 400 from container metadata: AccessDenied no role")


@pytest.mark.parametrize("body", [b"", b"<html>starting</html>", b"[]"])
def test_a_container_that_answers_without_json_is_retried(body: bytes) -> None:
    environ = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}
    endpoint = Endpoint(Response(200, {}, body), Response(503, {}, b""), Response(200, {}, answer()))
    assert container.find(environ, endpoint) is not None
    assert len(endpoint.requests) == 3
    assert "container-role: expected a JSON object" in refused(
        lambda: container.find(environ, Endpoint(Response(200, {}, body)))
    )


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
