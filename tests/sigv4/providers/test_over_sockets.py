"""Providers over real sockets on loopback: right, refusing, malformed, slow and missing answers; proxies; private CAs."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sigv4 import ConfigError, Credentials, CredentialsError, Request, Response
from sigv4.providers.chain import Chain
from sigv4.providers.fetch import Unreachable, fetch
from tests.sagemaker_api.connect_proxy import ConnectProxy
from tests.sagemaker_api.pki import Pki
from tests.sagemaker_api.scripted import Answer, ScriptedServer, http
from tests.sigv4.providers.endpoints import EXPIRES, SECRET, answer, environ_of
from tests.sigv4.providers.test_sso import SESSION, cache

FOUND = Credentials("ASIAEXAMPLE", SECRET, "TOKEN", EXPIRES)
GOOD = http(200, answer(Code="Success"))
ROLE = http(
    200,
    json.dumps(
        {
            "roleCredentials": {
                "accessKeyId": "ASIAEXAMPLE",
                "secretAccessKey": SECRET,
                "sessionToken": "TOKEN",
                "expiration": EXPIRES * 1000,
            }
        }
    ),
)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        time.sleep(0.02)  # each byte comes in time; only the whole is too slow
        connection.sendall(b"X")


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def patient(request: Request, seconds: float) -> Response:
    return fetch(request, 60, environ={})


def impatient(request: Request, seconds: float) -> Response:
    return fetch(request, 0.1, environ={})


def chain_of(tmp_path: Path, text: str = "", **environ: str) -> Chain:
    return Chain(
        environ=environ_of(tmp_path, text, HOME=str(tmp_path), **environ),
        fetch=patient,
        clock=lambda: EXPIRES - 3600,
    )


def container(tmp_path: Path, url: str) -> Chain:
    return chain_of(tmp_path, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{url}/v1/credentials")


def instance(tmp_path: Path, url: str) -> Chain:
    return chain_of(tmp_path, AWS_EC2_METADATA_SERVICE_ENDPOINT=url)


def sso(tmp_path: Path, url: str) -> Chain:
    cache(tmp_path, "my-sso")
    text = SESSION.replace("[profile a]", "[default]")
    return chain_of(tmp_path, text, AWS_ENDPOINT_URL_SSO=url)


SOURCES: dict[str, tuple[Callable[[Path, str], Chain], list[bytes]]] = {
    "container": (container, [GOOD]),
    "instance": (instance, [http(200, "t"), http(200, "role"), GOOD]),
    "sso": (sso, [ROLE]),
}
each_source = pytest.mark.parametrize("name", SOURCES)


@each_source
def test_success(name: str, tmp_path: Path) -> None:
    make, answers = SOURCES[name]
    with ScriptedServer(*answers) as server:
        chain = make(tmp_path, server.url)
        found = chain()
        assert chain() is found  # the credentials are kept, without another request
    assert (found.access_key_id, found.secret_access_key, found.expires_at) == (
        "ASIAEXAMPLE",
        SECRET,
        EXPIRES,
    )
    assert len(server.requests) == len(answers)


@each_source
@pytest.mark.parametrize(
    "last", [http(403), http(500), http(200, "<html>"), http(200, "{}"), None, silent, drip, b"nonsense\r\n\r\n"],
    ids=["refused", "broken", "html", "empty", "hung up", "silent", "dripping", "no http"],
)  # fmt: skip
@pytest.mark.slow
def test_failure_is_reported_without_the_secret(
    name: str, last: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if last in (silent, drip):
        monkeypatch.setitem(globals(), "patient", impatient)
    make, answers = SOURCES[name]
    with ScriptedServer(*answers[:-1], last) as server, pytest.raises(CredentialsError) as raised:
        make(tmp_path, server.url)()
    assert SECRET not in str(raised.value) + repr(raised.value.tried)


@each_source
def test_an_endpoint_where_no_server_listens(name: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(CredentialsError) as raised:
        SOURCES[name][0](tmp_path, url)()
    assert ("Unable to locate credentials" in str(raised.value)) is (name == "instance")


def test_https_with_a_private_ca_from_the_environment_or_the_profile_and_through_a_proxy(
    tmp_path: Path,
) -> None:
    pki = Pki(tmp_path, "192.0.2.7")
    with ScriptedServer(GOOD, tls=pki.server) as server, ConnectProxy(server.port) as proxy:
        environ = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"https://192.0.2.7:{server.port}/x",
            "HTTPS_PROXY": f"http://user:{SECRET}@127.0.0.1:{proxy.port}",
        }
        bundle = str(pki.bundle)
        for text, more in ((f"[default]\nca_bundle = {bundle}\n", {}), ("", {"AWS_CA_BUNDLE": bundle})):
            variables = environ_of(tmp_path, text, **more, **environ)
            assert Chain(environ=variables, clock=lambda: EXPIRES - 3600)() == FOUND
        with pytest.raises(CredentialsError, match="SSL validation failed"):
            Chain(environ=environ_of(tmp_path, **environ))()
        missing = environ_of(tmp_path, AWS_CA_BUNDLE="/none.pem", **environ)
        with pytest.raises(ConfigError, match=r"the CA bundle '/none\.pem' does not exist"):
            Chain(environ=missing)()
    assert all(head.startswith("CONNECT 192.0.2.7:") for head in proxy.heads)


def test_a_proxy_that_refuses_is_named_without_its_password() -> None:
    with ConnectProxy(1, b"HTTP/1.1 407 Authentication Required\r\n\r\n") as proxy:
        environ = {"https_proxy": f"http://u:{SECRET}@127.0.0.1:{proxy.port}"}
        with pytest.raises(Unreachable) as raised:
            fetch(Request("GET", "https://192.0.2.7/"), 2, environ=environ)
    said = str(raised.value)
    assert said.startswith(
        f'192.0.2.7: Failed to connect to proxy URL: "http://***:***@127.0.0.1:{proxy.port}" (https_proxy)'
    )
    assert "407" in said
    assert SECRET not in said


class _Guard(Exception):
    pass


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("", {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}),
        ("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}),
        ("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n", {}),
        ("[default]\naws_access_key_id = AKID\n", {}),
        ("", {"AWS_PROFILE": "none"}),
        ("", {"AWS_EC2_METADATA_DISABLED": "true"}),
        ("[default]\nsso_session = q\nsso_account_id = 1\nsso_role_name = r\n", {}),
    ],
)  # fmt: skip
def test_no_socket_is_opened_where_something_else_applies(
    tmp_path: Path, text: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Guarded(socket.socket):
        def connect(self, address: object) -> None:
            opened.append(address)
            raise _Guard(address)

    monkeypatch.setattr(socket, "socket", Guarded)
    chain = Chain(environ=environ_of(tmp_path, text, **variables))
    with suppress(ConfigError, CredentialsError):
        assert chain().access_key_id == "AKID"
    assert chain.why() or "AWS_PROFILE" in variables
    assert opened == []


def test_the_guard_sees_a_packet_to_the_instance_metadata(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Guarded(socket.socket):
        def connect(self, address: object) -> None:
            opened.append(address)
            raise ConnectionRefusedError

    monkeypatch.setattr(socket, "socket", Guarded)
    with pytest.raises(CredentialsError):
        Chain(environ=environ_of(tmp_path))()
    assert opened == [("169.254.169.254", 80)]
