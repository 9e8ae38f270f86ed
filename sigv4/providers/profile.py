"""Credentials from a profile of the shared files: a role, static keys, or a ``credential_process``."""

from __future__ import annotations

from ..credentials import Credentials
from ..errors import ConfigError, CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config.file_grammar import Section
    from ..config.profiles import Profile
    from .sources import Sources


_ROLE, _SSO = ("role_arn", "web_identity_token_file"), ("sso_account_id", "sso_role_name")
_KEYS = "aws_access_key_id"
_KINDS = (_KEYS, *_ROLE, *_SSO, "login_session", "credential_process")


def find(profile: Profile, sources: Sources) -> Credentials | None:
    """The credentials of a profile, or None. Raises CredentialsError.

    The order is the AWS CLI's: a role, IAM Identity Center, keys of the credentials file, ``aws login``,
    ``credential_process``, keys of the config file. If a configured source fails, the chain ends: another
    identity must not be used by accident.
    """
    sources.called = profile
    return _find(profile, sources, ())


def _find(profile: Profile, sources: Sources, visited: tuple[str, ...]) -> Credentials | None:
    section, name = profile.section, profile.name
    if name in visited:
        raise ConfigError(
            "Infinite loop in credential configuration detected. Attempting to load from profile "
            f"{name} which has already been visited. Visited profiles: {list(visited)}"
        )
    deciding = _deciding(profile, is_source=bool(visited))
    if deciding is None:
        return None
    key, holder = deciding
    entry = holder[key]
    passed = [each for each in _KINDS if each in section and each != key and not _are_one(each, key)]
    of = f"source profile {name!r}: " if visited else ""
    over = f" (before {', '.join(f'{section[each].origin} {each}' for each in passed)})" if passed else ""
    if key not in _ROLE:
        sources.trail.append(f"{of}{entry.origin} {key}{over}")
    if key == _KEYS:
        return _static(holder)
    if key in _ROLE:
        return _role(profile, sources, visited)
    if key in _SSO:
        from . import sso

        return sso.find(profile, sources)
    if key == "login_session":
        from . import login

        return login.find(entry, sources.environ, sources.clock)
    from . import process

    seconds = process.seconds_of(section, sources.environ)
    return process.find(entry.value, entry.origin, sources.run or (lambda words: process.run(words, seconds)))


def _are_one(key: str, other: str) -> bool:
    return {key, other} <= {*_ROLE} or {key, other} <= {*_SSO}


def _deciding(profile: Profile, *, is_source: bool) -> tuple[str, Section] | None:
    """The key that decides on the source, and its section: merged from both files, but for keys of one file.

    The order is the AWS CLI's. A source profile with keys does not assume its role; a profile that is
    requested by name does.
    """
    section = profile.section
    of_credentials, of_config = _own_sections(profile)
    has_keys = is_source and _KEYS in section and "web_identity_token_file" not in section
    order = [
        *((key, section) for key in _ROLE if not (has_keys and key == "role_arn")),
        *((key, section) for key in _SSO),
        (_KEYS, of_credentials),
        ("login_session", section),
        ("credential_process", section),
        (_KEYS, of_config),
    ]
    return next((each for each in order if each[0] in each[1]), None)


def _role(profile: Profile, sources: Sources, visited: tuple[str, ...]) -> Credentials:
    from . import role

    name = profile.name

    def source(given: str) -> Credentials | None:
        found = profile.replace(name=given, section=profile.config.profiles[given])
        holder = next((each for each in _own_sections(profile) if _KEYS in each), None)
        if given == name and holder is not None:
            sources.trail.append(f"{holder[_KEYS].origin} {_KEYS}")
            return _static(holder)
        return _find(found, sources, (*visited, name))

    return role.find(profile, sources, source, {} if visited else sources.identity)


def _own_sections(profile: Profile) -> tuple[Section, Section]:
    """The profile's section in each file, the credentials file first."""
    config = profile.config
    return config.of_credentials.get(profile.name, {}), config.of_config.get(profile.name, {})


def _static(section: Section) -> Credentials:
    """The keys of one file; a secret or token of the other file belongs to other keys."""
    entry = section[_KEYS]
    secret = section.get("aws_secret_access_key")
    if secret is None or not secret.value:
        raise CredentialsError(f"Partial credentials found in {entry.file}, missing: aws_secret_access_key")
    # boto3 reads the older name first.
    token = section.get("aws_security_token") or section.get("aws_session_token")
    try:
        return Credentials(entry.value, secret.value, token.value if token else None)
    except CredentialsError as error:
        named = {"secret_access_key": secret, "session_token": token or entry}
        wrong = named.get(
            error.message.partition(" ")[0], entry
        )  # the text begins with the name of the value
        fault = f"{wrong.origin}: {error}"
    raise CredentialsError(fault)
