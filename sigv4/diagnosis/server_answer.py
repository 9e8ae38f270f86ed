"""Parses a server's refusal of a signature, in every protocol style.

It uses no XML parser: elements are found by name in one pass, so a hostile answer cannot use much memory or
time.
"""

from __future__ import annotations

from ..error_responses import xml_element
from ..record import Record
from ..scope import parse_http_date, parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..request import Response

_LONGEST = 1 << 20
_CANONICAL = "The Canonical String for this request should have been"
_TEXT = "The String-to-Sign should have been"


class ServerAnswer(Record):
    """A parsed refusal: ``code`` (without namespace or suffix), ``message``, and what the server calculated.

    ``canonical_request`` is bytes, ``string_to_sign`` is text; each is None if the answer does not contain
    it. ``time`` is the server's clock in epoch seconds. ``region`` is the region that the server requires, or
    ``""``.
    """

    status: int
    code: str
    message: str
    canonical_request: bytes | None
    string_to_sign: str | None
    time: int | None
    region: str
    resource: str = ""  # the path that arrived, if an S3-compatible server shows it
    fronts: frozenset[str] = frozenset()  # "api gateway", "cloudfront": the front ends, by headers
    cut: str = ""  # what was not read of a refusal

    @property
    def is_mismatch(self) -> bool:
        """Whether the server calculated another signature and gives no other reason."""
        return (
            "SignatureDoesNotMatch" in self.code or "signature we calculated does not match" in self.message
        )

    @property
    def echoes(self) -> bool:
        """Whether the server shows its canonical request, line by line: a browser shows it as one line."""
        return self.canonical_request is not None and b"\n" in self.canonical_request

    @property
    def wants_token(self) -> bool:
        """Whether the server says that the request has no signature."""
        return "issing Authentication Token" in self.message or self.code.startswith(
            "MissingAuthenticationToken"
        )

    @property
    def from_api_gateway(self) -> bool:
        return "api gateway" in self.fronts

    @property
    def from_cloudfront(self) -> bool:
        return "cloudfront" in self.fronts


def read_answer(response: Response) -> ServerAnswer:
    """Parses the refusal in ``response``, in any style. Never raises."""
    text = response.body[:_LONGEST].decode("utf-8-sig", "replace")
    code, message = "", ""
    canonical: bytes | None = None
    string_to_sign: str | None = None
    region, resource = response.header("x-amz-bucket-region"), ""
    time = date_of(response)
    if text.lstrip()[:1] == "{":
        code, message = _from_json(text)
    elif text.lstrip()[:1] == "<":
        code, message = xml_element(text, "Code"), xml_element(text, "Message")
        canonical, string_to_sign = _s3_echo(text)
        resource = xml_element(text, "Resource")
        region = xml_element(text, "Region") or region
        time = _extended_time(xml_element(text, "ServerTime")) or time
    header = response.header("x-amzn-errortype")
    code = _short(header or code)
    if _CANONICAL in message:
        canonical, string_to_sign = _quoted_echo(message)
        message = message.partition("\n")[0]
    elif _TEXT in message:
        string_to_sign = _quoted(message.partition(_TEXT)[2])
        message = message.partition("\n")[0]
    return ServerAnswer(
        response.status,
        code,
        message,
        canonical,
        string_to_sign,
        _time_in(message) or time,
        _expected_region(message) or region,
        resource,
        _fronts(response),
        f"only the first {_LONGEST} bytes of the answer were read"
        if response.status >= 300 and len(response.body) > _LONGEST
        else "",
    )


def date_of(response: Response) -> int | None:
    """The time in the Date header, in epoch seconds; None if there is none that can be read."""
    try:
        return parse_http_date(response.header("date"))
    except ValueError:
        return None


def _fronts(response: Response) -> frozenset[str]:
    found = set()
    if response.header("x-amz-apigw-id") or response.header("apigw-requestid"):
        found.add("api gateway")
    where = response.header("via") + response.header("server") + response.header("x-cache")
    # CloudFront is in front of every edge-optimised API: its header does not show which service refused the
    # request.
    if ("cloudfront" in where.lower() or response.header("x-amz-cf-id")) and not found:
        found.add("cloudfront")
    return frozenset(found)


def _from_json(text: str) -> tuple[str, str]:
    """Code and message of an object, or of the first entry of its list ``errors`` (Selling Partner API)."""
    import json

    try:
        found = json.loads(text, strict=False)  # servers put raw line feeds into strings
    except (ValueError, RecursionError):
        return "", ""
    errors = found.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        found = {**found, **errors[0]}
    elif isinstance(found.get("error"), dict):
        found = {**found, **found["error"]}
    members = {name.lower(): value for name, value in found.items() if isinstance(value, str)}
    return members.get("__type") or members.get("code") or "", members.get("message") or ""


def _short(code: str) -> str:
    """``Name`` of ``com.amazon.coral.service#Name`` and ``Name:http://…``."""
    return code.partition(":")[0].rpartition("#")[2].strip()


def _s3_echo(text: str) -> tuple[bytes | None, str | None]:
    """The server's canonical request: from CanonicalRequestBytes, if present, since the text in XML cannot
    contain every byte.
    """
    canonical = _hex_bytes(xml_element(text, "CanonicalRequestBytes"))
    if canonical is None:
        shown = _copied(xml_element(text, "CanonicalRequest"))
        canonical = shown.encode("utf-8", "surrogatepass") if shown else None
    return canonical, xml_element(text, "StringToSign") or None


def _copied(canonical: str) -> str:
    """A canonical request as the server made it: without spaces that an editor or viewer put around lines."""
    return canonical.replace("\r\n", "\n").strip()


def _hex_bytes(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) or None
    except ValueError:
        return None


def _quoted_echo(message: str) -> tuple[bytes | None, str | None]:
    """VERIFY-17: the two quoted blocks in the message."""
    between = message.partition(_CANONICAL)[2]
    first, found, second = between.partition(f"\n\n{_TEXT}")
    canonical = _quoted(first.replace("\r\n", "\n"))
    shown = _quoted(second) if found else None
    return canonical.encode("utf-8", "surrogatepass") if canonical is not None else None, shown


def _quoted(text: str) -> str | None:
    start, end = text.find("'"), text.rfind("'")
    return text[start + 1 : end] if 0 <= start < end else None


def _time_in(message: str) -> int | None:
    """The server's clock in ``… (20150830T124500Z - 5 min.)`` (VERIFY-10, 11)."""
    return _timestamp(message.rpartition("(")[2][:16]) if "ignature " in message else None


def _expected_region(message: str) -> str:
    after = message.partition("; expecting ")[2]
    name = after[1:].partition(after[:1] or "'")[0]
    return name if name and "/" not in name and len(name) < 40 else ""


def _timestamp(text: str) -> int | None:
    try:
        return parse_timestamp(text)
    except ValueError:
        return None


def _extended_time(text: str) -> int | None:
    """Epoch seconds of ``2015-08-30T12:36:00Z``, with or without a fraction."""
    return _timestamp(text.partition(".")[0].rstrip("Z").replace("-", "").replace(":", "") + "Z")
