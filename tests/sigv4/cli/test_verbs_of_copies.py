"""The verbs that copy the package, and the exit codes of ``send``: flags, refusals and codes; nothing is copied or sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.cli import send, vendor
from sigv4.network.deadline_socket import ExchangeError
from sigv4.target import split_url
from sigv4.vendoring import vendored
from sigv4.vendoring.package_files import ADAPTERS
from tests.sigv4.cli.parsing import parsed_by


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ((), {"only": None, "adapters": [], "single": False}),
        (("--only", "sign"), {"only": "sign", "adapters": [], "single": False}),
        (("--single-file",), {"only": None, "adapters": [], "single": True}),
        (
            ("--only", "sign", "--with", "requests", "--with", "httpx"),
            {"only": "sign", "adapters": ["requests", "httpx"], "single": False},
        ),
        (("--single-file", "--with", "httpx"), {"only": None, "adapters": ["httpx"], "single": True}),
    ],
)
def test_what_is_copied(
    words: tuple[str, ...],
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[tuple[Path, dict[str, Any]]] = []

    def copied(target: Path, **given: Any) -> int:
        asked.append((target, given))
        return 12_345

    monkeypatch.setattr(vendored, "vendor", copied)
    assert vendor.run(parsed_by(vendor, "there", *words)) == 0
    assert asked == [(Path("there"), options)]
    assert capsys.readouterr().out == "there: 12.3 kB\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--with", "httpx"),
            "--with goes with --only sign or --single-file: a whole copy has every adapter",
        ),
        (("--check", "--only", "sign"), "--check finds these options in the copy: leave out --only, "),
        (("--check", "--single-file"), "--check finds these options in the copy: leave out --only, "),
        (("--check", "--with", "httpx"), "--check finds these options in the copy: leave out --only, "),
        (("--check",), "there does not exist"),
    ],
)
def test_flags_that_do_not_go_together(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(SigningError, match=f"^{said}"):
        vendor.run(parsed_by(vendor, "there", *words))


@pytest.mark.parametrize("words", [("--only", "verify"), ("--with", "pycurl")])
def test_an_unknown_value_is_refused_with_the_known_ones(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed_by(vendor, "there", *words)
    known = ADAPTERS if words[0] == "--with" else ("sign",)
    assert all(each in capsys.readouterr().err for each in known[:1])


@pytest.mark.parametrize(
    ("changed", "outdated", "code", "said"),
    [
        ([], [], 0, "{}: unchanged, and up to date\n"),
        (["a"], [], 1, "changed since it was vendored: a\n"),
        ([], ["b"], 1, "different in this version: b\n"),
        (["a"], ["b"], 1, "changed since it was vendored: a\ndifferent in this version: b\n"),
    ],
)
def test_what_a_check_says(
    tmp_path: Path,
    changed: list[str],
    outdated: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(vendored, "check", lambda target: (changed, outdated))
    assert vendor.run(parsed_by(vendor, str(tmp_path), "--check")) == code
    assert capsys.readouterr().out == said.format(tmp_path)


# curl's exit codes: https://curl.se/docs/manpage.html#EXIT
@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ExchangeError("connect", "why", "resolve"), 6, "the host 'h' was not found: why"),
        (ExchangeError("connect", "why", "connect"), 7, "no connection to h port 8: why"),
        (ExchangeError("closed", "why", "not-http"), 8, "the answer is not HTTP: why"),
        (ExchangeError("closed", "why", "body"), 18, "the body ended early: why"),
        (TimeoutError(), 28, "--max-time: 2.5 seconds are over"),
        (ExchangeError("tls", "why", "tls"), 35, "no TLS session with h: why"),
        (ExchangeError("closed", "why", "no-answer"), 52, "no answer: why"),
        (ExchangeError("closed", "why", "send"), 55, "the request could not be sent: why"),
        (ExchangeError("closed", "why", "receive"), 56, "no answer could be received: why"),
        (OSError("why"), 56, "no answer could be received: why"),
        (ExchangeError("tls", "why", "certificate"), 60, "the certificate of h is not trusted: why"),
    ],
)
def test_the_exit_code_of_a_failed_exchange(error: ExchangeError | OSError, code: int, said: str) -> None:
    failure = send._failure(error, split_url("http://h:8/"), 2.5)
    assert (failure.code, str(failure)) == (code, said)


def test_how_much_of_a_body_is_sent(tmp_path: Path) -> None:
    assert [send._size(body) for body in (None, b"", b"abc")] == [0, 0, 3]
    (tmp_path / "file").write_bytes(b"0123456789")
    with (tmp_path / "file").open("rb") as file:
        assert send._size(file) == 10
        file.seek(4)
        assert send._size(file) == 6
