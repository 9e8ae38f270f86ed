"""How many signatures ``diagnose`` tries at most."""

from __future__ import annotations

import pytest

from sigv4 import Response, Signer, diagnose
from sigv4.diagnosis.signature_inputs import Draft
from tests.sigv4.diagnosis.seen import KEYS


def counted_tries(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """Gets every draft whose signature is compared from now on."""
    tried: list[Draft] = []
    gives = Draft.gives

    def counted(draft: Draft, signature: str) -> bool:
        tried.append(draft)
        return gives(draft, signature)

    monkeypatch.setattr(Draft, "gives", counted)
    return tried


@pytest.mark.parametrize(("pad", "most"), [(40000, 1000), (0, 100000)], ids=["single hypotheses", "pairs"])
@pytest.mark.slow
def test_a_search_in_vain_tries_no_more_than_this(
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
