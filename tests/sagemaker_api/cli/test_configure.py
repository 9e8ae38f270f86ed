"""``sagemaker-api configure list``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sagemaker_api.cli.called import run


def test_configure_list_says_where_everything_comes_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile work]\nregion = eu-west-1\naws_access_key_id = AKIDWORKKEYS\naws_secret_access_key = THE-SECRET\nmax_attempts = 4\n[odd]\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", "http://127.0.0.1:9")
    assert run("configure", "list") == 0
    out = capsys.readouterr().out
    lines = {
        line.split(" : ")[0].strip(): [part.strip() for part in line.split(" : ")[1:]]
        for line in out.split("\n")
        if " : " in line
    }
    assert lines["profile"] == ["work", "AWS_PROFILE"]
    assert lines["access_key"] == ["****************KEYS", "profile"]
    assert lines["region"] == ["eu-west-1", f"{config}:2"]
    assert lines["max_attempts"] == ["5", f"AWS_MAX_ATTEMPTS (passed over: {config}:5)"]
    assert lines["proxy"] == ["<not set>", "None"]
    assert f"profile: found ****************KEYS: {config}:3 aws_access_key_id\n" in out
    assert "instance metadata: not asked" in out
    assert lines["endpoint_url"] == ["http://127.0.0.1:9", "AWS_ENDPOINT_URL_SAGEMAKER"]
    assert lines["ca_bundle"] == ["<not set>", "None"]
    assert "environment: AWS_ACCESS_KEY_ID is not set" in out
    assert f"{config}:6: [odd] is ignored" in out
    assert "SECRET" not in out
    assert "AKIDWORKKEYS" not in out


def test_configure_list_shows_the_proxy_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("https_proxy", "http://user:MARK@proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert "http://***:***@proxy.example:3128" in out
    assert "https_proxy" in out
    assert "MARK" not in out


def test_configure_list_without_credentials_is_253_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert "access_key" in out
    assert "instance metadata: AWS_EC2_METADATA_DISABLED is true" in out
    assert run("configure", "list", "--profile", "none") == 253
    assert "The config profile (none) could not be found" in capsys.readouterr().out
    assert run("configure") == 252


def test_configure_list_lists_all_settings_even_if_some_are_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    config.write_text(
        "[default]\nregion = eu-west-1\nretry_mode = often\nmax_attempts = no\nservices = none\n"
        "aws_access_key_id = AKIDCONFIG\naws_secret_access_key = s\nsdk_ua_app_id = me\n[dev]\nregion = r\n"
    )
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    rows = {line.split(" : ")[0].strip(): line.split(" : ")[1:] for line in out.splitlines() if " : " in line}
    assert [cell.strip() for cell in rows["region"]] == ["eu-west-1", f"{config}:2"]
    assert rows["app_id"][0].strip() == "me"
    assert f"{config}:3: retry_mode is 'often'" in rows["retry_mode"][1]
    assert f"{config}:4: max_attempts is 'no'" in rows["max_attempts"][1]
    assert f"{config}:5: The profile is configured to use the services section" in rows["endpoint_url"][1]
    assert f"{config}:9: [dev] is ignored" in out
    assert run("configure", "list", "--profile", "dev") == 253
    out = capsys.readouterr().out
    assert f"The config profile (dev) could not be found: {config}:9 is [dev]" in out
    assert "\nregion " in out
    config.write_text("nonsense")
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert f"{config}:1: Expected a profile definition" in out
    assert "\nregion " in out
    config.unlink()
    config.mkdir()
    assert run("configure", "list", "--region", "us-east-1") == 253
    out = capsys.readouterr().out
    assert f"{config} cannot be read: Is a directory" in out
    assert "us-east-1" in out


# Each value is shown in a column as wide as the widest of them; a secret is always twenty stars.
FOUND = """\
NAME                       : VALUE                : LOCATION
profile                    : default              : None
access_key                 : ****************MPLE : environment
secret_key                 : ******************** : environment
region                     : us-east-1            : argument (passed over: {config}:2)
endpoint_url               : <not set>            : None
use_fips_endpoint          : False                : default
use_dualstack_endpoint     : False                : default
ca_bundle                  : <not set>            : None
retry_mode                 : standard             : default
max_attempts               : 3                    : default
app_id                     : <not set>            : None
output                     : json                 : default
credential_process_timeout : 60                   : default
proxy                      : <not set>            : None

Providers of credentials, in order:
  environment: found ****************MPLE: AWS_ACCESS_KEY_ID
  all others: not asked

Passed over in the files:
  {shared} (AWS_SHARED_CREDENTIALS_FILE) does not exist
  {config}:3: [odd] is ignored: a profile of the config file is written [profile odd]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = eu-west-1\n[odd]\n")
    for name in (
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_CONFIG_FILE": str(file),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "sevenMARK",
    }.items():
        monkeypatch.setenv(name, value)
    return file


