"""With HOME unset or relative, a configuration in the working directory is never read, and its programs never run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sigv4 import ConfigError
from sigv4.config import home as home_module
from sigv4.config.home import absolute_path, expand_home, home
from sigv4.config.profiles import load_profile
from sigv4.config.settings import resolve
from sigv4.providers import login, role_cache, sso
from sigv4.providers.chain import Chain
from sigv4.providers.sources import Sources

ROOT = Path(__file__).parents[2]


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of another user, with a configuration that runs a program under each name."""
    (tmp_path / "real").mkdir()
    for folder in (tmp_path / "~" / ".aws", tmp_path / ".aws"):
        folder.mkdir(parents=True)
        program = f"{sys.executable} -c \"open('{tmp_path}/ran', 'w')\""
        (folder / "config").write_text(f"[default]\ncredential_process = {program}\nregion = planted-1\n")
        (folder / "credentials").write_text("[default]\naws_access_key_id = P\naws_secret_access_key = s\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(home_module, "_in_password_database", lambda: str(tmp_path / "real"))
    return tmp_path


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "."}, {"HOME": "~"}, {"USERPROFILE": "."},
                                     {"HOMEPATH": "."}])  # fmt: skip
def test_a_planted_configuration_is_not_read(planted: Path, environ: dict[str, str]) -> None:
    environ = {**environ, "AWS_EC2_METADATA_DISABLED": "true"}
    assert load_profile(environ=environ).section == {}
    with pytest.raises(Exception, match="Unable to locate credentials"):
        Chain(environ=environ)()
    assert not (planted / "ran").exists()
    files = (
        sso.cache_file("s", Sources(environ)),
        login.cache_file("s", environ),
        role_cache.cache_file({}, environ),
    )
    assert all(file.startswith(str(planted / "real")) for file in files)


def test_the_home_of_the_password_database_counts_without_variables(planted: Path) -> None:
    (planted / "real" / ".aws").mkdir()
    (planted / "real" / ".aws" / "config").write_text("[default]\nregion = eu-west-1\n")
    assert load_profile(environ={}).section["region"].value == "eu-west-1"


def test_without_any_home_nothing_is_read_and_nothing_written(
    planted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_module, "_in_password_database", lambda: "")
    assert home({}) == expand_home("~", {}) == expand_home("~/x", {}) == ""
    assert load_profile(environ={}).section == {}
    assert (
        sso.cache_file("s", Sources({})) == login.cache_file("s", {}) == role_cache.cache_file({}, {}) == ""
    )


def test_the_password_database_is_the_systems() -> None:
    pwd = pytest.importorskip("pwd", reason="the system has no password database")
    expected = pwd.getpwuid(os.getuid()).pw_dir
    program = "import sys; from sigv4.config.home import home; sys.stdout.write(home({}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == expected


@pytest.mark.parametrize("path", ["config", "./config", "../config", "~user/config", "C:config", ""])
def test_a_relative_path_in_a_configuration_is_refused(path: str, planted: Path) -> None:
    (planted / "config").write_text("[default]\nregion = planted-1\n")
    environ = {"HOME": str(planted / "real"), "AWS_CONFIG_FILE": path}
    if not path:
        assert load_profile(environ=environ).section == {}
        return
    with pytest.raises(
        ConfigError, match=r"AWS_CONFIG_FILE: the path .* is relative: write an absolute path"
    ):
        load_profile(environ=environ)


@pytest.mark.parametrize(
    ("variable", "use"),
    [
        ("AWS_SHARED_CREDENTIALS_FILE", lambda environ: load_profile(environ=environ)),
        ("AWS_CA_BUNDLE", lambda environ: resolve("STS", environ=environ)),
        ("REQUESTS_CA_BUNDLE", lambda environ: resolve("STS", environ=environ)),
        ("AWS_LOGIN_CACHE_DIRECTORY", lambda environ: login.cache_file("s", environ)),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", lambda environ: Chain(environ=environ)()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", lambda environ: Chain(environ=environ)()),
    ],
)
def test_a_relative_path_in_a_variable_is_refused(
    variable: str, use: Callable[[dict[str, str]], object], planted: Path
) -> None:
    (planted / "planted").write_text("x" * 40)
    environ = {
        "HOME": str(planted / "real"),
        "AWS_REGION": "us-east-1",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/",
        variable: "planted",
    }
    with pytest.raises(ConfigError, match=f"{variable}: the path 'planted' is relative"):
        use(environ)


@pytest.mark.parametrize("key", ["ca_bundle", "web_identity_token_file"])
def test_a_relative_path_in_the_config_file_is_refused_with_its_line(key: str, planted: Path) -> None:
    (planted / "real" / ".aws").mkdir()
    (planted / "real" / ".aws" / "config").write_text(
        f"[default]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/r\n{key} = planted\n"
    )
    with pytest.raises(ConfigError, match=r"config:4: the path 'planted' is relative"):
        Chain(environ={"HOME": str(planted / "real")})()


def test_absolute_paths_of_any_system_are_recognised() -> None:
    for path in ("/a", "\\\\server\\share", "C:\\a", "c:/a"):
        assert absolute_path(path, "x", {}) == path
    assert absolute_path("~/a", "x", {"HOME": "/h"}) == "/h/a"
