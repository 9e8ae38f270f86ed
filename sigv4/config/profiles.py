"""Selects a profile and loads it."""

from __future__ import annotations

import os

from ..errors import ConfigError, repr_of
from ..record import Record
from .shared_config import read_shared_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .file_grammar import Section
    from .shared_config import SharedConfig


class Profile(Record):
    """A profile: its ``name``, where that was ``asked`` for, its ``section``, and both files' content."""

    _masked = ("section", "config")
    name: str
    asked: str
    section: Section
    config: SharedConfig


def load_profile(profile_name: str | None = None, environ: Mapping[str, str] | None = None) -> Profile:
    """The profile of that name, of ``AWS_PROFILE``, of ``AWS_DEFAULT_PROFILE``, or ``default``.

    An empty name counts as none. Raises ConfigError for a requested profile that is in neither file, and for
    files that cannot be parsed. ``default`` need not exist unless it is requested by name.
    """
    variables = os.environ if environ is None else environ
    asked, name = "argument", profile_name
    if name is not None and not isinstance(name, str):
        raise ConfigError(f"argument: the profile's name is {repr_of(name)[:40]}: expected text")
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if not name:
            asked, name = variable, variables.get(variable, "").strip()
    if not name:
        asked, name = "default", "default"
    config = read_shared_config(variables)
    if name not in config.profiles and asked != "default":
        raise ConfigError(_not_found(name, config))
    return Profile(name, asked, config.profiles.get(name, {}), config)


def _not_found(name: str, config: SharedConfig) -> str:
    """The AWS CLI's text, and the likely reason."""
    found = [f"The config profile ({name}) could not be found"]
    if name in config.bare:
        found.append(f"{config.bare[name]} is [{name}]: in the config file write [profile {name}]")
    elif not config.profiles:
        found.append("there are no profiles")
    else:
        from difflib import get_close_matches

        nearest = sorted(get_close_matches(name, config.profiles, 3, 0.0))
        others = len(config.profiles) - len(nearest)
        found.append(f"there are {', '.join(nearest)}{f' and {others} more' if others else ''}")
    return "; ".join([": ".join(found), *config.unreadable])
