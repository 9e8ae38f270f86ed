"""What every adapter signs, hashes and sends to another origin; and the limits of received bodies."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest

from sigv4 import UNSIGNED_PAYLOAD, Credentials, Signer, SigningError, VerificationError
from sigv4.adapters.asgi_bodies import (
    Body,
    BodyLimits,
    Started,
    TimeLimit,
    check_framing,
    check_length,
    check_received,
    too_large,
)
from sigv4.adapters.asgi_scope import Head, canonical_headers, decoded_headers, with_canonical_target
from sigv4.adapters.hop_signer import (
    HopSigner,
    body_to_hash,
    is_of_signature,
    origin_of,
    parse_origins,
    remaining_length,
    several,
    with_escaped_spaces,
)
from sigv4.dialects import dialect_of

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")
SIGNER = Signer("sagemaker", "us-east-1", CREDENTIALS)
AT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("name", "signed"),
    [("Host", True), ("CONTENT-TYPE", True), ("content-md5", True), ("Date", True), ("X-Amz-Any", True), ("x-own", True), ("X-Own2", True)]
    + [(name, False) for name in ("x-amz", "accept", "content-length", "user-agent", "ax-amz-date", "contents")],
)  # fmt: skip
def test_which_headers_are_signed(name: str, signed: bool) -> None:
    assert HopSigner(SIGNER, ("X-Own", "x-own2")).signs(name) is signed


@pytest.mark.parametrize("name", ["User-Agent", "authorization", "connection"])
def test_a_header_that_is_never_signed_is_refused_by_name(name: str) -> None:
    if name.lower() not in SIGNER.dialect.never_signed:
        pytest.fail(f"{name} is expected among the never signed")
    with pytest.raises(
        SigningError, match=rf"^sign_headers names '{name.lower()}', which is never signed \("
    ):
        HopSigner(SIGNER, (name,))


def test_the_signed_headers_come_first_and_an_old_signature_is_dropped() -> None:
    signer = Signer("sagemaker", "us-east-1", CREDENTIALS, clock=lambda: AT)
    given = [("Accept", "a"), ("X-Amz-B", "b"), ("authorization", "old"), ("Content-Type", "c")]
    sent = HopSigner(signer).sign("POST", "http://h/", "h", given, b"{}")
    names = [name.lower() for name, _ in sent]
    assert names[-1] == "accept"
    assert names.count("authorization") == 1
    assert dict(sent) == {
        "Accept": "a",
        **signer.sign("POST", "http://h/", {"Host": "h", "X-Amz-B": "b", "Content-Type": "c"}, b"{}"),
    }
    other = HopSigner(signer).sign("POST", "http://h/", "other", [("HOST", "h")], b"")
    assert [value for name, value in other if name.lower() == "host"] == ["h"]


def test_a_service_without_payload_hashes_gets_none() -> None:
    assert HopSigner(SIGNER).body(b"x") == b"x"
    unsigned = [each for each in ("s3", "sagemaker", "vpc-lattice-svcs") if dialect_of(each).unsigned_payload]
    for service in unsigned:
        assert HopSigner(Signer(service, "us-east-1", CREDENTIALS)).body(b"x") is UNSIGNED_PAYLOAD
    assert unsigned == ["vpc-lattice-svcs"]


def test_a_single_text_is_not_several() -> None:
    assert several("o", iter(["a", "b"])) == ("a", "b")
    with pytest.raises(SigningError, match=r"^o is the str 'ab': expected several, such as \('ab',\)$"):
        several("o", "ab")


class OnlyReads:
    def __init__(self, seekable: Any) -> None:
        self.seekable = seekable

    def read(self) -> bytes:
        return b""


def test_what_can_be_hashed() -> None:
    for body in (None, b"x", "x"):
        assert body_to_hash(body) is body
    for buffer in (bytearray(b"x"), memoryview(b"x")):
        assert body_to_hash(buffer) == b"x"
        assert type(body_to_hash(buffer)) is bytes
    file = io.BytesIO(b"x")
    assert body_to_hash(file) is file
    for wrong in (
        5,
        [b"x"],
        iter([b"x"]),
        OnlyReads(lambda: False),
        type("Seeks", (), {"seekable": lambda self: True})(),
    ):
        with pytest.raises(
            SigningError, match=f"^the body is {type(wrong).__name__}, which hashing would use up"
        ):
            body_to_hash(wrong)


def test_how_much_of_a_file_is_left() -> None:
    file = io.BytesIO(b"0123456789")
    for position, left in ((0, 10), (4, 6), (10, 0), (12, 0)):
        file.seek(position)
        assert remaining_length(file) == left
        assert file.tell() == position
    assert remaining_length(OnlyReads(lambda: False)) is None
    assert remaining_length(b"x") is None


@pytest.mark.parametrize(
    ("url", "escaped"),
    [
        ("http://h/a+b?c+d=e+f#g+h", "http://h/a+b?c%20d=e%20f#g+h"),
        ("http://h/a?b", "http://h/a?b"),
        ("http://h/a+b", "http://h/a+b"),
        ("http://h/a#b?c+d", "http://h/a#b?c+d"),
        ("/a?b+c", "/a?b%20c"),
        ("/a?b+c?d+e", "/a?b%20c?d%20e"),
        ("/a?b#c+d", "/a?b#c+d"),
    ],
)
def test_a_raw_plus_of_a_query_is_written_as_a_space(url: str, escaped: str) -> None:
    assert with_escaped_spaces(url) == escaped


def test_what_is_removed_for_another_origin() -> None:
    names = ("Authorization", "X-AMZ-Date", "x-amz-", "x-amz", "Authorizations", "Date", "Cookie")
    assert [name for name in names if is_of_signature(name)] == ["Authorization", "X-AMZ-Date", "x-amz-"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://H/a", ("https", "h", 443)),
        ("http://h:80", ("http", "h", 80)),
        ("HTTPS://h:8443/a?b", ("https", "h", 8443)),
        ("http://[::1]/", ("http", "::1", 80)),
    ],
)
def test_the_origin_of_a_url(url: str, origin: tuple[str, str, int]) -> None:
    assert origin_of(url) == origin
    with pytest.raises(SigningError, match=f"^expected an absolute URL, got '/{'x' * 79}'$"):
        origin_of("/" + "x" * 100)


def test_origins_are_parsed() -> None:
    both = frozenset({("https", "h", 443), ("http", "i", 8)})
    assert parse_origins(["https://h", "http://I:8/"]) == both
    assert parse_origins("https://h") == frozenset({("https", "h", 443)})
    for wrong in (
        "h",
        "https://u@h",
        "https://h/a",
        "https://h/?a",
        "https://h/#a",
        "https://h#a",
        "https://",
    ):
        with pytest.raises(SigningError, match="expected scheme, host and port as"):
            parse_origins([wrong])
    with pytest.raises(SigningError, match="no origin: expected at least one"):
        parse_origins([])


# --- bodies that a server receives


@pytest.mark.parametrize(
    ("length", "received", "good"),
    [(None, 5, True), ("", 5, False), ("5", 5, True), ("05", 5, True), ("5", 4, False), ("x", 5, False), ("-5", 5, False), ("²", 5, False), ("5x", 5, False), ("1_0", 10, False), ("0" * 14 + "5", 5, True), ("0" * 15 + "5", 5, False)],
)  # fmt: skip
def test_the_length_that_was_declared_is_the_one_received(
    length: str | None, received: int, good: bool
) -> None:
    if good:
        check_received(length, received)
    else:
        with pytest.raises(VerificationError) as refused:
            check_received(length, received)
        assert (refused.value.code, refused.value.status) == ("IncompleteBody", 400)


@pytest.mark.parametrize(
    ("length", "good"),
    [
        ("", True),
        ("10", True),
        ("11", False),
        ("x", True),
        ("0" * 15, True),
        ("0" * 16, False),
        ("9" * 30, False),
    ],
)
def test_too_large_a_length_is_refused_unread(length: str, good: bool) -> None:
    if good:
        check_length(length, 10)
    else:
        with pytest.raises(VerificationError, match="of 10 bytes") as refused:
            check_length(length, 10)
        assert (refused.value.code, refused.value.status) == ("EntityTooLarge", 413)
    assert too_large(10).status == 413


def test_two_lengths_are_refused() -> None:
    for lines in (
        {},
        {"transfer-encoding": "chunked"},
        {"content-length": "5"},
    ):
        check_framing(lines)
    for length in ("5", ""):
        with pytest.raises(VerificationError) as refused:
            check_framing({"transfer-encoding": "chunked", "content-length": length})
    assert (refused.value.code, refused.value.status) == ("BadRequest", 400)


def body(limits: BodyLimits, *messages: dict[str, Any], waits: bool = False) -> Body:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if waits:
            await asyncio.sleep(0)
        return left.pop(0)

    return Body(receive, limits)


def block(data: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.mark.parametrize("waits", [True, False])
def test_a_whole_body_is_counted_until_it_is_handed_on(waits: bool) -> None:
    limits = BodyLimits(10, 100, 60.0)
    found = body(
        limits,
        block(b"1234", True),
        block(b"", True),
        block(b"567890"),
        {"type": "http.disconnect"},
        waits=waits,
    )

    async def read() -> None:
        assert found.ready() is None
        assert await found.rest() == b"1234567890"
        assert limits.held == 10
        assert await found.receive() == {"type": "http.request", "body": b"1234567890", "more_body": False}
        assert limits.held == 0
        assert await found.receive() == {"type": "http.disconnect"}

    asyncio.run(read())


def test_a_body_that_came_with_its_head_needs_no_timer() -> None:
    limits = BodyLimits(4, 100, 60.0)
    whole = body(limits, {"type": "http.request"}, block(b"x"))
    assert whole.ready() == b""
    assert body(limits, block(b"1234")).ready() == b"1234"
    assert limits.held == 4
    with pytest.raises(VerificationError) as refused:
        body(limits, block(b"12345")).ready()
    assert refused.value.status == 413
    gone = body(limits, {"type": "http.disconnect"})
    assert gone.ready() is None
    assert asyncio.run(gone.rest()) is None


@pytest.mark.parametrize(("sizes", "status"), [((5, 5), None), ((5, 6), 413), ((11,), 413)])
def test_a_body_is_refused_as_soon_as_it_is_too_large(sizes: tuple[int, ...], status: int | None) -> None:
    limits = BodyLimits(10, 100, 60.0)
    found = body(limits, *(block(b"x" * size, True) for size in sizes), block(b""))

    async def read() -> bytes | None:
        found.ready()
        return await found.rest()

    if status is None:
        assert asyncio.run(read()) == b"x" * sum(sizes)
    else:
        with pytest.raises(VerificationError) as refused:
            asyncio.run(read())
        assert refused.value.status == status


def test_all_bodies_together_have_a_limit() -> None:
    limits = BodyLimits(100, 10, 60.0)
    first, second = body(limits), body(limits)
    first.set(6)
    first.set(5)
    second.set(5)
    assert limits.held == 10
    with pytest.raises(VerificationError) as refused:
        second.set(6)
    assert (refused.value.code, refused.value.status) == ("SlowDown", 503)
    assert limits.held == 5
    first.release()
    first.release()
    assert limits.held == 0


def test_a_wait_is_cancelled_when_its_time_is_over() -> None:
    async def wait() -> None:
        with TimeLimit(0.0):
            await asyncio.Event().wait()

    with pytest.raises(VerificationError) as refused:
        asyncio.run(wait())
    assert (refused.value.code, refused.value.status) == ("RequestTimeout", 408)

    async def cancelled() -> None:
        async def inner() -> None:
            with TimeLimit(3600.0):
                await asyncio.Event().wait()

        task = asyncio.ensure_future(inner())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    with TimeLimit(0.0) as nothing:  # without asyncio there is no limit
        assert nothing is None


def test_a_started_awaitable_continues() -> None:
    async def steps() -> dict[str, Any]:
        try:
            await asyncio.sleep(0)
        except ValueError:
            return {"type": "thrown"}
        return {"type": "came"}

    async def whole(error: Exception | None) -> Any:
        given = steps().__await__()
        started = Started(given, next(given), None)
        if error is None:
            return await started
        waiting = started.__await__()
        next(waiting)
        try:
            waiting.throw(error)
        except StopIteration as end:
            return end.value
        return None

    assert asyncio.run(whole(None)) == {"type": "came"}
    assert asyncio.run(whole(ValueError())) == {"type": "thrown"}

    class Bare:
        """As granian's: neither ``send`` nor ``throw``."""

        def __next__(self) -> None:
            raise StopIteration({"type": "bare"})

    async def bare() -> Any:
        return await Started(Bare(), None, None)

    assert asyncio.run(bare()) == {"type": "bare"}
    waiting = Started(Bare(), None, None).__await__()
    next(waiting)
    with pytest.raises(KeyError):
        waiting.throw(KeyError())