@pytest.mark.parametrize("secret", ["s", "a-secret-of-forty-characters-as-those-of-"])
def test_the_whole_list_with_a_secret_as_stars(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    assert run("configure", "list", "--region", "us-east-1") == 0
    shown, err = capsys.readouterr()
    assert shown == FOUND.format(config=config, shared=config.parent / "none")
    assert err == ""


def test_without_a_secret_there_are_no_stars(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert re.findall(r"^(\w+_key) +: (\S+ ?\S*) +: (\w+)$", out, re.MULTILINE) == [
        ("access_key", "<not set>", "None"),
        ("secret_key", "<not set>", "None"),
    ]
    assert "*" not in out


@pytest.mark.parametrize(
    ("code", "flags", "changes", "expected"),
    [
        (0, "", {}, "profile default None"),
        (253, "--profile default", {}, "profile default argument"),
        (253, "--profile x", {}, "profile x The config profile (x) could not be found"),
        (253, "", {"AWS_PROFILE": "x"}, "profile <not set> The config profile (x) could not be found"),
        (0, "", {"AWS_REGION": "eu-west-3"}, "region eu-west-3 AWS_REGION (passed over: {config}:2)"),
        (0, "--region=", {}, "region eu-west-1 {config}:2"),
        (0, "--endpoint-url http://127.0.0.1:9", {}, "endpoint_url http://127.0.0.1:9 argument"),
        (0, "--endpoint-url=", {}, "endpoint_url <not set> None"),
        (253, "", {"AWS_MAX_ATTEMPTS": "x"}, "max_attempts <not set> AWS_MAX_ATTEMPTS: max_attempts is 'x'"),
        (0, "", {"HTTPS_PROXY": "http://p:1"}, "proxy http://p:1 HTTPS_PROXY"),
        (0, "", {"HTTPS_PROXY": "http://p:1", "AWS_CONFIG_FILE": "/dev/null"}, "proxy <not set> None"),  # there is no host
        # The proxy depends on the host, and so on the switches for the other hosts of the service.
        (0, "", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.sagemaker.eu-west-1.amazonaws.com"}, "proxy <not set> None"),
        (0, "", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".api.aws"}, "proxy http://p:1 HTTPS_PROXY"),
        (0, "", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".api.aws", "AWS_USE_DUALSTACK_ENDPOINT": "true"}, "proxy <not set> None"),
        (0, "--region us-east-1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api-fips.sagemaker.us-east-1.amazonaws.com",
                                   "AWS_USE_FIPS_ENDPOINT": "true"}, "proxy <not set> None"),
        (0, "--endpoint-url http://127.0.0.1:9", {"HTTPS_PROXY": "http://p:1"}, "proxy <not set> None"),
        (0, "--endpoint-url https://h", {"HTTPS_PROXY": "http://p:1"}, "proxy http://p:1 HTTPS_PROXY"),
        (253, "", {"HTTPS_PROXY": "ftp://p:1"}, "proxy <not set> HTTPS_PROXY"),
    ],
)  # fmt: skip
def test_a_row_of_the_list(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    flags: str,
    changes: dict[str, str],
    expected: str,
) -> None:
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    assert run("configure", "list", *flags.split()) == code
    name = expected.partition(" ")[0]
    (row,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{name} "))
    assert " ".join(row.replace(" : ", " ").split()).startswith(expected.format(config=config))


@pytest.mark.parametrize(
    ("variable", "value", "row", "said"),
    [
        ("AWS_REGION", "US-EAST-1", "region", "AWS_REGION: the region is 'US-EAST-1': AWS spells it 'us-east-1'"),
        ("AWS_REGION", "us east 1", "proxy", "doesn't match a supported format"),
        ("AWS_CA_BUNDLE", "/no/such/file", "ca_bundle", "the CA bundle '/no/such/file' does not exist"),
        ("AWS_DEFAULT_OUTPUT", "xml", "output", "AWS_DEFAULT_OUTPUT: output is 'xml'"),
        ("AWS_CREDENTIAL_PROCESS_TIMEOUT", "never", "credential_process_timeout", "is 'never': expected seconds"),
        ("AWS_USE_FIPS_ENDPOINT", "true", "proxy", "FIPS and custom endpoint are not supported"),
        ("http_proxy", "http://:0", "proxy", "http_proxy: the proxy's URL is wrong"),
    ],
)  # fmt: skip
def test_a_setting_that_a_call_refuses_is_a_fault_of_the_list(
    variable: str,
    value: str,
    row: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    if row == "proxy" and variable != "AWS_REGION":
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", "http://sagemaker.example")
    assert run("configure", "list") == 0
    capsys.readouterr()
    monkeypatch.setenv(variable, value)
    assert run("configure", "list") == 253
    rows = [line.split(" : ") for line in capsys.readouterr().out.splitlines() if " : " in line]
    assert [each[2] for each in rows if each[0].strip() == row and said in each[2]], rows
    if row != "credential_process_timeout":  # this setting is read only for such a program
        assert run("list-notebook-instances") == 253
