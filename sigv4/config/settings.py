"""Settings of a client, each with its origin: argument, then environment, then profile, then default.

Source: AWS SDKs and Tools Reference Guide, "Environment variables" and "Service-specific endpoints".
"""

from __future__ import annotations

import os

from ..errors import ConfigError, SigningError
from ..record import Record
from ..target import split_endpoint
from .home import absolute_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .file_grammar import Section
    from .profiles import Profile


REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")  # the first one that is set counts, here and below
ATTEMPTS = "a whole number, at least 1, including the first attempt"
BUNDLE_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


class Setting(Record):
    """One setting: its ``value`` (None if not set), its ``origin``, and the origins that were passed over.

    ``origin`` is ``"argument"``, the name of the environment variable, the file and line of the profile
    (``"~/.aws/config:12"``), or ``"default"``; ``passed_over`` are the origins that also set it, but do not
    count.
    """

    value: Any
    origin: str
    passed_over: tuple[str, ...] = ()

    def read_as(self, value: Any) -> Setting:
        """The same setting with the parsed ``value``."""
        return Setting(value, self.origin, self.passed_over)


class Settings(Record):
    """The settings of one client of one service, as :func:`resolve` finds them.

    ``retry_mode`` is ``legacy``, ``standard`` or ``adaptive``; ``max_attempts`` an int that includes the
    first attempt; ``app_id`` is part of the User-Agent.
    """

    region: Setting
    endpoint_url: Setting
    use_fips_endpoint: Setting
    use_dualstack_endpoint: Setting
    ca_bundle: Setting
    retry_mode: Setting
    max_attempts: Setting
    app_id: Setting


class ClientArguments(Record):
    """The arguments of a client that also apply to STS and IAM Identity Center; None: not given."""

    region: str | None = None
    use_fips_endpoint: bool | None = None
    use_dualstack_endpoint: bool | None = None
    verify: bool | str | None = None


