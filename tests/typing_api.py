"""The public names as a user's type checker sees them, in the installed package. Never run, only checked.

Each ignored line is an error that must be found: both checkers are told to complain of an ignore that is idle.
"""

from __future__ import annotations

from sagemaker_api import AuthorizedUrl, SageMaker, ServiceError
from sigv4 import (
    V4A,
    Claim,
    Credentials,
    Diagnosis,
    Explanation,
    PresignedUrl,
    Request,
    Response,
    Signer,
    SigningKey,
    Upload,
    Verified,
    Verifier,
    diagnose,
    encode_query,
)


def lookup(claim: Claim) -> Credentials | SigningKey | None:
    return Credentials("AKIDEXAMPLE", "secret") if claim.access_key_id == "AKIDEXAMPLE" else None


signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "secret", None, expires_at=1.0))
other = Signer("s3", "*", lambda: Credentials("AKIDEXAMPLE", "secret"), algorithm=V4A)
plain: dict[str, str] = signer.sign("GET", "https://h.example/", {"A": "b"}, b"", at=0)
mixed: dict[str, str | bytes] = signer.sign("GET", "https://h.example/", [("A", b"b")])
url: PresignedUrl = signer.presign("GET", "https://h.example/", expires=60)
dies: float = url.expires_at
upload: Upload = signer.stream("PUT", "https://h.example/", length=3)
why: Explanation = signer.explain("GET", "https://h.example/")
who: Verified = Verifier("s3", "us-east-1", lookup).verify(*Request.parse(b"GET / HTTP/1.1\n\n"))
report: Diagnosis = diagnose("GET", "/", {}, b"", response=Response(403, {}, b""))
fields: dict[str, str] = signer.post_policy([{"bucket": "b"}, ["starts-with", "$key", "user/"]])
query: str = encode_query({"a": "b"})

with SageMaker("us-east-1") as client:
    try:
        opened: AuthorizedUrl = client.create_presigned_notebook_instance_url(NotebookInstanceName="x")[
            "AuthorizedUrl"
        ]
    except ServiceError as error:
        code: str = error.code

signer.sign("GET", 5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
signer.presign("GET", "https://h.example/")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Credentials("AKIDEXAMPLE")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
number: int = url  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
