"""AWS STS: AssumeRole and AssumeRoleWithWebIdentity over the query protocol.

Its only I/O is the injected ``fetch``. Source: AWS Security Token Service API Reference.
"""

from __future__ import annotations

from ..config import service_endpoints
from ..config.service_endpoints import ServiceEndpoint
from ..config.settings import ClientArguments, choice, resolve
from ..credentials import Credentials
from ..error_responses import xml_element
from ..errors import ConfigError, CredentialsError, printable
from ..percent import escape, unescape
from ..request import Request, Response, secrets_of_headers
from ..signer import Signer
from ..target import encode_query, split_url
from .answers import expiry
from .attempts import answer_to, is_transient
from .fetch import Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config.profiles import Profile
    from ..config.settings import Settings
    from .fetch import Fetch

_VERSION = "2011-06-15"
_SECONDS = 20.0
_LONGEST_TOKEN = 20000
# In these regions AWS_STS_REGIONAL_ENDPOINTS=legacy selects the old global endpoint.
_LEGACY_REGIONS = frozenset(
    (
        "ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 "
        "eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2"
    ).split()
)
_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


def endpoint_of(
    profile: Profile,
    environ: Mapping[str, str],
    *,
    signs: bool = True,
    arguments: ClientArguments | None = None,
) -> ServiceEndpoint:
    """The endpoint for the client's or the profile's region, or the configured one.

    A configured endpoint needs no region if the request is not signed. Raises ConfigError.
    """
    given = arguments or ClientArguments()
    found = resolve(
        "STS",
        region=given.region,
        use_fips_endpoint=given.use_fips_endpoint,
        use_dualstack_endpoint=given.use_dualstack_endpoint,
        profile=profile,
        environ=environ,
    )
    region, url = found.region.value, found.endpoint_url.value
    if region is None and (signs or url is None):
        raise ConfigError("You must specify a region.")
    if url is None and (region == "aws-global" or _is_legacy(str(region), found, profile, environ)):
        return ServiceEndpoint("https://sts.amazonaws.com", "us-east-1")
    fips, dualstack = found.use_fips_endpoint.value, found.use_dualstack_endpoint.value
    where = service_endpoints.endpoint_of(
        service_endpoints.STS,
        region,
        use_fips=fips,
        use_dualstack=dualstack,
        endpoint_url=url,
        region_origin=found.region.origin,
    )
    if signs:
        service_endpoints.check_signing_region(where.region, "sts", found.region.origin)
    return where


def _is_legacy(region: str, found: Settings, profile: Profile, environ: Mapping[str, str]) -> bool:
    words = ("regional", "legacy")
    mode = choice("sts_regional_endpoints", profile.section, environ, "AWS_STS_REGIONAL_ENDPOINTS", words)
    plain = not (found.use_fips_endpoint.value or found.use_dualstack_endpoint.value)
    return mode.value == "legacy" and plain and region in _LEGACY_REGIONS


def assume_role(
    parameters: Mapping[str, str],
    source: Credentials,
    where: ServiceEndpoint,
    fetch: Fetch,
    clock: Callable[[], float],
) -> Credentials:
    """The credentials of a role, assumed with ``source``. Raises CredentialsError."""
    body = _body("AssumeRole", parameters)
    signer = Signer("sts", where.region, source, clock=clock)
    headers = signer.sign("POST", _url(where), {"Content-Type": _CONTENT_TYPE}, body)
    try:
        return _asked("AssumeRole", Request("POST", _url(where), headers, body), fetch)
    finally:
        headers, body, parameters = {}, b"", {}  # tokens and codes: hidden from tracebacks with locals


def assume_role_with_web_identity(
    parameters: Mapping[str, str], where: ServiceEndpoint, fetch: Fetch
) -> Credentials:
    """The credentials of a role, assumed with a web identity token. The request is not signed.

    Raises ConfigError for plain http, and CredentialsError.
    """
    if not split_url(where.url).keeps_secrets:
        raise ConfigError(f"a web identity token is not sent over plain http: {where.url[:80]!r}")
    body = _body("AssumeRoleWithWebIdentity", parameters)
    headers = [("Host", split_url(where.url).authority), ("Content-Type", _CONTENT_TYPE)]
    try:
        return _asked("AssumeRoleWithWebIdentity", Request("POST", _url(where), headers, body), fetch)
    finally:
        body, parameters = b"", {}  # the token: hidden from tracebacks with locals


def _url(where: ServiceEndpoint) -> str:
    return where.url.rstrip("/") + "/"


def _body(action: str, parameters: Mapping[str, str]) -> bytes:
    return encode_query({"Action": action, "Version": _VERSION, **parameters}).encode("ascii")


def _asked(action: str, request: Request, fetch: Fetch) -> Credentials:
    try:
        answer = answer_to(request, fetch, _SECONDS, again=_may_fare_better)
    except Unreachable as error:
        fault = f"{action}: {error}"
    else:
        return parse(action, answer, _secrets_of(request))
    finally:
        request = Request("POST", "/")  # it holds a token
    raise CredentialsError(fault)


def _secrets_of(request: Request) -> list[str]:
    """The tokens of the request, plain and URL-encoded: STS and proxies may repeat them in errors."""
    found = [*secrets_of_headers(request.headers)]
    parameters = [pair.partition(b"=")[::2] for pair in request.body.split(b"&")]
    found += [unescape(value.decode("ascii")) for name, value in parameters if name == b"WebIdentityToken"]
    return sorted({each for secret in found if secret for each in (secret, escape(secret))}, key=len)[::-1]


def _shown(text: str, secrets: list[str], longest: int) -> str:
    """An element of a refusal for display: masked after the last decoding, then cut to ``longest``."""
    text = printable(text, " ").strip()
    for secret in secrets:
        text = text.replace(secret, "***")
    return text[:longest]


def _may_fare_better(answer: Response) -> bool:
    code = xml_element(answer.body[:65536].decode("utf-8", "replace"), "Code")
    return is_transient(answer) or code in ("IDPCommunicationError", "Throttling", "RequestLimitExceeded")


def parse(action: str, answer: Response, secrets: list[str]) -> Credentials:
    """The credentials in STS's XML, found by element name; a DTD is ignored.

    Raises CredentialsError, whose text has none of the request's ``secrets``.
    """
    text = answer.body.decode("utf-8", "replace")
    try:
        if answer.status != 200:
            code = _shown(xml_element(text, "Code"), secrets, 80)
            message = _shown(xml_element(text, "Message"), secrets, 500)
            said = f"({code or answer.status}): {message}" if code or message else f"(status {answer.status})"
            raise CredentialsError(f"An error occurred {said} when calling the {action} operation")
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
        found = [xml_element(text, name).strip() for name in names]
        for name, value in zip(names, found, strict=True):
            if not value:
                raise CredentialsError(f"{action}: the answer has no {name}")
        return Credentials(found[0], found[1], found[2], expiry(found[3], action))
    finally:
        text, secrets, found, value = "", [], [], ""


def token_in(path: str, read: Callable[[str], bytes]) -> str:
    """The web identity token in a file, without the final line end. Raises CredentialsError."""
    token = read(path).decode("ascii", "replace").strip()
    if not 4 <= len(token) <= _LONGEST_TOKEN or not token.isprintable() or not token.isascii():
        found, token = len(token), ""
        raise CredentialsError(f"{path}: no web identity token: found {found} characters")
    return token
