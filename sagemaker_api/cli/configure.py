"""``sagemaker-api configure list``: every setting and credential, and where it comes from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from sigv4.environment.chain import default_chain
from sigv4.environment.profiles import load_profile
from sigv4.environment.settings import Setting, resolve
from sigv4.errors import CredentialsError

NAME = "configure"
SUMMARY = "with 'list': show each setting and credential, and where it comes from"
DESCRIPTION = """\
Shows the profile, region, endpoint and credentials that a call would use, where each was found, and which
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
    except CredentialsError as error:
        credentials, failed = None, str(error)
    tried = chain.why()
    source = tried[-1][0] if credentials is not None else "None"
    rows = [
        ("profile", profile.name, "None" if profile.asked == "default" else profile.asked),
        ("access_key", "<not set>" if credentials is None else _masked(credentials.access_key_id), source),
        ("secret_key", "<not set>" if credentials is None else "*" * 20, source),
        ("region", *_shown(settings.region)),
        ("endpoint_url", *_shown(settings.endpoint_url)),
        ("use_fips_endpoint", *_shown(settings.use_fips_endpoint)),
        ("use_dualstack_endpoint", *_shown(settings.use_dualstack_endpoint)),
        ("ca_bundle", *_shown(settings.ca_bundle)),
    ]
    _print([("NAME", "VALUE", "LOCATION"), *rows])
    print("\nProviders of credentials, in order:")
    for name, why in tried:
        print(f"  {name}: {_masked_in(why, credentials.access_key_id if credentials else '')}")
    if profile.config.ignored:
        print("\nPassed over in the files:")
        for line in profile.config.ignored:
            print(f"  {line}")
    if failed and not tried:
        print(f"  {failed}")
    return 253 if credentials is None else 0


def _shown(setting: Setting) -> tuple[str, str]:
    return ("<not set>", "None") if setting.value is None else (str(setting.value), setting.origin)


def _masked(text: str) -> str:
    """The last four characters, as the AWS CLI shows a key."""
    return "*" * 16 + text[-4:]


def _masked_in(text: str, key_id: str) -> str:
    return text.replace(key_id, _masked(key_id)) if key_id else text


def _print(rows: list[tuple[str, str, str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, where in rows:
        print(f"{name:<{widths[0]}} : {value:<{widths[1]}} : {where}")
