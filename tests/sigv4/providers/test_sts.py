"""STS: its endpoint, its refusals, and requests that are repeated."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sigv4 import ConfigError, Credentials, Request, Response, Verifier
from sigv4.config.profiles import Profile
from sigv4.config.service_endpoints import SAGEMAKER, SSO, SSO_OIDC, STS, ServiceHosts, endpoint_of
from sigv4.config.settings import ClientArguments
from sigv4.config.shared_config import merged
from sigv4.providers import sts, web_identity
from sigv4.providers.chain import Chain
from sigv4.providers.fetch import Unreachable, fetch
from tests.capture import Captured, CapturingServer
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, Endpoint, refused
from tests.sigv4.providers.roles import NOW, ROLE, SOURCE, STATIC, Hosts, find, xml


def test_what_sts_refuses_is_reported() -> None:
    body = b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: x is not authorized &amp; more</Message></Error></ErrorResponse>"
    text = f"[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\n{STATIC}"
    said = refused(lambda: find(text, Endpoint(Response(403, {}, body))))
    assert (
        said
        == "An error occurred (AccessDenied): User: x is not authorized & more when calling the AssumeRole operation"
    )
    assert "(status 502)" in refused(lambda: find(text, Endpoint(Response(502, {}, b"<html>"))))
    assert "AssumeRole: h: TimeoutError" in refused(
        lambda: find(text, Endpoint(Unreachable("h: TimeoutError")))
    )
    for changes in ({"SessionToken": ""}, {"Expiration": "soon"}, {"AccessKeyId": "A B"}):
        assert refused(partial(find, text, Endpoint(Response(200, {}, xml(**changes)))))


@pytest.mark.parametrize(
    ("environ", "url", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "https://sts.eu-west-1.amazonaws.com", "eu-west-1"),
        ({"AWS_REGION": "cn-north-1"}, "https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ({"AWS_REGION": "aws-global"}, "https://sts.amazonaws.com", "us-east-1"),
        (
            {"AWS_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"},
            "https://sts-fips.us-east-1.amazonaws.com",
            "us-east-1",
        ),
        (
            {"AWS_REGION": "us-gov-west-1", "AWS_USE_FIPS_ENDPOINT": "true"},
            "https://sts.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        ),
        (
            {"AWS_REGION": "us-east-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
            "https://sts.us-east-1.api.aws",
            "us-east-1",
        ),
        ({"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://h:1"}, "http://h:1", "us-east-1"),
        (
            {"AWS_REGION": "eu-west-1", "AWS_STS_REGIONAL_ENDPOINTS": "Legacy"},
            "https://sts.amazonaws.com",
            "us-east-1",
        ),
        (
            {"AWS_REGION": "ap-east-1", "AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
            "https://sts.ap-east-1.amazonaws.com",
            "ap-east-1",
        ),
        (
            {
                "AWS_REGION": "us-east-1",
                "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
                "AWS_USE_FIPS_ENDPOINT": "true",
            },
            "https://sts-fips.us-east-1.amazonaws.com",
            "us-east-1",
        ),
        (
            {
                "AWS_REGION": "us-east-1",
                "AWS_USE_FIPS_ENDPOINT": "true",
                "AWS_USE_DUALSTACK_ENDPOINT": "true",
            },
            "https://sts-fips.us-east-1.api.aws",
            "us-east-1",
        ),
    ],
)
def test_the_endpoint_of_sts(environ: dict[str, str], url: str, region: str) -> None:
    config = merged(("config", ""), ("credentials", ""))
    found = sts.endpoint_of(Profile("default", "default", {}, config), environ)
    assert (found.url, found.region) == (url, region)


def test_an_invalid_region_or_no_name_is_refused() -> None:
    config = merged(("config", "[default]\nregion = evil.example/#"), ("credentials", ""))
    assert "config:2: Provided region_name" in refused(
        lambda: sts.endpoint_of(Profile("default", "default", config.profiles["default"], config), {})
    )
    assert (
        refused(lambda: sts.endpoint_of(Profile("default", "default", {}, config), {}))
        == "You must specify a region."
    )
    assert (
        web_identity.find_in_environment(
            {}, Profile("default", "default", {}, config), Endpoint(), lambda: NOW
        )
        is None
    )


def test_over_a_real_socket_the_request_verifies() -> None:
    def reply(captured: Captured) -> bytes:
        body = xml()
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    with CapturingServer(reply) as server:
        text = f"[profile a]\nrole_arn = {ROLE}\nsource_profile = b\n[profile b]\n{STATIC}"
        found = find(text, fetch, environ={"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL_STS": server.origin})
        assert found == Credentials("ASIAROLE", SECRET, "T&", EXPIRES)
        captured = server.captured[0]
    assert [name for name, _ in captured.headers].count("Host") == 1
    verifier = Verifier("sts", "eu-west-1", lambda claim: SOURCE, clock=lambda: NOW, strict=True)
    assert verifier.verify(captured.method, captured.target, captured.headers, captured.body)


def test_an_invalid_mode_of_endpoints_is_refused() -> None:
    config = merged(("config", ""), ("credentials", ""))
    environ = {"AWS_REGION": "eu-west-1", "AWS_STS_REGIONAL_ENDPOINTS": "global"}
    said = refused(lambda: sts.endpoint_of(Profile("default", "default", {}, config), environ))
    assert (
        said == "AWS_STS_REGIONAL_ENDPOINTS: sts_regional_endpoints is 'global': expected regional or legacy"
    )


@pytest.mark.parametrize(
    ("first", "count"),
    [
        (Response(400, {}, b"<Code>IDPCommunicationError</Code>"), 2),
        (Response(503, {}, b"<html>"), 2),
        (Unreachable("h: read timeout"), 2),
        (Response(400, {}, b"<Code>Throttling</Code>"), 2),
        (Response(400, {}, b"<Code>InvalidIdentityToken</Code>"), 1),
        (Response(403, {}, b"<Code>AccessDenied</Code>"), 1),
    ],
)
def test_which_requests_to_sts_are_repeated_after_a_refusal(tmp_path: Path, first: Any, count: int) -> None:
    (tmp_path / "token").write_text("one.two")
    text = f"[profile a]\nrole_arn = x/1\nweb_identity_token_file = {tmp_path / 'token'}"
    endpoint = Endpoint(first, Response(200, {}, xml("AssumeRoleWithWebIdentity")))
    if count == 2:
        assert find(text, endpoint) is not None
    else:
        assert "An error occurred" in refused(lambda: find(text, endpoint))
    assert len(endpoint.requests) == count


def test_a_refusal_repeats_no_token_of_its_request(tmp_path: Path) -> None:
    """STS explains a wrong signature with the canonical request, which contains the session token."""

    def echo(request: Request, seconds: float) -> Response:
        token = str(dict(request.headers).get("X-Amz-Security-Token", ""))
        said = f"no match:\n'POST\n/\nx-amz-security-token:{token}' {request.body.decode()} \x1b[2J"
        return Response(403, {}, f"<Code>SignatureDoesNotMatch</Code><Message>{said}</Message>".encode())

    text = f"[profile a]\nrole_arn = {ROLE}\nsource_profile = b\n[profile b]\n{STATIC}\naws_session_token = MARKER+/="
    said = refused(lambda: find(text, echo))
    assert "x-amz-security-token:***" in said
    (tmp_path / "token").write_text("MARKER.two")
    text = f"[profile a]\nrole_arn = x/1\nweb_identity_token_file = {tmp_path / 'token'}"
    for each in (said, refused(lambda: find(text, echo))):
        assert "SignatureDoesNotMatch" in each
        assert "MARKER" not in each
        assert each.isprintable(), "and steers no terminal"


_CHAIN = (
    f"[profile a]\nregion = eu-west-1\nrole_arn = {ROLE}1\nsource_profile = b\n"
    f"[profile b]\nregion = us-west-2\nuse_fips_endpoint = true\nrole_arn = {ROLE}2\nsource_profile = c\n"
    f"[profile c]\nregion = sa-east-1\n{STATIC}\n"
)


@pytest.mark.parametrize(
    ("arguments", "host", "region"),
    [
        (ClientArguments(), "sts.eu-west-1.amazonaws.com", "eu-west-1"),
        (ClientArguments("eu-central-1"), "sts.eu-central-1.amazonaws.com", "eu-central-1"),
        (
            ClientArguments("us-east-2", use_fips_endpoint=True),
            "sts-fips.us-east-2.amazonaws.com",
            "us-east-2",
        ),
        (ClientArguments("fips-us-east-2"), "sts-fips.us-east-2.amazonaws.com", "us-east-2"),
        (ClientArguments(use_dualstack_endpoint=True), "sts.eu-west-1.api.aws", "eu-west-1"),
    ],
)
def test_the_callers_settings_else_the_called_profiles_count_for_every_role_of_a_chain(
    arguments: ClientArguments, host: str, region: str
) -> None:
    endpoint = Hosts()
    assert find(_CHAIN, endpoint, environ={"HOME": "/none"}, arguments=arguments) is not None
    assert endpoint.seen == [(host, region), (host, region)]


def test_the_callers_region_counts_for_the_environments_web_identity(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("onetwothree")
    environ = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ROLE_ARN": ROLE,
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    endpoint = Hosts()
    chain = Chain(environ=environ, fetch=endpoint, clock=lambda: NOW, arguments=ClientArguments("ap-south-1"))
    assert chain().access_key_id == "ASIAR"
    assert endpoint.seen == [("sts.ap-south-1.amazonaws.com", "")]


@pytest.mark.parametrize("hosts", [STS, SSO, SSO_OIDC, SAGEMAKER], ids=lambda hosts: hosts.plain)
@pytest.mark.parametrize("word", ["FIPS", "Dualstack"])
def test_a_custom_endpoint_is_neither_fips_nor_dual_stack(hosts: ServiceHosts, word: str) -> None:
    said = f"Invalid Configuration: {word} and custom endpoint are not supported"
    with pytest.raises(ConfigError) as caught:
        endpoint_of(
            hosts,
            "us-east-1",
            endpoint_url="https://h.example",
            use_fips=word == "FIPS",
            use_dualstack=word == "Dualstack",
        )
    assert str(caught.value) == said


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])
@pytest.mark.parametrize(
    ("switch", "arguments", "word"),
    [
        ("AWS_USE_FIPS_ENDPOINT", ClientArguments(), "FIPS"),
        ("AWS_USE_DUALSTACK_ENDPOINT", ClientArguments(), "Dualstack"),
        ("NONE", ClientArguments(use_fips_endpoint=True), "FIPS"),
    ],
)
def test_a_role_is_not_asked_for_if_fips_and_a_custom_endpoint_are_configured(
    variable: str, switch: str, arguments: ClientArguments, word: str
) -> None:
    environ = {variable: "https://h.example", switch: "true"}
    said = refused(lambda: find(_CHAIN, Hosts(), environ=environ, arguments=arguments))
    assert said == f"Invalid Configuration: {word} and custom endpoint are not supported"
