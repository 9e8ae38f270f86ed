"""Gives hostile bytes to every parser: it may raise only its documented error, and its work may not grow faster than its input.

The seeds are fixed; ``python -m pytest -m slow tests/attacks/test_hostile_bytes.py`` runs a hundred times as many.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from sigv4 import Credentials, Request, Response, Signer, SigV4Error, Verifier, diagnose
from sigv4.auditing.audit import audit
from sigv4.auditing.captures import read_captures
from sigv4.auditing.conformance import vector_cases
from sigv4.auditing.lint import lint
from sigv4.diagnosis.server_answer import read_answer
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.event_frames import FrameDecoder, Header, decode_frame, encode_frame
from tests.work import lines_run

KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
NOW = 1772600767
SIGNED = Signer("s3", "us-east-1", KEYS).sign("GET", "https://h/a", at=NOW)
VERIFIER = Verifier("s3", "us-east-1", lambda claim: KEYS, clock=lambda: NOW)
FRAME = encode_frame([Header(":date", 8, NOW * 1000), Header("a", 7, "b")], b"payload")


def _authorization(data: bytes) -> None:
    VERIFIER.verify(
        "GET", "/a", [*((n, v) for n, v in SIGNED.items() if n != "Authorization"), ("Authorization", data)]
    )


def _query(data: bytes) -> None:
    VERIFIER.verify("GET", "/a?" + data.decode("latin-1"), [("Host", "h")])


def _event_frames(data: bytes) -> None:
    decoder = FrameDecoder()
    decoder.feed(data)
    decoder.finish()


def _chunks(data: bytes) -> None:
    decoder = Decoder(1 << 20, None, ["x-amz-checksum-crc32"])
    decoder.feed(data)
    decoder.finish()


def _lint(data: bytes) -> None:
    lint("https://h/" + data.decode("latin-1"))


def _audit(data: bytes) -> None:
    audit(read_captures(data))


def _diagnosis(data: bytes) -> None:
    diagnose(
        "GET", "/a", [*SIGNED.items(), ("X-A", data.replace(b"\n", b""))], response=Response(403, {}, data)
    )


# Each parser with a well-formed input, which is changed, and pieces of text that have a meaning for it.
PARSERS: dict[str, tuple[Callable[[bytes], object], bytes, list[bytes]]] = {
    "Authorization": (
        _authorization,
        str(SIGNED["Authorization"]).encode(),
        [b"AWS4-HMAC-SHA256 ", b"Credential=", b"SignedHeaders=", b"Signature=", b",", b"=", b";", b"/", b" ", b"\t", b"\xff", b"a"],
    ),
    "query": (
        _query,
        str(Signer("s3", "us-east-1", KEYS).presign("GET", "https://h/a", expires=9, at=NOW)).partition("?")[2].encode(),
        [b"X-Amz-Algorithm=AWS4-HMAC-SHA256", b"X-Amz-Credential=", b"&", b"=", b"%", b"%41", b"+", b";", b"X-Amz-Expires=", b"\xff"],
    ),
    "request": (Request.parse, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\nbody", [b"\r\n", b"\n", b"\r", b": ", b" ", b"GET", b"HTTP/1.1", b"\0", b"a"]),
    "folded request": (lambda data: Request.parse(data, unfold=True), b"GET /a HTTP/1.1\nHost: h\n b\n\n", [b"\n ", b"\n\t", b"\n", b":", b"a"]),
    "response": (Response.parse, b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", [b"\r\n", b"\n", b"HTTP/1.1 ", b"200", b":", b" "]),
    "HAR": (
        read_captures,
        b'{"log":{"entries":[{"request":{"method":"GET","url":"https://h/","headers":[{"name":"a","value":"b"}],"postData":{"text":"x"}},"response":{"status":200,"headers":[],"content":{"text":"eA==","encoding":"base64"}}}]}}',
        [b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"1", b'"headers"', b'"\\ud800"', b"1e999", b"-"],
    ),
    "captures": (_audit, b'{"method":"GET","url":"/","headers":{"A":"b"},"body":"x"}\n{"method":"GET","url":"/","headers":[["a","b"]]}', [b"{", b"}", b"\n", b'"', b"GET / HTTP/1.1\n", b"Content-Length: 1\n", b"\n\n", b"[", b"1"]),
    "vectors": (vector_cases, b'{"schema":1,"vectors":[{"input":{"method":"GET"},"expect":{},"notes":"","source":""}]}', [b"{", b"}", b'"', b":", b"null", b"[]", b"1", b'"input"', b'"body"']),
    "event frames": (_event_frames, FRAME * 3, [FRAME, FRAME[:12], b"\0\0\0\x10", b"\xff\xff\xff\xff", b"\0", FRAME[12:]]),
    "one frame": (decode_frame, FRAME, [FRAME, b"\0", b"\xff", FRAME[:8]]),
    "chunks": (_chunks, b"2000\r\n" + b"a" * 8192 + b"\r\n1\r\nb\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", [b"\r\n", b"0", b";", b"chunk-signature=", b"1\r\na\r\n", b"ffffffff", b":", b"\n", b"-1"]),
    "server answer": (lambda data: read_answer(Response(403, {"date": data.decode("latin-1")[:99]}, data)), b"<Error><Code>a</Code><Message>b</Message></Error>", [b"<Code>", b"</Code>", b"&", b";", b"&#x41;", b"'", b"The String-to-Sign should have been\n'", b'{"message":"', b'"}']),
    "lint": (_lint, b"a%20b?c=d&e", [b"%", b"%41", b"&", b"=", b"+", b"/", b"..", b"#", b"?", b"\xff", b"X-Amz-Credential=a/b/c/d/e"]),
    "diagnosis": (_diagnosis, b"a", [b"a", b"(", b"'", b"\xff", b"Signature expired ", b" ", b"\t"]),
}  # fmt: skip
SEARCHES = frozenset(("diagnosis",))  # not a parser: it searches, and has limits of its own


def _inputs(rng: random.Random, sound: bytes, pieces: list[bytes], size: int) -> bytes:
    kind = rng.randrange(4)
    if kind == 0:
        data = bytearray(sound)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        return bytes(data)
    if kind == 1:
        at = rng.randrange(len(sound) + 1)
        return sound[:at] + rng.choice(pieces) * rng.randint(1, 5) + sound[at + rng.randrange(3) :]
    if kind == 2:
        return sound[: rng.randrange(len(sound) + 1)]
    count = max(1, size // 8)
    return b"".join(rng.choices(pieces, k=rng.randint(1, count)))


def _feed(name: str, data: bytes) -> None:
    """Only the documented error may be raised."""
    with suppress(SigV4Error):
        PARSERS[name][0](data)


@pytest.mark.parametrize("name", PARSERS)
def test_hostile_bytes_raise_only_the_documented_error(name: str) -> None:
    _, sound, pieces = PARSERS[name]
    rng = random.Random(name)
    for _ in range(20 if name in SEARCHES else 400):
        _feed(name, _inputs(rng, sound, pieces, 200))


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_many_more_hostile_bytes(name: str) -> None:
    _, sound, pieces = PARSERS[name]
    rng = random.Random(f"{name} at length")
    for _ in range(500 if name in SEARCHES else 20000):
        _feed(name, _inputs(rng, sound, pieces, 200))


def _grows_with_its_input(name: str, shape: bytes, size: int) -> None:
    """Whether four times the input runs at most 4.8 times as many lines of Python, plus a fixed number."""
    small, large = ((shape * (each // len(shape) + 1))[:each] for each in (size, 4 * size))
    parser = PARSERS[name][0]
    fixed = lines_run(partial(parser, b""))
    worked = [lines_run(partial(parser, data)) for data in (small, large)]
    assert worked[1] <= 4.8 * worked[0] + 10 * fixed + 500, (shape[:80], worked)


PARSED = [name for name in PARSERS if name not in SEARCHES]


@pytest.mark.parametrize("name", PARSED)
def test_work_grows_no_faster_than_the_input(name: str) -> None:
    for piece in PARSERS[name][2]:
        _grows_with_its_input(name, piece, 600)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSED)
def test_work_grows_no_faster_than_the_input_in_many_shapes(name: str) -> None:
    _, sound, pieces = PARSERS[name]
    rng = random.Random(name)
    shapes = [a + b for a in pieces for b in rng.sample(pieces, 2)]
    shapes += [b"".join(rng.choices(pieces, k=200)) for _ in range(3)]
    for shape in [*pieces, *shapes, sound]:
        _grows_with_its_input(name, shape, 4000)
