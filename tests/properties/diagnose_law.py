"""Checks, with seeded mutations, that ``diagnose`` finds a request right if and only if a ``Verifier`` accepts it.

``python -m tests.properties.diagnose_law --seed 1 --count 1000000`` mutates requests of every form (header,
query, chunk, event, 4A), with and without an answer, and prints how many were tried and accepted. It exits
with 1 at the first mutation where the two disagree, and prints that.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from sigv4 import V4, V4A, Credentials, Response, Signer, VerificationError, Verifier, diagnose
from sigv4.diagnosis.diagnose import Diagnosis
from sigv4.dialects import dialect_of
from sigv4.scope import Scope
from sigv4.streaming.event_frames import STRING, Header
from sigv4.streaming.event_stream import EventSigner
from sigv4.v4 import signing_key

NOW = 1772600767
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials(
    "ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "SESSION/TOKEN+=="
)
_BYTES = "aA0/%&=?+;:, ~.-\t\x00\x80\xe9\"'"

Headers = tuple[tuple[str, "str | bytes"], ...]


class Sent(NamedTuple):
    method: str
    target: str
    headers: Headers
    body: bytes


class Form(NamedTuple):
    """One signed request, and the verifier that accepts it."""

    name: str
    service: str
    credentials: Credentials
    sent: Sent
    streamed: bool


def forms(with_4a: bool = True) -> list[Form]:
    """Requests of every form, signed by the package's own signer."""
    found = []
    for service, method, target, body in (
        ("lambda", "POST", "/a%20b/c?x=1&y=%2F&z", b'{"a": 1}'),
        ("s3", "PUT", "/k//a%2Bb?acl", b"hello"),
        ("es", "GET", "/_search?q=a+b", b'{"size": 1}'),
        ("execute-api", "DELETE", "/prod/pets/", b""),
        ("aoss", "POST", "/x/_doc", b"{}"),
        ("vpc-lattice-svcs", "GET", "/", b""),
    ):
        for keys in (KEYS, TEMPORARY):
            url = f"https://x.{service}.us-east-1.amazonaws.com{target}"
            signer = Signer(service, "us-east-1", keys)
            given = {"Content-Type": "a/b", "X-Amz-Meta-A": "b  c"}
            payload = None if service == "vpc-lattice-svcs" else body
            signed = tuple(signer.sign(method, url, given, payload, at=NOW).items())
            found.append(Form(f"header {service}", service, keys, Sent(method, target, signed, body), False))
            if service in ("s3", "lambda", "execute-api"):
                presigned = signer.presign("GET", url, expires=900, at=NOW)
                host = f"x.{service}.us-east-1.amazonaws.com"
                sent = Sent("GET", presigned.removeprefix(f"https://{host}"), (("Host", host),), b"")
                found.append(Form(f"query {service}", service, keys, sent, False))
    url = "https://b.s3.us-east-1.amazonaws.com/k"
    upload = Signer("s3", "us-east-1", KEYS).stream("PUT", url, length=10, at=NOW)
    sent = Sent("PUT", "/k", tuple(upload.headers.items()), b"".join(upload.encode([b"0123456789"])))
    found.append(Form("chunk", "s3", KEYS, sent, True))
    url = "https://transcribestreaming.us-east-1.amazonaws.com/stream"
    events = Signer("transcribe", "us-east-1", KEYS).explain(
        "POST", url, {"X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-EVENTS"}, None, at=NOW
    )
    scope = Scope("20260304", "us-east-1", "transcribe")
    chain = EventSigner(lambda date: signing_key(KEYS.secret_access_key, scope), events.signature)
    frames = chain.sign([Header("h", STRING, "v")], b"payload", at=NOW) + chain.close(at=NOW + 1)
    sent = Sent("POST", "/stream", tuple(events.headers.items()), frames)
    found.append(Form("event", "transcribe", KEYS, sent, True))
    if with_4a:
        signer = Signer("lambda", "*", KEYS, algorithm=V4A)
        signed = tuple(
            signer.sign("POST", "https://h.example/a?b=c", {"X-Amz-Acl": "a"}, b"x", at=NOW).items()
        )
        found.append(Form("4A", "lambda", KEYS, Sent("POST", "/a?b=c", signed, b"x"), False))
    return found


