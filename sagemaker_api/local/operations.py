"""What the service checks and does for each operation, in its words (client.md §1.5, 1.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .notebooks import DEFAULT_SESSION, Notebooks

_NAME = "^[a-zA-Z0-9](-*[a-zA-Z0-9])*"


class Refusal(Exception):
    """The service's own refusal: an error code and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def create_presigned_url(
    notebooks: Notebooks, base_url: str, params: Mapping[str, object]
) -> dict[str, object]:
    """CreatePresignedNotebookInstanceUrl. Raises Refusal."""
    name = params.get("NotebookInstanceName")
    seconds = params.get("SessionExpirationDurationInSeconds")
    if name is not None and not isinstance(name, str):
        raise Refusal("SerializationException", "NotebookInstanceName is not a string")
    if seconds is not None and (not isinstance(seconds, int) or isinstance(seconds, bool)):
        raise Refusal("SerializationException", "SessionExpirationDurationInSeconds is not an integer")
    faults = [*_name_faults(name), *_seconds_faults(seconds)]
    if faults or name is None:
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise Refusal("ValidationException", count + "; ".join(faults))
    status = notebooks.statuses.get(name)
    if status is None:
        raise Refusal("ValidationException", "RecordNotFound")
    if status != "InService":
        raise Refusal("ValidationException", f"Status ({status}) not in ([InService]).")
    token = notebooks.mint(name, DEFAULT_SESSION if seconds is None else seconds)
    return {"AuthorizedUrl": f"{base_url}/notebook/{name}/?authToken={token}"}


OPERATIONS = {"CreatePresignedNotebookInstanceUrl": create_presigned_url}


def _name_faults(name: str | None) -> list[str]:
    where = "at 'notebookInstanceName' failed to satisfy constraint: Member must"
    if name is None:
        return [f"Value null {where} not be null"]
    faults = []
    if len(name) > 63:
        faults.append(f"Value '{name[:200]}' {where} have length less than or equal to 63")
    if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", name[:64]):
        faults.append(f"Value '{name[:200]}' {where} satisfy regular expression pattern: {_NAME}")
    return faults


def _seconds_faults(seconds: int | None) -> list[str]:
    where = "at 'sessionExpirationDurationInSeconds' failed to satisfy constraint: Member must have value"
    if seconds is not None and seconds < 1800:
        return [f"Value '{seconds}' {where} greater than or equal to 1800"]
    if seconds is not None and seconds > 43200:
        return [f"Value '{seconds}' {where} less than or equal to 43200"]
    return []
