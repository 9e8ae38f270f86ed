"""``sagemaker-api create-presigned-notebook-instance-url``, with the AWS CLI's flags and output."""

from __future__ import annotations

import json
import logging
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from ..client import SageMaker
from ..errors import ConfigError, ParamValidationError

NAME = "create-presigned-notebook-instance-url"
SUMMARY = "print a URL that opens a notebook instance"
DESCRIPTION = """\
Prints a URL that opens the Jupyter server of a notebook instance. Open it within 5 minutes; whoever holds
it is let in, so treat it as a password. Credentials and region come from the environment."""
EXAMPLE = """\
example:
  sagemaker-api create-presigned-notebook-instance-url --region us-west-2 \\
    --notebook-instance-name my-notebook --query AuthorizedUrl --output text"""

_OUTPUTS = ("json", "text")
_DEFAULT_TIMEOUT = 60.0
_DEADLINE = 30.0
_FOREVER = 86400.0  # what the AWS CLI means by a timeout of 0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--notebook-instance-name", metavar="NAME")
    parser.add_argument(
        "--session-expiration-duration-in-seconds",
        metavar="N",
        help="how long the session lasts that the URL opens: 1800 to 43200, by default 43200 (12 hours)",
    )
    parser.add_argument(
        "--cli-input-json", metavar="JSON", help="the parameters as a JSON object, or file://PATH"
    )
    parser.add_argument("--region", help="by default AWS_REGION, then AWS_DEFAULT_REGION")
    parser.add_argument(
        "--endpoint-url", metavar="URL", help="such as the one that 'sagemaker-api local' prints"
    )
    parser.add_argument("--profile", help="a profile of ~/.aws/config and ~/.aws/credentials")
    parser.add_argument("--output", choices=_OUTPUTS, help="by default AWS_DEFAULT_OUTPUT, then json")
    parser.add_argument("--query", metavar="MEMBER", help="print one member of the result: AuthorizedUrl")
    parser.add_argument(
        "--cli-connect-timeout", type=_seconds, metavar="SECONDS", help="by default 60; 0 waits for a day"
    )
    parser.add_argument(
        "--cli-read-timeout",
        type=_seconds,
        metavar="SECONDS",
        help="between two reads, by default 60; the whole call ends after 30 unless a timeout is given",
    )
    parser.add_argument("--ca-bundle", metavar="FILE", help="the CA certificates to trust, in PEM form")
    parser.add_argument("--no-verify-ssl", action="store_true", help="do not check the server's certificate")
    parser.add_argument("--debug", action="store_true", help="log each attempt to stderr: no secrets in it")


def run(options: Namespace) -> int:
    params = _params(options)
    output = options.output or _default_output()
    _check_query(options.query)
    connect, read, deadline = _time_limits(options.cli_connect_timeout, options.cli_read_timeout)
    with (
        _debug_log() if options.debug else nullcontext(),
        SageMaker(
            region_name=options.region,
            endpoint_url=options.endpoint_url,
            profile_name=options.profile,
            verify=False if options.no_verify_ssl else options.ca_bundle,
            connect_timeout=connect,
            read_timeout=read,
            deadline=deadline,
        ) as client,
    ):
        result: dict[str, object] = dict(client.create_presigned_notebook_instance_url(**params))
    del result["ResponseMetadata"]
    print(_shown(result, options.query, output))
    return 0


def _params(options: Namespace) -> dict[str, object]:
    params: dict[str, object] = {}
    if options.cli_input_json is not None:
        params = _input_json(options.cli_input_json)
    if options.notebook_instance_name is not None:
        params["NotebookInstanceName"] = options.notebook_instance_name
    seconds = options.session_expiration_duration_in_seconds
    if seconds is not None:
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 20):
            raise ParamValidationError(
                f"--session-expiration-duration-in-seconds is {seconds[:20]!r}: expected seconds, "
                "1800 to 43200"
            )
        params["SessionExpirationDurationInSeconds"] = int(seconds)
    return params


def _input_json(text: str) -> dict[str, object]:
    try:
        if text.startswith("file://"):
            text = Path(text.removeprefix("file://")).expanduser().read_text(encoding="utf-8-sig")
        params = json.loads(text)
    except OSError as error:
        raise ParamValidationError(f"--cli-input-json: Unable to load paramfile {text}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ParamValidationError(f"--cli-input-json is not JSON: {error}") from None
    if not isinstance(params, dict):
        raise ParamValidationError(
            '--cli-input-json is JSON, but not an object: expected {"NotebookInstanceName": …}'
        )
    return params


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _FOREVER:
        raise ArgumentTypeError(f"{text!r}: expected seconds, 0 to {_FOREVER:g}")
    return seconds or _FOREVER


def _time_limits(connect: float | None, read: float | None) -> tuple[float, float, float]:
    """The client's three limits: where the user gave one, the deadline must not come before it."""
    told = connect is not None or read is not None
    connect, read = connect or _DEFAULT_TIMEOUT, read or _DEFAULT_TIMEOUT
    return connect, read, connect + read if told else _DEADLINE


def _default_output() -> str:
    output = os.environ.get("AWS_DEFAULT_OUTPUT") or "json"
    if output not in _OUTPUTS:
        raise ConfigError(f"AWS_DEFAULT_OUTPUT is {output!r}: give --output json or --output text")
    return output


@contextmanager
def _debug_log() -> Iterator[None]:
    """This package's own log on stderr: it holds no secret. Those of HTTP libraries hold headers and URLs."""
    logger, handler = logging.getLogger("sagemaker_api"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


def _check_query(query: str | None) -> None:
    if query is not None and not (query.isascii() and query.isalnum()):
        raise ParamValidationError(
            f"--query {query!r} is more than the name of one member: expected AuthorizedUrl; for JMESPath, "
            "pipe the JSON into a tool that speaks it"
        )


def _shown(result: dict[str, object], query: str | None, output: str) -> str:
    if query is None:
        if output == "text":
            return "\t".join(str(value) for value in result.values())
        return json.dumps(result, indent=4, ensure_ascii=False)
    value = result.get(query)
    if output == "text":
        return "None" if value is None else str(value)
    return json.dumps(value, indent=4, ensure_ascii=False)
