"""The largest number of signatures that ``diagnose`` tries, and its report on those that it did not try."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import Credentials, Response, Signer, diagnose
from sigv4.diagnosis.search import pairs_not_tried
from sigv4.diagnosis.signature_inputs import Draft
from tests.sigv4.diagnosis.seen import KEYS, NOW


def counted_tries(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """A list that gets every draft whose signature is compared from now on."""
    tried: list[Draft] = []
    gives = Draft.gives

    def counted(draft: Draft, signature: str) -> bool:
        tried.append(draft)
        return gives(draft, signature)

    monkeypatch.setattr(Draft, "gives", counted)
    return tried


@pytest.mark.parametrize(("pad", "most"), [(40000, 1000), (0, 100000)], ids=["single hypotheses", "pairs"])
@pytest.mark.slow
def test_a_search_without_a_result_tries_fewer_than_the_bound(
    pad: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://h.example.com/" + "a%20b/" * 30 + "?" + "&".join(f"k{i}=v%2F" for i in range(40))
    headers = {f"X-Amz-Meta-{i}": "a b" for i in range(20)} | {"X-Pad": "x" * pad}
    signed = Signer("lambda", "us-east-1", KEYS).sign("POST", url, headers, b"{}")
    signed["Authorization"] = signed["Authorization"][:-4] + "0000"
    tried = counted_tries(monkeypatch)
    diagnosis = diagnose("POST", url, signed, b"{}", credentials=KEYS)
    assert 0 < len(tried) < most
    assert diagnosis.signature_matches is False
    assert diagnosis.findings[0].certainty == "possible"


@pytest.mark.parametrize(
    ("count", "said"), [(200, "no fault that was tried"), (3000, "more than 300 headers")]
)
@pytest.mark.slow
def test_a_request_of_very_many_headers_does_not_stall_the_search(
    count: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {f"X-H{i}": "v a" for i in range(count)}
    signed = Signer("s3", "us-east-1", KEYS).sign("GET", "https://h.example.com/a", headers)
    signed["Authorization"] = signed["Authorization"][:-4] + "0000"
    canonical = "GET\n/b\n\nhost:h\n\nhost\n0"
    answer = Response(
        403, {}, f"<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>{canonical}</CanonicalRequest></Error>".encode()
    )  # fmt: skip
    tried = counted_tries(monkeypatch)
    diagnosis = diagnose("GET", "/a", signed, credentials=KEYS)
    diagnose("GET", "/a", signed, credentials=KEYS, response=answer)
    assert 0 < len(tried) < 60000
    assert said in str(diagnosis)


def test_what_was_not_tried_is_reported() -> None:
    """Three cases: too many headers for pairs, too many for any search, and a lower number of faults requested."""

    def told(count: int, most_faults: int) -> str:
        headers = {f"x-amz-meta-{number}": "v" for number in range(count)}
        signer = Signer("lambda", "us-east-1", KEYS)
        sent = signer.sign("POST", "https://lambda.us-east-1.amazonaws.com/a", headers, b"", at=NOW)
        found = diagnose(
            "POST",
            "https://lambda.us-east-1.amazonaws.com/a",
            sent,
            credentials=Credentials("AKIDEXAMPLE", "another-secret"),
            most_faults=most_faults,
        )
        return next(each.evidence for each in found.findings if each.id == "unexplained")

    assert "not tried: faults of single headers, since more than 300 headers are signed" in told(301, 2)
    assert told(41, 2).endswith("two at once were not tried, since more than 40 headers are signed")
    assert told(1, 1).endswith(
        "no fault that was tried gives this signature of this request; two at once were not looked for"
    )
    assert told(1, 0).endswith("no fault was looked for, since none was asked for")


def test_pairs_are_not_tried_with_4a_nor_with_a_long_canonical_request() -> None:
    class Drafted:
        headers = ()

        def __init__(self, algorithm: str, size: int) -> None:
            self.algorithm = algorithm
            self._size = size

        def canonical_request(self) -> bytes:
            return bytes(self._size)

    def told(algorithm: str, size: int) -> str:
        examined: Any = SimpleNamespace(draft=Drafted(algorithm, size))
        return pairs_not_tried(examined, 2)

    assert told("AWS4-HMAC-SHA256", 10) == ""
    assert "4A" in told("AWS4-ECDSA-P256-SHA256", 10)
    assert "over 32768 bytes" in told("AWS4-HMAC-SHA256", 32769)
