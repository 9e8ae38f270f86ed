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
from sigv4.vendoring.package_files import with_plain_line_ends

# Python normalizes the letters in the last two names: the ligature "fi", and "e" with an accent.
NOT_NAMES = ("class", "my-sigv4", "2sigv4", "a b", "None", "x.y", "..", ".", "", "\ufb01le", "e\u0301")


@pytest.mark.parametrize("name", NOT_NAMES)
def test_a_name_that_no_program_can_import_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="cannot be imported"):
        check_destination(tmp_path / f"{name}.py" if name.isalpha() else Path(name), single=name.isalpha())
    with pytest.raises(SigningError, match="cannot be imported"):
        check_destination(Path(name), single=False)


@pytest.mark.parametrize("name", ["json", "sys", "hmac", "this", "requests", "cryptography"])
def test_a_name_that_hides_another_module_is_refused_outside_a_package(name: str, tmp_path: Path) -> None:
    for place, single in ((tmp_path / name, False), (tmp_path / f"{name}.py", True)):
        with pytest.raises(SigningError, match=f"'{place.name}' is the name of a module"):
            check_destination(place, single=single)
    (tmp_path / "__init__.py").touch()
    check_destination(tmp_path / name, single=False)
    check_destination(tmp_path / f"{name}.py", single=True)


@pytest.mark.parametrize("name", ["_sigv4", "sigv4_2", "_2", "match", "type", "é", "sigv4"])
def test_other_names_are_taken(name: str, tmp_path: Path) -> None:
    check_destination(tmp_path / name, single=False)
    check_destination(tmp_path / f"{name}.py", single=True)


def test_an_existing_target_must_be_of_the_same_kind(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name, single in (("file", False), ("folder.py", True), ("pipe.py", True)):
        with pytest.raises(SigningError, match=f"{name} exists and is not a"):
            check_destination(tmp_path / name, single=single)


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
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


def test_a_folder_that_cannot_be_written_is_not_named_by_a_temporary_file(
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


def test_a_folder_that_cannot_be_replaced_is_as_it_was(
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


def test_line_ends_are_those_of_the_repository() -> None:
    assert with_plain_line_ends(b"a\r\nb\n\rc\r\n") == b"a\nb\n\rc\n"
