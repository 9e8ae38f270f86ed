"""A profile with ``role_arn``: finds the source's credentials, and assumes the role with them.

Source: AWS SDKs and Tools Reference Guide, "Assume role credential provider".
"""

from __future__ import annotations

from ..config.home import absolute_path
from ..errors import ConfigError, CredentialsError
from . import role_cache, sts, web_identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config.file_grammar import Section
    from ..config.profiles import Profile
    from ..config.service_endpoints import ServiceEndpoint
    from ..credentials import Credentials
    from .sources import Sources


def find(
    profile: Profile,
    sources: Sources,
    find_source: Callable[[str], Credentials | None],
    identity: Mapping[str, str],
) -> Credentials:
    """The credentials of the profile's role. Raises CredentialsError.

    ``find_source`` returns the credentials of another profile by name. ``identity`` holds the variables that
    take precedence over the profile's role and session name for a web identity.
    """
    section = profile.section
    for key in ("role_arn", "web_identity_token_file"):
        if key in section:
            sources.trail.append(f"{section[key].origin} {key}")
    token_file = section.get("web_identity_token_file")
    if token_file is not None:
        return web_identity.find(
            absolute_path(token_file.value, token_file.origin, sources.environ),
            *web_identity.role_and_name(section, identity),
            _where(profile, sources, signs=False),
            sources.fetch,
            sources.clock,
        )
    where = _where(profile, sources, signs=True)
    parameters = _parameters(profile)
    if "SerialNumber" not in parameters:
        source = _source(profile, sources, find_source)
        return _assumed(parameters, source, where, sources)
    file = role_cache.cache_file(parameters, sources.environ)
    kept = role_cache.read(file, sources.clock)
    if kept is not None:
        sources.trail.append(f"kept in {file}")
        return kept
    source = _source(profile, sources, find_source)
    parameters["TokenCode"] = _code(parameters["SerialNumber"], sources)
    found = _assumed(parameters, source, where, sources)
    role_cache.write(file, found)
    return found


def _where(profile: Profile, sources: Sources, *, signs: bool) -> ServiceEndpoint:
    """The STS endpoint of the requested profile: the AWS CLI uses it for every role of a chain."""
    called = sources.called or profile
    return sts.endpoint_of(called, sources.environ, signs=signs, arguments=sources.arguments)


def _assumed(
    parameters: dict[str, str], source: Credentials, where: ServiceEndpoint, sources: Sources
) -> Credentials:
    """The role's credentials, with a generated session name if the profile has none."""
    name = {"RoleSessionName": web_identity.new_session_name(sources.clock)}
    sources.trail.append(f"by {where.url}")
    return sts.assume_role({**name, **parameters}, source, where, sources.fetch, sources.clock)


def _parameters(profile: Profile) -> dict[str, str]:
    """The request's parameters in the profile; without a session name if it has none."""
    section = profile.section
    found = {"RoleArn": section["role_arn"].value}
    if _value(section, "role_session_name"):
        found["RoleSessionName"] = section["role_session_name"].value
    duration = _value(section, "duration_seconds")
    if duration:
        if not (duration.isascii() and duration.isdigit() and 900 <= int(duration) <= 43200):
            entry = section["duration_seconds"]
            raise ConfigError(f"{entry.origin}: duration_seconds is {duration[:20]!r}: expected 900 to 43200")
        found["DurationSeconds"] = duration
    if _value(section, "external_id"):
        found["ExternalId"] = section["external_id"].value
    if _value(section, "mfa_serial"):
        found["SerialNumber"] = section["mfa_serial"].value
    return found


def _code(serial: str, sources: Sources) -> str:
    code = sources.prompt(f"Enter MFA code for {serial}: ").strip()
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise CredentialsError(f"the MFA code for {serial} has {len(code)} characters: expected 6 digits")
    return code


def _source(
    profile: Profile, sources: Sources, find_source: Callable[[str], Credentials | None]
) -> Credentials:
    section, name = profile.section, profile.name
    given, kind = _value(section, "source_profile"), _value(section, "credential_source")
    if given and kind:
        raise ConfigError(f'The profile "{name}" contains both source_profile and credential_source.')
    if not given and not kind:
        raise ConfigError(
            "Partial credentials found in assume-role, missing: source_profile or credential_source"
        )
    if kind:
        return _of_kind(kind, name, section, sources)
    if given not in profile.config.profiles:
        raise ConfigError(f'The source_profile "{given}" referenced in the profile "{name}" does not exist.')
    found = find_source(given)
    if found is None:
        raise ConfigError(f'The source profile "{given}" must have credentials.')
    return found


def _of_kind(kind: str, name: str, section: Section, sources: Sources) -> Credentials:
    if kind == "Environment":
        from . import environment

        found = environment.find(sources.environ)
    elif kind == "EcsContainer":
        from . import container

        found = container.find(sources.environ, sources.fetch)
    elif kind == "Ec2InstanceMetadata":
        from . import imds

        called = section if sources.called is None else sources.called.section
        found = imds.find(sources.environ, sources.fetch, called)
    else:
        raise ConfigError(f'The credential source "{kind[:40]}" referenced in profile "{name}" is not valid.')
    if found is None:
        raise CredentialsError(
            f"Error when retrieving credentials from {kind}: No credentials found in credential_source "
            f"referenced in profile {name}"
        )
    sources.trail.append(f"with the credentials of {kind}")
    return found


def _value(section: Section, key: str) -> str:
    return section[key].value if key in section else ""
