"""A command line of verbs, one module each: ``NAME SUMMARY DESCRIPTION EXAMPLE add_arguments run``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable
from typing import Protocol

from .. import __version__


class Verb(Protocol):
    """What a module of a verb has; ``{prog}`` in its example is the command's name."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 (a constant of the module)

    @property
    def SUMMARY(self) -> str: ...  # noqa: N802 (a constant of the module)

    @property
    def DESCRIPTION(self) -> str: ...  # noqa: N802 (a constant of the module)

    @property
    def EXAMPLE(self) -> str: ...  # noqa: N802 (a constant of the module)

    def add_arguments(self, parser: ArgumentParser, /) -> None: ...

    def run(self, options: Namespace, /) -> int: ...


def verb_parser(
    kind: type[ArgumentParser], verbs: Iterable[Verb], *, prog: str, description: str, epilog: str
) -> ArgumentParser:
    """The parser of the command. What it parses has ``run`` of the verb, and ``root``: this parser."""
    parser = kind(prog=prog, description=description, epilog=epilog)
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    group = parser.add_subparsers(title="verbs", metavar="VERB", parser_class=kind)
    known = {}
    for verb in verbs:
        sub = group.add_parser(
            verb.NAME,
            help=verb.SUMMARY,
            description=verb.DESCRIPTION,
            epilog=verb.EXAMPLE.replace("{prog}", prog),
            formatter_class=RawDescriptionHelpFormatter,
        )
        verb.add_arguments(sub)
        sub.set_defaults(run=verb.run, root=parser)
        known[verb.NAME] = verb.SUMMARY, sub
    parser.set_defaults(verbs=known)
    return parser
