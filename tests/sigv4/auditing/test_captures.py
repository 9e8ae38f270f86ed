"""Captures of any size are read entry by entry, and no search is repeated."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, Request, SigningError, diagnose
from sigv4.auditing import json_stream
from sigv4.auditing.audit import audit
from sigv4.auditing.captures import captures, read_captures
from sigv4.auditing.json_stream import JsonReader
from sigv4.cli import main
from tests.sigv4.auditing.entries import KEYS, NOW, WRONG, entry, har, line, signed


class Blocks:
    """A file that returns ``size`` bytes per read, and records how far it was read."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = content
        self._size = size
        self.at = 0

    def read(self, size: int, /) -> bytes:
        block = self._content[self.at : self.at + min(size, self._size)]
        self.at += len(block)
        return block


def elements(text: bytes, size: int = 1 << 16) -> list[Any]:
    reader = JsonReader(Blocks(text, size), "the file")
    others = []

    def followed() -> Iterator[Any]:
        others.append((yield from reader.elements("log", "entries")))

    found = list(followed())
    reader.end()
    if others != [None]:
        raise SigningError("no log.entries")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 16])
@pytest.mark.parametrize(
    "value",
    [[], [1, 2.5e3, -1, "a", None, True, {"entries": [1]}, [[]], "ü😀\\\"}]"], ["x" * 70_000, {"k": "y" * 200_000}], [{}] * 500],
)  # fmt: skip
def test_the_elements_are_those_of_the_json_module(value: list[Any], size: int) -> None:
    if size < 7 and len(str(value)) > 10_000:
        size = 997
    for document in (
        {"log": {"version": "1.2", "entries": value, "pages": [{"entries": []}]}, "after": 1},
        {"before": {"log": {"entries": [9]}}, "log": {"creator": {"name": "]}"}, "entries": value}},
    ):
        for indent in (None, 2):
            assert elements(json.dumps(document, indent=indent).encode(), size) == value
            assert (
                elements(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"), size)
                == value
            )


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"{", b"{]", b'{"log"', b'{"log":', b'{"log" 1}', b'{log: 1}', b'{"log": {"entries": [', b'{"log": {"entries": [1',
        b'{"log": {"entries": [1,]}}', b'{"log": {"entries": [1 2]}}', b'{"log": {"entries": []} "x": 1}', b'{"log": {"entries": []}',
        b'{"log": {"entries": []}} x', b'{"log": {"entries": []}}}', b'{"log": {"entries": ["\xff"]}}', b'{"log": {"entries": [tru]}}',
        b'{"log": {"entries": ' + b"[" * 100_000, b'{"log": {"entries": [1]}, "x": nope}', b'{"log": {"entries": ["\xc3',
        b'{}', b'{"log": {}}', b'{"log": []}', b'{"log": {"entries": {}}}', b'{"log": {"entries": null}}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 1 << 16])
def test_what_is_not_such_a_document_is_refused(text: bytes, size: int) -> None:
    if len(text) > 1000 and size == 1:
        size = 1000
    with pytest.raises(SigningError, match=r"the file is not JSON|no log\.entries"):
        elements(text, size)


@pytest.mark.parametrize("size", [1, 100, 1 << 16])
def test_every_form_is_read_in_the_same_way(size: int) -> None:
    requests = [signed(number) for number in range(3)]
    lines = "\n".join(map(line, requests)).encode()
    other_first = json.dumps({"comment": 1, "log": {"entries": [entry(each) for each in requests]}})
    for content in (
        har(requests), b"\n \r\n" + har(requests), lines, b"\n\n" + lines.replace(b"\n", b"\r\n\n") + b"\n",
        other_first.encode(), json.dumps(json.loads(other_first), indent=2).encode(),
    ):  # fmt: skip
        assert [exchange[0] for exchange in captures(Blocks(content, size))] == requests
    one = json.dumps(json.loads(line(requests[0])), indent=3).encode()
    assert read_captures(one) == [(requests[0], None)]


def test_errors_name_the_line() -> None:
    good = line(signed(1))
    for content, error in (
        (f"{good}\n\n{{", "the file is not JSON: line 3: "),
        (f"{good}\nx", "the file is not JSON: line 2: Expecting value"),
        (f'{good}\n{{\n"a": x}}\n{good}', "the file is not JSON: line 3: Expecting value"),
        (f"{good}\n\n{{}}", "line 3: the request needs a method"),
        ('{"a": 1}\n{}', "line 1: the request needs a method"),
        ("{", "the file is not JSON"),
        (" \n ", "the file is empty"),
    ):
        with pytest.raises(SigningError, match=error):
            read_captures(content.encode())


@pytest.mark.parametrize("number", ["1234", "-12.5e+3", "0.25"])
def test_a_number_is_read_whole_wherever_the_text_read_so_far_ends(number: str) -> None:
    before, after = b'{"log": {"entries": [', b", 7]}}"
    for cut in range(len(number) + 1):
        padding = b" " * (json_stream._BLOCK - len(before) - cut)
        document = before + padding + number.encode() + after
        assert elements(document) == [float(number), 7]


def test_an_entry_is_given_before_the_next_is_read() -> None:
    requests = [signed(number) for number in range(400)]
    for content in (har(requests), "\n".join(map(line, requests)).encode()):
        file = Blocks(content, 1000)
        first = next(captures(file))
        assert first[0] == requests[0]
        assert file.at < len(content) / 2


def test_memory_does_not_grow_with_the_capture() -> None:
    class Endless:
        """A HAR file of ``count`` entries, made while it is read."""

        def __init__(self, count: int) -> None:
            self._pieces = self._made(count)
            self._ahead = b""

        def _made(self, count: int) -> Iterator[bytes]:
            one = json.dumps({**entry(signed(1)), "padding": "x" * 20_000}).encode()
            yield b'{"log": {"entries": [' + one
            for _ in range(count - 1):
                yield b"," + one
            yield b"]}}"

        def read(self, size: int, /) -> bytes:
            self._ahead = self._ahead or next(self._pieces, b"")
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block

    peaks = []
    for count in (50, 500):
        tracemalloc.start()
        assert sum(1 for _ in captures(Endless(count))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_a_folded_header_is_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"GET / HTTP/1.1\nHost: h\nX: a\n" + b" b\n" * 1000 + b"Y: c\n\n"
    (exchange,) = read_captures(raw)
    assert dict(exchange[0].headers)["X"] == "a" + " b" * 1000
    assert dict(exchange[0].headers)["Y"] == "c"


def test_two_faults_at_once_are_looked_for_once_for_each_access_key_and_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    from sigv4.auditing import audit as module

    original = diagnose

    def counted(*request: Any, **options: Any) -> Any:
        asked.append(options.get("most_faults", 2))
        return original(*request, **{**options, "most_faults": min(1, options.get("most_faults", 2))})

    monkeypatch.setattr(module, "diagnose", counted)
    requests = [signed(number) for number in range(5)]
    requests += [signed(number, host="other.lambda.us-east-1.amazonaws.com") for number in range(2)]
    requests.append(signed(9, Credentials("AKIDOTHER", "x")))
    reports = audit([(each, None) for each in requests], credentials=WRONG, now=NOW)
    assert asked.count(2) == 2
    assert asked.count(1) == 7
    wrong = [
        next((each.evidence for each in found if "the signature is wrong" in each.evidence), "")
        for found in reports
    ]
    assert ["tried for request 0 only" in each for each in wrong] == [
        False,
        True,
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert "tried for request 5 only" in wrong[6]
    assert wrong[7] == "", "of another access key"


def test_a_known_fault_is_named_in_each_entry_without_the_long_search() -> None:
    def at_fault(number: int) -> Request:
        request = signed(number)
        return Request(request.method, request.url.replace("/a", "/a/"), request.headers, request.body)

    reports = audit([(at_fault(number), None) for number in range(3)], credentials=KEYS, now=NOW)
    found = [
        [each for each in report if each.evidence.startswith("the signature is wrong")] for report in reports
    ]
    assert all(len(each) == 1 for each in found)
    assert not any("alone" in each[0].evidence for each in found)


@pytest.mark.parametrize("jobs", ["1", "2", "0"])
@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.slow
def test_more_processes_give_the_same_findings(
    jobs: str, as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requests = [signed(number) for number in range(20)]
    requests[5] = requests[3]
    requests[9] = Request("POST", requests[9].url, requests[9].headers, b"changed")
    capture = tmp_path / "capture.har"
    capture.write_bytes(har(requests))
    (tmp_path / "secret").write_text(KEYS.secret_access_key)
    flags = ["--access-key-id", KEYS.access_key_id, "--secret-file", str(tmp_path / "secret")]
    code = main(
        [
            "audit",
            str(capture),
            "--jobs",
            jobs,
            "--now",
            "20260304T050607Z",
            *flags,
            *(["--json"] if as_json else []),
        ]
    )
    out = capsys.readouterr().out
    assert code == 3
    if as_json:
        told = json.loads(out)
        assert len(told["requests"]) == 20
        assert out == json.dumps(told, indent=2) + "\n"
        assert [number for number, each in enumerate(told["requests"]) if each["findings"]] == [5, 9]
    else:
        assert out.count(": nothing found") == 18
        assert "the signature of request 3 again" in out


def test_bad_input_and_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "capture.har"
    capture.write_bytes(har([]))
    assert main(["audit", str(capture), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"requests": []}
    assert main(["audit", str(capture), "--jobs", "-1"]) == 2
    capture.write_bytes(har([signed(1)])[:-3])
    assert main(["audit", str(capture)]) == 2
    assert "is not JSON" in capsys.readouterr().err
