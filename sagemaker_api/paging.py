"""The pages of a list, as with boto's paginators: which page comes next, and which items count.

Source: the paginators published with the SageMaker service model.
"""

from __future__ import annotations

import json

from sigv4.config.numbers import whole_number
from sigv4.errors import repr_of
from sigv4.record import Record

from .errors import PaginationError, ParamValidationError
from .model.shapes import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from typing import Any, Protocol, TypeAlias, TypeVar

    from typing_extensions import Unpack

    from .model.inputs import ListNotebookInstancesPaging, ListTagsPaging
    from .model.results import ListNotebookInstancesOutput, ListTagsOutput

    Call: TypeAlias = Callable[[str, Mapping[str, object]], dict[str, Any]]
    AsyncCall: TypeAlias = Callable[[str, Mapping[str, object]], Awaitable[dict[str, Any]]]
    Page = TypeVar("Page", covariant=True)

    # The types of the classes below, by operation.
    class Pages(Protocol[Page]):
        @property
        def resume_token(self) -> str | None: ...
        def __iter__(self) -> Iterator[Page]: ...
        def build_full_result(self) -> Page: ...

    class AsyncPages(Protocol[Page]):
        @property
        def resume_token(self) -> str | None: ...
        def __aiter__(self) -> AsyncIterator[Page]: ...
        async def build_full_result(self) -> Page: ...

    class InstancesPaginator(Protocol):
        def paginate(
            self, **params: Unpack[ListNotebookInstancesPaging]
        ) -> Pages[ListNotebookInstancesOutput]: ...

    class TagsPaginator(Protocol):
        def paginate(self, **params: Unpack[ListTagsPaging]) -> Pages[ListTagsOutput]: ...

    class AsyncInstancesPaginator(Protocol):
        def paginate(
            self, **params: Unpack[ListNotebookInstancesPaging]
        ) -> AsyncPages[ListNotebookInstancesOutput]: ...

    class AsyncTagsPaginator(Protocol):
        def paginate(self, **params: Unpack[ListTagsPaging]) -> AsyncPages[ListTagsOutput]: ...


_TRUNCATED = "boto_truncate_amount"  # the name of this number in boto's resume tokens


class Paging(Record):
    """How one operation is paged: the members for the token, for the page size, and for the items."""

    operation: str
    token: str
    limit: str
    items: str


PAGINGS = {
    "list_notebook_instances": Paging(
        "ListNotebookInstances", "NextToken", "MaxResults", "NotebookInstances"
    ),
    "list_tags": Paging("ListTags", "NextToken", "MaxResults", "Tags"),
}


def paging_of(method_name: str) -> Paging:
    """How the operation of this method is paged. Raises PaginationError if it has no pages."""
    try:
        return PAGINGS[method_name]
    except (KeyError, TypeError):  # TypeError: not a text
        raise PaginationError(f"Operation cannot be paginated: {method_name}") from None


class Turns:
    """One iteration over the pages.

    Request the page with the parameters ``next`` until that is None, and pass each to :meth:`taken`, which
    returns the part to use. ``resume_token`` continues the list if the iteration ended before the list.

    ``params`` are those of the operation, and ``PaginationConfig``: ``MaxItems``, ``PageSize``,
    ``StartingToken``. Raises ParamValidationError; :meth:`taken` raises PaginationError.
    """

    def __init__(self, paging: Paging, params: Mapping[str, Any]) -> None:
        asked = dict(params)
        config = _config(asked)
        self.resume_token: str | None = None
        self._paging = paging
        self._max_items = _number(config, "MaxItems")
        self._items_seen = 0
        self._skip = 0  # items of the first page that an earlier iteration has returned
        self._token: str | None = None
        starting = config.get("StartingToken")
        if starting is not None:
            self._token, self._skip = _decoded(paging.token, starting)
            asked.pop(paging.token, None)
            if self._token is not None:
                asked[paging.token] = self._token
        size = _number(config, "PageSize")
        if size is not None:
            asked[paging.limit] = size
        self.next: dict[str, Any] | None = asked
        self._first = True
        self._previous: str | None = None

    def taken(self, page: dict[str, Any]) -> dict[str, Any]:
        """The page without items above the limit; moves to the next page."""
        paging, asked = self._paging, self.next or {}
        skipped = self._skip if self._first else 0
        if skipped:
            page[paging.items] = page.get(paging.items, [])[skipped:]
        self._first = False
        self.next = None
        items = page.get(paging.items, [])
        too_many = 0 if self._max_items is None else self._items_seen + len(items) - self._max_items
        if too_many > 0:
            kept = len(items) - too_many
            page[paging.items] = items[:kept]
            self.resume_token = _encoded({paging.token: self._token, _TRUNCATED: kept + skipped})
            return page
        self._items_seen += len(items)
        token = page.get(paging.token) or None
        if token is None:
            return page
        self._token = token
        if self._items_seen == self._max_items:
            self.resume_token = _encoded({paging.token: token})
        elif token == self._previous:
            again = {paging.token: token}
            raise PaginationError(f"Error during pagination: The same next token was received twice: {again}")
        else:
            self.next = {**asked, paging.token: token}
            self._previous = token
        return page


