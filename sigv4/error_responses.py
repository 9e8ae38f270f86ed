"""Refusals in each of AWS's protocols (VERIFY-1…18): their texts, as data, and the XML of answers."""

from __future__ import annotations

from .authorization import NEEDS_PARAMETERS
from .errors import MISMATCH_OF_S3
from .record import Record
from .request import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .errors import VerificationError

JSON_CODES: Mapping[str, str] = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}

_MALFORMED = (
    "AuthorizationHeaderMalformed",
    400,
    "The authorization header is malformed; the authorization header requires three components: Credential, "
    "SignedHeaders, and Signature.",
)
_SKEWED = (
    "RequestTimeTooSkewed",
    403,
    "The difference between the request time and the current time is too large.",
)
# S3's code, status and text by the rule that refused; "" keeps the text of the refusal. For VERIFY-1, 4 and 5
# the texts were not observed at S3.
S3_REFUSALS: Mapping[str, tuple[str, int, str]] = {
    "VERIFY-1": ("BadRequest", 400, "Bad Request"),
    "VERIFY-4": ("InvalidURI", 400, "Couldn't parse the specified URI."),
    "VERIFY-5": (
        "InvalidArgument",
        400,
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
        "parameter or the Authorization header should be specified",
    ),
    "VERIFY-6": _MALFORMED,
    "VERIFY-6a": ("InvalidArgument", 400, "Unsupported Authorization Type"),
    "VERIFY-6b": _MALFORMED,
    "VERIFY-6c": _MALFORMED,
    "VERIFY-6d": _MALFORMED,
    "VERIFY-7": ("AuthorizationQueryParametersError", 400, NEEDS_PARAMETERS),
    "VERIFY-8": ("AccessDenied", 403, "There were headers present in the request which were not signed"),
    "VERIFY-9": ("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"),
    "VERIFY-10": _SKEWED,
    "VERIFY-11": _SKEWED,
    "VERIFY-12": _MALFORMED,
    "VERIFY-13": ("AuthorizationHeaderMalformed", 400, ""),
}
# The same for presigned URLs, where S3 has other texts.
S3_URL_REFUSALS: Mapping[str, tuple[str, int, str]] = {
    "VERIFY-10": ("AccessDenied", 403, "Request has expired"),
    "VERIFY-11": ("AccessDenied", 403, "Request is not valid yet"),
}
S3_VERSION_2 = (
    "InvalidRequest",
    400,
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
)
# The same by error code, for rules that have more than one code.
S3_CODES: Mapping[str, tuple[str, int, str]] = {
    "MissingAuthenticationToken": ("AccessDenied", 403, "Access Denied"),
    "ExpiredToken": ("ExpiredToken", 400, "The provided token has expired."),
    "InvalidClientTokenId": (
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "SignatureDoesNotMatch": (
        "SignatureDoesNotMatch",
        403,
        MISMATCH_OF_S3,
    ),
    "AuthorizationQueryParametersError": ("AuthorizationQueryParametersError", 400, ""),
}


class ProtocolStyle(Record):
    """How a protocol refuses a request. ``layout``: ``"json"``, ``"rest-json"``, ``"query"`` or ``"s3"``."""

    name: str
    layout: str
    content_type: str


JSON_1_0 = ProtocolStyle("awsJson1_0", "json", "application/x-amz-json-1.0")
JSON_1_1 = ProtocolStyle("awsJson1_1", "json", "application/x-amz-json-1.1")
REST_JSON = ProtocolStyle("restJson1", "rest-json", "application/json")
QUERY = ProtocolStyle("awsQuery", "query", "text/xml")
S3_XML = ProtocolStyle("restXml (S3)", "s3", "application/xml")


def json_answer(error: VerificationError) -> tuple[int, str, str]:
    """``(status, code, message)`` of a refusal as an AWS JSON 1.0 or 1.1 service answers it.

    The status is 400, except for a request that is too large, too slow, or to be sent again later.
    """
    status = 400 if error.status == 403 else error.status
    return status, JSON_CODES.get(error.code, error.code), error.message


def answer(style: ProtocolStyle, error: VerificationError, request_id: str) -> Response:
    """The response with which a service of this style refuses a request.

    A refusal with 503, such as that of a replay store that does not answer, has a Retry-After.
    """
    status, code, message = error.status, error.code, error.message
    headers = {"Content-Type": style.content_type, "x-amzn-RequestId": request_id}
    if style.layout == "json":
        status, code, message = json_answer(error)
        body = f'{{"__type":{_json(code)},"message":{_json(message)}}}'
    elif style.layout == "rest-json":
        headers["x-amzn-ErrorType"] = JSON_CODES.get(code, code)
        body = f'{{"message":{_json(message)}}}'
    elif style.layout == "query":
        fault = "Receiver" if status >= 500 else "Sender"
        body = (
            f"<ErrorResponse>\n  <Error>\n    <Type>{fault}</Type>\n    <Code>{xml_text(code)}</Code>\n"
            f"    <Message>{xml_text(message)}</Message>\n  </Error>\n"
            f"  <RequestId>{xml_text(request_id)}</RequestId>\n</ErrorResponse>\n"
        )
    else:
        headers = {"Content-Type": style.content_type, "x-amz-request-id": request_id}
        status, code, message = s3_answer(error)
        more = "".join(f"<{name}>{xml_text(value)}</{name}>" for name, value in error.details)
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{xml_text(code)}</Code>'
            f"<Message>{xml_text(message)}</Message>{more}<RequestId>{xml_text(request_id)}</RequestId></Error>"
        )
    if status == 503:
        headers["Retry-After"] = "1"
    return Response(status, headers, body.encode("utf-8"))


