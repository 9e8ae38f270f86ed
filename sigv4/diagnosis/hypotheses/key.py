"""The signing key: FAIL-25, 27, 28, 30, 31, 47."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

from ...scope import TERMINATOR
from ...signing_names import HOST_LABELS
from ...target import split_host
from .hypothesis import Hypothesis
from .text import days_around

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..signature_inputs import Draft
    from .hypothesis import Evidence


def key_hypotheses(evidence: Evidence, draft: Draft) -> Iterator[Hypothesis]:
    """Other keys for a V4 signature; none if the secret is unknown."""
    if evidence.credentials is None:
        return
    secret = evidence.credentials.secret_access_key
    parts = draft.scope.split("/")
    if len(parts) != 4:
        return
    day, region, service, _ = parts
    steps = (day, region, service, TERMINATOR)
    raw = secret.encode("utf-8")
    for words, spoilt in _secrets(secret, region):
        id = "FAIL-47" if "SMTP" in words else "FAIL-25"
        fix = "" if id == "FAIL-47" else _fix_of_secret(words)
        yield Hypothesis(id, f"the secret {words}", fix, key=_chain(b"AWS4" + spoilt, steps))
    for other in days_around(draft.timestamp):
        yield Hypothesis(
            "FAIL-30",
            f"the key is that of the day {other}",
            key=_chain(b"AWS4" + raw, (other, *steps[1:])),
        )
    yield from _other_names(evidence, raw, steps)
    yield from _other_derivations(raw, steps, draft.timestamp)


def _fix_of_secret(words: str) -> str:
    if " after it" in words or " before it" in words or "quotes" in words or "mark" in words:
        return f"the secret that was used {words}: strip that where it is read"
    if "has lost" in words or "ends at" in words or "has no" in words or "is empty" in words:
        return (
            f"the secret that was used {words}: copy all 40 characters, and escape them for the shell or URL"
        )
    return f"the secret that was used {words}: use it as it was issued, neither decoded nor encoded"


def _secrets(secret: str, region: str) -> Iterator[tuple[str, bytes]]:
    raw = secret.encode("utf-8")
    for words, ending in (
        ("LF", b"\n"),
        ("CR", b"\r"),
        ("CRLF", b"\r\n"),
        ("a space", b" "),
        ("a tab", b"\t"),
        ("NUL", b"\0"),
    ):
        yield f"has {words} after it", raw + ending
        yield f"has {words} before it", ending + raw
    for quote in (b'"', b"'", b"`"):
        yield "is in quotes", quote + raw + quote
    yield "has a byte order mark before it", b"\xef\xbb\xbf" + raw
    yield "has spaces for '+'", raw.replace(b"+", b" ")
    yield "has '%2F' for '/'", raw.replace(b"/", b"%2F")
    yield "has '%2B' for '+'", raw.replace(b"+", b"%2B")
    yield "is escaped", raw.replace(b"/", b"%2F").replace(b"+", b"%2B")
    yield "has '\\/' for '/'", raw.replace(b"/", b"\\/")
    yield "has no '/'", raw.replace(b"/", b"")
    yield "has no '+'", raw.replace(b"+", b"")
    yield "ends at its first '/'", raw.partition(b"/")[0]
    yield "ends at its first '+'", raw.partition(b"+")[0]
    yield "has lost its last character", raw[:-1]
    yield "has lost its first character", raw[1:]
    yield "is in upper case", raw.upper()
    yield "is in lower case", raw.lower()
    yield "is encoded as UTF-16", secret.encode("utf-16-le")
    yield "is empty", b""
    yield "is the Base64 of it", base64.b64encode(raw)
    yield "is its SMTP password", _smtp_password(raw, region)


def _smtp_password(secret: bytes, region: str) -> bytes:
    """Source: https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html"""
    key = _chain(b"AWS4" + secret, ("11111111", region, "ses", TERMINATOR, "SendRawEmail"))
    return base64.b64encode(b"\x04" + key)


def _other_names(evidence: Evidence, secret: bytes, steps: Sequence[str]) -> Iterator[Hypothesis]:
    """FAIL-27, 28: another region or service in the key, or in the key and the string to sign."""
    day, region, service, terminator = steps
    host = split_host(evidence.lines.get("host", ""))[0]
    labels = [label for label in host.split(".") if label][: evidence.most_parts]
    regions = [*labels, "us-east-1", "us-west-2", "eu-west-1", "aws-global", "auto", region.upper(), ""]
    known = HOST_LABELS.get(service)
    joined = [".".join(labels[:2]), ".".join(labels[1:3])]
    names = [*labels, *joined, *(HOST_LABELS[each] for each in joined if each in HOST_LABELS)]
    services = [*names, "s3", "execute-api", "sagemaker", "lambda", "es", "host", service.upper()]
    for id, kind, use, others in (
        ("FAIL-27", "region", f"such as {region!r}", regions),
        ("FAIL-28", "service", repr(known or service), services),
    ):
        fix = f"use one {kind} for the Credential, the string to sign and the key: {use}"
        for other in dict.fromkeys(others):
            scope = (day, other, service) if kind == "region" else (day, region, other)
            key = _chain(b"AWS4" + secret, (*scope, terminator))
            yield Hypothesis(id, f"the key is that of the {kind} {other!r}", fix, key=key)
            said = f"key and string to sign are those of the {kind} {other!r}"
            yield Hypothesis(id, said, fix, key=key, scope="/".join((*scope, terminator)))


def _other_derivations(secret: bytes, steps: Sequence[str], timestamp: str) -> Iterator[Hypothesis]:
    day, region, service, terminator = steps
    start = b"AWS4" + secret
    for words, key in (
        ("hex digits are chained, not raw bytes", _chain(start, steps, hexed=True)),
        ("'AWS4' is not put before the secret", _chain(secret, steps)),
        ("'aws4' is put before the secret", _chain(b"aws4" + secret, steps)),
        ("the terminator is 'aws4'", _chain(start, (day, region, service, "aws4"))),
        (
            "the terminator is 'aws4_request ' with a space",
            _chain(start, (day, region, service, "aws4_request ")),
        ),
        ("the last step is missing", _chain(start, steps[:3])),
        ("the service is missing", _chain(start, (day, region, terminator))),
        ("the region is missing", _chain(start, (day, service, terminator))),
        ("region and service are exchanged", _chain(start, (day, service, region, terminator))),
        ("the region comes first", _chain(start, (region, day, service, terminator))),
        ("the whole time is used for the day", _chain(start, (timestamp, region, service, terminator))),
        (
            "the day has dashes",
            _chain(start, (f"{day[:4]}-{day[4:6]}-{day[6:]}", region, service, terminator)),
        ),
        ("the secret is the key", secret),
        ("'AWS4' and the secret are the key", start),
        ("the key is the hex text of itself", _chain(start, steps).hex().encode()),
        ("the key is the Base64 of itself", base64.b64encode(_chain(start, steps))),
        ("HMAC has key and message exchanged", _exchanged(start, steps)),
    ):
        yield Hypothesis("FAIL-31", words, key=key)


def _chain(start: bytes, steps: Sequence[str], *, hexed: bool = False) -> bytes:
    key = start
    for step in steps:
        digest = hmac.digest(key, step.encode("utf-8"), "sha256")
        key = digest.hex().encode("ascii") if hexed else digest
    return key


def _exchanged(start: bytes, steps: Sequence[str]) -> bytes:
    key = start
    for step in steps:
        key = hmac.new(step.encode("utf-8"), key, sha256).digest()
    return key
