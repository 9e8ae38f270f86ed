"""A second, straightforward implementation of the CR-* rules, with which the tests compare the package.

It was written only from docs/protocol.md, and imports nothing of the package. It is slow and simple on purpose.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
HEX = "0123456789abcdefABCDEF"


class Refused(Exception):
    """The request has no canonical form."""


class Parts(NamedTuple):
    """The text that a signature covers, and the fields of Authorization that name the signer."""

    canonical_request: bytes
    timestamp: str
    authorization: tuple[str, str, str, str]


def percent_decode(text: bytes) -> bytes:
    out = bytearray()
    i = 0
    while i < len(text):
        if text[i : i + 1] == b"%":
            digits = text[i + 1 : i + 3].decode("latin-1")
            if len(digits) != 2 or any(digit not in HEX for digit in digits):
                raise Refused("escape")
            out.append(int(digits, 16))
            i += 3
        else:
            out.append(text[i])
            i += 1
    return bytes(out)


def uri_encode(data: bytes, keep: bytes = b"") -> bytes:
    return b"".join(
        bytes([byte]) if byte in UNRESERVED or byte in keep else b"%%%02X" % byte for byte in data
    )


def path(wire: bytes, s3: bool) -> bytes:
    """CR-PATH-1…4."""
    if not wire.startswith(b"/"):
        raise Refused("path")
    if s3:
        return uri_encode(percent_decode(wire.replace(b"+", b" ")), b"/")
    percent_decode(wire)
    kept: list[bytes] = []
    for segment in wire.split(b"/"):
        if segment == b"..":
            kept = kept[:-1]
        elif segment not in (b"", b"."):
            kept.append(segment)
    normal = b"/" + b"/".join(kept)
    if kept and wire.endswith(b"/"):
        normal += b"/"
    return uri_encode(normal, b"/")


def query(wire: bytes) -> bytes:
    """CR-QUERY-1…5."""
    pairs = []
    for parameter in wire.split(b"&"):
        if parameter == b"":
            continue
        name, _, value = parameter.partition(b"=")
        pairs.append(tuple(uri_encode(percent_decode(part.replace(b"+", b"%20"))) for part in (name, value)))
    return b"&".join(name + b"=" + value for name, value in sorted(pairs))


def header_value(value: bytes) -> bytes:
    """CR-HDR-2, 3: trimmed; a run of spaces and tabs is one space."""
    out = b""
    for byte in value:
        out += b" " if byte in b" \t" else bytes([byte])
    while b"  " in out:
        out = out.replace(b"  ", b" ")
    return out.strip(b" ")


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in value):
            raise Refused("control character in a header")
        lower = name.lower()
        if lower in found:
            found[lower] += b"," + header_value(value)
        else:
            found[lower] = header_value(value)
    return found


def authorization(value: bytes) -> tuple[str, str, str, str]:
    """AUTHZ-1: algorithm, Credential, SignedHeaders, Signature; if a part is repeated, the last one is used."""
    algorithm, _, rest = value.strip(b" \t").decode("latin-1").partition(" ")
    parts: dict[str, str] = {}
    for piece in rest.replace(",", " ").replace("\t", " ").split(" "):
        if piece:
            name, equals, text = piece.partition("=")
            if not equals:
                raise Refused("Authorization")
            parts[name] = text
    try:
        return algorithm, parts["Credential"], parts["SignedHeaders"], parts["Signature"]
    except KeyError:
        raise Refused("Authorization") from None


def parts(
    method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes, *, s3: bool
) -> Parts:
    """The canonical request that a server builds from a received request, or Refused."""
    token = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    if not method or any(byte not in token for byte in method):
        raise Refused("method")
    allowed = UNRESERVED | frozenset(b":/?[]@!$&'()*+,;=%")
    if any(byte not in allowed for byte in target):
        raise Refused("target")
    wire_path, _, wire_query = target.partition(b"?")
    lines = read_headers(headers)
    if sum(name.lower() == b"authorization" for name, _ in headers) != 1:
        raise Refused("Authorization")
    fields = authorization(lines[b"authorization"])
    names = [name.encode("latin-1") for name in fields[2].split(";")]
    if any(name not in lines for name in names):
        raise Refused("a signed header is missing")
    digest = hashlib.sha256(body).hexdigest().encode()
    payload = lines.get(b"x-amz-content-sha256", digest)
    if payload not in (digest, b"UNSIGNED-PAYLOAD"):
        raise Refused("payload")
    canonical = method + b"\n" + path(wire_path, s3) + b"\n" + query(wire_query) + b"\n"
    for name in names:
        canonical += name + b":" + lines[name] + b"\n"
    canonical += b"\n" + b";".join(names) + b"\n" + payload
    timestamp = lines.get(b"x-amz-date", lines.get(b"date", b"")).decode("latin-1")
    return Parts(canonical, timestamp, fields)


def signing_keys(secret: str, date: str, region: str, service: str) -> tuple[bytes, bytes, bytes, bytes]:
    """KEY-1."""
    key = b"AWS4" + secret.encode()
    keys = []
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        keys.append(key)
    return keys[0], keys[1], keys[2], keys[3]
