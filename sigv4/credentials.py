"""The caller's credentials."""

from __future__ import annotations

from .errors import CredentialsError, repr_of
from .record import Record

SECURITY_TOKEN = "X-Amz-Security-Token"  # noqa: S105 (the name of a header)
S3_EXPRESS_TOKEN = "X-Amz-S3session-Token"  # noqa: S105 (the name of a header)
TOKEN_NAMES = (SECURITY_TOKEN, S3_EXPRESS_TOKEN)
_BREAKS_CREDENTIAL = frozenset("/,= ")  # what separates the parts of a Credential and of Authorization


class Credentials(Record):
    """An access key id, its secret, and for temporary credentials the session token and the expiry.

    ``expires_at`` is in epoch seconds (UTC) or None. White space at either end of a value is refused: it is
    never part of the value and makes every signature wrong (FAIL-25, FAIL-26). An empty session token counts
    as none: AWS refuses a signed empty one (FAIL-23).

    ``token_name`` is the header or query parameter in which the session token is sent:
    ``X-Amz-Security-Token``, and for the credentials of an S3 Express session ``X-Amz-S3session-Token``
    (TOKEN-3). ``Credentials.of_s3_express_session`` makes the latter.

    Raises CredentialsError. ``repr`` shows neither the secret nor the token.
    """

    _masked = ("secret_access_key", "session_token")

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires_at: float | None = None
    token_name: str = SECURITY_TOKEN

    def _check(self) -> None:
        if self.session_token == "":
            object.__setattr__(self, "session_token", None)
        problem = self._problem()
        if problem:
            raise CredentialsError(problem)

    @classmethod
    def of_s3_express_session(
        cls,
        access_key_id: str,
        secret_access_key: str,
        session_token: str,
        expires_at: float | None = None,
    ) -> Credentials:
        """The credentials that CreateSession returned, for the objects of that bucket (TOKEN-3).

        CreateSession itself, ListDirectoryBuckets, operations on buckets and copies are signed with IAM
        credentials: make a second ``Signer`` for those.
        """
        return cls(access_key_id, secret_access_key, session_token, expires_at, S3_EXPRESS_TOKEN)

    def _problem(self) -> str:
        for name in ("access_key_id", "secret_access_key", "session_token"):
            value = getattr(self, name)
            found = "" if value is None and name == "session_token" else _fault(value)
            if found:
                return f"{name} {found}"
        if not is_access_key_id(self.access_key_id):
            return (
                "access_key_id contains '/', ',' or '=', which would break the Credential: expected an "
                f"access key id such as 'AKIDEXAMPLE', got {len(self.access_key_id)} characters"
            )
        if self.token_name not in (SECURITY_TOKEN, S3_EXPRESS_TOKEN):
            expected = f"expected {SECURITY_TOKEN!r} or {S3_EXPRESS_TOKEN!r}"
            return f"token_name is {repr_of(self.token_name)}: {expected}"
        expires_at: object = self.expires_at
        if expires_at is not None and not isinstance(expires_at, (int, float)):
            return f"expires_at is epoch seconds or None, not {type(expires_at).__name__}"
        if expires_at != expires_at:
            return "expires_at is epoch seconds or None, not NaN"
        return ""


def is_access_key_id(text: str) -> bool:
    """Whether ``text`` can be an access key id: printable ASCII that does not break the Credential.

    AWS's are 16 to 128 capitals and digits; S3-compatible servers have ``minio-root-user`` and others.
    """
    if text.isascii() and text.isalnum():
        return True
    return text != "" and text.isascii() and text.isprintable() and _BREAKS_CREDENTIAL.isdisjoint(text)


def _fault(value: object) -> str:
    """What is wrong with one credential value; the text does not contain the value."""
    if not isinstance(value, str):
        return f"is a str, not {type(value).__name__}"
    if not value:
        return "is empty"
    if value != value.strip():
        return "begins or ends with white space: strip it (a trailing newline is the usual cause)"
    if not (value.isascii() and value.isprintable()):
        return "contains control or non-ASCII characters: was it read with the wrong encoding?"
    if " " in value:
        return "contains a space: was a '+' decoded as a space?"
    return ""
