"""Other signers in Python, called through their public interfaces, which send to ``origin``."""

from __future__ import annotations

import datetime
import io
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.interop.comparison.inputs import Input
from tests.interop.comparison.judge import KEY_ID, REGION, SECRET, awscrt_config
from tests.interop.comparison.sending import (
    TIMEOUT,
    NotApplicable,
    body_of,
    host_of,
    send_exactly,
    unique_headers,
    url_of,
)


def asigv4(input_: Input, origin: str) -> None:
    from asigv4 import sign_request

    if input_.expires is not None or input_.body_kind in ("file", "generator"):
        raise NotApplicable("its signer takes bytes, and is asked for headers")
    path, _, query = input_.target.partition("#")[0].partition("?")
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    if len({name for name, _ in pairs}) < len(pairs):
        raise NotApplicable("its query is a dict")
    now = datetime.datetime.now(datetime.timezone.utc)
    headers = {name.lower(): value for name, value in unique_headers(input_).items()}
    headers |= {"host": host_of(origin), "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ")}
    if input_.token:
        headers["x-amz-security-token"] = input_.token
    body = input_.body or b""
    headers["x-amz-content-sha256"] = sha256(body).hexdigest()
    answer = sign_request(
        method=input_.method, path=unquote(path), headers=headers,
        query_params={unquote(name): unquote(value) for name, value in pairs}, body=body, access_key_id=KEY_ID,
        secret_key=SECRET, region=REGION, service=input_.service, now=now, signed_headers=sorted(headers),
    )  # fmt: skip
    sent = [*headers.items(), ("authorization", answer)]
    send_exactly(origin, input_.method, input_.target.partition("#")[0], sent, body)


def auth_aws4(input_: Input, origin: str) -> None:
    import aws4

    if input_.expires is not None or input_.body_kind in ("file", "generator"):
        raise NotApplicable("it signs headers, of text or bytes")
    now = datetime.datetime.now(datetime.timezone.utc)
    headers = dict(unique_headers(input_)) | {"x-amz-date": aws4.to_amz_date(now), "host": host_of(origin)}
    if input_.token:
        headers["x-amz-security-token"] = input_.token
    body = input_.body or b""
    url = url_of(input_, origin)
    aws4.sign_request(input_.service, input_.method, url, REGION, headers, body, KEY_ID, SECRET, now)
    send_exactly(origin, input_.method, input_.target.partition("#")[0], headers.items(), body)


def aws_signature(input_: Input, origin: str) -> None:
    import requests
    from aws_sig import SigV4

    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    auth = SigV4(KEY_ID, SECRET, REGION, input_.service, input_.token)
    with requests.Session() as session:
        session.trust_env = False
        session.request(
            input_.method, url_of(input_, origin), headers=unique_headers(input_), data=body_of(input_), auth=auth,
            timeout=TIMEOUT, allow_redirects=False,
        )  # fmt: skip


def csig(input_: Input, origin: str) -> None:
    from csig import Service, SigV4Signer

    if input_.expires is not None or input_.body_kind in ("file", "generator"):
        raise NotApplicable("it signs headers, of text or bytes")
    if input_.service not in {service.value for service in Service}:
        raise NotApplicable("it signs for seven services")
    signer = SigV4Signer(KEY_ID, SECRET, REGION, Service(input_.service), input_.token)
    body = body_of(input_)
    headers = signer.create_headers(input_.method, url_of(input_, origin), unique_headers(input_), body)
    sent = [(name, str(value)) for name, value in headers.items()]
    send_exactly(origin, input_.method, input_.target.partition("#")[0], sent, input_.body or b"")


def k3awssign(input_: Input, origin: str) -> None:
    import k3awssign as library

    if input_.expires is not None or input_.token or input_.body_kind in ("file", "generator"):
        raise NotApplicable("it signs headers, with a key and without a token")
    body = body_of(input_) or b""
    request: dict[str, Any] = {
        "verb": input_.method, "uri": input_.target.partition("#")[0], "args": {},
        "headers": {"Host": host_of(origin), **unique_headers(input_)}, "body": body,
    }  # fmt: skip
    library.Signer(KEY_ID, SECRET, REGION, input_.service).add_auth(request, sign_payload=True)
    sent = [(name, str(value)) for name, value in request["headers"].items()]
    send_exactly(origin, input_.method, request["uri"], sent, input_.body or b"")


