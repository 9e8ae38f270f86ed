"""``sigv4 vendor``: a copy under another name signs as this package does, and says when it was changed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sigv4 import __version__
from sigv4.cli import main
from sigv4.errors import SigningError
from sigv4.vendoring.licence import LICENCE
from sigv4.vendoring.package_files import ADAPTERS, MARK, own_files
from sigv4.vendoring.vendored import _HASHED, _adapter_of, vendor
from tests.sigv4.vendoring.copies import copied, written
from tests.vectors import FOLDER, presigning_vectors, signing_vectors

# .ci/run runs these, since they take some seconds
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("merged_once")]

ROOT = Path(__file__).parents[3]
HOOK = "sigv4-vendor-check"
RUNNER = Path(__file__).parent / "vectors_of_a_copy.py"
FORMS = {"whole": [], "sign": ["--only", "sign"], "single": ["--single-file"]}


def vendored(folder: Path, form: str) -> Path:
    target = folder / ("signing.py" if form == "single" else "signing")
    assert main(["vendor", str(target), *FORMS[form]]) == 0
    return target


def content(target: Path) -> dict[str, bytes]:
    files = [target] if target.is_file() else [path for path in target.rglob("*") if path.is_file()]
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_passes_the_vectors_under_another_name(form: str, tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    copied(tmp_path / "outer", form)
    command = [sys.executable, "-I", "-S", "-B", str(RUNNER), str(tmp_path), "outer.signing", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    every = [*signing_vectors(), *presigning_vectors()]
    negative = sum("negative" in vector.flags for vector in every)
    assert json.loads(done.stdout) == {"positive": len(every) - negative, "negative": negative}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_copy_is_the_same_to_the_byte_wherever_it_is_made(form: str, tmp_path: Path) -> None:
    copies = []
    for seed in ("1", "2"):
        target = tmp_path / seed / ("signing.py" if form == "single" else "signing")
        target.parent.mkdir()
        command = [sys.executable, "-m", "sigv4", "vendor", str(target), *FORMS[form]]
        subprocess.run(command, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}, check=True, timeout=60)
        copies.append(content(target))
    assert copies[0] == copies[1]


@pytest.mark.parametrize("form", FORMS)
def test_every_copy_has_the_licence_and_the_version(form: str, tmp_path: Path) -> None:
    target = copied(tmp_path, form)
    if form == "single":
        assert [
            line for line in LICENCE.splitlines() if line and f"# {line}\n" not in target.read_text("utf-8")
        ] == []
    else:
        assert (target / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    for path, text in content(target).items():
        if path.endswith(".py") or form == "single":
            assert text.startswith(f"# Vendored from sigv4 {__version__}".encode()), path


def test_the_licence_of_a_copy_is_the_licence_of_the_project() -> None:
    assert (ROOT / "LICENSE").read_text("utf-8") == LICENCE


@pytest.mark.parametrize("form", FORMS)
def test_check_passes_an_untouched_copy(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = vendored(tmp_path, form)
    (tmp_path / "signing" / "__pycache__").mkdir(parents=True, exist_ok=True)
    (tmp_path / "signing" / "__pycache__" / "v4.cpython-399.pyc").write_bytes(b"what Python leaves behind")
    capsys.readouterr()
    assert main(["vendor", "--check", str(target)]) == 0
    assert capsys.readouterr().out == f"{target}: unchanged, and up to date\n"


@pytest.mark.parametrize("form", FORMS)
def test_check_names_what_was_changed(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = copied(tmp_path, form)
    if form == "single":
        changed = {"signing.py"}
        target.write_bytes(target.read_bytes().replace(b"AWS4-HMAC-SHA256", b"AWS4-HMAC-SHA257", 1))
    else:
        changed = {"v4.py", "mine.py", "scope.py"}
        (target / "v4.py").write_bytes((target / "v4.py").read_bytes() + b"\n")
        (target / "mine.py").write_text("")
        (target / "scope.py").unlink()
    capsys.readouterr()
    assert main(["vendor", "--check", str(target)]) == 1
    assert set(capsys.readouterr().out.splitlines()) == {
        f"changed since it was vendored: {each}" for each in changed
    }


@pytest.mark.parametrize("form", FORMS)
def test_check_names_files_that_differ_in_this_version(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = copied(tmp_path, form)
    newer = {
        path: text.replace(b"AWS4-HMAC-SHA256", b"AWS5-HMAC-SHA256") if path == "sigv4/v4.py" else text
        for path, text in own_files().items()
    }
    monkeypatch.setattr("sigv4.vendoring.vendored.own_files", lambda: newer)
    capsys.readouterr()
    assert main(["vendor", "--check", str(target)]) == 1
    name = "signing.py" if form == "single" else "v4.py"
    assert capsys.readouterr().out == f"different in this version: {name}\n"


@pytest.mark.parametrize("form", FORMS)
def test_an_untouched_copy_is_replaced_and_a_changed_or_foreign_one_is_not(form: str, tmp_path: Path) -> None:
    target = copied(tmp_path, form)
    assert vendored(tmp_path, form) == target
    file = target if form == "single" else target / "v4.py"
    file.write_bytes(file.read_bytes() + b"# mine\n")
    before = content(target)
    with pytest.raises(SigningError, match="changed since it was vendored"):
        vendor(target, single=form == "single")
    foreign = tmp_path / ("foreign.py" if form == "single" else "foreign")
    if form == "single":
        foreign.write_text("mine")
    else:
        foreign.mkdir()
        (foreign / "mine.py").write_text("mine")
    with pytest.raises(SigningError, match="vendored from sigv4"):
        vendor(foreign, single=form == "single")
    assert content(target) == before
    assert set(content(foreign).values()) == {b"mine"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([target.name, foreign.name])


@pytest.mark.parametrize("form", FORMS)
def test_line_ends_that_git_converted_do_not_count(form: str, tmp_path: Path) -> None:
    target = copied(tmp_path, form)
    for path in [target] if target.is_file() else [each for each in target.rglob("*") if each.is_file()]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert main(["vendor", "--check", str(target)]) == 0
    assert vendored(tmp_path, form) == target  # an unchanged copy is replaced
    assert content(target) == written(form)


@pytest.mark.parametrize("form", FORMS)
def test_a_byte_order_mark_is_a_change(form: str, tmp_path: Path) -> None:
    target = copied(tmp_path, form)
    file = target if form == "single" else target / "v4.py"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert main(["vendor", "--check", str(target)]) == (2 if form == "single" else 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_checkout_with_other_line_ends_gives_the_same_copy(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    for path, text in own_files().items():
        file = checkout / path.removeprefix("sigv4/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.replace(b"\n", b"\r\n"))
    here = written(form)
    monkeypatch.setattr("sigv4.vendoring.package_files._HERE", checkout)
    assert content(vendored(tmp_path, form)) == here


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_copy_makes_the_copies_that_the_package_makes(form: str, tmp_path: Path) -> None:
    copied(tmp_path, "whole").rename(tmp_path / "whole")
    (tmp_path / "other").mkdir()
    target = tmp_path / "other" / ("signing.py" if form == "single" else "signing")
    command = [sys.executable, "-B", "-m", "whole", "vendor"]
    for arguments in ([str(target), *FORMS[form]], ["--check", str(target)]):
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, timeout=600, check=False, capture_output=True
        )
        assert done.returncode == 0, done.stderr
    assert content(target) == written(form)


def test_a_file_of_a_copy_is_not_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = copied(tmp_path, "sign")
    assert main(["vendor", "--check", str(target / "v4.py")]) == 2
    assert "not a single file that was vendored" in capsys.readouterr().err


TWO = """
import pickle, sys, warnings
warnings.simplefilter("error")
filters = list(warnings.filters)
sys.path.insert(0, sys.argv[1])
import logging, one, two, single
names = set(logging.root.manager.loggerDict)
assert warnings.filters == filters and not [name for name in names if name.startswith(("one", "two", "single"))]
answers, copies = set(), (one, two, single)
for copy in copies:
    keys = copy.Credentials("A", "b", "token", 4e9)
    signer = copy.Signer("iam", "us-east-1", keys)
    url = signer.presign("GET", "https://h.example/", expires=9, at=0)
    answers.add((signer.sign("GET", "https://h.example/", at=0)["Authorization"], url))
    for value in (keys, url, copy.S3, copy.UNSIGNED_PAYLOAD, copy.SigningError("x"), copy.CredentialsError("x")):
        again = pickle.loads(pickle.dumps(value))
        assert type(again) is type(value) and (again == value or again.args == value.args), value
    for other in copies:
        if other is not copy:
            assert keys != other.Credentials("A", "b", "token", 4e9)
            for given in (keys, lambda: keys):
                try:
                    other.Signer("iam", "us-east-1", given).sign("GET", "https://h.example/")
                except other.SigningError as error:
                    assert "Credentials of this package" in str(error), error
                else:
                    raise AssertionError(other)
            assert not issubclass(other.SigV4Error, copy.SigV4Error)
