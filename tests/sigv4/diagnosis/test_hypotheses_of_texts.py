"""What each hypothesis about the payload, the two texts that are hashed, the time and the scope changes."""

from __future__ import annotations

import base64
import gzip
import json
from hashlib import sha256

import pytest

from sigv4.diagnosis.signature_inputs import as_is
from tests.sigv4.diagnosis.tried import changes, examined

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SCOPE = ("20260304", "us-east-1", "lambda", "aws4_request")


def hashed(body: bytes) -> str:
    return sha256(body).hexdigest()


def payloads(body: bytes, service: str = "lambda", method: str = "POST") -> list[tuple[str, str, str]]:
    return changes(examined(service, "h.example/", None, body, method=method), "payload")


@pytest.mark.parametrize(
    ("body", "other"),
    [
        (b" a\r\nb\n", {
            "with LF line ends": b" a\nb\n", "with CRLF line ends": b" a\r\nb\r\n", "without line ends": b" ab",
            "without the line end after it": b" a\r\nb", "with a line end after it": b" a\r\nb\n\n",
            "without white space at its ends": b"a\r\nb", "with a byte order mark": b"\xef\xbb\xbf a\r\nb\n",
            "with CR line ends": b" a\rb\r",
        }),
        ("\ufeffé".encode(), {
            "without its byte order mark": "é".encode(), "as Latin-1": b"?\xe9", "as ASCII": b"??",
            "as utf-16-le": "\ufeffé".encode("utf-16-le"), "as utf-16": "\ufeffé".encode("utf-16"),
            "as utf-16-be": "\ufeffé".encode("utf-16-be"), "as utf-32-le": "\ufeffé".encode("utf-32-le"),
        }),
        (b"\xe9", {"as UTF-8 of its Latin-1 text": "é".encode()}),
        (b"a=b%20c", {"with '+' for spaces": b"a=b+c"}),
        (b"a=b+c%2Bd%21&e", {
            "before the form was URL-encoded": b"a=b c+d!&e", "before the form was URL-encoded, '+' kept": b"a=b+c+d!&e",
            "as a form that is escaped in another way": b"a=b%2Bc%2Bd%21&e=",
            "as a form with '%20' for '+'": b"a=b%20c%20d%21&e=",
        }),
        (b'{"b": "\\u00e9", "a": [1]}', {
            "as JSON serialized again (indent None, separators None, ASCII)": None,
            "as JSON serialized again (indent None, separators (',', ':'), ASCII)": b'{"b":"\\u00e9","a":[1]}',
            "as JSON serialized again (indent None, separators (',', ': '), ASCII)": b'{"b": "\\u00e9","a": [1]}',
            "as JSON serialized again (indent 2, separators None, ASCII)": b'{\n  "b": "\\u00e9",\n  "a": [\n    1\n  ]\n}',
            "as JSON serialized again (indent 4, separators None, ASCII)": b'{\n    "b": "\\u00e9",\n    "a": [\n        1\n    ]\n}',
            "as JSON serialized again (indent None, separators None, sorted keys, ASCII)": b'{"a": [1], "b": "\\u00e9"}',
            "as JSON serialized again (indent None, separators (',', ':'), sorted keys, ASCII)": b'{"a":[1],"b":"\\u00e9"}',
            "as JSON serialized again (indent None, separators None, UTF-8)": '{"b": "é", "a": [1]}'.encode(),
            "as JSON serialized again (indent None, separators (',', ':'), UTF-8)": '{"b":"é","a":[1]}'.encode(),
            "as JSON serialized again (indent None, separators None, sorted keys, UTF-8)": '{"a": [1], "b": "é"}'.encode(),
            "as a JSON string of itself": b'"{\\"b\\": \\"\\\\u00e9\\", \\"a\\": [1]}"',
            "as Python shows it": "{'b': 'é', 'a': [1]}".encode(),
        }),
        (b'"\\ud800"', {
            "as the text within the JSON string": b"\xed\xa0\x80",
            "as JSON serialized again (indent None, separators None, UTF-8)": b'"\xed\xa0\x80"',
            "as Python shows it": b"'\\ud800'",
        }),
        (json.dumps("a b").encode(), {"as the text within the JSON string": b"a b"}),
        (gzip.compress(b"a"), {"before it was compressed": b"a"}),
    ],
    ids=["line ends", "characters", "latin-1", "blanks", "form", "json", "half a character", "string", "gzip"],
)  # fmt: skip
def test_other_bodies_that_may_have_been_hashed(body: bytes, other: dict[str, bytes | None]) -> None:
    """FAIL-32. None: the same as was sent, so it is not tried."""
    found = payloads(body)
    for words, changed in other.items():
        said = f"the body is hashed {words}"
        if changed is None:
            assert said not in [each for _, each, _ in found]
        else:
            assert ("FAIL-32", said, hashed(changed)) in found


