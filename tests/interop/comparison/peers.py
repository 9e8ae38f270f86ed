"""Each signer by its own public interface, sending to ``origin``; ``PEERS`` are those that are installed.

A peer is asked what its documentation says it takes. One that cannot say an input raises ``NotApplicable``;
whatever else it raises counts as a refusal.
"""

from __future__ import annotations

import datetime
import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import unquote, urlsplit

import sigv4
from sigv4 import Credentials, Signer
from tests.interop import node
from tests.interop.comparison.inputs import INPUTS, Input
from tests.interop.comparison.judge import KEY_ID, REGION, SECRET, awscrt_config

Peer = Callable[[Input, str], None]
Question = Callable[[Input, str], dict[str, Any]]  # to tests/interop/node/bridge.mjs
TIMEOUT = 10


class NotApplicable(Exception):
    """The signer's interface cannot express this input."""


def _url(input_: Input, origin: str) -> str:
    return origin.replace("://", f"://{input_.user_info}") + input_.target


def _host(origin: str) -> str:
    return origin.partition("://")[2]


def _body(input_: Input) -> Any:
    data = input_.body
    if data is None or input_.body_kind == "bytes":
        return data
    if input_.body_kind == "text":
        return data.decode("utf-8")
    if input_.body_kind == "file":
        return io.BytesIO(data)
    return iter([data])


def _send(
    origin: str, method: str, target: str, headers: Iterable[tuple[str, str | bytes]], body: bytes
) -> None:
    """Sends exactly these bytes, for a signer that does not send."""
    if any(char <= " " or char > "~" for char in target):
        raise NotApplicable("a request line cannot carry what it signed")
    host, _, port = _host(origin).rpartition(":")
    lines = [(name, value if isinstance(value, bytes) else value.encode("utf-8")) for name, value in headers]
    if body and not any(name.lower() == "content-length" for name, _ in lines):
        lines.append(("Content-Length", str(len(body)).encode()))
    head = f"{method} {target or '/'} HTTP/1.1\r\n".encode()
    for name, value in lines:
        head += name.encode() + b": " + value + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=TIMEOUT) as connection:
        connection.sendall(head + b"\r\n" + body)
        while connection.recv(4096):
            pass


def _pairs(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str | bytes]]:
    return [(name, value if value.isascii() else value.encode("utf-8")) for name, value in headers]


def _unique(input_: Input) -> dict[str, str]:
    found = dict(input_.headers)
    if len({name.lower() for name in found}) < len(input_.headers):
        raise NotApplicable("headers are a mapping")
    return found


def ours(input_: Input, origin: str) -> None:
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    url, headers = _url(input_, origin), _pairs(input_.headers)
    if input_.expires is not None:
        signed_url = signer.presign(input_.method, url, headers, expires=input_.expires)
        target = signed_url.partition("#")[0].partition("://")[2].partition("/")[2]
        _send(
            origin,
            input_.method,
            f"/{target}",
            [("Host", _host(origin)), *signed_url.headers_to_send.items()],
            b"",
        )
        return
    body = _body(input_)
    signed = signer.sign(input_.method, url, headers, body)
    target = url.partition("#")[0].partition("://")[2].partition("/")[2]
    _send(origin, input_.method, f"/{target}", signed.items(), input_.body or b"")


def ours_httpx(input_: Input, origin: str) -> None:
    import httpx

    from sigv4.adapters.httpx import SigV4Transport

    if input_.expires is not None:
        raise NotApplicable("presigning needs no adapter")
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    transport = SigV4Transport(httpx.HTTPTransport(trust_env=False), signer)
    headers = [(name.encode(), value.encode()) for name, value in input_.headers]
    with httpx.Client(transport=transport, timeout=TIMEOUT) as client:
        client.request(input_.method, _url(input_, origin), headers=headers, content=_body(input_))


def _headers_for_adapter(input_: Input) -> dict[str, str]:
    if input_.expires is not None:
        raise NotApplicable("presigning needs no adapter")
    return _unique(input_)


