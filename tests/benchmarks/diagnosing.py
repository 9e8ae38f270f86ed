"""B14: the time of ``diagnose`` for a signature that no fault and no pair of faults gives."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from hmac import digest

from sigv4 import Credentials, Signer, diagnose
from sigv4.diagnosis.evidence import examine
from sigv4.diagnosis.hypotheses import pairs, singles

from .paired import measure
from .row import Row

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
URL = "https://api.sagemaker.us-east-1.amazonaws.com/"
BODY = b'{"NotebookInstanceName": "example"}'
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl",
}


def without_a_result() -> Iterator[Row]:
    """The time for one pair of faults, compared with two SHA-256 and one HMAC on the same bytes."""
    signed = Signer("sagemaker", "us-east-1", KEYS).sign("POST", URL, HEADERS, BODY)
    signed["Authorization"] = f"{str(signed['Authorization'])[:-4]}0000"
    request = examine("POST", "/", tuple(signed.items()), BODY, KEYS, None)
    tried = len(singles(request.evidence, request.draft))
    tried += sum(len(each.seconds) for each in pairs(request.evidence, request.draft))
    canonical, text = request.draft.canonical_request(), request.draft.string_to_sign()
    key = bytes(32)

    def floor() -> None:
        for _ in range(1000):
            sha256(BODY).hexdigest()
            sha256(canonical).hexdigest()
            digest(key, text, "sha256")

    def ours() -> None:
        diagnose("POST", "/", signed, BODY, credentials=KEYS)

    timings = measure({"ours": ours, "floor": floor}, rounds=5)
    per_pair = timings.median("ours") / tried
    ratio = timings.ratio("ours", "floor") * 1000 / tried
    yield Row(
        "B14",
        f"diagnose without a result, {tried} tried",
        f"{per_pair * 1e6:.2f} µs",
        "crypto floor of one signature",
        ratio,
        2.5,
    )