def verifies(form: Form, sent: Sent, now: float) -> bool:
    verifier = Verifier(
        form.service,
        "us-east-1",
        lambda claim: form.credentials,
        dialect=dialect_of(form.service),
        algorithms=(V4, V4A),
        clock=lambda: now,
    )
    try:
        if form.streamed:
            body = verifier.verify_stream(sent.method, sent.target, sent.headers)[1]
            body.feed(sent.body)
            body.finish()
        else:
            verifier.verify(*sent)
    except VerificationError:
        return False
    return True


def diagnosed(
    form: Form, sent: Sent, now: float, response: Response | None, most_faults: int = 0
) -> Diagnosis:
    return diagnose(*sent, credentials=form.credentials, now=now, response=response, most_faults=most_faults)


def _changed_text(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    kind = random.randrange(4)
    if kind == 0:
        return text[:at] + random.choice(_BYTES) + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + random.choice(_BYTES) + text[at:]
    return random.choice((text.upper(), text.lower(), text.swapcase(), text + text, "", f" {text} "))


def mutated(random: Random, sent: Sent) -> Sent:
    """``sent`` with one part changed: often by a byte, sometimes without a change of meaning."""
    method, target, headers, body = sent
    which = random.randrange(10)
    if which == 0:
        return Sent(random.choice(("GET", "PUT", "post", "HEAD", "P OST", "")), target, headers, body)
    if which in (1, 2):
        return Sent(method, _changed_text(random, target), headers, body)
    if which == 3:
        text = _changed_text(random, body.decode("latin-1"))
        return Sent(method, target, headers, text.encode("latin-1", "replace"))
    at = random.randrange(len(headers))
    name, value = headers[at]
    if which == 4:
        return Sent(method, target, (*headers[:at], *headers[at + 1 :]), body)
    if which == 5:
        more = random.choice(
            (("X-Amz-Acl", "a"), ("Accept", "b"), (name, value), ("X-Amz-Security-Token", "t"), ("Date", "x"))
        )
        return Sent(method, target, (*headers, more), body)
    if which == 6:
        return Sent(method, target, tuple(random.sample(headers, len(headers))), body)
    if which == 7:
        spelled = random.choice((name.upper(), name.lower(), f"{name}x"))
        return Sent(method, target, (*headers[:at], (spelled, value), *headers[at + 1 :]), body)
    text = value if isinstance(value, str) else value.decode("latin-1")
    changed = _changed_text(random, text)
    other = changed if changed.isascii() else changed.encode("latin-1", "replace")
    return Sent(method, target, (*headers[:at], (name, other), *headers[at + 1 :]), body)


def run(seed: int, count: int, report: Callable[[str], object]) -> Counter[str]:
    """How many of ``count`` mutations were accepted and refused. Raises AssertionError if the two differ."""
    random, kinds = Random(seed), forms()
    found: Counter[str] = Counter()
    for number in range(count):
        form = random.choice(kinds)
        sent = form.sent if number % 50 == 0 else mutated(random, form.sent)
        now = NOW + random.choice((0, 0, 0, 0, 299, 301, -301, 901, -901))
        response = random.choice((None, None, Response(200, {}, b"")))
        accepted = verifies(form, sent, now)
        diagnosis = diagnosed(form, sent, now, response)
        if accepted is not (diagnosis.verdict == "right"):
            said = f"{form.name}, seed {seed}, number {number}: Verifier {accepted}\n{sent}\n{diagnosis}"
            raise AssertionError(said)
        found["accepted" if accepted else "refused"] += 1
        if number and number % 100000 == 0:
            report(f"{number} tried\n")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20000)
    options = parser.parse_args()
    found = run(options.seed, options.count, sys.stdout.write)
    sys.stdout.write(f"seed {options.seed}: {dict(found)}, no disagreement\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
