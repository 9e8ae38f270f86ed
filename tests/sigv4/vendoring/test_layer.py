"""``sigv4 layer``: the same zip in every build, complete without this checkout, with the right runtime."""

from __future__ import annotations

import inspect
import io
import marshal
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, PathDistribution
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from sigv4.cli import main
from sigv4.errors import MissingDependency, SigningError
from sigv4.vendoring import distributions, layer
from sigv4.vendoring.compile_files import compiled
from sigv4.vendoring.compiled import interpreter
from sigv4.vendoring.package_files import own_files, reached

pytestmark = pytest.mark.slow  # .ci/run runs these, since they take some seconds

ROOT = Path(__file__).parents[3]
RUNTIME = f"python3.{sys.version_info[1]}"


def build(folder: Path, *flags: str) -> Path:
    target = folder / "layer.zip"
    assert main(["layer", "-o", str(target), *flags]) == 0
    return target


@pytest.mark.slow
def test_a_layer_is_the_same_to_the_byte_whenever_it_is_built(tmp_path: Path) -> None:
    zips = []
    for seed, mask in (("1", 0o022), ("2", 0o077)):
        target = tmp_path / f"{seed}.zip"
        command = [sys.executable, "-m", "sigv4", "layer", "-o", str(target), "--with-client"]
        environment = {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(ROOT),
            "TZ": f"X{seed}",
            "SOURCE_DATE_EPOCH": "1",
        }
        subprocess.run(command, env=environment, check=True, umask=mask, timeout=120, cwd=tmp_path)
        zips.append(target.read_bytes())
    assert zips[0] == zips[1]


def test_entries_are_sorted_readable_by_all_and_without_a_date(tmp_path: Path) -> None:
    with ZipFile(build(tmp_path)) as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(names)
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [name for name in names if not name.startswith("python/")] == []
    assert "python/sigv4/LICENSE" in names


def test_every_source_has_its_compiled_file_and_the_source_is_never_looked_at(tmp_path: Path) -> None:
    tag = sys.implementation.cache_tag
    with ZipFile(build(tmp_path)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sources = [name for name in files if name.endswith(".py")]
    # These modules are seldom loaded, and have no compiled files.
    for name in ("explanation", "v4a", "streaming/event_frames"):
        sources.remove(f"python/sigv4/{name}.py")
        stem = name.rpartition("/")[2]
        assert not [each for each in files if f"__pycache__/{stem}." in each]
    for name in sources:
        start, _, stem = name[:-3].rpartition("/")
        flags = files[f"{start}/__pycache__/{stem}.{tag}.pyc"][4:8]
        assert int.from_bytes(flags, "little") == 0b01  # PEP 552: an unchecked hash


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param([], id="as it is"),
        pytest.param(["--only", "sign"], id="sign"),
        pytest.param(["--whole"], id="whole", marks=pytest.mark.slow),
        pytest.param(["--with-client"], id="client", marks=pytest.mark.slow),
    ],
)
def test_a_layer_imports_nothing_that_it_does_not_hold(flags: list[str], tmp_path: Path) -> None:
    target = build(tmp_path, *flags)
    program = """
import pkgutil, sys
sys.path.insert(0, sys.argv[1])
import sigv4
keys = sigv4.Credentials("A", "b")
signer = sigv4.Signer("iam", "us-east-1", keys)
headers = signer.sign("GET", "https://h.example/")
signer.explain("GET", "https://h.example/").text()
signer.presign("GET", "https://h.example/", expires=9)
if sys.argv[2] not in ("--only", "--with-client"):
    sigv4.Verifier("iam", "us-east-1", lambda claim: keys).verify("GET", "/", headers)
if sys.argv[2] == "--with-client":
    import sagemaker_api
    for name in sagemaker_api.__all__:
        if "Httpx" not in name:
            getattr(sagemaker_api, name)
    client = sagemaker_api.SageMaker("us-east-1", endpoint_url="http://127.0.0.1:9", deadline=1)
    try:
        client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
    except sagemaker_api.SageMakerError as error:
        assert "127.0.0.1:9" in str(error), error
assert all(m.__file__.startswith(sys.argv[1]) for n, m in sys.modules.items() if n.startswith(("sigv4", "sagemaker")))
"""
    with ZipFile(target) as archive:
        archive.extractall(tmp_path / "opt")
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path / "opt" / "python"), *(flags or [""])]
    keys = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b", "AWS_CONFIG_FILE": os.devnull}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=keys, check=False)
    assert done.returncode == 0, done.stderr


