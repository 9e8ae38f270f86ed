"""Fixtures: a request in a file, keys in the environment, and a server with a certificate that clients trust."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.sigv4.cli.explaining import REQUEST
from tests.sigv4.signed import SECRET, TOKEN


@pytest.fixture
def request_file(tmp_path: Path) -> str:
    (tmp_path / "request.txt").write_bytes(REQUEST)
    return str(tmp_path / "request.txt")


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The TLS context of a server, with a certificate that the client trusts."""
    pytest.importorskip("cryptography", reason="cryptography is not installed: it makes the certificate")
    from tests.sagemaker_api.pki import Pki

    pki = Pki(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.bundle))
    return pki.server


@pytest.fixture
def keys_in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.fixture
def temporary_keys_in_environment(keys_in_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
