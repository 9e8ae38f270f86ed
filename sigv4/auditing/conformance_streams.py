"""Judges the answers of the kit that are bodies in pieces: aws-chunked bodies and event streams."""

from __future__ import annotations

from hashlib import sha256

from ..authorization import V4
from ..errors import VerificationError
from ..headers import canonical_value
from ..scope import Scope, format_timestamp, parse_timestamp
from ..streaming.chunk_decoder import Decoder
from ..streaming.chunk_signatures import SignatureChain
from ..streaming.event_frames import BYTES, TIMESTAMP, decode_frame
from ..v4 import key_of
from .conformance_printed import Difference, body_of, compare
from .conformance_verdict import FAILED, Verdict, is_right, verdict_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .conformance_answer import Answer
    from .conformance_case import Case


def of_stream(case: Case, answer: Answer) -> Verdict:
    """Checks the seed as a header signature, then decodes the framed body with the chain from the seed."""
    asked = {**answer, "body": None}
    seed = {"signature": case.expect.get("seed_signature"), **case.expect}
    whole = case.replace(expect=seed)
    printed = compare(whole, asked)
    length = {each for each in printed.differences if each.what == "header content-length"}
    differences = [each for each in printed.differences if each not in length]
    text = case.expect.get("string_to_sign")
    if not is_right(whole, printed.signature, text):
        differences.append(Difference("seed signature", str(seed["signature"]), printed.signature))
    body = body_of(answer.get("body"), b"")
    lines = {name.lower(): value for name, value in printed.headers}
    posed = case.request.has_header("content-length")
    if not posed and lines.get("content-length", str(len(body))) != str(len(body)):
        differences.append(Difference("Content-Length", str(len(body)), lines["content-length"]))
    return verdict_of(differences) if differences else _of_body(case, body, printed.signature)


def _of_body(case: Case, body: bytes, seed: str) -> Verdict:
    """CHUNK-3…6, TRAILER-1…3: checks every signature, the data, the chunk sizes and the trailers."""
    data, given = case.data(), case.given
    names = [name.lower() for name, _ in given["trailers"]]
    decoder = Decoder(len(data), _chain(case, seed) if given["signed"] else None, names)
    differences = _of_framing(case, body)
    try:
        found = b"".join(decoder.feed(body))
        trailers = decoder.finish()
    except VerificationError as error:
        return Verdict(
            FAILED, f"the body is refused at {error.stage}: {error}", tuple(differences), stage=error.stage
        )
    wanted = {name.lower(): canonical_value(value) for name, value in given["trailers"]}
    if trailers != wanted:
        differences.insert(0, Difference("trailers", str(wanted), str(trailers)))
    if found != data:
        differences.insert(0, Difference("data", f"{len(data)} bytes", f"{len(found)} other bytes"))
    return verdict_of(differences)


def _of_framing(case: Case, body: bytes) -> list[Difference]:
    """CHUNK-4: with HMAC each byte of the body is known in advance; with 4A only its length."""
    expect = case.expect
    if "content_length" in expect and len(body) != expect["content_length"]:
        return [Difference("framed length", str(expect["content_length"]), str(len(body)))]
    whole = body_of(expect.get("body"), body)
    if body != whole:
        return [Difference("framed body", repr(whole), repr(body))]
    digest = sha256(body).hexdigest()
    if digest != expect.get("body_sha256", digest):
        return [Difference("framed body", f"SHA-256 {expect['body_sha256']}", f"SHA-256 {digest}")]
    return []


def _chain(case: Case, seed: str) -> SignatureChain:
    timestamp = format_timestamp(case.at)
    if case.algorithm == V4:
        scope = Scope(timestamp[:8], case.region, case.service)
        return SignatureChain(key_of(case.credentials, scope), str(scope), timestamp, seed)
    from .. import v4a

    key = case.expect["public_key"]
    public = v4a.PublicKey(int(key["x"], 16), int(key["y"], 16))
    scope_text = str(v4a.Scope(timestamp[:8], case.service))
    return SignatureChain(public, scope_text, timestamp, seed, algorithm=v4a)


def of_events(case: Case, answer: Answer) -> Verdict:
    """EVENT-1…6: checks the seed, then the time, payload and signature of each message."""
    printed = compare(case, {**answer, "body": None})
    differences = list(printed.differences)
    wanted = case.expect["seed_signature"]
    if printed.signature != wanted:
        differences.append(Difference("seed signature", wanted, printed.signature))
    if differences:
        return verdict_of(differences)
    signatures = case.expect["signatures"]
    asked = [(parse_timestamp(at) * 1000, text.encode("utf-8")) for at, text in case.given["events"]]
    frames = [bytes.fromhex(message) for message in answer["messages"]]
    if len(frames) != len(asked):
        differences.append(Difference("number of messages", str(len(asked)), str(len(frames))))
    try:
        for number, frame in enumerate(frames[: len(asked)]):
            differences += _of_event(frame, *asked[number], signatures[number])
    except VerificationError as error:
        detail = f"a message is refused at {error.stage}: {error}"
        return Verdict(FAILED, detail, tuple(differences), stage=error.stage)
    return verdict_of(differences)


def _of_event(message: bytes, millis: int, payload: bytes, signature: str) -> list[Difference]:
    """EVENT-1…5: every part of a message is known in advance."""
    frame = decode_frame(message)
    found = [(name, kind, _plain(value)) for name, kind, value in frame.headers]
    wanted = [(":date", TIMESTAMP, str(millis)), (":chunk-signature", BYTES, signature)]
    values = {name: value for name, _, value in found}
    compared = (
        ("date of an event", str(millis), values.get(":date", "(none)")),
        ("signature of an event", signature, values.get(":chunk-signature", "(none)")),
        ("headers of an event", str(wanted), str(found)),
        ("payload of an event", repr(payload), repr(frame.payload)),
    )
    return [Difference(what, right, given) for what, right, given in compared if right != given]


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