def test_the_modules_of_a_layer_follow_from_their_imports() -> None:
    found = reached(own_files(), layer.PARTS["sign"])
    assert {"sigv4/signer.py", "sigv4/v4a.py", "sigv4/streaming/upload.py", "sigv4/py.typed"} <= found.keys()
    assert not {
        path for path in found if path.startswith(("sigv4/cli", "sigv4/environment", "sigv4/verifier"))
    }


@pytest.mark.slow
def test_httpx_comes_with_all_it_requires_and_their_licences(tmp_path: Path) -> None:
    target = build(tmp_path, "--with-client", "--with-httpx")
    with ZipFile(target) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "opt")
    for package in ("httpx", "httpcore", "h11", "anyio", "certifi", "idna"):
        assert f"python/{package}/__init__.py" in names
        mine = [name for name in names if name.startswith(f"python/{package}-")]
        assert any(name.endswith("/METADATA") for name in mine)
        assert any("LICENSE" in name for name in mine), package
    assert not [name for name in names if ".." in name or name.endswith("/RECORD") or "/bin/" in name]
    program = "import sys; sys.path.insert(0, sys.argv[1]); import httpx, sigv4.adapters.httpx as a; print(httpx.__file__)"
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path / "opt" / "python")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(str(tmp_path))


def distribution(folder: Path, name: str, requires: str, *files: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
    listed = [*files, f"{info.name}/METADATA", f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in listed))
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def find(name: str) -> PathDistribution:
        path = tmp_path / f"{name}-1.0.dist-info"
        if not path.is_dir():
            raise PackageNotFoundError(name)
        return PathDistribution(path)

    monkeypatch.setattr(distributions, "distribution", find)
    return tmp_path


def test_a_compiled_extension_is_refused_by_name(installed: Path) -> None:
    distribution(installed, "top", "Requires-Dist: fast>=1\n", "top/__init__.py")
    distribution(installed, "fast", "", "fast/_speedups.cpython-311-x86_64-linux-gnu.so")
    with pytest.raises(SigningError, match=r"fast 1.0 holds the compiled extension fast/_speedups"):
        distributions.with_requirements("top", 13)


def test_requirements_depend_on_the_extra_and_the_version_of_the_runtime(installed: Path) -> None:
    conditions = 'Requires-Dist: old[x]<9; python_version < "3.11"\nRequires-Dist: more; extra == "all"\n'
    distribution(installed, "top", conditions, "top/__init__.py", "../../bin/top")
    distribution(installed, "old", "", "old.py")
    assert "old.py" in distributions.with_requirements("top", 10)
    assert set(distributions.with_requirements("top", 11)) == {
        "top/__init__.py",
        "top-1.0.dist-info/METADATA",
    }


def test_a_requirement_that_is_absent_or_not_understood_is_named(installed: Path) -> None:
    distribution(installed, "top", "Requires-Dist: absent\n")
    distribution(installed, "odd", 'Requires-Dist: x; os_name == "nt"\n')
    with pytest.raises(MissingDependency, match="absent"):
        distributions.with_requirements("top", 13)
    with pytest.raises(SigningError, match="os_name"):
        distributions.with_requirements("odd", 13)


