"""EVENT-3 to EVENT-6: the nested signed messages of an event stream."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sigv4 import DEFAULT, Credentials, Signer, SigningError, SigningKey, VerificationError, v4
from sigv4.scope import Scope, parse_timestamp
from sigv4.streaming.chunk_signatures import StreamError
from sigv4.streaming.event_frames import (
    BYTES,
    INT64,
    LARGEST_PAYLOAD,
    STRING,
    TIMESTAMP,
    TRUE,
    Frame,
    FrameDecoder,
    Header,
    decode_frame,
    encode_frame,
    encode_header,
)
from sigv4.streaming.event_stream import (
    STREAMING_EVENTS,
    EventSigner,
    EventVerifier,
    SignedEvent,
    event_string,
)
from tests.sigv4.signed import SECRET
from tests.sigv4.streaming.frames import EVENT, MAXIMA, framed
from tests.vectors import read

VECTORS = {data["id"]: data for data in read("event_stream.json")}
SEED = "e1d8e8c8815e60969f2a34765c9a15945ffc0badbaa4b7e3b163ea19131e949b"
NOW = 1440938160  # 20150830T123600Z


def keys(given: dict[str, Any] | None = None) -> Callable[[str], SigningKey]:
    given = given or {"secret_access_key": SECRET, "region": "us-east-1", "service": "transcribe"}
    return lambda date: v4.signing_key(
        given["secret_access_key"], Scope(date, given["region"], given["service"])
    )


def stream(count: int = 3) -> list[bytes]:
    """The messages of a stream: ``count`` events and the end."""
    signer = EventSigner(keys(), SEED)
    return [
        *(signer.sign(EVENT, b"audio %d" % n, at=NOW + n) for n in range(count)),
        signer.close(at=NOW + count),
    ]


def refusal(messages: bytes, step: int = 1 << 30) -> StreamError | None:
    verifier = EventVerifier(keys(), SEED)
    try:
        for start in range(0, len(messages), step):
            verifier.feed(messages[start : start + step])
        verifier.finish()
    except StreamError as error:
        return error
    return None


def test_EX_EV_1_frame_and_string_to_sign() -> None:
    given, expect = VECTORS["EX-EV-1"]["input"], VECTORS["EX-EV-1"]["expect"]
    headers = [Header(*header) for header in given["headers"]]
    inner = encode_frame(headers, given["payload"].encode())
    assert inner.hex() == expect["frame"]
    assert decode_frame(inner) == Frame(headers, given["payload"].encode())
    date = encode_header(":date", TIMESTAMP, parse_timestamp(given["at"]) * 1000)
    assert hashlib.sha256(date).hexdigest() == expect["date_header_sha256"]
    assert hashlib.sha256(inner).hexdigest() == expect["payload_sha256"]
    scope = str(Scope(given["at"][:8], given["region"], given["service"]))
    text = event_string(given["at"], scope, given["prior_signature"], date, inner)
    assert text == expect["string_to_sign"]


def test_EX_EV_2_request_events_and_end() -> None:
    given, expect = VECTORS["EX-EV-2"]["input"], VECTORS["EX-EV-2"]["expect"]
    credentials = Credentials(given["access_key_id"], given["secret_access_key"])
    dialect = DEFAULT.replace(payload_literals=frozenset((STREAMING_EVENTS.line,)))
    request = given["request"]
    seed = Signer(given["service"], given["region"], credentials, dialect=dialect).explain(
        request["method"],
        request["url"],
        request["headers"],
        STREAMING_EVENTS,
        at=parse_timestamp(given["at"]),
    )
    assert seed.signature == expect["seed_signature"]
    signer, verifier = EventSigner(keys(given), seed.signature), EventVerifier(keys(given), seed.signature)
    for (at, payload), signature in zip(given["events"], expect["signatures"], strict=True):
        seconds = parse_timestamp(at)
        raw = payload.encode()
        message = signer.sign_payload(raw, at=seconds) if raw else signer.close(at=seconds)
        assert signer.signature == signature
        assert decode_frame(message).header(":chunk-signature") == bytes.fromhex(signature)
        assert decode_frame(message).header(":date") == seconds * 1000
        assert verifier.feed(message) == ([SignedEvent(seconds * 1000, raw)] if raw else [])
    verifier.finish()


def test_EX_EV_3_chain_of_strings_to_sign() -> None:
    given, expect = VECTORS["EX-EV-3"]["input"], VECTORS["EX-EV-3"]["expect"]
    previous = given["prior_signature"]
    for (at, header, payload), signature in zip(given["events"], expect["signatures"], strict=True):
        key = keys(given)(at[:8])
        text = event_string(at, key.scope_text, previous, header.encode(), payload.encode())
        previous = v4.sign(key, text)
        assert previous == signature


def test_an_events_message_is_nested_signed_and_ended_by_an_empty_one() -> None:
    """EVENT-3: outer frame with :date and :chunk-signature around the framed event."""
    messages = stream(2)
    outer = [decode_frame(message) for message in messages]
    assert [[(h.name, h.kind) for h in each.headers] for each in outer] == [
        [(":date", 8), (":chunk-signature", 6)]
    ] * 3
    assert decode_frame(outer[0].payload) == Frame(EVENT, b"audio 0")
    assert outer[2].payload == b""
    verifier = EventVerifier(keys(), SEED)
    events = verifier.feed(b"".join(messages))
    verifier.finish()
    assert [event.date for event in events] == [NOW * 1000, (NOW + 1) * 1000]
    assert [event.message() for event in events] == [Frame(EVENT, b"audio 0"), Frame(EVENT, b"audio 1")]


@pytest.mark.parametrize("step", [1 << 30, 1, 13])
def test_a_stream_verifies_however_it_is_split(step: int) -> None:
    assert refusal(b"".join(stream()), step) is None


def test_any_flipped_byte_is_refused_at_its_event() -> None:
    messages = stream()
    for index in range(len(messages)):
        for position in range(len(messages[index])):
            flipped = bytearray(messages[index])
            flipped[position] ^= 0x01
            found = refusal(b"".join([*messages[:index], bytes(flipped), *messages[index + 1 :]]))
            assert found is not None
            assert found.part == f"event {index + 1}", (index, position)


def test_any_flipped_byte_with_corrected_CRCs_is_refused_at_its_event() -> None:
    """The data are protected by the signature, not by the CRCs."""
    messages = stream()
    for index, message in enumerate(messages):
        headers, payload = message[12 : 12 + 15 + 52], message[12 + 15 + 52 : -4]
        assert framed(headers, payload) == message
        for position in range(len(headers + payload)):
            flipped = bytearray(headers + payload)
            flipped[position] ^= 0x01
            forged = framed(bytes(flipped[: len(headers)]), bytes(flipped[len(headers) :]))
            found = refusal(b"".join([*messages[:index], forged, *messages[index + 1 :]]))
            assert found is not None
            assert found.part == f"event {index + 1}", (index, position)


def test_events_out_of_order_repeated_left_out_or_cut_off_are_refused() -> None:
    one, two, three, end = stream()
    for messages, part in [
        ([two, one, three, end], "event 1"),
        ([one, three, two, end], "event 2"),
        ([one, one, two, three, end], "event 2"),
        ([one, two, end], "event 3"),
        ([one, two, three], "event 4"),
        ([end], "event 1"),
        ([one, two, three, end, end], "event 5"),
        ([one, two, three, end, one], "event 5"),
        ([], "event 1"),
    ]:
        found = refusal(b"".join(messages))
        assert found is not None
        assert found.part == part
    last = decode_frame(end).header(":chunk-signature")
    assert isinstance(last, bytes)
    beyond = EventSigner(keys(), last.hex()).sign_payload(b"x", at=NOW)
    found = refusal(b"".join([*stream(), beyond]))
    assert found is not None
    assert (found.part, found.stage) == ("event 5", "EVENT-3")
    found = refusal(one + two)
    assert found is not None
    assert (found.stage, found.code, found.status) == ("EVENT-3", "SerializationException", 400)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [Header(":date", TIMESTAMP, 0)],
        [Header(":chunk-signature", BYTES, bytes(32))],
        [Header(":date", INT64, 0), Header(":chunk-signature", BYTES, bytes(32))],
        [Header(":date", TIMESTAMP, 0), Header(":chunk-signature", STRING, "0" * 64)],
        [
            Header(":date", TIMESTAMP, 0),
            Header(":chunk-signature", BYTES, bytes(32)),
            Header("a", TRUE, True),
        ],
        [Header(":date", TIMESTAMP, 2**63 - 1), Header(":chunk-signature", BYTES, bytes(32))],
        [Header(":date", TIMESTAMP, -(2**63)), Header(":chunk-signature", BYTES, bytes(32))],
    ],
)
def test_messages_of_another_shape_are_refused(headers: list[Header]) -> None:
    """EVENT-4: only :date of the outer headers is signed, so a third header is refused."""
    found = refusal(encode_frame(headers, b"payload"))
    assert found is not None
    assert (found.part, found.stage) == ("event 1", "EVENT-3")


@pytest.mark.parametrize("size", [0, 31, 32, 33])
def test_another_signature_is_refused_in_the_words_of_AWS(size: int) -> None:
    headers = [Header(":chunk-signature", BYTES, bytes(size)), Header(":date", TIMESTAMP, NOW * 1000)]
    found = refusal(encode_frame(headers, b"payload"))
    assert isinstance(found, VerificationError)
    assert (found.part, found.stage, found.code, found.status) == (
        "event 1",
        "EVENT-4",
        "SignatureDoesNotMatch",
        403,
    )
    assert found.message.startswith(
        "The request signature we calculated does not match the signature you provided."
    )


def test_a_date_with_milliseconds_and_the_other_header_order_verify() -> None:
    """EVENT-5: milliseconds are accepted; this package's signer writes whole seconds."""
    key = keys()("20150830")
    date = Header(":date", TIMESTAMP, NOW * 1000 + 291)
    text = event_string("20150830T123600Z", key.scope_text, SEED, encode_header(*date), b"payload")
    signature = Header(":chunk-signature", BYTES, bytes.fromhex(v4.sign(key, text)))
    verifier = EventVerifier(keys(), SEED)
    assert verifier.feed(encode_frame([signature, date], b"payload")) == [
        SignedEvent(NOW * 1000 + 291, b"payload")
    ]
    message = EventSigner(keys(), SEED).sign_payload(b"x", at=NOW + 0.75)
    assert decode_frame(message).header(":date") == NOW * 1000


