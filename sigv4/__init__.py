"""AWS Signature Version 4 and 4A, implemented from scratch.

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

TYPE_CHECKING = False
if TYPE_CHECKING:  # the public names for type checkers; below, the same for Python
    from .adapters.redis_replay import RedisReplayStore as RedisReplayStore
    from .authorization import V4 as V4, V4A as V4A
    from .claim import Claim as Claim, KeyCache as KeyCache, Verified as Verified
    from .credentials import Credentials as Credentials
    from .diagnosis.diagnose import Diagnosis as Diagnosis, diagnose as diagnose
    from .diagnosis.findings import Finding as Finding
    from .dialects import DEFAULT as DEFAULT, S3 as S3, Dialect as Dialect
    from .errors import (
        ConfigError as ConfigError,
        CredentialsError as CredentialsError,
        MissingDependency as MissingDependency,
        SigningError as SigningError,
        SigV4Error as SigV4Error,
        VerificationError as VerificationError,
    )
    from .explanation import Explanation as Explanation
    from .payload import UNSIGNED_PAYLOAD as UNSIGNED_PAYLOAD, Payload as Payload
    from .presigning import PresignedUrl as PresignedUrl
    from .replay import MemoryReplayStore as MemoryReplayStore
    from .request import Request as Request, Response as Response
    from .signer import Signer as Signer
    from .streaming.checksums import Crc32 as Crc32, Crc32c as Crc32c, Crc64nvme as Crc64nvme
    from .streaming.upload import Upload as Upload
    from .target import encode_path as encode_path, encode_query as encode_query
    from .v4 import SigningKey as SigningKey
    from .verifier import Verifier as Verifier
else:
    _MODULES = {
        "adapters.redis_replay": "RedisReplayStore",
        "authorization": "V4 V4A",
        "claim": "Claim KeyCache Verified",
        "credentials": "Credentials",
        "diagnosis.diagnose": "Diagnosis diagnose",
        "diagnosis.findings": "Finding",
        "dialects": "DEFAULT S3 Dialect",
        "errors": "ConfigError CredentialsError MissingDependency SigningError SigV4Error VerificationError",
        "explanation": "Explanation",
        "payload": "UNSIGNED_PAYLOAD Payload",
        "presigning": "PresignedUrl",
        "replay": "MemoryReplayStore",
        "request": "Request Response",
        "signer": "Signer",
        "streaming.checksums": "Crc32 Crc32c Crc64nvme",
        "streaming.upload": "Upload",
        "target": "encode_path encode_query",
        "v4": "SigningKey",
        "verifier": "Verifier",
    }
    _LAZY = {name: module for module, names in _MODULES.items() for name in names.split()}
    __all__ = sorted(_LAZY)

    def __getattr__(name: str) -> object:
        """Load a public name on its first use."""
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        path = f"{__name__}.{_LAZY[name]}"
        try:
            value = getattr(__import__(path, fromlist=[name]), name)
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
            raise AttributeError(f"{name!r} was left out of this copy of the package") from None
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__version__ = "0.2.0.dev0"