def test_a_runtime_without_its_python_is_refused_with_the_alternatives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "python3.99"
    launcher = tmp_path / other
    launcher.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    launcher.chmod(0o755)
    for path in (tmp_path, tmp_path / "nothing"):
        monkeypatch.setenv("PATH", str(path))
        with pytest.raises(SigningError, match="--no-compile"):
            interpreter(other)
    assert interpreter(RUNTIME) == sys.executable
    target = tmp_path / "layer.zip"
    assert main(["layer", "-o", str(target), "--runtime", other]) == 2
    assert not target.exists()
    assert main(["layer", "-o", str(target), "--runtime", other, "--no-compile"]) == 0
    assert "nothing compiled" in capsys.readouterr().out
    with ZipFile(io.BytesIO(target.read_bytes())) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".pyc")]


def test_sizes_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = build(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{target}: {target.stat().st_size / 1000:.1f} kB, sha256 ")
    assert lines[1].split()[:2] == ["sigv4", "sources"]
    assert f"compiled for {RUNTIME} only" in lines[2]


def test_a_layer_without_sources_runs_from_compiled_files_alone(tmp_path: Path) -> None:
    target = tmp_path / "layer.zip"
    assert main(["layer", "--with-client", "--sourceless", "-o", str(target)]) == 0
    with ZipFile(target) as archive:
        archive.extractall(tmp_path)
    assert list(tmp_path.rglob("*.py")) == []
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import sagemaker_api, sigv4; "
        "keys = sigv4.Credentials('A', 'b'); sagemaker_api.SageMaker('us-east-1', credentials=keys); "
        "print(*sigv4.Signer('iam', 'us-east-1', keys).sign('GET', 'https://h.example/'))"
    )
    command = [sys.executable, "-I", "-c", program, str(tmp_path / "python")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Host X-Amz-Date Authorization\n", "")


@pytest.mark.parametrize("output", ["absent/layer.zip", "."])
def test_an_output_that_cannot_be_written_is_named_as_it_was_given(
    output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["layer", "--only", "sign", "--no-compile", "-o", output]) == 2
    assert f"'{Path(output).parent if '/' in output else output}'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_layer_that_signs_keeps_to_its_size_and_so_does_the_client(tmp_path: Path) -> None:
    assert build(tmp_path, "--only", "sign").stat().st_size <= 170_000
    assert build(tmp_path, "--with-client", "--sourceless").stat().st_size <= 300_000


SOURCE = '''
"""Text of the module."""
from __future__ import annotations
TYPE_CHECKING = False
if TYPE_CHECKING:
    from nowhere import Absent
else:
    Absent = 3
LIMIT: Absent = 2
class Plain:
    field: Absent
class Empty:
    if TYPE_CHECKING:
        field: Absent
class Kept(Plain):
    field: Absent
def called(one: Absent, *rest: Absent, last: Absent = 1) -> Absent:
    """Text of the function."""
    if TYPE_CHECKING:
        import nowhere
    self = lambda: None
    self.field: Absent = one
    return self.field, rest, last
async def awaited(one: Absent) -> Absent:
    return one
'''


def test_a_compiled_file_holds_no_text_and_no_types_and_does_the_same() -> None:
    content = compiled(SOURCE.encode(), "/opt/python/module.py")
    assert content[:4] == MAGIC_NUMBER
    found: dict[str, Any] = {"__name__": "module"}
    exec(marshal.loads(content[16:]), found)
    assert found.get("__doc__") is None
    assert found["called"].__doc__ is None
    assert found["called"](1, 2, last=3) == (1, (2,), 3)
    assert (found["LIMIT"], found["Absent"]) == (2, 3)
    assert found["Kept"].__annotations__ == {"field": "Absent"}  # a record reads its annotations
    plain = [found[name] for name in ("Plain", "Empty", "called", "awaited")]
    assert [inspect.get_annotations(each) for each in plain] == [{}] * 4
    assert b"nowhere" not in content
    assert b"TYPE_CHECKING" not in content
    assert found["called"].__code__.co_filename == "/opt/python/module.py"
    assert found["called"].__code__.co_firstlineno == 17
