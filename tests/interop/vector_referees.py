"""The results of other implementations for a vector's input, through their public interfaces.

Each gets the requirements of the service (docs/protocol.md, PAYLOAD-4, TOKEN-2, 3), as in ``tests/plan.py``.
"""

from __future__ import annotations

import datetime
import io
from base64 import b64encode
from typing import Any
from unittest import mock
from urllib.parse import unquote_to_bytes

from tests.interop import node
from tests.plan import Plan, signature

NAMES = {"awscrt": "awscrt", "botocore": "botocore", "smithy": "@smithy/signature-v4"}


def _parameters(query: str) -> list[tuple[str, str]]:
    """The query in plain text."""
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    return [
        (unquote_to_bytes(n.replace("+", " ")).decode(), unquote_to_bytes(v.replace("+", " ")).decode())
        for n, v in pairs
    ]


def awscrt(plan: Plan) -> str | None:
    from awscrt import auth, http

    if "x-amz-" in plan.query:
        return None  # it refuses the parameters of a signed URL in upper and lower case (CR-HDR-9)
    if plan.expires is not None and plan.declared and plan.service != "vpc-lattice-svcs":
        return None  # it adds the hash header only to URLs of VPC Lattice, and accepts none from the caller
    express = plan.session
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4_S3EXPRESS if express else auth.AwsSigningAlgorithm.V4,
        signature_type=(
            auth.AwsSignatureType.HTTP_REQUEST_HEADERS
            if plan.expires is None
            else auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS
        ),
        credentials_provider=auth.AwsCredentialsProvider.new_static(
            plan.given["access_key_id"], plan.given["secret_access_key"], plan.token
        ),
        region=plan.region,
        service=plan.service,
        date=plan.when,
        use_double_uri_encode=not plan.s3,
        should_normalize_uri_path=not plan.s3,
        signed_body_value=plan.payload,
        signed_body_header_type=(
            auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
            if plan.declared
            else auth.AwsSignedBodyHeaderType.NONE
        ),
        expiration_in_seconds=plan.expires,
    )
    headers = [pair for pair in plan.headers if pair[0].lower() != "x-amz-content-sha256"]
    if "host" not in {name.lower() for name, _ in headers}:
        headers.append(("Host", plan.host))
    target = f"{plan.path}?{plan.query}" if plan.query else plan.path
    request = http.HttpRequest(plan.given["method"], target, http.HttpHeaders(headers), io.BytesIO(plan.body))
    signed = auth.aws_sign_request(request, config).result(timeout=60)
    return _signature(signed.path, dict(signed.headers).get("Authorization"))


def botocore(plan: Plan) -> str | None:
    from botocore import auth, awsrequest, credentials

    if plan.expires is not None and plan.body and not plan.declared:
        return None  # its presigner reads a body as parameters
    keys = credentials.Credentials(plan.given["access_key_id"], plan.given["secret_access_key"], plan.token)
    params = _parameters(plan.query)
    plain = len(dict(params)) == len(params) and plan.expires is None
    request = awsrequest.AWSRequest(
        method=plan.given["method"],
        url=f"{plan.given['url'].partition(':')[0]}://{plan.host}{plan.path}"
        + ("" if plain or not plan.query else f"?{plan.query}"),
        data=b"" if plan.expires is not None else plan.body,  # the declared hash is in the headers
        params=dict(params) if plain else None,
    )
    for name, value in plan.headers:
        request.headers.add_header(name, value)
    if plan.declared and "x-amz-content-sha256" not in {name.lower() for name, _ in plan.headers}:
        request.headers.add_header("X-Amz-Content-SHA256", plan.declared)
    scope: tuple[Any, ...] = keys, plan.service, plan.region
    if plan.session:
        kinds = auth.S3ExpressAuth, auth.S3ExpressQueryAuth
        options: dict[str, Any] = {"identity_cache": None}
    else:
        kinds = (
            (auth.S3SigV4Auth, auth.S3SigV4QueryAuth) if plan.s3 else (auth.SigV4Auth, auth.SigV4QueryAuth)
        )
        options = {}
    if plan.expires is None:
        signer = kinds[0](*scope, **options)
    else:
        signer = kinds[1](*scope, expires=plan.expires, **options)

    def now(remove_tzinfo: bool = True) -> datetime.datetime:
        return plan.when.replace(tzinfo=None) if remove_tzinfo else plan.when

    with mock.patch.object(auth, "get_current_datetime", now):
        signer.add_auth(request)
    return _signature(request.url, request.headers.get("Authorization"))


def _signature(url: str, header: str | None) -> str:
    if header is not None:
        return header.rpartition("Signature=")[2]
    return url.partition("X-Amz-Signature=")[2].partition("&")[0]


def smithy_question(plan: Plan) -> dict[str, Any] | None:
    """The question to @smithy/signature-v4; None if its interface cannot express the input."""
    names = [name.lower() for name, _ in plan.headers]
    if len(set(names)) < len(names) or plan.service == "s3express":
        return None
    others = [name for name in names if name.startswith("x-amz-") and name != "x-amz-content-sha256"]
    hoisted = plan.expires is not None and (others or (plan.s3 and not plan.declared))
    if hoisted:
        return None  # URL-4: it would move them into the query
    query: dict[str, list[str]] = {}
    for name, value in _parameters(plan.query):
        query.setdefault(name, []).append(value)
    headers = {"host": plan.host, **{name.lower(): value for name, value in plan.headers}}
    if plan.declared:
        headers["x-amz-content-sha256"] = plan.declared
    keys = {
        "accessKeyId": plan.given["access_key_id"],
        "secretAccessKey": plan.given["secret_access_key"],
    } | ({"sessionToken": plan.token} if plan.token else {})
    return {
        "op": "smithy.sign" if plan.expires is None else "smithy.presign",
        "service": plan.service,
        "region": plan.region,
        "credentials": keys,
        "date": int(plan.when.timestamp() * 1000),
        "method": plan.given["method"],
        "host": plan.host,
        "path": plan.path,
        "query": query,
        "headers": headers,
        "body": plan.body.hex(),
        "s3": plan.s3,
        "expires": plan.expires,
        "unhoistable": ["x-amz-content-sha256"],
    }


def smithy(plans: list[Plan]) -> list[str | None]:
    questions = [smithy_question(plan) for plan in plans]
    answers = iter(node.ask(question for question in questions if question))
    found: list[str | None] = []
    for question in questions:
        answer = next(answers) if question else {}
        if "query" in answer:
            found.append(answer["query"]["X-Amz-Signature"])
        elif "headers" in answer:
            found.append(answer["headers"]["authorization"].rpartition("Signature=")[2])
        else:
            found.append(None)
    return found


def policy_signatures(given: dict[str, Any]) -> dict[str, str]:
    """FORM-1: the signatures of a policy document by botocore and, if node is installed, by smithy."""
    from botocore import auth, awsrequest, credentials

    text = b64encode(given["policy"].encode()).decode()
    keys = credentials.Credentials(given["access_key_id"], given["secret_access_key"])
    signer = auth.S3SigV4PostAuth(keys, "s3", given["region"])
    request = awsrequest.AWSRequest(method="POST", url="https://b.s3.amazonaws.com/")
    request.context["timestamp"] = given["at"]
    return {"botocore": signer.signature(text, request), "hmac": signature(given, text)}
