"""``sagemaker-api create-presigned-notebook-instance-url``, with the AWS CLI's flags and output."""

from __future__ import annotations

import json
import logging
import sys
from argparse import ArgumentParser, Namespace
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
    parser.add_argument("--profile", help="not available yet: credentials come from the environment")
    parser.add_argument("--output", choices=("json", "text"), default="json")
    parser.add_argument("--query", metavar="MEMBER", help="print one member of the result: AuthorizedUrl")
    parser.add_argument("--cli-connect-timeout", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--cli-read-timeout", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--ca-bundle", metavar="FILE", help="the CA certificates to trust, in PEM form")
    parser.add_argument("--no-verify-ssl", action="store_true", help="do not check the server's certificate")
    parser.add_argument("--debug", action="store_true", help="log each attempt to stderr: no secrets in it")


def run(options: Namespace) -> int:
    if options.debug:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s: %(message)s")
        logging.getLogger("httpx").setLevel(logging.WARNING)  # they would log URLs and headers
        logging.getLogger("httpcore").setLevel(logging.WARNING)
    params = _params(options)
    _check_query(options.query)
    with SageMaker(
        region_name=options.region,
        endpoint_url=options.endpoint_url,
        profile_name=options.profile,
        verify=False if options.no_verify_ssl else options.ca_bundle,
        connect_timeout=options.cli_connect_timeout or _FOREVER,
        read_timeout=options.cli_read_timeout or _FOREVER,
    ) as client:
        result: dict[str, object] = dict(client.create_presigned_notebook_instance_url(**params))
    del result["ResponseMetadata"]
    print(_shown(result, options.query, options.output))
    return 0


def _params(options: Namespace) -> dict[str, object]:
    params: dict[str, object] = {}
    if options.cli_input_json is not None:
        params = _input_json(options.cli_input_json)
    if options.notebook_instance_name is not None:
        params["NotebookInstanceName"] = options.notebook_instance_name
    seconds = options.session_expiration_duration_in_seconds
    if seconds is not None:
        if not (seconds.isascii() and seconds.isdigit()):
            raise ParamValidationError(
                f"--session-expiration-duration-in-seconds is {seconds!r}: expected seconds, 1800 to 43200"
            )
        params["SessionExpirationDurationInSeconds"] = int(seconds)
    return params


def _input_json(text: str) -> dict[str, object]:
    if text.startswith("file://"):
        text = Path(text.removeprefix("file://")).expanduser().read_text(encoding="utf-8")
    try:
        params = json.loads(text)
    except ValueError as error:
        raise ParamValidationError(f"--cli-input-json is not JSON: {error}") from None
    if not isinstance(params, dict):
        raise ParamValidationError(
            '--cli-input-json is JSON, but not an object: expected {"NotebookInstanceName": …}'
        )
    return params


def _check_query(query: str | None) -> None:
    if query is not None and not (query.isascii() and query.isalnum()):
        raise ConfigError(
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