# --- scopes


def scope(path: bytes, query: bytes = b"", **more: Any) -> dict[str, Any]:
    return {
        "raw_path": path,
        "query_string": query,
        "headers": [(b"a", b"bc")],
        "path": path.decode("latin-1"),
        **more,
    }


@pytest.mark.parametrize(("largest", "good"), [(43, True), (42, False), (31, False)])
def test_the_size_of_a_head(largest: int, good: bool) -> None:
    """A header counts for 32 bytes more, as in HTTP/2: empty ones are not free."""
    given = scope(b"/abc", b"def")
    if good:
        head = Head(given, largest)
        assert (head.target, head.pairs) == ("/abc?def", [(b"a", b"bc")])
        assert head.pairs is not given["headers"]
        assert Head(scope(b"/abc"), largest).target == "/abc"
    else:
        with pytest.raises(VerificationError, match=f"of {largest} bytes") as refused:
            Head(given, largest)
        assert (refused.value.code, refused.value.status) == ("RequestHeaderSectionTooLarge", 431)
    for without in ({"raw_path": None}, {"raw_path": b""}):
        with pytest.raises(SigningError, match="the server gives no raw_path"):
            Head({**given, **without}, largest)


@pytest.mark.parametrize(
    ("service", "path", "query", "found"),
    [
        ("sagemaker", b"/a//b/../c%20d", b"b=2&a=1+x", ("/a/c d", b"/a/c%20d", b"a=1%20x&b=2")),
        ("s3", b"/a//b/../c%2fd", b"x", ("/a//b/../c/d", b"/a//b/../c/d", b"x=")),
    ],
)
def test_the_application_sees_the_target_that_was_signed(
    service: str, path: bytes, query: bytes, found: tuple[str, bytes, bytes]
) -> None:
    made = with_canonical_target(scope(path, query, extra=1), dialect_of(service))
    assert (made["path"], made["raw_path"], made["query_string"], made["extra"]) == (*found, 1)


