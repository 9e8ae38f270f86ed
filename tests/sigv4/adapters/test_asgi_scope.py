"""A request as an ASGI scope: its limits, and the target and headers that the application is given."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import DEFAULT, SigningError, VerificationError
from sigv4.adapters.asgi_scope import Head, canonical_headers, decoded_headers, with_canonical_target
from sigv4.dialects import dialect_of


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
    """32 bytes are added for each header, as in HTTP/2, so that empty headers count, too."""
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


def test_each_signed_header_is_passed_on_once() -> None:
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


def test_a_dialect_that_neither_decodes_nor_normalizes_leaves_the_path_as_received() -> None:
    given = {"raw_path": b"/a//b/./%20", "query_string": b""}
    found = with_canonical_target(given, DEFAULT.replace(normalize_path=False))
    assert (found["raw_path"], found["path"]) == (b"/a//b/./%20", "/a//b/./ ")
