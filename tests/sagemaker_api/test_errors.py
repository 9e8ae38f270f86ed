"""The errors of the client can be copied and pickled, as between the processes of a pool."""

from __future__ import annotations

import pytest

from sagemaker_api.errors import (
    MODELED_ERRORS,
    ClientError,
    NotebookError,
    PaginationError,
    ParamValidationError,
    ProtocolError,
    SageMakerError,
    ServiceError,
    TransportError,
    WaiterError,
)
from tests.error_copies import assert_copies_are_equal, classes_below

METADATA = {"HTTPStatusCode": 400, "RequestId": "id", "RetryAttempts": 1, "HTTPHeaders": {"a": "b"}}
SERVICE_ERRORS: list[type[ServiceError]] = [ServiceError, *MODELED_ERRORS.values()]
EACH = [
    SageMakerError("text"),
    ClientError("text"),
    ParamValidationError("a\nb"),
    TransportError("tls", "https://h/", "text"),
    ProtocolError("text"),
    PaginationError("text"),
    WaiterError("Name", "text", {"Status": "Failed"}),
    NotebookError("name", "Failed", "text"),
    *(kind("Operation", "Code", "text", METADATA) for kind in SERVICE_ERRORS),
]


@pytest.mark.parametrize("error", EACH, ids=lambda error: type(error).__name__)
def test_an_error_can_be_copied_and_pickled(error: SageMakerError) -> None:
    assert_copies_are_equal(error)


def test_every_error_of_the_tree_is_tested_here() -> None:
    ours = {kind for kind in classes_below(SageMakerError) if kind.__module__ == "sagemaker_api.errors"}
    assert ours == {*map(type, EACH)}
