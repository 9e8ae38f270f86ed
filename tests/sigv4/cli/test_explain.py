"""``sigv4 explain``: the steps, their forms, and where the request and the keys come from."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from tests.sigv4.cli.explaining import REQUEST, SCOPE, SIGNATURE, run
from tests.sigv4.signed import SECRET

pytestmark = pytest.mark.usefixtures("keys_in_environment")


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert run("explain", *arguments, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


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
def test_a_raw_target_keeps_its_bytes_and_folds_are_undone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, options: tuple[str, ...], lines: str
) -> None:
    (tmp_path / "raw").write_bytes(raw)
    found = explained(capsys, str(tmp_path / "raw"), *SCOPE, *options)
    assert str(found["canonical_request"]).startswith(lines)


def test_the_date_of_the_request_is_used_unless_another_is_given(
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
    page = capsys.readouterr().out.partition("<h2>The rules</h2>")[0]  # its text contains URLs
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
    rows = re.findall(r'<tr class="(\w*)"><td>.*<td class="origin">(.*)</td></tr>', page)
    kinds = {origin: kind for kind, origin in rows if kind}
    assert kinds == {
        "the method, as sent": "given",
        "a header of the request": "given",
        "added by the signer": "added",
        "the path, escaped once more than it is sent, dot and empty segments resolved": "target",
        "the query, each part decoded and escaped, sorted": "target",
        "SHA-256 of no bytes": "body",
    }
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


def test_a_secret_file_in_another_encoding_is_named(
    tmp_path: Path, request_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_bytes(SECRET.encode("utf-16"))
    flags = ("--access-key-id", "A", "--secret-file", str(tmp_path / "secret"))
    assert run("explain", request_file, *SCOPE, *flags) == 2
    assert "not UTF-8 text" in capsys.readouterr().err


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
