"""What the service checks and does for each operation, in its words (client.md §1.5, 1.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .notebooks import DEFAULT_SESSION, Notebooks

_NAME = "^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_SHOWN = 200


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
        raise _unconvertible(name, "a String")
    if isinstance(seconds, float) and seconds.is_integer():
        seconds = int(seconds)
    if seconds is not None and (not isinstance(seconds, int) or isinstance(seconds, bool)):
        raise _unconvertible(seconds, "an Integer")
    faults = [*name_faults(name), *_seconds_faults(seconds)]
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


def name_faults(name: str | None) -> list[str]:
    """What is wrong with the name of a notebook instance, in the service's words; empty where nothing is."""
    where = "at 'notebookInstanceName' failed to satisfy constraint: Member must"
    if name is None:
        return [f"Value null {where} not be null"]
    faults = []
    if len(name) > 63:
        faults.append(f"Value '{name[:_SHOWN]}' {where} have length less than or equal to 63")
    if not re.fullmatch(_NAME, name):
        faults.append(f"Value '{name[:_SHOWN]}' {where} satisfy regular expression pattern: {_NAME}")
    return faults


def _seconds_faults(seconds: int | None) -> list[str]:
    where = "at 'sessionExpirationDurationInSeconds' failed to satisfy constraint: Member must have value"
    if seconds is not None and seconds < 1800:
        return [f"Value '{seconds}' {where} greater than or equal to 1800"]
    if seconds is not None and seconds > 43200:
        return [f"Value '{seconds}' {where} less than or equal to 43200"]
    return []


def _unconvertible(value: object, wanted: str) -> Refusal:
    if isinstance(value, (dict, list)):
        kind = "structure or map" if isinstance(value, dict) else "list"
        return Refusal("SerializationException", f"Start of {kind} found where not expected.")
    if isinstance(value, bool):
        found = "TRUE_VALUE" if value else "FALSE_VALUE"
    else:
        found = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    return Refusal("SerializationException", f"{found} can not be converted to {wanted}")
