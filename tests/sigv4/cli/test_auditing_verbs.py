"""``diagnose``, ``explain``, ``audit`` and ``lint`` with every kind of input, and output as text, in colour and as HTML."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, Signer
from sigv4.cli import audit, colours, main
from sigv4.cli.colours import split_difference, visible, wants_colour
from sigv4.cli.progress import Progress
from tests.sigv4.signed import SECRET

CAPTURES = Path(__file__).parents[3] / "fixtures" / "captures"
KINDS = [
    "curl-verbose.txt",
    "boto3-debug.log",
    "aws-cli-debug.log",
    "requests-debug.txt",
    "httpx-verbose.txt",
    "chromium.har",
    "chromium-curl.txt",
    "chromium-curl-cmd.txt",
]
pytestmark = pytest.mark.usefixtures("keys_in_environment")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = int(str(stop.code))
    shown = capsys.readouterr()
    return code, shown.out + shown.err


@pytest.mark.parametrize("name", KINDS)
def test_every_verb_reads_every_kind(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(CAPTURES / name)
    whole = name not in ("curl-verbose.txt", "httpx-verbose.txt")
    code, out = run(capsys, "diagnose", file)
    # The signatures are right, but the captures' server refused them: their Host, 127.0.0.1, may be a proxy's.
    assert ("The signature is right" in out) is whole
    # These do not print the answer, or its body.
    silent = ("requests-debug.txt", "chromium-curl.txt", "chromium-curl-cmd.txt")
    refused = whole and name not in silent
    assert code == (1 if refused else 0 if whole else 3), out
    code, out = run(capsys, "explain", file)
    assert ("They agree." in out) is whole
    assert code == (0 if whole else 1)
    signed = "content-type;host;x-amz-date" + (";x-amz-target" if "chromium" not in name else "")
    assert signed in out
    code, out = run(capsys, "audit", file)
    assert out.startswith(("0: POST http://127.0.0.1", "0: POST /"))
    assert run(capsys, "lint", file)[0] in (0, 1)


def test_a_har_that_chromium_sanitized_is_called_incomplete(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys, "diagnose", str(CAPTURES / "chromium-sanitized.har"))
    assert (code, "FAIL-56" in out) == (3, True)


def _url() -> str:
    signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", SECRET))
    return str(signer.presign("GET", "https://b.s3.us-east-1.amazonaws.com/a", expires=900))


def test_a_bare_url_comes_from_a_file_or_from_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "url.txt"
    file.write_text(_url() + "\n", "utf-16")
    assert run(capsys, "diagnose", str(file))[0] == 0
    code, out = run(capsys, "explain", str(file))
    assert code == 0
    assert "They agree." in out
    file.write_text(_url() + "\n", "utf-8")
    assert "safe in this form" in run(capsys, "lint", str(file))[1]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(_url().encode())))
    assert "safe in this form" in run(capsys, "lint", "-")[1]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"nonsense")))
    assert "expected a raw request" in run(capsys, "lint", "-")[1]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{_url()}\n{_url()}".encode())))
    assert "there are 2 URLs: expected one" in run(capsys, "lint", "-")[1]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"GET /a//b HTTP/1.1\nHost: h\n\n")))
    assert "CR-PATH-3" in run(capsys, "lint", "-")[1]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"See {_url()}.".encode())))
    assert "safe in this form" in run(capsys, "lint", "-")[1]


def test_explain_says_that_a_request_has_no_signature(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "raw"
    file.write_bytes(b"GET / HTTP/1.1\nHost: h\n\n")
    code, out = run(capsys, "explain", str(file))
    assert (code, "has no Version 4 signature" in out) == (2, True)
    code, out = run(capsys, "explain", str(file), "--resign")
    assert (code, "give --service" in out) == (2, True)
    file.write_text(_url().replace("&", "&amp;"))
    code, out = run(capsys, "explain", str(file))
    assert (code, "'sigv4 diagnose' says why" in out) == (2, True)


def test_explain_compares_both_signatures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(CAPTURES / "curl-bedrock.http")
    code, out = run(capsys, "explain", file, "--json")
    found = json.loads(out)
    assert (code, found["agrees"]) == (1, False)
    assert found["sent_signature"] != found["signature"]
    assert "They differ" in run(capsys, "explain", file, "--html")[1]
    assert run(capsys, "explain", file, "--resign", "--service", "bedrock", "--region", "us-east-1")[0] == 0
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    code, out = run(capsys, "explain", file)
    assert (code, "it needs the secret access key" in out) == (0, True)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"%PDF-1.7", "looks like a PDF file"),
        (b"HTTP/1.1 403 Forbidden\n\n", "looks like an answer without its request"),
        (b"PK\x03\x04", "looks like a ZIP file"),
        (b" \n", "is empty"),
        (b"nonsense", "expected a raw request"),
        (b'{"log": {"entries": []}}', "holds no request"),
    ],
)
def test_the_error_for_another_file_is_one_line_that_names_its_kind(
    raw: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x"
    file.write_bytes(raw)
    code, out = run(capsys, "diagnose", str(file))
    assert (code, said in out, out.count("\n")) == (2, True, 1), out


def test_an_answer_without_a_status_line_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>x</CanonicalRequest></Error>"
    for text in (body, f"Content-Type: application/xml\n\n{body}", f"HTTP/1.1 403 Forbidden\n\n{body}"):
        file = tmp_path / "answer"
        file.write_text(text)
        out = run(capsys, "diagnose", str(CAPTURES / "curl-bedrock.http"), "--response", str(file))[1]
        assert "FAIL-39" in out
    file.write_text("nonsense")
    assert run(capsys, "diagnose", str(CAPTURES / "curl-bedrock.http"), "--response", str(file))[0] == 2


def test_an_entry_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys, "diagnose", str(CAPTURES / "curl-bedrock.http"), "--entry", "4")
    assert (code, "--entry is 4: the file has 1 request, counted from 0" in out) == (2, True)
    assert run(capsys, "diagnose", str(CAPTURES / "curl-bedrock.http"), "--entry", "0")[0] == 1


def test_colour_marks_what_differs_and_can_be_switched_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(CAPTURES / "curl-bedrock.http")
    plain = run(capsys, "diagnose", file)[1]
    painted = run(capsys, "diagnose", file, "--color", "always")[1]
    assert "\x1b[" not in plain
    assert "\x1b[31;7m25\x1b[0m" in painted
    assert "this request: /model/anthropic.claude-v2%" in plain
    assert run(capsys, "diagnose", file, "--color", "never")[1] == plain
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colour(Namespace(color="auto"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Namespace(color="auto"))


def test_the_page_of_a_diagnosis_loads_nothing_and_holds_the_rules(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out = run(capsys, "diagnose", str(CAPTURES / "curl-bedrock.http"), "--html")
    assert code == 1
    assert 'href="#FAIL-01"' in out
    assert 'id="FAIL-01"' in out
    assert "<del>25</del>" in out
    assert "http://" not in out
    assert "https://" not in out
    assert "<script" not in out
    good = run(capsys, "diagnose", str(CAPTURES / "requests-debug.txt"), "--html")[1]
    assert SECRET not in out + good
    assert 'class="verdict wrong"' in out


def test_the_progress_of_an_audit_is_how_much_of_its_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[float | None] = []

    class Watched(Progress):
        def step(self, *arguments: Any) -> None:
            parts.append(self.fraction())

    monkeypatch.setattr(audit, "Progress", Watched)
    main(["audit", str(CAPTURES / "chromium.har")])
    assert parts == [1.0]


def test_each_colour_has_its_code_of_iso_6429() -> None:
    names = ("BOLD", "RED", "GREEN", "YELLOW", "CYAN", "DIM")
    assert [getattr(colours, name) for name in names] == ["1", "31", "32", "33", "36", "2"]
    assert colours.Painter(True).paint("a", "1", "31") == "\x1b[1;31ma\x1b[0m"
    assert (colours.Painter(True).paint("", "1"), colours.Painter(False).paint("a", "1")) == ("", "a")


def test_a_file_for_lint_may_hold_bytes_that_are_not_utf_8(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f").write_bytes(b"GET /a HTTP/1.1\r\nHost: h\r\nX-A: \xff\r\n\r\n")
    assert run(capsys, "lint", str(tmp_path / "f"))[0] in (0, 1)


def test_invisible_characters_are_made_visible() -> None:
    assert visible(" a\tb\r\n\x01 ") == "·a␉b␍␊⟨01⟩·"
    assert visible("  ") == "··"
    assert split_difference("abcd", "abXcd") == ("ab", "", "X", "cd")
    assert split_difference("aa", "a") == ("a", "a", "", "")


@pytest.mark.parametrize(("jobs", "processes"), [("0", 3), ("1", 1), ("2", 2), ("24", 24)])
def test_the_number_of_processes(monkeypatch: pytest.MonkeyPatch, jobs: str, processes: int) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("os.cpu_count", lambda: 3)

    def reports(*given: Any) -> Iterator[Any]:
        asked.append(given[3])
        yield from ()

    monkeypatch.setattr(audit, "_reports", reports)
    assert main(["audit", str(CAPTURES / "chromium.har"), "--jobs", jobs]) == 0
    assert asked == [processes]


@pytest.mark.parametrize("jobs", ["-1", "25"])
def test_an_invalid_number_of_processes_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    code, told = run(capsys, "audit", str(CAPTURES / "chromium.har"), "--jobs", jobs)
    assert (code, f"--jobs is {jobs}: expected a number of processes up to 24" in told) == (2, True)


def test_a_capture_does_not_write_control_characters_to_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """They could clear the screen, or write a line that looks like one of the audit."""
    hostile = "\x1b[2J\r\n1: GET /: nothing found\x9b\u202e"
    entry = {
        "method": f"GET{hostile}",
        "url": f"https://x.example/{hostile}?{hostile}",
        "headers": {
            "host": f"h{hostile}",
            "authorization": f"AWS4-HMAC-SHA256 {hostile}",
            "x-amz-date": hostile,
        },
    }
    capture = tmp_path / "capture.jsonl"
    capture.write_text(json.dumps(entry))
    for verb in ("audit", "diagnose"):
        _, out = run(capsys, verb, str(capture))
        assert out.replace("\n", "").isprintable()
        assert "\n1: GET" not in out
