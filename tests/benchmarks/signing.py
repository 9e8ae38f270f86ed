"""B1, B2, B3, B6: signing, presigning and verifying a request in a warm process."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from itertools import cycle
from types import ModuleType

from sigv4 import V4A, Credentials, Signer, Verifier
from sigv4.scope import Scope
from sigv4.v4 import signing_key
from sigv4.vendoring.vendored import single_file

from . import peers
from .paired import measure
from .row import Row, compared

HOST = "api.sagemaker.us-west-2.amazonaws.com"
URL = f"https://{HOST}/"
BODY = b'{"NotebookInstanceName":"my-nb","SessionExpirationDurationInSeconds":3600}'
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl",
}
# What an SDK and a load balancer add; with the signed headers, twelve in all.
BEHIND_A_PROXY = (
    (b"user-agent", b"Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.7"),
    (b"amz-sdk-invocation-id", b"0d1bf6b8-7f0e-4f3c-9d1e-4f6d3c1a2b3c"),
    (b"amz-sdk-request", b"attempt=1"),
    (b"content-length", b"74"),
    (b"x-forwarded-for", b"203.0.113.7"),
    (b"x-forwarded-proto", b"https"),
    (b"x-amzn-trace-id", b"Root=1-67891233-abcdef012345678912345678"),
)
CREDENTIALS = Credentials(peers.KEY_ID, peers.SECRET)


def _floor(signer: Signer) -> Callable[[], object]:
    """The cryptography that no signer can do without: two SHA-256 and one HMAC, on the same bytes."""
    explanation = signer.explain("POST", URL, HEADERS, BODY)
    request, text, key = explanation.canonical_request_bytes, explanation.string_to_sign.encode(), bytes(32)

    def floor() -> None:
        hashlib.sha256(BODY).hexdigest()
        hashlib.sha256(request).hexdigest()
        hmac.digest(key, text, "sha256").hex()

    return floor


def sign() -> Iterator[Row]:
    signer = Signer("sagemaker", "us-west-2", CREDENTIALS)
    targets = [f"/a/b%20c/{n}?prefix=a%2Fb&marker=x{n}&max-keys=100&delimiter=%2F" for n in range(4096)]
    ours, crt_targets = cycle([f"https://{HOST}{target}" for target in targets]), cycle(targets)
    subjects: dict[str, Callable[[], object]] = {
        "same": lambda: signer.sign("POST", URL, HEADERS, BODY),
        "distinct": lambda: signer.sign("POST", next(ours), HEADERS, BODY),
        "floor": _floor(signer),
    }
    awscrt, botocore = (peer("POST", HOST, HEADERS, BODY) for peer in (peers.awscrt, peers.botocore))
    if awscrt:
        subjects["awscrt"] = lambda: awscrt("/")
        subjects["awscrt, distinct"] = lambda: awscrt(next(crt_targets))
    if botocore:
        subjects["botocore"] = lambda: botocore("/")
    timings = measure(subjects)
    yield compared("B1", "sign, same URL", timings, "same", "floor", 2.2)
    if awscrt:
        yield compared("B1", "sign, same URL", timings, "same", "awscrt", 0.30)
        yield compared("B1", "sign, distinct URLs", timings, "distinct", "awscrt, distinct", 0.50)
    if botocore:
        yield compared("B1", "sign, same URL", timings, "same", "botocore", 0.10)


def carried() -> Iterator[Row]:
    """Compares the single file with the package: the same calls with the same credentials."""
    copy = ModuleType("carried")
    exec(compile(single_file(), "carried.py", "exec"), copy.__dict__)
    signer = Signer("sagemaker", "us-west-2", CREDENTIALS)
    alone = copy.Signer("sagemaker", "us-west-2", copy.Credentials(peers.KEY_ID, peers.SECRET))
    ours, theirs = (cycle([f"{URL}a/b%20c/{n}?a=b%2Fc&marker=x{n}" for n in range(4096)]) for _ in range(2))
    timings = measure(
        {
            "same, file": lambda: alone.sign("POST", URL, HEADERS, BODY),
            "same, package": lambda: signer.sign("POST", URL, HEADERS, BODY),
            "distinct, file": lambda: alone.sign("POST", next(theirs), HEADERS, BODY),
            "distinct, package": lambda: signer.sign("POST", next(ours), HEADERS, BODY),
            "presigned, file": lambda: alone.presign("GET", next(theirs), expires=900),
            "presigned, package": lambda: signer.presign("GET", next(ours), expires=900),
        }
    )
    for what in ("same", "distinct", "presigned"):
        row = f"the single file, {what}"
        yield compared("Single", row, timings, f"{what}, file", f"{what}, package", 1.05)


def presign() -> Iterator[Row]:
    signer = Signer("sagemaker", "us-west-2", CREDENTIALS)
    awscrt = peers.awscrt("GET", HOST, {}, b"", expires=900)
    botocore = peers.botocore_presign("GET", HOST, 900)
    subjects: dict[str, Callable[[], object]] = {"ours": lambda: signer.presign("GET", URL, expires=900)}
    if awscrt:
        subjects["awscrt"] = lambda: awscrt("/")
    if botocore:
        subjects["botocore"] = lambda: botocore("/")
    timings = measure(subjects)
    for peer, budget in (("awscrt", 0.40), ("botocore", 0.13)):
        if peer in subjects:
            yield compared("B2", "presign, same URL", timings, "ours", peer, budget)
    obstore = peers.obstore_presign("bucket", 900)
    if obstore:
        s3 = Signer("s3", "us-west-2", CREDENTIALS)
        keys = [f"photos/2026/11/{number:05}.jpg" for number in range(10_000)]
        urls = cycle([f"https://bucket.s3.us-west-2.amazonaws.com/{key}" for key in keys])
        obstore_keys = cycle(keys)
        timings = measure(
            {
                "ours": lambda: s3.presign("GET", next(urls), expires=900),
                "obstore": lambda: obstore(next(obstore_keys)),
            }
        )
        yield compared("B2", "presign, 10,000 distinct S3 keys", timings, "ours", "obstore", 0.80)


def sign_4a() -> Iterator[Row]:
    signer = Signer("sagemaker", "us-west-2,us-east-1", CREDENTIALS, algorithm=V4A)
    awscrt = peers.awscrt("POST", HOST, HEADERS, BODY, region="us-west-2,us-east-1", asymmetric=True)
    if awscrt:
        timings = measure(
            {"ours": lambda: signer.sign("POST", URL, HEADERS, BODY), "awscrt": lambda: awscrt("/")}
        )
        yield compared("B6", "sign with 4A, same URL", timings, "ours", "awscrt", 1.1)


def _received(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """The request's headers in the form in which a server behind a proxy passes them on."""
    return [
        (b"host", HOST.encode()),
        *((name.lower().encode(), value.encode()) for name, value in headers if name != "Host"),
        *BEHIND_A_PROXY,
    ]


