"""A profile of the shared files: a role, static keys, or a ``credential_process``."""

from __future__ import annotations

import time

from ...credentials import Credentials
from ...errors import CredentialsError
from ..fetch import fetch
from ..profiles import Profile
from . import process, role, sso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..fetch import Fetch
    from ..shared_config import Section
    from .process import Run

# Keys that ask for a source this package does not read yet, and what gives the same credentials.
_UNREAD = ("login_session",)


def _prompt(text: str) -> str:
    from getpass import getpass

    return getpass(text)


class Sources:
    """What a profile's credentials are drawn from, injected: the environment, HTTP, programs, a terminal."""

    __slots__ = ("clock", "environ", "fetch", "prompt", "run")

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        fetch: Fetch = fetch,
        run: Run = process.run,
        prompt: Callable[[str], str] = _prompt,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.environ, self.fetch, self.run, self.prompt, self.clock = environ, fetch, run, prompt, clock


def find(profile: Profile, sources: Sources) -> Credentials | None:
    """The credentials of a profile, None where it has none. Raises CredentialsError.

    In the AWS CLI's order: a role, IAM Identity Center, keys of the credentials file, ``credential_process``,
    keys of the config file. What is configured and cannot be read stops the chain, rather than let another
    identity stand in.
    """
    return _find(profile, sources, ())


def _find(profile: Profile, sources: Sources, visited: tuple[str, ...]) -> Credentials | None:
    section, name = profile.section, profile.name
    if name in visited:
        raise CredentialsError(
            "Infinite loop in credential configuration detected. Attempting to load from profile "
            f"{name} which has already been visited. Visited profiles: {list(visited)}"
        )
    # The keys of a source count before its own role; those of the profile that is asked for, behind it.
    if visited and "aws_access_key_id" in section:
        return _static(section)
    if "role_arn" in section or "web_identity_token_file" in section:

        def source(given: str) -> Credentials | None:
            found = Profile(given, "source_profile", profile.config.profiles[given], profile.config)
            if given == name and "aws_access_key_id" in section:
                return _static(section)
            return _find(found, sources, (*visited, name))

        return role.find(profile, sources, source)
    if "sso_session" in section or "sso_start_url" in section:
        return sso.find(profile, sources)
    for unread in _UNREAD:
        if unread in section:
            raise CredentialsError(
                f"{section[unread].origin}: the profile {name!r} uses {unread}, which is not read yet: run "
                f"eval \"$(aws configure export-credentials --profile '{name}' --format env)\""
            )
    key = section.get("aws_access_key_id")
    if key is not None and (
        key.file == profile.config.credentials_file or "credential_process" not in section
    ):
        return _static(section)
    if "credential_process" in section:
        entry = section["credential_process"]
        return process.find(entry.value, entry.origin, sources.run)
    return None


def _static(section: Section) -> Credentials:
    """Keys of one file: a token that the other file holds belongs to other keys."""
    entry = section["aws_access_key_id"]
    of_file = {key: each for key, each in section.items() if each.file == entry.file}
    secret = of_file.get("aws_secret_access_key")
    if secret is None or not secret.value:
        raise CredentialsError(f"Partial credentials found in {entry.file}, missing: aws_secret_access_key")
    token = of_file.get("aws_session_token") or of_file.get("aws_security_token")
    try:
        return Credentials(entry.value, secret.value, token.value if token else None)
    except CredentialsError as error:
        fault = f"{entry.origin}: {error}"
    raise CredentialsError(fault)
