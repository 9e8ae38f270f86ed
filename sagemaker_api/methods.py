"""The operations as methods with boto's names, for the blocking and for the asyncio client.

Each raises ParamValidationError, CredentialsError, ServiceError, TransportError, ProtocolError.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
    from typing import Any, Concatenate, Literal, TypeVar, overload

    from typing_extensions import ParamSpec, Unpack

    from .call import Step
    from .model.inputs import (
        AddTagsInput,
        CreateNotebookInstanceInput,
        CreatePresignedNotebookInstanceUrlInput,
        DeleteTagsInput,
        ListNotebookInstancesInput,
        ListTagsInput,
        NameInput,
        UpdateNotebookInstanceInput,
        WaiterName,
        WaitInput,
    )
    from .model.results import (
        AddTagsOutput,
        CreateNotebookInstanceOutput,
        CreatePresignedNotebookInstanceUrlOutput,
        DescribeNotebookInstanceOutput,
        EmptyOutput,
        ListNotebookInstancesOutput,
        ListTagsOutput,
    )
    from .paging import AsyncInstancesPaginator, AsyncTagsPaginator, InstancesPaginator, TagsPaginator
    from .waiters import Goal

    Result = TypeVar("Result")
    Params = ParamSpec("Params")


class Named:
    """The names of paginators and waiters, as in boto."""

    @property
    def waiter_names(self) -> list[WaiterName]:
        """The names that ``get_waiter`` accepts."""
        from .waiters import GOALS

        names: list[Any] = list(GOALS)
        return names

    def can_paginate(self, operation_name: str) -> bool:
        """Whether ``get_paginator`` accepts this name."""
        from .paging import PAGINGS

        return operation_name in PAGINGS


class Methods(Named):
    """The blocking operations; a client adds ``call``, ``drive`` and ``steps``."""

    if TYPE_CHECKING:

        def call(self, operation: str, params: Mapping[str, object] | None = None) -> Any: ...

        def drive(self, steps: Generator[Step, Any, Result]) -> Result: ...

        def steps(
            self, operation: str, params: Mapping[str, object]
        ) -> Generator[Step, Any, dict[str, Any]]: ...

    def create_presigned_notebook_instance_url(
        self, **params: Unpack[CreatePresignedNotebookInstanceUrlInput]
    ) -> CreatePresignedNotebookInstanceUrlOutput:
        """A URL that opens a notebook instance: ``["AuthorizedUrl"]``, valid for five minutes.

        Keep it secret: anyone who has the URL can use the notebook.
        """
        result: CreatePresignedNotebookInstanceUrlOutput = self.call(
            "CreatePresignedNotebookInstanceUrl", params
        )
        return result

    def describe_notebook_instance(self, **params: Unpack[NameInput]) -> DescribeNotebookInstanceOutput:
        """The settings and the status of one instance; times are aware datetimes."""
        result: DescribeNotebookInstanceOutput = self.call("DescribeNotebookInstance", params)
        return result

    def start_notebook_instance(self, **params: Unpack[NameInput]) -> EmptyOutput:
        """Starts an instance that is Stopped or Failed: it becomes Pending."""
        result: EmptyOutput = self.call("StartNotebookInstance", params)
        return result

    def stop_notebook_instance(self, **params: Unpack[NameInput]) -> EmptyOutput:
        """Stops an instance that is InService: it becomes Stopping."""
        result: EmptyOutput = self.call("StopNotebookInstance", params)
        return result

    def list_notebook_instances(
        self, **params: Unpack[ListNotebookInstancesInput]
    ) -> ListNotebookInstancesOutput:
        """One page of the account's instances; use ``get_paginator`` for all."""
        result: ListNotebookInstancesOutput = self.call("ListNotebookInstances", params)
        return result

    def create_notebook_instance(
        self, **params: Unpack[CreateNotebookInstanceInput]
    ) -> CreateNotebookInstanceOutput:
        """Creates an instance: it is Pending, then InService."""
        result: CreateNotebookInstanceOutput = self.call("CreateNotebookInstance", params)
        return result

    def update_notebook_instance(self, **params: Unpack[UpdateNotebookInstanceInput]) -> EmptyOutput:
        """Changes the settings of an instance that is Stopped or Failed."""
        result: EmptyOutput = self.call("UpdateNotebookInstance", params)
        return result

    def delete_notebook_instance(self, **params: Unpack[NameInput]) -> EmptyOutput:
        """Deletes an instance that is Stopped or Failed."""
        result: EmptyOutput = self.call("DeleteNotebookInstance", params)
        return result

    def add_tags(self, **params: Unpack[AddTagsInput]) -> AddTagsOutput:
        """Adds tags to a resource; an existing tag gets the new value."""
        result: AddTagsOutput = self.call("AddTags", params)
        return result

    def list_tags(self, **params: Unpack[ListTagsInput]) -> ListTagsOutput:
        """One page of the tags of a resource; use ``get_paginator`` for all."""
        result: ListTagsOutput = self.call("ListTags", params)
        return result

    def delete_tags(self, **params: Unpack[DeleteTagsInput]) -> EmptyOutput:
        """Deletes the tags with these keys."""
        result: EmptyOutput = self.call("DeleteTags", params)
        return result

    if TYPE_CHECKING:

        @overload
        def get_paginator(self, operation_name: Literal["list_notebook_instances"]) -> InstancesPaginator: ...
        @overload
        def get_paginator(self, operation_name: Literal["list_tags"]) -> TagsPaginator: ...

    def get_paginator(self, operation_name: str) -> InstancesPaginator | TagsPaginator:
        """The pages of ``"list_notebook_instances"`` or ``"list_tags"``, like boto's.

        Raises PaginationError for another name.
        """
        from .paging import Paginator, paging_of

        # Any, because one class is the paginator of every operation.
        found: InstancesPaginator | TagsPaginator | Any = Paginator(self.call, paging_of(operation_name))
        return found

    def get_waiter(self, waiter_name: WaiterName) -> Waiter:
        """The waiter of this name: ``"notebook_instance_in_service"``, ``"…_stopped"`` or ``"…_deleted"``.

        Raises ConfigError, a ValueError, for another name.
        """
        from .waiters import goal_of

        return Waiter(self, goal_of(waiter_name))


