"""S3 POST policies: the form fields that let a browser upload without credentials (FORM-1)."""

from __future__ import annotations

import json
from base64 import b64encode

from . import v4
from .errors import SigningError, repr_of
from .headers import utf8_text
from .record import Record
from .scope import extended_timestamp, format_timestamp, parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from .authorization import DailyKey

    Policy: TypeAlias = "str | bytes | Sequence[dict[str, str] | list[str | int]]"


_LARGEST_UPLOAD = 5 * 2**30
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
    is_document = isinstance(policy, (str, bytes))
    conditions: object = policy
    if isinstance(policy, (str, bytes)):
        document = _read(policy)
        conditions = document.get("conditions") if isinstance(document, dict) else None
        if not isinstance(document, dict) or not isinstance(document.get("expiration"), str):
            raise SigningError("the policy document has no expiration: expected '2026-01-02T03:04:05.000Z'")
        _check_expiration(document["expiration"], fields["x-amz-date"])
    if not isinstance(conditions, (list, tuple)):
        raise SigningError("the policy has no list of conditions: expected [{'bucket': …}, …]")
    matches = [match for condition in conditions for match in _matches(condition)]
    _check_own(matches, fields, is_document)
    _check_values(matches)
    _check_fields(matches, fields if is_document else ())


class _Match(Record):
    """A condition on one field of the form: its whole value, or the beginning of it."""

    field: str  # in lower case
    value: str
    is_exact: bool

    def takes(self, value: str) -> bool:
        return value == self.value if self.is_exact else value.startswith(self.value)

    def fits(self, other: _Match) -> bool:
        """Whether a value can satisfy both."""
        if self.is_exact:
            return other.takes(self.value)
        return self.takes(other.value) or (not other.is_exact and other.takes(self.value))


def _read(policy: str | bytes) -> Any:
    """The JSON document, which S3 reads as UTF-8. Raises SigningError."""
    try:
        text = utf8_text(policy, "strict")
        text.encode("utf-8")  # a lone surrogate has no UTF-8 form
        return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_not_json)
    except SigningError:
        raise
    except (ValueError, RecursionError) as error:
        raise SigningError(f"the policy is not a JSON document in UTF-8: {type(error).__name__}") from None


def _not_json(name: str) -> Any:
    raise SigningError(f"the policy has {name}, which is not JSON: write a number or text")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SigningError("the policy document has an object with the same name twice: give each once")
    return found


def _check_own(matches: list[_Match], fields: Mapping[str, str], is_document: bool) -> None:
    """Raises SigningError if the policy has conditions that contradict the signature's fields."""
    for each in matches:
        if each.field not in _OWN:
            continue
        if not is_document:
            raise SigningError(
                f"the conditions hold {each.field!r}, which is added with the signature's own value: leave "
                "it out"
            )
        if not each.takes(fields.get(each.field, "")):
            raise SigningError(
                f"the policy document has {each.value!r} for {each.field!r} and the form gets "
                f"{fields.get(each.field)!r}: S3 refuses the form. Give the same time and credentials, or "
                "conditions in place of a document"
            )


def _check_fields(matches: list[_Match], of_signature: Iterable[str]) -> None:
    """FORM-1: S3 refuses a form with a field that has no condition, and each form has these fields."""
    named = {each.field for each in matches}
    for name, example in (("bucket", "{'bucket': 'name'}"), ("key", "['starts-with', '$key', 'user/']")):
        if name not in named:
            raise SigningError(
                f"the policy has no condition for the {name}, so S3 refuses every form "
                f'("Extra input fields: {name}"): add {example}'
            )
    for name in of_signature:
        if name not in named:
            raise SigningError(
                f"the policy document has no condition for {name!r}, a field that the signature adds to the "
                f'form: S3 refuses it ("Extra input fields: {name}"). Add the condition, or give conditions '
                "in place of a document: those for the signature's fields are then added"
            )


def _check_values(matches: list[_Match]) -> None:
    """Raises SigningError for conditions that no form can meet."""
    narrowest: dict[str, _Match] = {}
    for each in matches:
        earlier = narrowest.setdefault(each.field, each)
        if not earlier.fits(each):
            raise SigningError(
                f"the conditions want both {earlier.value!r} and {each.value!r} for {each.field!r}, "
                "which no value satisfies"
            )
        if not earlier.is_exact and earlier.takes(each.value):
            narrowest[each.field] = each
        if each.is_exact and not each.value and each.field in ("bucket", "key"):
            raise SigningError(f"the condition for the {each.field} is empty: give the {each.field}'s name")


def _check_expiration(text: str, timestamp: str) -> None:
    """Raises SigningError for an expiration that is malformed, or past at the time of signing."""
    moment, point, fraction = text.removesuffix("Z").partition(".")
    try:
        end = parse_timestamp(f"{moment.replace('-', '').replace(':', '')}Z")
        if point and not (fraction.isascii() and fraction.isdigit()):
            raise SigningError("its fraction is not made of digits")
        if not text.endswith("Z") or extended_timestamp(end) != f"{moment}Z":
            raise SigningError("S3 does not accept this form")
    except SigningError as error:
        raise SigningError(
            f"the policy's expiration is {text[:40]!r}: expected UTC as '2026-01-02T03:04:05.000Z' ({error})"
        ) from None
    if end <= parse_timestamp(timestamp):
        raise SigningError(f"the policy expired at {text}, before it is signed: give one after {timestamp}")


def _matches(condition: object) -> list[_Match]:
    """The match that ``condition`` requires; none for a range of sizes. Raises SigningError."""
    if isinstance(condition, dict) and len(condition) == 1:
        ((name, value),) = condition.items()
        if isinstance(name, str) and name and isinstance(value, str):
            return [_Match(name.lower(), value, True)]
    elif isinstance(condition, (list, tuple)) and len(condition) == 3:
        operator, name, value = condition
        known = operator.lower() if isinstance(operator, str) else operator
        if known == "content-length-range" and all(_is_size(size) for size in (name, value)):
            if int(name) > int(value):
                raise SigningError(
                    f"the condition {condition!r} allows no size: give the smaller number first"
                )
            if int(name) > _LARGEST_UPLOAD:
                raise SigningError(
                    f"the condition {condition!r} requires more than 5 GiB, the largest upload: give less"
                )
            return []
        is_match = known in ("eq", "starts-with") and isinstance(name, str) and isinstance(value, str)
        if is_match and name[:1] == "$" and len(name) > 1:
            return [_Match(name[1:].lower(), value, known == "eq")]
    raise SigningError(
        f"the condition {repr_of(condition)} is neither an exact match such as {{'bucket': 'name'}} nor a "
        "list for S3: ['eq', '$key', 'a.txt'], ['starts-with', '$key', 'user/'], "
        "['content-length-range', 1, 9]"
    )


def _is_size(value: object) -> bool:
    """Whether ``value`` is a whole number of bytes, as a number or as text, in 64 bits; S3 accepts both."""
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) < 20 and _is_size(int(value))
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


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