class _Pages:
    """The common base of both page iterators."""

    def __init__(self, call: Any, paging: Paging, params: Mapping[str, Any]) -> None:
        self._call = call
        self._paging = paging
        self._params = params
        self._turns = Turns(paging, params)

    @property
    def resume_token(self) -> str | None:
        """The ``StartingToken`` to continue after an iteration that ``MaxItems`` ended, else None."""
        return self._turns.resume_token

    def _again(self) -> Turns:
        self._turns = Turns(self._paging, self._params)
        return self._turns

    def _add(self, result: dict[str, Any], page: dict[str, Any]) -> None:
        items = page.get(self._paging.items)
        if items is not None:
            result.setdefault(self._paging.items, []).extend(items)

    def _whole(self, result: dict[str, Any]) -> dict[str, Any]:
        return result if self.resume_token is None else {**result, "NextToken": self.resume_token}


class PageIterator(_Pages):
    """The pages, each requested when needed; every ``for`` starts from the first page."""

    _call: Call

    def __iter__(self) -> Iterator[dict[str, Any]]:
        turns = self._again()
        while turns.next is not None:
            page = self._call(self._paging.operation, turns.next)
            yield turns.taken(page)

    def build_full_result(self) -> dict[str, Any]:
        """All items in one result; ``NextToken`` is the resume token if there are more."""
        result: dict[str, Any] = {}
        for page in self:
            self._add(result, page)
        return self._whole(result)


class AsyncPageIterator(_Pages):
    """:class:`PageIterator` for ``async for``."""

    _call: AsyncCall

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        turns = self._again()
        while turns.next is not None:
            page = await self._call(self._paging.operation, turns.next)
            yield turns.taken(page)

    async def build_full_result(self) -> dict[str, Any]:
        """The same as :meth:`PageIterator.build_full_result`."""
        result: dict[str, Any] = {}
        async for page in self:
            self._add(result, page)
        return self._whole(result)


class Paginator:
    """Pages of one operation: ``for page in paginator.paginate(NameContains="x")``."""

    def __init__(self, call: Call, paging: Paging) -> None:
        self._call = call
        self._paging = paging

    def paginate(self, **params: object) -> PageIterator:
        """The pages for these parameters of the operation.

        ``PaginationConfig`` may hold ``MaxItems``, ``PageSize`` and ``StartingToken``.

        Raises ParamValidationError.
        """
        return PageIterator(self._call, self._paging, params)


class AsyncPaginator:
    """:class:`Paginator` for asyncio: ``async for page in paginator.paginate()``."""

    def __init__(self, call: AsyncCall, paging: Paging) -> None:
        self._call = call
        self._paging = paging

    def paginate(self, **params: object) -> AsyncPageIterator:
        """The same as :meth:`Paginator.paginate`."""
        return AsyncPageIterator(self._call, self._paging, params)


def _config(asked: dict[str, Any]) -> dict[str, Any]:
    """Takes the paginator's configuration out of the parameters."""
    config = asked.pop("PaginationConfig", None)
    if not isinstance(config, (dict, type(None))):
        raise ParamValidationError(
            f"PaginationConfig is {repr_of(config)[:80]}: expected a dict of MaxItems, PageSize and "
            "StartingToken"
        )
    return config or {}


def _number(config: Mapping[str, Any], name: str) -> int | None:
    value = config.get(name)
    if value is None:
        return None
    try:
        number = whole_number(value) if isinstance(value, str) else whole(value)
    except ValueError:
        number = None
    if number is None or number < 0:
        raise ParamValidationError(
            f"PaginationConfig: {name} is {repr_of(value)[:40]}: expected a whole number, 0 or more"
        )
    return number


def _encoded(token: dict[str, Any]) -> str:
    from base64 import b64encode

    return b64encode(json.dumps(token).encode()).decode("ascii")


def _decoded(name: str, text: Any) -> tuple[str | None, int]:
    """The service's token in a resume token, and how many items of its page to skip.

    Any other text counts as the service's token.
    """
    from base64 import b64decode

    if not isinstance(text, str):
        raise ParamValidationError(
            f"PaginationConfig: StartingToken is {type(text).__name__}: expected a resume token, a str"
        )
    try:
        found = json.loads(b64decode(text.encode("ascii"), validate=True))
        token, skip = found[name], found.get(_TRUNCATED, 0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return text, 0
    if not isinstance(token, (str, type(None))) or type(skip) is not int or skip < 0:
        return text, 0
    return token, skip