class Waiter:
    """Polls Describe until the goal is reached; by default 60 polls, 30 s apart."""

    def __init__(self, client: Methods, goal: Goal) -> None:
        self.name: str = goal.name
        self._client = client
        self._goal = goal

    def wait(self, **params: Unpack[WaitInput]) -> None:
        """Returns once the goal is reached.

        ``WaiterConfig`` may hold ``Delay`` (seconds) and ``MaxAttempts`` (polls). Raises WaiterError, and the
        errors of a call except ServiceError.
        """
        from .waiters import waiting

        self._client.drive(waiting(self._goal, params, self._client.steps))


def _awaited(
    method: Callable[Concatenate[Any, Params], Result],
) -> Callable[
    [Callable[..., None]], Callable[Concatenate[AsyncMethods, Params], Coroutine[Any, Any, Result]]
]:
    """A decorator: replaces the definition by the same operation for a client whose ``call`` is awaited."""
    call: Any = method

    async def awaited(self: AsyncMethods, /, *args: Params.args, **params: Params.kwargs) -> Result:
        result: Result = await call(self, *args, **params)
        return result

    awaited.__name__, awaited.__doc__ = method.__name__, method.__doc__
    awaited.__qualname__ = f"Async{method.__qualname__}"
    return lambda _: awaited


class AsyncMethods(Named):
    """The operations of :class:`Methods` for asyncio."""

    if TYPE_CHECKING:

        def call(self, operation: str, params: Mapping[str, object] | None = None) -> Awaitable[Any]: ...

        async def drive(self, steps: Generator[Step, Any, Result]) -> Result: ...

        def steps(
            self, operation: str, params: Mapping[str, object]
        ) -> Generator[Step, Any, dict[str, Any]]: ...

    @_awaited(Methods.create_presigned_notebook_instance_url)
    def create_presigned_notebook_instance_url(self) -> None: ...

    @_awaited(Methods.describe_notebook_instance)
    def describe_notebook_instance(self) -> None: ...

    @_awaited(Methods.start_notebook_instance)
    def start_notebook_instance(self) -> None: ...

    @_awaited(Methods.stop_notebook_instance)
    def stop_notebook_instance(self) -> None: ...

    @_awaited(Methods.list_notebook_instances)
    def list_notebook_instances(self) -> None: ...

    @_awaited(Methods.create_notebook_instance)
    def create_notebook_instance(self) -> None: ...

    @_awaited(Methods.update_notebook_instance)
    def update_notebook_instance(self) -> None: ...

    @_awaited(Methods.delete_notebook_instance)
    def delete_notebook_instance(self) -> None: ...

    @_awaited(Methods.add_tags)
    def add_tags(self) -> None: ...

    @_awaited(Methods.list_tags)
    def list_tags(self) -> None: ...

    @_awaited(Methods.delete_tags)
    def delete_tags(self) -> None: ...

    if TYPE_CHECKING:

        @overload
        def get_paginator(
            self, operation_name: Literal["list_notebook_instances"]
        ) -> AsyncInstancesPaginator: ...
        @overload
        def get_paginator(self, operation_name: Literal["list_tags"]) -> AsyncTagsPaginator: ...

    def get_paginator(self, operation_name: str) -> AsyncInstancesPaginator | AsyncTagsPaginator:
        """The same as :meth:`Methods.get_paginator`; use ``async for`` over its pages."""
        from .paging import AsyncPaginator, paging_of

        # Any, because one class is the paginator of every operation.
        found: AsyncInstancesPaginator | AsyncTagsPaginator | Any = AsyncPaginator(
            self.call, paging_of(operation_name)
        )
        return found

    def get_waiter(self, waiter_name: WaiterName) -> AsyncWaiter:
        """The same as :meth:`Methods.get_waiter`; its ``wait`` is awaited."""
        from .waiters import goal_of

        return AsyncWaiter(self, goal_of(waiter_name))


class AsyncWaiter:
    """:class:`Waiter` for asyncio."""

    def __init__(self, client: AsyncMethods, goal: Goal) -> None:
        self.name: str = goal.name
        self._client = client
        self._goal = goal

    async def wait(self, **params: Unpack[WaitInput]) -> None:
        """The same as :meth:`Waiter.wait`."""
        from .waiters import waiting

        await self._client.drive(waiting(self._goal, params, self._client.steps))
