"""Changes that happen to a signed request on its way to the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .broken_signer import Arrived, swap

Change = Callable[[Arrived], None]


def header(name: str, value: str | None) -> Change:
    """A change on the way that sets or removes a header."""

    def changed(arrived: Arrived) -> None:
        headers = {key: old for key, old in arrived["headers"].items() if key.lower() != name.lower()}
        arrived["headers"] = headers if value is None else {**headers, name: value}

    return changed


def member(name: str, change: Callable[[Any], Any]) -> Change:
    def changed(arrived: Arrived) -> None:
        arrived[name] = change(arrived[name])

    return changed


def unsigned(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Change:
    """A change that replaces the whole request by one that botocore did not make."""

    def changed(arrived: Arrived) -> None:
        arrived.update(method=method, target=target, headers=headers, body=body)

    return changed


def moved(host: str, target: str | None = None) -> Change:
    """A change on the way: the request arrived at another address."""

    def changed(arrived: Arrived) -> None:
        arrived["headers"] = {**arrived["headers"], "Host": host}
        if target is not None:
            arrived["target"] = target

    return changed


def authorization(old: str, new: str) -> Change:
    def changed(arrived: Arrived) -> None:
        arrived["headers"]["Authorization"] = swap(old, new)(arrived["headers"]["Authorization"])

    return changed


def target(old: str, new: str) -> Change:
    return member("target", swap(old, new))
