"""Answers to the questions of the kit: parsed from a program's output, or made by this package.

An answer is one JSON object; its members depend on the operation (fixtures/vectors/README.md).
"""

from __future__ import annotations

import base64
import json

from .. import v4
from ..authorization import V4, algorithm_of
from ..credentials import Credentials
from ..errors import MissingDependency, SigningError, SigV4Error, VerificationError
from ..headers import canonical_value, utf8_text
from ..payload import STREAMING_EVENTS, Payload
from ..request import Request
from ..scope import Scope, format_timestamp, parse_timestamp
from ..signer import Signer
from ..streaming.chunk_decoder import Decoder
from ..streaming.chunk_encoder import Encoder, streaming_payload
from ..streaming.chunk_signatures import SignatureChain
from ..streaming.event_frames import BYTES, FALSE, TRUE, UUID, Header, decode_frame, encode_frame
from ..streaming.event_stream import EventSigner
from ..verifier import Verifier
from .conformance_case import Case, Kind, json_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from ..headers import HeaderPairs

    Answer: TypeAlias = dict[str, Any]


def read_answer(printed: bytes) -> Answer:
    """Parses a program's output: one JSON object, or the signed request as raw bytes. Raises SigningError."""
    if printed.lstrip()[:1] == b"{":
        return _read_json(printed)
    method, url, headers, body = Request.parse(printed, unfold=True)
    answer: Answer = {"method": method, "url": url, "headers": _texts(headers)}
    if body:
        answer["body"] = {"base64": base64.b64encode(body).decode("ascii")}
    return answer


def _read_json(printed: bytes) -> Answer:
    try:
        answer: Answer = json.loads(printed)
    except (ValueError, RecursionError) as error:
        raise SigningError(f"the answer is not JSON: {type(error).__name__}") from None
    return answer


def _texts(headers: HeaderPairs) -> list[list[str]]:
    return [[name, utf8_text(value)] for name, value in headers]


def own_answer(case: Case) -> Answer:
    """This package's answer. Never raises a SigV4Error: a refusal is an answer, ``{"error": …}``."""
    try:
        return _OWN.get(case.operation, _sign)(case)
    except VerificationError as error:
        return {"refused": error.stage, "error": str(error)}
    except MissingDependency:
        raise
    except SigV4Error as error:
        return {"error": str(error)}


def _signer(case: Case) -> Signer:
    region, keys = case.region_set or case.region, case.credentials
    if case.kind == Kind.UNSIGNABLE:  # the fault of the case may be in its credentials
        keys = Credentials(
            *[case.given[name] for name in ("access_key_id", "secret_access_key", "session_token")]
        )
    return Signer(case.service, region, keys, dialect=case.dialect, algorithm=case.algorithm)


def _sign(case: Case) -> Answer:
    method, url, headers, _ = case.request
    made = _signer(case).explain(
        method, url, headers, case.body, at=case.at, raw_target=case.raw_target, expires=case.expires
    )
    texts = {"canonical_request": made.canonical_request, "string_to_sign": made.string_to_sign}
    if made.url is None:
        return {"method": method, "url": url, "headers": _texts(tuple(made.headers.items())), **texts}
    to_send = _texts(tuple(made.url.headers_to_send.items()))
    return {"method": method, "url": str(made.url), "headers": to_send, **texts}


def _stream(case: Case) -> Answer:
    method, url, headers, _ = case.request
    data, trailers = case.data(), [(name, canonical_value(value)) for name, value in case.given["trailers"]]
    literal = streaming_payload(case.algorithm if case.given["signed"] else None, trailers).line
    if case.given["payload"].endswith("-TRAILER") and not literal.endswith("-TRAILER"):
        raise SigningError(f"{case.given['payload']} is the literal of a body with trailers (CHUNK-6)")
    made = _signer(case).explain(method, url, headers, Payload(case.given["payload"]), at=case.at)
    chain = None
    if case.given["signed"]:
        module = algorithm_of(case.algorithm)
        scope = module.credential_scope(format_timestamp(case.at)[:8], case.region, case.service)
        key, timestamp = module.key_of(case.credentials, scope), format_timestamp(case.at)
        chain = SignatureChain(key, str(scope), timestamp, made.signature, algorithm=module)
    framed = b"".join(Encoder(len(data), chain, trailers, chunk_size=case.given["chunk_size"]).encode([data]))
    return {
        "headers": _texts(tuple(made.headers.items())),
        "body": {"base64": base64.b64encode(framed).decode("ascii")},
        "canonical_request": made.canonical_request,
    }


