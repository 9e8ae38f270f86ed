"""Create, Update and the tag operations check the constraints in botocore's model of the API."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_api.local.api import OPERATIONS
from sagemaker_api.local.api_parameters import Parameter

loaders = pytest.importorskip("botocore.loaders", reason="botocore is not installed (extra `interop`)")

pytestmark = pytest.mark.interop

SHAPES: dict[str, Any] = loaders.Loader().load_service_model("sagemaker", "service-2")["shapes"]
_KINDS = {
    "string": "text",
    "integer": "number",
    "boolean": "flag",
    "timestamp": "moment",
    "structure": "group",
}


def said_by_the_model(shape: dict[str, Any]) -> tuple[Any, ...]:
    """The kind, bounds, pattern and values of a shape in the model. A lower bound of 0 for a length is left out."""
    least = shape.get("min") or None
    pattern = shape.get("pattern", "").removeprefix("^").removesuffix("$")
    return least, shape.get("max"), pattern, tuple(shape.get("enum", ()))


def said_here(parameter: Parameter) -> tuple[Any, ...]:
    pattern = parameter.pattern.removeprefix("^").removesuffix("$")
    return parameter.least or None, parameter.greatest, pattern, parameter.values


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_the_parameters_are_those_of_the_service_model(operation: str) -> None:
    model = SHAPES[f"{operation}Input"]
    ours = {parameter.name: parameter for parameter in OPERATIONS[operation].parameters}
    assert set(ours) == set(model["members"])
    for name, member in model["members"].items():
        shape, parameter = SHAPES[member["shape"]], ours[name]
        assert parameter.required == (name in model.get("required", ())), name
        assert said_here(parameter) == said_by_the_model(shape), name
        if shape["type"] == "list":
            item = SHAPES[shape["member"]["shape"]]
            if item["type"] == "structure":
                assert parameter.kind == "tags", name
                continue
            assert parameter.kind == "texts", name
            assert parameter.item is not None, name
            assert said_here(parameter.item) == said_by_the_model(item), name
        else:
            assert parameter.kind == _KINDS[shape["type"]], name
        if shape["type"] == "structure":
            ((inner, target),) = shape["members"].items()
            assert parameter.item is not None, name
            assert (parameter.item.name, parameter.item.required) == (inner, inner in shape["required"]), name
            assert said_here(parameter.item) == said_by_the_model(SHAPES[target["shape"]]), name
