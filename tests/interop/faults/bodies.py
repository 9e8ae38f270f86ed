"""The faults of bodies, their hashes and chunks, and of the form of the canonical request. One table."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator

from .answers import REFUSED, S3_REFUSED, rest_answer, xml_answer
from .broken_signer import NOW, SECRET, Arrived, Case, both, hmacs, line, same, swap
from .fault import ARN, BODY, EMPTY, LIST, Fault, fault, get, s3
from .on_the_way import header, member

STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _streaming(canonical: str) -> str:
    """Changes the payload line: botocore writes a hash, a chunked body needs the literal."""
    return canonical.replace(EMPTY, STREAMING)


def chunked(chunk: Callable[[str, str], str]) -> tuple[Case, Callable[[Arrived], None]]:
    """An S3 upload in two signed chunks; ``chunk`` makes a chunk's signature from the right one and the seed."""
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "8195"}
    case = s3("/big", "PUT", headers=headers)

    def changed(arrived: Arrived) -> None:
        arrived["headers"]["X-Amz-Content-SHA256"] = STREAMING
        seed = previous = arrived["headers"]["Authorization"].rpartition("=")[2]
        key = hmacs("AWS4" + SECRET, NOW[:8], "us-east-1", "s3", "aws4_request")
        body = b""
        for data in (b"a" * 8192, b"bcd", b""):
            text = (
                f"AWS4-HMAC-SHA256-PAYLOAD\n{NOW}\n{NOW[:8]}/us-east-1/s3/aws4_request\n{previous}\n{EMPTY}\n"
            )
            text += hashlib.sha256(data).hexdigest()
            signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            previous = chunk(signature, seed)
            body += f"{len(data):x};chunk-signature={previous}\r\n".encode() + data + b"\r\n"
        arrived["body"] = body

    return case, changed


