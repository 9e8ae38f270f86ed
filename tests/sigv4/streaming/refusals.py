"""The complete refusal of a body, or of a message of a stream."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sigv4.streaming.chunk_signatures import StreamError

Refusal = tuple[str, str, str, str, int]


def refused(call: Callable[..., object], *arguments: object) -> Refusal:
    with pytest.raises(StreamError) as caught:
        call(*arguments)
    error = caught.value
    assert str(error) == f"{error.part}: {error.code}: {error.message}"
    return error.part, error.stage, error.code, error.message, error.status


def unframed(part: str, detail: str) -> Refusal:
    return part, "EVENT-1", "SerializationException", f"The frame is refused: {detail}", 400
