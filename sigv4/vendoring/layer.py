"""Builds a Lambda layer: a zip with a folder ``python/``; the same sources give the same bytes.

Source: AWS Lambda Developer Guide, "Working with layers for Python Lambda functions".
"""

from __future__ import annotations

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from . import compiled, distributions
from .licence import LICENCE
from .package_files import SIGNING, VERIFYING, files_of, own_files, reached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FOLDER = "python"
_UNPACKED = "/opt/python"  # where Lambda unpacks the layer
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_CLIENT = ("sagemaker_api/__init__.py", "sagemaker_api/client.py", "sagemaker_api/notebook.py")
# Left out of the compiled files: only someone who looks for a fault asks for explanations, and can wait;
# v4a needs the library cryptography, which takes ten times as long to import as v4a takes to compile;
# few functions send or receive event streams.
_SELDOM_LOADED = (
    "sigv4/__pycache__/explanation.",
    "sigv4/__pycache__/v4a.",
    "sigv4/streaming/__pycache__/event_frames.",
)
PARTS: Mapping[str, tuple[str, ...]] = {"sign": SIGNING, "verify": SIGNING + VERIFYING}


def layer_files(
    runtime: str, *, only: str | None = None, whole: bool = False, client: bool = False, httpx: bool = False
) -> dict[str, bytes]:
    """The sources of a layer for ``runtime`` (``python3.13``), by path under ``python/``.

    ``only`` is ``"sign"`` or ``"verify"`` (signer and verifier). The default is ``"verify"``; with
    ``client``, which adds the SageMaker client and its modules, it is ``"sign"``. ``whole`` adds everything.
    ``httpx`` adds that library and its requirements.

    Raises SigningError, MissingDependency.
    """
    minor = compiled.minor_of(runtime)
    files = {**own_files(), **(files_of("sagemaker_api") if client else {})}
    roots: Iterable[str] = PARTS[only or ("sign" if client else "verify")]
    if client:
        roots = (*roots, *_CLIENT)
    if httpx:
        roots = (*roots, "sigv4/adapters/httpx.py")
    if not whole:
        files = reached(files, roots)
    files["sigv4/LICENSE"] = LICENCE.encode()
    if httpx:
        files.update(distributions.with_requirements("httpx", minor))
    return dict(sorted(files.items()))


def compiled_files(files: Mapping[str, bytes], runtime: str) -> dict[str, bytes]:
    """The compiled files of ``files`` for ``runtime``. Raises SigningError."""
    return compiled.compiled(files, compiled.interpreter(runtime), _UNPACKED)


def beside_sources(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The compiled ``files`` that a layer with sources contains: none of modules that are seldom loaded."""
    return {path: content for path, content in files.items() if not path.startswith(_SELDOM_LOADED)}


def layer_zip(files: Mapping[str, bytes]) -> bytes:
    """The zip of a layer with ``files``; times, order and modes are fixed, so that its bytes are, too."""
    target = io.BytesIO()
    with ZipFile(target, "w") as archive:
        for path in sorted(files):
            entry = ZipInfo(f"{_FOLDER}/{path}", _EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3  # Unix: Lambda reads the modes below
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[path], compresslevel=9)
    return target.getvalue()
