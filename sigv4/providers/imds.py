"""Credentials from the instance metadata service of EC2, only version 2.

Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

from ..config.settings import choice, number, switch, text
from ..errors import ConfigError, CredentialsError, SigningError
from ..record import Record
from ..request import Request
from ..target import split_endpoint
from .answers import credentials_in, json_object
from .attempts import ATTEMPTS, answer_to, is_no_json, is_transient
from .fetch import Unreachable, fetch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config.file_grammar import Section
    from ..credentials import Credentials
    from ..request import Response
    from .fetch import Fetch

_ROLES = "/latest/meta-data/iam/security-credentials/"
_BASES = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
_TTL = "21600"  # seconds that a session token is valid; one look-up takes a few seconds


def is_disabled(environ: Mapping[str, str], section: Section | None = None) -> bool:
    return bool(switch("disable_ec2_metadata", section or {}, environ, "AWS_EC2_METADATA_DISABLED").value)


class Service(Record):
    """How to reach the service: its ``base`` URL, ``seconds`` and ``attempts``, and ``role`` or ``""``."""

    base: str
    seconds: float
    attempts: int
    role: str


def service_of(environ: Mapping[str, str], section: Section | None = None) -> Service:
    """The service as environment and profile configure it. Raises ConfigError."""
    section = section or {}
    timeout = text("metadata_service_timeout", section, environ, "AWS_METADATA_SERVICE_TIMEOUT")
    attempts = text("metadata_service_num_attempts", section, environ, "AWS_METADATA_SERVICE_NUM_ATTEMPTS")
    role = text("ec2_instance_profile_name", section, environ, "AWS_EC2_INSTANCE_PROFILE_NAME")
    return Service(
        _base(environ, section),
        number(timeout, "metadata_service_timeout", 1, 3600, "a number above 0"),
        int(max(number(attempts, "metadata_service_num_attempts", 1, 3600, "a number above 0"), 1)),
        role.value or "",
    )


def find(
    environ: Mapping[str, str], fetch: Fetch = fetch, section: Section | None = None
) -> Credentials | None:
    """The credentials of this instance's role; None outside EC2, without a role, or if disabled.

    Raises CredentialsError if the service answers but gives none.
    """
    return look(environ, fetch, section)[0]


def look(environ: Mapping[str, str], fetch: Fetch, section: Section | None) -> tuple[Credentials | None, str]:
    """The result of :func:`find`; and where the credentials are from, or why there are none."""
    if is_disabled(environ, section):
        return None, "AWS_EC2_METADATA_DISABLED is true"
    service = service_of(environ, section)
    session = _Session(service, fetch)
    fault = session.open()
    if fault:
        return None, f"{service.base}: {fault}"
    role = service.role
    if not role:
        roles = session.get(_ROLES, lambda answer: answer.status == 200 and not answer.body.strip())
        if roles.status == 404:
            return None, f"{service.base}: the instance has no role"
        if roles.status == 200:
            role = roles.body.decode("utf-8", "replace").strip().split("\n")[0].strip()
        if not role or any(char in role for char in "/?# \r"):
            raise CredentialsError(f"iam-role: the instance metadata names no role (status {roles.status})")
    answer = session.get(_ROLES + role, is_no_json)
    if answer.status != 200:
        raise CredentialsError(f"iam-role: status {answer.status} for the role {role!r}")
    found = json_object(answer.body, "iam-role")
    del answer  # the secret: hidden from tracebacks with locals
    if found.get("Code", "Success") != "Success":
        code = str(found["Code"])[:80]
        found = {}
        raise CredentialsError(f"iam-role: {code}: look at the trust policy of the role {role!r}")
    try:
        return credentials_in(found, "iam-role", "Token"), service.base
    finally:
        found = {}


class _Session:
    """A session of IMDSv2: its token is sent with every request, and is renewed once if it is refused."""

    __slots__ = ("_fetch", "_service", "_token")

    def __init__(self, service: Service, fetch: Fetch) -> None:
        self._service = service
        self._fetch = fetch
        self._token = ""

    def open(self) -> str:
        """Gets a token. Returns ``""``, or the reason why this may not be an EC2 instance.

        After one attempt without an answer it gives up, unless more are configured, because outside EC2 no
        service answers. Raises CredentialsError if a service refuses, or is busy at every attempt.
        """
        service = self._service
        request = Request(
            "PUT", f"{service.base}/latest/api/token", [("x-aws-ec2-metadata-token-ttl-seconds", _TTL)]
        )
        try:
            answer = answer_to(
                request,
                self._fetch,
                service.seconds,
                attempts=max(ATTEMPTS, service.attempts),
                unanswered=service.attempts,
            )
        except Unreachable as error:
            return f"no answer ({error})"
        status = answer.status
        if status == 403:
            raise CredentialsError(
                "Unable to locate credentials: the instance metadata service refuses (403): it is disabled, "
                "the caller has insufficient permissions, or it is an emulator (kube2iam) without version 2"
            )
        if is_transient(answer):
            raise CredentialsError(
                f"iam-role: the instance metadata service is busy: it answered {status} to the request for a "
                "session token"
            )
        if status != 200:
            return f"it answered {status} to the request for a session token: it has no version 2"
        self._token = answer.body.decode("latin-1").strip()
        return "" if self._token and self._token.isprintable() else "its session token cannot be read"

    def get(self, path: str, again: Callable[[Response], bool]) -> Response:
        """The answer for ``path``. It makes several attempts, because the service has answered before."""
        answer = self._once(path, again)
        if answer.status == 401:
            fault = self.open()
            if fault:
                raise CredentialsError(f"iam-role: it refused the session token (401), then {fault}")
            answer = self._once(path, again)
        return answer

    def _once(self, path: str, again: Callable[[Response], bool]) -> Response:
        service = self._service
        try:
            return answer_to(
                Request("GET", service.base + path, [("x-aws-ec2-metadata-token", self._token)]),
                self._fetch,
                service.seconds,
                attempts=max(ATTEMPTS, service.attempts),
                again=lambda answer: is_transient(answer) or again(answer),
            )
        except Unreachable as error:
            fault = f"iam-role: {error}"
        raise CredentialsError(fault)


def _base(environ: Mapping[str, str], section: Section) -> str:
    given = text("ec2_metadata_service_endpoint", section, environ, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
    if given.value is not None:
        try:
            split_endpoint(given.value)
        except SigningError as error:
            raise ConfigError(f"{given.origin}: {error}") from None
        return str(given.value).rstrip("/")
    key, variable = "ec2_metadata_service_endpoint_mode", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
    mode = choice(key, section, environ, variable, ("ipv4", "ipv6"))
    old = mode.origin == "default" and switch("imds_use_ipv6", section, environ, "AWS_IMDS_USE_IPV6").value
    return _BASES["ipv6" if old else mode.value]
