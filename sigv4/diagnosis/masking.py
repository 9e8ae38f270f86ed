"""Masks secrets, and text that looks like a credential, in findings."""

from __future__ import annotations

from ..request import secrets_of_headers
from .other_mechanisms import UNSET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..credentials import Credentials
    from ..headers import HeaderPairs
    from .findings import Finding

_SHORTEST = 8  # the length from which a word is masked as a possible secret
_ENDS = "'\"`,;()[]<>"


def masked_findings(
    found: Iterable[Finding], pairs: HeaderPairs, credentials: Credentials | None
) -> tuple[Finding, ...]:
    """``found`` without the secrets of the request and of the credentials."""
    secrets = sorted(_secrets(pairs, credentials), key=len, reverse=True)
    return tuple(
        each.replace(
            **{
                name: masked_text(getattr(each, name), secrets)
                for name in ("evidence", "fix", "given", "other")
            }
        )
        for each in found
    )


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with ``***`` for each of ``secrets``, and for JSON Web Tokens wherever they are."""
    for secret in secrets:
        text = text.replace(secret, "***")
    if "eyJ" not in text:
        return text
    return " ".join(_masked_word(word) for word in text.split(" "))


def without_password(text: str) -> str:
    """``text`` with ``***`` for the user-info of each URL in it."""
    start, *rest = text.split("://")
    out = [start]
    for piece in rest:
        ends = [at for at in map(piece.find, "/?#") if at >= 0]
        authority = piece[: min(ends, default=len(piece))]
        at = authority.rfind("@")
        out.append(f"***{piece[at:]}" if at >= 0 else piece)
    return "://".join(out)


def secret_in_credential(credential: str) -> str:
    """The secret access key that was used as the access key id: 40 characters of Base64; else ``""``."""
    key_id = credential.partition("/20")[0]
    digits = key_id.replace("+", "").replace("/", "").replace(" ", "")  # in a query '+' is a space
    mixed = digits != digits.upper() and digits != digits.lower() and not digits.isalpha()
    return key_id if len(key_id) == 40 and digits.isalnum() and digits.isascii() and mixed else ""


def _masked_word(word: str) -> str:
    at = word.find("eyJ")
    end = at
    while 0 <= end < len(word) and word[end] not in _ENDS:
        end += 1
    return f"{word[:at]}***{word[end:]}" if at >= 0 and word.count(".") >= 1 and end - at > 20 else word


def _secrets(pairs: HeaderPairs, credentials: Credentials | None) -> Iterable[str]:
    for text in secrets_of_headers(pairs):
        if text.strip().lower() in UNSET:
            continue  # never a secret, and the cause of the refusal
        if text.startswith("AWS4-"):
            # Its Credential may be shown, and its Signature is not a key.
            if secret := secret_in_credential(text.partition("Credential=")[2]):
                yield secret
            continue
        yield from (word for word in [text, *text.split(" ")] if len(word) >= _SHORTEST)
    if credentials is not None:
        yield credentials.secret_access_key
        if credentials.session_token:
            yield credentials.session_token
