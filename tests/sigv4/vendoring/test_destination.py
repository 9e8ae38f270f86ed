"""Where a copy may be written. Writing replaces all or nothing, and its errors name the path that was given."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from sigv4.errors import SigningError
from sigv4.vendoring.atomic_write import place_file, place_folder
from sigv4.vendoring.destination import check_destination
from sigv4.vendoring.package_files import own_files, with_plain_line_ends
from sigv4.vendoring.vendored import check

# Python normalizes the letters in the last two names: the ligature "fi", and "e" with an accent.
NOT_NAMES = (
    "class", "my-sigv4", "2sigv4", "a b", "None", "x.y", "..", ".", "", "\ufb01le", "e\u0301", "__main__", "__pycache__",
)  # fmt: skip


@pytest.mark.parametrize("name", NOT_NAMES)
def test_a_name_that_no_program_can_import_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="cannot be imported"):
        check_destination(tmp_path / f"{name}.py" if name.isalpha() else Path(name), single=name.isalpha())
    with pytest.raises(SigningError, match="cannot be imported"):
        check_destination(Path(name), single=False)


# Python looks for sitecustomize at each start; the last three are in some versions only.
HIDING = (
    "json", "sys", "hmac", "this", "requests", "cryptography", "sitecustomize", "test", "tomllib", "imp", "annotationlib",
)  # fmt: skip


@pytest.mark.parametrize("name", HIDING)
def test_a_name_that_hides_another_module_is_refused_outside_a_package(name: str, tmp_path: Path) -> None:
    for place, single in ((tmp_path / name, False), (tmp_path / f"{name}.py", True)):
        with pytest.raises(SigningError, match=f"'{place.name}' is the name of a module"):
            check_destination(place, single=single)
    (tmp_path / "__init__.py").touch()
    check_destination(tmp_path / name, single=False)
    check_destination(tmp_path / f"{name}.py", single=True)


@pytest.mark.parametrize("name", ["_sigv4", "sigv4_2", "_2", "match", "type", "é", "sigv4"])
def test_other_names_are_accepted(name: str, tmp_path: Path) -> None:
    check_destination(tmp_path / name, single=False)
    check_destination(tmp_path / f"{name}.py", single=True)


def test_a_file_that_makes_its_folder_a_package_is_judged_by_the_folder(tmp_path: Path) -> None:
    for name, fault in (("json", "'json' is the name of a module"), ("my-sigv4", "cannot be imported")):
        (tmp_path / name).mkdir()
        with pytest.raises(SigningError, match=fault):
            check_destination(tmp_path / name / "__init__.py", single=True)
    (tmp_path / "_sigv4").mkdir()
    check_destination(tmp_path / "_sigv4" / "__init__.py", single=True)
    with pytest.raises(SigningError, match="cannot be imported"):
        check_destination(tmp_path / "_sigv4" / "__init__", single=False)


def test_a_place_inside_the_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next copy would contain this one."""
    (tmp_path / "sigv4" / "adapters").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "sigv4" / "adapters")
    monkeypatch.setattr("sigv4.vendoring.package_files._HERE", tmp_path.resolve() / "sigv4")
    for place, single in (("sigv4/_copy", False), ("sigv4/adapters/one.py", True), ("link/_copy", False)):
        with pytest.raises(SigningError, match="is inside the package that is copied"):
            check_destination(tmp_path / place, single=single)
    check_destination(tmp_path / "_sigv4", single=False)


def test_only_a_package_s_own_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "v4.py v4.py~ .v4.py.swp .DS_Store v4.pyc py.typed v4.py.orig layer.zip".split():
        (tmp_path / name).touch()
    monkeypatch.setattr("sigv4.vendoring.package_files._HERE", tmp_path)
    assert [*own_files()] == ["sigv4/py.typed", "sigv4/v4.py"]


def test_check_does_not_read_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "VENDORED")
    for name, fault in (("pipe", "is not a plain file or a folder"), ("folder", "has no VENDORED")):
        with pytest.raises(SigningError, match=fault):
            check(tmp_path / name)


def test_an_existing_target_must_be_of_the_same_kind(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name, single in (("file", False), ("folder.py", True), ("pipe.py", True)):
        with pytest.raises(SigningError, match=f"{name} exists and is not a"):
            check_destination(tmp_path / name, single=single)


def test_a_link_is_kept_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    for link, target in (("a", "file"), ("b", "folder"), ("c", "new")):
        (tmp_path / link).symlink_to(target)
    place_file(tmp_path / "a", b"1")
    place_folder(tmp_path / "b", {"x": b"2"})
    place_file(tmp_path / "c", b"3")
    found = [(tmp_path / each).read_bytes() for each in ("file", "folder/x", "new")]
    assert found == [b"1", b"2", b"3"]
    assert all((tmp_path / each).is_symlink() for each in "abc")


@pytest.mark.parametrize(
    ("path", "named", "number"),
    [
        ("absent/x", "absent", errno.ENOENT),
        ("file/x", "file", errno.ENOTDIR),
        ("folder", "folder", errno.EISDIR),
        ("pipe", "pipe", errno.EINVAL),
    ],
)
def test_an_error_names_the_path_that_was_given(path: str, named: str, number: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match=named) as error:
        place_file(tmp_path / path, b"")
    assert (error.value.errno, error.value.filename) == (number, str(tmp_path / named))
    assert sorted(tmp_path.iterdir()) == before


def test_the_error_for_a_folder_that_cannot_be_written_names_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".sigv4-abc"))

    for name in ("mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    with pytest.raises(PermissionError) as error:
        place_file(tmp_path / "x", b"")
    assert error.value.filename == str(tmp_path / "x")
    with pytest.raises(PermissionError) as error:
        place_folder(tmp_path / "x", {})
    assert error.value.filename == str(tmp_path / "x")


def test_a_folder_that_cannot_be_replaced_stays_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_folder(tmp_path / "x", {"a": b"old"})
    rename = Path.rename

    def stopped(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        place_folder(tmp_path / "x", {"a": b"new"})
    assert (tmp_path / "x" / "a").read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize(("step", "found"), [("old", b"old"), ("x", b"new")])
def test_a_signal_right_after_a_step_loses_nothing(
    step: str, found: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_folder(tmp_path / "x", {"a": b"old"})
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        rename(path, target)
        if target.name == step and path.name != "old":
            raise KeyboardInterrupt
        return target

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        place_folder(tmp_path / "x", {"a": b"new"})
    assert (tmp_path / "x" / "a").read_bytes() == found
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_a_signal_right_after_a_file_was_placed_is_the_error_that_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def interrupted(path: str, target: Path) -> None:
        replace(path, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        place_file(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_line_ends_are_those_of_the_repository() -> None:
    assert with_plain_line_ends(b"a\r\nb\n\rc\r\n") == b"a\nb\n\rc\n"
