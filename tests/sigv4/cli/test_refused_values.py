"""Values of flags that name nothing, have no end or have no effect are refused by every verb."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_api.cli import main as sagemaker_api
from sigv4.cli import main

ROOT = Path(__file__).parents[3]
URL = "https://b.s3.us-east-1.amazonaws.com/k"
OVER_HTTP = "http://127.0.0.1:9/ --service execute-api --region us-east-1"


@pytest.fixture(autouse=True)
def _in_an_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_text("GET / HTTP/1.1\nHost: h\n\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.mark.parametrize(
    "words",
    [
        "explain", "diagnose", "audit", "diagnose --har", "diagnose f --response", f"sign {URL} -d @",
        f"sign {URL} --access-key-id AKIDEXAMPLE --secret-file", "layer -o", "vendor", "vendor --check", "conformance",
        "conformance --only CR-PATH-2 --junit", "conformance --archive", f"send {OVER_HTTP} -o",
    ],
)  # fmt: skip
def test_an_empty_name_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = words.split() if words.endswith("@") else [*words.split(), ""]
    assert main(arguments) == 2
    found = capsys.readouterr()
    assert (found.out, found.err) == ("", "sigv4: '': the name of the file is empty\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["simulate", "--policy", ""], "the name of a file is empty"),
        (["local", "--policy", ""], "the name of a file is empty"),
        (["local", "--identity", ""], "the name of a file is empty"),
        (["local", "--access-key-id", "AKIDLOCAL", "--secret-file", ""], "the name of the file is empty"),
        (["local", "--jupyter", ""], "the directory for notebooks is ''"),
        (["list-tags", "--cli-input-json", "file://"], "the name of the file is empty"),
    ],
)
def test_the_client_refuses_an_empty_name(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sagemaker_api(words) in (252, 253)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("words", ["explain", "diagnose", "audit", "diagnose f --response", f"sign {URL} --data-binary @"])  # fmt: skip
def test_a_device_without_an_end_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = f"{words}/dev/zero".split() if words.endswith("@") else [*words.split(), "/dev/zero"]
    assert main(arguments) == 2
    assert "'/dev/zero': Is a device: expected a file, a pipe or a terminal" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["explain", "diagnose", "audit"])
def test_a_url_in_place_of_a_file_is_named_and_not_shown(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, f"{URL}?X-Amz-Signature=hidden"]) == 2
    found = capsys.readouterr().err
    assert "a URL is given in place of a file" in found
    assert "hidden" not in found


def test_the_null_device_is_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("/dev/null", "link"):
        assert main(["audit", name]) == 2
        assert "the file is empty" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["no/out", "."])
def test_an_output_that_cannot_be_made_is_found_before_anything_is_sent(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["send", *OVER_HTTP.split(), "-o", name]) == 23
    )  # not 7 (no connection): the file is checked first
    assert f"{name} could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "said"), [("", "the program is empty"), ("  ", "the program is empty"), ("'node", "No closing quotation")]
)  # fmt: skip
@pytest.mark.parametrize("flag", ["--lines", "--cmd", "--presign-cmd"])
def test_a_command_that_names_no_program(
    flag: str, command: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conformance", "--only", "CR-PATH-2", flag, command]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("url", ["", "nonsense", "https://", "ftp://h/", "ftp://user:hidden@h/"])
def test_an_invalid_url_that_was_called_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", "f", "--url", url]) == 2
    found = capsys.readouterr().err
    assert "expected the URL that was called" in found
    assert "hidden" not in found


@pytest.mark.parametrize("verb", ["sign", "presign", "send"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https:///x", "no valid host"),
        ("https://h:99999/", "no valid host"),
        ("https://h ost/", "holds ' ' at position 9"),
        ("ftp://h/", "scheme is 'ftp'"),
    ],
)
def test_a_wrong_url_is_named_before_a_missing_service(
    verb: str, url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, url]) == 2
    found = capsys.readouterr().err
    assert said in found
    assert "--service" not in found


@pytest.mark.parametrize(
    "flags",
    ["--service s3", "--region us-east-1", "--at 20130524T000000Z", "--no-normalize", "--algorithm v4a"],
)
def test_explain_refuses_a_flag_that_a_signed_request_leaves_without_effect(
    flags: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capture = str(ROOT / "fixtures/captures/curl-bedrock.http")
    assert main(["explain", capture, *flags.split()]) == 2
    assert (
        f"leave {flags if 'v4a' in flags else flags.split()[0]} out, or give --resign"
        in capsys.readouterr().err
    )


def test_an_empty_method_is_not_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sign", URL, "-X", ""]) == 2
    assert "the method is ''" in capsys.readouterr().err


def test_a_rule_without_its_zero_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "fail-1"]) == 2
    assert "did you mean FAIL-01?" in capsys.readouterr().err