def resolve(
    service_id: str,
    *,
    region: str | None = None,
    endpoint_url: str | None = None,
    use_fips_endpoint: bool | None = None,
    use_dualstack_endpoint: bool | None = None,
    ca_bundle: str | None = None,
    profile: Profile | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of a client of ``service_id`` (``"SageMaker"``), given its arguments.

    An argument that is None, and a variable that is empty, count as not set. A boolean variable is on if it
    is ``true`` in any case, else off. ``profile`` has the settings of the shared files; without it they are
    not read. ``environ`` is by default this process's. An application id is cut after 50 characters, and
    characters that a User-Agent cannot have become ``-``.

    ``AWS_IGNORE_CONFIGURED_ENDPOINT_URLS``, or ``ignore_configured_endpoint_urls``, disables the endpoints of
    the environment and of the profile, never the argument. Raises ConfigError, naming the origin, for a
    missing ``services`` section, an unknown retry mode, or attempts that are not a number.
    """
    given = _Given(
        service_id, region, endpoint_url, use_fips_endpoint, use_dualstack_endpoint, ca_bundle, profile
    )
    readers = _readers(given, os.environ if environ is None else environ)
    return Settings(*[read() for read in readers.values()])


def resolve_each(
    service_id: str,
    *,
    region: str | None = None,
    endpoint_url: str | None = None,
    profile: Profile | None = None,
) -> dict[str, Setting | ConfigError]:
    """The settings of :func:`resolve` by name; a wrong setting is replaced by its error."""
    readers = _readers(_Given(service_id, region, endpoint_url, None, None, None, profile), os.environ)
    return {name: read_or_fault(read) for name, read in readers.items()}


def read_or_fault(read: Callable[[], Setting]) -> Setting | ConfigError:
    """What ``read`` returns, or the ConfigError that it raises."""
    try:
        return read()
    except ConfigError as error:
        return error


class _Given(Record):
    service_id: str
    region: str | None
    endpoint_url: str | None
    use_fips_endpoint: bool | None
    use_dualstack_endpoint: bool | None
    ca_bundle: str | None
    profile: Profile | None


def _readers(given: _Given, variables: Mapping[str, str]) -> dict[str, Callable[[], Setting]]:
    """The functions that read the fields of :class:`Settings`, in their order."""
    section = given.profile.section if given.profile is not None else {}

    def on(name: str, argument: bool | None) -> Setting:
        return switch(name, section, variables, f"AWS_{name.upper()}", argument=argument)

    def words(key: str, *names: str, argument: str | None = None) -> Setting:
        return text(key, section, variables, *names, argument=argument)

    def bundle() -> Setting:
        return words("ca_bundle", *BUNDLE_VARIABLES, argument=given.ca_bundle)

    modes = ("standard", "legacy", "adaptive")
    return {
        "region": lambda: words("region", *REGION_VARIABLES, argument=given.region),
        "endpoint_url": lambda: _endpoint(given, section, variables),
        "use_fips_endpoint": lambda: on("use_fips_endpoint", given.use_fips_endpoint),
        "use_dualstack_endpoint": lambda: on("use_dualstack_endpoint", given.use_dualstack_endpoint),
        "ca_bundle": lambda: _ca_bundle(bundle(), variables),
        "retry_mode": lambda: choice("retry_mode", section, variables, "AWS_RETRY_MODE", modes),
        "max_attempts": lambda: _attempts(words("max_attempts", "AWS_MAX_ATTEMPTS")),
        "app_id": lambda: _app_id(words("sdk_ua_app_id", "AWS_SDK_UA_APP_ID")),
    }


def _endpoint(given: _Given, section: Section, variables: Mapping[str, str]) -> Setting:
    """The configured endpoint: from the service's variable, the general variable, or the profile."""
    own_variable = f"AWS_ENDPOINT_URL_{given.service_id.upper().replace(' ', '_')}"
    ignored = switch(
        "ignore_configured_endpoint_urls", section, variables, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    ).value
    url = text("", {}, variables, own_variable, "AWS_ENDPOINT_URL", argument=given.endpoint_url)
    if ignored and url.origin != "argument":
        passed = (url.origin, *url.passed_over) if url.value is not None else ()
        url = Setting(None, "default", (*passed, *_passed_over_in_profile(given)))
    elif url.value is None and given.profile is not None:
        url = _endpoint_of_profile(given.service_id, given.profile)
    else:
        url = Setting(url.value, url.origin, (*url.passed_over, *_passed_over_in_profile(given)))
    _check_endpoint(url)
    return url


def _check_endpoint(found: Setting) -> None:
    if found.value is None:
        return
    try:
        split_endpoint(found.value)
    except SigningError as error:
        fault = str(error)
    else:
        return
    raise ConfigError(f"Invalid endpoint ({found.origin}): {fault}")


def _ca_bundle(found: Setting, variables: Mapping[str, str]) -> Setting:
    if found.value is None or found.origin == "argument":
        return found
    return found.read_as(absolute_path(found.value, found.origin, variables) or None)


def _origin(found: Setting | None) -> tuple[str, ...]:
    return () if found is None or found.value is None else (found.origin, *found.passed_over)


def _passed_over_in_profile(given: _Given) -> tuple[str, ...]:
    """The origin of an endpoint in the profile that does not count; its faults are ignored."""
    try:
        return _origin(
            None if given.profile is None else _endpoint_of_profile(given.service_id, given.profile)
        )
    except ConfigError:
        return ()


def _endpoint_of_profile(service_id: str, profile: Profile) -> Setting:
    """The endpoint of the profile's ``services`` section, or else its ``endpoint_url``."""
    services = profile.section.get("services")
    if services is not None:
        found = profile.config.services.get(services.value)
        if found is None:
            raise ConfigError(
                f"{services.origin}: The profile is configured to use the services section but the "
                f'"{services.value}" services configuration does not exist.'
            )
        own = found.get(service_id.lower().replace(" ", "_"))
        if own is not None and own.block.get("endpoint_url"):
            return Setting(own.block["endpoint_url"], own.origin)
    return text("endpoint_url", profile.section, {})


def text(
    key: str, section: Section, variables: Mapping[str, str], *names: str, argument: str | None = None
) -> Setting:
    """One setting: the argument, the first of the variables ``names`` that is set, the profile's ``key``."""
    entry = section.get(key)
    found = [] if argument is None else [(argument, "argument")]
    found += [(variables[name].strip(), name) for name in names if variables.get(name, "").strip()]
    found += [(entry.value, entry.origin)] if entry is not None and entry.value else []
    if not found:
        return Setting(None, "default")
    return Setting(*found[0], tuple(origin for _, origin in found[1:]))


def switch(
    key: str, section: Section, variables: Mapping[str, str], name: str, *, argument: bool | None = None
) -> Setting:
    """A setting that is on or off; like ``text``, with one variable."""
    found = text(key, section, variables, name)
    if argument is not None:
        return Setting(argument, "argument", _origin(found))
    return found.read_as(found.value is not None and found.value.lower() == "true")


def choice(
    key: str, section: Section, variables: Mapping[str, str], name: str, among: tuple[str, ...]
) -> Setting:
    """A setting that is one ``among`` a few words, in any case; the first is the default. See ``text``."""
    found = text(key, section, variables, name)
    given = among[0] if found.value is None else found.value
    value = given.lower()
    if value not in among:
        raise ConfigError(
            f"{found.origin}: {key} is {given[:40]!r}: expected {', '.join(among[:-1])} or {among[-1]}"
        )
    return found.read_as(value)


def number(found: Setting, key: str, default: float, greatest: float, expected: str) -> float:
    """The number above 0 in a setting. Raises ConfigError that says what is ``expected``."""
    if found.value is None:
        return default
    try:
        given = float(found.value)
    except ValueError:
        given = -1
    if not 0 < given <= greatest:
        raise ConfigError(f"{found.origin}: {key} is {found.value[:40]!r}: expected {expected}")
    return given


def _attempts(found: Setting) -> Setting:
    if found.value is None:
        return found.read_as(3)
    try:
        number = int(found.value)
    except ValueError:
        number = 0
    if number < 1:
        raise ConfigError(f"{found.origin}: max_attempts is {found.value[:40]!r}: expected {ATTEMPTS}")
    return found.read_as(number)


_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$%&'*+-.^_`|~,#")


def _app_id(found: Setting) -> Setting:
    if found.value is None:
        return found
    return found.read_as("".join([char if char in _TOKEN else "-" for char in found.value[:50]]))
