"""``python -m sigv4``: one file a verb."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, NoReturn

from ..errors import SigV4Error
from . import audit, conformance, diagnose, explain, layer, lint, presign, send, sign, vendor


class _Parser(ArgumentParser):
    """Takes no abbreviated flags, and repeats no value of an unknown one: it may be a mistyped secret."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        known, unknown, words = message.partition("unrecognized arguments: ")
        flags = [word.partition("=")[0] if word.startswith("-") else "…" for word in words.split()]
        super().error(known + unknown + " ".join(flags))


_VERBS = (explain, sign, presign, send, diagnose, audit, lint, conformance, layer, vendor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns its exit code: 0; 2 for a wrong call or unreadable input; 130 for Ctrl-C.

    ``send`` adds curl's, which its --help lists.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a request may hold what the terminal cannot show
    parser = _Parser(
        prog="sigv4",
        description="AWS Signature Version 4, by hand: sign, send, explain, diagnose and audit requests; and "
        "ship it: as a Lambda layer, as a copy in your own tree.",
        epilog="Every verb has its own --help, with an example.",
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
    except (SigV4Error, OSError) as error:
        print(f"sigv4: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
