"""The AWS JSON 1.1 protocol for a client: encodes calls, decodes answers and errors.

Source: Smithy specification, "AWS JSON 1.1 protocol".
"""

from __future__ import annotations

import json

from sigv4.errors import printable
from sigv4.target import cut_url, without_user_info

from .errors import ParamValidationError, ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sigv4.request import Response

CONTENT_TYPE = "application/x-amz-json-1.1"

# An expanded signature error repeats the canonical request and the string to sign, some thousand characters.
# A text that is not JSON comes from a proxy; its first lines are enough.
_LONGEST_MESSAGE = 16384
_LONGEST_FOREIGN_TEXT = 500
_DEEPEST = 100

_NOT_JSON = object()
# The request asked for "identity", so a compressed body is refused: it could unpack to any size.
_COMPRESSED = object()


def encode_request(
    target_prefix: str, operation: str, params: Mapping[str, object]
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a call: without parameters the body is ``{}``.

    Members that are None are left out; bytes are sent as base64, an aware datetime as epoch seconds, a float
    that is not a number as ``"NaN"``, ``"Infinity"`` or ``"-Infinity"``.

    Raises ParamValidationError for what JSON cannot hold.
    """
    headers = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": f"{target_prefix}.{operation}"}
    members = _wire_value(dict(params), "input")
    try:
        return headers, json.dumps(members, separators=(",", ":")).encode("ascii")
    except ValueError:  # Python refuses to write an int of thousands of digits
        raise ParamValidationError("a number in the input has thousands of digits") from None


def decode_result(response: Response) -> dict[str, Any]:
    """The JSON object of a successful response; an empty body is ``{}``.

    Raises ProtocolError for any other body.
    """
    answer = _json(response)
    if isinstance(answer, dict):
        return answer
    found = _described(response, answer)
    answer = None
    raise ProtocolError(
        f"the endpoint answered {response.status} with {found}: expected a JSON object. Did a proxy or a "
        "login page answer? Check the endpoint URL and the network"
    )


def decode_error(response: Response, mask: Callable[[str], str] = str) -> tuple[str, str]:
    """The error's code and message.

    The code is taken from the header ``x-amzn-errortype``, else from the body's ``code``, else from its
    ``__type`` (boto reads only the last), without the text up to a ``#`` and from the first ``:`` on. If
    there is none, it is the HTTP status. The message is the body's ``message``, ``Message`` or
    ``errorMessage``. If a proxy answered, it is the proxy's text, or the name of the status if that is an
    HTML page or empty; for a redirect it names the target. Control characters except tab and newline are
    dropped. Then ``mask`` removes secrets, and at last the text is cut.

    Source: Smithy specification, "Operation error serialization".
    """
    answer = _json(response)
    members = answer if isinstance(answer, dict) else {}
    names = (response.header("x-amzn-errortype"), members.get("code"), members.get("__type"))
    found = (_error_name(name, mask) for name in names if isinstance(name, str))
    code = next((name for name in found if name), str(response.status))
    if 300 <= response.status < 400:
        return code, _redirect_refused(response.header("location"), mask)
    if isinstance(answer, dict) and (response.body or response.status < 500):
        texts = (answer.get(name) for name in ("message", "Message", "errorMessage"))
        message = next((text for text in texts if text is not None), "")
        return code, _shown(str(message), _LONGEST_MESSAGE, mask)
    text = response.body.decode("utf-8", "replace").strip() if answer is _NOT_JSON else ""
    if not text or (response.status >= 500 and text[:5].lower() in ("<html", "<!doc")):
        text = _reason_phrase(response.status)
    return code, _shown(text, _LONGEST_FOREIGN_TEXT, mask)


def request_id(response: Response) -> str:
    """The id that AWS gave the request, or ``""``."""
    for name in ("x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"):
        found = printable(response.header(name)[:128])
        if found:
            return found
    return ""


def _wire_value(value: object, where: str) -> object:
    """``value`` in the form that JSON has."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise ParamValidationError(
                    f"Invalid name in {where}: {name!r}, type: {type(name)}, expected a str"
                )
        return {name: _wire_value(v, f"{where}.{name}") for name, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [_wire_value(v, f"{where}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, float):
        return value if value - value == 0 else {"nan": "NaN", "inf": "Infinity"}.get(str(value), "-Infinity")
    if isinstance(value, (bytes, bytearray)):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    moment = getattr(value, "timestamp", None)
    if moment is not None and getattr(value, "tzinfo", None) is not None:
        return moment()
    raise ParamValidationError(
        f"Invalid type for parameter {where}, type: {type(value)}: expected dict, list, str, int, float, "
        "bool, bytes or an aware datetime"
    )


def _json(response: Response) -> object:
    """The body as JSON, ``{}`` for an empty one; ``_NOT_JSON`` or ``_COMPRESSED`` if it is not JSON.

    JSON that is nested too deeply counts as no JSON: functions that call themselves could not process it.
    """
    if response.header("content-encoding").lower() not in ("", "identity"):
        return _COMPRESSED
    if not response.body:
        return {}
    try:
        answer: object = json.loads(response.body.decode("utf-8"))
    except (ValueError, RecursionError):
        return _NOT_JSON
    return _NOT_JSON if _is_deep(answer) else answer


def _is_deep(value: Any) -> bool:
    """Whether objects and lists are nested more than ``_DEEPEST`` times."""
    level = [value]
    for _ in range(_DEEPEST + 1):
        inner = [each.values() if isinstance(each, dict) else each for each in level if _has_items(each)]
        level = [each for group in inner for each in group]
        if not level:
            return False
    return True


def _has_items(value: object) -> bool:
    return isinstance(value, (dict, list))


def _described(response: Response, answer: object) -> str:
    if answer is _COMPRESSED:
        return f"a body compressed by {response.header('content-encoding')[:40]!r}, which was not asked for"
    kind = _shown(response.header("content-type"), 80).replace("\n", " ") or "no content type"
    return f"{len(response.body)} bytes that are not a JSON object ({kind})"


def _redirect_refused(location: str, mask: Callable[[str], str]) -> str:
    scheme, authority, _ = cut_url(location)
    host = without_user_info(authority)
    where = f" to {_shown(scheme, 8, mask)}://{_shown(host, 253, mask)}" if scheme else ""
    return (
        f"the endpoint redirects{where}, and a signed request is never redirected: "
        "check region and endpoint URL"
    )


def _reason_phrase(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _error_name(found: str, mask: Callable[[str], str]) -> str:
    name = printable(found).partition(":")[0].rpartition("#")[2].strip()
    return mask(name)[:256]


def _shown(text: str, longest: int, mask: Callable[[str], str] = str) -> str:
    kept = mask("".join(c for c in text if c in "\t\n" or not (c < " " or "\x7f" <= c <= "\x9f")))
    return kept if len(kept) <= longest else kept[:longest] + "…"
