"""``sagemaker-api configure list``: every setting and credential, and where it comes from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from sigv4.config.profiles import load_profile
from sigv4.config.settings import Setting, Settings, resolve
from sigv4.errors import ConfigError, CredentialsError
from sigv4.network.proxies import proxy_for
from sigv4.providers.chain import default_chain, masked

from .. import endpoint

NAME = "configure"
SUMMARY = "with 'list': show each setting and credential, and where it comes from"
DESCRIPTION = """\
Shows every setting and the credentials that a call would use, where each was found, and which
providers of credentials were passed over and why. Secrets are masked. It asks whatever the chain asks: a
program, a container's endpoint, the instance metadata.
Exit code: 0; 253 where there are no credentials."""
EXAMPLE = """\
example:
  sagemaker-api configure list --profile work"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("list",), metavar="list")
    parser.add_argument("--profile", help="a profile of ~/.aws/config and ~/.aws/credentials")
    parser.add_argument("--region")
    parser.add_argument("--endpoint-url", metavar="URL")


def run(options: Namespace) -> int:
    profile = load_profile(options.profile)
    settings = resolve("SageMaker", region=options.region, endpoint_url=options.endpoint_url, profile=profile)
    chain = default_chain(options.profile)
    try:
        credentials, failed = chain(), ""
    except (ConfigError, CredentialsError) as error:
        credentials, failed = None, str(error)
    tried = chain.why()
    source = next((name for name, why in tried if why.startswith("found ")), "None")
    rows = [
        ("profile", profile.name, "None" if profile.asked == "default" else profile.asked),
        ("access_key", "<not set>" if credentials is None else masked(credentials.access_key_id), source),
        ("secret_key", "<not set>" if credentials is None else "*" * 20, source),
        *[(name, *_shown(getattr(settings, name))) for name in Settings.field_names],
        ("proxy", *_proxy(settings)),
    ]
    _print([("NAME", "VALUE", "LOCATION"), *rows])
    print("\nProviders of credentials, in order:")
    for name, why in tried:
        print(f"  {name}: {why}")
    if profile.config.ignored:
        print("\nPassed over in the files:")
        for line in profile.config.ignored:
            print(f"  {line}")
    if failed and not tried:
        print(f"  {failed}")
    return 253 if credentials is None else 0


def _proxy(settings: Settings) -> tuple[str, str]:
    """The proxy that calls go through, as far as it is known where they go."""
    if settings.region.value is None and settings.endpoint_url.value is None:
        return "<not set>", "None"
    where = endpoint.resolve(
        settings.region.value,
        use_fips=settings.use_fips_endpoint.value,
        use_dualstack=settings.use_dualstack_endpoint.value,
        endpoint_url=settings.endpoint_url.value,
    )
    found = proxy_for(where.url)
    return ("<not set>", "None") if found is None else (found.url, found.origin)


def _shown(setting: Setting) -> tuple[str, str]:
    over = f" (passed over: {', '.join(setting.passed_over)})" if setting.passed_over else ""
    if setting.value is None:
        return "<not set>", f"None{over}"
    return str(setting.value), f"{setting.origin}{over}"


def _print(rows: list[tuple[str, str, str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, where in rows:
        print(f"{name:<{widths[0]}} : {value:<{widths[1]}} : {where}")
