"""The user's home directory, and paths from a configuration, which must be absolute.

With a relative path, a user who can write to the working directory could give the process another
configuration, which may name a program to run.
"""

from __future__ import annotations

import os

from ..errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def home(environ: Mapping[str, str]) -> str:
    """The home directory from the variables, else from the password database; ``""`` if there is none."""
    drive = environ.get("HOMEDRIVE", "") + environ.get("HOMEPATH", "")
    for path in (environ.get("HOME", ""), environ.get("USERPROFILE", ""), drive):
        if is_absolute(path):
            return path
    return _in_password_database()


def _in_password_database() -> str:
    try:
        import pwd

        found = pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):  # Windows; a user id without an entry, as in some containers
        return ""
    return found if is_absolute(found) else ""


def is_absolute(path: str) -> bool:
    """Whether ``path`` does not depend on the working directory, in the form of any operating system."""
    return path[:1] in ("/", "\\") or path[1:3] in (":\\", ":/")


def expand_home(path: str, environ: Mapping[str, str]) -> str:
    """``path`` with a leading ``~`` as the home directory, ``""`` if there is none; ``~user`` is kept."""
    if path != "~" and not path.startswith(("~/", f"~{os.sep}")):
        return path
    found = home(environ)
    return found + path[1:] if found else ""


def absolute_path(path: str, origin: str, environ: Mapping[str, str]) -> str:
    """A path from a variable or a file, with ``~`` expanded. Raises ConfigError for a relative path."""
    found = expand_home(path, environ)
    if found and not is_absolute(found):
        raise ConfigError(
            f"{origin}: the path {path[:200]!r} is relative: write an absolute path, or one that begins with "
            "'~/', since another user may have written the files of the working directory"
        )
    return found
