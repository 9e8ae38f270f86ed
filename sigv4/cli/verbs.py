"""Builds a command line from one module per verb: ``NAME SUMMARY DESCRIPTION EXAMPLE add_arguments run``."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar

from .. import __version__


class Verb(Protocol):
    """The members of a verb's module; ``{prog}`` in its example becomes the command's name."""

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


_Parser = TypeVar("_Parser", bound=ArgumentParser)


class VerbParser(ArgumentParser):
    """For an unknown verb, names verbs with a similar name."""

    def _check_value(self, action: Action, value: Any) -> None:
        if isinstance(action, _SubParsersAction) and value not in action.choices:
            near = get_close_matches(str(value), action.choices, n=2)
            fix = f"did you mean {' or '.join(map(repr, near))}?" if near else "--help lists the verbs"
            self.error(f"there is no verb {str(value)[:60]!r}: {fix}")
        super()._check_value(action, value)


def verb_parser(
    kind: type[_Parser], verbs: Iterable[Verb], *, prog: str, description: str, epilog: str
) -> _Parser:
    """The parser of the command. Its results have ``run``, that of the verb, and ``root``, this parser."""
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
