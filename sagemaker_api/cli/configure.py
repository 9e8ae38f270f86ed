"""``sagemaker-api configure list``: shows every setting and credential, and where it comes from."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from sigv4.config.profiles import Profile, load_profile
from sigv4.config.service_endpoints import check_signing_region
from sigv4.config.settings import ClientArguments, Setting, read_or_fault, resolve_each
from sigv4.errors import ConfigError, CredentialsError
from sigv4.network.proxies import proxy_for
from sigv4.providers import process
from sigv4.providers.chain import default_chain, masked

from .. import endpoint
from ..client_arguments import checked_verify
from .client_flags import output_setting

NAME = "configure"
SUMMARY = "with 'list': show each setting and credential, and where it comes from"
DESCRIPTION = """\
Shows every setting and the credentials that a call would use, where each was found, and which
providers of credentials were passed over and why. Secrets are masked. It uses the same sources as a call: a
program, a container's endpoint, the instance metadata.
Exit code: 0; 253 if there are no credentials or a setting is wrong: its row gives the reason."""
EXAMPLE = """\
example:
  sagemaker-api configure list --profile work"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("list",), metavar="list")
    parser.add_argument("--profile", help="a profile of ~/.aws/config and ~/.aws/credentials")
    parser.add_argument("--region")
    parser.add_argument("--endpoint-url", metavar="URL")


def run(options: Namespace) -> int:
    region, url = options.region or None, options.endpoint_url or None
    try:
        profile, fault = load_profile(options.profile), None
    except ConfigError as error:
        profile, fault = None, error
    settings = _settings(region, url, profile)
    chain = default_chain(options.profile, ClientArguments(region))
    try:
        credentials, failed = chain(), ""
    except (ConfigError, CredentialsError) as error:
        credentials, failed = None, str(error)
    tried = chain.why()
    source = next((name for name, why in tried if why.startswith("found ")), "None")
    rows = [
        ("profile", *_profile(options.profile, profile, fault)),
        ("access_key", "<not set>" if credentials is None else masked(credentials.access_key_id), source),
        ("secret_key", "<not set>" if credentials is None else "*" * 20, source),
        *[(name, *_shown(setting)) for name, setting in settings.items()],
    ]
    _print([("NAME", "VALUE", "LOCATION"), *rows])
    print("\nProviders of credentials, in order:")
    for name, why in tried:
        print(f"  {name}: {why}")
    if failed and not tried:
        print(f"  {failed}")
    if profile is not None and profile.config.unreadable + profile.config.ignored:
        print("\nPassed over in the files:")
        for line in profile.config.unreadable + profile.config.ignored:
            print(f"  {line}")
    faults = [each for each in settings.values() if isinstance(each, ConfigError)]
    return 253 if credentials is None or fault is not None or faults else 0


def _profile(name: str | None, profile: Profile | None, fault: ConfigError | None) -> tuple[str, str]:
    if profile is None:
        return name or "<not set>", str(fault)
    return profile.name, "None" if profile.asked == "default" else profile.asked


def _settings(
    region: str | None, url: str | None, profile: Profile | None
) -> dict[str, Setting | ConfigError]:
    """Every setting by name; one that a call would refuse is replaced by its error."""
    settings = resolve_each("SageMaker", region=region, endpoint_url=url, profile=profile)
    section = {} if profile is None else profile.section
    given = settings["region"], settings["ca_bundle"]
    return {
        **settings,
        "region": read_or_fault(lambda: _checked_region(given[0], settings)),
        "ca_bundle": read_or_fault(lambda: _checked_bundle(given[1])),
        "output": read_or_fault(lambda: output_setting(section)),
        "credential_process_timeout": read_or_fault(lambda: process.limit_setting(section, os.environ)),
        "proxy": read_or_fault(lambda: _proxy(settings)),
    }


def _checked_region(region: Setting | ConfigError, settings: dict[str, Setting | ConfigError]) -> Setting:
    if isinstance(region, ConfigError):
        raise region
    try:
        where = _endpoint(settings)
    except ConfigError:  # the row of the proxy shows it
        return region
    if where is not None:
        check_signing_region(where.signing_region, where.signing_name, region.origin)
    return region


def _checked_bundle(bundle: Setting | ConfigError) -> Setting:
    if isinstance(bundle, ConfigError):
        raise bundle
    checked_verify(None, bundle.value)
    return bundle


def _proxy(settings: dict[str, Setting | ConfigError]) -> Setting:
    """The proxy of calls, if the endpoint is known. Raises ConfigError."""
    where = _endpoint(settings)
    found = None if where is None else proxy_for(where.url)
    return Setting(None, "default") if found is None else Setting(found.url, found.origin)


def _endpoint(settings: dict[str, Setting | ConfigError]) -> endpoint.Endpoint | None:
    """The endpoint of calls; None without a region and a URL. Raises ConfigError."""
    names = ("region", "endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint")
    values = {name: getattr(settings[name], "value", None) for name in names}
    if values["region"] is None and values["endpoint_url"] is None:
        return None
    return endpoint.resolve(
        values["region"],
        use_fips=bool(values["use_fips_endpoint"]),
        use_dualstack=bool(values["use_dualstack_endpoint"]),
        endpoint_url=values["endpoint_url"],
    )


def _shown(setting: Setting | ConfigError) -> tuple[str, str]:
    if isinstance(setting, ConfigError):
        return "<not set>", str(setting)
    over = f" (passed over: {', '.join(setting.passed_over)})" if setting.passed_over else ""
    if setting.value is None:
        return "<not set>", f"None{over}"
    value = f"{setting.value:g}" if isinstance(setting.value, float) else str(setting.value)
    return value, f"{setting.origin}{over}"


def _print(rows: list[tuple[str, str, str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, where in rows:
        print(f"{name:<{widths[0]}} : {value:<{widths[1]}} : {where}")
