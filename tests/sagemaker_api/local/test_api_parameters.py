"""The bounds of every parameter of every operation: a value at the bound is accepted, one beyond it is refused.

The bounds are those of the SageMaker API Reference. tests/interop/test_notebook_settings.py compares them with the
service model.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sagemaker_api.local.api import OPERATIONS
from sagemaker_api.local.api_parameters import TAG_KEY, TAG_VALUE, Parameter

# The lowest and highest number, length of a text, or number of items; "NAME[]" is an item of a list.
BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "NotebookInstanceName": (None, 63),
    "SessionExpirationDurationInSeconds": (1800, 43200),
    "RoleArn": (20, 2048),
    "LifecycleConfigName": (None, 63),
    "VolumeSizeInGB": (5, 16384),
    "DefaultCodeRepository": (1, 1024),
    "AdditionalCodeRepositories": (None, 3),
    "AdditionalCodeRepositories[]": (1, 1024),
    "PlatformIdentifier": (None, 20),
    "MinimumInstanceMetadataServiceVersion": (None, 1),
    "SubnetId": (None, 32),
    "SecurityGroupIds": (None, 5),
    "SecurityGroupIds[]": (None, 32),
    "KmsKeyId": (None, 2048),
    "Tags": (None, 50),
    "TagKeys": (1, 50),
    "TagKeys[]": (1, 128),
    "ResourceArn": (None, 256),
    "NextToken": (None, 8192),
    "NameContains": (None, 63),
    "NotebookInstanceLifecycleConfigNameContains": (None, 63),
    "DefaultCodeRepositoryContains": (None, 1024),
    "AdditionalCodeRepositoryEquals": (1, 1024),
}
MAX_RESULTS = {"ListNotebookInstances": (1, 100), "ListTags": (50, None)}


def bounded() -> Iterator[tuple[str, str, Parameter]]:
    for operation, described in OPERATIONS.items():
        for parameter in described.parameters:
            yield operation, parameter.name, parameter
            if parameter.item is not None:
                member = f"{parameter.name}[]" if parameter.kind == "texts" else parameter.item.name
                yield operation, member, parameter.item


def test_every_bound_of_every_operation() -> None:
    found: dict[str, tuple[int | None, int | None]] = {}
    for operation, name, parameter in bounded():
        bounds = parameter.least, parameter.greatest
        if name == "MaxResults":
            assert bounds == MAX_RESULTS[operation]
        elif bounds != (None, None):
            assert found.setdefault(name, bounds) == bounds
    assert found == BOUNDS
    assert (TAG_KEY.least, TAG_KEY.greatest) == (1, 128)
    assert (TAG_VALUE.least, TAG_VALUE.greatest) == (None, 256)


@pytest.mark.parametrize("kind", ["number", "text", "texts", "tags"])
@pytest.mark.parametrize(("least", "greatest"), [(3, 5), (None, 5), (3, None), (1, 1)])
def test_the_value_at_a_bound_is_allowed(kind: str, least: int | None, greatest: int | None) -> None:
    parameter = Parameter("Given", kind, least=least, greatest=greatest)
    for size in range(1, 9):
        value = {"number": size, "text": "x" * size, "texts": ("x",) * size, "tags": (("k", "v"),) * size}[
            kind
        ]
        low, high = least is not None and size < least, greatest is not None and size > greatest
        faults = list(parameter.faults(value))
        assert len(faults) == low + high, (size, faults)
        said = "value" if kind == "number" else "length"
        if low:
            assert faults[0].endswith(f"Member must have {said} greater than or equal to {least}")
        if high:
            assert faults[0].endswith(f"Member must have {said} less than or equal to {greatest}")
