"""Computes the signatures of a vector's chunked body or event stream without the package.

It uses the oracle and the standard library's HMAC, and follows the form of the published examples.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from tests import oracle
from tests.plan import Plan

EMPTY = hashlib.sha256(b"").hexdigest()


def seed_plan(given: dict[str, Any], payload: str) -> Plan:
    """The request that opens the stream: its payload line is the literal."""
    request = given["request"]
    headers = [*request["headers"], ["X-Amz-Content-SHA256", payload]]
    keys = {name: given.get(name) for name in ("access_key_id", "secret_access_key", "session_token", "at")}
    where: dict[str, Any] = {
        name: given[name] for name in ("region", "region_set", "service") if name in given
    }
    return Plan(
        {
            "method": request["method"],
            "url": request["url"],
            "headers": headers,
            "body": None,
            **keys,
            **where,
        }
    )


def chunked(given: dict[str, Any], payload: str) -> dict[str, Any]:
    """``expect`` of a chunked body, in the order of calculation; without signatures for 4A."""
    plan = seed_plan(given, payload)
    data = given["data"]["repeat"].encode() * given["data"]["times"]
    size = given["chunk_size"]
    pieces = [data[start : start + size] for start in range(0, len(data), size)] + [b""]
    trailers = [(name.lower(), value.strip(" ")) for name, value in given["trailers"]]
    text = "".join(f"{name}:{value}\n" for name, value in sorted(trailers))
    expect: dict[str, Any] = {"payload": payload, "canonical_request": plan.canonical_request().decode()}
    expect["canonical_request_sha256"] = hashlib.sha256(plan.canonical_request()).hexdigest()
    expect["string_to_sign"] = plan.string_to_sign()
    width = 144 if plan.region_set else 64
    mark = len(";chunk-signature=") + width if given["signed"] else 0
    length = sum(len(f"{len(piece):x}") + mark + 4 + len(piece) for piece in pieces[:-1]) + 1 + mark + 4
    length += sum(len(name) + 1 + len(value) + 2 for name, value in trailers)
    if trailers and given["signed"]:
        length += len("x-amz-trailer-signature:") + width + 2
    if plan.region_set:
        return {**expect, "public_key": given["public_key"], "content_length": length}
    expect["seed_signature"] = signature = plan.signature()
    if not given["signed"]:
        lines = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces[:-1]) + b"0\r\n"
        lines += b"".join(f"{name}:{value}\r\n".encode() for name, value in trailers) + b"\r\n"
        return {**expect, **_body(lines, length)}
    key = oracle.signing_keys(given["secret_access_key"], given["at"][:8], given["region"], given["service"])[
        -1
    ]
    head, body, chunks = f"{given['at']}\n{plan.scope}", b"", []
    for piece in pieces:
        digest = hashlib.sha256(piece).hexdigest()
        string = f"AWS4-HMAC-SHA256-PAYLOAD\n{head}\n{signature}\n{EMPTY}\n{digest}"
        signature = hmac.new(key, string.encode(), hashlib.sha256).hexdigest()
        chunks.append(
            {"size": len(piece), "data_sha256": digest, "string_to_sign": string, "signature": signature}
        )
        body += b"%x;chunk-signature=%s\r\n%s" % (len(piece), signature.encode(), piece)
        body += b"\r\n" if piece else b""
    expect["chunks"] = chunks
    if trailers:
        digest = hashlib.sha256(text.encode()).hexdigest()
        string = f"AWS4-HMAC-SHA256-TRAILER\n{head}\n{signature}\n{digest}"
        signature = hmac.new(key, string.encode(), hashlib.sha256).hexdigest()
        expect["trailer"] = {
            "canonical_trailers": text, "canonical_trailers_sha256": digest, "string_to_sign": string,
            "signature": signature,
        }  # fmt: skip
        body += b"".join(f"{name}:{value}\r\n".encode() for name, value in trailers)
        body += b"x-amz-trailer-signature:%s\r\n" % signature.encode()
    return {**expect, **_body(body + b"\r\n", length)}


def _body(body: bytes, length: int) -> dict[str, Any]:
    assert len(body) == length
    found: dict[str, Any] = {"content_length": length, "body_sha256": hashlib.sha256(body).hexdigest()}
    if length < 1024:
        found["body"] = {"base64": base64.b64encode(body).decode()}
    return found


def events(given: dict[str, Any]) -> dict[str, Any]:
    """``expect`` of an event stream: each event has the day, and so the key, of its own time."""
    plan = seed_plan(given, "STREAMING-AWS4-HMAC-SHA256-EVENTS")
    signature = plan.signature()
    expect: dict[str, Any] = {
        "canonical_request": plan.canonical_request().decode(), "seed_signature": signature, "signatures": [],
    }  # fmt: skip
    for at, payload in given["events"]:
        day = at[:8]
        key = oracle.signing_keys(given["secret_access_key"], day, given["region"], given["service"])[-1]
        scope = f"{day}/{given['region']}/{given['service']}/aws4_request"
        millis = int(_epoch(at)) * 1000
        header = b"\x05:date\x08" + millis.to_bytes(8, "big")
        digests = hashlib.sha256(header).hexdigest(), hashlib.sha256(payload.encode()).hexdigest()
        string = f"AWS4-HMAC-SHA256-PAYLOAD\n{at}\n{scope}\n{signature}\n{digests[0]}\n{digests[1]}"
        signature = hmac.new(key, string.encode(), hashlib.sha256).hexdigest()
        expect["signatures"].append(signature)
    return expect


def _epoch(at: str) -> float:
    import datetime

    moment = datetime.datetime.strptime(at, "%Y%m%dT%H%M%SZ")
    return moment.replace(tzinfo=datetime.timezone.utc).timestamp()
