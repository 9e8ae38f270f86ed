"""``sagemaker-api configure list``: shows every setting and credential, and where it comes from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from sigv4.config.profiles import Profile, load_profile
from sigv4.config.settings import ClientArguments, Setting, resolve_each
from sigv4.errors import ConfigError, CredentialsError
from sigv4.network.proxies import proxy_for
from sigv4.providers.chain import default_chain, masked

from .. import endpoint

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
    settings = resolve_each("SageMaker", region=region, endpoint_url=url, profile=profile)
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
        ("proxy", *_proxy(settings)),
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


def _proxy(settings: dict[str, Setting | ConfigError]) -> tuple[str, str]:
    """The proxy of calls, and its origin, if the endpoint is known."""
    names = ("region", "endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint")
    values = {name: getattr(settings[name], "value", None) for name in names}
    if values["region"] is None and values["endpoint_url"] is None:
        return "<not set>", "None"
    try:
        where = endpoint.resolve(
            values["region"],
            use_fips=bool(values["use_fips_endpoint"]),
            use_dualstack=bool(values["use_dualstack_endpoint"]),
            endpoint_url=values["endpoint_url"],
        )
        found = proxy_for(where.url)
    except ConfigError as error:
        return "<not set>", str(error)
    return ("<not set>", "None") if found is None else (found.url, found.origin)


def _shown(setting: Setting | ConfigError) -> tuple[str, str]:
    if isinstance(setting, ConfigError):
        return "<not set>", str(setting)
    over = f" (passed over: {', '.join(setting.passed_over)})" if setting.passed_over else ""
    if setting.value is None:
        return "<not set>", f"None{over}"
    return str(setting.value), f"{setting.origin}{over}"


def _print(rows: list[tuple[str, str, str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, where in rows:
        print(f"{name:<{widths[0]}} : {value:<{widths[1]}} : {where}")
