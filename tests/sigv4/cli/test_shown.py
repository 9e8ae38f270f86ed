"""What the command line shows while it works: progress, colours, invisible characters; and how it reads files."""

from __future__ import annotations

import io
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.cli import request_flags
from sigv4.cli.colours import BOLD, RED, Painter, split_difference, visible, wants_colour
from sigv4.cli.inputs import is_signed, read_exchange, read_response
from sigv4.cli.progress import Progress, SearchProgress, followed, part_read
from sigv4.cli.standard_streams import one_from_stdin
from sigv4.request import Request


class Terminal(io.StringIO):
    def __init__(self, is_one: bool = True) -> None:
        super().__init__()
        self.is_one = is_one

    def isatty(self) -> bool:
        return self.is_one


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("elapsed", "done", "text"),
    [
        (0.49, 0.5, ""),
        (0.5, None, "\r1 entries, 0 s elapsed"),
        (2.0, 0.0, "\r1 entries, 2 s elapsed"),
        (10.0, 0.25, "\r1 entries, 10 s elapsed, about 30 s remaining"),
        (59.9, 0.5, "\r1 entries, 59 s elapsed, about 59 s remaining"),
        (60.0, 1.0, "\r1 entries, 1 min 00 s elapsed, about 0 s remaining"),
        (125.0, 0.5, "\r1 entries, 2 min 05 s elapsed, about 2 min 05 s remaining"),
    ],
)
def test_the_progress_of_a_run(elapsed: float, done: float | None, text: str) -> None:
    terminal, clock = Terminal(), Time()
    progress = Progress(lambda: done, terminal=terminal, clock=clock)
    clock.now += elapsed
    progress.step()
    assert terminal.getvalue() == text


def test_progress_is_shown_twice_a_second_and_removed_at_the_end() -> None:
    terminal, clock = Terminal(), Time()
    progress = Progress(terminal=terminal, clock=clock)
    progress.close()
    assert terminal.getvalue() == ""
    for _ in range(5):
        clock.now += 0.25
        progress.step("told" if clock.now > 100.9 else "longer than that")
    shown = ["longer than that, 0 s elapsed", "told, 1 s elapsed".ljust(29)]
    assert terminal.getvalue() == "".join(f"\r{line}" for line in shown)
    progress.close()
    assert terminal.getvalue().endswith(f"\r{'':17}\r")
    file = Terminal(False)
    hidden = Progress(terminal=file, clock=clock)
    clock.now += 60
    hidden.step()
    hidden.close()
    assert file.getvalue() == ""


class Steps:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.closed = 0

    def step(self, told: str = "") -> None:
        self.told.append(told)

    def close(self) -> None:
        self.closed += 1


def test_items_are_followed_to_their_end_or_a_fault() -> None:
    steps: Any = Steps()
    assert list(followed(iter("abc"), 3, steps)) == ["a", "b", "c"]
    assert (len(steps.told), steps.closed) == (3, 1)
    broken = followed((1 / each for each in (1, 0)), 2, steps)
    with pytest.raises(ZeroDivisionError):
        list(broken)
    assert steps.closed == 2


def test_the_progress_of_a_search() -> None:
    steps: Any = Steps()
    search = SearchProgress(steps)
    search.told("keys", 1000, 4000)
    assert steps.told == ["keys: 1,000 of about 4,000 tried"]
    own = SearchProgress()
    assert own.progress.fraction() == 0.0
    own.told("keys", 1, 4)
    assert own.progress.fraction() == 0.25
    own.told("keys", 0, 0)
    assert own.progress.fraction() == 0.0


def test_how_much_of_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with (tmp_path / "file").open("rb") as file:
        assert part_read(file) == 0.0
        file.read(4)
        assert part_read(file) == 0.4
    (tmp_path / "empty").touch()
    with (tmp_path / "empty").open("rb") as file:
        assert part_read(file) is None
    assert part_read(io.BytesIO(b"x")) is None


# --- colours


@pytest.mark.parametrize(
    ("color", "terminal", "environ", "wanted"),
    [
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {}, False),
        ("auto", True, {}, True),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {}, False),
    ],
)
def test_when_output_is_coloured(
    monkeypatch: pytest.MonkeyPatch, color: str, terminal: bool, environ: dict[str, str], wanted: bool
) -> None:
    monkeypatch.setattr(os, "environ", environ)
    monkeypatch.setattr(sys, "stdout", Terminal(terminal))
    assert bool(wants_colour(Namespace(color=color))) is wanted


def test_a_painter() -> None:
    assert Painter(True).paint("a", BOLD, RED) == "\x1b[1;31ma\x1b[0m"
    assert Painter(True).paint("", RED) == ""
    assert Painter(False).paint("a", RED) == "a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a b", "a b"),
        ("  a ", "··a·"),
        (" ", "·"),
        ("", ""),
        ("\n\r\t\0\x7f", "␊␍␉␀␡"),
        ("\u00a0\u200b\ufeff", "⍽⟨200B⟩⟨FEFF⟩"),
        ("\x1f\x01", "⟨1F⟩⟨01⟩"),
        ("\x9b\u202e\u2028\ud800", "⟨9B⟩⟨202E⟩⟨2028⟩⟨D800⟩"),
    ],
)
def test_invisible_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("abcd", "abxd", ("ab", "c", "x", "d")),
        ("ab", "ab", ("ab", "", "", "")),
        ("ab", "abc", ("ab", "", "c", "")),
        ("aab", "ab", ("a", "a", "", "b")),
        ("", "a", ("", "", "a", "")),
        ("a", "b", ("", "a", "b", "")),
        ("aa", "a", ("a", "a", "", "")),
    ],
)
def test_where_two_texts_differ(one: str, other: str, parts: tuple[str, str, str, str]) -> None:
    assert split_difference(one, other) == parts