def s3_answer(error: VerificationError) -> tuple[int, str, str]:
    """``(status, code, message)`` of a refusal as S3 words it."""
    found = S3_CODES.get(error.code) if error.code != "SignatureDoesNotMatch" else None
    found = found or S3_REFUSALS.get(error.stage) or S3_CODES.get(error.code)
    details = dict(error.details)
    if "X-Amz-Expires" in details:
        found = S3_URL_REFUSALS[error.stage]
    elif error.stage == "VERIFY-6a" and details.get("ArgumentValue") == "AWS":
        found = S3_VERSION_2
    code, status, message = found or (error.code, error.status, error.message)
    if error.stage == "VERIFY-13":
        message = f"The authorization header is malformed; {error.message.rstrip()}"
    return status, code, message or error.message


def expanded(message: str, canonical_request: str, string_to_sign: str) -> str:
    """VERIFY-17: the text of a mismatch and what the server calculated. For local endpoints only."""
    return (
        f"{message}\n\nThe Canonical String for this request should have been\n'{canonical_request}'\n\n"
        f"The String-to-Sign should have been\n'{string_to_sign}'\n"
    )


def _json(text: str) -> str:
    import json

    return json.dumps(text)


def xml_text(text: str) -> str:
    """``text`` as XML character data; characters that XML 1.0 forbids become U+FFFD."""
    kept = "".join(
        char
        if char in "\t\n\r" or " " <= char < "\ud800" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
        else "\ufffd"
        for char in text
    )  # fmt: skip
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def xml_element(text: str, name: str) -> str:
    """The text of the first element of this name in an answer, or ``""``; a DTD is ignored."""
    start = text.find(f"<{name}>")
    end = text.find(f"</{name}>", start)
    return _unescaped(text[start + len(name) + 2 : end]) if 0 <= start < end else ""


def _unescaped(text: str) -> str:
    start, *pieces = text.split("&")
    out = [start]
    for piece in pieces:
        entity, semicolon, rest = piece.partition(";")
        out.append((_character(entity) + rest) if semicolon and len(entity) < 9 else "&" + piece)
    return "".join(out)


def _character(entity: str) -> str:
    if entity[:1] != "#":
        return _ENTITIES.get(entity, f"&{entity};")
    digits, radix = (entity[2:], 16) if entity[1:2] in "xX" else (entity[1:], 10)
    try:
        char = chr(int(digits, radix))
    except (ValueError, OverflowError):
        return f"&{entity};"
    return f"&{entity};" if "\ud800" <= char <= "\udfff" else char  # a lone surrogate has no UTF-8 form
