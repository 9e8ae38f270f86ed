"""A small signer for tests: every step is a method that a mutant can replace by a wrong one.

It answers the questions of the line protocol and imports nothing of the package.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import zlib
from typing import Any

S3_FAMILY = frozenset(("s3", "s3express", "s3-object-lambda", "s3-outposts"))
REQUIRED = S3_FAMILY | {"aoss", "vpc-lattice-svcs"}
NEVER_SIGNED = frozenset(
    "authorization accept-encoding user-agent expect connection keep-alive te trailer transfer-encoding upgrade "
    "via x-forwarded-for x-amzn-trace-id".split()
)
EARLIER = frozenset(
    "authorization x-amz-date x-amz-security-token x-amz-s3session-token x-amz-region-set".split()
)
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
EVENTS = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
Question = dict[str, Any]
Pairs = list[tuple[str, str]]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


EMPTY = sha256(b"")


class SmallSigner:
    """Answers one question of the line protocol at a time: ``answer``."""

    def answer(self, question: Question) -> dict[str, Any]:
        self.q = question
        self.at: str = question.get("at", "")
        answer: dict[str, Any] = getattr(self, question["operation"])()
        return answer

    # --- bytes

    def escape(self, data: bytes, keep: str = "") -> str:
        return "".join(chr(b) if b in UNRESERVED or chr(b) in keep else f"%{b:02X}" for b in data)

    def decode(self, text: str) -> bytes:
        out, rest = b"", text
        while "%" in rest:
            before, _, rest = rest.partition("%")
            out += before.encode("latin-1") + bytes([int(rest[:2], 16)])
            rest = rest[2:]
        return out + rest.encode("latin-1")

    # --- target

    def split(self) -> tuple[str, str, str, str]:
        """Host, path, query and fragment of the URL."""
        url, mark, fragment = self.q["url"].partition("#")
        rest = url.partition("://")[2]
        rest, _question_mark, query = rest.partition("?")
        authority, slash, path = rest.partition("/")
        return (
            self.host(url.partition("://")[0].lower(), authority),
            slash + path or "/",
            query,
            mark + fragment,
        )

    def host(self, scheme: str, authority: str) -> str:
        host = authority.rpartition("@")[2].lower()
        name, colon, port = host.rpartition(":")
        if not colon or "]" in port:
            return host
        own = {"http": "80", "ws": "80", "https": "443", "wss": "443"}[scheme]
        return name if port.lstrip("0") == own else f"{name}:{port.lstrip('0')}"

    def is_s3(self) -> bool:
        return self.q.get("service", "s3") in S3_FAMILY

    def path(self, wire: str) -> str:
        if self.is_s3():
            return self.s3_path(wire)
        return self.escape(self.normalize(wire).encode("latin-1"), "/")

    def s3_path(self, wire: str) -> str:
        return self.escape(self.decode(wire), "/")

    def normalize(self, wire: str) -> str:
        kept: list[str] = []
        for segment in wire.split("/"):
            if segment == "..":
                del kept[-1:]
            elif segment not in ("", "."):
                kept.append(segment)
        return "/" + "/".join(kept) + ("/" if kept and wire.endswith("/") else "")

    def parts(self, query: str) -> list[str]:
        return [part for part in query.split("&") if part]

    def recode(self, text: str) -> str:
        return self.escape(self.decode(text.replace("+", " ")))

    def pairs(self, query: str) -> Pairs:
        return [self.pair(part) for part in self.parts(query)]

    def pair(self, part: str) -> tuple[str, str]:
        name, _, value = part.partition("=")
        return self.recode(name), self.recode(value)

    def order(self, pairs: Pairs) -> Pairs:
        return sorted(pairs)

    def query(self, pairs: Pairs) -> str:
        return "&".join(f"{name}={value}" for name, value in self.order(pairs))

    # --- headers

    def value(self, text: str) -> str:
        text = text.replace("\t", " ")
        while "  " in text:
            text = text.replace("  ", " ")
        return text.strip(" ")

    def join(self, values: list[str]) -> str:
        return ",".join(self.value(value) for value in values)

    def is_signed(self, name: str) -> bool:
        return name not in NEVER_SIGNED

    def lines(self, headers: Pairs) -> dict[str, str]:
        values: dict[str, list[str]] = {}
        for name, value in headers:
            if self.is_signed(name.lower()):
                values.setdefault(name.lower(), []).append(value)
        return {name: self.join(found) for name, found in values.items()}

    def given(self) -> Pairs:
        """The caller's headers without those of an earlier signature."""
        return [(name, value) for name, value in self.q["headers"] if name.lower() not in EARLIER]

    def declared(self) -> str:
        """The caller's own payload line."""
        return next((value for name, value in self.given() if name.lower() == "x-amz-content-sha256"), "")

    def names(self, lines: dict[str, str]) -> list[str]:
        return sorted(lines)

    def signed_headers(self, lines: dict[str, str]) -> str:
        return ";".join(self.names(lines))

    # --- the payload

    def body(self) -> bytes:
        given = self.q.get("body") or ""
        return base64.b64decode(given["base64"]) if isinstance(given, dict) else given.encode()

    def payload(self, body: bytes) -> str:
        return "UNSIGNED-PAYLOAD" if self.q["service"] == "vpc-lattice-svcs" else sha256(body)

    def has_body(self) -> bool:
        return self.q["body"] is not None

    def needs_header(self) -> bool:
        return self.q["service"] in REQUIRED

    # --- the four steps

    def block(self, lines: dict[str, str]) -> str:
        return "".join(f"{name}:{lines[name]}\n" for name in self.names(lines))

    def canonical_request(self, path: str, pairs: Pairs, lines: dict[str, str], payload: str) -> str:
        head = f"{self.q['method']}\n{self.path(path)}\n{self.query(pairs)}\n{self.block(lines)}\n"
        return f"{head}{self.signed_headers(lines)}\n{payload}"

    def day(self) -> str:
        return self.at[:8]

    def scope(self) -> str:
        region = "" if self.q["algorithm"].endswith("P256-SHA256") else f"{self.q['region']}/"
        return f"{self.day()}/{region}{self.q.get('service', 's3')}/aws4_request"

    def credential(self) -> str:
        return f"{self.q['access_key_id']}/{self.scope()}"

    def encode(self, text: str) -> bytes:
        return text.encode()

    def string_to_sign(self, request: str) -> str:
        return f"{self.q['algorithm']}\n{self.at}\n{self.scope()}\n{sha256(self.encode(request))}"

    def secret(self) -> str:
        return str(self.q["secret_access_key"])

    def key_parts(self) -> list[str]:
        return [self.day(), self.q["region"], self.q.get("service", "s3"), "aws4_request"]

    def keys(self) -> list[bytes]:
        key, keys = ("AWS4" + self.secret()).encode(), []
        for part in self.key_parts():
            key = self.hmac(key, part.encode())
            keys.append(key)
        return keys

    def hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, hashlib.sha256).digest()

    def signature(self, text: str) -> str:
        return self.hmac(self.keys()[-1], text.encode()).hex()

    def authorization(self, lines: dict[str, str], signature: str) -> str:
        names = self.signed_headers(lines)
        return f"{self.q['algorithm']} Credential={self.credential()}, SignedHeaders={names}, Signature={signature}"

    # --- operations

    def added(self, payload: str) -> Pairs:
        """The headers that the signer adds and signs, except the host."""
        found = [("X-Amz-Date", self.at), *self.region_set()]
        if not self.declared() and (self.needs_header() or payload.startswith("STREAMING-")):
            found.append(("X-Amz-Content-SHA256", payload))
        if self.signs_token():
            found += self.token()
        return found

    def region_set(self) -> Pairs:
        """The region set; only 4A has one."""
        return []

    def token(self) -> Pairs:
        return [(self.q["token_name"], self.q["session_token"])] if self.q["session_token"] else []

    def signs_token(self) -> bool:
        return bool(self.q["service"] != "iotdevicegateway")

    def sign(self, literal: str = "") -> dict[str, Any]:
        host, path, query, _ = self.split()
        headers = self.given()
        payload = literal or self.declared() or self.payload(self.body())
        headers += [] if "host" in {n.lower() for n, _ in headers} else [("Host", host)]
        headers += self.added(payload)
        lines = self.lines(headers)
        self.seed = self.signature(
            self.string_to_sign(self.canonical_request(path, self.pairs(query), lines, payload))
        )
        headers += [] if self.signs_token() else self.token()
        headers.append(("Authorization", self.authorization(lines, self.seed)))
        return {"headers": [list(pair) for pair in headers]}

    def life(self) -> str:
        return str(self.q["expires"])

    def parameters(self, lines: dict[str, str]) -> Pairs:
        found = [
            ("X-Amz-Algorithm", self.q["algorithm"]), ("X-Amz-Credential", self.credential()),
            ("X-Amz-Date", self.at), ("X-Amz-Expires", self.life()), *self.region_set(),
        ]  # fmt: skip
        found += self.token() if self.signs_token() else []
        found.append(("X-Amz-SignedHeaders", self.signed_headers(lines)))
        return [(name, self.escape_parameter(value)) for name, value in found]

    def merged(self, pairs: Pairs, own: Pairs) -> Pairs:
        """The parameters that are signed: the caller's and the signature's own."""
        return [*pairs, *own]

    def with_signature(self, url: str, signature: str) -> str:
        url += f"&X-Amz-Signature={signature}"
        for name, value in [] if self.signs_token() else self.token():
            url += f"&{name}={self.escape(value.encode())}"
        return url

    def escape_parameter(self, value: str) -> str:
        return self.escape(value.encode())

    def of_url(self, headers: Pairs, host: str) -> Pairs:
        """The headers that the signature of a URL covers."""
        return [*(pair for pair in headers if pair[0].lower() != "host"), ("Host", host)]

    def presigned_payload(self) -> str:
        return "UNSIGNED-PAYLOAD" if self.is_s3() else self.payload(self.body())

    def presign(self) -> dict[str, Any]:
        host, path, query, fragment = self.split()
        headers = self.given()
        payload = self.declared() or self.presigned_payload()
        if not self.declared() and self.needs_header() and not (self.is_s3() and not self.has_body()):
            payload = self.payload(self.body())
            headers.append(("X-Amz-Content-SHA256", payload))
        lines = self.lines(self.of_url(headers, host))
        own = self.parameters(lines)
        request = self.canonical_request(path, self.merged(self.pairs(query), own), lines, payload)
        signature = self.signature(self.string_to_sign(request))
        base = self.q["url"].partition("#")[0].partition("?")[0]
        shown = "&".join(f"{name}={value}" for name, value in own)
        url = self.with_signature(f"{base}?{query + '&' if query else ''}{shown}", signature)
        return {"url": url + fragment, "headers": [list(pair) for pair in headers]}

    # --- streams

    def chunk_text(self, before: str, piece: bytes) -> str:
        head = f"{self.q['algorithm']}-PAYLOAD\n{self.at}\n{self.scope()}\n{before}"
        return f"{head}\n{EMPTY}\n{sha256(piece)}"

    def trailers(self) -> Pairs:
        return [(name.lower(), value.strip(" ")) for name, value in self.q["trailers"]]

    def canonical_trailers(self, trailers: Pairs) -> str:
        return "".join(f"{name}:{value}\n" for name, value in sorted(trailers))

    def trailer_text(self, before: str, trailers: Pairs) -> str:
        digest = sha256(self.canonical_trailers(trailers).encode())
        return f"{self.q['algorithm']}-TRAILER\n{self.at}\n{self.scope()}\n{before}\n{digest}"

    def chunk_head(self, size: int) -> str:
        return f"{size:x}"

    def next_before(self, before: str, signature: str) -> str:
        return signature

    def pieces(self, data: bytes) -> list[bytes]:
        size = self.q["chunk_size"]
        return [data[start : start + size] for start in range(0, len(data), size)] + [b""]

    def on_the_wire(self, signature: str) -> str:
        return signature

    def trailer_line(self, name: str, value: str) -> str:
        return f"{name}:{value}\r\n"

    def end(self) -> bytes:
        return b"\r\n"

    def stream(self) -> dict[str, Any]:
        signed = self.sign(self.q["payload"])
        data = self.q["data"]["repeat"].encode() * self.q["data"]["times"]
        before, out = self.seed, b""
        for piece in self.pieces(data):
            out += self.chunk_head(len(piece)).encode()
            if self.q["signed"]:
                signature = self.signature(self.chunk_text(before, piece))
                before = self.next_before(before, signature)
                out += f";chunk-signature={self.on_the_wire(signature)}".encode()
            out += b"\r\n" + piece + (b"\r\n" if piece else b"")
        trailers = self.trailers()
        out += "".join(self.trailer_line(name, value) for name, value in trailers).encode()
        if trailers and self.q["signed"]:
            signature = self.signature(self.trailer_text(before, trailers))
            out += self.trailer_line("x-amz-trailer-signature", self.on_the_wire(signature)).encode()
        return {**signed, "body": {"base64": base64.b64encode(out + self.end()).decode()}}

    def millis(self) -> int:
        moment = datetime.datetime.strptime(self.at, "%Y%m%dT%H%M%SZ")
        return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()) * 1000

    def event_text(self, before: str, date: bytes, payload: bytes) -> str:
        head = f"AWS4-HMAC-SHA256-PAYLOAD\n{self.at}\n{self.scope()}\n{before}"
        return f"{head}\n{sha256(date)}\n{sha256(payload)}"

    def frame_of(self, headers: bytes, payload: bytes) -> bytes:
        prelude = (16 + len(headers) + len(payload)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
        message = prelude + zlib.crc32(prelude).to_bytes(4, "big") + headers + payload
        return message + zlib.crc32(message).to_bytes(4, "big")

    def event_headers(self, date: bytes, signature: str) -> bytes:
        return date + b"\x10:chunk-signature\x06\x00\x20" + bytes.fromhex(signature)

    def asked_events(self) -> list[tuple[str, str]]:
        return [(at, text) for at, text in self.q["events"]]

    def events(self) -> dict[str, Any]:
        signed = self.sign(EVENTS)
        before, messages = self.seed, []
        for at, text in self.asked_events():
            self.at = at
            date = b"\x05:date\x08" + self.millis().to_bytes(8, "big")
            before = self.signature(self.event_text(before, date, text.encode()))
            messages.append(self.frame_of(self.event_headers(date, before), text.encode()).hex())
        return {**signed, "messages": messages}

    def value_of(self, kind: int, value: Any) -> bytes:
        """EVENT-2: the value of a header, without its type."""
        sizes = {2: 1, 3: 2, 4: 4, 5: 8, 8: 8}
        if kind in sizes:
            return int(value).to_bytes(sizes[kind], "big", signed=True)
        raw: bytes = value.encode() if kind == 7 else bytes.fromhex(value or "")
        return self.length_of(raw) + raw if kind in (6, 7) else raw

    def length_of(self, raw: bytes) -> bytes:
        return len(raw).to_bytes(2, "big")

    def frame(self) -> dict[str, Any]:
        headers = b""
        for name, kind, value in self.q["headers"]:
            headers += (
                bytes([len(name.encode())]) + name.encode() + bytes([kind]) + self.value_of(kind, value)
            )
        return {"frame": self.frame_of(headers, bytes.fromhex(self.q["payload"])).hex()}

    def encoded_policy(self) -> str:
        return base64.b64encode(self.q["policy"].encode()).decode()

    def form_token(self) -> dict[str, str]:
        return {"x-amz-security-token": self.q["session_token"]} if self.q["session_token"] else {}

    def form(self) -> dict[str, Any]:
        text = self.encoded_policy()
        fields = {
            "x-amz-algorithm": self.q["algorithm"], "x-amz-credential": self.credential(), "x-amz-date": self.at,
            "policy": text, "x-amz-signature": self.signature(self.form_text(text)), **self.form_token(),
        }  # fmt: skip
        return {"fields": fields}

    def form_text(self, text: str) -> str:
        return text

    def key(self) -> dict[str, Any]:
        self.at = self.q["date"] + "T000000Z"
        names = ("k_date", "k_region", "k_service", "k_signing")
        return {name: key.hex() for name, key in zip(names, self.keys(), strict=False)}


def as_line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode()