# --- files


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nX: y\r\n\r\nbody", 400, b"body"),
        (b'{"message": "m"}', 403, b'{"message": "m"}'),
        (b"\n <Error/>", 403, b"\n <Error/>"),
        (b"X: y\r\n\r\nbody", 403, b"body"),
        (b"X: y\n\nbody", 403, b"body"),
    ],
)
def test_an_answer_is_read_in_every_form(tmp_path: Path, raw: bytes, status: int, body: bytes) -> None:
    (tmp_path / "answer").write_bytes(raw)
    found = read_response(str(tmp_path / "answer"))
    assert (found.status, found.body) == (status, body)
    if raw.startswith((b"HTTP", b"X")):
        assert found.header("x") == "y"


def test_standard_input_is_read_once() -> None:
    fine: list[tuple[tuple[str | None, ...], str | None]] = [((), "-"), (("-",), None), ((None, "a"), "-")]
    for names, secret in fine:
        one_from_stdin("the request", secret, *names)
    twice: list[tuple[tuple[str, ...], str | None, str]] = [
        (("-",), "-", "the request and the secret"),
        (("-", "-"), None, "the request and its answer"),
    ]
    for names, secret, both in twice:
        with pytest.raises(SigningError, match=f"^{both} cannot both come from standard input"):
            one_from_stdin("the request", secret, *names)


def test_which_requests_are_signed() -> None:
    for url, headers, signed in (
        ("/?X-Amz-Signature=x", {}, True),
        ("/", {"AUTHORIZATION": "x"}, True),
        ("/?X-Amz-Signatures=x", {}, False),
        ("/", {}, False),
    ):
        assert is_signed(Request("GET", url, headers)) is signed


RAW = "GET /{} HTTP/1.1\r\nHost: h\r\n{}\r\n\r\n"


@pytest.mark.parametrize(
    ("entries", "number", "found"),
    [
        (("a", "b", "c"), None, "/b"),
        (("a", "c"), None, "/a"),
        (("a", "b", "c"), 0, "/a"),
        (("a", "b", "c"), 2, "/c"),
        (("a",), 1, "--entry is 1: the file has 1 request, counted from 0"),
        (("a", "b"), -1, "--entry is -1: the file has 2 requests, counted from 0"),
    ],
)
def test_which_request_of_a_file_is_chosen(
    tmp_path: Path, entries: tuple[str, ...], number: int | None, found: str
) -> None:
    text = "".join(
        RAW.format(each, "Authorization: AWS4-HMAC-SHA256 x" if each == "b" else "X: y") for each in entries
    )
    (tmp_path / "requests").write_text(text)
    name = str(tmp_path / "requests")
    if found.startswith("/"):
        request, _ = read_exchange(name, number)[:2]
        assert request.url.endswith(found)
    else:
        with pytest.raises(SigningError, match=found):
            read_exchange(name, number)


# --- the flags of a request


def parsed(*words: str) -> Namespace:
    parser = ArgumentParser()
    request_flags.add_arguments(parser)
    return parser.parse_args(["http://h/", *words])


@pytest.mark.parametrize("flag", ["-d", "--data", "--data-binary"])
def test_a_body_is_given_once(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(flag, "a", flag, "b")
    assert f"{flag} is given twice: give one, its parts joined with '&'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parsed("-d", "a", "--data-binary", "b")


@pytest.mark.parametrize(
    ("words", "method", "wants_length"),
    [
        ((), "GET", False),
        (("-d", "a"), "POST", False),
        (("--data-binary", ""), "POST", False),
        (("-X", "PUT"), "PUT", True),
        (("-X", "POST", "-H", "Content-Length : 5"), "POST", False),
        (("-X", "POST", "-d", "a"), "POST", False),
        (("-X", "DELETE"), "DELETE", False),
    ],
)
def test_the_method_and_whether_it_needs_a_length(
    words: tuple[str, ...], method: str, wants_length: bool
) -> None:
    options = parsed(*words)
    assert request_flags.method(options) == method
    assert request_flags.wants_length(method, options) is wants_length


def test_the_headers_of_the_flags() -> None:
    assert request_flags.headers(parsed("-H", "A:b", "-H", "C: \t d: e ")) == [("A", "b"), ("C", "d: e")]
    with pytest.raises(SigningError, match=f"^the header '{'x' * 40}' has no colon: expected 'Name: value'$"):
        request_flags.headers(parsed("-H", "x" * 50))
    for name in ("X-Amz-Security-Token", " x-amz-signature ", "X-AMZ-EXPIRES"):
        with pytest.raises(SigningError, match=f"^the header '{name.strip()}' is not given with -H: "):
            request_flags.headers(parsed("-H", f"{name}: x"))


def test_the_body_of_the_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "body").write_bytes(b"a\r\nb\n")
    name = f"@{tmp_path / 'body'}"
    assert request_flags.body(parsed()) is None
    assert request_flags.body(parsed("-d", "a\nb")) == b"a\nb"
    assert request_flags.body(parsed("-d", name)) == b"ab"
    assert request_flags.body(parsed("--data-binary", name)) == b"a\r\nb\n"
    for flag, found in (("-d", b"ab"), ("--data-binary", b"a\r\nb\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\r\nb\n")))
        assert request_flags.body(parsed(flag, "@-")) == found
    assert request_flags.at(parsed()) is None
    assert request_flags.at(parsed("--at", "20270115T080000Z")) == 1_800_000_000
