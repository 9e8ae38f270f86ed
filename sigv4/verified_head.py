"""``VerifiedHead``: a request whose head was verified (VERIFY-1…14), and the checks that need its body."""

from __future__ import annotations

from .canonical import canonical_request
from .claim import verified_as
from .errors import MISMATCH, SigningError, VerificationError, mismatch
from .payload import payload_line
from .payload_hash import check_body
from .strict import is_canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .claim import Claim, Verified
    from .dialects import Dialect
    from .payload import Body
    from .replay import ReplayStore
    from .signed_request import SignedRequest
    from .streaming.body_verifier import BodyVerifier


class VerifiedHead:
    """What ``Verifier.verify_head`` returns: read the body, then call ``verify_body`` with it.

    If ``is_stream`` is true, the body is signed in pieces: use ``body_verifier`` instead. ``claim`` names the
    signer. ``payload`` is the payload line if the head declares it: then the signature is verified already,
    and only the hash of the body remains to be checked. If it is None, the signature can be checked only with
    the body.
    """

    __slots__ = (
        "_dialect", "_key", "_on_file", "_request", "_text", "claim", "clock", "expanded", "payload",
        "replay", "replay_until",
    )  # fmt: skip
    # Set by the verifier; the moment and the clock only if there is a store.
    replay: ReplayStore | None
    replay_until: float
    clock: Callable[[], float]
    expanded: bool

    def __init__(
        self,
        request: SignedRequest,
        claim: Claim,
        key: Any,
        on_file: Any,
        payload: str | None,
        dialect: Dialect,
    ) -> None:
        self.payload = payload
        self.replay = None
        self.claim: Claim = claim
        self._request = request
        self._key = key
        self._on_file = on_file
        self._dialect = dialect
        self._text = ""

    def __repr__(self) -> str:
        return f"VerifiedHead({self.claim!r}, payload={self.payload!r})"

    def verify_body(self, body: Body = None) -> Verified:
        """Checks the body and returns who signed the request. Raises VerificationError."""
        verified = self.check_body(body)
        self.check_first_use()
        return verified

    async def averify_body(self, body: Body = None) -> Verified:
        """``verify_body`` with a replay store that may be awaited."""
        verified = self.check_body(body)
        await self.acheck_first_use()
        return verified

    def check_body(self, body: Body) -> Verified:
        """VERIFY-15, without the replay store."""
        line = self.payload
        if line is None:
            line = payload_line(body)
            self.check_signature(line)
            self.payload = line
        elif self.is_stream:  # body_verifier also checks the signatures of its pieces
            raise mismatch("VERIFY-15")
        else:
            check_body(line, body, self._dialect)
        return self.verified()

    @property
    def is_stream(self) -> bool:
        """Whether the body is signed in pieces: then use ``body_verifier``."""
        return self.payload is not None and self.payload.startswith("STREAMING-")

    @property
    def is_presigned(self) -> bool:
        return self._request.presigned

    @property
    def signed_headers(self) -> tuple[str, ...]:
        return self._request.names

    @property
    def lines(self) -> dict[str, str]:
        """The canonical value of each header by lower-case name, signed or not."""
        return self._request.headers.canonical

    def is_canonical(self, url: str) -> bool:
        """Whether the request arrived in canonical form, with this target."""
        return is_canonical(url, self._request, self._dialect)

    def verified(self) -> Verified:
        request = self._request
        return verified_as(self.claim, request.seconds, request.names, self.payload or "")

    def check_signature(self, payload: str) -> None:
        """VERIFY-15 with this payload line."""
        request = self._request
        algorithm = request.algorithm
        lines, signed = request.headers.canonical, request.signed_headers
        canonical = canonical_request(
            request.method, request.path, request.query, lines, request.names, signed, payload
        )
        self._text = text = algorithm.string_to_sign(request.timestamp, request.scope_text, canonical)
        if not algorithm.check(self._key, text, request.signature):
            raise mismatch("VERIFY-15", _expanded(canonical, text) if self.expanded else MISMATCH)

    def body_verifier(self) -> BodyVerifier:
        """The verifier of a body that is signed in pieces (CHUNK-6, EVENT-6). Raises VerificationError."""
        from .streaming.body_verifier import body_verifier

        if not self.is_stream:
            raise mismatch("VERIFY-15")
        return body_verifier(self._request, self.claim, self.payload or "", self._key, self._on_file)

    def check_first_use(self) -> None:
        """REPLAY: raises VerificationError if this request was received before."""
        if self.replay is not None:
            answer: Any = self.replay.first_use(self._replay_key(), self.replay_until)
            if hasattr(answer, "__await__"):
                if hasattr(answer, "close"):
                    answer.close()  # else Python warns that it was never awaited
                raise SigningError("the replay store returned an awaitable: use averify with it")
            _check_answer(answer)

    async def acheck_first_use(self) -> None:
        """``check_first_use`` with a store that may be awaited."""
        if self.replay is not None:
            from .replay import ask

            _check_answer(await ask(self.replay, self._replay_key(), self.replay_until))

    def _replay_key(self) -> bytes:
        """The key of this request. Raises VerificationError if the store may have removed it already.

        That happens if the body arrived after the request expired.
        """
        from .replay import replay_key

        if not self._text:
            raise SigningError("the body was not checked yet: call verify_body, which asks the replay store")
        if self.clock() >= self.replay_until:
            raise mismatch("VERIFY-10", "Signature expired: it expired before the whole request had arrived")
        return replay_key(self.claim.access_key_id, self._text)


def _check_answer(is_new: bool) -> None:
    if not is_new:
        message = "This request was received before: sign it again to repeat it."
        raise VerificationError("REPLAY", "RequestReplayed", message)


def _expanded(canonical: bytes, text: str) -> str:
    from .error_responses import expanded

    return expanded(MISMATCH, canonical.decode("utf-8", "backslashreplace"), text)
