"""``python -m sagemaker_api``: one file a verb; flags, words and exit codes are the AWS CLI's.

Exit codes: 0; 130 Ctrl-C; 252 a wrong call; 253 configuration or credentials; 254 the service refused;
255 anything else (no connection, no answer that could be read).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from typing import NoReturn

from sigv4.errors import CredentialsError, MissingDependency

from ..errors import ConfigError, ParamValidationError, SageMakerError, ServiceError
from . import demo, local, presign

_VERBS = (presign, local, demo)


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"\n{self.prog}: {message}\nTry '{self.prog} --help'.", file=sys.stderr)
        raise SystemExit(252)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    parser = _Parser(
        prog="sagemaker-api",
        description="SageMaker notebook URLs without the AWS SDK.",
        epilog="New here? 'sagemaker-api demo' needs nothing and sends nothing beyond this machine.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", parser_class=_Parser)
    for verb in _VERBS:
        sub = verbs.add_parser(
            verb.NAME,
            help=verb.SUMMARY,
            description=verb.DESCRIPTION,
            epilog=verb.EXAMPLE,
            formatter_class=RawDescriptionHelpFormatter,
        )
        verb.add_arguments(sub)
        sub.set_defaults(run=verb.run)
    chosen = parser.parse_args(arguments)
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 0
    try:
        return int(chosen.run(chosen))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # else Python complains about the pipe once more at exit
        return 255
    except (SageMakerError, CredentialsError, MissingDependency, OSError) as error:
        code, text = _outcome(error)
        print(f"\n{text}", file=sys.stderr)
        return code


def _outcome(error: Exception) -> tuple[int, str]:
    """The exit code and the text that says what to do next."""
    if isinstance(error, CredentialsError):
        return (
            253,
            f"{error}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if there is one.",
        )
    if isinstance(error, ConfigError):
        advice = " Give --region, or set AWS_REGION." if "must specify a region" in str(error) else ""
        return 253, f"{error}{advice}"
    if isinstance(error, ParamValidationError):
        return 252, str(error)
    if isinstance(error, ServiceError):
        return 254, str(error)
    return 255, str(error)
