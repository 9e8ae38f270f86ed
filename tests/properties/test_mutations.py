"""Every single-byte change to a signed part of a request is refused.

There is one exception, without ``strict``: a change that leaves the canonical request, the timestamp and the fields of
Authorization as they were. The oracle of the tests, which shares no code with the package, decides that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import NamedTuple

import pytest

from sigv4 import (
    DEFAULT,
    S3,
    UNSIGNED_PAYLOAD,
    Claim,
    Credentials,
    Dialect,
    Payload,
    Signer,
    SigningKey,
    VerificationError,
    Verifier,
)
from sigv4.scope import Scope
from sigv4.v4 import signing_key
from tests import oracle
from tests.sigv4.signed import CREDENTIALS, KEY_ID, NOW, SECRET, TEMPORARY

INSERTED = b' \t%/+;&=?#.,:~aA0\x00\x80\n\r"'


class Sent(NamedTuple):
    """A request as the bytes that are sent."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Entry(NamedTuple):
    name: str
    service: str
    dialect: Dialect
    sent: Sent
    canonical: bool  # is canonical as it is sent, so that `strict` accepts it


def entry(
    name: str,
    method: str,
    target: str,
    headers: Mapping[str, str | bytes] | None = None,
    body: bytes | Payload = b"",
    *,
    service: str = "sagemaker",
    credentials: Credentials = CREDENTIALS,
    canonical: bool = True,
) -> Entry:
    dialect = S3 if service == "s3" else DEFAULT
    signer = Signer(service, "us-east-1", credentials)
    url = f"https://h.example{target}"
    signed = signer.sign(method, url, {"User-Agent": "x/1", **(headers or {})}, body, at=NOW)
    pairs = tuple((key.encode(), _bytes(value)) for key, value in signed.items())
    sent = Sent(method.encode(), target.encode(), pairs, body if isinstance(body, bytes) else b"left open")
    return Entry(name, service, dialect, sent, canonical)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


JSON = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListNotebookInstances"}
CORPUS = [
    entry("sagemaker", "POST", "/", JSON, b'{"NotebookInstanceName":"a"}'),
    entry("token", "POST", "/", JSON, b"{}", credentials=TEMPORARY),
    entry("query", "GET", "/?Action=ListUsers&Version=2010-05-08"),
    entry("query-unordered", "GET", "/?b=2&a=0&a=1&Param-3=x&Param=y"),
    entry("query-escapes", "GET", "/p/?a=%20%2B%25&b=%E1%88%B4"),
    entry("query-loose", "GET", "/?a&b=c=d&&e=%7e+%2f", canonical=False),
    entry("path-escapes", "GET", "/a%20b/%25/c"),
    entry("path-loose", "DELETE", "/a/./b/../c//%7E:@/", canonical=False),
    entry(
        "headers",
        "PUT",
        "/h",
        {"X-Amz-Meta-A": "a b", "X-Empty": "", "X-Utf8": "テ".encode(), "Date": "now"},
        b"\x00\xff",
    ),
    entry("headers-loose", "PUT", "/h", {"X-Amz-Meta-A": "  a   b\t"}, b"x", canonical=False),
    entry("s3", "PUT", "/k//./a%20b", {"X-Amz-Storage-Class": "STANDARD"}, b"data", service="s3"),
    entry("s3-loose", "GET", "/k%7e$:?lifecycle", service="s3", credentials=TEMPORARY, canonical=False),
    entry("s3-unsigned", "PUT", "/k", {}, UNSIGNED_PAYLOAD, service="s3"),
]


def _changes(value: bytes, replacements: bytes) -> Iterator[bytes]:
    """For every position: the byte removed, replaced, and a few bytes inserted."""
    for i in range(len(value) + 1):
        for byte in INSERTED:
            yield value[:i] + bytes([byte]) + value[i:]
        if i == len(value):
            return
        yield value[:i] + value[i + 1 :]
        yield value[:i] + value[i : i + 1].swapcase() + value[i + 1 :]
        for byte in replacements or (*INSERTED, *(value[i] ^ (1 << bit) for bit in range(8))):
            yield value[:i] + bytes([byte]) + value[i + 1 :]


