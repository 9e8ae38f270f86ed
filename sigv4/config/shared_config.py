"""Reads the shared config and credentials files, and merges them into profiles, SSO sessions and services.

The meaning of each section follows botocore and the AWS CLI. Source: AWS SDKs and Tools Reference Guide,
"Using shared config and credentials files".
"""

from __future__ import annotations

import os
import stat

from ..errors import ConfigError
from ..record import Record
from .file_grammar import parse
from .home import absolute_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .file_grammar import Section

_LONGEST = 1 << 24
_LONGEST_HEADER = 4096
_KINDS = ("profile", "sso-session", "services")
_NO_KIND = ("plugins", "preview")  # sections of the AWS CLI that are not profiles


class SharedConfig(Record):
    """The content of both files: ``profiles``, ``sso_sessions`` and ``services``, each by name.

    ``of_config`` and ``of_credentials`` are the profiles of each file alone. ``bare`` are the sections of the
    config file whose header lacks the word ``profile``: name and place. ``ignored`` says which sections were
    ignored, and why; ``unreadable`` which files exist and cannot be read, and why.
    """

    profiles: dict[str, Section]
    sso_sessions: dict[str, Section]
    services: dict[str, Section]
    of_config: dict[str, Section]
    of_credentials: dict[str, Section]
    bare: dict[str, str]
    ignored: tuple[str, ...]
    unreadable: tuple[str, ...]


def read_shared_config(environ: Mapping[str, str] | None = None) -> SharedConfig:
    """Both files, at ``AWS_CONFIG_FILE`` and ``AWS_SHARED_CREDENTIALS_FILE``, or in ``~/.aws``.

    A missing file counts as empty, and a file that cannot be opened, too: ``unreadable`` names it. Raises
    ConfigError, naming file and line, for a file that cannot be parsed.
    """
    variables = os.environ if environ is None else environ
    texts, unreadable = [], []
    for variable, usual in (
        ("AWS_CONFIG_FILE", "~/.aws/config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    ):
        name = variables.get(variable) or usual
        try:
            path = absolute_path(expand_variables(name, variables), variable, variables)
            texts.append((name, _read(path)))
        except OSError as error:
            texts.append((name, ""))
            if name == os.devnull:
                continue  # users write this to say that there is no such file
            if not isinstance(error, FileNotFoundError):
                unreadable.append(f"{name} cannot be read: {error.strerror}")
            elif name is not usual:
                unreadable.append(f"{name} ({variable}) does not exist")
    return merged(texts[0], texts[1], unreadable=tuple(unreadable))


def merged(
    config: tuple[str, str], credentials: tuple[str, str], unreadable: tuple[str, ...] = ()
) -> SharedConfig:
    """Merges both files, each given as name and text.

    A key of a profile that is in both is read from the credentials file. If two sections of one file name the
    same profile (``[default]`` and ``[profile default]``), only the later section counts.
    """
    ignored: list[str] = []
    bare: dict[str, str] = {}
    kinds: dict[str, dict[str, Section]] = {kind: {} for kind in _KINDS}
    for section in parse(*config):
        kind = next((each for each in _KINDS if section.header.startswith(each)), "")
        label = "default" if section.header == "default" else _label(section.header) if kind else None
        if label is not None:
            kinds[kind or "profile"][label] = section.properties
        elif section.header not in _NO_KIND:
            place = f"{config[0]}:{section.line}"
            ignored.append(f"{place}: {_why_ignored(section.header, kind)}")
            if not kind:
                bare[section.header.strip()] = place
    of_config, of_credentials = kinds["profile"], {}
    for section in parse(*credentials):
        if section.header.startswith(tuple(f"{kind} " for kind in _KINDS)):
            ignored.append(
                f"{credentials[0]}:{section.line}: [{section.header}] is ignored: in the "
                "credentials file a header is only the profile's name, [name]"
            )
        else:
            of_credentials[section.header] = section.properties
    profiles = {
        name: {**of_config.get(name, {}), **of_credentials.get(name, {})}
        for name in (*of_config, *of_credentials)
    }
    return SharedConfig(
        profiles,
        kinds["sso-session"],
        kinds["services"],
        of_config,
        of_credentials,
        bare,
        tuple(ignored),
        unreadable,
    )


def _label(header: str) -> str | None:
    """The name in ``profile NAME``, split as a shell splits words; None unless there are two words."""
    if len(header) > _LONGEST_HEADER:  # shlex takes more time for each further character
        return None
    if not any(char in header for char in "\"'\\"):
        words = header.replace("\t", " ").split(" ")
        words = [word for word in words if word]
    else:
        import shlex

        try:
            words = shlex.split(header)
        except ValueError:  # a quote that is not closed
            words = []
    return words[1] if len(words) == 2 else None


def _why_ignored(header: str, kind: str) -> str:
    if kind:
        return f'[{header}] is ignored: expected one name, [{kind} NAME] or [{kind} "LONG NAME"]'
    name = header.strip()
    for each in _KINDS:
        if name.startswith(f"{each} ") or name == "default":
            return f"[{header}] is ignored: expected no blanks after the bracket, [{name}]"
    return f"[{header}] is ignored: a profile of the config file is written [profile {name}]"


def expand_variables(path: str, environ: Mapping[str, str]) -> str:
    """``path`` with ``$NAME`` and ``${NAME}`` replaced; a variable that is not set is kept as text."""
    first, *pieces = path.split("$")
    found = [first]
    for piece in pieces:
        braced = piece[:1] == "{"
        closed = piece.find("}")
        name = piece[1 : max(closed, 0)] if braced else _leading_name(piece)
        if name and name in environ:
            found += environ[name], piece[closed + 1 if braced else len(name) :]
        else:
            found += "$", piece
    return "".join(found)


def _leading_name(text: str) -> str:
    end = 0
    while end < len(text) and text[end].isascii() and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[:end]


def _read(path: str) -> str:
    """The text of a regular file. Raises OSError if there is none, ConfigError for other content."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode):  # opening a pipe would wait for a writer
        from errno import EINVAL, EISDIR

        is_folder = stat.S_ISDIR(mode)
        raise OSError(
            EISDIR if is_folder else EINVAL, "Is a directory" if is_folder else "It is not a regular file"
        )
    with open(path, "rb") as file:
        raw = file.read(_LONGEST + 1)
    if len(raw) > _LONGEST:
        raise ConfigError(f"Unable to parse config file: {path}: more than {_LONGEST >> 20} MiB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = f"Unable to parse config file: {path}: not UTF-8 at byte {error.start}"
    raise ConfigError(fault)
