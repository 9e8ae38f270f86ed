"""The same signature by the peers that are installed, each through its own public interface."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from importlib.util import find_spec

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def awscrt(
    method: str,
    host: str,
    headers: dict[str, str],
    body: bytes,
    *,
    region: str = "us-west-2",
    asymmetric: bool = False,
    expires: int | None = None,
) -> Callable[[str], object] | None:
    """Sign with awscrt (C), all its objects built per call; its provider too, but for 4A with its derived key."""
    if find_spec("awscrt") is None:
        return None
    from awscrt import auth, http

    algorithms, kinds = auth.AwsSigningAlgorithm, auth.AwsSignatureType
    warm = auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET)

    def sign(target: str) -> object:
        provider = warm if asymmetric else auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET)
        config = auth.AwsSigningConfig(
            algorithm=algorithms.V4_ASYMMETRIC if asymmetric else algorithms.V4,
            signature_type=kinds.HTTP_REQUEST_HEADERS if expires is None else kinds.HTTP_REQUEST_QUERY_PARAMS,
            credentials_provider=provider,
            region=region,
            service="sagemaker",
            date=datetime.datetime.now(datetime.timezone.utc),
            expiration_in_seconds=expires,
        )
        request = http.HttpRequest(
            method, target, http.HttpHeaders([("Host", host), *headers.items()]), io.BytesIO(body)
        )
        return auth.aws_sign_request(request, config).result()

    return sign


def botocore_presign(method: str, host: str, expires: int) -> Callable[[str], object] | None:
    """Presign with botocore's SigV4QueryAuth, request object built per call."""
    if find_spec("botocore") is None:
        return None
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signer = SigV4QueryAuth(Credentials(KEY_ID, SECRET), "sagemaker", "us-west-2", expires)

    def sign(target: str) -> object:
        request = AWSRequest(method=method, url=f"https://{host}{target}")
        signer.add_auth(request)
        return request

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