def verify() -> Iterator[Row]:
    signer = Signer("sagemaker", "us-west-2", CREDENTIALS)
    headers = tuple(signer.sign("POST", URL, HEADERS, BODY).items())
    date = dict(headers)["X-Amz-Date"][:8]
    key = signing_key(peers.SECRET, Scope(date, "us-west-2", "sagemaker"))
    by_key = Verifier("sagemaker", "us-west-2", lambda claim: key)
    by_secret = Verifier("sagemaker", "us-west-2", lambda claim: CREDENTIALS)
    strict_by_key = Verifier("sagemaker", "us-west-2", lambda claim: key, strict=True)
    # More clients than the keys that a verifier keeps, so that each key is derived again.
    clients = [Credentials(f"AKIDCLIENT{number:04}", peers.SECRET) for number in range(200)]
    on_file = {client.access_key_id: client for client in clients}
    by_clients = Verifier("sagemaker", "us-west-2", lambda claim: on_file[claim.access_key_id])
    of_clients = cycle(
        [
            _received(tuple(signing.sign("POST", URL, HEADERS, BODY).items()))
            for signing in (Signer("sagemaker", "us-west-2", client) for client in clients)
        ]
    )
    strict_by_secret = Verifier("sagemaker", "us-west-2", lambda claim: CREDENTIALS, strict=True)
    received = _received(headers)
    declared = {**HEADERS, "X-Amz-Content-SHA256": hashlib.sha256(BODY).hexdigest()}
    # Without that header, asigv4 treats the body as unsigned.
    hashed = _received(tuple(signer.sign("POST", URL, declared, BODY).items()))
    asigv4 = peers.asigv4_verify("POST", "/", hashed, BODY)
    timings = measure(
        {
            "our sign": lambda: signer.sign("POST", URL, HEADERS, BODY),
            "key": lambda: by_key.verify("POST", "/", headers, BODY),
            "secret": lambda: by_secret.verify("POST", "/", headers, BODY),
            "strict, key": lambda: strict_by_key.verify("POST", "/", headers, BODY),
            "strict, secret": lambda: strict_by_secret.verify("POST", "/", headers, BODY),
            "received, key": lambda: by_key.verify("POST", "/", received, BODY),
            "received, secret": lambda: by_secret.verify("POST", "/", received, BODY),
            "200 clients, secret": lambda: by_clients.verify("POST", "/", next(of_clients), BODY),
            "hash declared, secret": lambda: by_secret.verify("POST", "/", hashed, BODY),
            **({"asigv4": asigv4} if asigv4 else {}),
        }
    )
    yield compared("B3", "as a server receives it, key", timings, "received, key", "our sign", 2.5)
    yield compared("B3", "as a server receives it, secret", timings, "received, secret", "our sign", 4.0)
    yield compared("B3", "the same, of 200 clients in turn", timings, "200 clients, secret", "our sign", None)
    if asigv4:
        what = "the same, its hash declared"
        yield compared("B3", what, timings, "hash declared, secret", "asigv4", 0.5)
    yield compared("B3", "headers as sent, key", timings, "key", "our sign", 2.3)
    yield compared("B3", "headers as sent, secret", timings, "secret", "our sign", 4.0)
    yield compared("B3", "strict, key", timings, "strict, key", "our sign", 2.3)
    yield compared("B3", "strict, secret", timings, "strict, secret", "our sign", 4.0)
