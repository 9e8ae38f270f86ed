"""What differs between services when a request is signed, as data."""

from __future__ import annotations

from .credentials import S3_EXPRESS_TOKEN, SECURITY_TOKEN
from .errors import SigningError
from .payload import LITERALS, STREAMING_EVENTS, UNSIGNED_PAYLOAD
from .record import Record
from .scope import is_aws_region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_HOP = "hop-by-hop: ends at the next proxy (RFC 9110 §7.6.1)"
_PROXY = "written or rewritten by proxies, gateways and CDNs on the way"
_SOCKET = "written by the WebSocket library during the handshake"
_TRACE = "written by tracing libraries and agents after signing"

NEVER_SIGNED: Mapping[str, str] = {
    "authorization": "carries the signature itself",
    "accept-encoding": "rewritten by HTTP libraries and CDNs",
    "user-agent": "rewritten by HTTP libraries, gateways and browsers",
    "expect": "consumed by the first server that answers 100 Continue (FAIL-17)",
    "connection": _HOP,
    "keep-alive": _HOP,
    "proxy-authenticate": _HOP,
    "proxy-authorization": _HOP,
    "proxy-connection": _HOP,
    "te": _HOP,
    "trailer": _HOP,
    "transfer-encoding": _HOP,
    "upgrade": _HOP,
    "forwarded": _PROXY,
    "max-forwards": _PROXY,
    "via": _PROXY,
    "x-forwarded-for": _PROXY,
    "x-forwarded-host": _PROXY,
    "x-forwarded-port": _PROXY,
    "x-forwarded-proto": _PROXY,
    "x-amzn-trace-id": "rewritten by load balancers (FAIL-16)",
    "traceparent": _TRACE,
    "tracestate": _TRACE,
    "baggage": _TRACE,
    "sec-websocket-accept": _SOCKET,
    "sec-websocket-extensions": _SOCKET,
    "sec-websocket-key": _SOCKET,
    "sec-websocket-protocol": _SOCKET,
    "sec-websocket-version": _SOCKET,
}


class Dialect(Record):
    """The signing rules of one family of services. ``DEFAULT.replace(...)`` makes a variant.

    ``normalize_path``     drop empty, ``.`` and ``..`` segments first (CR-PATH-3)
    ``encode_path_again``  escape the wire path once more (CR-PATH-2), else unescape and escape it (CR-PATH-4)
    ``content_sha256``     the header X-Amz-Content-SHA256 is required, so ``sign`` adds it (PAYLOAD-4)
    ``payload_literals``   the literals accepted in place of a payload hash (PAYLOAD-3)
    ``unsigned_payload``   no payload hash is accepted: every body is sent as UNSIGNED-PAYLOAD (PAYLOAD-4)
    ``presign_unsigned``   a presigned URL leaves the body unsigned: UNSIGNED-PAYLOAD (URL-3)
    ``token_names``        the headers or query parameters that a session token may come in (TOKEN-1, TOKEN-3)
    ``sign_token``         the session token is signed; if false, it is added after signing (TOKEN-2)
    ``unsigned_headers``   the ``x-amz-*`` headers that are accepted unsigned (VERIFY-8)
    ``window``             seconds that a request's clock may differ from the server's (VERIFY-18)
    ``expires_required``   a presigned URL must have X-Amz-Expires (URL-2)
    ``longest_expires``    the largest X-Amz-Expires accepted, in seconds (URL-2)
    ``url_life``           seconds that a presigned URL is valid; 0: X-Amz-Expires decides (URL-2)
    ``parts_first``        the parts of Authorization are read before its algorithm (VERIFY-6)
    ``never_signed``       lower-case header names left out of the signature, each with its reason
    """

    name: str
    normalize_path: bool = True
    encode_path_again: bool = True
    content_sha256: bool = False
    payload_literals: frozenset[str] = frozenset()
    unsigned_payload: bool = False
    presign_unsigned: bool = False
    token_names: tuple[str, ...] = (SECURITY_TOKEN,)
    sign_token: bool = True
    unsigned_headers: frozenset[str] = frozenset()
    window: int = 300
    expires_required: bool = False
    longest_expires: int = 604800
    url_life: int = 0
    parts_first: bool = False
    never_signed: Mapping[str, str] = NEVER_SIGNED

    def __hash__(self) -> int:
        return hash(self.name)


_UNSIGNED = frozenset((UNSIGNED_PAYLOAD.line,))
_EVENTS = frozenset((STREAMING_EVENTS.line,))

