"""The credentials that the verbs of ``sigv4`` use: from flags, else the environment, else the default chain."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4 import Credentials, Signer
from sigv4.cli import main
from sigv4.cli.credentials import read_secret

ROOT = Path(__file__).resolve().parents[3]
REQUEST = ("https://h.example/", "--service", "sagemaker", "--region", "us-east-1")
CONFIG = """
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = MARKER
[profile work]
aws_access_key_id = AKIDWORK
aws_secret_access_key = MARKER
[profile broken]
aws_access_key_id = AKIDBROKEN
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE", "DEFAULT_PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


@pytest.mark.parametrize(
    ("environ", "flags", "key_id"),
    [
        ({}, (), "AKIDDEFAULT"),
        ({"AWS_PROFILE": "work"}, (), "AKIDWORK"),
        ({}, ("--profile", "work"), "AKIDWORK"),
        ({"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "MARKER"}, (), "AKIDENV"),
        (
            {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "MARKER"},
            ("--profile", "work"),
            "AKIDWORK",
        ),
        ({"AWS_ACCESS_KEY_ID": " AKIDENV\t", "AWS_SECRET_ACCESS_KEY": " MARKER "}, (), "AKIDENV"),
        ({"AWS_SECRET_ACCESS_KEY": "MARKER"}, (), "AKIDDEFAULT"),
        ({"AWS_PROFILE": "work"}, ("--access-key-id", "AKIDFLAG", "--secret-file", "FILE"), "AKIDFLAG"),
    ],
)
@pytest.mark.parametrize("verb", ["sign", "presign"])
def test_the_order_of_the_places(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    environ: dict[str, str],
    flags: tuple[str, ...],
    key_id: str,
) -> None:
    (tmp_path / "secret").write_text("MARKER\n")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    given = [str(tmp_path / "secret") if flag == "FILE" else flag for flag in flags]
    assert run(verb, *REQUEST, *given) == 0
    out, err = capsys.readouterr()
    assert f"Credential={key_id}/" in out.replace("%2F", "/")
    assert "MARKER" not in out + err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--profile", "nobody"), "sigv4: The config profile (nobody) could not be found: there are broken, default, work"),
        (("--profile", "broken"), "missing: aws_secret_access_key"),
        (("--profile", "work", "--access-key-id", "A"), "leave out the other flags for them"),
        (("--session-token", "t"), "sigv4: no credentials: set AWS_ACCESS_KEY_ID"),
        (("--s3session-token", "t"), "sigv4: no credentials: set AWS_ACCESS_KEY_ID"),
        (("--s3session-token", "t", "--session-token", "u"), "both given: keep one"),
        (("--s3session-token", "t", "--profile", "work"), "leave out the other flags for them"),
    ],
)  # fmt: skip
def test_settings_without_usable_credentials_are_reported(
    capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], said: str
) -> None:
    assert run("sign", *REQUEST, *flags) == 2
    assert said in capsys.readouterr().err


def test_token_3_the_token_of_an_s3_express_session_has_its_own_flag_and_header(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "OF-THE-ROLE")
    url = "https://b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com/key"
    assert run("sign", url, "--s3session-token", "OF-SESSION", "--at", "20150830T123600Z") == 0
    session = Credentials.of_s3_express_session("AKIDEXAMPLE", "secret", "OF-SESSION")
    expected = Signer("s3express", "us-west-2", session).sign("GET", url, at=1440938160)
    assert capsys.readouterr().out.splitlines() == [f"{name}: {value}" for name, value in expected.items()]
    assert expected["X-Amz-S3session-Token"] == "OF-SESSION"
    assert run("sign", f"{url}?session") == 0
    assert "X-Amz-Security-Token: OF-THE-ROLE" in capsys.readouterr().out


def test_missing_credentials_are_explained_for_each_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config").write_text("")
    assert run("sign", *REQUEST) == 2
    err = capsys.readouterr().err
    assert err.startswith("sigv4: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, give ")
    assert "\n  profile: the profile 'default' is in neither file\n" in err
    assert "\n  instance metadata: AWS_EC2_METADATA_DISABLED is true\n" in err


def test_keys_of_the_environment_load_no_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    program = (
        "import sys; from sigv4.cli import main; main(sys.argv[1:]);"
        "loaded = {name for name in sys.modules if name.startswith('sigv4.providers.')};"
        "sys.exit(loaded != {'sigv4.providers.answers', 'sigv4.providers.environment'})"
    )
    subprocess.run(
        [sys.executable, "-c", program, "sign", *REQUEST], cwd=ROOT, check=True, capture_output=True
    )


def test_the_older_name_of_the_session_token_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "MARKER")
    monkeypatch.setenv("AWS_SECURITY_TOKEN", "older")
    assert run("sign", *REQUEST) == 0
    assert "X-Amz-Security-Token: older" in capsys.readouterr().out


def test_a_secret_of_standard_input_may_begin_with_a_byte_order_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """PowerShell writes one into a pipe."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfsecret\r\n")))
    assert read_secret("-") == "secret"
