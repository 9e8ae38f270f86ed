"""The head of a request after every check that needs no body (VERIFY-1…14), and what remains to check."""

from __future__ import annotations

from .canonical import canonical_request
from .claim import Verified
from .errors import SigningError, VerificationError, without_frames
from .payload import payload_line
from .signed_request import mismatch
from .strict import is_canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .claim import Claim
    from .dialects import Dialect
    from .payload import Body
    from .replay import ReplayStore
    from .signed_request import Received
    from .streaming.body_verifier import BodyVerifier

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


class VerifiedHead:
    """What ``Verifier.verify_head`` returns: read the body, then call ``verify_body`` with it.

    A body that is signed in pieces, where ``is_stream`` is true, goes through ``body_verifier`` instead.
    ``claim`` says who the request is from. ``payload`` is the payload line where the head declares it: then
    the signature is verified already, and the body only has to have that hash. It is None where the
    signature can be checked with the body alone.
    """

    __slots__ = (
        "_dialect", "_key", "_on_file", "_signed", "_text", "_timestamp", "claim", "expanded", "payload",
        "replay", "replay_until", "seconds",
    )  # fmt: skip
    replay: ReplayStore | None
    replay_until: float
    expanded: bool

    def __init__(
        self,
        claim: Claim,
        timestamp: str,
        seconds: int,
        signed: Received,
        key: Any,
        on_file: Any,
        payload: str | None,
        dialect: Dialect,
    ) -> None:
        self.claim = claim
        self.seconds = seconds
        self.payload = payload
        self.replay = None
        self.replay_until = 0.0
        self.expanded = False
        self._timestamp = timestamp
        self._signed = signed
        self._key = key
        self._on_file = on_file
        self._dialect = dialect
        self._text = ""

    def __repr__(self) -> str:
        return f"VerifiedHead({self.claim!r}, payload={self.payload!r})"

    def verify_body(self, body: Body = None) -> Verified:
        """Who signed the request, now that its body is there. Raises VerificationError."""
        try:
            verified = self.check_body(body)
            self.check_first_use()
            return verified
        except VerificationError as error:
            raise without_frames(error) from None

    async def averify_body(self, body: Body = None) -> Verified:
        """``verify_body`` with a replay store that may be awaited."""
        try:
            verified = self.check_body(body)
            await self.acheck_first_use()
            return verified
        except VerificationError as error:
            raise without_frames(error) from None

    def check_body(self, body: Body) -> Verified:
        """VERIFY-15, without asking the replay store."""
        declared = self.payload
        if self.is_stream:  # its pieces are signed as well: see body_verifier
            raise mismatch("VERIFY-15", MISMATCH)
        if declared is None:
            line = payload_line(body)
            self.check_signature(line)
            self.payload = line
            return self.verified()
        if declared not in self._dialect.payload_literals and payload_line(body) != declared:
            if self._dialect.content_sha256:
                raise VerificationError(
                    "VERIFY-15",
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                    400,
                )
            raise mismatch("VERIFY-15", MISMATCH)
        return self.verified()

    @property
    def is_stream(self) -> bool:
        """Whether the body is signed in pieces: then it goes through ``body_verifier``."""
        return self.payload is not None and self.payload.startswith("STREAMING-")

    @property
    def is_presigned(self) -> bool:
        return self._signed[7] is not None

    @property
    def signed_headers(self) -> tuple[str, ...]:
        return self._signed[3]

    @property
    def lines(self) -> dict[str, str]:
        """The canonical value of each header by lower-case name, signed or not."""
        return self._signed[12]

    def is_canonical(self, url: str, pairs: Sequence[tuple[str | bytes, str | bytes]]) -> bool:
        """Whether the request that this is the head of came in its canonical form."""
        return is_canonical(url, pairs, self.lines, self.signed_headers, self._dialect)

    def verified(self) -> Verified:
        claim = self.claim
        return Verified(claim.access_key_id, claim.scope, self.seconds, self._signed[3], self.payload or "")

    def check_signature(self, payload: str) -> None:
        """VERIFY-15 with this payload line."""
        (
            algorithm, credential, signed, names, signature, _, _, _, _, method, path, query, lines, _,
        ) = self._signed  # fmt: skip
        canonical = canonical_request(method, path, query, lines, names, signed, payload)
        self._text = text = algorithm.string_to_sign(self._timestamp, credential.partition("/")[2], canonical)
        if not algorithm.check(self._key, text, signature):
            raise mismatch("VERIFY-15", _expanded(canonical, text) if self.expanded else MISMATCH)

    def body_verifier(self) -> BodyVerifier:
        """What verifies a body that is signed in pieces (CHUNK-6, EVENT-6). Raises VerificationError."""
        from .streaming.body_verifier import body_verifier

        literal, signature, lines = self.payload or "", self._signed[4], self._signed[12]
        return body_verifier(literal, lines, self.claim, self._timestamp, signature, self._key, self._on_file)

    def check_first_use(self) -> None:
        """REPLAY: this request was not received before. Raises VerificationError."""
        if self.replay is not None:
            from .replay import replay_key

            answer: Any = self.replay.first_use(
                replay_key(self.claim.access_key_id, self._text), self.replay_until
            )
            if hasattr(answer, "__await__"):
                raise SigningError("the replay store answers later: use averify with it")
            _check_answer(answer)

    async def acheck_first_use(self) -> None:
        """``check_first_use`` with a store that may be awaited."""
        if self.replay is not None:
            from .replay import ask, replay_key

            _check_answer(
                await ask(self.replay, replay_key(self.claim.access_key_id, self._text), self.replay_until)
            )


def _check_answer(is_new: bool) -> None:
    if not is_new:
        message = "This very request was received before: sign it again to repeat it."
        raise VerificationError("REPLAY", "RequestReplayed", message)


def _expanded(canonical: bytes, text: str) -> str:
    from .error_responses import expanded

    return expanded(MISMATCH, canonical.decode("utf-8", "backslashreplace"), text)
