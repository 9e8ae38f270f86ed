"""Finds unusual parts of a refused request, the most likely cause first."""

from __future__ import annotations

from ..authorization import V4
from ..canonical import normalize_path
from ..hosts import names_of_host
from ..percent import escape_path, is_escaped, unescape
from ..target import split_host
from .findings import LIKELY, POSSIBLE, finding
from .hypotheses import USUAL_VALUES, cause_of_header
from .static_checks import shown, wants_v4a

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evidence import Examined
    from .findings import Finding

# Headers that proxies and content delivery networks nearly always replace (FAIL-16…18).
ALWAYS_CHANGED = frozenset(
    "accept-encoding connection expect forwarded keep-alive te trailer transfer-encoding upgrade via "
    "x-amzn-trace-id x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip "
    "cf-connecting-ip cf-ipcountry cf-ray cf-visitor cdn-loop proxy-connection priority".split()
)
# Headers that proxies sometimes replace.
OFTEN_CHANGED = ALWAYS_CHANGED | frozenset(
    "accept accept-language cache-control content-length dnt origin pragma range referer user-agent".split()
)
# Amazon's own: those of AWS, of its partitions, and of the Selling Partner and Advertising APIs.
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws", ".amazonaws.eu", ".amazon.com")
_INNER = (".local", ".internal", ".svc", ".lan", ".localdomain")


def is_of_aws(host: str) -> bool:
    return split_host(host.lower())[0].endswith(_AWS)


def unusual(request: Examined, certainty: str, of_host: str) -> Iterator[Finding]:
    """The parts of the request that proxies or servers often change, the most likely first.

    ``certainty`` is for causes that nearly always break a signature, ``of_host`` for another Host behind a
    proxy; all others are "possible".
    """
    evidence, names = request.evidence, request.signed_names
    host = evidence.lines.get("host", "")
    behind_proxy = bool(host) and not is_of_aws(host)
    yield from _global_host(request, certainty)
    yield from _forwarded(request, behind_proxy, certainty)
    yield from _checksums(request, behind_proxy, certainty)
    for name in names:
        odd = [char for char in name if not (char.isalnum() or char == "-")]
        if odd:
            said = f"{name!r} is signed: nginx and others drop headers with {odd[0]!r} in the name"
            fix = "write '-' in its place; or nginx: underscores_in_headers on, ignore_invalid_headers off"
            yield finding("FAIL-16", certainty, said, fix)
        if name in ALWAYS_CHANGED:
            said = f"{name!r} is signed, and proxies replace it"
            # The usual values of this header were tried, except of headers that hold an address or a number.
            sure = LIKELY if name not in USUAL_VALUES else certainty
            yield finding(cause_of_header(name), sure, said)
    if evidence.body and request.draft.is_bodiless:
        said = (
            f"{request.draft.method} with a body of {len(evidence.body)} bytes: clients and proxies drop it"
        )
        yield finding("FAIL-33", certainty, said)
    if not evidence.body and _may_lack_its_body(request):
        typed = "a Content-Type but " if "content-type" in evidence.lines else ""
        said = f"the capture has {typed}no body: give the body, if one was sent"
        yield finding("FAIL-56", POSSIBLE, said)
    yield from _path(request, certainty if behind_proxy else POSSIBLE)
    if behind_proxy:
        yield from _host(host, of_host)
    for name in names:
        if name in OFTEN_CHANGED and name not in ALWAYS_CHANGED:
            said = f"{name!r} is signed, and is sometimes changed on the way"
            yield finding(cause_of_header(name), POSSIBLE, said)


def _forwarded(request: Examined, behind_proxy: bool, certainty: str) -> Iterator[Finding]:
    """The faults of the Host that X-Forwarded-Port and X-Forwarded-Host show."""
    lines = request.evidence.lines
    host, port = lines.get("host", ""), lines.get("x-forwarded-port", "")
    if behind_proxy and port and not split_host(host)[1] and "x-forwarded-port" not in request.signed_names:
        said = f"X-Forwarded-Port is {port!r}: some servers calculate with the host '{host}:{port}' then"
        fix = "do not send X-Forwarded-Port to the server, or update it: it should use the Host as it arrives"
        yield finding("FAIL-14", certainty, said, fix)
    forwarded = lines.get("x-forwarded-host", "")
    if forwarded and forwarded.lower() != host.lower():
        said = f"the Host is {host!r}, and X-Forwarded-Host {forwarded!r}: a proxy did not forward the Host"
        yield finding("FAIL-15", certainty, said)


