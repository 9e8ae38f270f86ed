"""Makes one fault of the corpus, and the right requests from which many faults are made."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from .answers import echo
from .broken_signer import SECRET, Case, Text, sign
from .on_the_way import Change

Fault = dict[str, Any]


def fault(
    cause: str,
    notes: str,
    case: Case,
    *changes: Change,
    answer: str | None = None,
    echoed: Text | None = None,
    secret_known: bool = True,
    token_known: str | None = None,
    **broken: Any,
) -> Fault:
    """A fault without its number; with ``echoed`` the answer shows a canonical request made from the signed one."""
    arrived, canonical = sign(case, **broken)
    for change in changes:
        change(arrived)
    if echoed is not None:
        answer = echo(echoed(canonical), case.service)
    return {
        "cause": cause,
        "notes": notes,
        "request": {
            "method": arrived["method"],
            "target": arrived["target"],
            "headers": [[name, value] for name, value in arrived["headers"].items()],
            "body": base64.b64encode(arrived["body"]).decode(),
        },
        "secret_access_key": SECRET if secret_known else None,
        "session_token": token_known if token_known is not None else case.token,
        "answer": answer,
    }


def thread(cause: str, where: str, notes: str, case: Case, *changes: Change, **how: Any) -> Fault:
    """A fault from a public thread; ``where`` is owner/repository#number. Names, keys and hosts of people are replaced."""
    repository, _, number = where.partition("#")
    source = f"https://github.com/{repository}/issues/{number}"
    return {**fault(cause, notes, case, *changes, **how), "source": source}


JSON = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListNotebookInstances"}
ENDPOINT = "https://api.sagemaker.us-east-1.amazonaws.com"
BODY = b'{"MaxResults": 5, "NameContains": "caf\xc3\xa9"}'
LIST = Case("POST", f"{ENDPOINT}/", JSON, BODY)
ARN = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/policy"
EMPTY = hashlib.sha256(b"").hexdigest()
BUCKET = "examplebucket.s3.us-east-1.amazonaws.com"
GATEWAY = "abc123.execute-api.us-east-1.amazonaws.com"


def get(target: str, service: str = "lambda", host: str = "", **more: Any) -> Case:
    return Case(
        "GET", f"https://{host or f'{service}.us-east-1.amazonaws.com'}{target}", service=service, **more
    )


def s3(target: str, method: str = "GET", **more: Any) -> Case:
    return Case(method, f"https://{BUCKET}{target}", service="s3", **more)


def r2(target: str, headers: dict[str, str]) -> Case:
    """An upload to Cloudflare's R2."""
    url = f"https://0a1b.r2.cloudflarestorage.com{target}"
    return Case("PUT", url, headers, service="s3", region="auto")


def minio(
    target: str = "/bucket/a.txt", method: str = "GET", host: str = "minio.example.com", **more: Any
) -> Case:
    return Case(method, f"https://{host}{target}", service="s3", **more)