def ours_requests(input_: Input, origin: str) -> None:
    import requests

    from sigv4.adapters.requests import SigV4Adapter

    headers = _headers_for_adapter(input_)
    if input_.user_info:
        raise NotApplicable("requests compares the text of a URL, user-info and all, with that of a mount")
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    with requests.Session() as session:
        session.trust_env = False
        session.mount(f"{origin}/", SigV4Adapter(origin, signer))
        session.request(
            input_.method, _url(input_, origin), headers=headers, data=_body(input_), timeout=TIMEOUT,
            allow_redirects=False,
        )  # fmt: skip


def ours_urllib(input_: Input, origin: str) -> None:
    from urllib.request import ProxyHandler, Request, build_opener

    from sigv4.adapters.urllib import SigV4Handler

    headers = _headers_for_adapter(input_)
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    body = _body(input_)
    if input_.user_info or isinstance(body, str):
        raise NotApplicable("urllib takes no user-info in a URL, and no text as a body")
    request = Request(_url(input_, origin), body, headers, method=input_.method)
    with build_opener(SigV4Handler(signer), ProxyHandler({})).open(request, timeout=TIMEOUT):
        pass


def ours_aiohttp(input_: Input, origin: str) -> None:
    import asyncio

    import aiohttp
    import yarl

    from sigv4.adapters.aiohttp import SigV4Middleware

    headers = [(name, value) for name, value in input_.headers]
    _ = _headers_for_adapter(input_) if input_.expires is not None else None
    signer = Signer(input_.service, REGION, Credentials(KEY_ID, SECRET, input_.token))
    middleware = SigV4Middleware(origin, signer)

    async def send() -> None:
        async with (
            aiohttp.ClientSession(middlewares=(middleware,)) as session,
            session.request(
                input_.method,
                yarl.URL(_url(input_, origin), encoded=True),
                headers=headers,
                data=_body(input_),
            ),
        ):
            pass

    asyncio.run(send())


def asigv4(input_: Input, origin: str) -> None:
    from asigv4 import sign_request

    if input_.expires is not None or input_.body_kind in ("file", "generator"):
        raise NotApplicable("its signer takes bytes, and is asked for headers")
    path, _, query = input_.target.partition("#")[0].partition("?")
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    if len({name for name, _ in pairs}) < len(pairs):
        raise NotApplicable("its query is a dict")
    now = datetime.datetime.now(datetime.timezone.utc)
    headers = {name.lower(): value for name, value in _unique(input_).items()}
    headers |= {"host": _host(origin), "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ")}
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
    _send(origin, input_.method, input_.target.partition("#")[0], sent, body)


def auth_aws4(input_: Input, origin: str) -> None:
    import aws4

    if input_.expires is not None or input_.body_kind in ("file", "generator"):
        raise NotApplicable("it signs headers, of text or bytes")
    now = datetime.datetime.now(datetime.timezone.utc)
    headers = dict(_unique(input_)) | {"x-amz-date": aws4.to_amz_date(now), "host": _host(origin)}
    if input_.token:
        headers["x-amz-security-token"] = input_.token
    body = input_.body or b""
    url = _url(input_, origin)
    aws4.sign_request(input_.service, input_.method, url, REGION, headers, body, KEY_ID, SECRET, now)
    _send(origin, input_.method, input_.target.partition("#")[0], headers.items(), body)


def aws_signature(input_: Input, origin: str) -> None:
    import requests
    from aws_sig import SigV4

    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    auth = SigV4(KEY_ID, SECRET, REGION, input_.service, input_.token)
    with requests.Session() as session:
        session.trust_env = False
        session.request(
            input_.method, _url(input_, origin), headers=_unique(input_), data=_body(input_), auth=auth,
            timeout=TIMEOUT, allow_redirects=False,
        )  # fmt: skip


