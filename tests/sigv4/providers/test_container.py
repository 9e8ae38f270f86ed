"""The credentials of a container's endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigv4 import Credentials, Request, Response
from sigv4.providers import container
from sigv4.providers.fetch import Unreachable
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, Endpoint, answer, refused


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
