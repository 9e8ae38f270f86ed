"""Which profile counts, and what it says."""

from __future__ import annotations

import os

from ..errors import CredentialsError
from ..record import Value
from .shared_config import read_shared_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .shared_config import Section, SharedConfig


class Profile(Value):
    """A profile's ``name``, where the name was ``asked`` for, its ``section``, and all the files hold."""

    __slots__ = ("name", "asked", "section", "config")
    _masked = ("section", "config")
    name: str
    asked: str
    section: Section
    config: SharedConfig

    def __init__(self, name: str, asked: str, section: Section, config: SharedConfig) -> None:
        self._set(name, asked, section, config)


def load_profile(profile_name: str | None = None, environ: Mapping[str, str] | None = None) -> Profile:
    """The profile of that name, of ``AWS_PROFILE``, of ``AWS_DEFAULT_PROFILE``, or ``default``.

    Raises CredentialsError for one that was asked for and is in neither file, and for files that cannot be
    read. ``default`` need not be there unless it is asked for.
    """
    variables = os.environ if environ is None else environ
    asked, name = "argument", profile_name
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if not name:
            asked, name = variable, variables.get(variable, "").strip()
    if not name:
        asked, name = "default", "default"
    config = read_shared_config(variables)
    if name not in config.profiles and asked != "default":
        known = ", ".join(sorted(config.profiles)) or "none"
        raise CredentialsError(f"The config profile ({name}) could not be found: there are {known}")
    return Profile(name, asked, config.profiles.get(name, {}), config)
