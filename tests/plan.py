"""Computes the signature of a vector without the package: with the oracle and the standard library's HMAC."""

from __future__ import annotations

import datetime
import hashlib
import hmac
from base64 import b64decode
from typing import Any

from tests import oracle

S3_FAMILY = frozenset(("s3", "s3express", "s3-object-lambda", "s3-outposts"))
DECLARED = S3_FAMILY | {"aoss", "vpc-lattice-svcs"}  # PAYLOAD-4
# No other implementation signs these.
NEVER_SIGNED = frozenset((b"user-agent", b"expect", b"x-amzn-trace-id"))

EARLIER = frozenset(  # CR-HDR-9
    "authorization x-amz-date x-amz-security-token x-amz-s3session-token x-amz-region-set".split()
)


def body_of(given: dict[str, Any]) -> bytes:
    body = given["body"] or ""
    return b64decode(body["base64"]) if isinstance(body, dict) else str(body).encode()


class Plan:
    """A request to sign: the sent and the signed parts, and the results."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.service, self.region = given["service"], given.get("region", "")
        self.expires: int | None = given.get("expires")
        self.region_set: str | None = given.get("region_set")
        self.s3 = self.service in S3_FAMILY
        self.body = body_of(given)
        url = given["url"].partition("#")[0]
        rest = url.split("//", 1)[1]
        before, _, self.query = rest.partition("?")
        authority, slash, path = before.partition("/")
        self.host = authority.rpartition("@")[2].lower()
        name, colon, port = self.host.rpartition(":")
        own = "443" if url.startswith(("https:", "wss:")) else "80"
        if colon and "]" not in port:  # CR-HDR-6
            self.host = name if int(port) == int(own) else f"{name}:{int(port)}"
        self.path = slash + path or "/"
        pairs = [(name, value) for name, value in given["headers"]]
        self.headers: list[tuple[str, str]] = [pair for pair in pairs if pair[0].lower() not in EARLIER]
        digest = hashlib.sha256(self.body).hexdigest()
        if self.service == "vpc-lattice-svcs":
            digest = "UNSIGNED-PAYLOAD"
        declared = next((v for n, v in self.headers if n.lower() == "x-amz-content-sha256"), None)
        self.declared = declared
        left_out = self.s3 and self.expires is not None and given["body"] is None  # URL-3
        if declared is None and self.service in DECLARED and not left_out:
            self.declared = digest
        unsigned = self.s3 and self.expires is not None and self.declared is None
        self.payload = self.declared or ("UNSIGNED-PAYLOAD" if unsigned else digest)
        self.token_name = given.get("token_name", "X-Amz-Security-Token")
        self.session = self.token_name == "X-Amz-S3session-Token"
        self.token = None if self.service == "iotdevicegateway" else given["session_token"] or None
        self.when = datetime.datetime.strptime(given["at"], "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc
        )

    @property
    def algorithm(self) -> str:
        return "AWS4-HMAC-SHA256" if self.region_set is None else "AWS4-ECDSA-P256-SHA256"

    @property
    def scope(self) -> str:
        region = f"{self.region}/" if self.region_set is None else ""
        return f"{self.given['at'][:8]}/{region}{self.service}/aws4_request"

    @property
    def credential(self) -> str:
        return f"{self.given['access_key_id']}/{self.scope}"

    def signed_lines(self) -> dict[bytes, bytes]:
        sent = [*self.headers]
        if "host" not in {name.lower() for name, _ in sent}:
            sent.append(("Host", self.host))
        if self.declared and "x-amz-content-sha256" not in {name.lower() for name, _ in sent}:
            sent.append(("X-Amz-Content-SHA256", self.declared))
        if self.expires is None:
            sent.append(("X-Amz-Date", self.given["at"]))
            if self.token:
                sent.append((self.token_name, self.token))
            if self.region_set:
                sent.append(("X-Amz-Region-Set", self.region_set))
        lines = oracle.read_headers((name.encode(), value.encode()) for name, value in sent)
        return {name: lines[name] for name in sorted(lines) if name not in NEVER_SIGNED}

    def parameters(self) -> list[tuple[str, str]]:
        """URL-1, for the canonical query and in the order in which this package writes them."""
        found = [
            ("X-Amz-Algorithm", self.algorithm),
            ("X-Amz-Credential", self.credential),
            ("X-Amz-Date", self.given["at"]),
            ("X-Amz-Expires", str(self.expires)),
        ]
        if self.region_set:
            found.append(("X-Amz-Region-Set", self.region_set))
        if self.token:
            found.append((self.token_name, self.token))
        return [*found, ("X-Amz-SignedHeaders", b";".join(self.signed_lines()).decode())]

    def canonical_request(self) -> bytes:
        lines, query = self.signed_lines(), self.query.encode()
        if self.expires is not None:
            own = [f"{name}={_encoded(value)}" for name, value in self.parameters()]
            query = b"&".join(filter(None, [query, "&".join(own).encode()]))
        block = b"".join(name + b":" + value + b"\n" for name, value in lines.items())
        path = oracle.path(self.path.encode(), self.s3)
        head = b"\n".join([self.given["method"].encode(), path, oracle.query(query), block])
        return head + b"\n" + b";".join(lines) + b"\n" + self.payload.encode()

    def string_to_sign(self) -> str:
        digest = hashlib.sha256(self.canonical_request()).hexdigest()
        return f"{self.algorithm}\n{self.given['at']}\n{self.scope}\n{digest}"

    def signature(self) -> str:
        return signature(self.given, self.string_to_sign())

    def url(self, signature: str) -> str:
        """The presigned URL; the parameters of the signature come after the caller's (URL-5)."""
        own = "&".join(f"{name}={_encoded(value)}" for name, value in self.parameters())
        url: str = self.given["url"]
        base, mark, fragment = url.partition("#")
        before, _, _ = base.partition("?")
        query = f"{self.query}&{own}" if self.query else own
        signed = f"{before}?{query}&X-Amz-Signature={signature}"
        if self.service == "iotdevicegateway" and self.given["session_token"]:
            signed += f"&X-Amz-Security-Token={_encoded(self.given['session_token'])}"
        return signed + mark + fragment


def signature(given: dict[str, Any], text: str) -> str:
    """KEY-1, KEY-2, by the standard library's HMAC."""
    key = oracle.signing_keys(
        given["secret_access_key"], given["at"][:8], given.get("region", ""), given.get("service", "s3")
    )[-1]
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _encoded(text: str) -> str:
    return oracle.uri_encode(text.encode()).decode()
