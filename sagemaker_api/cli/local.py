"""``sagemaker-api local``: a SageMaker endpoint on this machine."""

from __future__ import annotations

import shlex
import sys
import threading
from argparse import ArgumentParser, Namespace
from pathlib import Path

from sigv4.credentials import Credentials

from ..errors import ConfigError
from ..local import EXAMPLE as EXAMPLE_CREDENTIALS
from ..local import LocalSageMaker

NAME = "local"
SUMMARY = "run a SageMaker endpoint on this machine that checks signatures for real"
DESCRIPTION = """\
Runs a SageMaker endpoint on this machine until Ctrl-C. It checks every signature as AWS does and mints
URLs on itself: http://127.0.0.1:PORT/notebook/NAME/?authToken=…"""
EXAMPLE = """\
example:
  sagemaker-api local --port 8080 --notebook my-notebook --notebook old-one=Stopped"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="by default a free one")
    parser.add_argument(
        "--host", default="127.0.0.1", help="beyond loopback only with credentials of your own"
    )
    parser.add_argument(
        "--notebook",
        action="append",
        metavar="NAME[=STATUS]",
        help="a notebook instance and its status, by default InService; repeatable; by default my-notebook",
    )
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--access-key-id", metavar="A", help="by default AWS's documented example pair")
    parser.add_argument(
        "--secret-access-key", metavar="S", help="shows in process lists: prefer --secret-file"
    )
    parser.add_argument(
        "--secret-file", metavar="FILE", help="the secret, alone in a file; - for standard input"
    )
    parser.add_argument("--session-token", metavar="T")


def run(options: Namespace) -> int:
    notebooks: dict[str, str] = {}
    for entry in options.notebook or ["my-notebook"]:
        name, _, status = entry.partition("=")
        notebooks[name] = status or "InService"
    local = LocalSageMaker(
        notebooks,
        credentials=_credentials(options),
        region=options.region,
        host=options.host,
        port=options.port,
    )
    with local:
        print("# SageMaker is listening; paste this where boto3, the AWS CLI or this client will run:")
        for name, value in local.environment.items():
            print(f"export {name}={shlex.quote(value)}")
        print("# Ctrl-C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("\n# ended", flush=True)
    return 0


def _credentials(options: Namespace) -> Credentials:
    secret = options.secret_access_key
    if secret is not None:
        if options.secret_file is not None:
            raise ConfigError("--secret-access-key and --secret-file both given: keep one")
        print("a secret on the command line shows in process lists: prefer --secret-file -", file=sys.stderr)
    elif options.secret_file is not None:
        stdin = options.secret_file == "-"  # noqa: S105 (a file name)
        secret = (
            sys.stdin.read() if stdin else Path(options.secret_file).read_text(encoding="utf-8-sig")
        ).strip()
    if options.access_key_id is None and secret is None and options.session_token is None:
        return EXAMPLE_CREDENTIALS
    if not options.access_key_id or not secret:
        raise ConfigError(
            "--access-key-id and a secret go together: give both, or neither for the example pair"
        )
    return Credentials(options.access_key_id, secret, options.session_token)
