"""A private CA for servers on loopback."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = datetime.timedelta(days=1)


class CompanyPki:
    """A typical company CA: basicConstraints are not critical, and a leaf has no key identifier."""

    def __init__(self, directory: Path) -> None:
        authority, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer, subject = (
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("Company CA", "leaf")
        )
        now = datetime.datetime.now(datetime.timezone.utc)
        root = x509.CertificateBuilder(issuer, issuer, authority.public_key(), 1, now - DAY, now + DAY)
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False)
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        server = x509.CertificateBuilder(issuer, subject, leaf.public_key(), 2, now - DAY, now + DAY)
        server = server.add_extension(address, critical=False)
        self.bundle = directory / "company.pem"
        self.bundle.write_bytes(_pem(root.sign(authority, hashes.SHA256())))
        chain = directory / "leaf.pem"
        secret = leaf.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain.write_bytes(_pem(server.sign(authority, hashes.SHA256())) + secret)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(chain)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class Pki:
    """A self-signed certificate for one address that follows the rules of Python 3.13 (RFC 5280)."""

    def __init__(self, directory: Path, address: str = "127.0.0.1") -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
        now = datetime.datetime.now(datetime.timezone.utc)
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign"),
            False,
        )
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=True, path_length=0), True),
            (
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                    **usage,
                ),
                True,
            ),
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False),
        ]
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - DAY, now + DAY)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        self.bundle = directory / "bundle.pem"
        self.bundle.write_bytes(
            builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.bundle)
