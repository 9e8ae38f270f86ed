"""ListNotebookInstances: filters, order and pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..model.operations import STATUSES
from .api_parameters import Parameter
from .notebook_settings import REPOSITORY
from .notebooks.instances import Instance
from .service_errors import Refusal

_DEFAULT_PAGE = 10
_CONTAINS = "[a-zA-Z0-9-]+"

NEXT_TOKEN = Parameter("NextToken", greatest=8192, pattern=".*")
PARAMETERS = (
    NEXT_TOKEN,
    Parameter("MaxResults", "number", least=1, greatest=100),
    Parameter("SortBy", values=("Name", "CreationTime", "Status")),
    Parameter("SortOrder", values=("Ascending", "Descending")),
    Parameter("NameContains", greatest=63, pattern=_CONTAINS),
    Parameter("CreationTimeBefore", "moment"),
    Parameter("CreationTimeAfter", "moment"),
    Parameter("LastModifiedTimeBefore", "moment"),
    Parameter("LastModifiedTimeAfter", "moment"),
    Parameter("StatusEquals", values=STATUSES),
    Parameter(
        "NotebookInstanceLifecycleConfigNameContains", greatest=63, pattern="[a-zA-Z0-9](-*[a-zA-Z0-9])*"
    ),
    Parameter("DefaultCodeRepositoryContains", greatest=1024, pattern=_CONTAINS),
    Parameter("AdditionalCodeRepositoryEquals", least=1, greatest=1024, pattern=REPOSITORY.pattern),
)


def page(instances: Iterable[Instance], params: Mapping[str, Any]) -> tuple[list[Instance], str]:
    """The instances of one page, and the token of the next, ``""`` on the last.

    A token contains the last instance of its page and a digest of the query. Raises Refusal for a token with
    other filters, or one that was not issued here.
    """
    found = sorted(
        (each for each in instances if _matches(each, params)), key=lambda each: _key(each, params)
    )
    if params.get("SortOrder") == "Descending":
        found.reverse()
    if "NextToken" in params:
        last = _read_token(params["NextToken"], params)
        later = _after(params)
        found = [each for each in found if later(_key(each, params), last)]
    size = params.get("MaxResults", _DEFAULT_PAGE)
    if len(found) <= size:
        return found, ""
    return found[:size], _token(_key(found[size - 1], params), params)


def _matches(instance: Instance, params: Mapping[str, Any]) -> bool:
    settings = instance.settings
    texts = (
        ("NameContains", instance.name),
        ("NotebookInstanceLifecycleConfigNameContains", settings.get("LifecycleConfigName", "")),
        ("DefaultCodeRepositoryContains", settings.get("DefaultCodeRepository", "")),
    )
    moments = (("CreationTime", instance.created), ("LastModifiedTime", instance.changed))
    return (
        all(name not in params or params[name].lower() in str(text).lower() for name, text in texts)
        and all(moment < params.get(f"{name}Before", moment + 1) for name, moment in moments)
        and all(moment > params.get(f"{name}After", moment - 1) for name, moment in moments)
        and params.get("StatusEquals", instance.status) == instance.status
        and _has_repository(settings.get("AdditionalCodeRepositories", ()), params)
    )


def _has_repository(repositories: Any, params: Mapping[str, Any]) -> bool:
    wanted = params.get("AdditionalCodeRepositoryEquals")
    return wanted is None or wanted in repositories


def _key(instance: Instance, params: Mapping[str, Any]) -> tuple[float | str, str]:
    by: dict[str, float | str] = {"CreationTime": instance.created, "Status": instance.status}
    return by.get(params.get("SortBy", "Name"), ""), instance.name


def _after(params: Mapping[str, Any]) -> Any:
    """A function that says whether a key comes after another one in the requested order."""
    if params.get("SortOrder") == "Descending":
        return tuple.__lt__
    return tuple.__gt__


def _query(params: Mapping[str, Any]) -> str:
    """A digest of the filters and the order, the same on every page of one listing."""
    kept = {name: value for name, value in params.items() if name not in ("NextToken", "MaxResults")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def _token(key: tuple[float | str, str], params: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([_query(params), *key]).encode()).decode("ascii")


def _read_token(token: str, params: Mapping[str, Any]) -> tuple[float | str, str]:
    try:
        query, first, name = json.loads(base64.b64decode(token.encode("ascii"), b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        query = first = name = None
    kind = float if params.get("SortBy") == "CreationTime" else str
    if query == _query(params) and isinstance(name, str) and isinstance(first, kind):
        return first, name
    raise Refusal(
        "ValidationException",
        "Invalid NextToken: it is of another listing. Send the filters and the order of the first page.",
    )
