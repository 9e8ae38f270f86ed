"""Builds a command line from one module per verb: ``NAME SUMMARY DESCRIPTION EXAMPLE add_arguments run``."""

from __future__ import annotations

import sys
from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, NamedTuple, Protocol, TypeVar

from .. import __version__
from .standard_streams import drop_output, escape_what_cannot_be_shown, flush_output, standard_output


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


class KnownVerb(NamedTuple):
    summary: str
    parser: VerbParser


class VerbParser(ArgumentParser):
    """For an unknown verb or flag, names those with a similar name."""

    def _check_value(self, action: Action, value: Any) -> None:
        if isinstance(action, _SubParsersAction) and value not in action.choices:
            word = str(value)
            longer = [verb for verb in action.choices if word.startswith(f"{verb}-")]
            near = longer or get_close_matches(word, action.choices, n=2)
            fix = f"did you mean {' or '.join(map(repr, near))}?" if near else "--help lists the verbs"
            if not (near or (word.isalpha() and word.islower())):
                # It may be a secret: the value of a flag that was given before the verb.
                self.error(f"the first word is not a verb: {fix}, and flags come after the verb")
            self.error(f"there is no verb {word[:60]!r}: {fix}")
        super()._check_value(action, value)

    def _get_values(self, action: Action, arg_strings: list[str]) -> Any:
        if arg_strings == ["--"] and action.option_strings and action.nargs is None:
            # ``--flag=--``: argparse took the value for a separator before Python 3.13, and gave a list.
            value = self._get_value(action, "--")
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)

    def parse_args(self, *args: Any, **named: Any) -> Any:
        given = sys.argv[1:] if not args or args[0] is None else args[0]
        if given and (verbs := self.get_default("verbs")):
            verb = next((verbs[each] for each in given if each in verbs), None)
            self._check_first(given[0].partition("=")[0], verb)
        found, unknown = self.parse_known_args(*args, **named)
        if unknown:
            parser: VerbParser = getattr(found, "parser", self)
            parser.error(parser.said_of_unknown(unknown))
        return found

    def _print_message(self, message: str, file: Any = None) -> None:
        """Prints a usage error, a help text or the version. Raises OSError: argparse hides it."""
        if file is not None and file is sys.stderr:
            super()._print_message(message, file)
        else:
            standard_output()
            flush_output(message)

    def _check_first(self, flag: str, verb: KnownVerb | None) -> None:
        """Ends the program if the command line begins with a flag that is not one of this parser.

        ``verb`` is the first verb that follows; argparse would take the flag's value for the verb.
        """
        own = self._option_string_actions
        abbreviated = self.allow_abbrev and any(each.startswith(flag) for each in own)
        if flag[:1] != "-" or flag in own or abbreviated:
            return
        verbs = [verb] if verb else list(self.get_default("verbs").values())
        if any(flag in each.parser._option_string_actions for each in verbs):
            if verb is None:
                self.error(f"there is no verb: expected '{self.prog} VERB {flag} …'; --help lists the verbs")
            self.error(f"the flag {flag} is before the verb: expected '{verb.parser.prog} {flag} …'")
        near = _flags_like(
            flag, [*own, *(each for verb in verbs for each in verb.parser._option_string_actions)]
        )
        place = ", after the verb" if near and near[0] not in own else ""
        fix = f"did you mean {' or '.join(near)}{place}?" if near else "flags come after the verb"
        self.error(f"unrecognized arguments: {flag} ({fix})")

    def said_of_unknown(self, arguments: Sequence[str]) -> str:
        """The error for unknown ``arguments``, with a correction of the first flag among them, if one is
        known.

        Only the names of flags are repeated: the value of a mistyped flag may be a secret.
        """
        flags = [each.partition("=")[0] for each in arguments if each[:1] == "-"]
        shown = " ".join(each.partition("=")[0] if each[:1] == "-" else "…" for each in arguments)
        for flag in flags:
            if flag in self._option_string_actions:
                return f"unrecognized arguments: {shown} (give {flag} after the verb)"
            near = _flags_like(flag, self._option_string_actions)
            if near:
                return f"unrecognized arguments: {shown} (for {flag}: did you mean {' or '.join(near)}?)"
        return f"unrecognized arguments: {shown}"


def _flags_like(flag: str, known: Collection[str]) -> list[str]:
    if flag.swapcase() in known:
        return [flag.swapcase()]
    spelled = f"--{flag.strip('-').replace('_', '-').lower()}"
    return get_close_matches(spelled, dict.fromkeys(known), n=2)


_Parser = TypeVar("_Parser", bound=VerbParser)


def verb_parser(
    kind: type[_Parser], verbs: Iterable[Verb], *, prog: str, description: str, epilog: str
) -> _Parser:
    """The parser of the command.

    Its results have ``run`` and ``parser`` of the verb, and this parser as ``root``.
    """
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
        sub.set_defaults(run=verb.run, root=parser, parser=sub)
        known[verb.NAME] = KnownVerb(verb.SUMMARY, sub)
    parser.set_defaults(verbs=known)
    return parser


def run_verb(run: Callable[[], int], *, reader_gone: int) -> int:
    """Reads the command line and runs its verb, by ``run``; returns the exit code.

    130 for Ctrl-C; ``reader_gone`` if the reader of the output has closed it. Other errors are not caught; an
    OSError is that of standard output if that cannot be written.
    """
    escape_what_cannot_be_shown()
    try:
        return _flushed(run)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        drop_output()
        return reader_gone


def _flushed(run: Callable[[], int]) -> int:
    """Calls ``run`` and flushes its output: a failure at the end of Python could only be reported."""
    try:
        code = run()
    except SystemExit as ended:
        if ended.code:
            with suppress(OSError):
                flush_output()
        else:
            flush_output()
        raise
    except OSError:
        flush_output()
        raise
    except BaseException:
        with suppress(OSError):
            flush_output()
        raise
    flush_output()
    return code


def reason_of(error: Exception) -> str:
    """The text of an error; for one of the system its reason, without a number, and the file's name."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename!r}: {error.strerror}"
    return str(error)
