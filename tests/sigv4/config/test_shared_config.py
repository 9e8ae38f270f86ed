"""The merging of the shared files. tests/interop/test_shared_files.py compares it with botocore."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4 import ConfigError
from sigv4.config.home import expand_home
from sigv4.config.profiles import load_profile
from sigv4.config.settings import resolve
from sigv4.config.shared_config import SharedConfig, expand_variables, merged, read_shared_config


def config(text: str, credentials: str = "") -> SharedConfig:
    return merged(("config", text), ("credentials", credentials))


def value(text: str, key: str = "a", profile: str = "default") -> str:
    return config(text).profiles[profile][key].value


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a = b", "b"),
        ("a=b", "b"),
        ("a\t=\tb\t", "b"),
        ("A = b", "b"),
        ("a = b=c==", "b=c=="),
        ("a = b/+", "b/+"),
        ("a =", ""),
        ("a = b # c", "b"),
        ("a = b\t; c", "b"),
        ("a = b#c", "b#c"),
        ("a = # c", ""),
        ("a = b\n c\n\td", "b\nc\nd"),
        ("a = b\n\n c", "b\n\nc"),
        ("  a = b\n  # c = d", "b"),
        ("a: b", "b"),
        ("a:b = c", "b = c"),
        ("a = b\n# x\n c", "b\nc"),
        ("a = b\n c # d", "b\nc # d"),
        ("a = b\na = c", "c"),
        ("a = b\r", "b"),
        ("; a = x\na = b", "b"),
        ("a = %(x)s", "%(x)s"),
    ],
)
def test_a_value(line: str, expected: str) -> None:
    assert value(f"[default]\n{line}\n") == expected


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("[default]", "default"),
        ("[profile a]", "a"),
        ("[profile \t a ]", "a"),
        ("  [profile a]", "a"),
        ("[profile größe & (x)]", None),
        ('[profile "größe & (x)"]', "größe & (x)"),
        ("[profile a\\ b]", "a b"),
        ("[profile in valid]", None),
        ("[profile it's]", None),
        ("[ profile a]", None),
        ("[dev]", None),
        ("[]", None),
        ("[profile a] # c", "a"),
        ("[profile a]# c", "a"),
        ("[profile 'a b']", "a b"),
        ('[profile "a"]', "a"),
        ("[profile a/b.c@d:e+f%g]", "a/b.c@d:e+f%g"),
        ("\ufeff[profile a]", "a"),
        ("[profile A]", "A"),
    ],
)
def test_a_section(header: str, name: str | None) -> None:
    if header == "[]":
        with pytest.raises(ConfigError, match="config:1: Profile definition must end"):
            config(f"{header}\na = b")
    else:
        assert list(config(f"{header}\na = b").profiles) == ([] if name is None else [name])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = b", "config:1: Expected a profile definition"),
        ("[default", "config:1: Profile definition must end with ']'"),
        ("[default]\nnonsense SECRET", "config:2: Expected an '=' sign defining a property"),
        ("[default]\n= SECRET", "config:2: Property did not have a name"),
        ("[default]\n SECRET", "config:2: Expected an '=' sign defining a property"),
        ("[default]\na =\n SECRET", "config:3: Expected an '=' sign defining a sub-property"),
    ],
)
def test_an_error_names_file_and_line_and_no_value(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(text)
    assert str(caught.value).startswith(said)
    assert "SECRET" not in str(caught.value)


def test_nested_blocks_sso_sessions_and_services() -> None:
    found = config(
        "[default]\ns3 =\n  addressing_style = path\n  X = y # c\n[sso-session s]\nsso_region = r\n[services v]\nsagemaker =\n  endpoint_url = http://h\n"
    )
    assert found.profiles["default"]["s3"].block == {"addressing_style": "path", "X": "y"}
    assert found.sso_sessions["s"]["sso_region"].value == "r"
    assert found.services["v"]["sagemaker"].block == {"endpoint_url": "http://h"}


def test_only_the_later_of_default_and_profile_default_counts() -> None:
    assert list(config("[default]\na = b\n[profile default]\nc = d").profiles["default"]) == ["c"]
    assert list(config("[profile default]\nc = d\n[default]\na = b").profiles["default"]) == ["a"]


def test_sections_are_merged_and_each_key_of_the_credentials_file_replaces_the_config_file_s() -> None:
    found = config(
        "[profile a]\nx = 1\ny = 1\n[profile a]\nz = 1", "[a]\ny = 2\n[profile a]\nz = 3\n[b]\nx = 2"
    )
    assert {key: entry.value for key, entry in found.profiles["a"].items()} == {"x": "1", "y": "2", "z": "1"}
    assert found.profiles["a"]["y"].origin == "credentials:2"
    assert found.profiles["b"]["x"].value == "2"
    assert len(found.ignored) == 1


def test_ignored_sections_are_reported() -> None:
    found = config(
        "[other]\na = b\n[profile x y]\na = b\n[ default ]\n[plugins]\nx = y\n[profile p]\ngood = 2\n",
        "[profile q]\na = b\n[sso-session s]\n[q]\na = c",
    )
    assert list(found.profiles) == ["p", "q"]
    assert found.profiles["q"]["a"].value == "c"
    assert found.bare == {"other": "config:1", "default": "config:5"}
    assert found.ignored == (
        "config:1: [other] is ignored: a profile of the config file is written [profile other]",
        'config:3: [profile x y] is ignored: expected one name, [profile NAME] or [profile "LONG NAME"]',
        "config:5: [ default ] is ignored: expected no blanks after the bracket, [default]",
        "credentials:1: [profile q] is ignored: in the credentials file a header is only the profile's name, [name]",
        "credentials:3: [sso-session s] is ignored: in the credentials file a header is only the profile's name, [name]",
    )


def test_files_are_found_by_variable_or_home(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_bytes(b"[default]\r\nregion = eu-west-1\r\n")
    (tmp_path / "other").write_text("[default]\naws_access_key_id = AKID")
    found = read_shared_config({"HOME": str(tmp_path), "AWS_SHARED_CREDENTIALS_FILE": "~/other"})
    assert found.profiles["default"]["region"].origin == "~/.aws/config:2"
    assert found.profiles["default"]["aws_access_key_id"].value == "AKID"
    assert read_shared_config({"HOME": str(tmp_path / "none")}).profiles == {}


@pytest.mark.parametrize(
    ("path", "environ", "expected"),
    [
        ("~", {"HOME": "/h"}, "/h"),
        ("~/a", {"HOME": "/h"}, "/h/a"),
        ("~u/a", {"HOME": "/h"}, "~u/a"),
        ("a/~", {"HOME": "/h"}, "a/~"),
        ("~/a", {"USERPROFILE": "/u"}, "/u/a"),
        ("~/a", {"HOMEDRIVE": "C:", "HOMEPATH": "/p"}, "C:/p/a"),
    ],
)
def test_the_home_directory(path: str, environ: dict[str, str], expected: str) -> None:
    assert expand_home(path, environ) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$HOME/a", "/h/a"),
        ("${HOME}/$X", "/h/1"),
        ("a$X$X", "a11"),
        ("$NONE/${NONE}/$", "$NONE/${NONE}/$"),
        ("${HOME", "${HOME"),
        ("$$X", "$1"),
        ("${}", "${}"),
    ],
)
def test_variables_in_the_name_of_a_file(path: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"HOME": "/h", "X": "1"}
    assert expand_variables(path, environ) == expected
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("NONE", raising=False)
    assert os.path.expandvars(path) == expected


def test_each_file_has_its_own_variable(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nregion = r")
    found = read_shared_config({"HOME": str(tmp_path), "AWS_CONFIG_FILE": "$HOME/config"})
    assert found.profiles["default"]["region"].value == "r"


def test_a_binary_file_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"[default]\na = \xe9")
    path = tmp_path / "latin"
    with pytest.raises(ConfigError, match=f"Unable to parse config file: {path}.*not UTF-8 at byte 14"):
        read_shared_config({"AWS_CONFIG_FILE": str(path)})


def _unreadable(tmp_path: Path) -> dict[str, tuple[dict[str, str], str]]:
    """Makes files that no user can read; returns the environment that names them, and the reason in the error."""
    (tmp_path / "folder" / ".aws" / "config").mkdir(parents=True)
    (tmp_path / "loops" / ".aws").mkdir(parents=True)
    (tmp_path / "loops" / ".aws" / "config").symlink_to("config")
    (tmp_path / "pipes" / ".aws").mkdir(parents=True)
    os.mkfifo(tmp_path / "pipes" / ".aws" / "config")
    long = "/" + "x" * 300
    return {
        "a folder in place of the file, which docker makes": (
            {"HOME": str(tmp_path / "folder")},
            "~/.aws/config cannot be read: Is a directory",
        ),
        "a loop of links": (
            {"HOME": str(tmp_path / "loops")},
            "~/.aws/config cannot be read: Too many levels",
        ),
        "a pipe": (
            {"HOME": str(tmp_path / "pipes")},
            "~/.aws/config cannot be read: It is not a regular file",
        ),
        "a home that is a device": ({"HOME": "/dev/null"}, "~/.aws/config cannot be read: Not a directory"),
        "a name that is too long": (
            {"HOME": "/", "AWS_CONFIG_FILE": long},
            f"{long} cannot be read: File name too long",
        ),
        "a file that a variable names": (
            {"HOME": "/", "AWS_CONFIG_FILE": "/none"},
            "/none (AWS_CONFIG_FILE) does not exist",
        ),
    }


def test_a_file_that_cannot_be_opened_counts_as_missing_and_is_named(
    tmp_path: Path,
) -> None:
    for name, (environ, said) in _unreadable(tmp_path).items():
        found = read_shared_config(environ)
        assert found.profiles == {}, name
        assert found.unreadable[0].startswith(said), name
        with pytest.raises(ConfigError, match="config profile") as caught:
            load_profile("p", environ)
        assert said in str(caught.value)
    devnull = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    assert read_shared_config(devnull).unreadable == ()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no permissions of this kind")
def test_a_file_of_another_user_counts_as_missing_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default]\nregion = r")
    (tmp_path / "config").chmod(0)
    program = (
        "import os, sys\n"
        "if not os.geteuid(): os.seteuid(65534)\n"
        "from sigv4.config.shared_config import read_shared_config\n"
        "found = read_shared_config({'HOME': '/', 'AWS_CONFIG_FILE': os.path.abspath('config')})\n"
        "print(found.profiles, found.unreadable)"
    )
    tmp_path.chmod(0o755)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sigv4.config.shared_config, os; os.chdir({str(tmp_path)!r})\n{program}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{{}} ('{tmp_path}/config cannot be read: Permission denied',)\n"


def _environ(tmp_path: Path, text: str, **more: str) -> dict[str, str]:
    (tmp_path / "config").write_text(text)
    return {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **more}


def test_which_profile_counts(tmp_path: Path) -> None:
    text = "[default]\na = 0\n[profile x]\na = 1\n[profile y]\na = 2\n[profile z]\na = 3"
    environ = _environ(tmp_path, text)
    assert load_profile(None, environ).section["a"].value == "0"
    environ["AWS_DEFAULT_PROFILE"] = "x"
    assert load_profile(None, environ).name == "x"
    environ["AWS_PROFILE"] = "y"
    assert (load_profile(None, environ).name, load_profile(None, environ).asked) == ("y", "AWS_PROFILE")
    assert load_profile("z", environ).name == "z"
    with pytest.raises(
        ConfigError, match=r"The config profile \(q\) could not be found: there are x, y, z and 1 more"
    ):
        load_profile("q", environ)
    assert load_profile("", environ).name == "y"
    assert load_profile(None, _environ(tmp_path, "")).section == {}
    with pytest.raises(ConfigError, match=r"config:1 is \[dev\]: in the config file write \[profile dev\]"):
        load_profile("dev", _environ(tmp_path, "[dev]\na = b"))
    with pytest.raises(ConfigError, match=r"there are (profile.., ){2}profile.. and 97 more"):
        load_profile(
            "profile6", _environ(tmp_path, "".join(f"[profile profile{n:02}]\n" for n in range(100)))
        )
    with pytest.raises(ConfigError, match=r"profile \(default\) could not be found"):
        load_profile("default", _environ(tmp_path, ""))


def test_settings_come_from_the_profile_after_argument_and_environment(tmp_path: Path) -> None:
    text = (
        "[default]\nregion = eu-west-1\nendpoint_url = http://own\nuse_fips_endpoint = TRUE\nca_bundle = /b\n"
        "use_dualstack_endpoint = no\n[profile s]\nservices = v\nendpoint_url = http://own\n"
        "[services v]\nsagemaker =\n  endpoint_url = http://service\n[profile n]\nservices = none\n"
        "[profile i]\nignore_configured_endpoint_urls = true\nendpoint_url = http://own\n"
    )
    environ = _environ(tmp_path, text)
    found = resolve("SageMaker", profile=load_profile(None, environ), environ=environ)
    assert (found.region.value, found.region.origin) == ("eu-west-1", f"{environ['AWS_CONFIG_FILE']}:2")
    assert found.endpoint_url.value == "http://own"
    assert (found.use_fips_endpoint.value, found.use_dualstack_endpoint.value) == (True, False)
    assert found.ca_bundle.value == "/b"
    environ["AWS_REGION"], environ["AWS_ENDPOINT_URL"] = "us-west-2", "http://env"
    found = resolve("SageMaker", profile=load_profile(None, environ), environ=environ)
    assert (found.region.value, found.region.origin) == ("us-west-2", "AWS_REGION")
    assert found.endpoint_url.value == "http://env"
    found = resolve("SageMaker", region="r", profile=load_profile(None, environ), environ=environ)
    assert found.region.origin == "argument"
    del environ["AWS_ENDPOINT_URL"]
    for name, url in (("s", "http://service"), ("i", None)):
        assert (
            resolve("SageMaker", profile=load_profile(name, environ), environ=environ).endpoint_url.value
            == url
        )
    with pytest.raises(ConfigError, match='the "none" services configuration does not exist'):
        resolve("SageMaker", profile=load_profile("n", environ), environ=environ)
