"""Copies of the package under another name, in each form."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sigv4.vendoring.vendored import folder_files, single_file


@cache
def written(form: str) -> dict[str, bytes]:
    """The files of a copy, made once for all tests that only read them."""
    return {".": single_file()} if form == "single" else folder_files({"whole": "all"}.get(form, form))


def copied(folder: Path, form: str) -> Path:
    target = folder / ("signing.py" if form == "single" else "signing")
    for path, text in written(form).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(text)
    return target
