"""The shared config and credentials files: their grammar, and the profiles that both make up together.

The grammar is that of the AWS SDKs and Tools Reference Guide, "Using shared config and credentials files";
where users' files rely on the AWS CLI's leniency (quoted names, a byte order mark), that is taken too. Errors
name the file and the line, never a value.
"""

from __future__ import annotations

import os

from ..errors import CredentialsError
from ..record import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Section: TypeAlias = dict[str, "Entry"]

_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.%@:+")
_BLANK = " \t"
_LONGEST = 1 << 24


class Entry(Value):
    """One property: its ``value``, its nested ``block`` (empty where it has none), ``file`` and ``line``."""

    __slots__ = ("value", "block", "file", "line")
    _masked = ("value", "block")
    value: str
    block: dict[str, str]
    file: str
    line: int

    def __init__(self, value: str, block: dict[str, str], file: str, line: int) -> None:
        self._set(value, block, file, line)

    @property
    def origin(self) -> str:
        """Where it stands: ``~/.aws/config:12``, the file as it was named."""
        return f"{self.file}:{self.line}"


class SharedConfig(Value):
    """What both files hold: ``profiles``, ``sso_sessions`` and ``services``, sections by name.

    ``credentials_file`` is the second file's name; ``ignored`` says which sections and properties were passed
    over, and why.
    """

    __slots__ = ("profiles", "sso_sessions", "services", "credentials_file", "ignored")
    profiles: dict[str, Section]
    sso_sessions: dict[str, Section]
    services: dict[str, Section]
    credentials_file: str
    ignored: tuple[str, ...]

    def __init__(
        self,
        profiles: dict[str, Section],
        sso_sessions: dict[str, Section],
        services: dict[str, Section],
        credentials_file: str,
        ignored: tuple[str, ...],
    ) -> None:
        self._set(profiles, sso_sessions, services, credentials_file, ignored)


def read_shared_config(environ: Mapping[str, str] | None = None) -> SharedConfig:
    """Both files, from where ``AWS_CONFIG_FILE`` and ``AWS_SHARED_CREDENTIALS_FILE`` say, or ``~/.aws``.

    A file that is not there is empty. Raises CredentialsError naming file and line.
    """
    variables = os.environ if environ is None else environ
    config = variables.get("AWS_CONFIG_FILE") or "~/.aws/config"
    credentials = variables.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    return merged(
        (config, _read(expand_home(config, variables))),
        (credentials, _read(expand_home(credentials, variables))),
    )


def merged(config: tuple[str, str], credentials: tuple[str, str]) -> SharedConfig:
    """The name and text of both files as one; of a profile in both, each key of the credentials file wins."""
    ignored: list[str] = []
    profiles: dict[str, Section] = {}
    bare_default: Section | None = None
    others: dict[str, dict[str, Section]] = {"sso-session": {}, "services": {}}
    for name, section, place in parse(*config, ignored):
        kind, _, rest = name.partition(" ")
        label = rest.strip(_BLANK)
        if name == "default":
            bare_default = {**(bare_default or {}), **section}
        elif kind == "profile" and label:
            profiles.setdefault(label, {}).update(section)
        elif kind in others and label:
            others[kind].setdefault(label, {}).update(section)
        else:
            ignored.append(f"{place}: the section [{name}] is of no kind that the config file has")
    if bare_default is not None and "default" not in profiles:  # [profile default] wins wholly
        profiles["default"] = bare_default
    for name, section, place in parse(*credentials, ignored):
        if name.startswith("profile "):
            ignored.append(f"{place}: a section of the credentials file is [{name[8:].strip(_BLANK)}], bare")
        else:
            profiles[name] = {**profiles.get(name, {}), **section}
    return SharedConfig(profiles, others["sso-session"], others["services"], credentials[0], tuple(ignored))