@pytest.mark.parametrize(
    ("path", "root", "received", "good"),
    [
        (b"/app/a", "/app", "/app/a", True),
        (b"/app", "/app/", "/app", True),
        (b"/app/../b", "/app", "/app/../b", False),
        (b"/application", "/app", "/app/x", False),
        (b"/a", "/app", "/a", True),
        (b"/a", "", "/a", True),
    ],
)
def test_a_target_that_leads_out_of_the_application_is_refused(
    path: bytes, root: str, received: str, good: bool
) -> None:
    given = scope(path, root_path=root) | {"path": received}
    if good:
        with_canonical_target(given, dialect_of("sagemaker"))
    else:
        with pytest.raises(VerificationError) as refused:
            with_canonical_target(given, dialect_of("sagemaker"))
        assert (refused.value.code, refused.value.status) == ("InvalidRequest", 400)


def test_each_signed_header_is_handed_on_once() -> None:
    pairs = [(b"X-A", b" 1 "), (b"x-b", b"2"), (b"x-a", b"3"), (b"X-C", b" 4 "), (b"X-D", b"5")]
    lines = {"x-a": "1,3", "x-b": "2", "x-c": "4"}
    assert canonical_headers(pairs, lines, ("x-a", "x-b", "x-d")) == [
        (b"X-A", b"1,3"),
        (b"x-b", b"2"),
        (b"X-C", b" 4 "),
        (b"X-D", b"5"),
    ]


@pytest.mark.parametrize(
    ("codings", "left"),
    [
        (b"aws-chunked", None),
        (b"gzip, AWS-Chunked", b"gzip"),
        (b"aws-chunked,gzip , br", b"gzip, br"),
        (b"gzip ,br", b"gzip ,br"),
        (b"gzip,,br", b"gzip, br"),
    ],
)
def test_the_headers_of_a_decoded_body(codings: bytes, left: bytes | None) -> None:
    pairs = [
        (b"Content-Encoding", codings),
        (b"Content-Length", b"99"),
        (b"Transfer-Encoding", b"chunked"),
        (b"X", b"y"),
    ]
    kept = [] if left is None else [(b"Content-Encoding", left)]
    literal = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    assert decoded_headers(pairs, literal, b" 5 ") == [*kept, (b"X", b"y"), (b"content-length", b"5")]
    assert decoded_headers(pairs, "STREAMING-AWS4-HMAC-SHA256-EVENTS", b"5") == [*kept, (b"X", b"y")]