assert len(answers) == 1
print("one answer")
"""


def test_copies_beside_each_other_do_not_affect_each_other(tmp_path: Path) -> None:
    """Each copy has its own classes, changes no warnings or loggers, and pickles values under its own name."""
    for name in ("one", "two"):
        copied(tmp_path, "sign").rename(tmp_path / name)
    copied(tmp_path, "single").rename(tmp_path / "single.py")
    for flags in (["-I", "-S"], ["-OO"], ["-X", "dev"], ["-bb", "-W", "error"]):
        command = [sys.executable, "-B", *flags, "-c", TWO, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.stdout, done.stderr) == ("one answer\n", "")


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_signs_from_a_zip(form: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        for path, text in written(form).items():
            archive.writestr("signing.py" if form == "single" else f"signing/{path}", text)
        program = "import signing as s; print(*s.Signer('iam', 'us-east-1', s.Credentials('A', 'b'))"
        archive.writestr("__main__.py", f"{program}.sign('GET', 'https://h.example/'))")
    command = [sys.executable, "-I", "-S", "-W", "error", str(tmp_path / "app.pyz")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("Host X-Amz-Date Authorization\n", "")


def test_a_changed_list_is_not_trusted(tmp_path: Path) -> None:
    target = vendored(tmp_path, "sign")
    listed = (target / "VENDORED").read_bytes()
    (target / "VENDORED").write_bytes(listed.replace(b"  v4.py", b"  v5.py"))
    assert main(["vendor", "--check", str(target)]) == 2


def test_a_signer_in_a_copy_of_the_signing_modules_has_every_method(tmp_path: Path) -> None:
    vendored(tmp_path, "sign")
    program = """
