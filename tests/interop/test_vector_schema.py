"""The validator ``jsonschema`` finds that the files of vectors match their JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vectors import FOLDER

pytestmark = pytest.mark.interop

SCHEMA = json.loads((FOLDER / "meta" / "schema.json").read_text("utf-8"))


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_a_file_of_vectors_is_as_its_schema_says(file: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (extra `interop`)")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    document = json.loads(file.read_text("utf-8"))
    assert [error.message[:300] for error in validator.iter_errors(document)] == []


def test_a_vector_that_lacks_a_member_or_has_two_kinds_is_found() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (extra `interop`)")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    document = json.loads((FOLDER / "signing.json").read_text("utf-8"))
    vector = document["vectors"][0]
    for broken in (
        {**vector, "flags": ["published", "agreed"]},
        {**vector, "id": "lower"},
        {**vector, "input": {**vector["input"], "at": "2015"}},
        {**vector, "expect": {}},
        {name: value for name, value in vector.items() if name != "source"},
    ):
        assert list(validator.iter_errors({"schema": 1, "vectors": [broken]}))