def mutations(sent: Sent, replacements: bytes = b"") -> Iterator[tuple[str, Sent]]:
    """``(part, request)`` for each change to a signed part; by default a few replacements at each position."""
    for method in _changes(sent.method, replacements):
        yield "method", sent._replace(method=method)
    for target in _changes(sent.target, replacements):
        yield "target", sent._replace(target=target)
    for i, (name, value) in enumerate(sent.headers):
        if name == b"User-Agent":
            continue
        part = "authorization" if name == b"Authorization" else "header"
        for changed in _changes(value, replacements):
            yield part, sent._replace(headers=(*sent.headers[:i], (name, changed), *sent.headers[i + 1 :]))
    if (b"X-Amz-Content-SHA256", b"UNSIGNED-PAYLOAD") not in sent.headers:
        for body in _changes(sent.body, replacements):
            yield "body", sent._replace(body=body)


def verifier(entry: Entry, strict: bool) -> Verifier:
    token = dict(entry.sent.headers).get(b"X-Amz-Security-Token")
    key = signing_key(SECRET, Scope("20150830", "us-east-1", entry.service))
    on_file = CREDENTIALS if token is None else TEMPORARY

    def lookup(claim: Claim) -> Credentials | SigningKey | None:
        if claim.access_key_id != KEY_ID:  # the only part of Authorization that no signature covers
            return None
        # Half of the entries have the secret, half the derived key (those without a token to compare).
        return key if token is None and entry.service == "sagemaker" else on_file

    return Verifier(entry.service, "us-east-1", lookup, strict=strict, clock=lambda: NOW)


def accepts(checker: Verifier, sent: Sent) -> bool:
    headers = [(name.decode(), value.decode() if value.isascii() else value) for name, value in sent.headers]
    try:
        checker.verify(sent.method.decode("latin-1"), sent.target.decode("latin-1"), headers, sent.body)
    except VerificationError:
        return False
    return True


def meaning(entry: Entry, sent: Sent) -> oracle.Parts | None:
    try:
        return oracle.parts(*sent, s3=entry.service == "s3")
    except oracle.Refused:
        return None


def sweep(entry: Entry, share: float, replacements: bytes = b"") -> tuple[int, int]:
    """The number of changes that were tried, and the number of those that the oracle allows."""
    lax, strict = verifier(entry, False), verifier(entry, True)
    original = meaning(entry, entry.sent)
    assert original is not None
    random = Random(entry.name)
    tried = excused = 0
    for part, sent in mutations(entry.sent, replacements):
        if sent == entry.sent or (share < 1 and random.random() >= share):
            continue
        tried += 1
        if not accepts(lax, sent):
            continue
        assert meaning(entry, sent) == original, f"accepted with another meaning: {part} of {sent}"
        excused += 1
        if part != "authorization" and entry.canonical:
            assert not accepts(strict, sent), f"strict accepted: {part} of {sent}"
    return tried, excused


ENTRIES = pytest.mark.parametrize("entry", CORPUS, ids=lambda entry: entry.name)


@ENTRIES
def test_the_unchanged_corpus_is_accepted_also_by_strict_if_it_is_canonical(entry: Entry) -> None:
    assert accepts(verifier(entry, False), entry.sent)
    assert accepts(verifier(entry, True), entry.sent) is entry.canonical
    assert meaning(entry, entry.sent) is not None


@ENTRIES
@pytest.mark.slow
def test_a_sample_of_single_byte_changes_is_refused(entry: Entry) -> None:
    tried, excused = sweep(entry, 0.12)
    assert tried > 300
    assert excused < tried / 10


@pytest.mark.slow
@ENTRIES
def test_every_single_byte_change_is_refused(entry: Entry) -> None:
    tried, excused = sweep(entry, 1, bytes(range(256)))
    assert tried > 50_000
    assert 0 < excused < tried / 10


@ENTRIES
def test_a_change_to_an_unsigned_header_is_not_noticed(entry: Entry) -> None:
    checker = verifier(entry, entry.canonical)
    (agent,) = (i for i, (name, _) in enumerate(entry.sent.headers) if name == b"User-Agent")
    for value in (b"", b"x/2", b"  x  ", b"\xff", b"x/1 " * 50):
        headers = (*entry.sent.headers[:agent], (b"User-Agent", value), *entry.sent.headers[agent + 1 :])
        assert accepts(checker, entry.sent._replace(headers=headers))


def test_only_the_body_can_be_changed_with_an_unsigned_payload() -> None:
    (entry,) = (entry for entry in CORPUS if entry.name == "s3-unsigned")
    assert accepts(verifier(entry, True), entry.sent._replace(body=b"another"))
    assert {part for part, _ in mutations(entry.sent)} == {"method", "target", "header", "authorization"}
