"""The instance metadata service of EC2, version 2 alone.

Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

from ...errors import CredentialsError, SigningError
from ...request import Request
from ...target import check_url, split_target
from ..fetch import Unreachable, fetch
from .answers import credentials_in, json_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...credentials import Credentials
    from ...response import Response
    from ..fetch import Fetch

_ROLES = "/latest/meta-data/iam/security-credentials/"
_HOSTS = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}


def is_disabled(environ: Mapping[str, str]) -> bool:
    return environ.get("AWS_EC2_METADATA_DISABLED", "").strip().lower() == "true"


def find(environ: Mapping[str, str], fetch: Fetch = fetch) -> Credentials | None:
    """The credentials of this instance's role; None off EC2, without a role, or where it is disabled.

    Raises CredentialsError for a service that answers and gives none.
    """
    if is_disabled(environ):
        return None
    base = _base(environ)
    seconds = _number(environ, "AWS_METADATA_SERVICE_TIMEOUT", 1.0)
    attempts = int(_number(environ, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1))
    token = _token(base, fetch, seconds, attempts)
    if token is None:
        return None
    roles = _get(base + _ROLES, token, fetch, seconds)
    if roles.status == 404:
        return None
    role = roles.body.decode("utf-8", "replace").strip().split("\n")[0].strip() if roles.status == 200 else ""
    if not role or any(char in role for char in "/?# \r"):
        raise CredentialsError(f"iam-role: the instance metadata names no role (status {roles.status})")
    answer = _get(base + _ROLES + role, token, fetch, seconds)
    if answer.status != 200:
        raise CredentialsError(f"iam-role: status {answer.status} for the role {role!r}")
    found = json_object(answer.body, "iam-role")
    if found.get("Code", "Success") != "Success":
        code = str(found["Code"])[:80]
        found = {}
        raise CredentialsError(f"iam-role: {code}: look at the trust policy of the role {role!r}")
    return credentials_in(found, "iam-role", "Token")


def _token(base: str, fetch: Fetch, seconds: float, attempts: int) -> str | None:
    """The session token of IMDSv2; None where nothing answers, as off EC2."""
    request = Request("PUT", f"{base}/latest/api/token", [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
    for _ in range(max(1, attempts)):
        try:
            answer = fetch(request, seconds)
        except Unreachable:
            continue
        token = answer.body.decode("latin-1").strip()
        if answer.status == 200 and token and token.isprintable():
            return token
        if answer.status == 403:
            raise CredentialsError(
                "Unable to locate credentials: the instance metadata service refuses (403): it is disabled, "
                "or the caller has insufficient permissions"
            )
        if answer.status < 500:
            return None
    return None


def _get(url: str, token: str, fetch: Fetch, seconds: float) -> Response:
    try:
        return fetch(Request("GET", url, [("x-aws-ec2-metadata-token", token)]), seconds)
    except Unreachable as error:
        token = ""
        fault = f"iam-role: {error}"
    raise CredentialsError(fault)


def _base(environ: Mapping[str, str]) -> str:
    given = environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "").strip()
    mode = environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").strip().lower() or "ipv4"
    if given:
        try:
            check_url(given)
            split_target(given)
        except SigningError as error:
            raise CredentialsError(f"AWS_EC2_METADATA_SERVICE_ENDPOINT: {error}") from None
        return given.rstrip("/")
    if mode not in _HOSTS:
        raise CredentialsError(
            f"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is {mode[:40]!r}: expected ipv4 or ipv6"
        )
    return _HOSTS[mode]


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1
    if not 0 < number <= 3600:
        raise CredentialsError(f"{name} is {text[:40]!r}: expected a number above 0")
    return number
