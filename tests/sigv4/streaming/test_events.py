"""``Signer.events``: the headers, the seed, the key and the chain in one object (EVENT-3…6)."""

from __future__ import annotations

import pytest

from sigv4 import V4A, Credentials, Signer, SigningError, Verifier
from sigv4.streaming.event_frames import STRING, Header, encode_frame
from sigv4.streaming.event_stream import EventVerifier

URL = "https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription"
MIDNIGHT = 1440979200
CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token")
FRAME = encode_frame([Header(":event-type", STRING, "AudioEvent")], b"audio")


def test_a_stream_past_midnight_verifies_with_the_credentials_that_opened_it() -> None:
    given = [CREDENTIALS, Credentials("AKIDROTATED", "other")]
    signer = Signer("transcribe", "us-east-1", lambda: given.pop(0), clock=lambda: MIDNIGHT - 1)
    events = signer.events("POST", URL, {"Content-Type": "application/vnd.amazon.eventstream"})
    verified, body = Verifier(
        "transcribe", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: MIDNIGHT
    ).verify_stream("POST", "/stream-transcription", events.headers)
    assert isinstance(body, EventVerifier)
    assert verified.payload == "STREAMING-AWS4-HMAC-SHA256-EVENTS"
    messages = [events.sign(FRAME), events.sign(FRAME, at=MIDNIGHT), events.close(at=MIDNIGHT + 1)]
    found = body.feed(b"".join(messages))
    body.finish()
    assert [event.payload for event in found] == [FRAME, FRAME]
    assert [event.date for event in found] == [(MIDNIGHT - 1) * 1000, MIDNIGHT * 1000]
    assert repr(events) == "Events('20150830/us-east-1/transcribe/aws4_request')"


def test_the_end_of_a_stream_has_the_time_of_the_signers_clock_too() -> None:
    events = Signer("transcribe", "us-east-1", CREDENTIALS, clock=lambda: MIDNIGHT).events("POST", URL)
    assert events.close() == Signer("transcribe", "us-east-1", CREDENTIALS).events(
        "POST", URL, at=MIDNIGHT
    ).close(at=MIDNIGHT)


def test_an_event_stream_has_one_region() -> None:
    with pytest.raises(SigningError, match="an event stream is signed for one region"):
        Signer("transcribe", "*", CREDENTIALS, algorithm=V4A).events("POST", URL)
