"""Checks the arguments of ``LocalSageMaker``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sigv4.credentials import Credentials
from sigv4.errors import expect, repr_of
from sigv4.target import is_loopback

from ..errors import ConfigError
from ..model.operations import STATUSES
from .api_parameters import name_faults
from .faults import Faults
from .iam.identities import Identity

# The example credentials of AWS's documentation, which are public.
EXAMPLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
URL_FORMS = ("path", "host")


def statuses_of(notebooks: Mapping[str, str] | Iterable[str] | None) -> Mapping[str, str]:
    """The status of each notebook. Raises ConfigError."""
    if notebooks is None:
        return {"my-notebook": "InService"}
    if isinstance(notebooks, str) or not isinstance(notebooks, Iterable):
        kind = "the text " if isinstance(notebooks, str) else ""
        raise ConfigError(
            f"notebooks is {kind}{repr_of(notebooks)[:40]}: expected names and statuses, or a list of names"
        )
    return notebooks if isinstance(notebooks, Mapping) else dict.fromkeys(notebooks, "InService")


def check_notebooks(statuses: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for name, status in statuses.items():
        if not isinstance(name, str):
            raise ConfigError(f"{repr_of(name)[:40]} cannot name a notebook: expected a text")
        if seen.setdefault(name.lower(), name) != name:
            raise ConfigError(
                f"the notebooks {seen[name.lower()]!r} and {name!r} differ only in case, and would share "
                "an ARN: SageMaker writes names in lower case there. Give one of them another name"
            )
        for fault in name_faults(name):
            raise ConfigError(f"{name!r} cannot name a notebook: {fault}")
        if status not in STATUSES:
            raise ConfigError(
                f"notebook {name!r} has status {status!r}: expected one of {', '.join(STATUSES)}"
            )


def check_kinds(**arguments: object) -> None:
    """Raises ConfigError for an argument of a wrong type."""
    for name, value in arguments.items():
        if name == "seed" and value is None:
            continue
        if name in _CALLABLES:
            is_right, expected = callable(value), "a callable"
        else:
            kind, expected = _KINDS[name]
            is_right = isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
        expect(is_right, name, value, expected, ConfigError)


_CALLABLES = ("clock", "server", "on_verdict")
_KINDS: Mapping[str, tuple[type, str]] = {
    "credentials": (Credentials, "Credentials of sigv4"),
    "failing": (Mapping, "names and the reasons of their failure"),
    "faults": (Faults, "Faults(…), or Faults.parse('throttle:0.2')"),
    "host": (str, "a text such as '127.0.0.1'"),
    "port": (int, "a port from 1 to 65535, or 0 to have one chosen"),
    "region": (str, "a text such as 'us-east-1'"),
    "seed": (int, "a whole number, or None"),
    "single_use": (bool, "True or False"),
}


def check_url_form(url_form: str, host: str) -> None:
    if url_form not in URL_FORMS or (url_form == "host" and not is_loopback(host)):
        raise ConfigError(
            f"the form of URLs is {url_form!r}: expected path; or host, with a loopback address to bind, "
            "since NAME.localhost is this machine"
        )


def checked_identities(given: Iterable[Identity], host: str) -> list[Identity]:
    expect(isinstance(given, Iterable), "identities", given, "several Identity", ConfigError)
    identities = list(given)
    if not identities:
        raise ConfigError("there is no identity that could call: give at least one")
    for each in identities:
        if not isinstance(each, Identity):
            raise ConfigError(f"identities holds {type(each).__name__}: expected Identity(…)")
    secrets = {identity.credentials.secret_access_key for identity in identities}
    if not is_loopback(host) and EXAMPLE.secret_access_key in secrets:
        raise ConfigError(
            f"the example credentials are public, so {host!r} would serve anyone: "
            "give credentials of your own, or bind 127.0.0.1"
        )
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 (refused)
        raise ConfigError(
            f"{host!r} is every address of this machine, and Host is checked against a single one: "
            "give the address that clients call"
        )
    return identities
