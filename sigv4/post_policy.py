"""S3 POST policies: the form fields that let a browser upload without credentials (FORM-1)."""

from __future__ import annotations

import json
from base64 import b64encode

from . import v4
from .errors import SigningError
from .scope import format_timestamp, parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Policy: TypeAlias = "str | bytes | Sequence[dict[str, str] | list[str | int]]"


def fields_of(
    policy: Policy, key: v4.SigningKey, credential: str, timestamp: str, expires: int, token: str | None
) -> dict[str, str]:
    """The fields to put in the form, beside those that the policy's conditions speak of.

    The string to sign is the base64 text of the policy document itself.
    """
    fields = {
        "x-amz-algorithm": v4.ALGORITHM,
        "x-amz-credential": credential,
        "x-amz-date": timestamp,
    }
    if token:
        fields["x-amz-security-token"] = token
    document = policy if isinstance(policy, (str, bytes)) else _document(policy, fields, timestamp, expires)
    text = b64encode(document.encode("utf-8") if isinstance(document, str) else document).decode("ascii")
    return {**fields, "policy": text, "x-amz-signature": v4.sign(key, text)}


def check_policy(policy: Policy) -> None:
    """Raises SigningError unless ``policy`` is conditions, or a JSON document with them and an expiration."""
    conditions: object = policy
    if isinstance(policy, (str, bytes)):
        try:
            document = json.loads(policy)
        except (ValueError, RecursionError) as error:
            raise SigningError(f"the policy is not a JSON document: {type(error).__name__}") from None
        conditions = document.get("conditions") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(document.get("expiration"), str):
            raise SigningError("the policy document has no expiration: expected '2026-01-02T03:04:05.000Z'")
    if not isinstance(conditions, (list, tuple)):
        raise SigningError("the policy has no list of conditions: expected [{'bucket': …}, …]")
    for condition in conditions:
        if not isinstance(condition, (dict, list, tuple)) or not condition:
            raise SigningError(
                f"the condition {condition!r} is neither an exact match such as {{'bucket': 'name'}} nor a "
                "list such as ['starts-with', '$key', 'user/']"
            )


def _document(
    conditions: Sequence[dict[str, str] | list[str | int]],
    fields: dict[str, str],
    timestamp: str,
    expires: int,
) -> str:
    """S3 wants a condition for every field of the form, the signature's own among them."""
    end = format_timestamp(parse_timestamp(timestamp) + expires)
    expiration = f"{end[:4]}-{end[4:6]}-{end[6:11]}:{end[11:13]}:{end[13:15]}.000Z"
    own = [{name: value} for name, value in fields.items()]
    return json.dumps({"expiration": expiration, "conditions": [*conditions, *own]})
