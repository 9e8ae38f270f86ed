"""The caller's credentials."""

from __future__ import annotations

from .errors import CredentialsError
from .record import Value


class Credentials(Value):
    """An access key id, its secret, and for temporary credentials the session token and the expiry.

    ``expires_at`` is in epoch seconds (UTC) or None. White space at either end of a value is refused, since
    it is never part of one and makes every signature wrong (FAIL-25, FAIL-26). An empty session token is
    the same as none: AWS refuses a signed empty one (FAIL-23).

    Raises CredentialsError. The secret and the token show in no ``repr``.
    """

    __slots__ = ("access_key_id", "secret_access_key", "session_token", "expires_at")
    _masked = ("secret_access_key", "session_token")

    access_key_id: str
    secret_access_key: str
    session_token: str | None
    expires_at: float | None

    def __init__(
        self,
        access_key_id: str,
        secret_access_key: str,
        session_token: str | None = None,
        expires_at: float | None = None,
    ) -> None:
        self._set(access_key_id, secret_access_key, session_token or None, expires_at)
        problem = self._problem()
        if problem:
            # The arguments are still in this frame, and a traceback that captures locals would show them.
            secret_access_key = session_token = ""
            raise CredentialsError(problem)

    def _problem(self) -> str:
        for name in ("access_key_id", "secret_access_key", "session_token"):
            value = getattr(self, name)
            if value is None and name == "session_token":
                continue
            found = _fault(value)
            del value
            if found:
                return f"{name} {found}"
        if not is_access_key_id(self.access_key_id):
            return (
                "access_key_id is not an access key id: expected 1 to 128 letters, digits or underscores, "
                f"got {len(self.access_key_id)} characters with others among them"
            )
        expires_at: object = self.expires_at
        if expires_at is not None and not isinstance(expires_at, (int, float)):
            return f"expires_at is epoch seconds or None, not {type(expires_at).__name__}"
        return ""


def is_access_key_id(text: str) -> bool:
    """Whether ``text`` can be an access key id: 1 to 128 ASCII letters, digits or underscores."""
    return len(text) <= 128 and text.isascii() and (text.isalnum() or text.replace("_", "a").isalnum())


def _fault(value: object) -> str:
    """What is wrong with one credential value, in words that do not hold it."""
    if not isinstance(value, str):
        fault = f"is a str, not {type(value).__name__}"
    elif not value:
        fault = "is empty"
    elif value != value.strip():
        fault = "begins or ends with white space: strip it (a trailing newline is the usual cause)"
    elif not (value.isascii() and value.isprintable()):
        fault = "holds control or non-ASCII characters: was it read with the wrong encoding?"
    elif " " in value:
        fault = "holds a space: was a '+' decoded as one?"
    else:
        fault = ""
    value = ""
    return fault
