"""Known bugs in a small signer test the kit: each fails a case, and the report names its rule."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable

import pytest

from sigv4 import V4, V4A
from sigv4.auditing.conformance import ask
from tests.sigv4.auditing.mutants import Bug, assert_is_named, cases, right
from tests.small_signer import EMPTY, NEVER_SIGNED, SmallSigner, as_line, sha256

S = SmallSigner


def quoted(safe: str) -> Callable[[SmallSigner, bytes, str], str]:
    """Python's ``quote`` with more safe bytes."""

    def quote(self: SmallSigner, data: bytes, keep: str = "") -> str:
        return urllib.parse.quote(data, safe=safe + keep)

    return quote


BUGS = [
    # --- the path
    Bug("path encoded once", "FAIL-01", "CR-PATH-2", "path", lambda s, w: s.s3_path(w) if s.is_s3() else s.escape(s.decode(s.normalize(w)), "/")),
    Bug("path encoded thrice", "FAIL-02", "CR-PATH-2", "path", lambda s, w: S.path(s, w) if s.is_s3() else s.escape(S.path(s, w).encode(), "/")),
    Bug("S3 path encoded twice", "FAIL-03", "CR-PATH-4", "s3_path", lambda s, w: s.escape(w.encode(), "/")),
    Bug("escaped slash decoded", "FAIL-04", "CR-PATH-2", "path", lambda s, w: S.path(s, w.replace("%2F", "/"))),
    Bug("reserved characters left raw", "FAIL-05", "CR-PATH-2", "escape", quoted("!'()*~")),
    Bug("colon left raw", "FAIL-05", "CR-PATH-2", "path", lambda s, w: S.path(s, w).replace("%3A", ":")),
    Bug("tilde escaped", "FAIL-06", "CR-PATH-6", "escape", lambda s, d, keep="": S.escape(s, d, keep).replace("~", "%7E")),
    Bug("lower-case escapes", "FAIL-07", "CR-PATH-2", "escape", lambda s, d, keep="": _lower(S.escape(s, d, keep))),
    Bug("dots kept", "FAIL-13", "CR-PATH-3", "normalize", lambda s, w: w),
    Bug("empty segments kept", "FAIL-13", "CR-PATH-3", "normalize", lambda s, w: S.normalize(s, w) if "//" not in w else w),
    Bug("S3 path normalized", "FAIL-13", "CR-PATH-4", "s3_path", lambda s, w: S.s3_path(s, s.normalize(w))),
    Bug("final slash dropped", "", "CR-PATH-3", "normalize", lambda s, w: S.normalize(s, w).rstrip("/") or "/"),
    Bug("escaped dots normalized", "", "CR-PATH-3", "normalize", lambda s, w: S.normalize(s, w.replace("%2E", ".").replace("%2e", "."))),
    Bug("dot files dropped", "", "CR-PATH-3", "normalize", lambda s, w: "/".join(p for p in S.normalize(s, w).split("/") if p[:1] != ".") or "/"),
    Bug("empty path signed as it is", "", "CR-PATH-1", "path", lambda s, w: "" if w == "/" and s.q["url"].count("/") == 2 else S.path(s, w)),
    Bug("query in the path", "", "CR-QUERY-1", "path", lambda s, w: S.path(s, w + ("?" if s.split()[2] else ""))),
    # --- the query
    Bug("space signed as plus", "FAIL-08", "CR-QUERY-1", "recode", lambda s, t: S.recode(s, t).replace("%20", "+")),
    Bug("escaped plus read as space", "FAIL-09", "CR-QUERY-3", "recode", lambda s, t: S.recode(s, t).replace("%2B", "%20")),
    Bug("query not sorted", "FAIL-10", "CR-QUERY-2", "order", lambda s, p: p),
    Bug("query sorted as joined text", "FAIL-10", "CR-QUERY-2", "order", lambda s, p: sorted(p, key="=".join)),
    Bug("query sorted by name alone", "FAIL-10", "CR-QUERY-2", "order", lambda s, p: sorted(p, key=lambda pair: pair[0])),
    Bug("query sorted before encoding", "FAIL-10", "CR-QUERY-2", "order", lambda s, p: sorted(p, key=lambda pair: (s.decode(pair[0]), s.decode(pair[1])))),
    Bug("query sorted without case", "FAIL-10", "CR-QUERY-2", "order", lambda s, p: sorted(p, key=lambda pair: (pair[0].lower(), pair[1]))),
    Bug("flag without equals sign", "FAIL-11", "CR-QUERY-1", "query", lambda s, p: "&".join(n if not v else f"{n}={v}" for n, v in s.order(p))),
    Bug("empty values dropped", "FAIL-11", "CR-QUERY-1", "pairs", lambda s, q: [pair for pair in S.pairs(s, q) if pair[1]]),
    Bug("first of repeated parameters kept", "FAIL-11", "CR-QUERY-2", "pairs", lambda s, q: list(dict(reversed(S.pairs(s, q))).items())),
    Bug("slash left raw in values", "FAIL-12", "CR-QUERY-1", "recode", lambda s, t: S.recode(s, t).replace("%2F", "/")),
    Bug("equals sign encoded twice", "FAIL-12", "CR-QUERY-1", "recode", lambda s, t: S.recode(s, t).replace("%3D", "%253D")),
    Bug("query copied from the wire", "FAIL-12", "CR-QUERY-1", "recode", lambda s, t: t),
    Bug("semicolon separates", "", "CR-QUERY-5", "parts", lambda s, q: [p for p in q.replace(";", "&").split("&") if p]),
    Bug("stray equals sign for empty parts", "", "CR-QUERY-4", "parts", lambda s, q: q.split("&") if q else []),
    # --- headers
    Bug("default port signed", "FAIL-14", "CR-HDR-6", "host", lambda s, scheme, a: a.rpartition("@")[2].lower()),
    Bug("every port dropped", "FAIL-14", "CR-HDR-6", "host", lambda s, scheme, a: S.host(s, scheme, a) if "]" in a else S.host(s, scheme, a).partition(":")[0]),
    Bug("host as written", "", "CR-HDR-6", "host", lambda s, scheme, a: a.rpartition("@")[2] if a.lower() != a else S.host(s, scheme, a)),
    Bug("user-info in the host", "", "CR-HDR-6", "host", lambda s, scheme, a: a.lower() if "@" in a else S.host(s, scheme, a)),
    Bug("user-agent signed", "FAIL-16", "CR-HDR-5", "is_signed", lambda s, n: n == "user-agent" or n not in NEVER_SIGNED),
    Bug("trace id signed", "FAIL-16", "CR-HDR-5", "is_signed", lambda s, n: n == "x-amzn-trace-id" or n not in NEVER_SIGNED),
    Bug("expect signed", "FAIL-17", "CR-HDR-5", "is_signed", lambda s, n: n == "expect" or n not in NEVER_SIGNED),
    Bug("only host and x-amz signed", "", "CR-HDR-5", "is_signed", lambda s, n: n == "host" or n.startswith("x-amz-")),
    Bug("values not collapsed", "FAIL-20", "CR-HDR-2", "value", lambda s, t: t.strip(" \t")),
    Bug("values not trimmed", "FAIL-20", "CR-HDR-2", "value", lambda s, t: " " + S.value(s, t) if t[:1] == " " else S.value(s, t)),
    Bug("quoted text kept", "FAIL-20", "CR-HDR-3", "value", lambda s, t: t.strip(" ") if '"' in t else S.value(s, t)),
    Bug("tab is data", "FAIL-20", "CR-HDR-4", "value", lambda s, t: S.value(s, t.replace("\t", "\x00")).replace("\x00", "\t")),
    Bug("values joined with a space", "FAIL-21", "CR-HDR-2", "join", lambda s, v: ", ".join(s.value(each) for each in v)),
    Bug("values sorted", "FAIL-21", "CR-HDR-2", "join", lambda s, v: ",".join(sorted(s.value(each) for each in v))),
    Bug("last value alone", "FAIL-21", "CR-HDR-2", "join", lambda s, v: s.value(v[-1])),
    Bug("values in lower case", "", "CR-HDR-2", "value", lambda s, t: S.value(s, t).lower()),
    Bug("Latin-1 signed", "FAIL-22", "CR-HDR-8", "encode", lambda s, t: t.encode("latin-1", "replace")),
    Bug("names in upper case", "FAIL-37", "CR-HDR-1", "signed_headers", lambda s, lines: ";".join(name.title() for name in sorted(lines))),
    Bug("names not sorted", "FAIL-37", "CR-HDR-1", "names", lambda s, lines: list(lines)),
    Bug("final semicolon", "FAIL-37", "CR-HDR-1", "signed_headers", lambda s, lines: ";".join(sorted(lines)) + ";"),
    # --- token
    Bug("token not sent", "FAIL-23", "TOKEN-1", "token", lambda s: []),
    Bug("token added after signing", "FAIL-23", "TOKEN-1", "signs_token", lambda s: False),
    Bug("token signed where the service removes it", "FAIL-24", "TOKEN-2", "signs_token", lambda s: True),
    Bug("token under the usual name at S3 Express", "", "TOKEN-3", "token", lambda s: [("X-Amz-Security-Token", s.q["session_token"])] if s.q["session_token"] else []),
    # --- key, scope, string to sign
    Bug("secret with a line end", "FAIL-25", "KEY-1", "secret", lambda s: S.secret(s) + "\n"),
    Bug("secret with plus as space", "FAIL-25", "KEY-1", "secret", lambda s: S.secret(s).replace("+", " ")),
    Bug("secret cut at 40", "FAIL-25", "KEY-1", "secret", lambda s: S.secret(s)[:40]),
    Bug("day of another clock", "FAIL-30", "STS-2", "day", lambda s: "20991231"),
    Bug("hex between the HMACs", "FAIL-31", "KEY-1", "keys", lambda s: _hex_keys(s)),
    Bug("AWS4 missing", "FAIL-31", "KEY-1", "keys", lambda s: _keys(s, s.secret().encode())),
    Bug("region and service swapped in the key", "FAIL-31", "KEY-1", "key_parts", lambda s: [s.day(), s.q.get("service", "s3"), s.q["region"], "aws4_request"]),
    Bug("terminator left out of the key", "FAIL-31", "KEY-1", "key_parts", lambda s: S.key_parts(s)[:3]),
    Bug("signature in Base64", "FAIL-31", "KEY-2", "signature", lambda s, t: base64.b64encode(bytes.fromhex(S.signature(s, t))).decode()),
    Bug("signature in upper case", "", "KEY-2", "signature", lambda s, t: S.signature(s, t).upper()),
    Bug("key id in the scope that is signed", "FAIL-38", "STS-2", "string_to_sign", lambda s, r: S.string_to_sign(s, r).replace(s.scope(), s.credential())),
    Bug("scope in another order", "FAIL-38", "STS-2", "scope", lambda s: f"{s.day()}/{s.q.get('service', 's3')}/{s.q['region']}/aws4_request"),
    Bug("empty line missing", "FAIL-39", "CR-FORMAT", "block", lambda s, lines: S.block(s, lines)[:-1]),
    Bug("line end after the canonical request", "FAIL-39", "CR-FORMAT", "canonical_request", lambda s, *a: S.canonical_request(s, *a) + "\n"),
    Bug("CRLF for LF", "FAIL-39", "CR-FORMAT", "canonical_request", lambda s, *a: S.canonical_request(s, *a).replace("\n", "\r\n")),
    Bug("line end after the string to sign", "FAIL-39", "CR-FORMAT", "string_to_sign", lambda s, r: S.string_to_sign(s, r) + "\n"),
    Bug("UTF-16", "FAIL-46", "CR-FORMAT", "encode", lambda s, t: t.encode("utf-16-le")),
    Bug("no space after the algorithm", "", "AUTHZ-1", "authorization", lambda s, lines, sig: S.authorization(s, lines, sig).replace(" Credential", ",Credential")),
    # --- the payload
    Bug("body hashed as empty", "FAIL-32", "PAYLOAD-1", "body", lambda s: b""),
    Bug("body with other line ends", "FAIL-32", "PAYLOAD-1", "body", lambda s: S.body(s).replace(b"\r\n", b"\n")),
    Bug("body of GET ignored", "FAIL-33", "PAYLOAD-1", "payload", lambda s, b: EMPTY if s.q["method"] in ("GET", "DELETE") and s.q["service"] != "vpc-lattice-svcs" else S.payload(s, b)),
    Bug("payload line in upper case", "FAIL-34", "PAYLOAD-1", "payload", lambda s, b: S.payload(s, b).upper()),
    Bug("payload line in Base64", "FAIL-34", "PAYLOAD-1", "payload", lambda s, b: base64.b64encode(bytes.fromhex(sha256(b))).decode()),
    Bug("unsigned payload everywhere", "FAIL-35", "PAYLOAD-1", "payload", lambda s, b: "UNSIGNED-PAYLOAD"),
    Bug("hash where VPC Lattice accepts none", "FAIL-35", "PAYLOAD-4", "payload", lambda s, b: sha256(b)),
    Bug("hash header missing", "FAIL-36", "PAYLOAD-4", "needs_header", lambda s: False),
    # --- presigned URLs
    Bug("hash of the body for S3 URLs", "", "URL-3", "presigned_payload", lambda s: s.payload(s.body())),
    Bug("UNSIGNED-PAYLOAD in every URL", "FAIL-35", "URL-3", "presigned_payload", lambda s: "UNSIGNED-PAYLOAD"),
    Bug("slash of Credential left raw", "", "URL-1", "escape_parameter", lambda s, v: s.escape(v.encode(), "/")),
    Bug("another expiry than asked", "", "URL-2", "life", lambda s: "3600"),
    # --- streams
    Bug("chunks chained to the seed", "FAIL-49", "CHUNK-3", "next_before", lambda s, before, signature: before),
    Bug("no hash of nothing in a chunk", "FAIL-49", "CHUNK-3", "chunk_text", lambda s, b, p: S.chunk_text(s, b, p).replace(f"\n{EMPTY}\n", "\n")),
    Bug("chunk length in decimal", "", "CHUNK-4", "chunk_head", lambda s, size: str(size)),
    Bug("end of the body missing", "", "CHUNK-4", "end", lambda s: b""),
    Bug("trailers not sorted", "", "TRAILER-1", "canonical_trailers", lambda s, t: "".join(f"{n}:{v}\n" for n, v in t)),
    Bug("trailers joined without final LF", "", "TRAILER-1", "canonical_trailers", lambda s, t: S.canonical_trailers(s, t)[:-1]),
    Bug("trailers signed as a chunk", "", "TRAILER-1", "trailer_text", lambda s, b, t: S.trailer_text(s, b, t).replace("-TRAILER", "-PAYLOAD")),
    Bug("trailer not trimmed", "", "TRAILER-1", "trailers", lambda s: [(n.lower(), v) for n, v in s.q["trailers"]]),
    Bug("event without -PAYLOAD", "", "EVENT-4", "event_text", lambda s, *a: S.event_text(s, *a).replace("-PAYLOAD", "", 1)),
    Bug("event date in seconds", "", "EVENT-4", "millis", lambda s: S.millis(s) // 1000),
    Bug("event key of the first day", "", "EVENT-5", "day", lambda s: s.q["at"][:8] if "at" in s.q else s.at[:8]),
    Bug("event CRC of nothing", "", "EVENT-1", "frame_of", lambda s, h, p: S.frame_of(s, h, p)[:-4] + bytes(4)),
    Bug("policy signed as text", "", "FORM-1", "form_text", lambda s, t: s.q["policy"]),
]  # fmt: skip


def _lower(text: str) -> str:
    first, *rest = text.split("%")
    return first + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _keys(signer: SmallSigner, key: bytes) -> list[bytes]:
    keys = []
    for part in signer.key_parts():
        key = signer.hmac(key, part.encode())
        keys.append(key)
    return keys


def _hex_keys(signer: SmallSigner) -> list[bytes]:
    key, keys = ("AWS4" + signer.secret()).encode(), []
    for part in signer.key_parts():
        key = signer.hmac(key, part.encode()).hex().encode()
        keys.append(key)
    return keys


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", [V4, V4A])
def test_the_small_signer_itself_passes_every_case(algorithm: str) -> None:
    if algorithm == V4A:
        pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    answered = right(algorithm)
    failed = [
        (found.case.id, found.detail)
        for found in ask(cases(algorithm), lambda case: as_line(answered[case.id]))
        if not found.passed
    ]
    assert failed == []
    assert len(answered) > (180 if algorithm == V4 else 30)


def test_there_are_enough_bugs_and_no_two_are_alike() -> None:
    assert len(BUGS) >= 60
    assert len({bug.name for bug in BUGS}) == len(BUGS)
    assert len({bug.cause for bug in BUGS} - {""}) >= 30


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
@pytest.mark.slow
def test_a_known_bug_fails_a_case_and_its_rule_is_named(bug: Bug) -> None:
    assert_is_named(bug)