def obstore(input_: Input, origin: str) -> None:
    import obstore as library
    from obstore.store import S3Store

    path, question, _ = input_.target.partition("#")[0].partition("?")
    if input_.expires is None or input_.service != "s3" or question or input_.headers or input_.body:
        raise NotApplicable("it signs URLs of S3 keys")
    token: dict[str, Any] = {"session_token": input_.token} if input_.token else {}
    store = S3Store(
        "bucket", endpoint=origin, virtual_hosted_style_request=True, region=REGION, access_key_id=KEY_ID,
        secret_access_key=SECRET, **token, client_options={"allow_http": True},
    )  # fmt: skip
    method: Any = input_.method
    url: str = library.sign(store, method, unquote(path)[1:], datetime.timedelta(seconds=input_.expires))
    send_exactly(
        origin,
        input_.method,
        "/" + url.partition("://")[2].partition("/")[2],
        [("Host", host_of(origin))],
        b"",
    )


def botocore(input_: Input, origin: str) -> None:
    from botocore import auth, awsrequest, credentials
    from botocore.httpsession import URLLib3Session

    keys = credentials.Credentials(KEY_ID, SECRET, input_.token)
    request = awsrequest.AWSRequest(
        method=input_.method, url=url_of(input_, origin).partition("#")[0], data=body_of(input_) or b""
    )
    for name, value in input_.headers:
        request.headers.add_header(name, value)
    s3 = input_.service == "s3"
    if input_.expires is not None:
        kind = auth.S3SigV4QueryAuth if s3 else auth.SigV4QueryAuth
        kind(keys, input_.service, REGION, input_.expires).add_auth(request)
        parts = urlsplit(request.url)
        send_exactly(origin, input_.method, f"{parts.path}?{parts.query}", [("Host", host_of(origin))], b"")
        return
    (auth.S3SigV4Auth if s3 else auth.SigV4Auth)(keys, input_.service, REGION).add_auth(request)
    URLLib3Session(timeout=TIMEOUT).send(request.prepare())


def awscrt(input_: Input, origin: str) -> None:
    from awscrt import auth, http

    s3, query = input_.service == "s3", input_.expires is not None
    config = awscrt_config(
        input_,
        input_.expires,
        payload="UNSIGNED-PAYLOAD" if s3 and query else None,
        has_payload_header=s3 and not query,
    )
    if input_.body_kind == "generator":
        raise NotApplicable("a body is a stream with a seek")
    headers = list(input_.headers)
    if "host" not in {name.lower() for name, _ in headers}:
        headers.append(("Host", host_of(origin)))
    target = input_.target.partition("#")[0]
    stream = io.BytesIO(input_.body) if input_.body is not None else None
    request = http.HttpRequest(input_.method, target, http.HttpHeaders(headers), stream)
    signed = auth.aws_sign_request(request, config).result(timeout=TIMEOUT)
    send_exactly(origin, signed.method, signed.path, list(signed.headers), input_.body or b"")


def aws_sdk_signers(input_: Input, origin: str) -> None:
    import aws_sdk_signers as signers

    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    url = urlsplit(url_of(input_, origin))
    fields = signers.Fields(
        [signers.Field(name=name, values=[value]) for name, value in unique_headers(input_).items()]
    )
    s3 = input_.service == "s3"
    properties = signers.SigV4SigningProperties(
        service=input_.service,
        region=REGION,
        content_checksum_enabled=s3,
        uri_encode_path=not s3,
        normalize_path=not s3,
    )
    body = body_of(input_)
    request = signers.AWSRequest(
        destination=signers.URI(
            scheme=url.scheme,
            username=url.username,
            password=url.password,
            host=url.hostname or "",
            port=url.port,
            path=url.path,
            query=url.query or None,
            fragment=url.fragment or None,
        ),
        method=input_.method,
        body=[body] if isinstance(body, bytes) else [body.encode()] if isinstance(body, str) else body,
        fields=fields,
    )
    identity = signers.AWSCredentialIdentity(
        access_key_id=KEY_ID, secret_access_key=SECRET, session_token=input_.token
    )
    signed = signers.SigV4Signer().sign(properties=properties, request=request, identity=identity)
    to_send = [(field.name, value) for field in signed.fields for value in field.values]
    if "host" not in {name.lower() for name, _ in to_send}:
        to_send.append(("Host", host_of(origin)))
    target = url.path + (f"?{url.query}" if url.query else "")
    send_exactly(origin, input_.method, target, to_send, input_.body or b"")


def requests_aws4auth(input_: Input, origin: str) -> None:
    import requests
    from requests_aws4auth import AWS4Auth

    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    auth = AWS4Auth(KEY_ID, SECRET, REGION, input_.service, session_token=input_.token)
    headers = unique_headers(input_)
    with requests.Session() as session:
        session.trust_env = False
        session.request(
            input_.method,
            url_of(input_, origin),
            headers=headers,
            data=body_of(input_),
            auth=auth,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
