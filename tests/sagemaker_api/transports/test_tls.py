"""TLS over every transport: who is believed, who is refused, and in which words."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from sagemaker_api import ConfigError, TransportError
from tests.sagemaker_api.calls import Caller, fault_of
from tests.sagemaker_api.pki import Pki
from tests.sagemaker_api.scripted import ScriptedServer, http

OK = http(200, '{"AuthorizedUrl":"u"}')


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def test_https_with_a_ca_bundle(call: Caller, pki: Pki) -> None:
    with ScriptedServer(OK, tls=pki.server) as server:
        assert call(server.url, verify=str(pki.bundle), calls=2)["AuthorizedUrl"] == "u"
    assert len(server.requests) == 2


def test_https_without_verification(call: Caller, pki: Pki) -> None:
    with ScriptedServer(OK, tls=pki.server) as server:
        assert call(server.url, verify=False)["AuthorizedUrl"] == "u"


def test_an_unknown_ca_is_refused_at_once(call: Caller, pki: Pki) -> None:
    with ScriptedServer(OK, tls=pki.server) as server, pytest.raises(TransportError) as raised:
        call(server.url, verify=True)
    assert raised.value.kind == "tls"
    assert str(raised.value).startswith(
        f"SSL validation failed for {server.url}/ [SSL: CERTIFICATE_VERIFY_FAILED]"
    )
    assert (server.connections, server.requests) == (1, [])


def test_a_certificate_for_another_name_is_refused(call: Caller, tmp_path: Path) -> None:
    pki = Pki(tmp_path, "127.0.0.2")
    fault = fault_of(call, OK, tls=pki.server, verify=str(pki.bundle))
    assert fault.kind == "tls"
    assert "127.0.0.1" in fault.reason


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_below_1_2_is_refused(call: Caller, pki: Pki) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.load_cert_chain(pki.bundle)
    assert fault_of(call, OK, tls=old, verify=False).kind == "tls"


def test_a_hung_up_handshake_is_no_failed_validation(call: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def hang_up() -> None:
            while not stop.is_set():
                listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        port = listener.getsockname()[1]
        try:
            with pytest.raises(TransportError) as raised:
                call(f"https://127.0.0.1:{port}")
        finally:
            stop.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()
    assert raised.value.kind == "connect"


def test_a_handshake_that_never_ends_is_a_connect_timeout(call: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(TransportError) as raised:
        call(f"https://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.05)
    assert raised.value.kind == "connect-timeout"
    assert str(raised.value).startswith("Connect timeout on endpoint URL: ")


def test_a_ca_bundle_that_holds_none_is_said_so(call: Caller, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    with pytest.raises(ConfigError, match="no CA certificates can be read from"):
        call("https://127.0.0.1:1", verify=str(empty))
