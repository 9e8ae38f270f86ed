"""AWS Signature Version 4 from scratch: sign, verify, explain, diagnose.

Where things are, in reading order:

    credentials, request, response     what goes in
    target, headers, payload, scope    a request taken apart, each part checked
    dialects                           what differs between services, as data
    canonical                          the canonical request
    v4, v4a                            string to sign, signing key, signature of the two algorithms
    authorization                      where they stand: the Authorization header, the query
    presigning, post_policy            signatures that stand in a URL or in a form
    streaming, upload, chunk_decoder   aws-chunked bodies; event_frames, event_stream: event streams
    signer                             ``Signer``: sign, presign, stream, post_policy, explain
    received, verifier                 ``Verifier``: the checks of AWS, in AWS's order and words
    replay                             stores of the requests that were used already
    explanation, explanation_page      each line of a signature with its rules, as text or a page
    server_answer, refusals, causes    what a refusal says, and what is behind it
    draft, hypotheses, examination     a request opened up, and what may have gone wrong with it
    visible_faults, echo, diagnosis    ``diagnose``: which byte is wrong, and why
    har, captures, hosts, url_forms    many requests; endpoints; URLs that not all read alike
    audit, lint, conformance           what is weak in a capture or a URL; vectors against any signer
    adapters                           httpx, ASGI
    shipping                           a Lambda layer, a vendored copy, one single file

Everything takes the same four values in the same order, ``method, url, headers, body``.
"""

from __future__ import annotations

from .authorization import V4, V4A
from .credentials import Credentials
from .dialects import DEFAULT, S3, Dialect
from .errors import CredentialsError, MissingDependency, SigningError, SigV4Error, VerificationError
from .payload import UNSIGNED_PAYLOAD, Payload
from .signer import Signer
from .target import encode_path, encode_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .claim import Claim, Verified
    from .diagnosis import Diagnosis, diagnose
    from .explanation import Explanation
    from .presigning import PresignedUrl
    from .refusals import Finding
    from .replay import MemoryReplayStore, RedisReplayStore
    from .request import Request
    from .response import Response
    from .upload import Upload
    from .v4 import SigningKey
    from .verifier import Verifier

__version__ = "0.1.0"

__all__ = [
    "DEFAULT",
    "S3",
    "UNSIGNED_PAYLOAD",
    "V4",
    "V4A",
    "Claim",
    "Credentials",
    "CredentialsError",
    "Diagnosis",
    "Dialect",
    "Explanation",
    "Finding",
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
    "Diagnosis": "diagnosis",
    "Explanation": "explanation",
    "Finding": "refusals",
    "MemoryReplayStore": "replay",
    "PresignedUrl": "presigning",
    "RedisReplayStore": "replay",
    "Request": "request",
    "Response": "response",
    "SigningKey": "v4",
    "Upload": "upload",
    "Verified": "claim",
    "Verifier": "verifier",
    "diagnose": "diagnosis",
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
