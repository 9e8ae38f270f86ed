"""The ``__init__.py`` of a copy: it names what the copy has, whatever made the copy."""

from __future__ import annotations

import re

import pytest

from sigv4.vendoring.face import face_of
from sigv4.vendoring.package_files import OWN, own_files

FILES = own_files()
SOURCE = FILES[f"{OWN}/__init__.py"]
SOME = [
    {f"{OWN}/signer.py"},
    {f"{OWN}/signer.py", f"{OWN}/adapters/urllib.py", f"{OWN}/adapters/__init__.py"},
    {f"{OWN}/verifier.py", f"{OWN}/providers/chain.py"},
]


@pytest.mark.parametrize("files", SOME, ids=len)
def test_a_copy_of_a_copy_has_the_same_face(files: set[str]) -> None:
    whole = face_of(SOURCE, FILES)
    assert whole != SOURCE
    assert face_of(whole, files) == face_of(SOURCE, files)


@pytest.mark.parametrize("files", SOME, ids=len)
def test_the_docstring_names_no_module_that_is_not_there(files: set[str]) -> None:
    text = face_of(SOURCE, files).decode()
    named = re.findall(r"``\.([\w.]+)``", text.partition('"""\n')[0])
    places = [re.sub(r"\.[a-z_]+$", "", name) for name in named]
    there = {file.removeprefix(f"{OWN}/").removesuffix(".py").replace("/", ".") for file in files}
    there |= {each.removesuffix(".__init__") for each in there}
    assert [
        name for name, place in zip(named, places, strict=True) if name not in there and place not in there
    ] == []
