"""A profile with ``role_arn``: the credentials of its source, and the role they take on.

Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider".
"""

from __future__ import annotations

from ...errors import CredentialsError
from . import container, environment, imds, sts, web_identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...credentials import Credentials
    from ..profiles import Profile
    from ..shared_config import Section
    from .profile import Sources


def find(profile: Profile, sources: Sources, find_source: Callable[[str], Credentials | None]) -> Credentials:
    """The credentials of the profile's role. Raises CredentialsError.

    ``find_source`` gives the credentials of another profile by name.
    """
    section = profile.section
    if "web_identity_token_file" in section:
        return web_identity.find(
            section["web_identity_token_file"].value,
            section["role_arn"].value if "role_arn" in section else "",
            _value(section, "role_session_name"),
            sts.endpoint_of(profile, sources.environ),
            sources.fetch,
            sources.clock,
        )
    where = sts.endpoint_of(profile, sources.environ)
    source = _source(profile, sources, find_source)
    parameters = _parameters(profile, sources)
    return sts.assume_role(parameters, source, where, sources.fetch, sources.clock)


def _parameters(profile: Profile, sources: Sources) -> dict[str, str]:
    section = profile.section
    found = {
        "RoleArn": section["role_arn"].value,
        "RoleSessionName": _value(section, "role_session_name") or f"sigv4-session-{int(sources.clock())}",
    }
    duration = _value(section, "duration_seconds")
    if duration:
        if not (duration.isascii() and duration.isdigit() and 900 <= int(duration) <= 43200):
            entry = section["duration_seconds"]
            raise CredentialsError(
                f"{entry.origin}: duration_seconds is {duration[:20]!r}: expected 900 to 43200"
            )
        found["DurationSeconds"] = duration
    if _value(section, "external_id"):
        found["ExternalId"] = section["external_id"].value
    serial = _value(section, "mfa_serial")
    if serial:
        code = sources.prompt(f"Enter MFA code for {serial}: ").strip()
        if not (len(code) == 6 and code.isascii() and code.isdigit()):
            raise CredentialsError(f"the MFA code for {serial} has {len(code)} characters: expected 6 digits")
        found |= {"SerialNumber": serial, "TokenCode": code}
    return found


def _source(
    profile: Profile, sources: Sources, find_source: Callable[[str], Credentials | None]
) -> Credentials:
    section, name = profile.section, profile.name
    given, kind = _value(section, "source_profile"), _value(section, "credential_source")
    if given and kind:
        raise CredentialsError(f'The profile "{name}" contains both source_profile and credential_source.')
    if not given and not kind:
        raise CredentialsError(
            "Partial credentials found in assume-role, missing: source_profile or credential_source"
        )
    if kind:
        return _of_kind(kind, name, sources)
    if given not in profile.config.profiles:
        raise CredentialsError(
            f'The source_profile "{given}" referenced in the profile "{name}" does not exist.'
        )
    found = find_source(given)
    if found is None:
        raise CredentialsError(f'The source profile "{given}" must have credentials.')
    return found


def _of_kind(kind: str, name: str, sources: Sources) -> Credentials:
    if kind == "Environment":
        found = environment.find(sources.environ)
    elif kind == "EcsContainer":
        found = container.find(sources.environ, sources.fetch)
    elif kind == "Ec2InstanceMetadata":
        found = imds.find(sources.environ, sources.fetch)
    else:
        raise CredentialsError(
            f'The credential source "{kind[:40]}" referenced in profile "{name}" is not valid.'
        )
    if found is None:
        raise CredentialsError(
            f"Error when retrieving credentials from {kind}: No credentials found in credential_source "
            f"referenced in profile {name}"
        )
    return found


def _value(section: Section, key: str) -> str:
    return section[key].value if key in section else ""
