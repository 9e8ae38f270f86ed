"""A role that is assumed with a web identity token: EKS service accounts, CI systems."""

from __future__ import annotations

from ..config.home import absolute_path
from ..config.settings import text
from ..errors import ConfigError
from . import sts
from .files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config.file_grammar import Section
    from ..config.profiles import Profile
    from ..config.service_endpoints import ServiceEndpoint
    from ..config.settings import ClientArguments
    from ..credentials import Credentials
    from .fetch import Fetch

_NO_ROLE = (
    "The provided profile or the current environment is configured to assume role with web identity but has "
    "no role ARN configured. Ensure that the profile has the role_arn configuration set or the AWS_ROLE_ARN "
    "env var is set."
)


def find_in_environment(
    environ: Mapping[str, str],
    profile: Profile,
    fetch: Fetch,
    clock: Callable[[], float],
    arguments: ClientArguments | None = None,
) -> Credentials | None:
    """The role of ``AWS_WEB_IDENTITY_TOKEN_FILE``, ``AWS_ROLE_ARN``, ``AWS_ROLE_SESSION_NAME``.

    The profile may give the last two if they are not set.
    """
    path = environ.get("AWS_WEB_IDENTITY_TOKEN_FILE", "").strip()
    if not path:
        return None
    path = absolute_path(path, "AWS_WEB_IDENTITY_TOKEN_FILE", environ)
    role, name = role_and_name(profile.section, environ)
    where = sts.endpoint_of(profile, environ, signs=False, arguments=arguments)
    return find(path, role, name, where, fetch, clock)


def role_and_name(section: Section, environ: Mapping[str, str]) -> tuple[str, str]:
    """The role and the session name for a web identity, each from its variable or else from the profile."""
    role = text("role_arn", section, environ, "AWS_ROLE_ARN").value
    return role or "", text("role_session_name", section, environ, "AWS_ROLE_SESSION_NAME").value or ""


def new_session_name(clock: Callable[[], float]) -> str:
    """The name of a role's session that has none."""
    return f"sigv4-session-{int(clock())}"


def find(
    path: str, role: str, session_name: str, where: ServiceEndpoint, fetch: Fetch, clock: Callable[[], float]
) -> Credentials:
    """The role's credentials. The file is read each time, because it changes. Raises CredentialsError."""
    if not role:
        raise ConfigError(_NO_ROLE)
    parameters = {"RoleArn": role, "RoleSessionName": session_name or new_session_name(clock)}
    parameters["WebIdentityToken"] = sts.token_in(path, read_file)
    try:
        return sts.assume_role_with_web_identity(parameters, where, fetch)
    finally:
        parameters = {}
