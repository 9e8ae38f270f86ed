"""AWS Signature Version 4 from scratch: sign, verify, explain, diagnose.

What to use for which task:

    to sign a request                      ``Signer.sign``; a URL: ``presign``; a form: ``post_policy``
    to sign a body in pieces               ``Signer.stream``
    to verify a request                    ``Verifier``; to accept each request once: ``MemoryReplayStore``
    to see each step of a signature        ``Signer.explain``
    to ask why a signature is wrong        ``diagnose``
    to write or read a raw HTTP message    ``Request``, ``Response``
    to escape a path or a query            ``encode_path``, ``encode_query``
    to find credentials                    ``sigv4.providers.chain.default_chain``
    to sign with an HTTP library           ``sigv4.adapters``

Everything takes the same four values in the same order, ``method, url, headers, body``.
"""

from __future__ import annotations

from .authorization import V4, V4A
from .credentials import Credentials
from .dialects import DEFAULT, S3, Dialect
from .errors import (
    ConfigError,
    CredentialsError,
    MissingDependency,
    SigningError,
    SigV4Error,
    VerificationError,
)
from .payload import UNSIGNED_PAYLOAD, Payload
from .signer import Signer
from .target import encode_path, encode_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .adapters.redis_replay import RedisReplayStore
    from .claim import Claim, KeyCache, Verified
    from .diagnosis.diagnose import Diagnosis, diagnose
    from .diagnosis.findings import Finding
    from .explanation import Explanation
    from .presigning import PresignedUrl
    from .replay import MemoryReplayStore
    from .request import Request, Response
    from .streaming.checksums import Crc32, Crc32c, Crc64nvme
    from .streaming.upload import Upload
    from .v4 import SigningKey
    from .verifier import Verifier

__version__ = "0.2.0.dev0"

__all__ = [
    "DEFAULT",
    "S3",
    "UNSIGNED_PAYLOAD",
    "V4",
    "V4A",
    "Claim",
    "ConfigError",
    "Crc32",
    "Crc32c",
    "Crc64nvme",
    "Credentials",
    "CredentialsError",
    "Diagnosis",
    "Dialect",
    "Explanation",
    "Finding",
    "KeyCache",
    "MemoryReplayStore",
    "MissingDependency",
    "Payload",
    "PresignedUrl",
    "RedisReplayStore",
    "Request",
    "Response",
    "SigV4Error",
    "Signer",
    "SigningError",
    "SigningKey",
    "Upload",
    "VerificationError",
    "Verified",
    "Verifier",
    "diagnose",
    "encode_path",
    "encode_query",
]

_LAZY = {
    "Claim": "claim",
    "Crc32": "streaming.checksums",
    "Crc32c": "streaming.checksums",
    "Crc64nvme": "streaming.checksums",
    "Diagnosis": "diagnosis.diagnose",
    "Explanation": "explanation",
    "Finding": "diagnosis.findings",
    "KeyCache": "claim",
    "MemoryReplayStore": "replay",
    "PresignedUrl": "presigning",
    "RedisReplayStore": "adapters.redis_replay",
    "Request": "request",
    "Response": "request",
    "SigningKey": "v4",
    "Upload": "streaming.upload",
    "Verified": "claim",
    "Verifier": "verifier",
    "diagnose": "diagnosis.diagnose",
}


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        value = getattr(import_module(f".{module}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{module}":
            raise
        raise AttributeError(f"{name!r} is not in this copy of the package: it was made without") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
