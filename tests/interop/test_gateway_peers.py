"""The verifiers that benchmark B11 compares accept a signed body and refuse any other."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import pytest

from sigv4 import Signer
from tests.benchmarks.gateway_app import KEYS, REGION, SERVICE, made

pytestmark = pytest.mark.interop
BODY = b'{"NotebookInstanceName":"a"}'


@pytest.mark.parametrize("kind", ["asigv4", "botocore", "signature"])
def test_a_verifier_of_the_benchmark_hashes_the_body(kind: str) -> None:
    declared = {"X-Amz-Content-Sha256": sha256(BODY).hexdigest()}
    signed = Signer(SERVICE, REGION, KEYS).sign("POST", "https://h.example/", declared, BODY)
    headers = [(name.lower().encode(), value.encode()) for name, value in signed.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "raw_path": b"/",
        "query_string": b"",
        "headers": headers,
    }
    check = made(kind).check
    asyncio.run(check(scope, BODY))
    with pytest.raises(Exception, match=r"(?i)mismatch|does not match|not the one"):
        asyncio.run(check(scope, BODY.replace(b"a", b"b")))
