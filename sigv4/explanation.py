"""``Explanation``: one signature, step by step, each step with the rules it follows."""

from __future__ import annotations

from .authorization import V4
from .request import SECRET_HEADERS
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .presigning import PresignedUrl


_ESCAPED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%"


class Explanation(Value):
    """The artefacts of a signature in the order they arise. ``str`` shows them with their rules.

    ``headers`` are all the headers to send, the session token among them; ``str`` and ``repr`` mask it.
    """

    __slots__ = (
        "headers",
        "canonical_request_bytes",
        "string_to_sign",
        "signature",
        "signed_headers",
        "credential_scope",
        "url",
    )
    headers: dict[str, str | bytes]
    canonical_request_bytes: bytes
    string_to_sign: str
    signature: str
    signed_headers: str
    credential_scope: str
    url: PresignedUrl | None

    def __init__(
        self,
        headers: dict[str, str | bytes],
        canonical_request_bytes: bytes,
        string_to_sign: str,
        signature: str,
        signed_headers: str,
        credential_scope: str,
        url: PresignedUrl | None = None,
    ) -> None:
        self._set(
            headers, canonical_request_bytes, string_to_sign, signature, signed_headers, credential_scope, url
        )

    @property
    def canonical_request(self) -> str:
        """The canonical request as text; bytes that are not UTF-8 are shown as ``\\xNN``."""
        return self.canonical_request_bytes.decode("utf-8", "backslashreplace")

    @property
    def authorization(self) -> str:
        """The Authorization header; of a presigned URL, its authentication parameters."""
        if self.url is None:
            return str(self.headers["Authorization"])
        query = self.url.partition("#")[0].partition("?")[2]
        return query[query.rindex("X-Amz-Algorithm=") :]

    def as_dict(self) -> dict[str, object]:
        """Everything but the secret key, ready for JSON. Holds the session token where there is one."""
        presigned = {} if self.url is None else {"url": str(self.url)}
        return presigned | {
            "canonical_request": self.canonical_request,
            "string_to_sign": self.string_to_sign,
            "credential_scope": self.credential_scope,
            "signed_headers": self.signed_headers,
            "signature": self.signature,
            "authorization": self.authorization,
            "headers": {name: _text(value) for name, value in self.headers.items()},
        }

    def __repr__(self) -> str:
        return (
            f"Explanation(credential_scope={self.credential_scope!r}, signed_headers={self.signed_headers!r})"
        )

    def __str__(self) -> str:
        signed = set(self.signed_headers.split(";"))
        unsigned = [name for name in self.headers if name.lower() not in signed and name != "Authorization"]
        steps = (
            ("Canonical request", "CR-FORMAT, CR-METHOD, CR-PATH, CR-QUERY, CR-HDR, PAYLOAD", self._shown()),
            ("String to sign", "STS-1, STS-2, STS-3", self.string_to_sign),
            ("Signature", "KEY-1, KEY-2" if self._is_v4 else "V4A-2, V4A-3", self.signature),
            ("Authorization", "AUTHZ-1", self.authorization)
            if self.url is None
            else ("Presigned URL", "QUERY-1, QUERY-2, QUERY-3", _without_token(self.url)),
        )
        text = "\n\n".join(f"{title}  [{rules}]\n\n{_indented(body)}" for title, rules, body in steps)
        if unsigned:
            text += f"\n\nSent, not signed: {', '.join(unsigned)}"
        return text

    @property
    def _is_v4(self) -> bool:
        return self.string_to_sign.startswith(f"{V4}\n")

    def _shown(self) -> str:
        """The canonical request without the secrets that stand in it."""
        lines = []
        for line in _without_token(self.canonical_request).split("\n"):
            name, colon, value = line.partition(":")
            lines.append(f"{name}:***" if colon and value and name in SECRET_HEADERS else line)
        return "\n".join(lines)


def _without_token(text: str) -> str:
    """``text`` with the session token of its query masked (TOKEN-1, TOKEN-3)."""
    for name in ("X-Amz-Security-Token=", "X-Amz-S3session-Token="):
        before, found, after = text.partition(name)
        if found:
            text = f"{before}{name}***{after.lstrip(_ESCAPED)}"
    return text


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
