"""``Explanation``: one signature, step by step, each step with the rules it follows."""

from __future__ import annotations

from .request import SECRET_HEADERS
from .value import Value


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
    )
    headers: dict[str, str | bytes]
    canonical_request_bytes: bytes
    string_to_sign: str
    signature: str
    signed_headers: str
    credential_scope: str

    def __init__(
        self,
        headers: dict[str, str | bytes],
        canonical_request_bytes: bytes,
        string_to_sign: str,
        signature: str,
        signed_headers: str,
        credential_scope: str,
    ) -> None:
        self._set(
            headers, canonical_request_bytes, string_to_sign, signature, signed_headers, credential_scope
        )

    @property
    def canonical_request(self) -> str:
        """The canonical request as text; bytes that are not UTF-8 are shown as ``\\xNN``."""
        return self.canonical_request_bytes.decode("utf-8", "backslashreplace")

    @property
    def authorization(self) -> str:
        """The Authorization header."""
        return str(self.headers["Authorization"])

    def as_dict(self) -> dict[str, object]:
        """Everything but the secret key, ready for JSON. Holds the session token where there is one."""
        return {
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
            ("Signature", "KEY-1, KEY-2", self.signature),
            ("Authorization", "AUTHZ-1", self.authorization),
        )
        text = "\n\n".join(f"{title}  [{rules}]\n\n{_indented(body)}" for title, rules, body in steps)
        if unsigned:
            text += f"\n\nSent, not signed: {', '.join(unsigned)}"
        return text

    def _shown(self) -> str:
        """The canonical request without the secrets that stand in it."""
        lines = []
        for line in self.canonical_request.split("\n"):
            name, colon, value = line.partition(":")
            lines.append(f"{name}:***" if colon and value and name in SECRET_HEADERS else line)
        return "\n".join(lines)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
