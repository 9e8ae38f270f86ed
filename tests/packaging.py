"""Tests the released packages: ``python -m tests.packaging [--whole] [--only 3.13]``.

Builds sdist and wheel, checks their metadata, and resolves every extra. For every Python found it installs the wheel
into a new environment and runs the tests there: from the unpacked sdist, with its packages replaced by those of the
wheel. The tests are a selection, or all tests with ``--whole``.
Then mypy and pyright read ``tests/typing_api.py`` against the installed wheel, and pyright says whether each
public name of the two packages has its type.

Two steps run at once, because most of the time is spent waiting for the package index. Each prints one line at its end.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import Message
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from tests.interop import node
from tests.pythons import bare_environment, pip_for, pythons

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sigv4", "sagemaker_api")
SUPPORTED = ("3.10", "3.11", "3.12", "3.13", "3.14")
SELECTION = [
    "tests/test_vectors.py", "tests/test_architecture.py", "tests/sigv4/test_signer.py",
    "tests/sigv4/test_signer_bodies.py", "tests/sigv4/test_signer_headers.py", "tests/sigv4/test_signer_targets.py",
    "tests/sigv4/test_verifier.py", "tests/sigv4/test_verifier_authorization.py",
    "tests/sigv4/test_verifier_times.py", "tests/sigv4/test_verifier_signatures.py",
    "tests/sigv4/test_verifier_order.py", "tests/sigv4/test_verifier_strict.py",
    "tests/sigv4/test_record.py", "tests/sigv4/streaming",
    "tests/sigv4/cli/test_rule.py", "tests/sagemaker_api/test_client.py",
    "tests/sagemaker_api/test_client_transport.py", "tests/sagemaker_api/test_loading.py",
    "tests/sagemaker_api/local/test_service.py", "tests/sagemaker_api/local/test_service_refusals.py",
]  # fmt: skip
# The extras whose libraries the packages import.
ALL_LIBRARIES = ("aiohttp", "httpx", "local", "query", "redis", "requests", "sigv4a", "test")
IMPORTED = "import sigv4, sagemaker_api; print(sigv4.__file__); print(sagemaker_api.__file__)"


def run(command: Sequence[str | Path], cwd: Path, first: Path | None = None) -> str:
    """Runs a command outside the checkout and waits for it; the folder ``first`` is first on the PATH.

    Raises SystemExit with the output if it fails.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    if first:
        environment["PATH"] = f"{first}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def step(what: str, job: Callable[[], list[str]]) -> None:
    """Does one job, and prints what was found and how long it took."""
    start = time.perf_counter()  # only printed
    found = job()
    sys.stdout.write(f"{what:<44} {time.perf_counter() - start:6.1f} s  {', '.join(found)}\n")
    sys.stdout.flush()


def environment(folder: Path, python: str, *packages: str | Path) -> Path:
    """A virtual environment without pip; this Python's pip installs ``packages`` into it."""
    inside = bare_environment(folder, python)
    run([*pip_for(inside), *packages], folder)
    return inside


def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (name,) = [each for each in names if each.endswith(".dist-info/METADATA")]
        expected = [
            *(f"{package}/py.typed" for package in PACKAGES),
            name.replace("METADATA", "licenses/LICENSE"),
        ]
        missing = [each for each in expected if each not in names]
        foreign = [each for each in names if each.split("/")[0] not in PACKAGES and ".dist-info/" not in each]
        if missing or foreign:
            raise SystemExit(f"the wheel lacks {missing} and has {foreign}")
        found = message_from_bytes(archive.read(name))
    empty = [
        field
        for field in (
            "Name",
            "Version",
            "Summary",
            "License-Expression",
            "Keywords",
            "Requires-Python",
            "Classifier",
        )
        if not found[field]
    ]
    if empty or any("extra ==" not in line for line in found.get_all("Requires-Dist", [])):
        raise SystemExit(f"the metadata lacks {empty}, or requires something without an extra")
    return found


