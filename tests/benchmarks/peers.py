"""Calls other installed signers through their public interfaces, for the same signature."""

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
    """Sign with awscrt (C). Each call makes all objects, except the provider of 4A, which has a derived key."""
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
    """Presign with botocore's SigV4QueryAuth. Each call makes a request object."""
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
    """Sign with botocore's SigV4Auth. Each call makes a request object."""
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


def obstore_presign(bucket: str, expires: int) -> Callable[[str], object] | None:
    """Presign keys of one bucket with obstore (Rust). The store is made once."""
    if find_spec("obstore") is None:
        return None
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        region="us-west-2",
        access_key_id=KEY_ID,
        secret_access_key=SECRET,
        virtual_hosted_style_request=True,
    )
    life = datetime.timedelta(seconds=expires)
    return lambda key: obstore.sign(store, "GET", key, life)


def asigv4_verify(
    method: str, path: str, received: list[tuple[bytes, bytes]], body: bytes
) -> Callable[[], object] | None:
    """Verify with asigv4, which gets the secret; it expects text, so the headers are decoded first."""
    if find_spec("asigv4") is None:
        return None
    from asigv4 import SigV4Verifier

    verifier = SigV4Verifier(lambda access_key_id: SECRET)

    def verify() -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in received}
        answer = verifier.verify(method=method, path=path, headers=headers, query_params={}, body=body)
        try:
            answer.send(None)
        except StopIteration:
            return
        raise RuntimeError("asigv4's verifier waits for something")

    return verify
