"""A request in a file, and a server's certificate that the client trusts."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.sigv4.cli.explaining import REQUEST


@pytest.fixture
def request_file(tmp_path: Path) -> str:
    (tmp_path / "request.txt").write_bytes(REQUEST)
    return str(tmp_path / "request.txt")


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context whose certificate the client trusts."""
    pytest.importorskip("cryptography", reason="cryptography is not installed: it makes the certificate")
    from tests.sagemaker_api.pki import Pki

    pki = Pki(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.bundle))
    return pki.server