def test_other_payload_lines() -> None:
    body, digest = b"abc\r\n", hashed(b"abc\r\n")
    found = payloads(body)
    for row in (
        ("FAIL-32", "the body is hashed as empty", EMPTY),
        ("FAIL-35", "the payload line is UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"),
        ("FAIL-34", "the payload hash is in Base64", base64.b64encode(bytes.fromhex(digest)).decode()),
        ("FAIL-34", "the payload hash is in upper case", digest.upper()),
        ("FAIL-39", "the payload line is empty", ""),
        ("FAIL-34", "the body itself is the payload line", "abc\r\n"),
        ("FAIL-56", "the line end after the body is not a part of it", hashed(b"abc")),
    ):
        assert row in found
    assert ("FAIL-33", "the body is hashed as empty", EMPTY) in payloads(body, method="GET")
    assert "the payload line is the hash of the body" not in [words for _, words, _ in found]


@pytest.mark.parametrize(
    ("declared", "id"), [("UNSIGNED-PAYLOAD", "FAIL-35"), ("0" * 64, "FAIL-34")], ids=["unsigned", "hash"]
)
def test_the_hash_of_the_body_where_something_else_is_declared(declared: str, id: str) -> None:
    request = examined("s3", "h.example/", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, b"abc", method="PUT")
    evidence = request.evidence.replace(lines={**request.evidence.lines, "x-amz-content-sha256": declared})
    found = changes(request.replace(evidence=evidence), "payload")
    assert (id, "the payload line is the hash of the body, not the header's value", hashed(b"abc")) in found
    if id != "FAIL-35":  # the same cause with the same text is tried once
        assert ("FAIL-35", "the payload line is the hash of the body", hashed(b"abc")) in found


def test_another_declared_payload_in_header_and_line() -> None:
    request = examined("s3", "h.example/", None, b"abc", method="PUT")
    for other in (
        "UNSIGNED-PAYLOAD", EMPTY, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-EVENTS",
    ):  # fmt: skip
        said = f"X-Amz-Content-SHA256 is {other!r}, in the header and as the payload line"
        assert ("FAIL-35", said, other) in changes(request, "payload", alone=False)
        (headers,) = (text for _, words, text in changes(request, "headers", alone=False) if words == said)
        assert dict(headers) == {**dict(request.draft.headers), "x-amz-content-sha256": other}


@pytest.mark.parametrize(
    ("framed", "whole"),
    [(b"3\r\nabc\r\n0\r\n\r\n", b"abc"), (b"A;x=y\r\n0123456789\r\n1\r\n-\r\n0\r\n", b"0123456789-"), (b"3\r\nab", None), (b"g\r\n0\r\n", None), (b"\r\n0\r\n", None), (b"123456789\r\n0\r\n", None)],
)  # fmt: skip
def test_a_body_in_the_chunks_of_http(framed: bytes, whole: bytes | None) -> None:
    said = "the chunk framing of the capture is not a part of the body"
    found = [each for each in payloads(framed) if each[1] == said]
    assert found == ([] if whole is None else [("FAIL-56", said, hashed(whole))])