def test_the_scope_follows_the_clock_past_midnight() -> None:
    """EVENT-5."""
    asked: list[str] = []

    def key_of(date: str) -> SigningKey:
        asked.append(date)
        return keys()(date)

    signer = EventSigner(key_of, SEED)
    midnight = datetime(2015, 8, 31, tzinfo=timezone.utc)
    messages = signer.sign_payload(b"a", at=midnight.timestamp() - 1) + signer.close(at=midnight)
    assert asked == ["20150830", "20150831"]
    assert refusal(messages) is None


def test_a_date_without_a_key_is_refused() -> None:
    verifier = EventVerifier(lambda date: None, SEED)
    with pytest.raises(StreamError, match="SignatureDoesNotMatch") as first:
        verifier.feed(stream()[0])
    with pytest.raises(StreamError) as again:
        verifier.feed(b"")
    assert again.value is first.value


def test_a_refused_stream_stays_refused() -> None:
    decoder = FrameDecoder()
    verifier = EventVerifier(lambda date: None, SEED)
    for refuser in (decoder, verifier):
        with pytest.raises(StreamError) as first:
            refuser.feed(bytes(16))
        for again in (lambda refuser=refuser: refuser.feed(b""), refuser.finish):
            with pytest.raises(StreamError) as later:
                again()
            assert later.value is first.value


