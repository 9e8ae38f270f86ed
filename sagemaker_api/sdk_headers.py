"""The headers of the AWS SDKs that are sent unsigned, as boto does: proxies rewrite some of them.

Source: AWS SDKs and Tools Reference Guide, "Retry behavior"; AWS Lambda, "Using AWS X-Ray".
"""

from __future__ import annotations

import os
import sys

from sigv4 import __version__
from sigv4.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

USER_AGENT = f"sigv4/{__version__} lang/python#{sys.version_info[0]}.{sys.version_info[1]}"


def with_sdk_headers(
    request: Request, invocation_id: str, attempt: str, trace_id: str, user_agent: str = USER_AGENT
) -> Request:
    """The request with these headers.

    ``invocation_id`` is that of the call, ``attempt`` the value of ``amz-sdk-request``, ``trace_id`` that of
    ``X-Amzn-Trace-Id``, or ``""``.
    """
    unsigned = (
        ("Content-Length", str(len(request.body))),
        ("Accept-Encoding", "identity"),
        ("User-Agent", user_agent),
        ("amz-sdk-invocation-id", invocation_id),
        ("amz-sdk-request", attempt),
        *((("X-Amzn-Trace-Id", trace_id),) if trace_id else ()),
    )
    return Request(request.method, request.url, request.headers + unsigned, request.body)


def lambda_trace_id(environ: Mapping[str, str] | None = None) -> str:
    """The trace id of the current AWS Lambda invocation as a header value; ``""`` outside Lambda."""
    variables = os.environ if environ is None else environ
    trace_id = variables.get("_X_AMZN_TRACE_ID", "")
    if not trace_id or "AWS_LAMBDA_FUNCTION_NAME" not in variables:
        return ""
    from urllib.parse import quote

    return quote(trace_id, safe="-=;:+&[]{}\"',")


def uuid4() -> str:
    """A random UUID; the module ``uuid`` costs 2 ms of import."""
    octets = bytearray(os.urandom(16))
    octets[6] = octets[6] & 0x0F | 0x40
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