import sys; sys.path.insert(0, sys.argv[1])
import signing
signer = signing.Signer("s3", "us-east-1", signing.Credentials("A", "b"))
url = "https://examplebucket.s3.amazonaws.com/x"
signer.explain("GET", url).text()
signer.post_policy([{"bucket": "examplebucket"}, {"key": "x"}])
list(signer.stream("PUT", url, length=3).encode([b"abc"]))
try:
    signing.Verifier
except AttributeError as error:
    print(error)
"""
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "module 'signing' has no attribute 'Verifier'\n"


@pytest.mark.parametrize("form", ["sign", "sign+aiohttp+httpx+requests+urllib"])
def test_the_texts_of_a_partial_copy_name_only_what_it_contains(form: str) -> None:
    part = written(form)
    trees = {
        path: ast.parse(text)
        for path, text in written("whole").items()
        if path.endswith(".py") and "cli/" not in path
    }
    kept = {path: ast.parse(text) for path, text in part.items() if path.endswith(".py")}
    used = {
        str(each)
        for tree in kept.values()
        for node in ast.walk(tree)
        for each in (
            getattr(node, "id", ""),
            getattr(node, "arg", ""),
            getattr(node, "attr", ""),
            getattr(node, "name", ""),
        )
    }
    defined = {str(getattr(node, "name", "")) for tree in trees.values() for node in tree.body}
    absent = defined | {Path(path).stem for path in trees}
    absent -= used | {Path(path).stem for path in kept}
    assert {"Verifier", "diagnose", "chunk_decoder", "default_chain"} < absent
    found = []
    for path, content in part.items():
        text = content.decode("utf-8")
        words = {word for quoted in re.findall(r"``([\w.]+)``", text) for word in quoted.split(".")}
        found += [f"{path}: {word}" for word in sorted(words & absent)]
        found += [
            f"{path}: {each}"
            for each in (
                'sigv4-reference"',
                "sagemaker_api",
                "docs/",
                "python -m ",
                ">>> from sigv4",
                "``sigv4",
            )
            if each in text
        ]
    assert found == []


def test_the_examples_of_a_copy_run_in_it(tmp_path: Path) -> None:
    copied(tmp_path, "sign")
    program = "import doctest, signing.signer as s; print(doctest.testmod(s))"
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {program}"]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("TestResults(failed=0, attempted=")
    assert "attempted=0" not in done.stdout


def test_an_adapter_is_copied_and_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "signing"
    assert main(["vendor", str(target), "--only", "sign", "--with", "urllib", "--with", "requests"]) == 0
    assert sorted(path.name for path in (target / "adapters").iterdir()) == [
        "__init__.py", "hop_signer.py", "requests.py", "urllib.py",
    ]  # fmt: skip
    assert main(["vendor", "--check", str(target)]) == 0
    program = """
import sys; sys.path.insert(0, sys.argv[1])
from signing import Credentials, Signer
from signing.adapters.urllib import SigV4Handler
SigV4Handler(Signer("iam", "us-east-1", Credentials("A", "b")))
"""
    command = [sys.executable, "-I", "-S", "-c", program, str(tmp_path)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    (target / "adapters" / "urllib.py").write_text("")
    capsys.readouterr()
    assert main(["vendor", "--check", str(target)]) == 1
    assert capsys.readouterr().out.startswith("changed since it was vendored: adapters/urllib.py\n")
    assert main(["vendor", str(tmp_path / "other"), "--with", "urllib"]) == 2
    assert "--only sign" in capsys.readouterr().err


def test_the_hook_of_pre_commit_checks_a_copy(tmp_path: Path) -> None:
    lines = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8").splitlines()
    (entry,) = [line.partition("entry: ")[2] for line in lines if "entry: " in line]
    assert f"id: {HOOK}" in "\n".join(lines)
    assert f"- id: {HOOK}\n" in (ROOT / "docs" / "vendoring.md").read_text("utf-8")
    target = vendored(tmp_path, "sign")
    program, *arguments = entry.split()
    assert program == "sigv4"
    assert main([*arguments, str(target)]) == 0
    (target / "v4.py").unlink()
    assert main([*arguments, str(target)]) == 1


def test_the_first_line_of_a_single_file_names_its_adapter() -> None:
    for said, adapter in (("", ""), *((f" with {each}", each) for each in ADAPTERS), (" with another", "")):
        assert _adapter_of(f"{MARK}0.2.0{said}".encode() + _HASHED) == adapter
