"""The same signature by the peers that are installed, each through its own public interface."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from importlib.util import find_spec

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def awscrt(method: str, host: str, headers: dict[str, str], body: bytes) -> Callable[[str], object] | None:
    """Sign with awscrt (C), all its objects built per call."""
    if find_spec("awscrt") is None:
        return None
    from awscrt import auth, http

    def sign(target: str) -> object:
        provider = auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET)
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4,
            signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=provider,
            region="us-west-2",
            service="sagemaker",
            date=datetime.datetime.now(datetime.timezone.utc),
        )
        request = http.HttpRequest(
            method, target, http.HttpHeaders([("Host", host), *headers.items()]), io.BytesIO(body)
        )
        return auth.aws_sign_request(request, config).result()

    return sign


def botocore(method: str, host: str, headers: dict[str, str], body: bytes) -> Callable[[str], object] | None:
    """Sign with botocore's SigV4Auth, request object built per call."""
    if find_spec("botocore") is None:
        return None
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signer = SigV4Auth(Credentials(KEY_ID, SECRET), "sagemaker", "us-west-2")

    def sign(target: str) -> object:
        request = AWSRequest(method=method, url=f"https://{host}{target}", headers=headers, data=body)
        signer.add_auth(request)
        return request

    return sign
