"""The operations as methods with boto's names, for the client that is awaited.

Each raises ParamValidationError, CredentialsError, ServiceError, TransportError, ProtocolError.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

from .methods import Named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Mapping
    from typing import Any, Protocol, TypeVar

    from typing_extensions import Unpack

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
    from .paging import AsyncPaginator
    from .waiters import Goal

    Result = TypeVar("Result")

    class AsyncDriver(Protocol):
        def steps(
            self, operation: str, params: Mapping[str, object]
        ) -> Generator[Step, Any, dict[str, Any]]: ...

        def call(self, operation: str, params: Mapping[str, object] | None = None) -> Awaitable[Any]: ...

        async def drive(self, steps: Generator[Step, Any, Result]) -> Result: ...


class AsyncMethods(Named):
    """The operations, awaited: as :class:`Methods`."""

    async def create_presigned_notebook_instance_url(
        self: AsyncDriver, **params: Unpack[CreatePresignedNotebookInstanceUrlInput]
    ) -> CreatePresignedNotebookInstanceUrlOutput:
        """As :meth:`Methods.create_presigned_notebook_instance_url`."""
        result: CreatePresignedNotebookInstanceUrlOutput = await self.call(
            "CreatePresignedNotebookInstanceUrl", params
        )
        return result

    async def describe_notebook_instance(
        self: AsyncDriver, **params: Unpack[NameInput]
    ) -> DescribeNotebookInstanceOutput:
        """As :meth:`Methods.describe_notebook_instance`."""
        result: DescribeNotebookInstanceOutput = await self.call("DescribeNotebookInstance", params)
        return result

    async def start_notebook_instance(self: AsyncDriver, **params: Unpack[NameInput]) -> EmptyOutput:
        """As :meth:`Methods.start_notebook_instance`."""
        result: EmptyOutput = await self.call("StartNotebookInstance", params)
        return result

    async def stop_notebook_instance(self: AsyncDriver, **params: Unpack[NameInput]) -> EmptyOutput:
        """As :meth:`Methods.stop_notebook_instance`."""
        result: EmptyOutput = await self.call("StopNotebookInstance", params)
        return result

    async def list_notebook_instances(
        self: AsyncDriver, **params: Unpack[ListNotebookInstancesInput]
    ) -> ListNotebookInstancesOutput:
        """As :meth:`Methods.list_notebook_instances`."""
        result: ListNotebookInstancesOutput = await self.call("ListNotebookInstances", params)
        return result

    async def create_notebook_instance(
        self: AsyncDriver, **params: Unpack[CreateNotebookInstanceInput]
    ) -> CreateNotebookInstanceOutput:
        """As :meth:`Methods.create_notebook_instance`."""
        result: CreateNotebookInstanceOutput = await self.call("CreateNotebookInstance", params)
        return result

    async def update_notebook_instance(
        self: AsyncDriver, **params: Unpack[UpdateNotebookInstanceInput]
    ) -> EmptyOutput:
        """As :meth:`Methods.update_notebook_instance`."""
        result: EmptyOutput = await self.call("UpdateNotebookInstance", params)
        return result

    async def delete_notebook_instance(self: AsyncDriver, **params: Unpack[NameInput]) -> EmptyOutput:
        """As :meth:`Methods.delete_notebook_instance`."""
        result: EmptyOutput = await self.call("DeleteNotebookInstance", params)
        return result

    async def add_tags(self: AsyncDriver, **params: Unpack[AddTagsInput]) -> AddTagsOutput:
        """As :meth:`Methods.add_tags`."""
        result: AddTagsOutput = await self.call("AddTags", params)
        return result

    async def list_tags(self: AsyncDriver, **params: Unpack[ListTagsInput]) -> ListTagsOutput:
        """As :meth:`Methods.list_tags`."""
        result: ListTagsOutput = await self.call("ListTags", params)
        return result

    async def delete_tags(self: AsyncDriver, **params: Unpack[DeleteTagsInput]) -> EmptyOutput:
        """As :meth:`Methods.delete_tags`."""
        result: EmptyOutput = await self.call("DeleteTags", params)
        return result

    def get_paginator(self: AsyncDriver, operation_name: str) -> AsyncPaginator:
        """As :meth:`Methods.get_paginator`; its pages are walked over with ``async for``."""
        from .paging import AsyncPaginator, paging_of

        return AsyncPaginator(self.call, paging_of(operation_name))

    def get_waiter(self: AsyncDriver, waiter_name: str) -> AsyncWaiter:
        """As :meth:`Methods.get_waiter`; its ``wait`` is awaited."""
        from .waiters import goal_of

        return AsyncWaiter(self, goal_of(waiter_name))


class AsyncWaiter:
    """:class:`Waiter` for asyncio."""

    def __init__(self, client: AsyncDriver, goal: Goal) -> None:
        self.name = goal.name
        self._client = client
        self._goal = goal

    async def wait(self, **params: Unpack[WaitInput]) -> None:
        """As :meth:`Waiter.wait`."""
        from .waiters import waiting

        await self._client.drive(waiting(self._goal, params, self._client.steps))
