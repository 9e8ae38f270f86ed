"""S3 POST policies: the form fields that let a browser upload without credentials (FORM-1)."""

from __future__ import annotations

import json
from base64 import b64encode

from . import v4
from .errors import SigningError
from .scope import extended_timestamp, format_timestamp, parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from .authorization import DailyKey

    Policy: TypeAlias = "str | bytes | Sequence[dict[str, str] | list[str | int]]"


_OWN = frozenset("x-amz-algorithm x-amz-credential x-amz-date x-amz-security-token x-amz-signature".split())


def fields_of(policy: Policy, signed_by: DailyKey, timestamp: str, expires: int) -> dict[str, str]:
    """The signature's form fields; the caller adds those that the policy's conditions name.

    The string to sign is the base64 text of the policy document. Raises SigningError for a policy under which
    S3 accepts no upload.
    """
    fields = {
        "x-amz-algorithm": v4.ALGORITHM,
        "x-amz-credential": signed_by.credential,
        "x-amz-date": timestamp,
    }
    if signed_by.credentials.session_token:
        fields["x-amz-security-token"] = signed_by.credentials.session_token
    check_policy(policy, fields)
    document = policy if isinstance(policy, (str, bytes)) else _document(policy, fields, timestamp, expires)
    text = b64encode(document.encode("utf-8") if isinstance(document, str) else document).decode("ascii")
    return {**fields, "policy": text, "x-amz-signature": v4.sign(signed_by.key, text)}


def check_policy(policy: Policy, fields: Mapping[str, str]) -> None:
    """Raises SigningError for a policy under which S3 accepts no upload.

    ``policy`` is a list of conditions, or a JSON document with conditions and an expiration. A document is
    signed unchanged, so it must hold conditions for the signature's fields (``fields``); a list gets them.
    """
    conditions: object = policy
    if isinstance(policy, (str, bytes)):
        try:
            document = json.loads(policy)
        except (ValueError, RecursionError) as error:
            raise SigningError(f"the policy is not a JSON document: {type(error).__name__}") from None
        conditions = document.get("conditions") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(document.get("expiration"), str):
            raise SigningError("the policy document has no expiration: expected '2026-01-02T03:04:05.000Z'")
        _check_expiration(document["expiration"], fields["x-amz-date"])
    if not isinstance(conditions, (list, tuple)):
        raise SigningError("the policy has no list of conditions: expected [{'bucket': …}, …]")
    named = [pair for condition in conditions for pair in _matches(condition)]
    if not any(name == "bucket" for name, _ in named):
        raise SigningError(
            'the policy has no condition for the bucket, and S3 refuses every form under it ("Extra input '
            "fields: bucket\"): add {'bucket': 'name'}"
        )
    _check_values(named)
    if isinstance(policy, (str, bytes)):
        _check_own_fields(named, fields)
        return
    for name, _ in named:
        if name in _OWN:
            raise SigningError(
                f"the conditions hold {name!r}, which is added with the signature's own value: leave it out"
            )


def _check_values(named: list[tuple[str, object]]) -> None:
    """Raises SigningError for conditions that no form can meet."""
    wanted: dict[str, object] = {}
    for name, value in named:
        if value is not None and wanted.setdefault(name, value) != value:
            raise SigningError(
                f"the conditions want both {wanted[name]!r} and {value!r} for {name!r}, which no form has"
            )
    if wanted.get("bucket") == "":
        raise SigningError("the condition for the bucket is the empty name: give the bucket's name")


def _check_own_fields(named: list[tuple[str, object]], fields: Mapping[str, str]) -> None:
    """Raises SigningError if a document has other values than those that the signature adds to the form."""
    for name, value in named:
        if name in _OWN and value is not None and value != fields.get(name):
            raise SigningError(
                f"the policy document has {value!r} for {name!r} and the form gets {fields.get(name)!r}: S3 "
                "refuses the form. Give the same time and credentials, or conditions in place of a document"
            )


def _check_expiration(text: str, timestamp: str) -> None:
    """Raises SigningError for an expiration that is malformed, or past at the time of signing."""
    moment, point, fraction = text.removesuffix("Z").partition(".")
    try:
        end = parse_timestamp(f"{moment.replace('-', '').replace(':', '')}Z")
        if point and not (fraction.isascii() and fraction.isdigit()):
            raise SigningError("its fraction is not of digits")
        if not text.endswith("Z") or extended_timestamp(end) != f"{moment}Z":
            raise SigningError("not in the form that S3 reads")
    except SigningError as error:
        raise SigningError(
            f"the policy's expiration is {text[:40]!r}: expected UTC as '2026-01-02T03:04:05.000Z' ({error})"
        ) from None
    if end <= parse_timestamp(timestamp):
        raise SigningError(f"the policy expired at {text}, before it is signed: give one after {timestamp}")


def _matches(condition: object) -> list[tuple[str, object]]:
    """The lower-case field names in ``condition``, each with its exact value or None."""
    if isinstance(condition, dict) and len(condition) == 1:
        ((name, value),) = condition.items()
        if isinstance(name, str) and isinstance(value, str):
            return [(name.lower(), value)]
    elif isinstance(condition, (list, tuple)) and len(condition) == 3:
        operator, name, value = condition
        known = operator.lower() if isinstance(operator, str) else ""
        if known == "content-length-range" and all(_is_size(size) for size in (name, value)):
            if int(name) > int(value):
                raise SigningError(f"the condition {condition!r} allows no size: give the smaller first")
            return []
        is_match = known in ("eq", "starts-with") and isinstance(name, str) and isinstance(value, str)
        if is_match and name[:1] == "$" and len(name) > 1:
            return [(name[1:].lower(), value if known == "eq" else None)]
    raise SigningError(
        f"the condition {condition!r} is neither an exact match such as {{'bucket': 'name'}} nor a list for "
        "S3: ['eq', '$key', 'a.txt'], ['starts-with', '$key', 'user/'], ['content-length-range', 1, 9]"
    )


def _is_size(value: object) -> bool:
    """Whether ``value`` is a whole number of bytes, as a number or as text; S3 accepts both."""
    if isinstance(value, str):
        return value.isascii() and value.isdigit()
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _document(
    conditions: Sequence[dict[str, str] | list[str | int]],
    fields: dict[str, str],
    timestamp: str,
    expires: int,
) -> str:
    """The policy document. S3 requires a condition for every form field, also for the signature's."""
    end = format_timestamp(parse_timestamp(timestamp) + expires)
    expiration = f"{end[:4]}-{end[4:6]}-{end[6:11]}:{end[11:13]}:{end[13:15]}.000Z"
    own = [{name: value} for name, value in fields.items()]
    return json.dumps({"expiration": expiration, "conditions": [*conditions, *own]})
