"""B10: what is downloaded: the wheel, the Lambda layer with compiled files for one runtime."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sigv4.vendoring.layer import compiled_files, layer_files, layer_zip

from .row import Row

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = f"python3.{sys.version_info[1]}"


def _wheel() -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            folder,
            str(ROOT),
        ]
        subprocess.run(command, check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        return wheel.stat().st_size / 1000


def _layer(client: bool) -> float:
    files = layer_files(RUNTIME, client=client)
    return len(layer_zip({**files, **compiled_files(files, RUNTIME)})) / 1000


def _boto() -> str:
    """boto3 and botocore as they are installed, zipped as a wheel is."""
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
        ("the wheel", _wheel(), 150.0),
        (f"the layer for {RUNTIME}", _layer(client=False), 250.0),
        ("the layer with the client", _layer(client=True), 250.0),
    ):
        yield Row("B10", what, f"{size:.0f} kB", boto, size, budget, unit=" kB")
