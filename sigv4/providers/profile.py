"""A profile of the shared files: a role, static keys, or a ``credential_process``."""

from __future__ import annotations

from ..config.profiles import Profile
from ..credentials import Credentials
from ..errors import CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config.shared_config import Section
    from .sources import Sources


# In the AWS CLI's order: what of a profile gives credentials, and the keys that ask for it.
_ROLE, _SSO = ("role_arn", "web_identity_token_file"), ("sso_session", "sso_start_url")
_KINDS = ("aws_access_key_id", *_ROLE, *_SSO, "login_session", "credential_process")


def find(profile: Profile, sources: Sources) -> Credentials | None:
    """The credentials of a profile, None where it has none. Raises CredentialsError.

    In the AWS CLI's order: a role, IAM Identity Center, keys of the credentials file, ``aws login``,
    ``credential_process``, keys of the config file. What is configured and cannot be read stops the chain,
    rather than let another identity stand in.
    """
    return _find(profile, sources, ())


def _find(profile: Profile, sources: Sources, visited: tuple[str, ...]) -> Credentials | None:
    section, name = profile.section, profile.name
    if name in visited:
        raise CredentialsError(
            "Infinite loop in credential configuration detected. Attempting to load from profile "
            f"{name} which has already been visited. Visited profiles: {list(visited)}"
        )
    key = _kind(profile, is_source=bool(visited))
    if not key:
        return None
    entry = section[key]
    passed = [each for each in _KINDS if each in section and each != key and not {each, key} <= {*_ROLE}]
    of = f"source profile {name!r}: " if visited else ""
    over = f" (before {', '.join(f'{section[each].origin} {each}' for each in passed)})" if passed else ""
    if key not in _ROLE:
        sources.trail.append(f"{of}{entry.origin} {key}{over}")
    if key == "aws_access_key_id":
        return _static(section)
    if key in _ROLE:
        return _role(profile, sources, visited)
    if key in _SSO:
        from . import sso

        return sso.find(profile, sources)
    if key == "login_session":
        from . import login

        return login.find(entry, sources.environ, sources.clock)
    from . import process

    return process.find(entry.value, entry.origin, sources.run or process.run)


def _kind(profile: Profile, *, is_source: bool) -> str:
    """The key of the profile that decides, or ``""``."""
    section = profile.section
    keys = section.get("aws_access_key_id")
    order = [*_ROLE, *_SSO, "login_session", "credential_process", "aws_access_key_id"]
    if keys is not None and is_source and "web_identity_token_file" not in section:
        order.remove("role_arn")  # a source that has keys takes on no role; one that is asked for does
    if keys is not None and keys.file == profile.config.credentials_file:
        order.insert(order.index("login_session"), "aws_access_key_id")
    return next((key for key in order if key in section), "")


def _role(profile: Profile, sources: Sources, visited: tuple[str, ...]) -> Credentials:
    from . import role

    section, name = profile.section, profile.name

    def source(given: str) -> Credentials | None:
        found = Profile(given, "source_profile", profile.config.profiles[given], profile.config)
        if given == name and "aws_access_key_id" in section:
            sources.trail.append(f"{section['aws_access_key_id'].origin} aws_access_key_id")
            return _static(section)
        return _find(found, sources, (*visited, name))

    return role.find(profile, sources, source, {} if visited else sources.identity)


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
