"""TLS over every transport: which certificates are accepted or refused, and the errors."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from sagemaker_api import ConfigError, TransportError
from sagemaker_api.cli.advice import outcome
from sigv4.network.tls import tls_context
from tests.pythons import pythons
from tests.sagemaker_api.calls import Caller, fault_of
from tests.sagemaker_api.pki import CompanyPki, Pki
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


def test_a_closed_handshake_is_not_a_failed_validation(call: Caller) -> None:
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


@pytest.mark.slow
def test_a_handshake_that_never_ends_is_a_connect_timeout(call: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(TransportError) as raised:
        call(f"https://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.05)
    assert raised.value.kind == "connect-timeout"
    assert str(raised.value).startswith("Connect timeout on endpoint URL: ")


def test_a_ca_bundle_without_certificates_is_reported(call: Caller, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    with pytest.raises(ConfigError, match="no CA certificates can be read from"):
        call("https://127.0.0.1:1", verify=str(empty))


_ROOT = Path(__file__).parents[3]
_FETCH = """
import sys
from sigv4.request import Request
from sigv4.providers.fetch import fetch
from sagemaker_api import SageMaker, StdlibTransport
url, bundle = sys.argv[1:]
print(fetch(Request("GET", url + "/"), 10, environ={}, verify=bundle).status)
client = SageMaker("us-east-1", endpoint_url=url, aws_access_key_id="A", aws_secret_access_key="s", verify=bundle)
print(client.create_presigned_notebook_instance_url(NotebookInstanceName="x")["AuthorizedUrl"])
"""


@pytest.mark.parametrize("version", ["3.12", "3.13"])
@pytest.mark.slow
def test_the_ca_of_a_company_is_trusted_on_every_python_if_the_user_names_it(
    version: str, tmp_path: Path
) -> None:
    """Python 3.13 sets VERIFY_X509_STRICT, which refuses it; boto3 does not."""
    python = pythons().get(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    pki = CompanyPki(tmp_path)
    with ScriptedServer(OK, tls=pki.server) as server:
        done = subprocess.run(
            [python, "-c", _FETCH, server.url, str(pki.bundle)],
            env={"PYTHONPATH": str(_ROOT), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.stdout, done.stderr) == ("200\nu\n", "")


def test_the_strict_rules_are_off_only_where_the_user_names_a_bundle(pki: Pki) -> None:
    assert not tls_context(str(pki.bundle)).verify_flags & ssl.VERIFY_X509_STRICT
    assert not tls_context(str(pki.bundle.parent)).verify_flags & ssl.VERIFY_X509_STRICT
    assert tls_context(True).verify_flags == ssl.create_default_context().verify_flags


@pytest.mark.parametrize(
    ("reason", "bundle", "words"),
    [
        ("unable to get local issuer certificate", "", "Give --ca-bundle, or AWS_CA_BUNDLE"),
        ("unable to get local issuer certificate", "/etc/ca.pem", "is not in /etc/ca.pem"),
        ("IP address mismatch, certificate is not valid", "/etc/ca.pem", "another host"),
        ("certificate has expired", "", "this machine's clock"),
        ("certificate is not yet valid", "", "this machine's clock"),
    ],
)
def test_the_advice_is_not_to_do_what_was_done_already(reason: str, bundle: str, words: str) -> None:
    code, text = outcome(TransportError("tls", "https://h", reason), bundle)
    assert code == 255
    assert words in text
    assert not (bundle and "--ca-bundle" in text)
