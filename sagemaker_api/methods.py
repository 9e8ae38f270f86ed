"""The operations as methods with boto's names, for the client that blocks and the one that is awaited.

``params`` are the operation's own, as keywords. Each raises ParamValidationError, CredentialsError,
ServiceError, TransportError, ProtocolError.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Mapping
    from typing import Any, Protocol, TypeVar

    from .call import Step
    from .model.results import (
        CreatePresignedNotebookInstanceUrlOutput,
        DescribeNotebookInstanceOutput,
        EmptyOutput,
        ListNotebookInstancesOutput,
    )
    from .paging import AsyncPaginator, Paginator
    from .waiters import Goal

    Result = TypeVar("Result")

    class Driver(Protocol):
        def steps(
            self, operation: str, params: Mapping[str, object]
        ) -> Generator[Step, Any, dict[str, Any]]: ...

        def call(self, operation: str, params: Mapping[str, object] | None = None) -> Any: ...

        def drive(self, steps: Generator[Step, Any, Result]) -> Result: ...

    class AsyncDriver(Protocol):
        def steps(
            self, operation: str, params: Mapping[str, object]
        ) -> Generator[Step, Any, dict[str, Any]]: ...

        def call(self, operation: str, params: Mapping[str, object] | None = None) -> Awaitable[Any]: ...

        async def drive(self, steps: Generator[Step, Any, Result]) -> Result: ...


class Named:
    """What boto tells of a client's paginators and waiters."""

    @property
    def waiter_names(self) -> list[str]:
        """The names that ``get_waiter`` takes."""
        from .waiters import GOALS

        return list(GOALS)

    def can_paginate(self, operation_name: str) -> bool:
        """Whether ``get_paginator`` takes this name."""
        from .paging import PAGINGS

        return operation_name in PAGINGS


class Methods(Named):
    """The operations, blocking."""

    def create_presigned_notebook_instance_url(
        self: Driver, **params: object
    ) -> CreatePresignedNotebookInstanceUrlOutput:
        """A URL that opens a notebook instance: ``["AuthorizedUrl"]``, to be opened within five minutes.

        ``NotebookInstanceName`` is required; ``SessionExpirationDurationInSeconds`` is 1800 to 43200 and
        43200 unless given. The URL is a bearer secret.
        """
        url: CreatePresignedNotebookInstanceUrlOutput = self.call(
            "CreatePresignedNotebookInstanceUrl", params
        )
        return url

    def describe_notebook_instance(self: Driver, **params: object) -> DescribeNotebookInstanceOutput:
        """What there is to know of one instance; times are aware datetimes. ``NotebookInstanceName``."""
        described: DescribeNotebookInstanceOutput = self.call("DescribeNotebookInstance", params)
        return described

    def start_notebook_instance(self: Driver, **params: object) -> EmptyOutput:
        """Starts an instance that is Stopped or Failed: it becomes Pending. ``NotebookInstanceName``."""
        started: EmptyOutput = self.call("StartNotebookInstance", params)
        return started

    def stop_notebook_instance(self: Driver, **params: object) -> EmptyOutput:
        """Stops an instance that is InService: it becomes Stopping. ``NotebookInstanceName``."""
        stopping: EmptyOutput = self.call("StopNotebookInstance", params)
        return stopping

    def list_notebook_instances(self: Driver, **params: object) -> ListNotebookInstancesOutput:
        """One page of the account's instances; ``get_paginator`` gives all.

        ``NextToken``, ``MaxResults`` (1 to 100), ``SortBy``, ``SortOrder``, ``NameContains``,
        ``StatusEquals``, ``CreationTimeBefore`` and ``-After``, ``LastModifiedTimeBefore`` and ``-After``
        (datetimes, texts or epoch seconds), ``NotebookInstanceLifecycleConfigNameContains``,
        ``DefaultCodeRepositoryContains``, ``AdditionalCodeRepositoryEquals``.
        """
        page: ListNotebookInstancesOutput = self.call("ListNotebookInstances", params)
        return page

    def get_paginator(self: Driver, operation_name: str) -> Paginator:
        """The pages of ``"list_notebook_instances"``, as boto's. Raises PaginationError for another name."""
        from .paging import Paginator, paging_of

        return Paginator(self.call, paging_of(operation_name))

    def get_waiter(self: Driver, waiter_name: str) -> Waiter:
        """The waiter of this name: ``"notebook_instance_in_service"``, ``"…_stopped"`` or ``"…_deleted"``.

        Raises ConfigError, a ValueError, for another name.
        """
        from .waiters import goal_of

        return Waiter(self, goal_of(waiter_name))