def _events(case: Case) -> Answer:
    method, url, headers, _ = case.request
    seed = _signer(case).explain(method, url, headers, STREAMING_EVENTS, at=case.at)
    signer = EventSigner(
        lambda day: v4.key_of(case.credentials, Scope(day, case.region, case.service)), seed.signature
    )
    messages = []
    for time, payload in case.given["events"]:
        at, data = parse_timestamp(time), payload.encode("utf-8")
        messages.append(signer.sign_payload(data, at=at) if data else signer.close(at=at))
    texts = _texts(tuple(seed.headers.items()))
    return {"headers": texts, "messages": [message.hex() for message in messages]}


def _frame(case: Case) -> Answer:
    headers = [Header(name, kind, _value(kind, value)) for name, kind, value in case.given["headers"]]
    return {"frame": encode_frame(headers, bytes.fromhex(case.given["payload"])).hex()}


def _value(kind: int, value: Any) -> Any:
    """The value of a frame's header from its form in JSON: null for a boolean, hex for bytes."""
    if kind in (TRUE, FALSE):
        return kind == TRUE
    return bytes.fromhex(value) if kind in (BYTES, UUID) else value


def _read_frame(case: Case) -> Answer:
    frame = decode_frame(bytes.fromhex(case.given["frame"]))
    headers = [(name, kind, _json_value(value)) for name, kind, value in frame.headers]
    return {"headers": json_headers(headers), "payload": frame.payload.hex()}


def _json_value(value: Any) -> Any:
    return None if isinstance(value, bool) else value.hex() if isinstance(value, bytes) else value


def _form(case: Case) -> Answer:
    return {"fields": _signer(case).post_policy(case.given["policy"], at=case.at)}


def _key(case: Case) -> Answer:
    if case.algorithm != V4:
        from .. import v4a

        key = v4a.key_of(case.credentials, v4a.Scope("20150830", "service"))
        return {"x": f"{key.public_key.x:064x}", "y": f"{key.public_key.y:064x}"}
    given = case.given
    keys = v4.derive(given["secret_access_key"], Scope(given["date"], given["region"], given["service"]))
    names = ("k_date", "k_region", "k_service", "k_signing")
    return {name: key.hex() for name, key in zip(names, keys, strict=True)}


def _check(case: Case) -> Answer:
    from .. import v4a

    given = case.given
    public = v4a.PublicKey(int(given["x"], 16), int(given["y"], 16))
    return {"valid": v4a.check(public, given["string_to_sign"], given["signature"])}


def _verify(case: Case) -> Answer:
    at, keys = float(case.at), case.credentials

    def on_file(claim: Any) -> Credentials | None:
        return keys if claim.access_key_id == keys.access_key_id else None

    checker = Verifier(case.service, case.region, on_file, algorithms=(case.algorithm,), clock=lambda: at)
    checker.verify(*case.request)
    return {"accepted": True}


def _decode(case: Case) -> Answer:
    given, chain = case.given, None
    if given["signed"]:
        scope = Scope(format_timestamp(case.at)[:8], case.region, case.service)
        key = v4.key_of(case.credentials, scope)
        chain = SignatureChain(key, str(scope), format_timestamp(case.at), given["seed_signature"])
    decoder = Decoder(given["decoded_length"], chain, given["trailers"])
    data = b"".join(decoder.feed(given["body"].encode("utf-8")))
    return {"trailers": decoder.finish(), "data": {"base64": base64.b64encode(data).decode("ascii")}}


_OWN: dict[str, Callable[[Case], Answer]] = {
    Kind.STREAM: _stream,
    Kind.EVENTS: _events,
    Kind.FRAME: _frame,
    Kind.READ_FRAME: _read_frame,
    Kind.FORM: _form,
    Kind.KEY: _key,
    Kind.CHECK: _check,
    Kind.DECODE: _decode,
    "verify": _verify,
}
