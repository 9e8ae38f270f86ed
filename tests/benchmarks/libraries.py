"""Times one SageMaker POST with every signer for Python that is installed: repeatedly, and once in a new process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .paired import Timings, measure

ROOT = Path(__file__).resolve().parents[2]

_SHARED = """
KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "api.sagemaker.us-west-2.amazonaws.com"
URL = f"https://{HOST}/"
BODY = b'{"NotebookInstanceName":"my-nb","SessionExpirationDurationInSeconds":3600}'
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl",
}
"""

# The code that each library's documentation shows; the objects for a request are made for each request.
_SIGNERS = {
    "sigv4": """
from sigv4 import Credentials, Signer
signer = Signer("sagemaker", "us-west-2", Credentials(KEY_ID, SECRET))
def sign():
    signer.sign("POST", URL, HEADERS, BODY)
""",
    "awscrt": """
import datetime, io
from awscrt import auth, http
def sign():
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET),
        region="us-west-2",
        service="sagemaker",
        date=datetime.datetime.now(datetime.timezone.utc),
    )
    headers = http.HttpHeaders([("Host", HOST), *HEADERS.items()])
    auth.aws_sign_request(http.HttpRequest("POST", "/", headers, io.BytesIO(BODY)), config).result()
""",
    "botocore": """
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
signer = SigV4Auth(Credentials(KEY_ID, SECRET), "sagemaker", "us-west-2")
def sign():
    signer.add_auth(AWSRequest(method="POST", url=URL, headers=HEADERS, data=BODY))
""",
    "requests_aws4auth": """
from requests import Request
from requests_aws4auth import AWS4Auth
auth = AWS4Auth(KEY_ID, SECRET, "us-west-2", "sagemaker")
def sign():
    auth(Request("POST", URL, HEADERS, data=BODY).prepare())
""",
    "aws_sdk_signers": """
import io
from aws_sdk_signers import URI, AWSCredentialIdentity, AWSRequest, Field, Fields, SigV4Signer
signer, identity = SigV4Signer(), AWSCredentialIdentity(access_key_id=KEY_ID, secret_access_key=SECRET)
def sign():
    request = AWSRequest(
        destination=URI(scheme="https", host=HOST, path="/"),
        method="POST",
        body=io.BytesIO(BODY),
        fields=Fields([Field(name=name, values=[value]) for name, value in HEADERS.items()]),
    )
    properties = {"region": "us-west-2", "service": "sagemaker"}
    signer.sign(properties=properties, request=request, identity=identity)
""",
}
_TIMED = """
import sys
sys.path.insert(0, {root!r})
from time import perf_counter
start = perf_counter()
{signer}
sign()
print(perf_counter() - start)
"""


def installed() -> list[str]:
    return [name for name in _SIGNERS if find_spec(name) is not None]


def warm() -> Timings:
    """The seconds per signature."""
    return measure({_shown(name): _signer(name) for name in installed()})


def cold(rounds: int = 15) -> Timings:
    """The seconds from the start of an interpreter to its first signature, imports included."""
    found: dict[str, list[float]] = {_shown(name): [] for name in installed()}
    for _ in range(rounds + 1):
        for name in installed():
            script = _TIMED.format(root=str(ROOT), signer=_SHARED + _SIGNERS[name])
            done = subprocess.run(
                [sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True
            )
            found[_shown(name)].append(float(done.stdout))
    return Timings({name: seconds[1:] for name, seconds in found.items()})  # the first round compiles


def _signer(name: str) -> Callable[[], object]:
    namespace: dict[str, Any] = {}
    exec(compile(_SHARED + _SIGNERS[name], name, "exec"), namespace)
    sign: Callable[[], object] = namespace["sign"]
    return sign


def _shown(name: str) -> str:
    return {"awscrt": "awscrt (C)"}.get(name, name.replace("_", "-"))