def parse(file: str, text: str, ignored: list[str]) -> list[tuple[str, Section, str]]:
    """The sections of one file in order: name, properties, place. Raises CredentialsError.

    What has a name that no section or property may have is passed over, and said in ``ignored``.
    """
    sections: list[tuple[str, Section, str]] = []
    section: Section | None = None
    key = ""
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.removesuffix("\r")
        place = f"{file}:{number}"
        if not line.strip(_BLANK) or line[0] in "#;":
            continue
        if line[0] == "[":
            name = _section_name(line, place)
            if not all(part and _NAME.issuperset(part) for part in name.split(" ")):
                ignored.append(
                    f"{place}: a section of this name is passed over: letters, digits and _-/.%@:+ only"
                )
                name = ""
            section, key = {}, ""
            sections.append((name, section, place))
        elif section is None:
            raise CredentialsError(f"{place}: Expected a profile definition such as [default]")
        elif line[0] in _BLANK:
            _continue(section, key, line.strip(_BLANK), place)
        else:
            key = _property(section, line, file, number, ignored)
    return [each for each in sections if each[0]]


def _section_name(line: str, place: str) -> str:
    """The name between brackets, its white space single, and quotes around its last word taken off."""
    inside, bracket, _ = line[1:].partition("]")
    if not bracket:
        raise CredentialsError(f"{place}: Profile definition must end with ']'")
    inside = " ".join([word for word in inside.replace("\t", " ").split(" ") if word])
    kind, space, label = inside.partition(" ")
    if len(label) > 1 and label[0] == label[-1] and label[0] in "\"'":
        label = label[1:-1]
    return f"{kind}{space}{label}"


def _property(section: Section, line: str, file: str, number: int, ignored: list[str]) -> str:
    name, equals, value = line.partition("=")
    place = f"{file}:{number}"
    if not equals:
        raise CredentialsError(f"{place}: Expected an '=' sign defining a property")
    key = name.strip(_BLANK).lower()
    if not key:
        raise CredentialsError(f"{place}: Property did not have a name")
    if not _NAME.issuperset(key):
        ignored.append(f"{place}: a property of this name is passed over: letters, digits and _-/.%@:+ only")
        return key
    section[key] = Entry(_uncommented(value), {}, file, number)
    return key


def _uncommented(value: str) -> str:
    """The value up to a ``#`` or ``;`` behind white space."""
    for position, char in enumerate(value):
        if char in "#;" and position and value[position - 1] in _BLANK:
            value = value[:position]
            break
    return value.strip(_BLANK)


def _continue(section: Section, key: str, text: str, place: str) -> None:
    """A line that begins with white space: more of the value above it, or one line of its block."""
    if not key:
        raise CredentialsError(f"{place}: Expected a property definition, found continuation")
    if key not in section:  # it was passed over
        return
    entry = section[key]
    if entry.value and not entry.block:
        section[key] = Entry(f"{entry.value}\n{text}", {}, entry.file, entry.line)
        return
    name, equals, value = text.partition("=")
    if not equals:
        raise CredentialsError(f"{place}: Expected an '=' sign defining a sub-property")
    if not name.strip(_BLANK):
        raise CredentialsError(f"{place}: Sub-property did not have a name")
    block = {**entry.block, name.strip(_BLANK).lower(): _uncommented(value)}
    section[key] = Entry(entry.value, block, entry.file, entry.line)


def expand_home(path: str, environ: Mapping[str, str]) -> str:
    """``path`` with a leading ``~`` as the home directory; ``~user`` is taken as it stands."""
    if path != "~" and not path.startswith(("~/", f"~{os.sep}")):
        return path
    drive = environ.get("HOMEDRIVE", "") + environ.get("HOMEPATH", "")
    home = environ.get("HOME") or environ.get("USERPROFILE") or drive
    return home + path[1:] if home else path


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            raw = file.read(_LONGEST + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise CredentialsError(f"Unable to parse config file: {path}: {error.strerror}") from None
    if len(raw) > _LONGEST:
        raise CredentialsError(f"Unable to parse config file: {path}: more than {_LONGEST >> 20} MiB")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = f"Unable to parse config file: {path}: no UTF-8 at byte {error.start}"
    raise CredentialsError(fault)
