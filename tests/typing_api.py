"""Uses the public names of the installed package as a user does. This file is only type-checked, never run.

Each ignored line has an error that must be found: both checkers report an ignore without an error.
"""

from __future__ import annotations

from sagemaker_api import AsyncSageMaker, AuthorizedUrl, SageMaker, ServiceError
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
ends: float = url.expires_at
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


async def awaited() -> None:
    async with AsyncSageMaker("us-east-1") as client:
        found = await client.list_notebook_instances(SortBy="Name", CreationTimeAfter="2026-01-02")
        first: str = found["NotebookInstances"][0]["NotebookInstanceName"]
        await client.get_waiter("notebook_instance_stopped").wait(
            NotebookInstanceName=first, WaiterConfig={"Delay": 5}
        )
        await client.describe_notebook_instance(NotebookInstanceNam=first)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        await client.stop_notebook_instance(NotebookInstanceName=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


client.create_presigned_notebook_instance_url(NotebookInstanceNam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
client.create_presigned_notebook_instance_url()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
client.create_presigned_notebook_instance_url(
    NotebookInstanceName="x",
    SessionExpirationDurationInSeconds="1 hour",  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
)
client.list_notebook_instances(SortBy="Size")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
client.get_waiter("notebook_instance_stopped").wait()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
created: str = client.create_notebook_instance(
    NotebookInstanceName="x",
    InstanceType="ml.t3.medium",
    RoleArn="arn:aws:iam::123456789012:role/r",
    Tags=[{"Key": "a", "Value": "b"}],
)["NotebookInstanceArn"]
client.create_notebook_instance(NotebookInstanceName="x", InstanceType="ml.t3.medium")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
client.update_notebook_instance(NotebookInstanceName="x", RootAccess="No")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
client.delete_notebook_instance(NotebookInstanceName="x")
client.add_tags(ResourceArn=created, Tags=[{"Key": "a"}])  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
tags: list[str] = [tag["Key"] for tag in client.list_tags(ResourceArn=created)["Tags"]]
client.delete_tags(ResourceArn=created, TagKeys=tags)

for page in client.get_paginator("list_notebook_instances").paginate(PaginationConfig={"PageSize": 5}):
    found: str = page["NotebookInstances"][0]["NotebookInstanceName"]
    page["NotebookInstance"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
for name in client.waiter_names:
    client.get_waiter(name)
client.get_paginator("list_tags").paginate()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
client.get_paginator("describe_notebook_instance")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
client.get_waiter("notebook_instance_ready")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
