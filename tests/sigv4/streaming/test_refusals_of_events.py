"""Signed events are refused with their rule and in the words of AWS; a stream has one end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sigv4 import SigningError, VerificationError, v4
from sigv4.scope import Scope
from sigv4.streaming.event_frames import (
    BYTES,
    INT64,
    STRING,
    TIMESTAMP,
    TRUE,
    Header,
    decode_frame,
    encode_frame,
)
from sigv4.streaming.event_stream import EventSigner, EventVerifier, SignedEvent
from tests.sigv4.signed import MISMATCH, SECRET
from tests.sigv4.streaming.refusals import Refusal, refused, unframed

KEY = v4.signing_key(SECRET, Scope("20130524", "us-east-1", "s3"))
EVENT_SEED = "e1d8e8c8815e60969f2a34765c9a15945ffc0badbaa4b7e3b163ea19131e949b"
AT = 1369353600  # 20130524T000000Z


def signer() -> EventSigner:
    return EventSigner(lambda date: KEY, EVENT_SEED)


def events() -> EventVerifier:
    return EventVerifier(lambda date: KEY if date == "20130524" else None, EVENT_SEED)


def unwrapped(part: str, detail: str) -> Refusal:
    return part, "EVENT-3", "SerializationException", f"The message is refused: {detail}", 400


SHAPE = "expected :date and :chunk-signature, and no other header"
DATE, SIGNATURE = Header(":date", TIMESTAMP, AT * 1000), Header(":chunk-signature", BYTES, bytes(32))
LAST_DATE = 253402300799999  # 9999-12-31T23:59:59.999Z


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ([DATE], unwrapped("event 1", SHAPE)),
        ([SIGNATURE], unwrapped("event 1", SHAPE)),
        ([DATE, SIGNATURE, Header("a", TRUE, True)], unwrapped("event 1", SHAPE)),
        ([Header(":date", INT64, AT * 1000), SIGNATURE], unwrapped("event 1", SHAPE)),
        ([DATE, Header(":chunk-signature", STRING, "0")], unwrapped("event 1", SHAPE)),
        ([Header(":date", TIMESTAMP, 1 << 60), SIGNATURE], unwrapped("event 1", "its :date is outside the years 1 to 9999")),
        ([Header(":date", TIMESTAMP, LAST_DATE), SIGNATURE], ("event 1", "EVENT-4", "SignatureDoesNotMatch", MISMATCH, 403)),
        ([Header(":date", TIMESTAMP, LAST_DATE + 1), SIGNATURE], unwrapped("event 1", "its :date is outside the years 1 to 9999")),
        ([DATE, SIGNATURE], ("event 1", "EVENT-4", "SignatureDoesNotMatch", MISMATCH, 403)),
        ([Header(":date", TIMESTAMP, 0), SIGNATURE], ("event 1", "EVENT-4", "SignatureDoesNotMatch", MISMATCH, 403)),
    ],
)  # fmt: skip
def test_a_message_that_is_wrong(headers: list[Header], refusal: Refusal) -> None:
    assert refused(events().feed, encode_frame(headers, b"p")) == refusal
    first = signer().sign_payload(b"1", at=AT)
    verifier = events()
    assert verifier.feed(first) == [SignedEvent(AT * 1000, b"1")]
    assert refused(verifier.feed, encode_frame(headers, b"p")) == (
        refusal[0].replace("1", "2"), *refusal[1:],
    )  # fmt: skip
    with pytest.raises(VerificationError):
        verifier.finish()


def test_a_stream_ends_with_its_empty_message_and_nothing_follows() -> None:
    source = signer()
    one, end = source.sign_payload(b"1", at=AT), source.close(at=AT)
    verifier = events()
    assert verifier.feed(one) == [SignedEvent(AT * 1000, b"1")]
    assert refused(verifier.finish) == unwrapped("event 2", "the stream ends without its empty message")
    assert verifier.feed(end) == []
    verifier.finish()
    again = "it follows the empty message that ended the stream"
    assert refused(verifier.feed, one) == unwrapped("event 3", again)
    calls: tuple[Callable[[], object], ...] = (
        lambda: source.sign_payload(b"2", at=AT),
        lambda: source.sign([], b"2", at=AT),
        lambda: source.close(at=AT),
    )
    for call in calls:
        with pytest.raises(SigningError) as caught:
            call()
        assert str(caught.value) == "the stream is closed: nothing can be signed after its empty message"
    with pytest.raises(SigningError) as caught:
        signer().sign_payload(b"", at=AT)
    assert str(caught.value) == "an empty payload ends the stream: call close, or frame an empty event"


def test_event_5_a_date_has_whole_seconds() -> None:
    for at in (AT, AT + 0.999, AT - 0.001, -0.5):
        message = decode_frame(signer().sign_payload(b"1", at=at))
        assert message.header(":date") == int(at // 1) * 1000
    assert EventVerifier(lambda date: KEY, EVENT_SEED, largest_payload=1).feed(
        signer().sign_payload(b"1", at=AT)
    ) == [SignedEvent(AT * 1000, b"1")]
    assert refused(
        EventVerifier(lambda date: KEY, EVENT_SEED, largest_payload=1).feed,
        signer().sign_payload(b"12", at=AT),
    ) == unframed("event 1", "a payload of 2 bytes; at most 1 are accepted")
