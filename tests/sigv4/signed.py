"""A signed request for tests to change, and a verifier that accepts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import Claim, Credentials, Dialect, Signer, SigningKey, VerificationError, Verifier

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "SESSION/TOKEN+=="
CREDENTIALS = Credentials(KEY_ID, SECRET)
TEMPORARY = Credentials(KEY_ID, SECRET, TOKEN)
NOW = 1440938160  # 20150830T123600Z
URL = "https://api.sagemaker.us-east-1.amazonaws.com/"
HEADERS = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListNotebookInstances"}
BODY = b"{}"

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)

Lookup = Callable[[Claim], "Credentials | SigningKey | None"]


def sign(
    credentials: Credentials = CREDENTIALS,
    *,
    method: str = "POST",
    url: str = URL,
    headers: Any = HEADERS,
    body: Any = BODY,
    at: float = NOW,
    service: str = "sagemaker",
    region: str = "us-east-1",
    dialect: Dialect | None = None,
) -> dict[str, str | bytes]:
    return Signer(service, region, credentials, dialect=dialect).sign(method, url, headers, body, at=at)


def verifier(
    on_file: Credentials | SigningKey | None = CREDENTIALS, now: float = NOW, **options: Any
) -> Verifier:
    return Verifier("sagemaker", "us-east-1", lambda claim: on_file, clock=lambda: now, **options)


def refusal(
    checker: Verifier, headers: Any, *, method: str = "POST", url: str = "/", body: Any = BODY
) -> VerificationError:
    """The error that the verifier raises for the request."""
    with pytest.raises(VerificationError) as caught:
        checker.verify(method, url, headers.items() if isinstance(headers, dict) else headers, body)
    return caught.value


def fields(error: VerificationError) -> tuple[str, str, int, str]:
    return error.stage, error.code, error.status, error.message


Headers = dict[str, "str | bytes"]
INVALID = ("VERIFY-14", "InvalidClientTokenId", 403)


def with_authorization(old: str, new: str, headers: Headers | None = None) -> Headers:
    headers = sign() if headers is None else headers
    authorization = str(headers["Authorization"])
    assert old in authorization
    return {**headers, "Authorization": authorization.replace(old, new)}


def with_credential(credential: str) -> Headers:
    return with_authorization(f"{KEY_ID}/20150830/us-east-1/sagemaker/aws4_request", credential)


def without(name: str, headers: Headers | None = None) -> Headers:
    return {key: value for key, value in (headers or sign()).items() if key != name}
