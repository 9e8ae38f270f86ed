"""Makes event-stream frames without the package, and one header of each type."""

from __future__ import annotations

from zlib import crc32

from sigv4.streaming.event_frames import (
    BYTES,
    FALSE,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    TIMESTAMP,
    TRUE,
    UUID,
    Header,
)

EVENT = [Header(":event-type", STRING, "AudioEvent"), Header(":message-type", STRING, "event")]
MAXIMA = [
    Header("true", TRUE, True),
    Header("false", FALSE, False),
    Header("int8", INT8, -128),
    Header("int16", INT16, 32767),
    Header("int32", INT32, -(2**31)),
    Header("int64", INT64, 2**63 - 1),
    Header("bytes", BYTES, b"\0\xff" * 100),
    Header("string", STRING, "テスト"),
    Header("timestamp", TIMESTAMP, -1),
    Header("uuid", UUID, bytes(range(16))),
]


def framed(block: bytes, payload: bytes = b"", **lengths: int) -> bytes:
    """A frame with a block of headers; its lengths and CRCs are right unless they are given."""
    total = lengths.get("total", 16 + len(block) + len(payload))
    prelude = total.to_bytes(4, "big") + lengths.get("headers", len(block)).to_bytes(4, "big")
    message = prelude + crc32(prelude).to_bytes(4, "big") + block + payload
    return message + crc32(message).to_bytes(4, "big")
