"""The corpus of faults is up to date: botocore with the described changes makes the same requests."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("botocore")

from .faults import corpus

pytestmark = pytest.mark.interop


def test_the_corpus_is_up_to_date() -> None:
    assert json.loads(corpus.FILE.read_text("utf-8"))["faults"] == corpus.build()