def tree(folder: Path, sdist: Path, wheel: Path) -> Path:
    """The unpacked sdist, with its packages replaced by those of the wheel."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    for package in PACKAGES:
        shutil.rmtree(unpacked / package)
    with ZipFile(wheel) as archive:
        archive.extractall(unpacked, [name for name in archive.namelist() if name.split("/")[0] in PACKAGES])
    return unpacked


def test(python: str, folder: Path, unpacked: Path, wheel: Path, selection: Sequence[str]) -> list[str]:
    """The last line of pytest. Raises SystemExit if a test fails or the checkout can be imported."""
    inside = environment(folder, python, f"{wheel}[test]")
    for where in run([inside, "-I", "-c", IMPORTED], folder).splitlines():
        if not Path(where).is_relative_to(folder):
            raise SystemExit(f"{inside} imports {where}: expected the installed wheel")
    return run(
        [inside, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection], unpacked
    ).splitlines()[-1:]


def build(folder: Path) -> tuple[Path, Path]:
    """The sdist and the wheel that is built from it, checked by twine."""
    # In a separate environment, because twine and the AWS CLI require different versions of a package.
    tools = environment(folder / "tools", sys.executable, "build", "hatchling", "twine")
    run([tools, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ROOT], folder)
    (sdist,), (wheel,) = (folder / "dist").glob("*.tar.gz"), (folder / "dist").glob("*.whl")
    run([tools, "-m", "twine", "check", "--strict", sdist, wheel], folder)
    return sdist, wheel


def resolve(folder: Path, wheel: Path, extra: str) -> list[str]:
    """The number of packages that pip would install for an extra. Raises SystemExit if none fit together."""
    report = folder / f"{extra}.json"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--dry-run", "--ignore-installed", "--report", report, f"{wheel}[{extra}]"], folder)
    return [f"{len(json.loads(report.read_text('utf-8'))['install']) - 1} packages"]


def check_types(folder: Path, wheel: Path) -> list[tuple[str, Callable[[], list[str]]]]:
    """Runs mypy and pyright on a user's file, with only the wheel and its requirements installed."""
    inside = environment(folder / "venv", sys.executable, "--no-deps", wheel)
    shutil.copy(ROOT / "tests" / "typing_api.py", folder)
    (folder / "pyrightconfig.json").write_text(
        '{"include": ["typing_api.py"], "typeCheckingMode": "strict", "enableTypeIgnoreComments": false,'
        ' "reportUnnecessaryTypeIgnoreComment": "error"}'
    )
    pyright = node.modules() / ".bin" / "pyright"

    def mypy() -> list[str]:
        command = [sys.executable, "-m", "mypy", "--python-executable", str(inside), "--strict"]
        return [run([*command, "--warn-unused-ignores", "typing_api.py"], folder).strip()]

    def pyright_reads() -> list[str]:
        return run([str(pyright), "--pythonpath", str(inside)], folder).strip().splitlines()[-1:]

    def every_type_is_known() -> list[str]:
        # Other libraries are installed as well, because some public names derive from their classes. This command of
        # pyright has no --pythonpath: it uses the first Python on the PATH.
        whole = environment(folder / "whole", sys.executable, f"{wheel}[{','.join(ALL_LIBRARIES)}]")
        commands = [[str(pyright), "--ignoreexternal", "--verifytypes", package] for package in PACKAGES]
        printed = [run(command, folder, whole.parent) for command in commands]
        return [line.strip() for text in printed for line in text.splitlines() if "completeness" in line]

    steps = [("mypy, from outside", mypy)]
    if not pyright.exists():
        sys.stdout.write("not run here: pyright (the npm package is not installed, see .ci/run)\n")
        return steps
    return [
        *steps,
        ("pyright, from outside", pyright_reads),
        ("pyright --verifytypes", every_type_is_known),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.packaging", description=__doc__)
    parser.add_argument("--whole", action="store_true", help="the whole suite on every Python")
    parser.add_argument("--only", metavar="3.N", help="one Python")
    options = parser.parse_args()
    chosen = {version: python for version, python in pythons().items() if options.only in (None, version)}
    if not chosen:
        parser.error(f"no Python {options.only} found: there are {', '.join(pythons())}")
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name).resolve()
        files: list[Path] = []

        def built() -> list[str]:
            files.extend(build(folder))
            return [f"{each.name} {each.stat().st_size / 1000:.0f} kB" for each in files]

        step("build, twine check --strict", built)
        sdist, wheel = files
        extras = metadata(wheel).get_all("Provides-Extra", [])
        for each in ("tree", "types", "extras"):
            (folder / each).mkdir()
        unpacked = tree(folder / "tree", sdist, wheel)
        selection = [] if options.whole else SELECTION
        steps: list[tuple[str, Callable[[], list[str]]]] = []
        for version, python in reversed(chosen.items()):
            what = f"Python {version}, {'a selection' if selection else 'the whole suite'}"
            steps.append((what, partial(test, python, folder / version, unpacked, wheel, selection)))
        steps += [
            (f"the extra {extra} resolves", partial(resolve, folder / "extras", wheel, extra))
            for extra in sorted({*extras} - {"dev", "interop"})  # .ci/run installs these two
        ]
        steps += check_types(folder / "types", wheel)
        for done in [pool.submit(step, *each) for each in steps]:
            done.result()
    missing = [f"Python {version}" for version in SUPPORTED if version not in pythons()]
    sys.stdout.write(f"not run here: {', '.join([*missing, 'free-threaded builds'])}\n")


if __name__ == "__main__":
    main()
