"""Makes the verifier of a body that is signed in pieces, from the verified head (CHUNK-1, EVENT-5)."""

from __future__ import annotations

from .. import v4
from ..authorization import algorithm_of
from ..credentials import Credentials
from ..errors import VerificationError
from ..headers import length_of
from ..payload import STREAMING_EVENTS
from ..scope import Scope
from .chunk_decoder import Decoder
from .chunk_signatures import SignatureChain
from .event_stream import EventVerifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from ..claim import Claim
    from ..signed_request import SignedRequest
    from ..v4 import SigningKey

    BodyVerifier: TypeAlias = Decoder | EventVerifier


def body_verifier(
    request: SignedRequest, claim: Claim, literal: str, key: Any, on_file: object
) -> BodyVerifier:
    """The verifier of the body of a request whose head is verified; ``literal`` is its payload line.

    Raises VerificationError if the headers do not describe the body.
    """
    lines, signature = request.headers.canonical, request.signature
    if literal == STREAMING_EVENTS.line:
        _check_algorithm(literal, claim)
        return EventVerifier(lambda date: _key_of(date, key, on_file), signature)
    length = length_of(lines.get("x-amz-decoded-content-length", ""))
    if length is None:
        message = "You must provide the Content-Length HTTP header."
        raise VerificationError("CHUNK-1", "MissingContentLength", message, 411)
    trailers = [name for part in lines.get("x-amz-trailer", "").split(",") if (name := part.strip(" "))]
    if bool(trailers) != literal.endswith("-TRAILER"):
        message = (
            "The x-amz-trailer header and x-amz-content-sha256 do not fit: only a -TRAILER body has trailers."
        )
        raise VerificationError("CHUNK-6", "InvalidRequest", message, 400)
    chain = None
    if not literal.startswith("STREAMING-UNSIGNED"):
        _check_algorithm(literal, claim)
        chain = SignatureChain(
            key, str(claim.scope), request.timestamp, signature, algorithm=algorithm_of(claim.algorithm)
        )
    return Decoder(length, chain, trailers)


def _check_algorithm(literal: str, claim: Claim) -> None:
    """CHUNK-6, EVENT-6: checks that the body is signed with the algorithm of the request."""
    if not literal.startswith(f"STREAMING-{claim.algorithm}-"):
        message = f"The value of x-amz-content-sha256 does not fit the algorithm {claim.algorithm}."
        raise VerificationError("CHUNK-6", "InvalidRequest", message, 400)


def _key_of(date: str, key: SigningKey, on_file: object) -> SigningKey | None:
    """EVENT-5: the key for the day of an event; a derived key is valid only for its day."""
    region, service = key.scope.region, key.scope.service
    if date == key.scope.date:
        return key
    if isinstance(on_file, Credentials):
        return v4.key_of(on_file, Scope(date, region, service))
    return None
