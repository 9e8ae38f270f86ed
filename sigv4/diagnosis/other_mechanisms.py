"""Recognises requests that are not signed with Version 4: other versions, tokens, forms, preflights."""

from __future__ import annotations

from ..authorization import QUERY_PARTS
from ..canonical import BODY_METHODS
from ..headers import header_value
from ..percent import unescape_where_valid
from ..target import cut_url, user_info_of, without_default_port
from .findings import LIKELY, PROVED, finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..headers import HeaderPairs
    from .findings import Finding
    from .server_answer import ServerAnswer

# The texts that clients send for a token or a header if its value was never set.
UNSET = frozenset(("undefined", "null", "none", "nil", "nan", "[object object]", "false", "(null)", "<nil>"))
_REDACTED = (
    "redacted",
    "***",
    "xxxx",
    "[hidden",
    "[filtered",
    "<hidden",
    "[masked",
    "<masked",
    "…",
    "removed",
)
_SIGNS_OF_A_SIGNER = ("x-amz-date", "x-amz-content-sha256", "amz-sdk-invocation-id", "x-amz-security-token")


# The forms of a '&' before a parameter, if the URL was escaped for HTML, JSON or a shell.
_ESCAPED_AMPERSANDS = ("amp;", "u0026", "amp%3B", "\\u0026", "%5Cu0026")


class Seen:
    """The parts of a request that other mechanisms use, unchecked."""

    def __init__(self, method: str, url: str, pairs: HeaderPairs, body: bytes) -> None:
        self.method: str = method.upper()
        self.body: bytes = body
        self.lines: dict[str, str] = {}
        for name, value in pairs:
            self.lines.setdefault(header_value(name).lower(), header_value(value).strip(" \t"))
        self.authorization: str | None = self.lines.get("authorization")
        _, authority, target = cut_url(url)
        self.target: str = target
        query = target.partition("?")[2]
        self.parameters: list[tuple[str, str, str]] = [
            parameter.partition("=") for parameter in query.split("&") if parameter
        ]
        self.names: frozenset[str] = frozenset(name for name, _, _ in self.parameters)
        self.called: str = authority.removeprefix(f"{user_info_of(authority) or ''}@").lower()
        self.host: str = (self.lines.get("host") or self.called).lower()

    @property
    def names_another_host(self) -> bool:
        """Whether the URL names one host and the Host header another."""
        return bool(self.called) and without_default_port(self.called) != without_default_port(self.host)

    @property
    def is_of_browser(self) -> bool:
        """Whether a browser sent the request: browsers leave Authorization out of saved HAR files."""
        return any(name.startswith(("sec-fetch-", "sec-ch-ua")) for name in self.lines) or (
            "mozilla" in self.lines.get("user-agent", "").lower()
        )

    @property
    def in_query(self) -> bool:
        return any(name in QUERY_PARTS for name in self.names)

    @property
    def escaped_names(self) -> list[str]:
        """The names of parameters that begin with an escaped ``&``, in the order they were sent."""
        return [name for name, _, _ in self.parameters if name.startswith(_ESCAPED_AMPERSANDS)]

    def parameter(self, name: str) -> str:
        return unescape_where_valid(next((value for key, _, value in self.parameters if key == name), ""))


def other_mechanism(seen: Seen, answer: ServerAnswer | None) -> Iterator[Finding]:
    """The findings of a request that uses another mechanism than Version 4; none if it has a V4 signature."""
    scheme = (seen.authorization or "").partition(" ")[0]
    if scheme.startswith("AWS4-") or (seen.in_query and seen.authorization is None):
        if seen.method == "OPTIONS" and "access-control-request-method" in seen.lines:
            yield _preflight()
        return
    if seen.in_query:
        return  # both at once: FAIL-41
    routed = (
        seen.authorization is not None and (answer is None or answer.from_api_gateway) and _is_gateway(seen)
    )
    yield from _older_versions(seen, scheme)
    yield from _form(seen, answer)
    if seen.method == "OPTIONS" and {"origin", "access-control-request-method"} & seen.lines.keys():
        yield _preflight()
    if seen.authorization is not None:
        yield from _of_scheme(seen.authorization, LIKELY if routed and answer is not None else PROVED)
        return
    yield from _of_query(seen)
    yield from _unsigned(seen, answer)


def _is_gateway(seen: Seen) -> bool:
    return ".execute-api." in seen.host


def _preflight() -> Finding:
    return finding("FAIL-55", PROVED, "OPTIONS with Origin and Access-Control-Request-Method")


def _older_versions(seen: Seen, scheme: str) -> Iterator[Finding]:
    if scheme == "AWS":
        yield finding("FAIL-51", PROVED, "'Authorization: AWS key:signature' is Signature Version 2")
    elif scheme.startswith("AWS3"):
        yield finding("FAIL-51", PROVED, f"'Authorization: {scheme} …' is Signature Version 3")
    elif {"AWSAccessKeyId", "Signature"} <= seen.names:
        kind = "a query request" if "SignatureVersion" in seen.names else "a presigned URL"
        yield finding("FAIL-51", PROVED, f"AWSAccessKeyId and Signature: {kind} of Signature Version 2")
    elif b"AWSAccessKeyId=" in seen.body and b"&Signature=" in seen.body:
        yield finding("FAIL-51", PROVED, "AWSAccessKeyId and Signature in the body: Signature Version 2")