CANONICAL = "GET\n/\n\na:é\n\na\nhash"
FORMS = {
    "the empty line after the headers is missing": "GET\n/\n\na:é\na\nhash",
    "there are two empty lines after the headers": "GET\n/\n\na:é\n\n\na\nhash",
    "the canonical request ends in LF": "GET\n/\n\na:é\n\na\nhash\n",
    "the canonical request has CRLF line ends": "GET\r\n/\r\n\r\na:é\r\n\r\na\r\nhash",
    "the canonical request has CR line ends": "GET\r/\r\ra:é\r\ra\rhash",
    "the canonical request ends without the payload line": "GET\n/\n\na:é\n\na",
    "the canonical request has no line for the query": "GET\n/\na:é\n\na\nhash",
    "the canonical request begins with LF": "\nGET\n/\n\na:é\n\na\nhash",
    "header lines have a space after the colon": "GET\n/\n\na: é\n\na\nhash",
    "the canonical request has '\\n' written out for LF": "GET\\n/\\n\\na:é\\n\\na\\nhash",
}
ENCODINGS = {
    "is encoded as UTF-16": "utf-16-le",
    "is encoded as UTF-16 with its mark": "utf-16",
    "is encoded as UTF-16, big-endian": "utf-16-be",
    "is encoded as UTF-32": "utf-32-le",
}


def test_other_forms_of_the_canonical_request() -> None:
    request = examined("lambda", "h.example/")
    found = {(id, words): change(CANONICAL.encode()) for id, words, change in changes(request, "form")}
    texts = {("FAIL-39", words): text.encode() for words, text in FORMS.items()}
    said = "the canonical request"
    encoded = {("FAIL-46", f"{said} {words}"): CANONICAL.encode(each) for words, each in ENCODINGS.items()}
    assert found == {
        **texts,
        **encoded,
        ("FAIL-46", f"{said} is encoded as Latin-1"): CANONICAL.encode("latin-1"),
        ("FAIL-46", f"{said} is encoded as UTF-8 twice"): CANONICAL.encode().decode("latin-1").encode(),
        ("FAIL-46", f"{said} has a byte order mark"): CANONICAL.encode("utf-8-sig"),
    }
    assert as_is(CANONICAL.encode()) == CANONICAL.encode()


def test_other_forms_of_the_string_to_sign() -> None:
    digest = sha256(b"c").hexdigest()
    text = f"AWS4-HMAC-SHA256\n20260304T050607Z\n1/2/3/4\n{digest}"
    start = text.removesuffix(digest)
    found = {
        (id, words): change("AWS4-HMAC-SHA256", "20260304T050607Z", "1/2/3/4", b"c")
        for id, words, change in changes(examined("lambda", "h.example/"), "text_form")
    }
    said = "the string to sign"
    assert found == {
        ("FAIL-39", f"{said} ends in LF"): f"{text}\n".encode(),
        ("FAIL-39", f"{said} has CRLF line ends"): text.replace("\n", "\r\n").encode(),
        ("FAIL-39", f"{said} has CR line ends"): text.replace("\n", "\r").encode(),
        ("FAIL-39", f"{said} has '\\n' written out for LF"): text.replace("\n", "\\n").encode(),
        ("FAIL-39", f"{said} has no line for the algorithm"): text.removeprefix(
            "AWS4-HMAC-SHA256\n"
        ).encode(),
        ("FAIL-39", f"{said} is hashed before it is signed"): hashed(text.encode()).encode(),
        **{("FAIL-46", f"{said} {words}"): text.encode(each) for words, each in ENCODINGS.items()},
        ("FAIL-39", "the canonical request itself is in the string to sign"): f"{start}c".encode(),
        (
            "FAIL-39",
            "the hash of the canonical request is in upper case",
        ): f"{start}{digest.upper()}".encode(),
        ("FAIL-39", "the canonical request is hashed twice"): f"{start}{hashed(digest.encode())}".encode(),
        ("FAIL-39", "the hash of the canonical request is raw bytes"): start.encode() + sha256(b"c").digest(),
    }


