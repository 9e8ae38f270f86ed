"""``sigv4``: its output for a raw request, and its errors."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4 import Credentials, Signer
from sigv4.cli import main

ROOT = Path(__file__).resolve().parents[3]
REQUEST = b"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\nHost: iam.amazonaws.com\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\n"
SCOPE = ("--service", "iam", "--region", "us-east-1", "--at", "20150830T123600Z")
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
# AWS General Reference: the example of this request.
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)


@pytest.fixture
def request_file(tmp_path: Path) -> str:
    (tmp_path / "request.txt").write_bytes(REQUEST)
    return str(tmp_path / "request.txt")


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert run("explain", *arguments, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.mark.slow
def test_a_closed_output_causes_no_error_message() -> None:
    command = [sys.executable, "-m", "sigv4", "lint", "https://h/a+b"]
    reading, writing = os.pipe()
    os.close(reading)
    found = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT)
    os.close(writing)
    assert (found.returncode, found.stderr) == (141, b"")


def test_json_has_every_step(capsys: pytest.CaptureFixture[str], request_file: str) -> None:
    found = explained(capsys, request_file, *SCOPE)
    assert list(found) == [
        "canonical_request",
        "string_to_sign",
        "credential_scope",
        "signed_headers",
        "signature",
        "authorization",
        "headers",
        "unsigned",
        "steps",
    ]
    assert found["credential_scope"] == "20150830/us-east-1/iam/aws4_request"
    assert found["signed_headers"] == "content-type;host;x-amz-date"
    assert found["signature"] == SIGNATURE
    assert str(found["string_to_sign"]).endswith(
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    )
    assert found["headers"] == {
        "Host": "iam.amazonaws.com",
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": found["authorization"],
    }


def test_text_shows_the_steps_in_order_with_their_rules(
    capsys: pytest.CaptureFixture[str], request_file: str
) -> None:
    assert run("explain", request_file, *SCOPE) == 0
    out = capsys.readouterr().out
    places = [
        out.index(title)
        for title in (
            "Canonical request\n\n  CR-METHOD ",
            "String to sign\n\n  STS-1 ",
            "Signing key\n\n  KEY-1 ",
            "Signature\n\n  KEY-2 ",
            "Authorization\n\n  AUTHZ-1 ",
        )
    ]
    assert places == sorted(places)
    assert SIGNATURE in out


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_request_comes_from_standard_input_with_either_line_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], end: bytes
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(REQUEST.replace(b"\n", end))))
    assert explained(capsys, "-", *SCOPE)["signature"] == SIGNATURE


@pytest.mark.parametrize(
    ("raw", "options", "lines"),
    [
        (b"GET /example space/ HTTP/1.1\nHost: h\n\n", (), "GET\n/example%20space/\n\n"),
        ("GET /ሴ HTTP/1.1\nHost: h\n\n".encode(), (), "GET\n/%E1%88%B4\n\n"),
        ("GET /?ሴ=bar HTTP/1.1\nHost: h\n\n".encode(), (), "GET\n/\n%E1%88%B4=bar\n"),
        (b"GET //example//.. HTTP/1.1\nHost: h\n\n", (), "GET\n/\n\n"),
        (b"GET //a/./b/ HTTP/1.1\nHost: h\n\n", ("--no-normalize",), "GET\n//a/./b/\n\n"),
        (b"GET / HTTP/1.1\nHost: h\nMy-Header: one\n  two\n\n", (), "GET\n/\n\nhost:h\nmy-header:one two\n"),
    ],
)
def test_a_raw_target_is_taken_as_the_bytes_given_and_folds_are_undone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, options: tuple[str, ...], lines: str
) -> None:
    (tmp_path / "raw").write_bytes(raw)
    found = explained(capsys, str(tmp_path / "raw"), *SCOPE, *options)
    assert str(found["canonical_request"]).startswith(lines)


def test_the_request_s_own_date_is_the_time_unless_another_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "raw").write_bytes(b"GET / HTTP/1.1\nHost: h\nX-Amz-Date: 20010203T040506Z\n\n")
    arguments = (str(tmp_path / "raw"), "--service", "iam", "--region", "us-east-1")
    assert explained(capsys, *arguments)["credential_scope"] == "20010203/us-east-1/iam/aws4_request"
    assert (
        explained(capsys, *arguments, "--at", "20020203T040506Z")["credential_scope"]
        == "20020203/us-east-1/iam/aws4_request"
    )


def test_a_secret_file_and_a_token_are_used_and_the_token_is_masked_in_text(
    tmp_path: Path, request_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    flags = (
        "--access-key-id",
        "AKIDOTHER",
        "--secret-file",
        str(tmp_path / "secret"),
        "--session-token",
        "TOKENMARK",
    )
    found = explained(capsys, request_file, *SCOPE, *flags)
    assert "Credential=AKIDOTHER/" in str(found["authorization"])
    assert "TOKENMARK" not in json.dumps(found)
    found = explained(capsys, request_file, *SCOPE, *flags, "--show-secrets")
    assert "x-amz-security-token:TOKENMARK" in str(found["canonical_request"])
    assert run("explain", request_file, *SCOPE, *flags) == 0
    out = capsys.readouterr().out
    assert "x-amz-security-token:***" in out
    assert "TOKENMARK" not in out


def test_the_keys_are_shown_when_asked_for(capsys: pytest.CaptureFixture[str], request_file: str) -> None:
    key = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"  # EX-IAM-1
    for form in ([], ["--json"], ["--html"]):
        assert run("explain", request_file, *SCOPE, *form) == 0
        hidden = capsys.readouterr().out
        assert key not in hidden
        assert "kSigning" in hidden
        assert run("explain", request_file, *SCOPE, *form, "--show-secrets") == 0
        shown = capsys.readouterr().out
        assert key in shown
        assert SECRET not in shown


def test_the_page_loads_nothing_and_says_what_is_signed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(b"GET /?a=%3Cb%3E HTTP/1.1\nHost: h\nX-A: <script>\nUser-Agent: u\n\n")
    assert run("explain", str(raw), *SCOPE, "--html") == 0
    page = capsys.readouterr().out.partition("<h2>The rules</h2>")[0]  # whose text mentions URLs
    assert not [
        mark
        for mark in (
            "<script",
            "<link",
            "<img",
            "<iframe",
            "src=",
            'href="http',
            "url(",
            "@import",
            "http:",
            "https:",
        )
        if mark in page
    ]
    assert "default-src 'none'" in page
    assert "x-a:&lt;script&gt;" in page
    assert "<code>User-Agent</code>: rewritten by" in page
    for rule in (
        "CR-METHOD",
        "CR-PATH-2",
        "CR-QUERY-2",
        "CR-HDR-6",
        "CR-FORMAT",
        "STS-2",
        "KEY-1",
        "AUTHZ-1",
    ):
        assert rule in page


def test_a_secret_on_the_command_line_is_warned_about(
    request_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run("explain", request_file, *SCOPE, "--access-key-id", "AKIDEXAMPLE", "--secret-access-key", SECRET)
        == 0
    )
    out, err = capsys.readouterr()
    assert SIGNATURE in out
    assert "shows in process lists" in err
    assert SECRET not in out + err


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty: expected a raw request"),
        (b"\n\n", "is empty: expected a raw request"),
        (b"hello\n\n", "line 1 is not an HTTP request line"),
        (b"GET / HTTP/1.1\nHost h\n\n", "line 2 is not a header"),
        (b"GET / HTTP/1.1\nHost: h\nB\xc3\xa4d: x\n\n", "line 3: header name"),
        (b"GET / HTTP/1.1\nA: b\n\n", "no Host"),
        (b"GET /?a=%zz HTTP/1.1\nHost: h\n\n", "broken percent escape '%zz'"),
        (b"GET / HTTP/1.1\nHost: h\nX-Amz-Date: yesterday\n\n", "expected a time as YYYYMMDDTHHMMSSZ"),
        (b"\x00\xff" * 1000, "NUL"),
    ],
)
def test_a_wrong_request_is_named_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, words: str
) -> None:
    (tmp_path / "raw").write_bytes(raw)
    assert run("explain", str(tmp_path / "raw"), "--service", "iam", "--region", "us-east-1") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("sigv4: ")


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
def test_a_wrong_call_is_told_what_is_missing(
    request_file: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    arguments = [request_file if each == "FILE" else each for each in arguments]
    assert run(*arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"], ["explain", "--help"]])
def test_help_is_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(*arguments) == 0
    assert capsys.readouterr().out.startswith("usage: sigv4")


def test_it_runs_as_a_module(request_file: str) -> None:
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


def test_a_flag_that_is_like_none_is_only_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sign", "https://h/", "--zzz", "MARK") == 2
    err = capsys.readouterr().err
    assert "unrecognized arguments: --zzz …\n" in err
    assert "did you mean" not in err


def test_a_secret_file_in_another_encoding_is_named(
    tmp_path: Path, request_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_bytes(SECRET.encode("utf-16"))
    flags = ("--access-key-id", "A", "--secret-file", str(tmp_path / "secret"))
    assert run("explain", request_file, *SCOPE, *flags) == 2
    assert "not UTF-8 text" in capsys.readouterr().err


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


def test_explain_presign_shows_the_published_url(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    (tmp_path / "raw").write_bytes(b"GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\n")
    arguments = (
        str(tmp_path / "raw"),
        "--service",
        "s3",
        "--region",
        "us-east-1",
        "--at",
        "20130524T000000Z",
    )
    found = explained(capsys, *arguments, "--presign", "--expires", "86400")
    assert found["signature"] == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    assert str(found["url"]).endswith(f"/test.txt?{found['authorization']}")


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


def test_diagnose_without_credentials_reads_what_there_is(
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
        (["diagnose", "-", "--secret-file", "-"], "cannot both come from standard input"),
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