def csig(input_: Input, origin: str) -> None:
    from csig import Service, SigV4Signer

    if input_.expires is not None or input_.body_kind in ("file", "generator"):
        raise NotApplicable("it signs headers, of text or bytes")
    if input_.service not in {service.value for service in Service}:
        raise NotApplicable("it signs for seven services")
    signer = SigV4Signer(KEY_ID, SECRET, REGION, Service(input_.service), input_.token)
    body = _body(input_)
    headers = signer.create_headers(input_.method, _url(input_, origin), _unique(input_), body)
    sent = [(name, str(value)) for name, value in headers.items()]
    _send(origin, input_.method, input_.target.partition("#")[0], sent, input_.body or b"")


def k3awssign(input_: Input, origin: str) -> None:
    import k3awssign as library

    if input_.expires is not None or input_.token or input_.body_kind in ("file", "generator"):
        raise NotApplicable("it signs headers, with a key and without a token")
    body = _body(input_) or b""
    request: dict[str, Any] = {
        "verb": input_.method, "uri": input_.target.partition("#")[0], "args": {},
        "headers": {"Host": _host(origin), **_unique(input_)}, "body": body,
    }  # fmt: skip
    library.Signer(KEY_ID, SECRET, REGION, input_.service).add_auth(request, sign_payload=True)
    sent = [(name, str(value)) for name, value in request["headers"].items()]
    _send(origin, input_.method, request["uri"], sent, input_.body or b"")


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
    _send(
        origin, input_.method, "/" + url.partition("://")[2].partition("/")[2], [("Host", _host(origin))], b""
    )


def botocore(input_: Input, origin: str) -> None:
    from botocore import auth, awsrequest, credentials
    from botocore.httpsession import URLLib3Session

    keys = credentials.Credentials(KEY_ID, SECRET, input_.token)
    request = awsrequest.AWSRequest(
        method=input_.method, url=_url(input_, origin).partition("#")[0], data=_body(input_) or b""
    )
    for name, value in input_.headers:
        request.headers.add_header(name, value)
    s3 = input_.service == "s3"
    if input_.expires is not None:
        kind = auth.S3SigV4QueryAuth if s3 else auth.SigV4QueryAuth
        kind(keys, input_.service, REGION, input_.expires).add_auth(request)
        parts = urlsplit(request.url)
        _send(origin, input_.method, f"{parts.path}?{parts.query}", [("Host", _host(origin))], b"")
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
        headers.append(("Host", _host(origin)))
    target = input_.target.partition("#")[0]
    stream = io.BytesIO(input_.body) if input_.body is not None else None
    request = http.HttpRequest(input_.method, target, http.HttpHeaders(headers), stream)
    signed = auth.aws_sign_request(request, config).result(timeout=TIMEOUT)
    _send(origin, signed.method, signed.path, list(signed.headers), input_.body or b"")


def aws_sdk_signers(input_: Input, origin: str) -> None:
    import aws_sdk_signers as signers

    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    url = urlsplit(_url(input_, origin))
    fields = signers.Fields(
        [signers.Field(name=name, values=[value]) for name, value in _unique(input_).items()]
    )
    s3 = input_.service == "s3"
    properties = signers.SigV4SigningProperties(
        service=input_.service,
        region=REGION,
        content_checksum_enabled=s3,
        uri_encode_path=not s3,
        normalize_path=not s3,
    )
    body = _body(input_)
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
        to_send.append(("Host", _host(origin)))
    target = url.path + (f"?{url.query}" if url.query else "")
    _send(origin, input_.method, target, to_send, input_.body or b"")


def requests_aws4auth(input_: Input, origin: str) -> None:
    import requests
    from requests_aws4auth import AWS4Auth

    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    auth = AWS4Auth(KEY_ID, SECRET, REGION, input_.service, session_token=input_.token)
    headers = _unique(input_)
    with requests.Session() as session:
        session.trust_env = False
        session.request(
            input_.method,
            _url(input_, origin),
            headers=headers,
            data=_body(input_),
            auth=auth,
            timeout=TIMEOUT,
            allow_redirects=False,
        )


