"""``sagemaker-api local``: a SageMaker endpoint on this machine."""

from __future__ import annotations

import shlex
import sys
import threading
from argparse import ArgumentParser, Namespace
from pathlib import Path

from sigv4.claim import Verified
from sigv4.credentials import Credentials
from sigv4.errors import VerificationError

from ..errors import ConfigError
from ..local import EXAMPLE as EXAMPLE_CREDENTIALS
from ..local import LocalSageMaker

NAME = "local"
SUMMARY = "run a SageMaker endpoint on this machine that checks signatures for real"
DESCRIPTION = """\
Runs a SageMaker endpoint on this machine until Ctrl-C. It checks every signature as AWS does, says on
stderr what it made of each, and mints URLs on itself: http://127.0.0.1:PORT/notebook/NAME/?authToken=…"""
EXAMPLE = """\
example:
  sagemaker-api local --port 8080 --notebook my-notebook --notebook old-one=Stopped"""

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


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
    parser.add_argument("--session-token", metavar="T", help="shows in process lists, too")


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
        on_verdict=_report,
    )
    with local:
        print(_announcement(local), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("\n# ended", flush=True)
    return 0


def _announcement(local: LocalSageMaker) -> str:
    """The ``export`` lines. Secrets of the user's own are not repeated on the screen."""
    own = local.credentials.secret_access_key != EXAMPLE_CREDENTIALS.secret_access_key
    lines = ["# SageMaker is listening; paste this where boto3, the AWS CLI or this client will run:"]
    for name, value in local.environment.items():
        if value and own and name in _SECRETS:
            lines.append(f"# {name}: the one you gave")
        else:
            lines.append(f"export {name}={shlex.quote(value)}")
    return "\n".join([*lines, "# Ctrl-C ends it."])


def _report(verdict: Verified | VerificationError) -> None:
    if isinstance(verdict, Verified):
        text = f"accepted: signed by {verdict.access_key_id} for {verdict.scope}"
    elif verdict.stage == "VERIFY-6b":  # its words repeat the whole Authorization header
        text = f"refused at {verdict.stage}: {verdict.code}"
    else:
        text = f"refused at {verdict.stage}: {verdict}"
    # The words of a refusal repeat parts of the request: a terminal must not obey them.
    print("".join(char if char.isprintable() else "?" for char in text[:500]), file=sys.stderr, flush=True)


def _credentials(options: Namespace) -> Credentials:
    if options.secret_access_key is not None and options.secret_file is not None:
        raise ConfigError("--secret-access-key and --secret-file both given: keep one")
    for flag, value in (
        ("--secret-access-key", options.secret_access_key),
        ("--session-token", options.session_token),
    ):
        if value is not None:
            print(f"{flag} on the command line shows in process lists and shell history", file=sys.stderr)
    given = (options.access_key_id, options.secret_access_key, options.secret_file, options.session_token)
    if all(value is None for value in given):
        return EXAMPLE_CREDENTIALS
    secret = options.secret_access_key if options.secret_file is None else _read_secret(options.secret_file)
    if not options.access_key_id or not secret:
        raise ConfigError(
            "--access-key-id and a secret go together: give both, or neither for the example pair"
        )
    return Credentials(options.access_key_id, secret, options.session_token)


def _read_secret(name: str) -> str:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise ConfigError(f"--secret-file {name}: {reason}") from None
    return text.strip()
