"""Steps: times the parts of a signature, a URL, a verification and a request through the middleware."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from sigv4 import Signer, Verifier, v4
from sigv4.adapters.asgi import LARGEST_BODY, LARGEST_HEAD, SigV4Middleware
from sigv4.adapters.asgi_bodies import Body, BodyLimits
from sigv4.adapters.asgi_scope import Head
from sigv4.authorization import format_header, parse_header
from sigv4.canonical import LastCall, canonical_path, canonical_query, canonical_request
from sigv4.claim import Verified
from sigv4.dialects import DEFAULT
from sigv4.headers import EARLIER_SIGNATURE, HeaderSet
from sigv4.payload_hash import line_to_sign
from sigv4.presigning import PresignedUrl
from sigv4.scope import Scope
from sigv4.target import check_url, split_target
from tests.asgi_bodies import giving

from . import gateway_app, peers, scale, signing
from .paired import measure
from .row import Row, compared

NAME = "Steps"
_TARGET = "/a/b%20c/7?prefix=a%2Fb&marker=x7&max-keys=100&delimiter=%2F"
_S3_URL = "https://bucket.s3.us-west-2.amazonaws.com/photos/2026/11/00007.jpg"


def steps() -> Iterator[Row]:
    """Each step alone, with the arguments of a whole call, and its share of the whole call."""
    yield from _rows("sign", _of_signing())
    yield from _rows("a new URL", _of_a_new_url())
    yield from _rows("presign", _of_presigning())
    yield from _rows("verify", _of_verifying())
    yield from _rows("middleware", _of_the_middleware())


def _rows(whole: str, subjects: dict[str, Callable[[], object]]) -> Iterator[Row]:
    timings = measure(subjects, rounds=15)
    for step in subjects:
        if step != whole:
            yield compared(NAME, step, timings, step, whole, None)


def _of_signing() -> dict[str, Callable[[], object]]:
    signer = Signer("sagemaker", "us-west-2", signing.CREDENTIALS)
    why = signer.explain("POST", signing.URL, signing.HEADERS, signing.BODY)
    request, text = why.canonical_request_bytes, why.string_to_sign
    payload, timestamp = request.decode().rpartition("\n")[2], text.split("\n")[1]
    key = v4.signing_key(peers.SECRET, Scope(timestamp[:8], "us-west-2", "sagemaker"))
    headers, last = HeaderSet(signing.HEADERS, EARLIER_SIGNATURE), LastCall()
    lines = {**headers.canonical, "host": signing.HOST, "x-amz-date": timestamp}
    names, signed = last.names_of(tuple(lines), DEFAULT)
    return {
        "sign": lambda: signer.sign("POST", signing.URL, signing.HEADERS, signing.BODY),
        "read two headers": lambda: HeaderSet(signing.HEADERS, EARLIER_SIGNATURE),
        "hash the body": lambda: line_to_sign(signing.BODY, DEFAULT, "sagemaker", headers),
        "names that are signed": lambda: last.names_of(tuple(lines), DEFAULT),
        "canonical request": lambda: canonical_request("POST", "/", "", lines, names, signed, payload),
        "string to sign": lambda: v4.string_to_sign(timestamp, key.scope_text, request),
        "HMAC": lambda: v4.sign(key, text),
        "Authorization": lambda: format_header(
            v4.ALGORITHM, "AKIDEXAMPLE/" + key.scope_text, signed, payload
        ),
    }


def _of_a_new_url() -> dict[str, Callable[[], object]]:
    url = f"https://{signing.HOST}{_TARGET}"
    _, path, query = split_target(url)

    def whole() -> object:
        return LastCall().target_of(url, DEFAULT)

    return {
        "a new URL": whole,
        "characters of the URL": lambda: check_url(url),
        "host, path and query": lambda: split_target(url),
        "canonical path": lambda: canonical_path(path, DEFAULT),
        "canonical query": lambda: canonical_query(query),
    }


def _of_presigning() -> dict[str, Callable[[], object]]:
    signer = Signer("s3", "us-west-2", signing.CREDENTIALS)
    why = signer.explain("GET", _S3_URL, expires=900)
    request, text = why.canonical_request_bytes, why.string_to_sign
    timestamp = text.split("\n")[1]
    key = v4.signing_key(peers.SECRET, Scope(timestamp[:8], "us-west-2", "s3"))
    return {
        "presign": lambda: signer.presign("GET", _S3_URL, expires=900),
        "read no headers": lambda: HeaderSet((), EARLIER_SIGNATURE),
        "string to sign (presigned)": lambda: v4.string_to_sign(timestamp, key.scope_text, request),
        "HMAC (presigned)": lambda: v4.sign(key, text),
        "PresignedUrl": lambda: PresignedUrl(_S3_URL, 0.0, {}),
    }


def _of_verifying() -> dict[str, Callable[[], object]]:
    signer = Signer("sagemaker", "us-west-2", signing.CREDENTIALS)
    headers: Any = tuple(signer.sign("POST", signing.URL, signing.HEADERS, signing.BODY).items())
    scope = Scope(dict(headers)["X-Amz-Date"][:8], "us-west-2", "sagemaker")
    key = v4.signing_key(peers.SECRET, scope)
    verifier = Verifier("sagemaker", "us-west-2", lambda claim: key)
    received = signing._received(headers)
    authorization, algorithms = dict(headers)["Authorization"], verifier.algorithms
    why = signer.explain("POST", signing.URL, signing.HEADERS, signing.BODY)
    request, text = why.canonical_request_bytes, why.string_to_sign
    names = ("content-type", "host", "x-amz-date", "x-amz-target")
    return {
        "verify": lambda: verifier.verify("POST", "/", received, signing.BODY),
        "everything but the body": lambda: verifier.verify_head("POST", "/", received),
        "read twelve headers": lambda: HeaderSet(received),
        "parts of Authorization": lambda: parse_header(authorization, algorithms, dated=True, strict=False),
        "hash of the canonical request": lambda: v4.string_to_sign("", key.scope_text, request),
        "compare the signature": lambda: v4.check(key, text, why.signature),
        "Verified": lambda: Verified("AKIDEXAMPLE", scope, 0, names, ""),
    }


def _of_the_middleware() -> dict[str, Callable[[], object]]:
    """A small POST as boto3 sends it; the application reads its body and answers."""
    headers, limits = scale.boto3_headers(), BodyLimits(LARGEST_BODY, LARGEST_BODY, 1)
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "raw_path": b"/", "path": "/",
        "query_string": b"", "headers": headers,
    }  # fmt: skip
    verifier = Verifier(gateway_app.SERVICE, gateway_app.REGION, lambda claim: gateway_app.KEYS)
    middleware = SigV4Middleware(gateway_app.bare, verifier)
    receive = giving(scale.BODY)
    head = Head(scope, LARGEST_HEAD)
    verified: Any = verifier.begin_head("POST", head.target, head.headers)
    who = verified.check_body(scale.BODY)

    async def send(message: Any) -> None:
        if message.get("status", 200) != 200:
            raise RuntimeError(f"refused: {message}")

    def read() -> None:
        body = Body(receive, limits)
        body.ready()
        body.release()

    def driven(app: Any) -> Callable[[], object]:
        def call() -> None:
            with suppress(StopIteration):  # no event loop is needed, because nothing waits
                app(scope, receive, send).send(None)

        return call

    return {
        "middleware": driven(middleware),
        "verify by itself": lambda: verifier.verify("POST", "/", headers, scale.BODY),
        "size and values of the headers": lambda: Head(scope, LARGEST_HEAD),
        "everything else but the body": lambda: verifier.begin_head("POST", head.target, head.headers),
        "body that came with its head": read,
        "hash of the body, and who signed": lambda: verified.check_body(scale.BODY),
        "scope for the application": lambda: middleware._seen(scope, head, verified, who),
        "the application by itself": driven(gateway_app.bare),
    }