def _global_host(request: Examined, certainty: str) -> Iterator[Finding]:
    """S3's global host, which redirects for buckets of other regions than its own."""
    host, region = request.evidence.lines.get("host", ""), request.evidence.region
    if host.endswith("s3.amazonaws.com") and region not in ("us-east-1", "aws-global", ""):
        said = f"the Host is {host!r}, which redirects to the host of {region!r} while a bucket is new"
        fix = f"sign for {host.removesuffix('s3.amazonaws.com')}s3.{region}.amazonaws.com, and call that"
        yield finding("FAIL-42", certainty, said, fix)


def _may_lack_its_body(request: Examined) -> bool:
    lines = request.evidence.lines
    known = lines.get("content-length") == "0" or "x-amz-content-sha256" in lines
    return not (known or request.evidence.presigned or request.draft.is_bodiless)


def _checksums(request: Examined, behind_proxy: bool, certainty: str) -> Iterator[Finding]:
    lines = request.evidence.lines
    if request.draft.payload.endswith("-PAYLOAD-TRAILER") or "x-amz-trailer" in lines:
        if behind_proxy:
            said = f"the body is sent as {request.draft.payload}, with a checksum in its trailer"
            yield finding("FAIL-59", certainty, said)
    elif behind_proxy and "x-amz-sdk-checksum-algorithm" in lines:
        yield finding("FAIL-59", POSSIBLE, "x-amz-sdk-checksum-algorithm is sent to a server that is not AWS")


def _path(request: Examined, certainty: str) -> Iterator[Finding]:
    """Forms of a path that proxies rewrite."""
    path = request.evidence.path
    if "//" in path or "/./" in path or "/../" in path or path.endswith(("/.", "/..")):
        said = "the path has empty or dot segments: proxies merge them (nginx: merge_slashes off)"
        yield finding("FAIL-13", certainty, said)
    if "%2f" in path.lower():
        said = "the path has '%2F': proxies decode it to '/'"
        yield finding("FAIL-04", certainty, said)
    elif "%25" in path:
        yield finding(
            "FAIL-02", POSSIBLE, "the path has '%25': proxies and libraries decode or escape it again"
        )


def arrived_otherwise(request: Examined, resource: str) -> Iterator[Finding]:
    """The finding if the path in the Resource of an S3-compatible server's answer is not the path sent."""
    sent, arrived = request.evidence.path, escape_path(resource.encode("utf-8").decode("latin-1"))
    plain = escape_path(unescape(sent)) if is_escaped(sent) else sent
    if len(arrived) < 2 or arrived.endswith(plain) or plain.rstrip("/") == arrived.rstrip("/"):
        return
    said = f"the path that was sent is {sent!r}, the server received {arrived!r}"
    if plain.endswith(arrived):
        yield finding("FAIL-44", LIKELY, said)
    else:
        merged = arrived == normalize_path(plain)
        yield finding("FAIL-13" if merged else "FAIL-02", LIKELY, said)


def _host(host: str, certainty: str) -> Iterator[Finding]:
    name, port = split_host(host)
    fix = "nginx: proxy_set_header Host $http_host; others: preserve the Host header"
    said = f"the Host is {host!r}: a proxy may forward it without its port (nginx: $host does)"
    without_port = finding("FAIL-14", certainty, said, fix)
    inner = "." not in name or name.endswith(_INNER)
    if port and not inner:
        yield without_port
    said = f"the Host is {host!r}, not AWS: a proxy in front of the server may forward another one"
    if inner:
        said = f"the Host is {host!r}, a name within a network: the client may have asked for another"
    yield finding("FAIL-15", certainty, said, f"{fix}; log the Host that arrives at the server")
    if port and inner:
        yield without_port
    said = f"a proxy that serves {host!r} under a prefix removes it from the path"
    yield finding("FAIL-44", POSSIBLE, said)


def default_port(request: Examined) -> Iterator[Finding]:
    """FAIL-14 if the secret is not known; with it, every usual port is tried."""
    host = request.evidence.lines.get("host", "")
    if host and not is_of_aws(host) and not split_host(host)[1]:
        said = f"the Host is {host!r}: a signer may have signed a default port with it, ':443' or ':80'"
        yield finding("FAIL-14", POSSIBLE, said)


def other_readings(request: Examined) -> Iterator[Finding]:
    """A signed region or service that differs from the one in the host name."""
    host = request.evidence.lines.get("host", "")
    region, services = names_of_host(host)
    if wants_v4a(request):
        return
    if region and request.draft.algorithm == V4 and region != request.evidence.region:
        said = f"signed for {request.evidence.region!r}, sent to {shown(host)!r}, which is in {region!r}"
        yield finding("FAIL-27", LIKELY, said, f"sign for the region {region!r}")
    if services and request.evidence.service not in services:
        named = " or ".join(repr(name) for name in sorted(services))
        said = f"signed for {request.evidence.service!r}, sent to {shown(host)!r}, a host of {named}"
        yield finding("FAIL-28", LIKELY, said, f"sign for the service {named}")
