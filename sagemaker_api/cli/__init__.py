"""``python -m sagemaker_api``: one file per verb; flags, texts and exit codes are the AWS CLI's.

Exit codes: 0; 1 denied (simulate); 130 Ctrl-C; 252 a wrong call; 253 configuration, a policy or credentials;
254 the service refused; 255 anything else (no connection, no answer that could be read).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import cache, partial
from typing import NoReturn

from sigv4.cli import completion
from sigv4.cli.standard_streams import standard_output
from sigv4.cli.verbs import Verb, VerbParser, run_verb, verb_parser
from sigv4.errors import SigV4Error

from ..errors import SageMakerError
from . import configure, demo, list_instances, local, open_instance, operations, simulate, wait
from .advice import outcome
from .client_flags import global_flags, named_bundle
from .output import printable

_VERBS: tuple[Verb, ...] = (
    open_instance,
    *operations.VERBS,
    *list_instances.VERBS,
    wait,
    configure,
    local,
    simulate,
    demo,
    completion,
)


class _Parser(VerbParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"\n{self.prog}: {message}\nTry '{self.prog} --help'.", file=sys.stderr)
        raise SystemExit(252)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code."""
    chosen = Namespace()
    try:
        return run_verb(partial(_run, arguments, chosen), reader_gone=255)
    except (SageMakerError, SigV4Error, OSError) as error:
        code, text = outcome(error, named_bundle(chosen))
        print(f"\n{printable(text)}", file=sys.stderr)
        return code


def _run(arguments: Sequence[str] | None, chosen: Namespace) -> int:
    parser = _parser()
    parser.parse_args(_verb_first(sys.argv[1:] if arguments is None else arguments), chosen)
    standard_output()
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 0
    return int(chosen.run(chosen))


def _verb_first(arguments: Sequence[str]) -> list[str]:
    """The command line with the global flags moved after the verb; the AWS CLI accepts them before it."""
    switches, valued = global_flags()
    at = 0
    while at < len(arguments):
        name, equals, _ = arguments[at].partition("=")
        if name in valued and not equals:
            at += 2
        elif name in switches or name in valued:
            at += 1
        else:
            break
    return [*arguments[at : at + 1], *arguments[:at], *arguments[at + 1 :]]


@cache
def _parser() -> ArgumentParser:
    return verb_parser(
        _Parser,
        _VERBS,
        prog="sagemaker-api",
        description="SageMaker notebook URLs without the AWS SDK.",
        epilog="New here? 'sagemaker-api demo' needs nothing and sends nothing beyond this machine.",
    )
