"""Reads identities from a JSON file: their keys, and their policies inline or in other files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from sigv4.errors import CredentialsError
from sigv4.providers.answers import credentials_in

from ...errors import ConfigError
from .identities import Identity
from .policy import Policy
from .policy_file import read_file, read_policy, shown

_NAMES = ("Arn", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "Policies", "Context")
_FORM = (
    '{"Arn": "arn:aws:iam::123456789012:user/alice", "AccessKeyId": "…", "SecretAccessKey": "…", '
    '"SessionToken": "…", "Expiration": "2027-01-01T00:00:00Z", "Policies": ["policy.json"], '
    '"Context": {"aws:PrincipalTag/team": "a"}}, '
    "or a list of such objects; token, expiration, policies and context may be left out"
)


def read_identities(name: str | Path) -> list[Identity]:
    """The identities of the file ``name``.

    A policy is a JSON object, or the name of a file in the same folder. An identity without ``Policies`` may
    do everything. Raises ConfigError with the place, never with a secret.
    """
    source = shown(name)
    entries: list[object] | None = _entries(name)
    entry: object = None
    if not entries:
        raise ConfigError(f"{source} holds no identity: expected {_FORM}")
    identities = []
    try:
        for number, entry in enumerate(entries, 1):
            identities.append(_identity(entry, f"{source}: identity {number}", Path(name).parent))
        return identities
    finally:
        entries = entry = None  # they hold secrets: hidden from tracebacks with locals


def files_of(name: str | Path) -> list[Path]:
    """The file itself, and the policy files that it names."""
    listed = [each for entry in _entries(name) if isinstance(entry, dict) for each in _list(entry)]
    return [Path(name), *(Path(name).parent / each for each in listed if isinstance(each, str))]


def _entries(name: str | Path) -> list[object]:
    text = read_file(name)
    try:
        found = json.loads(text.decode("utf-8-sig"))
        return found if isinstance(found, list) else [found]
    except (ValueError, RecursionError):
        text = b""
    # Raised outside ``except``: the parser's error holds the text of the file.
    raise ConfigError(f"{shown(name)} is not JSON in UTF-8: expected {_FORM}")


def _list(entry: Mapping[str, object]) -> list[object]:
    found = entry.get("Policies")
    return found if isinstance(found, list) else []


def _identity(entry: object, place: str, folder: Path) -> Identity:
    if not isinstance(entry, dict):
        entry = None
        raise ConfigError(f"{place} is not an object: expected {_FORM}")
    try:
        fault = _fault(entry)
        if not fault:
            policies = None
            if "Policies" in entry:
                listed = enumerate(_list(entry), 1)
                policies = [_policy(each, f"{place}, policy {number}", folder) for number, each in listed]
            credentials = credentials_in(entry, "its keys", "SessionToken")
            return Identity(entry["Arn"], credentials, policies, entry.get("Context"))
    except CredentialsError as error:
        fault = str(error)
    finally:
        entry = None
    raise ConfigError(f"{place}: {fault}")


def _fault(entry: Mapping[str, object]) -> str:
    for name in entry:
        if name not in _NAMES:
            return f"found {name[:40]!r}: expected {', '.join(_NAMES)}, in this spelling"
    for name in _NAMES[:5]:
        if not isinstance(entry.get(name, ""), str) or (name in _NAMES[:3] and not entry.get(name)):
            return f"{name} is missing, or not a text: expected {_FORM}"
    if not isinstance(entry.get("Policies", []), list):
        return "Policies is not a list: expected policies, or the names of their files"
    if not isinstance(entry.get("Context", {}), dict):
        return 'Context is not an object: expected condition keys, such as {"aws:PrincipalTag/team": "a"}'
    return ""


def _policy(value: object, place: str, folder: Path) -> Policy:
    if isinstance(value, str):
        return read_policy(folder / value)
    if isinstance(value, Mapping):
        return Policy.parse(value, place)
    raise ConfigError(f"{place} is neither an object nor the name of a file")