def test_other_times() -> None:
    request = examined("lambda", "h.example/", added=[("Date", "Tue, 03 Mar 2026 05:06:07 GMT")])
    found = [(id, words, time) for id, words, time in changes(request, "timestamp") if id != "FAIL-29"]
    said = "the time in the string to sign"
    assert found == [
        ("FAIL-43", "the time is that of the header 'date'", "20260303T050607Z"),
        ("FAIL-43", "the time is the header 'date' as sent", "Tue, 03 Mar 2026 05:06:07 GMT"),
        ("FAIL-43", f"{said} is in extended ISO form", "2026-03-04T05:06:07Z"),
        ("FAIL-43", f"{said} has milliseconds", "20260304T050607.000Z"),
        ("FAIL-43", f"{said} has no 'Z'", "20260304T050607"),
        ("FAIL-43", f"{said} has no seconds", "20260304T0506Z"),
        ("FAIL-43", f"{said} is the day alone", "20260304"),
        ("FAIL-43", f"{said} is in epoch seconds", "1772600767"),
    ]


def test_times_that_differ_from_the_one_that_was_sent() -> None:
    """FAIL-29 and 43: up to 15 seconds, up to 14 hours, and half hours of time zones."""
    shifts = {
        -15: "20260304T050552Z", -1: "20260304T050606Z", 1: "20260304T050608Z", 15: "20260304T050622Z",
        3600: "20260304T060607Z", -3600: "20260304T040607Z", 50400: "20260304T190607Z", -50400: "20260303T150607Z",
        19800: "20260304T103607Z", -12600: "20260304T013607Z",
    }  # fmt: skip
    request = examined("lambda", "h.example/")
    request = request.replace(draft=request.draft.replace(query="X-Amz-Date=20260304T050607Z"))
    said = "the time in the string to sign is {:+d} s from X-Amz-Date"
    alone = changes(request, "timestamp")
    assert len([each for each in alone if each[0] == "FAIL-29"]) == 30 + 28 + 2
    both = {
        words: headers for id, words, headers in changes(request, "headers", alone=False) if id == "FAIL-43"
    }
    queries = {words: query for id, words, query in changes(request, "query", alone=False) if id == "FAIL-43"}
    times = {words: time for id, words, time in changes(request, "timestamp", alone=False) if id == "FAIL-43"}
    for shift, time in shifts.items():
        assert ("FAIL-29", said.format(shift), time) in alone
        words = f"the signed X-Amz-Date is {shift:+d} s from the one that was sent"
        assert both[words] == (("host", "h.example"), ("x-amz-date", time))
        assert (queries[words], times[words]) == (f"X-Amz-Date={time}", time)


def test_other_scopes() -> None:
    day, region, service, end = SCOPE
    request = examined("lambda", "h.example/")
    said = "the scope in the string to sign"
    assert changes(request, "scope") == [
        ("FAIL-38", f"{said} begins with the access key id", f"AKIDEXAMPLE/{day}/{region}/{service}/{end}"),
        ("FAIL-38", f"{said} has region and day exchanged", f"{region}/{day}/{service}/{end}"),
        ("FAIL-38", f"{said} has service and region exchanged", f"{day}/{service}/{region}/{end}"),
        ("FAIL-38", f"{said} has the service first", f"{service}/{day}/{region}/{end}"),
        ("FAIL-38", f"{said} has no terminator", f"{day}/{region}/{service}"),
        ("FAIL-38", f"{said} ends in '/'", f"{day}/{region}/{service}/{end}/"),
        ("FAIL-38", f"{said} begins with '/'", f"/{day}/{region}/{service}/{end}"),
        ("FAIL-38", f"{said} has no region", f"{day}/{service}/{end}"),
        ("FAIL-38", f"{said} has the terminator of another protocol", f"{day}/{region}/{service}/aws4"),
        ("FAIL-38", f"{said} has the whole time", f"20260304T050607Z/{region}/{service}/{end}"),
        ("FAIL-38", f"{said} is in upper case", f"{day}/US-EAST-1/LAMBDA/AWS4_REQUEST"),
        ("FAIL-30", f"{said} has the day 20260303", f"20260303/{region}/{service}/{end}"),
        ("FAIL-30", f"{said} has the day 20260305", f"20260305/{region}/{service}/{end}"),
    ]
    other = request.replace(draft=request.draft.replace(scope=f"{day}/{region}/{service}/aws5"))
    right = ("FAIL-38", f"{said} has the right terminator", "/".join(SCOPE))
    assert right in changes(other, "scope")
