"""Further bugs of signers, for every kind of question: each fails a case, and the report names its rule."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

import pytest

from sigv4 import V4, V4A
from tests.sigv4.auditing.mutants import Bug, assert_is_named
from tests.sigv4.auditing.test_mutant_signers import BUGS as FIRST
from tests.small_signer import EMPTY, NEVER_SIGNED, SmallSigner, sha256
from tests.small_signer_4a import N, SmallSigner4A

S, A = SmallSigner, SmallSigner4A


def _url(signer: SmallSigner, change: Any) -> dict[str, Any]:
    """The answer of ``presign`` with its URL changed."""
    answer = S.presign(signer)
    return {**answer, "url": change(answer["url"])}


BUGS = [
    # --- the path
    Bug("a final dot adds a slash", "", "CR-PATH-3", "normalize", lambda s, w: S.normalize(s, w) + ("/" if w.endswith(("/.", "/..")) else "")),
    Bug("dots lead above the root", "", "CR-PATH-3", "normalize", lambda s, w: w if w.startswith("/..") else S.normalize(s, w)),
    Bug("two leading slashes kept", "", "CR-PATH-3", "normalize", lambda s, w: "/" * w.startswith("//") + S.normalize(s, w)),
    Bug("plus of a path as space", "", "CR-PATH-2", "path", lambda s, w: S.path(s, w.replace("+", "%20"))),
    Bug("path cut at a semicolon", "", "CR-PATH-2", "path", lambda s, w: S.path(s, w.partition(";")[0])),
    Bug("percent signs left alone", "", "CR-PATH-2", "path", lambda s, w: S.path(s, w).replace("%25", "%")),
    Bug("S3 path copied from the wire", "", "CR-PATH-4", "s3_path", lambda s, w: w),
    Bug("S3 slashes merged", "", "CR-PATH-4", "s3_path", lambda s, w: S.s3_path(s, w.replace("//", "/"))),
    Bug("S3 path in lower case", "", "CR-PATH-4", "s3_path", lambda s, w: S.s3_path(s, w).lower()),
    Bug("brackets left raw", "", "CR-PATH-1", "escape", lambda s, d, keep="": S.escape(s, d, keep + "[]")),
    # --- the query
    Bug("raw plus kept", "", "CR-QUERY-3", "recode", lambda s, t: s.escape(s.decode(t))),
    Bug("raw plus of names kept", "", "CR-QUERY-3", "pair", lambda s, p: (s.escape(s.decode(p.partition("=")[0])), S.pair(s, p)[1])),
    Bug("query cut at a second question mark", "", "CR-QUERY-5", "parts", lambda s, q: S.parts(s, q.partition("?")[0])),
    Bug("split at the last equals sign", "", "CR-QUERY-1", "pair", lambda s, p: tuple(s.recode(t) for t in (p.rpartition("=")[::2] if "=" in p else (p, "")))),
    Bug("parameter of an empty name dropped", "", "CR-QUERY-4", "pairs", lambda s, q: [p for p in S.pairs(s, q) if p[0]]),
    Bug("UTF-8 encoded twice", "", "CR-QUERY-1", "recode", lambda s, t: s.escape(s.decode(t.replace("+", " ")).decode("latin-1").encode())),
    Bug("query sorted by value", "", "CR-QUERY-2", "order", lambda s, p: sorted(p, key=lambda pair: pair[::-1])),
    # --- headers
    Bug("content type not signed", "", "CR-HDR-5", "is_signed", lambda s, n: n != "content-type" and n not in NEVER_SIGNED),
    Bug("metadata not signed", "", "CR-HDR-5", "is_signed", lambda s, n: not n.startswith("x-amz-meta-") and n not in NEVER_SIGNED),
    Bug("zeros of a port signed", "", "CR-HDR-6", "host", lambda s, scheme, a: a if ":0" in a else S.host(s, scheme, a)),
    Bug("brackets of IPv6 dropped", "", "CR-HDR-6", "host", lambda s, scheme, a: S.host(s, scheme, a).replace("[", "").replace("]", "")),
    Bug("the caller's Host ignored", "", "CR-HDR-6", "given", lambda s: [p for p in S.given(s) if p[0].lower() != "host"]),
    Bug("empty headers left out", "", "CR-HDR-7", "lines", lambda s, h: {n: v for n, v in S.lines(s, h).items() if v}),
    Bug("spaces at commas dropped", "", "CR-HDR-2", "value", lambda s, t: S.value(s, t).replace(", ", ",")),
    Bug("values joined in another order", "", "CR-HDR-2", "join", lambda s, v: S.join(s, v[::-1])),
    Bug("names sorted without hyphens", "", "CR-HDR-1", "names", lambda s, lines: sorted(lines, key=lambda n: n.replace("-", "~"))),
    Bug("an earlier signature kept", "", "CR-HDR-9", "given", lambda s: [(n, v) for n, v in s.q["headers"]]),
    Bug("an earlier token kept", "", "CR-HDR-9", "given", lambda s: [(n, v) for n, v in s.q["headers"] if "token" in n.lower() or n.lower() not in ("authorization", "x-amz-date")]),
    # --- key, scope, string to sign
    Bug("secret decoded as in a URL", "", "KEY-1", "secret", lambda s: urllib.parse.unquote_plus(S.secret(s))),
    Bug("secret cut at its slash", "", "KEY-1", "secret", lambda s: S.secret(s).partition("/")[0]),
    Bug("region of the commercial partition", "", "STS-2", "key_parts", lambda s: ["us-east-1" if p.startswith(("cn-", "us-gov")) else p for p in S.key_parts(s)]),
    Bug("date with hyphens", "", "KEY-1", "key_parts", lambda s: [f"{s.day()[:4]}-{s.day()[4:6]}-{s.day()[6:]}", *S.key_parts(s)[1:]]),
    Bug("hash in upper case", "", "CR-FORMAT", "string_to_sign", lambda s, r: S.string_to_sign(s, r)[:-64] + S.string_to_sign(s, r)[-64:].upper()),
    Bug("time without its Z", "", "STS-3", "string_to_sign", lambda s, r: S.string_to_sign(s, r).replace(s.at, s.at[:-1])),
    Bug("year of two digits", "", "STS-3", "string_to_sign", lambda s, r: S.string_to_sign(s, r).replace(s.at, s.at[2:])),
    Bug("parts of Authorization in another order", "", "AUTHZ-1", "authorization", lambda s, lines, sig: f"{s.q['algorithm']} Credential={s.credential()}, Signature={sig}, SignedHeaders={s.signed_headers(lines)}"),
    Bug("parts of Authorization without commas", "", "AUTHZ-1", "authorization", lambda s, lines, sig: S.authorization(s, lines, sig).replace(",", "")),
    # --- payload and token
    Bug("a declared hash ignored", "", "PAYLOAD-2", "declared", lambda s: ""),
    Bug("hash header everywhere", "", "PAYLOAD-4", "needs_header", lambda s: True),
    Bug("unsigned payload at S3", "", "PAYLOAD-2", "payload", lambda s, b: "UNSIGNED-PAYLOAD" if s.is_s3() else S.payload(s, b)),
    Bug("body with a byte order mark", "", "PAYLOAD-1", "body", lambda s: b"\xef\xbb\xbf" + S.body(s) if S.body(s) else b""),
    Bug("an empty token sent", "", "TOKEN-1", "token", lambda s: S.token(s) or ([("X-Amz-Security-Token", "")] if s.q["session_token"] == "" else [])),
    Bug("the session's token name for IAM credentials", "", "TOKEN-3", "token", lambda s: [("X-Amz-S3session-Token" if s.q["service"] == "s3express" else n, v) for n, v in S.token(s)]),
    # --- presigned URLs
    Bug("own parameters alone signed", "", "URL-1", "merged", lambda s, pairs, own: own),
    Bug("own parameters not sorted in", "", "URL-1", "query", lambda s, p: "&".join(f"{n}={v}" for n, v in ([x for x in S.order(s, p) if x[0][:6] != "X-Amz-"] + [x for x in S.order(s, p) if x[0][:6] == "X-Amz-"]))),
    Bug("names of parameters in lower case", "", "URL-1", "parameters", lambda s, lines: [(n.lower(), v) for n, v in S.parameters(s, lines)]),
    Bug("X-Amz-Date as a header, too", "", "URL-1", "of_url", lambda s, h, host: [*S.of_url(s, h, host), ("X-Amz-Date", s.at)]),
    Bug("host alone signed in a URL", "", "URL-4", "of_url", lambda s, h, host: [("Host", host)]),
    Bug("expiry in milliseconds", "", "URL-2", "life", lambda s: S.life(s) + "000"),
    Bug("fragment dropped", "", "URL-1", "presign", lambda s: _url(s, lambda u: u.partition("#")[0])),
    Bug("signature after the fragment", "", "URL-1", "presign", lambda s: _url(s, lambda u: (lambda p: u if not p[1] else p[0].partition("?")[0] + "#" + p[2] + "?" + p[0].partition("?")[2])(u.partition("#")))),
    Bug("token before the signature where it is not signed", "", "TOKEN-2", "with_signature", lambda s, u, sig: S.with_signature(s, u, sig) if s.signs_token() else S.with_signature(s, u, sig).replace("X-Amz-Security-Token", "X-Amz-Security-token")),
    Bug("body of an S3 URL not bound", "", "URL-3", "has_body", lambda s: False),
    Bug("an empty body taken for none", "", "URL-3", "has_body", lambda s: bool(s.q["body"])),
    Bug("the caller's query written again", "", "URL-5", "presign", lambda s: _url(s, lambda u: u.replace("+", "%20", 1))),
    # --- aws-chunked
    Bug("chunk length in upper case", "", "CHUNK-4", "chunk_head", lambda s, size: f"{size:X}"),
    Bug("chunk length with zeros", "", "CHUNK-4", "chunk_head", lambda s, size: f"{size:08x}"),
    Bug("chunk length with 0x", "", "CHUNK-4", "chunk_head", lambda s, size: f"{size:#x}"),
    Bug("no final chunk", "", "CHUNK-4", "pieces", lambda s, d: S.pieces(s, d)[:-1]),
    Bug("two final chunks where the data fill the last", "", "CHUNK-4", "pieces", lambda s, d: S.pieces(s, d) + ([b""] if d and len(d) % s.q["chunk_size"] == 0 else [])),
    Bug("the rest of the data lost", "", "CHUNK-4", "pieces", lambda s, d: [p for p in S.pieces(s, d) if len(p) in (0, s.q["chunk_size"])]),
    Bug("chunks of another size", "", "CHUNK-5", "pieces", lambda s, d: [d[i : i + 4096] for i in range(0, len(d), 4096)] + [b""]),
    Bug("hashes of a chunk swapped", "", "CHUNK-3", "chunk_text", lambda s, b, p: "\n".join([*S.chunk_text(s, b, p).split("\n")[:4], sha256(p), EMPTY])),
    Bug("day of the key in place of the time in a chunk", "", "CHUNK-3", "chunk_text", lambda s, b, p: S.chunk_text(s, b, p).replace(s.at, s.day())),
    Bug("trailers chained to the seed", "", "TRAILER-1", "trailer_text", lambda s, b, t: S.trailer_text(s, s.seed, t)),
    Bug("trailers with CRLF signed", "", "TRAILER-1", "canonical_trailers", lambda s, t: S.canonical_trailers(s, t).replace("\n", "\r\n")),
    Bug("trailers with a hash of nothing", "", "TRAILER-1", "trailer_text", lambda s, b, t: S.trailer_text(s, b, t).replace(f"\n{b}\n", f"\n{b}\n{EMPTY}\n")),
    Bug("trailer names as spelled", "", "TRAILER-1", "trailers", lambda s: [(n, v.strip(" ")) for n, v in s.q["trailers"]]),
    Bug("space after the colon of a trailer", "", "TRAILER-2", "trailer_line", lambda s, n, v: f"{n}: {v}\r\n"),
    Bug("trailers end in LF", "", "TRAILER-2", "trailer_line", lambda s, n, v: f"{n}:{v}\n"),
    # --- event streams and frames
    Bug("event date in microseconds", "", "EVENT-4", "millis", lambda s: S.millis(s) * 1000),
    Bug("headers of an event in another order", "", "EVENT-3", "event_headers", lambda s, d, sig: S.event_headers(s, d, sig)[len(d):] + d),
    Bug("signature of an event as text", "", "EVENT-3", "event_headers", lambda s, d, sig: d + b"\x10:chunk-signature\x07\x00\x40" + sig.encode()),
    Bug("no message that ends the stream", "", "EVENT-3", "asked_events", lambda s: [e for e in S.asked_events(s) if e[1]]),
    Bug("event signed over its signature, too", "", "EVENT-4", "event_text", lambda s, b, d, p: S.event_text(s, b, d + b"\x10:chunk-signature", p)),
    Bug("events not chained", "", "EVENT-5", "event_text", lambda s, b, d, p: S.event_text(s, s.seed, d, p)),
    Bug("events of the request's time", "", "EVENT-4", "event_text", lambda s, b, d, p: S.event_text(s, b, d, p).replace(s.at, s.q["at"])),
    Bug("length of a frame without its CRC", "", "EVENT-1", "frame_of", lambda s, h, p: (len(h) + len(p) + 12).to_bytes(4, "big") + S.frame_of(s, h, p)[4:]),
    Bug("numbers of a frame in the other order", "", "EVENT-1", "frame_of", lambda s, h, p: S.frame_of(s, h, p)[3::-1] + S.frame_of(s, h, p)[4:]),
    Bug("booleans with a byte", "", "EVENT-2", "value_of", lambda s, k, v: b"\x01" if k in (0, 1) else S.value_of(s, k, v)),
    Bug("length of text of four bytes", "", "EVENT-2", "length_of", lambda s, raw: len(raw).to_bytes(4, "big")),
    Bug("integers in the other order", "", "EVENT-2", "value_of", lambda s, k, v: S.value_of(s, k, v)[::-1] if k in (3, 4, 5) else S.value_of(s, k, v)),
    # --- forms and keys
    Bug("policy written again", "", "FORM-1", "encoded_policy", lambda s: base64.b64encode(json.dumps(json.loads(s.q["policy"])).encode()).decode()),
    Bug("Base64 of URLs", "", "FORM-1", "encoded_policy", lambda s: base64.urlsafe_b64encode(s.q["policy"].encode()).decode()),
    Bug("Base64 in lines", "", "FORM-1", "encoded_policy", lambda s: base64.encodebytes(s.q["policy"].encode()).decode()),
    Bug("Base64 without padding", "", "FORM-1", "encoded_policy", lambda s: S.encoded_policy(s).rstrip("=")),
    Bug("policy in Latin-1", "", "FORM-1", "encoded_policy", lambda s: base64.b64encode(s.q["policy"].encode("latin-1", "replace")).decode()),
    Bug("no token in the form", "", "FORM-1", "form_token", lambda s: {}),
    Bug("hash of the policy signed", "", "FORM-1", "form_text", lambda s, t: sha256(t.encode())),
]  # fmt: skip

BUGS_4A = [
    Bug("counter from zero", "", "V4A-2", "first", lambda s: 0),
    Bug("counter as a word", "", "V4A-2", "context", lambda s, c: s.q["access_key_id"].encode() + c.to_bytes(4, "big")),
    Bug("length in bytes", "", "V4A-2", "bits", lambda s: (32).to_bytes(4, "big")),
    Bug("label without its zero", "", "V4A-2", "label", lambda s: A.label(s)[:-1]),
    Bug("no one added", "", "V4A-2", "scalar", lambda s, k: k),
    Bug("key of the other version", "", "V4A-2", "input_key", lambda s: b"AWS4" + s.secret().encode()),
    Bug("key id left out", "", "V4A-2", "context", lambda s, c: bytes([c])),
    Bug("region in the scope", "", "V4A-1", "scope", lambda s: f"{s.day()}/us-east-1/{s.q.get('service', 's3')}/aws4_request"),
    Bug("region set not sent", "", "V4A-1", "region_set", lambda s: []),
    Bug("region set with spaces", "", "V4A-1", "region_set", lambda s: [("X-Amz-Region-Set", s.q["region_set"].replace(",", ", "))]),
    Bug("first region of the set alone", "", "V4A-1", "region_set", lambda s: [("X-Amz-Region-Set", s.q["region_set"].partition(",")[0])]),
    Bug("region set not signed", "", "V4A-1", "is_signed", lambda s, n: n != "x-amz-region-set" and n not in NEVER_SIGNED),
    Bug("r and s as they are", "", "V4A-3", "der", lambda s, r, x: r.to_bytes(32, "big") + x.to_bytes(32, "big")),
    Bug("negative integers", "", "V4A-3", "integer", lambda s, v: bytes([2, 32]) + v.to_bytes(32, "big")),
    Bug("padded integers", "", "V4A-3", "integer", lambda s, v: bytes([2, 33]) + v.to_bytes(33, "big")),
    Bug("s of another text", "", "V4A-3", "der", lambda s, r, x: A.der(s, r, (x + 1) % N)),
    Bug("HMAC in place of ECDSA", "", "V4A-3", "signature", lambda s, t: s.hmac(s.input_key(), t.encode()).hex()),
    Bug("signature of a hash of a hash", "", "V4A-3", "signature", lambda s, t: A.signature(s, sha256(t.encode()))),
    Bug("chunk signatures not padded", "", "CHUNK-V4A-1", "on_the_wire", lambda s, sig: sig),
    Bug("chunk signatures padded with zeros", "", "CHUNK-V4A-1", "on_the_wire", lambda s, sig: sig.ljust(144, "0")),
    Bug("chunk signatures padded in front", "", "CHUNK-V4A-1", "on_the_wire", lambda s, sig: sig.rjust(144, "*")),
    Bug("chunks chained with the padding", "", "CHUNK-V4A-1", "next_before", lambda s, b, sig: sig.ljust(144, "*") if len(sig) < 144 else sig + "*"),
    Bug("strings of chunks of the other version", "", "CHUNK-V4A-1", "chunk_text", lambda s, b, p: S.chunk_text(s, b, p).replace("ECDSA-P256", "HMAC")),
    Bug("strings of trailers of the other version", "", "CHUNK-V4A-1", "trailer_text", lambda s, b, t: S.trailer_text(s, b, t).replace("ECDSA-P256", "HMAC")),
]  # fmt: skip


def test_no_two_bugs_are_alike() -> None:
    names = [bug.name for bug in (*FIRST, *BUGS, *BUGS_4A)]
    assert sorted(set(names)) == sorted(names)
    assert len(names) >= 200


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
@pytest.mark.slow
def test_a_bug_fails_a_case_and_its_rule_is_named(bug: Bug) -> None:
    assert_is_named(bug, V4)


@pytest.mark.parametrize("bug", BUGS_4A, ids=lambda bug: bug.name)
@pytest.mark.slow
def test_a_bug_of_4a_fails_a_case_and_its_rule_is_named(bug: Bug) -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    assert_is_named(bug, V4A)
