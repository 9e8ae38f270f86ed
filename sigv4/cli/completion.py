"""Shell completion, generated from a command's parsers; a verb of both command lines."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, Namespace

NAME = "completion"
SUMMARY = "print a completion script for a shell"
DESCRIPTION = """\
Prints a script for a shell. With it the shell completes verbs, flags, and values from a fixed list; for any
other value it completes file names."""
EXAMPLE = """\
example:
  {prog} completion bash > ~/.local/share/bash-completion/completions/{prog}
  {prog} completion fish > ~/.config/fish/completions/{prog}.fish
  {prog} completion zsh  > a file that ~/.zshrc reads with 'source'"""

# Starts zsh's completion if ~/.zshrc has not; -i ignores folders that other users may write to.
_ZSH = """\
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i -D }
autoload -Uz bashcompinit && bashcompinit
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(options: Namespace) -> int:
    write = fish if options.shell == "fish" else bash
    print((_ZSH if options.shell == "zsh" else "") + write(options.root), end="")
    return 0


def bash(root: ArgumentParser) -> str:
    """For bash, and for zsh through its ``bashcompinit``."""
    name = f"_{root.prog.replace('-', '_')}"
    cases, values, free = [], [], []
    for verb, (_, sub) in _verbs(root).items():
        cases.append(f"    {verb}) words='{' '.join(_words(sub))}' ;;")
        for action in _actions(sub):
            pattern = "|".join(f"'{verb} {flag}'" for flag in action.option_strings)
            if pattern and action.choices:
                values.append(f"    {pattern}) words='{' '.join(map(str, action.choices))}' ;;")
            elif pattern and action.nargs != 0:
                free.append(pattern)
    return "\n".join(
        (
            f"{name}() {{",
            "  local current=${COMP_WORDS[COMP_CWORD]} words",
            "  case ${COMP_WORDS[1]} in",
            *cases,
            "    *) words='' ;;",
            "  esac",
            '  case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD - 1]}" in',
            *values,
            f"    {'|'.join(free)}) words='' ;;",
            "  esac",
            f"  [ $COMP_CWORD -gt 1 ] || words='{' '.join(_verbs(root))} --help'",
            '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            f"complete -o default -F {name} {root.prog}",
            "",
        )
    )


def fish(root: ArgumentParser) -> str:
    lines = []
    for verb, (summary, sub) in _verbs(root).items():
        lines.append(f"complete -c {root.prog} -n __fish_use_subcommand -a {verb} -d {_quoted(summary)}")
        here = f"complete -c {root.prog} -n '__fish_seen_subcommand_from {verb}'"
        for action in _actions(sub):
            flags = "".join(
                f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}"
                for flag in action.option_strings
            )
            choices = f" -a {_quoted(' '.join(map(str, action.choices)))}" if action.choices else ""
            needs = " -r" if flags and action.nargs != 0 else ""
            about = f" -d {_quoted(action.help)}" if action.help and flags else ""
            if flags or choices:
                lines.append(f"{here}{flags}{needs}{choices}{about}")
    return "\n".join([*lines, ""])


def _verbs(root: ArgumentParser) -> dict[str, tuple[str, ArgumentParser]]:
    """Summary and parser by verb."""
    found: dict[str, tuple[str, ArgumentParser]] = root.get_default("verbs")
    return found


def _actions(parser: ArgumentParser) -> list[Action]:
    # argparse has no public way to list them; this attribute has existed since its first release.
    return [action for action in parser._actions if action.help != SUPPRESS]


def _words(parser: ArgumentParser) -> list[str]:
    """The flags, and the values of a positional argument with fixed choices."""
    words: list[str] = []
    for action in _actions(parser):
        words += action.option_strings or map(str, action.choices or ())
    return words


def _quoted(text: str) -> str:
    return "'" + text.replace("%%", "%").replace("\\", "\\\\").replace("'", "\\'") + "'"