def _run(command: list[str], data: bytes | None = None) -> None:
    done = subprocess.run(
        command, input=data or b"", capture_output=True, timeout=TIMEOUT, check=False,
        env={**os.environ, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
    )  # fmt: skip
    if done.returncode:
        raise ValueError(done.stderr.decode("utf-8", "replace")[-300:])


def curl(input_: Input, origin: str) -> None:
    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    if input_.body_kind == "generator":
        raise NotApplicable("a body is text, a file or standard input")
    command = ["curl", "--silent", "--show-error", "--globoff", "--path-as-is", "--noproxy", "*"]
    command += ["--aws-sigv4", f"aws:amz:{REGION}:{input_.service}", "--user", f"{KEY_ID}:{SECRET}"]
    command += ["--head"] if input_.method == "HEAD" else ["-X", input_.method]
    for name, value in input_.headers:
        command += ["-H", f"{name}: {value}" if value else f"{name};"]
    if input_.token:
        command += ["-H", f"X-Amz-Security-Token: {input_.token}"]
    if input_.service == "s3":  # as its manual has it
        command += ["-H", f"x-amz-content-sha256: {sha256(input_.body or b'').hexdigest()}"]
    if input_.body is not None:
        command += ["--data-binary", "@-"]
    _run([*command, _url(input_, origin)], input_.body)


def awscurl(input_: Input, origin: str) -> None:
    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    if input_.body_kind in ("file", "generator") or (input_.body and b"\0" in input_.body):
        raise NotApplicable("a body is text on the command line")
    command = [sys.executable, "-m", "awscurl", "--region", REGION, "--service", input_.service]
    command += ["--access_key", KEY_ID, "--secret_key", SECRET, "-X", input_.method]
    if input_.token:
        command += ["--session_token", input_.token]
    for name, value in input_.headers:
        command += ["-H", f"{name}: {value}"]
    if input_.body is not None:
        command += ["-d", input_.body.decode("utf-8", "surrogateescape")]
    _run([*command, _url(input_, origin)])


def _keys(input_: Input) -> dict[str, str]:
    keys = {"accessKeyId": KEY_ID, "secretAccessKey": SECRET}
    return keys | ({"sessionToken": input_.token} if input_.token else {})


@cache
def _node_answers(question: Question, origin: str) -> dict[str, dict[str, Any]]:
    """The results of a signer from npm for all inputs that it accepts, by id, from one Node process."""
    asked: dict[str, dict[str, Any]] = {}
    for input_ in INPUTS:
        with suppress(NotApplicable):
            asked[input_.id] = question(input_, origin)
    return dict(zip(asked, node.ask(asked.values()), strict=True))


def _node_answer(question: Question, input_: Input, origin: str) -> dict[str, Any]:
    answer = _node_answers(question, origin).get(input_.id)
    if answer is None:
        question(input_, origin)  # says why it is not applicable
        raise LookupError(f"{input_.id} is not one of INPUTS")
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer


def _aws4_question(input_: Input, origin: str) -> dict[str, Any]:
    if input_.body_kind in ("file", "generator") or (input_.body and not _is_text(input_.body)):
        raise NotApplicable("a body is text")
    path = input_.target.partition("#")[0]
    if input_.expires is not None:
        path += f"{'&' if '?' in path else '?'}X-Amz-Expires={input_.expires}"
    return {
        "op": "aws4.sign",
        "service": input_.service,
        "region": REGION,
        "credentials": _keys(input_),
        "method": input_.method,
        "host": _host(origin),
        "path": path,
        "headers": _unique(input_),
        "body": (input_.body or b"").hex(),
        "signQuery": input_.expires is not None,
    }


def aws4(input_: Input, origin: str) -> None:
    answer = _node_answer(_aws4_question, input_, origin)
    headers = [(name, str(value)) for name, value in answer["headers"].items()]
    _send(origin, input_.method, answer["path"], headers, input_.body or b"")


def _smithy_question(input_: Input, origin: str) -> dict[str, Any]:
    if input_.body_kind in ("file", "generator"):
        raise NotApplicable("a body is bytes")
    path, _, query_text = input_.target.partition("#")[0].partition("?")
    query: dict[str, list[str] | str] = {}
    for part in query_text.split("&"):
        if part:
            name, _, value = part.partition("=")
            known = query.setdefault(unquote(name), [])
            assert isinstance(known, list)
            known.append(unquote(value))
    query = {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    s3 = input_.service == "s3"
    headers = {"host": _host(origin), **{name.lower(): value for name, value in _unique(input_).items()}}
    if s3 and input_.expires is not None:
        headers["X-Amz-Content-Sha256"] = "UNSIGNED-PAYLOAD"  # as its S3 presigner does
    return {
        "op": "smithy.sign" if input_.expires is None else "smithy.presign",
        "service": input_.service,
        "region": REGION,
        "credentials": _keys(input_),
        "date": int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000),
        "method": input_.method,
        "host": _host(origin),
        "path": path,
        "query": query,
        "headers": headers,
        "body": (input_.body or b"").hex(),
        "s3": s3,
        "expires": input_.expires,
    }


def smithy(input_: Input, origin: str) -> None:
    answer = _node_answer(_smithy_question, input_, origin)
    if "query" in answer:
        path = input_.target.partition("#")[0].partition("?")[0]
        pairs = list(_flat(answer["query"]))
        target = path + "?" + "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in pairs)
        _send(origin, input_.method, target, [("host", _host(origin))], b"")
        return
    _send(
        origin, input_.method, input_.target.partition("#")[0], answer["headers"].items(), input_.body or b""
    )


def _flat(query: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, values in query.items():
        for value in values if isinstance(values, list) else [values]:
            yield name, str(value)


def _escaped(text: str) -> str:
    """As @smithy/querystring-builder writes a parameter."""
    from urllib.parse import quote

    return quote(text, safe="-._~")


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _package(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _curl_version() -> str | None:
    try:
        done = subprocess.run(["curl", "--version"], capture_output=True, check=True, timeout=TIMEOUT)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode().split()[1]


def _npm(name: str) -> str | None:
    return str(node.PACKAGES[name]) if node.missing() is None else None


# Name, version if installed, how to send. The first five are ours.
ALL: list[tuple[str, Callable[[], str | None], Peer]] = [
    ("sigv4", lambda: sigv4.__version__, ours),
    ("sigv4 + httpx", lambda: _package("httpx"), ours_httpx),
    ("sigv4 + requests", lambda: _package("requests"), ours_requests),
    ("sigv4 + urllib", lambda: sys.version.split()[0], ours_urllib),
    ("sigv4 + aiohttp", lambda: _package("aiohttp"), ours_aiohttp),
    ("botocore", lambda: _package("botocore"), botocore),
    ("awscrt", lambda: _package("awscrt"), awscrt),
    ("aws-sdk-signers", lambda: _package("aws-sdk-signers"), aws_sdk_signers),
    ("requests-aws4auth", lambda: _package("requests-aws4auth"), requests_aws4auth),
    ("awscurl", lambda: _package("awscurl"), awscurl),
    ("asigv4", lambda: _package("asigv4"), asigv4),
    ("auth-aws4", lambda: _package("auth-aws4"), auth_aws4),
    ("aws-signature", lambda: _package("aws-signature"), aws_signature),
    ("csig", lambda: _package("csig"), csig),
    ("k3awssign", lambda: _package("k3awssign"), k3awssign),
    ("obstore", lambda: _package("obstore"), obstore),
    ("curl", _curl_version, curl),
    ("aws4", lambda: _npm("aws4"), aws4),
    ("@smithy/signature-v4", lambda: _npm("@smithy/signature-v4"), smithy),
]
# What a signer needs beside the extra ``interop``.
NEEDS = {
    "aws-sdk-signers": "Python 3.12 or later",
    "curl": "the program curl",
    "aws4": "node",
    "@smithy/signature-v4": "node",
}
OURS = ("sigv4", "sigv4 + httpx", "sigv4 + requests", "sigv4 + urllib", "sigv4 + aiohttp")
