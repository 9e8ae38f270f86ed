"""Settings of a client, each with its origin: argument, then environment, then profile, then default.

Source: AWS SDKs and Tools Reference Guide, "Environment variables" and "Service-specific endpoints".
"""

from __future__ import annotations

import os

from ..errors import CredentialsError
from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .profiles import Profile
    from .shared_config import Entry


class Setting(Value):
    """One setting: its ``value`` (None where nothing is set) and its ``origin``.

    ``origin`` is ``"argument"``, the name of the environment variable, the file and line of the profile
    (``"~/.aws/config:12"``), or ``"default"``.
    """

    __slots__ = ("value", "origin")

    value: Any
    origin: str

    def __init__(self, value: Any, origin: str) -> None:
        self._set(value, origin)


class Settings(Value):
    """The settings of one client of one service, as :func:`resolve` finds them."""

    __slots__ = ("region", "endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint", "ca_bundle")

    region: Setting
    endpoint_url: Setting
    use_fips_endpoint: Setting
    use_dualstack_endpoint: Setting
    ca_bundle: Setting

    def __init__(
        self,
        region: Setting,
        endpoint_url: Setting,
        use_fips_endpoint: Setting,
        use_dualstack_endpoint: Setting,
        ca_bundle: Setting,
    ) -> None:
        self._set(region, endpoint_url, use_fips_endpoint, use_dualstack_endpoint, ca_bundle)


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

    An argument that is None, and a variable that is empty, count as not set. A boolean variable is on if
    it is ``true`` in any case, else off. ``profile`` is what the shared files say; without it they are not
    read. ``environ`` is this process's unless given.

    ``AWS_IGNORE_CONFIGURED_ENDPOINT_URLS``, or ``ignore_configured_endpoint_urls``, switches the endpoints of
    the environment and of the profile off, never the argument. Raises CredentialsError for a ``services``
    section that is not there.
    """
    variables = os.environ if environ is None else environ
    own_variable = f"AWS_ENDPOINT_URL_{service_id.upper().replace(' ', '_')}"
    section = profile.section if profile is not None else {}
    ignored = _switch(
        None, variables, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", section.get("ignore_configured_endpoint_urls")
    ).value
    url = _text(endpoint_url, variables, () if ignored else (own_variable, "AWS_ENDPOINT_URL"))
    if url.value is None and profile is not None and not ignored:
        url = _endpoint_of_profile(service_id, profile)
    return Settings(
        _text(region, variables, ("AWS_REGION", "AWS_DEFAULT_REGION"), section.get("region")),
        url,
        _switch(use_fips_endpoint, variables, "AWS_USE_FIPS_ENDPOINT", section.get("use_fips_endpoint")),
        _switch(
            use_dualstack_endpoint,
            variables,
            "AWS_USE_DUALSTACK_ENDPOINT",
            section.get("use_dualstack_endpoint"),
        ),
        _text(ca_bundle, variables, ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), section.get("ca_bundle")),
    )


def _endpoint_of_profile(service_id: str, profile: Profile) -> Setting:
    """The endpoint of the profile's ``services`` section, or else its own ``endpoint_url``."""
    services = profile.section.get("services")
    if services is not None:
        found = profile.config.services.get(services.value)
        if found is None:
            raise CredentialsError(
                f"{services.origin}: The profile is configured to use the services section but the "
                f'"{services.value}" services configuration does not exist.'
            )
        own = found.get(service_id.lower().replace(" ", "_"))
        if own is not None and own.block.get("endpoint_url"):
            return Setting(own.block["endpoint_url"], own.origin)
    return _text(None, {}, (), profile.section.get("endpoint_url"))


def _text(
    argument: str | None, variables: Mapping[str, str], names: tuple[str, ...], entry: Entry | None = None
) -> Setting:
    if argument is not None:
        return Setting(argument, "argument")
    for name in names:
        value = variables.get(name, "").strip()
        if value:
            return Setting(value, name)
    if entry is not None and entry.value:
        return Setting(entry.value, entry.origin)
    return Setting(None, "default")


def _switch(
    argument: bool | None, variables: Mapping[str, str], name: str, entry: Entry | None = None
) -> Setting:
    found = _text(None, variables, (name,), entry)
    if argument is not None:
        return Setting(argument, "argument")
    return Setting(_true(found.value), found.origin)


def _true(value: str | None) -> bool:
    return value is not None and value.strip().lower() == "true"
