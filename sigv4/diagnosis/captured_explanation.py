"""Explains a signed request step by step, with the SignedHeaders and scope that it contains."""

from __future__ import annotations

from ..authorization import V4
from ..errors import VerificationError, escaped
from ..explanation import Explanation
from ..headers import names_of, without
from ..percent import escape
from ..presigning import PresignedUrl
from ..record import Record
from .evidence import examine
from .masking import secret_in_credential, without_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..credentials import Credentials
    from ..request import Request
    from .evidence import Examined

NOT_CALCULATED = "(not calculated: it needs the secret access key)"


class CapturedExplanation(Record):
    """The ``explanation`` of a captured request; ``sent``, the signature in it.

    ``agrees`` says whether the credentials give the same signature; None if that was not tried.
    """

    explanation: Explanation
    sent: str
    agrees: bool | None

    def summary(self) -> str:
        """Both signatures, one per line, and whether they agree."""
        ours = self.explanation.signature
        sent = escaped(self.sent)
        if self.agrees is None:
            return f"The signature that was sent:  {sent}\n{ours}"
        said = "They agree." if self.agrees else "They differ: 'sigv4 diagnose' looks for the reason."
        return f"The signature that was sent:  {sent}\nWhat these credentials make:  {ours}\n{said}"


def explain_captured(request: Request, credentials: Credentials | None = None) -> CapturedExplanation | None:
    """The explanation of a signed request; None if it has no signature that can be read."""
    method, url, headers, body = request
    try:
        examined = examine(method, url, headers, body, credentials, None)
    except VerificationError:
        return None
    draft = examined.draft
    agrees, made = None, NOT_CALCULATED
    if draft.key is not None:
        agrees = draft.gives(examined.signature)
        made = examined.signature if agrees else draft.signature() if draft.algorithm == V4 else "another"
    sent = dict(without(headers, "authorization"))
    link = None
    if examined.evidence.presigned:
        shown = without_password(_with_signature(url, examined, made))
        link = PresignedUrl(_without_secret(shown, examined), 0.0, {})
    else:
        shown = _with_signature(examined.evidence.lines["authorization"], examined, made)
        sent["Authorization"] = _without_secret(shown, examined)
    explanation = Explanation(
        sent,
        draft.canonical_request(),
        _without_secret(draft.string_to_sign().decode("latin-1"), examined),
        made,
        draft.signed_headers,
        _without_secret(draft.scope, examined),
        examined.evidence.dialect,
        names_of(sent.items()),
        link,
    )
    return CapturedExplanation(explanation, examined.signature, agrees)


def _with_signature(text: str, examined: Examined, made: str) -> str:
    return text if made == NOT_CALCULATED else text.replace(examined.signature, made)


def _without_secret(text: str, examined: Examined) -> str:
    """``text`` without a secret access key that was used as the id, and without its part after a '/'."""
    secret = secret_in_credential(examined.credential)
    for each in (secret, escape(secret), secret.partition("/")[2]):
        text = text.replace(each, "***") if each else text
    return text
