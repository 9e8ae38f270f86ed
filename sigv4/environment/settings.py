"""Settings of a client, each with its origin: argument, then environment, then default.

Source: AWS SDKs and Tools Reference Guide, "Environment variables" and "Service-specific endpoints".
"""

from __future__ import annotations

import os

from ..value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Setting(Value):
    """One setting: its ``value`` (None where nothing is set) and its ``origin``.

    ``origin`` is ``"argument"``, the name of the environment variable, or ``"default"``.
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
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of a client of ``service_id`` (``"SageMaker"``), given its arguments.

    An argument that is None, and a variable that is empty, count as not set. A boolean variable is on if
    it is ``true`` in any case, else off. ``environ`` is this process's unless given.

    ``AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`` switches the endpoint variables off, never the argument.
    """
    variables = os.environ if environ is None else environ
    own_variable = f"AWS_ENDPOINT_URL_{service_id.upper().replace(' ', '_')}"
    ignored = _true(variables.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
    return Settings(
        _text(region, variables, "AWS_REGION", "AWS_DEFAULT_REGION"),
        _text(endpoint_url, variables, *(() if ignored else (own_variable, "AWS_ENDPOINT_URL"))),
        _switch(use_fips_endpoint, variables, "AWS_USE_FIPS_ENDPOINT"),
        _switch(use_dualstack_endpoint, variables, "AWS_USE_DUALSTACK_ENDPOINT"),
        _text(ca_bundle, variables, "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"),
    )


def _text(argument: str | None, variables: Mapping[str, str], *names: str) -> Setting:
    if argument is not None:
        return Setting(argument, "argument")
    for name in names:
        value = variables.get(name, "").strip()
        if value:
            return Setting(value, name)
    return Setting(None, "default")


def _switch(argument: bool | None, variables: Mapping[str, str], name: str) -> Setting:
    found = _text(None, variables, name)
    if argument is not None:
        return Setting(argument, "argument")
    return Setting(_true(found.value), found.origin)


def _true(value: str | None) -> bool:
    return value is not None and value.strip().lower() == "true"
