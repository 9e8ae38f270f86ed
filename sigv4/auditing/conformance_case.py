"""One case of the conformance kit: the question to a signer or a verifier, and the right answer."""

from __future__ import annotations

import base64

from ..canonical import climbs
from ..credentials import Credentials
from ..headers import EARLIER_SIGNATURE, names_of, utf8_text, values_of
from ..payload import is_sha256, payload_line
from ..record import Record
from ..request import Request
from ..scope import format_timestamp
from ..target import cut_url, split_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ..dialects import Dialect


class Kind:
    """The kinds of case: questions to a signer in the first two lines, to a verifier in the third."""

    HEADER, QUERY, UNSIGNABLE = "header", "query", "unsignable"
    STREAM, EVENTS, FORM, KEY, FRAME = "stream", "events", "form", "key", "frame"
    REFUSED, ACCEPTED, CHECK, DECODE, READ_FRAME = "refused", "accepted", "check", "decode", "read-frame"


_OPERATIONS = {Kind.HEADER: "sign", Kind.QUERY: "presign", Kind.REFUSED: "verify", Kind.ACCEPTED: "verify"}
# Members of a vector's input that are passed on unchanged, by the kind of case.
_MEMBERS = {
    Kind.STREAM: ("payload", "signed", "data", "chunk_size", "trailers"),
    Kind.EVENTS: ("events",),
    Kind.FORM: ("policy",),
    Kind.KEY: ("date",),
    Kind.FRAME: ("headers", "payload"),
    Kind.READ_FRAME: ("frame",),
    Kind.CHECK: ("x", "y", "string_to_sign", "signature"),
    Kind.DECODE: ("signed", "seed_signature", "decoded_length", "trailers", "body"),
}


_NOTHING: Mapping[str, Any] = {}


class Case(Record):
    """One question and its right answer. ``kind`` is one of those of ``Kind``.

    ``given`` is the vector's ``input``. ``expect`` is its ``expect``, with the known ones of
    canonical_request, string_to_sign and signature; for 4A also the ``public_key``; for a refusal its
    ``stage``. ``region`` is empty for 4A, which has ``region_set`` instead. ``raw_target`` says that the URL
    was never escaped (CR-PATH-5).
    """

    id: str
    rules: tuple[str, ...]
    kind: str
    request: Request
    credentials: Credentials
    service: str
    region: str
    algorithm: str
    dialect: Dialect
    at: int
    expires: int | None
    expect: Mapping[str, Any]
    region_set: str = ""
    given: Mapping[str, Any] = _NOTHING
    raw_target: bool = False

    @property
    def operation(self) -> str:
        """The name of this question in the line protocol: "sign", "presign", "stream", …"""
        if self.kind != Kind.UNSIGNABLE:
            return _OPERATIONS.get(self.kind, self.kind)
        if "policy" in self.given or "chunk_size" in self.given:
            return Kind.FORM if "policy" in self.given else Kind.STREAM
        return "sign" if self.expires is None else "presign"

    @property
    def is_wrong(self) -> bool:
        """Whether a refusal is the right answer."""
        return (
            self.kind in (Kind.UNSIGNABLE, Kind.REFUSED)
            or "error" in self.expect
            or self.expect.get("valid") is False
        )

    @property
    def body(self) -> bytes | None:
        """The body as it was given: an empty one is a body, which counts in a presigned URL (URL-3)."""
        return None if self.given.get("body") is None and not self.request.body else self.request.body

    def question(self) -> dict[str, Any]:
        """The question as one JSON object (fixtures/vectors/README.md, "The line protocol")."""
        keys, asked = self.credentials, {"id": self.id, "operation": self.operation}
        if self.operation in (Kind.FRAME, Kind.READ_FRAME, Kind.CHECK):
            known = {name: self.given[name] for name in _MEMBERS[self.kind]}
            if "headers" in known:
                known["headers"] = json_headers(known["headers"])
            return {**asked, **known}
        where = {"region_set": self.region_set} if self.region_set else {"region": self.region}
        scope = {"algorithm": self.algorithm, "service": self.service, **where}
        names = ("access_key_id", "secret_access_key", "session_token")
        secret = {name: self.given.get(name, getattr(keys, name)) for name in names}
        if keys.session_token:
            secret["token_name"] = keys.token_name
        members = _MEMBERS.get(self.operation, ())
        more = {name: self.given[name] for name in members if name in self.given}
        if self.operation in (Kind.FORM, Kind.KEY, Kind.DECODE):
            return {**asked, **scope, **secret, "at": format_timestamp(self.at), **more}
        method, url, headers, body = self.request
        request = {
            "method": method,
            "target" if self.operation == "verify" else "url": url,
            "headers": [[name, utf8_text(value)] for name, value in headers],
        }
        if self.operation in ("sign", "presign", "verify"):
            request["body"] = self.given.get("body", _json_body(body))
        if self.expires is not None:
            more["expires"] = self.expires
        if self.raw_target:
            more["raw_target"] = True
        return {**asked, **scope, **secret, "at": format_timestamp(self.at), **request, **more}

    def raw(self) -> bytes:
        """The request to sign as raw bytes: with Host, and with X-Amz-Date for a header signature.

        If the URL's authority is not in the form of a Host header (it has a default port, user-info or upper
        case), the request line has the whole URL and there is no Host header: the signer must make it.
        """
        method, url, headers, body = self.request
        headers = tuple(pair for pair in headers if pair[0].lower() not in EARLIER_SIGNATURE)
        names = names_of(headers)
        target, lines = url.partition("#")[0], []
        if url[:1] != "/":
            authority = cut_url(url)[1]
            plain = split_target(url)[0] == authority
            if plain or "host" in names:
                target = cut_url(url)[2]
            if plain and "host" not in names:
                lines.append(f"Host: {authority}".encode())
        lines.insert(0, f"{method} {target} HTTP/1.1".encode("latin-1"))
        for name, value in headers:
            lines.append(
                f"{name}: ".encode() + (value if isinstance(value, bytes) else value.encode("ascii"))
            )
        if self.kind == Kind.HEADER:
            lines.append(f"X-Amz-Date: {format_timestamp(self.at)}".encode())
        return b"\n".join(lines) + b"\n\n" + bytes(body)

    def data(self) -> bytes:
        """The data of a ``stream`` case."""
        return str(self.given["data"]["repeat"]).encode("utf-8") * int(self.given["data"]["times"])


def can_be_received(case: Case) -> bool:
    """Whether a server can accept the request of the case.

    It refuses a target that was never escaped or leads above the root, and cannot check a hash that is
    declared without a body.
    """
    declared = "".join(values_of(case.request.headers, "x-amz-content-sha256"))
    if is_sha256(declared) and payload_line(case.request.body) != declared:
        return False
    return not (case.raw_target or climbs(cut_url(case.request.url)[2].partition("?")[0]))


def json_headers(headers: Iterable[tuple[str, int, Any]]) -> list[list[Any]]:
    """The headers of a frame in JSON: an integer that a JSON parser may round is decimal text."""
    return [
        [name, kind, str(value) if isinstance(value, int) and abs(value) > 1 << 53 else value]
        for name, kind, value in headers
    ]


def _json_body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}
