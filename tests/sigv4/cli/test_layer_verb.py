"""``sigv4 layer``: which modules its flags choose, which files the zip holds, and what is printed of them."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from sigv4.cli import main
from sigv4.vendoring import layer

SOURCES = {
    "sigv4/__init__.py": b"x" * 100,
    "sigv4/explanation.py": b"",
    "sigv4/LICENSE": b"y" * 50,
    "six.py": b"",
    "httpx/__init__.py": b"",
}
COMPILED = {
    "sigv4/__pycache__/__init__.cpython.pyc": b"z" * 1049,
    "sigv4/__pycache__/explanation.cpython.pyc": b"",
    "__pycache__/six.cpython.pyc": b"",
}
NO_COMPILED = "  httpx                        sources   1 files 0.0 kB     compiled   0 files 0.0 kB"
DEFAULTS = {"only": None, "whole": False, "client": False, "httpx": False}


@pytest.mark.parametrize(
    ("flags", "chosen"),
    [
        ("", {}),
        ("--only sign", {"only": "sign"}),
        ("--only verify --with-client", {"only": "verify", "client": True}),
        ("--whole", {"whole": True}),
        ("--with-httpx --runtime python3.99", {"httpx": True}),
    ],
)
@pytest.mark.parametrize("form", ["", "--no-compile", "--sourceless"])
def test_what_is_built(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    flags: str,
    chosen: dict[str, Any],
    form: str,
) -> None:
    runtime = "python3.99" if "python3.99" in flags else f"python3.{sys.version_info[1]}"
    asked: list[tuple[str, dict[str, Any]]] = []

    def files(runtime: str, **options: Any) -> dict[str, bytes]:
        asked.append((runtime, options))
        return SOURCES

    def compiled_files(sources: dict[str, bytes], for_runtime: str) -> dict[str, bytes]:
        assert (sources, for_runtime) == (SOURCES, runtime)
        return COMPILED

    monkeypatch.setattr(layer, "layer_files", files)
    monkeypatch.setattr(layer, "compiled_files", compiled_files)
    target = tmp_path / "layer.zip"
    assert main(["layer", "-o", str(target), *flags.split(), *form.split()]) == 0
    assert asked == [(runtime, DEFAULTS | chosen)]
    with ZipFile(target) as archive:
        held = sorted(name.removeprefix("python/") for name in archive.namelist())
    first, *lines, last = capsys.readouterr().out.splitlines()
    content = target.read_bytes()
    assert first == f"{target}: {len(content) / 1000:.1f} kB, sha256 {sha256(content).hexdigest()}"
    assert lines[0] == NO_COMPILED
    sources = "  sigv4                        sources   3 files 0.1 kB     compiled "
    if form == "--no-compile":
        assert held == sorted(SOURCES)
        assert lines[1:] == [f"{sources}  0 files 0.0 kB"]
        assert last.startswith("  nothing compiled: ")
    elif form == "--sourceless":
        assert held == ["sigv4/LICENSE", "sigv4/__init__.pyc", "sigv4/explanation.pyc", "six.pyc"]
        assert lines[1:] == [f"{sources}  2 files 1.0 kB"]
        assert last.startswith(f"  the sources are left out: it runs only on {runtime}, ")
    else:
        assert held == sorted([*SOURCES, *(name for name in COMPILED if "explanation" not in name)])
        assert lines[1:] == [f"{sources}  1 files 1.0 kB"]
        assert last.startswith(f"  compiled for {runtime} only; ")
