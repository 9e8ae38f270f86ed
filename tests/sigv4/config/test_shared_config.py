"""The grammar of the shared files (client.md's table), and how both become one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sigv4 import CredentialsError
from sigv4.config.profiles import load_profile
from sigv4.config.settings import resolve
from sigv4.config.shared_config import SharedConfig, expand_home, merged, read_shared_config


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
        ("a = b\n\n c", "b\nc"),
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
        ("[\tprofile \t a ]", "a"),
        ("[profile a] # c", "a"),
        ("[profile a]# c", "a"),
        ("[profile 'a b']", "a b"),
        ('[profile "a"]', "a"),
        ("[profile a/b.c@d:e+f%g]", "a/b.c@d:e+f%g"),
        ("\ufeff[profile a]", "a"),
        ("[profile A]", "A"),
    ],
)
def test_a_section(header: str, name: str) -> None:
    assert list(config(f"{header}\na = b").profiles) == [name]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = b", "config:1: Expected a profile definition"),
        ("[default", "config:1: Profile definition must end with ']'"),
        ("[default]\nnonsense SECRET", "config:2: Expected an '=' sign defining a property"),
        ("[default]\n= SECRET", "config:2: Property did not have a name"),
        ("[default]\n SECRET", "config:2: Expected a property definition, found continuation"),
        ("[default]\na =\n SECRET", "config:3: Expected an '=' sign defining a sub-property"),
        ("[default]\na =\n = SECRET", "config:3: Sub-property did not have a name"),
    ],
)
def test_an_error_names_file_and_line_and_no_value(text: str, said: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        config(text)
    assert str(caught.value).startswith(said)
    assert "SECRET" not in str(caught.value)


def test_nested_blocks_sso_sessions_and_services() -> None:
    found = config(
        "[default]\ns3 =\n  addressing_style = path\n  X = y # c\n[sso-session s]\nsso_region = r\n[services v]\nsagemaker =\n  endpoint_url = http://h\n"
    )
    assert found.profiles["default"]["s3"].block == {"addressing_style": "path", "x": "y"}
    assert found.sso_sessions["s"]["sso_region"].value == "r"
    assert found.services["v"]["sagemaker"].block == {"endpoint_url": "http://h"}


def test_profile_default_wins_wholly_over_default() -> None:
    for text in ("[default]\na = b\n[profile default]\nc = d", "[profile default]\nc = d\n[default]\na = b"):
        assert list(config(text).profiles["default"]) == ["c"]


def test_sections_are_merged_and_the_credentials_file_wins_key_by_key() -> None:
    found = config(
        "[profile a]\nx = 1\ny = 1\n[profile a]\nz = 1", "[a]\ny = 2\n[profile a]\nz = 3\n[b]\nx = 2"
    )
    assert {key: entry.value for key, entry in found.profiles["a"].items()} == {"x": "1", "y": "2", "z": "1"}
    assert found.profiles["a"]["y"].origin == "credentials:2"
    assert found.profiles["b"]["x"].value == "2"
    assert len(found.ignored) == 1


def test_what_is_passed_over_is_said() -> None:
    found = config("[other]\na = b\n[profile x{y]\na = b\n[profile p]\nb ad = 1\n c\ngood = 2\n")
    assert list(found.profiles) == ["p"]
    assert list(found.profiles["p"]) == ["good"]
    assert [each.partition(": ")[0] for each in found.ignored] == ["config:3", "config:6", "config:1"]


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
        ("~/a", {}, "~/a"),
    ],
)
def test_the_home_directory(path: str, environ: dict[str, str], expected: str) -> None:
    assert expand_home(path, environ) == expected


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"[default]\na = \xe9")
    for path, said in ((tmp_path, "Is a directory"), (tmp_path / "latin", "no UTF-8 at byte 14")):
        with pytest.raises(CredentialsError, match=f"Unable to parse config file: {path}.*{said}"):
            read_shared_config({"AWS_CONFIG_FILE": str(path)})


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
        CredentialsError, match=r"The config profile \(q\) could not be found: there are default, x, y, z"
    ):
        load_profile("q", environ)
    assert load_profile(None, _environ(tmp_path, "")).section == {}
    with pytest.raises(CredentialsError, match=r"profile \(default\) could not be found"):
        load_profile("default", _environ(tmp_path, ""))


def test_settings_come_from_the_profile_behind_argument_and_environment(tmp_path: Path) -> None:
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
    with pytest.raises(CredentialsError, match='the "none" services configuration does not exist'):
        resolve("SageMaker", profile=load_profile("n", environ), environ=environ)
