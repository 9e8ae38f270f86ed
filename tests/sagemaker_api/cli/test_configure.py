"""``sagemaker-api configure list``."""

from __future__ import annotations

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


def test_configure_list_lists_all_whatever_is_wrong(
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
