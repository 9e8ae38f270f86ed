"""Runs the middleware under several servers: the application reads exactly the bytes that were verified."""

from __future__ import annotations

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from sigv4 import Signer, Verifier
from tests.interop.servers import SERVERS, Http2, http1, running

for package in ("uvicorn", "httptools", "hypercorn", "h2", "granian"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

from tests.interop.echo_app import KEYS, REGION  # noqa: E402 (these imports need the packages above)

pytestmark = pytest.mark.interop
HOST = "api.example"
CASES = 500
Pairs = list[tuple[bytes, bytes]]


class Sent(NamedTuple):
    method: str
    target: bytes
    headers: Pairs
    body: bytes


def signed(rng: random.Random, service: str) -> Sent:
    """A signed request that is accepted without a change."""
    segments = ["", *rng.choices(["a", "reports", "1", "x%20y", "%C3%BC", "a-b_c.d~e"], k=rng.randint(1, 4))]
    parameters = sorted(rng.choices(["a=1", "a=2", "b=%2F", "c=", "%C3%BC=x", "z=~"], k=rng.randint(0, 4)))
    target = "/".join(segments) + ("?" + "&".join(parameters) if parameters else "")
    method = rng.choice(["GET", "POST", "PUT", "DELETE"])
    body = b"" if method in ("GET", "DELETE") else rng.randbytes(rng.randint(0, 40))
    signer = Signer(service, REGION, KEYS)
    url = f"https://{HOST}{target}"
    if rng.random() < 0.3:
        url = signer.presign("GET", url, expires=900)
        return Sent("GET", url.partition(HOST)[2].encode(), [(b"Host", HOST.encode())], b"")
    own = {"x-amz-meta-role": "user,admin", "X-Custom": "one two", "Content-Type": "text/plain"}
    headers = signer.sign(method, url, own, body)
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    rng.shuffle(pairs)
    return Sent(method, target.encode(), pairs, body)


def other_target(rng: random.Random, sent: Sent) -> Sent:
    path, question, query = sent.target.partition(b"?")
    at = rng.choice([i for i, byte in enumerate(path) if byte == 47])
    changes: list[Callable[[], bytes]] = [
        lambda: (
            path[:at]
            + rng.choice([b"/", b"/.", b"/x/..", b"/admin/wipe/../..", b"/%2e", b"/x/%2e%2e", b"/..", b"/;"])
            + path[at:]
        ),
        lambda: (
            path
            + rng.choice([b"/", b"//", b"/.", b"/..", b"%00", b"%2F", b"%", b"%zz", b";x", b"\\", b"%0d%0a"])
        ),
        lambda: path.replace(b"a", b"%61", 1),
        lambda: path.replace(b"%C3", b"%c3").replace(b"%20", b"+"),
        lambda: b"http://elsewhere.example" + path,
        lambda: b"//elsewhere.example" + path,
        lambda: path.upper(),
        lambda: path,
    ]
    path = rng.choice(changes)()
    if rng.random() < 0.5:
        parts = query.split(b"&")
        rearranged: list[Callable[[], object]] = [
            lambda: parts.reverse(), lambda: rng.shuffle(parts), lambda: parts.append(b""), lambda: parts.append(b"a=3"),
            lambda: parts.append(parts[0]), lambda: parts.insert(0, b"%61=9"), lambda: parts.append(b"a#b"),
        ]  # fmt: skip
        rng.choice(rearranged)()
        query = b"&".join(parts)
        question = b"?"
    return sent._replace(target=path + question + query)


def other_headers(rng: random.Random, sent: Sent) -> Sent:
    pairs = list(sent.headers)
    at = rng.randrange(len(pairs))
    name, value = pairs[at]
    half = len(value) // 2
    changes: list[Callable[[], object]] = [
        lambda: pairs.__setitem__(at, (name, b"  " + value + b" \t")),
        lambda: pairs.__setitem__(at, (name, value[:half] + b"\t" + value[half:])),
        lambda: pairs.__setitem__(at, (name, value.replace(b" ", b"   "))),
        lambda: pairs.__setitem__(at, (name.swapcase(), value)),
        lambda: pairs.__setitem__(at, (name, value.swapcase())),
        lambda: pairs.append((name, value)),
        lambda: pairs.insert(at, (name, b"")),
        lambda: pairs.append((b"x-amz-meta-role", b"admin")),
        lambda: pairs.append((b"X-Forwarded-Host", b"elsewhere.example")),
        lambda: pairs.append((b"X-Custom", b"three")),
        lambda: pairs.append((b"x_custom", b"three")),
        lambda: pairs.append((b"Host", b"elsewhere.example")),
        lambda: pairs.__setitem__(slice(at, at + 1), [(name, part) for part in value.split(b",", 1)]),
        lambda: pairs.append((b"Transfer-Encoding", b"identity")),
        lambda: pairs.append((b"X-\xfc", b"\xfc")),
        lambda: pairs.append((b"X-Latin", b"\xfc\xff")),
    ]
    rng.choice(changes)()
    return sent._replace(headers=pairs)


def other_body(rng: random.Random, sent: Sent) -> Sent:
    return sent._replace(body=sent.body + b"x")


def cases(service: str) -> list[Sent]:
    rng = random.Random(f"servers {service}")
    found = []
    for number in range(CASES):
        sent = signed(rng, service)
        if number % 5:
            sent = rng.choice([other_target, other_headers])(rng, sent)
        if not number % 7 and number % 5:
            sent = rng.choice([other_target, other_headers, other_body])(rng, sent)
        found.append(sent)
    return found


def check(sent: Sent, told: dict[str, Any], service: str, lenient: bool) -> None:
    """Checks that a strict verifier accepts the request that the application got, with exactly the bytes sent."""
    raw_path, query = bytes.fromhex(told["raw_path"]), bytes.fromhex(told["query"])
    seen = [(name, bytes.fromhex(value)) for name, value in told["headers"]]
    target = raw_path + (b"?" + query if query else b"")
    assert bytes.fromhex(told["path"]).decode() == unquote(raw_path.decode("latin-1")), (
        "the decoded path is that of the target"
    )
    assert bytes.fromhex(told["body"]) == sent.body
    assert told["method"] == sent.method
    signed_names = set(told["signed"])
    pairs = [(name, value) for name, value in seen if name in signed_names or name == "authorization"]
    strict = Verifier(service, REGION, lambda claim: KEYS, strict=True)
    verified = strict.verify(told["method"], target.decode("latin-1"), pairs, sent.body)
    assert set(verified.signed_headers) == signed_names
    if not lenient:
        # A server may leave out an empty query, and the scheme and host before the path (RFC 9112 §3.2.2).
        assert target in (
            sent.target.removesuffix(b"?"),
            sent.target.removeprefix(b"http://elsewhere.example"),
        )
    for name in signed_names:
        values = [value for seen_name, value in seen if seen_name == name]
        given = [
            value.strip(b" \t")
            for sent_name, value in sent.headers
            if sent_name.lower().decode("latin-1") == name
        ]
        assert len(values) == 1
        if not lenient:  # HTTP/2 has one :authority
            assert values == (given[:1] if name == "host" else given)


# Each server with each service and each kind of verifier; each service with each kind of verifier under the first.
CELLS = [
    pytest.param(server, service, lenient, id=f"{server}-{service}-{'lenient' if lenient else 'strict'}")
    for number, server in enumerate(SERVERS)
    for service in ("execute-api", "s3")
    for lenient in (False, True)
    if number == 0 or lenient == ((service == "s3") == bool(number % 2))
]


@pytest.mark.parametrize(("server", "service", "lenient"), CELLS)
def test_what_the_application_reads_is_what_was_verified(server: str, service: str, lenient: bool) -> None:
    statuses: Counter[int] = Counter()
    with running(server, ECHO_LENIENT="1" if lenient else "0", ECHO_SERVICE=service) as (port, _):
        connection = Http2(port) if "HTTP/2" in server else None
        for number, sent in enumerate(cases(service)):
            exchange = connection.exchange if connection else lambda *given: http1(port, *given)
            status, answer = exchange(*sent)
            statuses[status] += 1
            if status == 200:
                check(sent, json.loads(answer), service, lenient)
            elif not number % 5:
                pytest.fail(f"case {number} was refused with {status}: {answer!r}: {sent}")
        if connection:
            connection.close()
    assert statuses[200] >= CASES // 5
    assert sum(statuses.values()) - statuses[200] >= CASES // 5


@pytest.mark.parametrize("name", [name for name in SERVERS if name != "hypercorn, HTTP/2"])
def test_no_trailer_of_a_chunked_body_reaches_the_application_as_a_header(name: str) -> None:
    """The trailer comes with the last chunk, or after a pause; uvicorn with httptools adds it to the headers."""
    signer = Signer("execute-api", REGION, KEYS)
    headers = signer.sign("POST", f"https://{HOST}/a", {"x-amz-meta-role": "user"}, b"hello")
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": HOST, **headers}.items())
    head = f"POST /a HTTP/1.1\r\n{lines}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"
    rest = "lo\r\n0\r\nx-amz-meta-role: admin\r\nx-unsigned: 1\r\n\r\n"
    with running(name) as (port, _):
        for later in (False, True):
            with socket.create_connection(("127.0.0.1", port), 30) as connection:
                connection.sendall(head.encode() if later else (head + rest).encode())
                if later:
                    time.sleep(0.3)  # the head must be verified in this time, or the test proves nothing
                    connection.sendall(rest.encode())
                answer = b""
                while block := connection.recv(1 << 16):
                    answer += block
            status = int(answer.split(b" ")[1])
            assert status in (200, 400, 403)
            if status == 200:
                seen = dict(json.loads(answer.partition(b"\r\n\r\n")[2])["headers"])
                assert bytes.fromhex(seen["x-amz-meta-role"]) == b"user"
                assert "x-unsigned" not in seen
            assert status == 200 or not later