def test_nothing_is_signed_after_the_end_and_only_close_signs_an_empty_payload() -> None:
    signer = EventSigner(keys(), SEED)
    with pytest.raises(SigningError, match="call close"):
        signer.sign_payload(b"", at=NOW)
    signer.close(at=NOW)
    with pytest.raises(SigningError, match="closed"):
        signer.sign([], b"", at=NOW)


def test_a_refused_event_leaves_the_chain_as_it_was() -> None:
    signer = EventSigner(keys(), SEED)
    with pytest.raises(SigningError, match="payload"):
        signer.sign_payload(bytes(LARGEST_PAYLOAD + 1), at=NOW)
    with pytest.raises(SigningError, match="naive"):
        signer.sign([], b"", at=datetime(2015, 8, 30))
    assert signer.signature == SEED


def test_the_limit_of_a_payload_can_be_lowered() -> None:
    verifier = EventVerifier(keys(), SEED, largest_payload=10)
    with pytest.raises(StreamError, match="at most 10 are accepted"):
        verifier.feed(stream()[0])


@pytest.mark.parametrize(
    "value", [MAXIMA[7], Frame(EVENT, b"x"), EventVerifier(keys(), SEED).feed(stream()[0])[0]]
)
def test_values_are_pickled_and_shown_without_their_payload(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert type(pickle.loads(pickle.dumps(value))) is type(value)
    assert "audio" not in repr(value)
    assert repr(value).startswith(f"{type(value).__name__}(")
    assert Frame(EVENT).header("absent") is None


@given(st.binary(max_size=200), st.integers(1, 200))
def test_any_bytes_raise_only_documented_errors(data: bytes, step: int) -> None:
    assert refusal(data, step) is not None


@pytest.mark.interop
def test_frames_and_signed_messages_are_read_by_botocore() -> None:
    eventstream = pytest.importorskip("botocore.eventstream", reason="botocore is not installed")
    buffer = eventstream.EventStreamBuffer()
    messages = stream()
    buffer.add_data(encode_frame(MAXIMA, b"payload") + b"".join(messages))
    first, *signed = list(buffer)
    assert first.payload == b"payload"
    assert {name: value for name, value in first.headers.items() if name != "uuid"} == {
        header.name: header.value for header in MAXIMA if header.name != "uuid"
    }
    assert [found.payload for found in signed] == [decode_frame(message).payload for message in messages]
