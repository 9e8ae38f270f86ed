"""The instance metadata service, version 2."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sigv4 import Credentials, CredentialsError, Request, Response
from sigv4.config.shared_config import merged
from sigv4.providers import imds
from sigv4.providers.chain import Chain
from sigv4.providers.fetch import Unreachable
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, Endpoint, answer, refused

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
def test_instance_metadata_that_gives_no_credentials(answers: list[Any], said: str) -> None:
    assert said in refused(lambda: imds.find({}, Endpoint(*answers)))


def test_the_addresses_of_the_instance_metadata() -> None:
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
        assert name in refused(partial(imds.find, {name: value}, Endpoint()))


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
    endpoint = Endpoint(TOKEN, Response(200, {}, answer()))
    assert imds.find({}, endpoint, section) is not None
    path = "meta-data/iam/security-credentials/mine"
    assert [each.url for each in endpoint.requests] == [
        f"http://h:1/latest/{each}" for each in ("api/token", path)
    ]
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
        # A new session token is requested if the old one is refused.
        ([TOKEN, Response(401), TOKEN, ROLES, GOOD], 5),
        ([TOKEN, ROLES, Response(401), TOKEN, GOOD], 5),
        ([TOKEN, Response(200), ROLES, GOOD], 4),
        ([TOKEN, Response(503), Unreachable("h"), ROLES, GOOD], 5),
        ([TOKEN, ROLES, Response(200), Response(200, {}, b"{"), GOOD], 5),
    ],
)
def test_instance_metadata_is_retried_if_that_may_help(answers: list[Any], count: int) -> None:
    endpoint = Endpoint(*answers)
    assert imds.find({}, endpoint) == Credentials("ASIAEXAMPLE", SECRET, "TOKEN", EXPIRES)
    assert len(endpoint.requests) == count


def test_the_search_ends_if_the_session_token_is_refused_twice() -> None:
    endpoint = Endpoint(TOKEN, Response(401), TOKEN, Response(401))
    assert "names no role (status 401)" in refused(lambda: imds.find({}, endpoint))
    assert len(endpoint.requests) == 4


_TOKEN_REQUEST = "/latest/api/token"
_FOUND = (Response(200, {}, b"TOKEN"), Response(200, {}, b"role"), Response(200, {}, answer(Code="Success")))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_metadata_service_is_retried_for_its_session_token(status: int) -> None:
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
def test_the_metadata_endpoint_is_named_as_busy_for_the_second_token_too(status: int) -> None:
    token, refusal, busy = Response(200, {}, b"TOKEN"), Response(401, {}, b""), Response(status, {}, b"")
    endpoint = Endpoint(token, refusal, busy, *_FOUND)
    assert imds.find({}, endpoint) is not None
    assert f"busy: it answered {status}" in refused(lambda: imds.find({}, Endpoint(token, refusal, busy)))
    said = refused(lambda: imds.find({}, Endpoint(token, refusal, Unreachable("h: connect timeout"))))
    assert said == "iam-role: it refused the session token (401), then no answer (h: connect timeout)"


def test_the_exit_code_for_no_answer_is_used_only_for_that() -> None:
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


def test_instance_metadata_that_are_no_json_are_named() -> None:
    answers = {"/latest/api/token": b"token", "/latest/meta-data/iam/security-credentials/": b"role\nother"}

    def fetch(request: Request, seconds: float) -> Response:
        path = request.url.removeprefix("http://169.254.169.254")
        return Response(200, (), answers.get(path, b"no json"))

    with pytest.raises(CredentialsError, match=r"^iam-role: expected a JSON object$"):
        imds.find({}, fetch)
