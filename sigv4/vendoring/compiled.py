"""Makes compiled files for a version of Python, with an interpreter of that version."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST = 10
_PROGRAM = Path(__file__).with_name("compile_files.py")


def minor_of(runtime: str) -> int:
    """The minor version in the name of a Lambda runtime: 13 for ``python3.13``. Raises SigningError."""
    start, _, minor = runtime.partition(".")
    two_digits = len(minor) == 2 and minor.isascii() and minor.isdigit()
    if start != "python3" or not two_digits or int(minor) < OLDEST:
        raise SigningError(
            f"the runtime is {runtime[:60]!r}: expected python3.{OLDEST} or newer, a runtime of Lambda"
        )
    return int(minor)


def interpreter(runtime: str) -> str:
    """The interpreter of ``runtime``: this one, or one on the PATH. Raises SigningError."""
    minor = minor_of(runtime)
    if (sys.implementation.name, *sys.version_info[:2]) == ("cpython", 3, minor):
        return sys.executable
    found = [path for folder in os.get_exec_path() if (path := which(runtime, path=folder))]
    for path in found:  # the first may be a launcher that does not start this version
        if _version(path) == f"cpython 3.{minor}":
            return path
    missing = f"{', '.join(found)} does not start CPython 3.{minor}" if found else "it is not on the PATH"
    raise SigningError(
        f"{runtime} must compile the files, and {missing}: install it, run this command with "
        "it, or give --no-compile for a layer of sources only, which starts more slowly"
    )


def _version(python: str) -> str:
    """``cpython 3.13``, or the output of a broken launcher."""
    show = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-I", "-S", "-c", show], capture_output=True, text=True, check=False)  # noqa: S603 (no shell)
    return done.stdout.strip()


def compiled(files: Mapping[str, bytes], python: str, shown: str) -> dict[str, bytes]:
    """The compiled file of every ``.py`` among ``files``, by its path in ``__pycache__``.

    Tracebacks show the sources in the folder ``shown``. A separate process with a fixed hash seed compiles
    them, because the state of this process would change the order of constants in the compiled file. Raises
    SigningError if the interpreter refuses a source, and OSError.
    """
    sources = {path: content for path, content in files.items() if path.endswith(".py")}
    others = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for path, content in sources.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        except OSError as error:  # of a full disk it names no file
            raise OSError(error.errno, error.strerror, folder) from error
        done = subprocess.run(  # noqa: S603 (the interpreter found above)
            [python, "-s", "-S", "-X", "no_debug_ranges", str(_PROGRAM), folder, shown],
            input="\n".join(sources),
            env={**others, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = done.stderr.strip().rpartition("\n")[2]
            raise SigningError(f"{python} cannot compile these files: {last}")
        return {path: Path(folder, path).read_bytes() for path in done.stdout.splitlines()}


def in_place_of_sources(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The compiled ``files``, renamed so that Python imports them without their sources (PEP 3147)."""
    found = {}
    for path, content in files.items():
        folder, _, name = path.partition("__pycache__/")
        found[f"{folder}{name.partition('.')[0]}.pyc"] = content
    return found
