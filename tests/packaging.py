"""What is released, tested as it is released: ``python -m tests.packaging [--whole] [--only 3.13]``.

Builds sdist and wheel, checks their metadata, resolves every extra, and for every Python found installs the
wheel into an environment of its own and runs the tests there: from the unpacked sdist, with the packages in it
replaced by the wheel's. The tests are a selection, or with ``--whole`` all of them.
Then mypy and pyright read ``tests/typing_api.py`` against the installed wheel.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

from tests.pythons import pythons

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sigv4", "sagemaker_api")
SELECTION = [
    "tests/test_vectors.py", "tests/test_architecture.py", "tests/sigv4/test_signer.py",
    "tests/sigv4/test_verifier.py", "tests/sigv4/test_record.py", "tests/sigv4/streaming",
    "tests/sigv4/cli/test_rule.py", "tests/sagemaker_api/test_client.py", "tests/sagemaker_api/local/test_service.py",
]  # fmt: skip
IMPORTED = "import sigv4, sagemaker_api; print(sigv4.__file__); print(sagemaker_api.__file__)"


def run(command: Sequence[str | Path], cwd: Path) -> str:
    """Run to the end, away from the checkout. Raises SystemExit with the output where it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
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


@contextmanager
def step(what: str) -> Iterator[list[str]]:
    """Prints what was done, what was found, and how long it took."""
    found: list[str] = []
    start = time.perf_counter()
    yield found
    sys.stdout.write(f"{what:<44} {time.perf_counter() - start:6.1f} s  {', '.join(found)}\n")
    sys.stdout.flush()


def environment(folder: Path, python: str, *packages: str | Path) -> Path:
    run([python, "-m", "venv", folder], folder.parent)
    inside = folder / "bin" / "python"
    run([inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], folder)
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
    """The unpacked sdist, its packages replaced by those of the wheel."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    for package in PACKAGES:
        shutil.rmtree(unpacked / package)
    with ZipFile(wheel) as archive:
        archive.extractall(unpacked, [name for name in archive.namelist() if name.split("/")[0] in PACKAGES])
    return unpacked


def test(python: str, folder: Path, unpacked: Path, wheel: Path, selection: Sequence[str]) -> str:
    """The last line of pytest. Raises SystemExit where a test fails or the checkout can be imported."""
    inside = environment(folder, python, f"{wheel}[test]")
    for where in run([inside, "-I", "-c", IMPORTED], folder).splitlines():
        if not Path(where).is_relative_to(folder):
            raise SystemExit(f"{inside} imports {where}: expected the installed wheel")
    return run(
        [inside, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection], unpacked
    ).splitlines()[-1]


def check_types(folder: Path, wheel: Path) -> None:
    """mypy and pyright on a user's file, with nothing but the installed wheel to look at."""
    inside = environment(folder / "venv", sys.executable, wheel, "mypy")
    shutil.copy(ROOT / "tests" / "typing_api.py", folder)
    with step("mypy, from outside") as found:
        command = [inside, "-m", "mypy", "--strict", "--warn-unused-ignores", "typing_api.py"]
        found.append(run(command, folder).strip())
    npm = shutil.which("npm")
    if npm is None:
        sys.stdout.write("pyright, from outside: not run, there is no npm\n")
        return
    with step("pyright, from outside") as found:
        run(
            [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder / "node", "pyright"],
            folder,
        )
        (folder / "pyrightconfig.json").write_text(
            '{"include": ["typing_api.py"], "typeCheckingMode": "strict", "enableTypeIgnoreComments": false,'
            ' "reportUnnecessaryTypeIgnoreComment": "error"}'
        )
        pyright = folder / "node" / "node_modules" / ".bin" / "pyright"
        found.append(run([pyright, "--pythonpath", inside], folder).strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.packaging", description=__doc__)
    parser.add_argument("--whole", action="store_true", help="the whole suite on every Python")
    parser.add_argument("--only", metavar="3.N", help="one Python")
    options = parser.parse_args()
    chosen = {version: python for version, python in pythons().items() if options.only in (None, version)}
    if not chosen:
        parser.error(f"no Python {options.only} found: there are {', '.join(pythons())}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        with step("build, twine check --strict") as found:
            # Of its own: what twine requires and what the AWS CLI requires exclude each other.
            tools = environment(folder / "tools", sys.executable, "build", "twine")
            run([tools, "-m", "build", "--outdir", folder / "dist", ROOT], folder)
            (sdist,), (wheel,) = (folder / "dist").glob("*.tar.gz"), (folder / "dist").glob("*.whl")
            run([tools, "-m", "twine", "check", "--strict", sdist, wheel], folder)
            found += [f"{each.name} {each.stat().st_size / 1000:.0f} kB" for each in (sdist, wheel)]
        extras = metadata(wheel).get_all("Provides-Extra", [])
        with step("every extra resolves") as found:
            for extra in set(extras) - {"dev", "interop"}:  # .ci/run installs these two
                run([tools, "-m", "pip", "install", "--dry-run", "--quiet", f"{wheel}[{extra}]"], folder)
            found += extras
        (folder / "tree").mkdir()
        unpacked = tree(folder / "tree", sdist, wheel)
        for version, python in reversed(chosen.items()):
            selection = [] if options.whole else SELECTION
            with step(f"Python {version}, {'a selection' if selection else 'the whole suite'}") as found:
                found.append(test(python, folder / version, unpacked, wheel, selection))
        (folder / "types").mkdir()
        check_types(folder / "types", wheel)


if __name__ == "__main__":
    main()