class AsyncMethods(Named):
    """The operations, awaited: as :class:`Methods`."""

    async def create_presigned_notebook_instance_url(
        self: AsyncDriver, **params: object
    ) -> CreatePresignedNotebookInstanceUrlOutput:
        """As :meth:`Methods.create_presigned_notebook_instance_url`."""
        url: CreatePresignedNotebookInstanceUrlOutput = await self.call(
            "CreatePresignedNotebookInstanceUrl", params
        )
        return url

    async def describe_notebook_instance(
        self: AsyncDriver, **params: object
    ) -> DescribeNotebookInstanceOutput:
        """As :meth:`Methods.describe_notebook_instance`."""
        described: DescribeNotebookInstanceOutput = await self.call("DescribeNotebookInstance", params)
        return described

    async def start_notebook_instance(self: AsyncDriver, **params: object) -> EmptyOutput:
        """As :meth:`Methods.start_notebook_instance`."""
        started: EmptyOutput = await self.call("StartNotebookInstance", params)
        return started

    async def stop_notebook_instance(self: AsyncDriver, **params: object) -> EmptyOutput:
        """As :meth:`Methods.stop_notebook_instance`."""
        stopping: EmptyOutput = await self.call("StopNotebookInstance", params)
        return stopping

    async def list_notebook_instances(self: AsyncDriver, **params: object) -> ListNotebookInstancesOutput:
        """As :meth:`Methods.list_notebook_instances`."""
        page: ListNotebookInstancesOutput = await self.call("ListNotebookInstances", params)
        return page

    def get_paginator(self: AsyncDriver, operation_name: str) -> AsyncPaginator:
        """As :meth:`Methods.get_paginator`; its pages are walked over with ``async for``."""
        from .paging import AsyncPaginator, paging_of

        return AsyncPaginator(self.call, paging_of(operation_name))

    def get_waiter(self: AsyncDriver, waiter_name: str) -> AsyncWaiter:
        """As :meth:`Methods.get_waiter`; its ``wait`` is awaited."""
        from .waiters import goal_of

        return AsyncWaiter(self, goal_of(waiter_name))


class Waiter:
    """Polls Describe until the goal is reached, 30 s between two polls and 60 polls unless told otherwise."""

    def __init__(self, client: Driver, goal: Goal) -> None:
        self.name = goal.name
        self._client = client
        self._goal = goal

    def wait(self, **params: object) -> None:
        """Returns once the goal is reached.

        ``NotebookInstanceName`` is required; ``WaiterConfig`` may hold ``Delay`` (seconds) and
        ``MaxAttempts`` (polls). Raises WaiterError, and what a call raises but for ServiceError.
        """
        from .waiters import waiting

        self._client.drive(waiting(self._goal, params, self._client.steps))


class AsyncWaiter:
    """:class:`Waiter` for asyncio."""

    def __init__(self, client: AsyncDriver, goal: Goal) -> None:
        self.name = goal.name
        self._client = client
        self._goal = goal

    async def wait(self, **params: object) -> None:
        """As :meth:`Waiter.wait`."""
        from .waiters import waiting

        await self._client.drive(waiting(self._goal, params, self._client.steps))