def _form(seen: Seen, answer: ServerAnswer | None) -> Iterator[Finding]:
    """A browser-based upload, whose signature covers the policy in the form."""
    is_form = seen.lines.get("content-type", "").lower().startswith("multipart/form-data")
    lower = seen.body.lower() if is_form else b""
    has_policy = b'name="policy"' in lower or b"name=policy" in lower
    said = answer.message if answer is not None else ""
    if seen.method == "POST" and seen.authorization is None and is_form and (has_policy or "olicy" in said):
        evidence = "a POST with a policy in its form (multipart/form-data)"
        if answer is not None:
            evidence += f"; the server says {said or answer.code!r}"
        yield finding(
            "FAIL-53", PROVED if "olicy" in said or answer is None else LIKELY, evidence, _fix_of_form(said)
        )


def _fix_of_form(said: str) -> str:
    if "Extra input fields" in said:
        return f"add a condition to the policy for {said.rpartition(':')[2].strip()!r}, or drop the field"
    if "Policy Condition failed" in said:
        return f"make the form agree with the condition {said.partition('failed:')[2].strip()}"
    if "expired" in said:
        return "make a new policy: this one has expired"
    if "does not match" in said:
        return (
            "sign the Base64 text of the policy itself, with the signing key of x-amz-credential; "
            "send exactly that text as 'policy'"
        )
    return ""


def _of_scheme(header: str, certainty: str) -> Iterator[Finding]:
    scheme, _, rest = header.partition(" ")
    lower = scheme.lower().rstrip(":")
    if lower in UNSET or not header:
        yield finding("FAIL-50", PROVED, f"the Authorization header is {header!r}: it was never set")
    elif any(mark in header.lower() for mark in _REDACTED):
        yield finding("FAIL-56", PROVED, "the Authorization header of the capture is masked")
    elif lower == "bearer":
        kind = "a JSON Web Token" if rest.count(".") == 2 else "a token"
        yield finding("FAIL-52", certainty, f"'Authorization: Bearer …' with {kind}")
    elif lower in ("basic", "digest", "negotiate", "ntlm", "token", "apikey"):
        yield finding("FAIL-52", certainty, f"'Authorization: {scheme} …'")
    elif header.startswith("eyJ") and header.count(".") >= 2:
        yield finding("FAIL-52", certainty, "the Authorization header is a JSON Web Token alone")
    elif lower.endswith(("hmac-sha256", "hmac-sha1")) and not lower.startswith("aws"):
        yield finding("FAIL-52", certainty, f"{scheme} is the signature of another scheme")


def _of_query(seen: Seen) -> Iterator[Finding]:
    if {"Key-Pair-Id", "Signature"} <= seen.names:
        yield finding("FAIL-52", PROVED, "Key-Pair-Id and Signature: a signed URL of CloudFront")
    elif "X-Goog-Signature" in seen.names or "GoogleAccessId" in seen.names:
        yield finding("FAIL-52", PROVED, "a signed URL of Google Cloud Storage")
    elif {"sig", "sv", "se"} <= seen.names:
        yield finding("FAIL-52", PROVED, "a shared access signature of Azure")
    lower = {name.lower(): name for name in seen.names}
    wrong_case = [lower[each.lower()] for each in QUERY_PARTS if each.lower() in lower]
    if wrong_case:
        said = f"{wrong_case[0]!r}: the names of the parameters are case-sensitive"
        yield finding("FAIL-40", PROVED, said)
    escaped = [name for name in seen.escaped_names if "X-Amz-" in name]
    if escaped:
        yield finding(
            "FAIL-40", PROVED, f"the parameter {escaped[0]!r}: the URL was escaped for HTML or JSON"
        )


def _unsigned(seen: Seen, answer: ServerAnswer | None) -> Iterator[Finding]:
    refused = answer is not None and answer.is_mismatch
    if answer is not None and answer.from_cloudfront and (refused or answer.code == "AccessDenied"):
        said = "CloudFront answered, and the request has no signature of the caller"
        if "x-amz-content-sha256" not in seen.lines:
            said += "; x-amz-content-sha256 is not there"
        if refused or seen.method in BODY_METHODS:
            yield finding("FAIL-54", PROVED if refused else LIKELY, said)
    elif seen.host.endswith(".cloudfront.net") and seen.method in BODY_METHODS:
        yield finding("FAIL-54", LIKELY, f"{seen.method} to CloudFront, not signed by the caller")
    marks = [name for name in _SIGNS_OF_A_SIGNER if name in seen.lines]
    wants_token = answer is not None and answer.wants_token
    if marks and not wants_token and not (answer is not None and answer.from_cloudfront):
        said = f"{marks[0]!r} is present and Authorization is not: the capture may have omitted it"
        if not refused and not seen.is_of_browser:
            yield finding("FAIL-50", PROVED, said)
        yield finding("FAIL-56", PROVED if refused else LIKELY, said)
    elif refused and answer is not None and not answer.from_cloudfront and seen.method != "POST":
        said = "the server compared signatures, and the capture holds none"
        yield finding("FAIL-56", LIKELY, said)
