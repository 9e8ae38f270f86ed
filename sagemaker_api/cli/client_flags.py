"""The flags of every verb that calls the service, with the AWS CLI's names, and the client for them."""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sigv4.cli import seconds_flag
from sigv4.config.profiles import load_profile
from sigv4.config.settings import BUNDLE_VARIABLES, Setting, text

from ..call import UNSIGNED
from ..client import SageMaker
from ..errors import ConfigError
from .output import FORMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.config.file_grammar import Section

_DEFAULT_TIMEOUT = 60.0
_DEADLINE = 30.0
_FOREVER = 86400.0  # for a timeout of 0, which the AWS CLI takes as no limit


def add_client_flags(parser: ArgumentParser) -> None:
    """Adds the flags for the endpoint, the credentials and the timeouts."""
    parser.add_argument("--region", help="by default AWS_REGION, then AWS_DEFAULT_REGION")
    parser.add_argument(
        "--endpoint-url", metavar="URL", help="such as the one that 'sagemaker-api local' prints"
    )
    parser.add_argument("--profile", help="a profile of ~/.aws/config and ~/.aws/credentials")
    parser.add_argument(
        "--cli-connect-timeout", type=seconds, metavar="SECONDS", help="by default 60; 0 waits for a day"
    )
    parser.add_argument(
        "--cli-read-timeout",
        type=seconds,
        metavar="SECONDS",
        help="the longest wait for the next bytes, by default 60; with neither of these two flags the whole "
        "call ends after 30",
    )
    parser.add_argument("--ca-bundle", metavar="FILE", help="the CA certificates to trust, in PEM form")
    parser.add_argument("--no-verify-ssl", action="store_true", help="do not check the server's certificate")
    parser.add_argument(
        "--debug",
        action="store_true",
        help="show each request and answer on stderr, with secrets, tokens and URLs masked",
    )
    parser.add_argument("--no-sign-request", action="store_true", help="send without a signature")
    parser.add_argument(
        "--output",
        choices=FORMS,
        help="by default AWS_DEFAULT_OUTPUT, then the profile's output, then json",
    )
    parser.add_argument(
        "--query", metavar="PATH", help="print a part of the result: A.B, A[0], or JMESPath with its package"
    )
    parser.add_argument("--color", choices=("on", "off", "auto"), default="auto", help="colours of a table")
    for flag in _WITHOUT_EFFECT:
        parser.add_argument(flag, action="store_true", help=SUPPRESS)
    for flag in _VALUES_WITHOUT_EFFECT:
        parser.add_argument(flag, help=SUPPRESS)


# Accepted because the AWS CLI has them; this program has no pager, no prompt and no binary parameter.
_WITHOUT_EFFECT = ("--no-cli-pager", "--no-cli-auto-prompt", "--no-paginate")
_VALUES_WITHOUT_EFFECT = ("--cli-binary-format", "--cli-error-format")


def global_flags() -> tuple[frozenset[str], frozenset[str]]:
    """The flags of every verb that calls the service: those without and those with a value."""
    parser = ArgumentParser(add_help=False)
    add_client_flags(parser)
    switches: set[str] = set()
    valued: set[str] = set()
    for action in parser._actions:
        (switches if action.nargs == 0 else valued).update(action.option_strings)
    return frozenset(switches), frozenset(valued)


@contextmanager
def client_of(options: Namespace) -> Iterator[SageMaker]:
    """The client of these flags, closed at the end."""
    connect, read, deadline = _time_limits(options.cli_connect_timeout, options.cli_read_timeout)
    kind, log = _shown() if options.debug else (SageMaker, nullcontext())
    with (
        log,
        kind(
            region_name=options.region or None,
            endpoint_url=options.endpoint_url or None,
            profile_name=options.profile or None,
            credentials=UNSIGNED if options.no_sign_request else None,
            verify=False if options.no_verify_ssl else options.ca_bundle,
            connect_timeout=connect,
            read_timeout=read,
            deadline=deadline,
        ) as client,
    ):
        yield client


def _shown() -> tuple[type[SageMaker], AbstractContextManager[None]]:
    from .debug_log import ShownSageMaker, debug_log

    return ShownSageMaker, debug_log()


def output_of(options: Namespace) -> str:
    """One of :data:`FORMS`. Raises ConfigError if the environment or the profile names another."""
    return str(output_setting(load_profile(options.profile).section, options.output).value)


def output_setting(section: Section, given: str | None = None) -> Setting:
    """One of :data:`FORMS`, and its origin. Raises ConfigError."""
    found = text("output", section, os.environ, "AWS_DEFAULT_OUTPUT", argument=given)
    form = str(found.value or "json").lower()
    if form not in FORMS:
        raise ConfigError(
            f"{found.origin}: output is {form[:40]!r}: expected {', '.join(FORMS[:-1])} or {FORMS[-1]}"
        )
    return found.read_as(form)


def named_bundle(options: Namespace) -> str:
    """The CA bundle that the user has named by flag, variable or profile, or ``""``."""
    try:
        section = load_profile(getattr(options, "profile", None)).section
    except ConfigError:
        section = {}
    given = getattr(options, "ca_bundle", None)
    return str(text("ca_bundle", section, os.environ, *BUNDLE_VARIABLES, argument=given).value or "")


def seconds(text: str) -> float:
    """A flag's seconds; 0 is a day. Raises ArgumentTypeError."""
    return seconds_flag.seconds(text, 0, _FOREVER) or _FOREVER


def _time_limits(connect: float | None, read: float | None) -> tuple[float, float, float]:
    """The client's three limits: the deadline must not end before a timeout that the user gave."""
    told = connect is not None or read is not None
    connect, read = connect or _DEFAULT_TIMEOUT, read or _DEFAULT_TIMEOUT
    return connect, read, min(connect + read, _FOREVER) if told else _DEADLINE
