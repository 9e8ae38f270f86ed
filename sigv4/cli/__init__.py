"""``python -m sigv4``: one file per verb."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from ..errors import SigV4Error
from .standard_streams import standard_output
from .verbs import VerbParser, reason_of, run_verb, verb_parser


class _Parser(VerbParser):
    """Accepts no abbreviated flags."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code.

    0; 2 for a wrong call or unreadable input; 130 for Ctrl-C; 141 if the reader of the output has closed it.

    ``send`` also has curl's exit codes, which its --help lists.
    """
    try:
        return run_verb(partial(_run, arguments), reader_gone=141)
    except (SigV4Error, OSError) as error:
        print(f"sigv4: {reason_of(error)}", file=sys.stderr)
        return 2


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 0
    if not getattr(chosen, "output", None):  # with -o FILE it is not needed
        standard_output()
    return int(chosen.run(chosen))


@cache
def _parser() -> VerbParser:
    # Imported here, so that the other command line can import this package without loading these verbs.
    from . import (
        audit,
        completion,
        conformance,
        diagnose,
        explain,
        layer,
        lint,
        presign,
        rule,
        send,
        sign,
        vendor,
    )

    return verb_parser(
        _Parser,
        (explain, sign, presign, send, diagnose, audit, lint, conformance, rule, layer, vendor, completion),
        prog="sigv4",
        description="AWS Signature Version 4: sign, send, explain, diagnose and audit requests, and "
        "package it as a Lambda layer or as a copy in your own source tree.",
        epilog="Every verb has its own --help, with an example.",
    )
