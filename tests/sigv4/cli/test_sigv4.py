"""``python -m sigv4``: calls, help, mistyped flags, and the verbs that sign and audit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4 import Credentials, Signer, __version__
from sigv4.cli import _parser
from tests.sigv4.cli.explaining import SCOPE, SIGNATURE, run
from tests.sigv4.signed import SECRET

ROOT = Path(__file__).resolve().parents[3]


pytestmark = pytest.mark.usefixtures("keys_in_environment")


@pytest.mark.slow
def test_a_closed_output_causes_no_error_message() -> None:
    command = [sys.executable, "-m", "sigv4", "lint", "https://h/a+b"]
    reading, writing = os.pipe()
    os.close(reading)
    found = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT)
    os.close(writing)
    assert (found.returncode, found.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain"], "required: FILE"),
        (["explain", "/nothing/here", *SCOPE], "sigv4: '/nothing/here': No such file"),
        (["nonsense"], "there is no verb 'nonsense'"),
        (
            ["explain", "-", *SCOPE, "--access-key-id", "A", "--secret-file", "-"],
            "cannot both come from standard input",
        ),
        (["explain", "FILE", *SCOPE, "--access-key-id", "A"], "no secret access key"),
        (["explain", "FILE", *SCOPE, "--secret-file", os.devnull], "no credentials"),
        (
            [
                "explain",
                "FILE",
                "--service",
                "a/b",
                "--region",
                "r",
                "--access-key-id",
                "A",
                "--secret-access-key",
                "S",
            ],
            "the service is 'a/b'",
        ),
    ],
)
def test_the_error_for_a_wrong_call_says_what_is_missing(
    request_file: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    arguments = [request_file if each == "FILE" else each for each in arguments]
    assert run(*arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"], ["explain", "--help"]])
def test_help_is_printed_for_every_way_to_ask_for_it(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(*arguments) == 0
    assert capsys.readouterr().out.startswith("usage: sigv4")


@pytest.mark.parametrize("verb", ["presign", "explain"])
@pytest.mark.parametrize(
    ("flags", "seconds"), [([], 3600), (["--expires", "15m"], 900), (["--expires", "7"], 7)]
)
def test_a_lifetime_is_given_in_seconds_or_with_a_unit(
    capsys: pytest.CaptureFixture[str], request_file: str, verb: str, flags: list[str], seconds: int
) -> None:
    given = ["https://h/"] if verb == "presign" else [request_file, "--presign"]
    assert run(verb, *given, *SCOPE, *flags) == 0
    assert f"X-Amz-Expires={seconds}&" in capsys.readouterr().out


def test_the_help_has_every_verb_with_what_it_does_and_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = _parser().get_default("verbs")
    assert run("--help") == 0
    listed = " ".join(capsys.readouterr().out.split())
    for name, verb in verbs.items():
        assert f" {name} {verb.summary}" in listed
        assert run(name, "--help") == 0
        out = capsys.readouterr().out
        assert out.startswith(f"usage: sigv4 {name} ")
        assert verb.parser.description in out
        assert "\nexample:\n" in out
        assert f" sigv4 {name} " in out.partition("\nexample:\n")[2].replace("\n", " ")
    assert run("--version") == 0
    assert capsys.readouterr().out == f"sigv4 {__version__}\n"


def test_the_command_line_runs_as_a_module(request_file: str) -> None:
    command = [sys.executable, "-m", "sigv4", "explain", request_file, *SCOPE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert SIGNATURE in done.stdout


def test_a_mistyped_secret_flag_does_not_repeat_the_secret(
    request_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["--secret-acces-key", "MARK"], ["--secret-acces-key=MARK"], ["--secret=MARK"]):
        assert run("explain", request_file, *SCOPE, *arguments) == 2
        err = capsys.readouterr().err
        assert "unrecognized arguments: --secret" in err
        assert "MARK" not in err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["sign", "https://h/", "--servce", "s3"], "--service"),
        (["sign", "https://h/", "--servce=s3"], "--service"),
        (["presign", "https://h/", "--expire", "60"], "--expires"),
        (["presign", "https://h/", "--Region", "us-east-1"], "--region"),
        (["sign", "https://h/", "--session_token", "MARK"], "--session-token"),
        (["send", "https://h/", "-region", "us-east-1"], "--region"),
        (["sign", "https://h/", "-x", "HEAD"], "-X"),
        (["explain", "https://h/", "MARK", "--foo", "--profil", "MARK"], "--profile"),
        (["--versoin"], "--version"),
    ],
)
def test_a_mistyped_flag_is_answered_with_the_one_that_was_meant(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert meant in err.rpartition("did you mean ")[2].rstrip(")?\n").split(" or ")
    assert "MARK" not in err


def test_a_flag_that_resembles_no_other_is_only_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sign", "https://h/", "--zzz", "MARK") == 2
    err = capsys.readouterr().err
    assert "unrecognized arguments: --zzz …\n" in err
    assert "did you mean" not in err


@pytest.mark.slow
def test_a_terminal_that_cannot_show_a_character_gets_its_escape(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes("GET / HTTP/1.1\nHost: h\nX: テスト\n\n".encode())
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, "-m", "sigv4", "explain", str(tmp_path / "raw"), *SCOPE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=environment)
    assert b"x:\\u30c6" in done.stdout


def sign(*arguments: str) -> int:
    return run(*arguments, "--service", "s3", "--region", "us-east-1", "--at", "20130524T000000Z")


def test_sign_prints_the_headers_to_send(capsys: pytest.CaptureFixture[str]) -> None:
    assert sign("sign", "https://h.example/a", "-H", "X-Amz-Acl: private", "-d", "body") == 0
    names = [line.partition(": ")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["X-Amz-Acl", "Host", "X-Amz-Content-SHA256", "X-Amz-Date", "Authorization"]


def test_sign_curl_prints_a_command_that_sends_the_signed_bytes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "body").write_bytes(b"it's\n")
    assert (
        sign(
            "sign",
            "https://h.example/a%20b",
            "-X",
            "PUT",
            "-H",
            "X: it's",
            "--data-binary",
            f"@{tmp_path}/body",
            "--curl",
        )
        == 0
    )
    out = capsys.readouterr().out
    words = __import__("shlex").split(out)
    assert words[:5] == ["curl", "--globoff", "--path-as-is", "-X", "PUT"]
    assert "X: it's" in words
    assert words[-3:] == ["--data-binary", f"@{tmp_path}/body", "https://h.example/a%20b"]
    assert SECRET not in out


def test_presign_prints_the_url_and_the_headers_to_send(capsys: pytest.CaptureFixture[str]) -> None:
    assert sign("presign", "https://h.example/a", "-H", "X-Amz-Acl: private", "--expires", "60") == 0
    out, err = capsys.readouterr()
    assert out.startswith("https://h.example/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&")
    assert out.count("\n") == 1
    assert err == "send with it: X-Amz-Acl: private\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sign", "https://h/a b"], "write '%20'"),
        (["sign", "https://h/", "-H", "nonsense"], "has no colon"),
        (["sign", "https://h/", "-d", "@/nothing/here"], "No such file"),
        (["presign", "https://h/", "--expires", "0"], "1 to 604800"),
        (["presign", "/a"], "give an absolute one"),
    ],
)
def test_sign_and_presign_say_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert sign(*arguments) == 2
    assert words in capsys.readouterr().err


def _signed_file(tmp_path: Path, body: bytes = b"{}") -> Path:
    signed = Signer("lambda", "us-east-1", Credentials("AKIDEXAMPLE", SECRET)).sign(
        "POST", "https://lambda.us-east-1.amazonaws.com/a", {"Content-Type": "a/b"}, b"{}", at=1440938160
    )
    head = "".join(f"{name}: {value}\n" for name, value in signed.items())
    file = tmp_path / "request.http"
    file.write_bytes(f"POST /a HTTP/1.1\nContent-Length: {len(body)}\n{head}\n".encode() + body)
    return file


def test_diagnose_names_the_cause_and_its_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("diagnose", str(_signed_file(tmp_path))) == 0
    assert "The signature is right" in capsys.readouterr().out
    assert run("diagnose", str(_signed_file(tmp_path, b"{}\n")), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["signature_matches"] is False
    assert found["findings"][0]["id"] == "FAIL-32"
    answer = tmp_path / "answer.http"
    answer.write_bytes(
        b'HTTP/1.1 403 Forbidden\n\n{"message":"Credential should be scoped to correct service: \'x\'. "}'
    )
    assert run("diagnose", str(_signed_file(tmp_path)), "--response", str(answer)) == 1
    assert "sign for the service 'x'" in capsys.readouterr().out


def test_diagnose_without_credentials_examines_the_request_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert run("diagnose", str(_signed_file(tmp_path))) == 3
    assert "was not tried: no secret access key was given" in capsys.readouterr().out


def test_a_har_entry_is_diagnosed_with_its_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request = {"method": "GET", "url": "https://h/", "headers": []}
    response = {
        "status": 403,
        "headers": [],
        "content": {"text": '{"message":"Missing Authentication Token"}'},
    }
    har = tmp_path / "a.har"
    har.write_text(json.dumps({"log": {"entries": [{"request": request, "response": response}]}}))
    assert run("diagnose", "--har", str(har), "--entry", "0") == 1
    assert "FAIL-50 (proved)" in capsys.readouterr().out
    assert run("audit", str(har)) == 3
    told = capsys.readouterr().out
    assert "0: GET https://h/: 1 found" in told
    assert "FAIL-50" in told
    assert "it was refused; " in told


def test_audit_and_lint_exit_by_severity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", str(_signed_file(tmp_path))) == 0
    assert "nothing found" in capsys.readouterr().out
    assert run("audit", str(_signed_file(tmp_path, b"{}\n")), "--json") == 3
    findings = json.loads(capsys.readouterr().out)["requests"][0]["findings"]
    assert [each["id"] for each in findings] == ["FAIL-32"]
    assert run("lint", "https://h/a+b?c=%2f") == 1
    assert "Safe form: https://h/a%2Bb?c=%2F" in capsys.readouterr().out
    assert run("lint", "https://h/a") == 0
    assert "safe in this form" in capsys.readouterr().out
    assert run("lint", "https://h/a b", "--json") == 3
    assert json.loads(capsys.readouterr().out)["url"] == "https://h/a%20b"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["diagnose"], "give REQUEST or --har FILE"),
        (["diagnose", "a", "--har", "b"], "give REQUEST or --har FILE"),
        (["diagnose", "/nothing/here"], "No such file"),
        (
            ["diagnose", "-", "--secret-file", "-"],
            "the request and the secret cannot both come from standard input",
        ),
        (
            ["diagnose", "-", "--response", "-"],
            "the request and its answer cannot both come from standard input",
        ),
        (
            ["explain", "-", "--secret-file", "-"],
            "the request and the secret cannot both come from standard input",
        ),
        (
            ["audit", "-", "--secret-file", "-"],
            "the capture and the secret cannot both come from standard input",
        ),
        (["audit", "/nothing/here"], "No such file"),
        (["audit", os.devnull], "the file is empty"),
        (["lint", "nonsense"], "expected a URL"),
    ],
)
def test_the_auditing_verbs_say_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(*arguments) == 2
    assert words in capsys.readouterr().err
