"""B10: the sizes of Lambda layers with compiled files for one runtime, and of the single file."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sigv4.vendoring.compiled import in_place_of_sources
from sigv4.vendoring.layer import beside_sources, compiled_files, layer_files, layer_zip
from sigv4.vendoring.vendored import single_file

from .row import Row

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = f"python3.{sys.version_info[1]}"


def _signing_layer() -> float:
    files = layer_files(RUNTIME, only="sign")
    return len(layer_zip({**files, **beside_sources(compiled_files(files, RUNTIME))})) / 1000


def _client_layer() -> float:
    """The layer of ``sigv4 layer --with-client --sourceless``."""
    files = compiled_files(layer_files(RUNTIME, client=True), RUNTIME)
    return len(layer_zip(in_place_of_sources(files))) / 1000


def _boto() -> str:
    """A zip of the installed boto3 and botocore, compressed like a wheel."""
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name in ("boto3", "botocore"):
            try:
                files = distribution(name).files or []
            except PackageNotFoundError:
                return "boto is not installed"
            for file in files:
                if file.suffix != ".pyc" and (path := Path(str(file.locate()))).is_file():
                    archive.write(path, str(file))
    return f"boto3 + botocore {len(target.getvalue()) / 1000:.0f} kB"


def shipped() -> Iterator[Row]:
    boto = _boto()
    for what, size, budget in (
        (f"the layer that signs, for {RUNTIME}", _signing_layer(), 170.0),
        ("the layer with the client, sourceless", _client_layer(), 300.0),
        ("the single file", len(single_file()) / 1000, 45.0),
    ):
        yield Row("B10", what, f"{size:.0f} kB", boto, size, budget, unit=" kB")
