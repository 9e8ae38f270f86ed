"""A scheme in capitals, a user name in an endpoint: no secret is sent in clear or to another host."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from sagemaker_api import ConfigError as ClientConfigError, SageMaker
from sagemaker_api.clock_skew import ClockSkew
from sigv4 import ConfigError, Request, Response, SigningError
from sigv4.config.settings import resolve
from sigv4.network.proxies import parse_proxy, proxy_for
from sigv4.providers.chain import Chain
from sigv4.providers.container import url_of
from sigv4.providers.fetch import Unreachable, fetch
from sigv4.target import split_url

TOKEN = "web-identity-token-" + "x" * 40
SSO = "[default]\nsso_start_url = https://start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n"


def _refused(environ: dict[str, str], words: str) -> str:
    """The text of the error that a chain raises; it must not send anything."""
    sent: list[Request] = []

    def fetch(request: Request, seconds: float) -> Response:
        sent.append(request)
        return Response(500)

    with pytest.raises(ConfigError, match=words) as caught:
        Chain(environ=environ, fetch=fetch)()
    assert sent == []
    return str(caught.value)


def _first_bytes(listener: socket.socket) -> bytes:
    listener.settimeout(60)
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(60)
        return connection.recv(3)


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Https", "hTTPs"])
def test_https_in_any_case_begins_with_a_tls_handshake(scheme: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        first = pool.submit(_first_bytes, listener)
        with pytest.raises(Unreachable):
            fetch(Request("GET", f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"), 30, environ={})
        assert first.result(60)[:2] == b"\x16\x03"  # a TLS record that holds a handshake


@pytest.mark.parametrize("url", ["http://sts.example", "HTTP://sts.example", "hTtP://sts.example:443"])
def test_a_web_identity_token_is_never_sent_in_clear(url: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    environ = {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL_STS": url,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r",
    }
    _refused(environ, "not sent over plain http")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://portal.example", "not sent over plain http"),
        ("HTTP://portal.example", "not sent over plain http"),
        ("http://127.0.0.1.portal.example", "not sent over plain http"),
        ("http://127.0.0.1:1@evil.example/", "user name"),
        ("http://localhost@evil.example/", "user name"),
        ("https://user:password@portal.example", "user name"),
        ("ftp://127.0.0.1/", "the URL's scheme is 'ftp'"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL"])
def test_a_bearer_token_is_never_sent_in_clear_or_to_another_host(
    url: str, words: str, variable: str, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(SSO)
    environ = {"HOME": str(tmp_path), "AWS_CONFIG_FILE": str(tmp_path / "config"), variable: url}
    assert "password" not in _refused(environ, words).replace("user name or password", "")


@pytest.mark.parametrize("service", ["STS", "SSO", "SSO OIDC", "SageMaker"])
def test_an_endpoint_with_a_user_name_is_refused_for_every_service(service: str) -> None:
    with pytest.raises(ConfigError, match="it holds a user name or password") as caught:
        resolve(service, environ={"AWS_ENDPOINT_URL": "https://user:hunter2@h.example"})
    assert "hunter2" not in str(caught.value)


def test_an_endpoint_with_a_user_name_is_refused_as_an_argument_too() -> None:
    assert ClientConfigError is ConfigError
    for url in ("https://user:hunter2@h.example", "http://127.0.0.1:1@evil.example/"):
        with pytest.raises(ConfigError) as caught:
            SageMaker("us-east-1", endpoint_url=url, aws_access_key_id="A", aws_secret_access_key="s")
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["HTTP://h.example/", "http://127.0.0.1:80@h.example/", "http://LOCALHOST.h.example/"]
)
def test_a_containers_token_goes_over_http_to_this_machine_only(url: str) -> None:
    with pytest.raises(ConfigError, match=r"Unsupported host '(localhost\.)?h\.example'"):
        url_of({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url})


def test_a_date_over_plain_http_does_not_correct_the_clock_of_the_client() -> None:
    assert [ClockSkew(url).trusted for url in ("HTTP://h.example", "http://127.0.0.1:1@h.example/")] == [
        False,
        False,
    ]
    assert [ClockSkew(url).trusted for url in ("HTTPS://h.example", "HTTP://LocalHost:8080")] == [True, True]


def test_proxies_are_found_by_the_scheme_in_any_case() -> None:
    environ = {"HTTPS_PROXY": "HTTP://proxy.example:3128", "NO_PROXY": "internal.example"}
    found = proxy_for("HTTPS://H.example", environ)
    assert found is not None
    assert (found.host, found.port) == ("proxy.example", 3128)
    assert proxy_for("HTTPS://x.INTERNAL.example:0443/", environ) is None
    assert proxy_for("http://127.0.0.1:1@h.example/", {"HTTP_PROXY": "http://p"}) is not None
    with pytest.raises(ConfigError, match="the scheme is 'socks5'"):
        parse_proxy("SOCKS5://p")


def test_a_url_of_another_kind_is_never_fetched() -> None:
    for url in ("file:///etc/passwd", "ftp://h/", "//h/"):
        with pytest.raises(SigningError):
            fetch(Request("GET", url), 1, environ={})
    assert split_url("HTTPS://h").is_encrypted