DEFAULT = Dialect("default")
LONGEST_EXPIRES = DEFAULT.longest_expires  # URL-2: seven days
# An object key may hold any bytes, also `..` and `//`; S3 checks bodies against their hash (CR-PATH-4,
# PAYLOAD-4).
S3 = Dialect(
    "s3",
    normalize_path=False,
    encode_path_again=False,
    content_sha256=True,
    payload_literals=LITERALS - _EVENTS,
    presign_unsigned=True,
    unsigned_headers=frozenset(("x-amz-content-sha256",)),
    window=900,
    expires_required=True,
)
# The token of session credentials has another header than the token of IAM credentials (TOKEN-3).
S3_EXPRESS = S3.replace(name="s3express", token_names=(SECURITY_TOKEN, S3_EXPRESS_TOKEN))
# OpenSearch Serverless answers 403 if the header is missing (PAYLOAD-4).
AOSS = Dialect("aoss", content_sha256=True, payload_literals=_UNSIGNED)
# VPC Lattice does not read bodies, so they cannot be signed (PAYLOAD-4).
VPC_LATTICE = Dialect(
    "vpc-lattice-svcs", content_sha256=True, payload_literals=_UNSIGNED, unsigned_payload=True
)
# The MQTT gateway of IoT removes the token before it checks the signature (TOKEN-2) and ignores X-Amz-Expires
# (URL-2). AWS does not document how long its URLs are valid; here it is the window.
IOT_GATEWAY = Dialect("iotdevicegateway", sign_token=False, url_life=300)
# STS's answers say "- 15 min."; it ignores X-Amz-Expires (VERIFY-18, URL-2).
STS = Dialect("sts", window=900, url_life=900)
DYNAMODB = Dialect("dynamodb", window=900)
# For another authentication scheme, API Gateway reports the missing parts (VERIFY-6).
API_GATEWAY = Dialect("execute-api", parts_first=True)
# The seed of an event stream is signed before there is a body (EVENT-6).
EVENT_STREAM = Dialect("event stream", payload_literals=_EVENTS)
# Services with operations that leave their body unsigned (PAYLOAD-5; authtype v4-unsigned-body).
UNSIGNED_BODY = Dialect("unsigned body", payload_literals=_UNSIGNED)

# The presigned URL is the password of a connection, accepted for 15 minutes (URL-2).
CONNECTION_TOKEN = Dialect("connection token", longest_expires=900)

SERVICES: Mapping[str, Dialect] = {
    "s3": S3,
    "s3-object-lambda": S3,
    "s3-outposts": S3,
    "s3express": S3_EXPRESS,
    "aoss": AOSS,
    "vpc-lattice-svcs": VPC_LATTICE,
    "iotdevicegateway": IOT_GATEWAY,
    "sts": STS,
    "dynamodb": DYNAMODB,
    "execute-api": API_GATEWAY,
    "bedrock": EVENT_STREAM,
    "health-agent": EVENT_STREAM,
    "polly": EVENT_STREAM,
    "qbusiness": EVENT_STREAM,
    "rekognition": EVENT_STREAM,
    "sagemaker": EVENT_STREAM,
    "transcribe": EVENT_STREAM,
    "lex": EVENT_STREAM.replace(name="lex", payload_literals=_EVENTS | _UNSIGNED),
    "elasticache": CONNECTION_TOKEN,
    "kafka-cluster": CONNECTION_TOKEN,
    "memorydb": CONNECTION_TOKEN,
    "rds-db": CONNECTION_TOKEN,
    "ebs": UNSIGNED_BODY,
    "mediastore": UNSIGNED_BODY,
    "omics": UNSIGNED_BODY,
}

S3_FAMILY = frozenset(name for name, dialect in SERVICES.items() if not dialect.encode_path_again)

# Frequent signing names beside those of a dialect: the table of names is not loaded for any of these.
_FREQUENT_SERVICES = frozenset(
    "apigateway cloudformation ec2 ecr es events iam kinesis kms lambda logs monitoring rds secretsmanager "
    "sns sqs ssm states".split()
)


def dialect_of(service: str) -> Dialect:
    """The dialect of a service by its signing name; ``DEFAULT`` for most services.

    Raises SigningError for another name of a service, such as its host label or SDK client name (STS-4).
    """
    if service not in SERVICES and service not in _FREQUENT_SERVICES:
        _check_service(service)
    return SERVICES.get(service, DEFAULT)


def chosen_dialect(given: Dialect | None, service: str, region: str) -> Dialect:
    """The dialect that the caller gave, or else that of the service, whose names are then checked.

    Raises SigningError.
    """
    if given is None:
        check_region_name(region, service)
        return dialect_of(service)
    if not isinstance(given, Dialect):
        raise SigningError(f"dialect is {type(given).__name__}: expected a Dialect, such as S3 or DEFAULT")
    return given


def check_region_name(region: str, service: str) -> None:
    """STS-4: raises SigningError for a misspelt AWS region and for an availability zone."""
    if "fips" in region or not is_aws_region(region):  # "fips-us-east-1" is spelled as a region is
        _check_aws_region(region, service)


def _check_service(service: str) -> None:
    from .signing_names import check_service

    check_service(service)


def _check_aws_region(region: str, service: str) -> None:
    from .signing_names import check_region

    for name in region.split(","):
        check_region(name, service)
