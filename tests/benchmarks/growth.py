"""B12: how the time of each part grows with the size of its input, four times at each step.

``python -m tests.benchmarks.growth`` writes the plot, docs/growth.svg.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

from sagemaker_api.local.iam.patterns import Pattern
from sigv4 import Credentials, Request, Signer, Verifier, diagnose
from sigv4.auditing.audit import audit
from sigv4.auditing.captures import captures
from sigv4.claim import Claim
from sigv4.config.file_grammar import parse as parse_config
from sigv4.headers import HeaderSet
from sigv4.scope import Scope
from sigv4.target import encode_query
from sigv4.v4 import SigningKey, signing_key

from . import peers
from .paired import Timings, measure
from .plots import curves
from .row import Row

KEYS = Credentials(peers.KEY_ID, peers.SECRET)
SIGNER = Signer("lambda", "us-east-1", KEYS)
HOST = "https://x.example"
SIZES = (1, 4, 16, 62, 250, 1000, 4000)
_BOUNDED = 62  # the smallest size with a bound: for smaller inputs the fixed cost of a call hides the growth


def _headers(count: int) -> dict[str, str]:
    return {f"x-amz-meta-{number}": f"value {number}" for number in range(count)}


def _sign_headers(count: int) -> Callable[[], object]:
    headers = _headers(count)
    return lambda: SIGNER.sign("GET", f"{HOST}/", headers, b"")


def _repeated_headers(count: int) -> Callable[[], object]:
    pairs = [(f"x-amz-meta-{number}", "v") for number in range(count)] * 2
    return lambda: HeaderSet(pairs)


def _sign_parameters(count: int) -> Callable[[], object]:
    query = encode_query([(f"name {count - number}", "a/b") for number in range(count)])
    urls = cycle(
        [f"{HOST}/?{query}", f"{HOST}/x?{query}"]
    )  # two URLs in turn, since the last one is remembered
    return lambda: SIGNER.sign("GET", next(urls), (), b"")


def _sign_segments(count: int) -> Callable[[], object]:
    path = "/a%20b/.." * count
    urls = cycle([f"{HOST}{path}/c", f"{HOST}{path}/d"])
    return lambda: SIGNER.sign("GET", next(urls), (), b"")


def _key(claim: Claim) -> SigningKey:
    assert isinstance(claim.scope, Scope)
    return signing_key(peers.SECRET, claim.scope)


def _verify(count: int) -> Callable[[], object]:
    target = f"/?{encode_query([(f'name{number:05}', 'a/b') for number in range(count)])}"
    headers = tuple(SIGNER.sign("GET", HOST + target, _headers(count), b"").items())
    verifier = Verifier("lambda", "us-east-1", _key, strict=True)
    return lambda: verifier.verify("GET", target, headers, b"")


def _raw(fold: str) -> Callable[[int], Callable[[], object]]:
    def make(count: int) -> Callable[[], object]:
        raw = b"GET / HTTP/1.1\nHost: x\n" + (fold * count).encode() + b"\n"
        return lambda: Request.parse(raw, unfold=True)

    return make


def _har(count: int) -> Callable[[], object]:
    entry = {"request": {"method": "GET", "url": f"{HOST}/", "headers": [{"name": "Host", "value": "x"}]}}
    raw = json.dumps({"log": {"entries": [entry] * count}}).encode()
    return lambda: sum(1 for _ in captures(BytesIO(raw)))


def _raw_requests(count: int) -> Callable[[], object]:
    one = b"POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}\n\nHTTP/1.1 200 OK\n\nprinted\n\n"
    return lambda: sum(1 for _ in captures(BytesIO(one * count)))


def _curl_output(count: int) -> Callable[[], object]:
    one = b"> GET / HTTP/1.1\n> Host: x\n>\n< HTTP/1.1 200 OK\n<\nbody\n"
    return lambda: sum(1 for _ in captures(BytesIO(one * count)))


def _sent_in_blocks(count: int) -> Callable[[], object]:
    head = b"send: b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'\n"
    raw = head + b"send: b'a block of the body'\n" * count
    return lambda: sum(1 for _ in captures(BytesIO(raw)))


def _sent_nothing(count: int) -> Callable[[], object]:
    head = b"send: b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'\nreply: 'HTTP/1.1 200 OK'\n"
    raw = (head + b"send: b''\n" * count) * 2
    return lambda: sum(1 for _ in captures(BytesIO(raw)))


def _false_lengths(count: int) -> Callable[[], object]:
    one = b"GET / HTTP/1.1\nHost: x\n\nHTTP/1.1 200 OK\nContent-Length: 99999999\n\nshort\n\n"
    return lambda: sum(1 for _ in captures(BytesIO(one * count)))


def _curl_command(count: int) -> Callable[[], object]:
    raw = b"curl https://x.example/" + b" -d a=b" * count
    return lambda: sum(1 for _ in captures(BytesIO(raw)))


def _wrong_parameters(count: int) -> Callable[[], object]:
    """Diagnoses a request of which half of the parameters have one name, with a search for one fault."""
    url = f"{HOST}/?{'&a=b' * count}&{'&'.join(f'n{number}=v' for number in range(count))}"
    headers = SIGNER.sign("GET", url, (), b"")
    other = Credentials(KEYS.access_key_id, "another-secret")
    return lambda: diagnose("GET", url, headers, credentials=other, most_faults=1)


def _unsigned_headers(count: int) -> Callable[[], object]:
    """Diagnoses a request with headers that its signature does not cover, with a search for one fault."""
    headers = {**SIGNER.sign("GET", f"{HOST}/", (), b""), **_headers(count)}
    other = Credentials(KEYS.access_key_id, "another-secret")
    return lambda: diagnose("GET", f"{HOST}/", headers, credentials=other, most_faults=1)


def _wildcard(pattern: str) -> Callable[[int], Callable[[], object]]:
    def make(count: int) -> Callable[[], object]:
        parsed = Pattern.parse(f"{pattern * count}b", wildcards=True, variables=False)
        return lambda: parsed.like("a" * 3 * count, {})

    return make


def _brackets(count: int) -> Callable[[], object]:
    return lambda: parse_config("config", f"[{']' * count}a]\n")


def _audit(count: int) -> Callable[[], object]:
    headers = SIGNER.sign("GET", f"{HOST}/", (), b"")
    exchanges: Any = [(Request("GET", f"{HOST}/", headers), None)] * count
    return lambda: audit(exchanges)


def _decode(count: int) -> Callable[[], object]:
    signer = Signer("s3", "us-east-1", KEYS)
    length = count * 8192
    upload = signer.stream("PUT", f"{HOST}/k", length=length, chunk_size=8192)
    framed = b"".join(upload.encode(bytes(length)))
    verifier = Verifier("s3", "us-east-1", lambda claim: KEYS)

    def decoded() -> None:
        _, body = verifier.verify_stream("PUT", "/k", upload.headers)
        body.feed(framed)
        body.finish()

    return decoded


PARTS: Mapping[str, Callable[[int], Callable[[], object]]] = {
    "sign: headers": _sign_headers,
    "read: headers, each twice": _repeated_headers,
    "sign: parameters": _sign_parameters,
    "sign: path segments": _sign_segments,
    "verify, strict: headers and parameters": _verify,
    "parse: headers": _raw("X: y\n"),
    "parse: one folded header": _raw(" folded\n"),
    "read: entries of a HAR file": _har,
    "read: raw requests with answers": _raw_requests,
    "read: exchanges of curl -v": _curl_output,
    "read: blocks that http.client sent": _sent_in_blocks,
    "read: empty blocks that http.client sent": _sent_nothing,
    "read: answers with a false length": _false_lengths,
    "read: data of a curl command": _curl_command,
    "parse: brackets in a header of a config file": _brackets,
    "diagnose: parameters, half of one name": _wrong_parameters,
    "diagnose: headers that are not signed": _unsigned_headers,
    "match: wildcards of a policy": _wildcard("*?a"),
    "audit: entries": _audit,
    "decode: chunks in one read": _decode,
}


def _measured(make: Callable[[int], Callable[[], object]]) -> Timings:
    """Processor seconds at each of SIZES. Each round measures all sizes, so that a slow moment hits them all."""
    return measure({str(size): make(size) for size in SIZES}, rounds=15, turn=0.004)


def growth() -> Iterator[Row]:
    """The steepest step of each part: the median over the rounds, with the quartiles of that step."""
    largest = SIZES[-1]
    for name, make in PARTS.items():
        timings = _measured(make)
        steps = [(str(later), str(earlier)) for earlier, later in pairwise(SIZES) if earlier >= _BOUNDED]
        steepest = max(steps, key=lambda step: timings.ratio(*step))
        yield Row(
            "B12",
            f"4x as much: {name}",
            f"{timings.median(str(largest)) * 1e3:.2f} ms",
            f"at {largest:,} of them",
            timings.ratio(*steepest),
            4.8,
            spread=timings.spread(*steepest),
        )


def plot() -> Path:
    path = Path(__file__).resolve().parents[2] / "docs" / "growth.svg"
    title = "Processor time by the size of the input (both axes logarithmic; dashed: linear)"
    timings = {name: _measured(make) for name, make in PARTS.items()}
    seconds = {name: [found.median(str(size)) for size in SIZES] for name, found in timings.items()}
    path.write_text(curves(title, SIZES, seconds), "utf-8")
    return path


if __name__ == "__main__":
    sys.stdout.write(f"wrote {plot().name}\n")
