"""The home directory and absolute paths, in the forms of every operating system."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import ConfigError
from sigv4.config import home as home_module
from sigv4.config.home import _in_password_database, absolute_path, expand_home, home, is_absolute


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"HOME": "/h", "USERPROFILE": "/u"}, "/h"),
        ({"HOME": "h", "USERPROFILE": "C:\\u"}, "C:\\u"),
        ({"HOME": "", "USERPROFILE": "C:/u"}, "C:/u"),
        ({"HOMEDRIVE": "C:", "HOMEPATH": "\\u"}, "C:\\u"),
        ({"HOMEPATH": "\\u"}, "\\u"),
        ({"HOMEDRIVE": "C:"}, "/database"),
        ({}, "/database"),
    ],
)
def test_the_home_directory(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], found: str) -> None:
    monkeypatch.setattr(home_module, "_in_password_database", lambda: "/database")
    assert home(environ) == found


@pytest.mark.parametrize(("entry", "found"), [("/home/u", "/home/u"), ("u", ""), ("", ""), (KeyError(), "")])
def test_the_password_database(monkeypatch: pytest.MonkeyPatch, entry: Any, found: str) -> None:
    def look(number: int) -> Any:
        assert number == 77
        if isinstance(entry, Exception):
            raise entry
        return SimpleNamespace(pw_dir=entry)

    monkeypatch.setattr("os.getuid", lambda: 77, raising=False)
    monkeypatch.setitem(sys.modules, "pwd", SimpleNamespace(getpwuid=look))
    assert _in_password_database() == found


def test_without_a_password_database_there_is_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pwd", None)
    assert _in_password_database() == ""


ABSOLUTE = ("/", "/a", "\\a", "\\\\host\\a", "C:\\a", "c:/a")
RELATIVE = ("", "a", "a/b", "C:", "C:a", "CC:\\a", "~", "~/a", ".", "../a")


def test_which_paths_do_not_depend_on_the_working_directory() -> None:
    assert [path for path in (*ABSOLUTE, *RELATIVE) if is_absolute(path)] == [*ABSOLUTE]


@pytest.mark.parametrize(
    ("path", "found", "without_home"),
    [
        ("~", "/h", ""),
        ("~/a", "/h/a", ""),
        ("~a", "~a", "~a"),
        ("a/~", "a/~", "a/~"),
        ("/a", "/a", "/a"),
    ],
)
def test_a_leading_tilde(path: str, found: str, without_home: str) -> None:
    assert expand_home(path, {"HOME": "/h"}) == found
    assert expand_home(path, {}) == without_home


def test_a_relative_path_is_refused_with_its_origin() -> None:
    for path in ABSOLUTE:
        assert absolute_path(path, "O", {}) == path
    assert absolute_path("~/a", "O", {"HOME": "/h"}) == "/h/a"
    assert absolute_path("~", "O", {}) == ""
    assert absolute_path("", "O", {}) == ""
    with pytest.raises(ConfigError, match=r"^O: the path '~user' is relative: write an absolute path"):
        absolute_path("~user", "O", {})
    with pytest.raises(ConfigError, match=f"^O: the path '{'x' * 200}' is relative"):
        absolute_path("x" * 300, "O", {})
