"""``diagnose`` with bodies that are signed in chunks, or only framed in chunks."""

from __future__ import annotations

import pytest

from sigv4 import Signer, diagnose, v4
from sigv4.scope import Scope
from tests.sigv4.diagnosis.seen import KEYS, NOW


def _streamed() -> tuple[dict[str, str | bytes], bytes]:
    upload = Signer("s3", "us-east-1", KEYS).stream("PUT", "https://h.example/a", length=4, at=NOW)
    return upload.headers, b"".join(upload.encode(b"body"))


def test_fail_49_a_chunk_is_wrong_where_the_seed_is_right() -> None:
    headers, body = _streamed()
    right = diagnose("PUT", "/a", headers, body, credentials=KEYS)
    assert right.signature_matches
    assert right.findings == ()
    found = diagnose("PUT", "/a", headers, body.replace(b"body", b"b0dy"), credentials=KEYS).findings
    assert (found[0].id, found[0].certainty) == ("FAIL-49", "proved")
    assert found[0].evidence.startswith("CHUNK-3: ")


def test_chunks_for_a_region_without_a_name_are_not_tried() -> None:
    headers, body = _streamed()
    scope = Scope("20260304", "", "s3")
    lines = {name.lower(): str(value) for name, value in headers.items()}
    names = lines["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    block = "".join(f"{name}:{lines[name]}\n" for name in names.split(";"))
    canonical = f"PUT\n/a\n\n{block}\n{names}\n{lines['x-amz-content-sha256']}"
    text = v4.string_to_sign(lines["x-amz-date"], str(scope), canonical.encode())
    signature = v4.sign(v4.signing_key("s" * 40, scope), text)
    headers = headers | {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, "
        f"Signature={signature}"
    }
    diagnosis = diagnose("PUT", "/a", headers, body, credentials=KEYS)
    assert diagnosis.signature_matches
    assert "FAIL-49" not in [each.id for each in diagnosis.findings]


@pytest.mark.slow
def test_chunk_framing_is_removed_whatever_its_pieces() -> None:
    url = "https://sqs.us-east-1.amazonaws.com/"
    signed = Signer("sqs", "us-east-1", KEYS).sign("POST", url, {}, b"abc" * 9000, at=NOW)
    framed = b"1;x=y\r\na\r\n1\r\nb\r\n 1 \r\nc\r\n" * 9000
    assert diagnose("POST", url, signed, framed + b"0\r\n\r\n", credentials=KEYS).findings[0].id == "FAIL-56"
    cut = diagnose("POST", url, signed, framed, credentials=KEYS)
    assert cut.findings[0].id == "unexplained"