def bodies_and_shapes() -> Iterator[Fault]:
    value = json.loads(BODY)
    for notes, hashed in (
        ("the body hashed before it was serialized again", json.dumps(value).encode()),
        ("the body hashed with other separators", json.dumps(value, separators=(",", ":")).encode()),
        ("the stream had been read already, and was hashed as empty", b""),
        ("the body hashed as UTF-16", BODY.decode().encode("utf-16-le")),
        ("a line end was added", BODY + b"\n"),
    ):
        digest = hashlib.sha256(hashed).hexdigest()
        yield fault("FAIL-32", notes, LIST, canonical=swap(hashlib.sha256(BODY).hexdigest(), digest))
    yield fault(
        "FAIL-32", "compressed after signing", LIST, member("body", lambda body: gzip.compress(body, mtime=0))
    )
    yield fault(
        "FAIL-32",
        "S3 answers that the hash is not that of the body",
        s3("/x", "PUT", body=b"abc"),
        member("body", lambda body: b"abd"),
        answer=xml_answer(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        secret_known=False,
    )
    search = Case(
        "GET",
        "https://search-x.us-east-1.es.amazonaws.com/_search",
        {"Content-Type": "application/json"},
        b'{"size": 1}',
        service="es",
    )
    yield fault(
        "FAIL-33",
        "a GET with a body, hashed as empty",
        search,
        canonical=swap(hashlib.sha256(search.body).hexdigest(), hashlib.sha256(b"").hexdigest()),
    )
    upload = s3("/x", "PUT", body=b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    yield fault(
        "FAIL-34",
        "the payload line in Base64",
        upload,
        canonical=lambda text: (
            text.rpartition("\n")[0] + "\n" + base64.b64encode(bytes.fromhex(digest)).decode()
        ),
    )
    yield fault(
        "FAIL-34",
        "the payload line in upper case",
        LIST,
        canonical=lambda text: text.rpartition("\n")[0] + "\n" + hashlib.sha256(BODY).hexdigest().upper(),
    )
    yield fault(
        "FAIL-35",
        "UNSIGNED-PAYLOAD signed where a hash belongs",
        LIST,
        canonical=lambda text: text.rpartition("\n")[0] + "\nUNSIGNED-PAYLOAD",
    )
    yield fault(
        "FAIL-36",
        "S3 without x-amz-content-sha256",
        s3("/x"),
        header("X-Amz-Content-SHA256", None),
        answer=xml_answer(
            400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        ),
        secret_known=False,
    )
    for notes, canonical in (
        ("the canonical request has no empty line after the headers", lambda text: "\n".join(text.rsplit("\n\n", 1))),
        ("a line end after the canonical request", lambda text: text + "\n"),
        ("CRLF in the canonical request", lambda text: text.replace("\n", "\r\n")),
        ("no line for the empty query", lambda text: text.replace("/\n\n", "/\n", 1)),
    ):  # fmt: skip
        yield fault("FAIL-39", notes, LIST, canonical=canonical)
    yield fault("FAIL-39", "a line end after the string to sign", LIST, text=lambda text: text + "\n")
    yield fault("FAIL-39", "the canonical request not hashed", LIST, digest=same)
    yield fault(
        "FAIL-46",
        "the canonical request hashed as UTF-16",
        LIST,
        digest=lambda text: hashlib.sha256(text.encode("utf-16-le")).hexdigest(),
    )
    yield fault(
        "FAIL-49",
        "each chunk is signed after the seed, not after the chunk before it",
        *chunked(lambda right, seed: seed),
        canonical=_streaming,
    )
    case, changed = chunked(lambda right, seed: right)
    yield fault(
        "FAIL-49",
        "a byte of a chunk changed on the way",
        case,
        changed,
        member("body", lambda body: body.replace(b"\r\nbcd\r\n", b"\r\nbcX\r\n")),
        canonical=_streaming,
    )
    yield fault(
        "FAIL-49",
        "a chunk before the last is too small",
        case,
        changed,
        answer=xml_answer(
            403, "InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes"
        ),
        secret_known=False,
        canonical=_streaming,
    )
    yield fault("FAIL-50", "no signature at all", LIST, header("Authorization", None))
    yield fault(
        "FAIL-50",
        "no signature; the answer says so",
        LIST,
        header("Authorization", None),
        answer=rest_answer("MissingAuthenticationTokenException", "Missing Authentication Token"),
    )


def pairs() -> Iterator[Fault]:
    yield fault(
        "FAIL-01",
        "two faults: the path encoded once, and CRLF line ends",
        get(ARN),
        canonical=both(
            line(1, lambda path: path.replace("%25", "%")), lambda text: text.replace("\n", "\r\n")
        ),
    )
    yield fault(
        "FAIL-08",
        "two faults: '+' for a space, and the default port signed",
        get("/?q=a%20b"),
        canonical=both(line(2, swap("%20", "+")), swap("amazonaws.com\n", "amazonaws.com:443\n")),
    )
    yield fault(
        "FAIL-06",
        "two faults in the query: '~' escaped, '/' raw",
        get("/?q=~a%2Fb"),
        canonical=line(2, both(swap("~", "%7E"), swap("%2F", "/"))),
    )


def cut_and_rewritten() -> Iterator[Fault]:
    """Requests that a program between the signer and the server has changed."""
    yield fault("FAIL-58", "the signature is right, but the server refuses it", LIST, answer=REFUSED)
    minio = Case(
        "PUT",
        "https://minio.example.com/bucket/a.txt",
        {"X-Amz-Trailer": "x-amz-checksum-crc32"},
        b"x",
        service="s3",
    )
    trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    yield fault(
        "FAIL-59",
        "a checksum in a trailer, at a server that does not know it",
        minio,
        header("X-Amz-Content-SHA256", trailer),
        canonical=lambda text: text.replace(hashlib.sha256(b"x").hexdigest(), trailer),
        answer=S3_REFUSED,
        secret_known=False,
    )
    yield fault(
        "FAIL-60",
        "a parameter was added after signing",
        get("/tags?a=1"),
        member("target", lambda target: f"{target}&debug=true"),
    )
