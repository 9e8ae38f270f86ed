"""A role for the bearer of a web identity token: EKS service accounts, CI systems."""

from __future__ import annotations

from ...errors import CredentialsError
from . import sts
from .files import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...credentials import Credentials
    from ..fetch import Fetch
    from ..profiles import Profile

_NO_ROLE = (
    "The provided profile or the current environment is configured to assume role with web identity but has "
    "no role ARN configured. Ensure that the profile has the role_arn configuration set or the AWS_ROLE_ARN "
    "env var is set."
)


def find_in_environment(
    environ: Mapping[str, str], profile: Profile, fetch: Fetch, clock: Callable[[], float]
) -> Credentials | None:
    """By ``AWS_WEB_IDENTITY_TOKEN_FILE``, ``AWS_ROLE_ARN``, ``AWS_ROLE_SESSION_NAME``."""
    path = environ.get("AWS_WEB_IDENTITY_TOKEN_FILE", "").strip()
    if not path:
        return None
    role, name = environ.get("AWS_ROLE_ARN", "").strip(), environ.get("AWS_ROLE_SESSION_NAME", "").strip()
    return find(path, role, name, sts.endpoint_of(profile, environ), fetch, clock)


def find(
    path: str, role: str, session_name: str, where: sts.Endpoint, fetch: Fetch, clock: Callable[[], float]
) -> Credentials:
    """The role's credentials; the file is read anew each time: its token rotates. Raises CredentialsError."""
    if not role:
        raise CredentialsError(_NO_ROLE)
    parameters = {"RoleArn": role, "RoleSessionName": session_name or f"sigv4-session-{int(clock())}"}
    parameters["WebIdentityToken"] = sts.token_in(path, read_file)
    try:
        return sts.assume_role_with_web_identity(parameters, where, fetch)
    finally:
        parameters = {}
