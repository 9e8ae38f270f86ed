"""Finds faults that the request itself shows, without a key and without a server's answer."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from ..authorization import V4
from ..headers import length_of
from ..hosts import names_of_host, takes_only_v4a
from ..payload import EMPTY_SHA256, HEX_DIGITS, LITERALS, is_sha256
from ..scope import TERMINATOR
from ..signing_names import right_service
from .findings import LIKELY, POSSIBLE, PROVED, finding
from .hypotheses import cause_of_header
from .masking import secret_in_credential
from .other_mechanisms import UNSET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evidence import Examined
    from .findings import Finding


def plain_faults(request: Examined, now: float | None) -> Iterator[Finding]:
    """Faults that every server refuses, whatever the key is."""
    yield from _faults_of_scope(request)
    yield from _faults_of_headers(request)
    yield from _faults_of_token(request)
    yield from _faults_of_payload(request)
    if request.seconds is None:
        date = request.draft.timestamp
        yield finding("VERIFY-9", PROVED, f"the date is {shown(date)!r}{_form_of_date(date)}")
    elif now is not None:
        yield from _fault_of_clock(request, request.seconds, int(now))
    if wants_v4a(request):
        yield finding("FAIL-45", LIKELY, f"the host is {shown(request.evidence.lines.get('host', ''))!r}")
    signature = request.signature
    if not HEX_DIGITS.issuperset(signature):
        upper = request.draft.algorithm == V4 and HEX_DIGITS.issuperset(signature.lower())
        said = "the Signature is in upper case" if upper else "the Signature is not lower-case hex"
        yield finding("FAIL-31", PROVED, said, "write the 64 hex digits in lower case" if upper else "")
    elif request.draft.algorithm == V4 and len(signature) != 64:
        said = f"the Signature has {len(signature)} digits, and should have 64"
        cut = request.evidence.presigned and len(signature) < 64
        if cut:
            yield finding("FAIL-40", PROVED, f"{said}: the URL was cut", "copy the whole URL")
        else:
            yield finding("FAIL-31", PROVED, said)


def _form_of_date(date: str) -> str:
    if "," in date or "GMT" in date:
        return ", an HTTP date"
    if "." in date:
        return ", with a fraction of a second"
    if "-" in date or ":" in date or "+" in date[1:]:
        return ", in extended form or with an offset"
    if date.isdigit():
        return ", epoch seconds or a day alone"
    return ""


def _faults_of_scope(request: Examined) -> Iterator[Finding]:
    parts = request.credential.split("/")
    said = f"the Credential is {shown(request.credential)!r}"
    key_id = parts[0].strip().lower()
    if not key_id or key_id in UNSET:
        fix = "load the credentials before signing: the access key id was never set"
        yield finding("TOKEN-4", PROVED, f"{said}: it has no access key id", fix)
    if secret := secret_in_credential(request.credential):
        told = "the access key id has the form of a secret access key"
        fix = "the two are exchanged where they are set: the id of AWS has 20 characters, the secret 40"
        yield finding("TOKEN-4", LIKELY, told, fix)
        said = said.replace(secret, "***")
    if "%2f" in request.credential.lower():
        fix = "escape the '/' of the Credential once: '%2F' in the URL, and nothing in a header"
        yield finding("FAIL-40", PROVED, f"{said}: it was escaped twice", fix)
    elif len(parts) != (5 if request.draft.algorithm == V4 else 4) or parts[-1] != TERMINATOR:
        cut = request.evidence.presigned and len(parts) < 5
        yield finding("FAIL-38", PROVED, said, "copy the whole URL: it may have been cut" if cut else "")
    elif request.seconds is not None and parts[1] != request.draft.timestamp[:8]:
        is_day = len(parts[1]) == 8 and parts[1].isdigit()
        yield finding(
            "FAIL-30" if is_day else "FAIL-38", PROVED, f"{said}, the time {request.draft.timestamp!r}"
        )
    service = request.evidence.service
    right = right_service(service) if service else ""
    if right and service not in names_of_host(request.evidence.lines.get("host", ""))[1]:
        said = f"{service!r} is not a signing name"
        yield finding("FAIL-28", LIKELY, said, f"sign for the service {right!r}")


def _faults_of_headers(request: Examined) -> Iterator[Finding]:
    lines, dialect, presigned = request.evidence.lines, request.evidence.dialect, request.evidence.presigned
    lower = [name.lower() for name in request.signed_names]
    if list(request.signed_names) != sorted(set(lower)):
        doubled = sorted(name for name, times in Counter(lower).items() if times > 1)
        said = f"SignedHeaders is {shown(request.draft.signed_headers)!r}"
        yield finding("FAIL-37", PROVED, f"{said}: {doubled[0]!r} is there twice" if doubled else said)
    for name in request.missing:
        if name:
            yield finding(
                cause_of_header(name.lower(), presigned=presigned), LIKELY, f"{name!r} is signed but missing"
            )
    token, signed = request.evidence.token_name.lower(), frozenset(lower)
    for name in lines:
        if name in signed or not (name == "host" or name.startswith("x-amz-")):
            continue
        if name == "x-amz-content-sha256" and not presigned:
            said = "'x-amz-content-sha256' is present but not signed: S3 accepts that, other services do not"
            yield finding("VERIFY-8", LIKELY, said)
        elif name != token:
            yield finding(
                "FAIL-40" if presigned else "VERIFY-8", PROVED, f"{name!r} is present but not signed"
            )
    if token in lines and token not in signed and dialect.sign_token:
        yield _unsigned_token(request, token)
    if dialect.content_sha256 and not presigned and "x-amz-content-sha256" not in lines:
        yield finding("FAIL-36", PROVED, f"{request.evidence.service} requires it")


def _unsigned_token(request: Examined, name: str) -> Finding:
    said = f"{name!r} is present but not signed"
    if request.evidence.service == "execute-api":  # its generated SDKs add the token after signing
        return finding("FAIL-23", LIKELY, f"{said}; API Gateway accepts that")
    return finding("FAIL-23", PROVED, said)


def _faults_of_token(request: Examined) -> Iterator[Finding]:
    token, name = request.token, request.evidence.token_name
    credentials = request.evidence.credentials
    if token and credentials is not None and credentials.token_name != name:
        right = credentials.token_name
        said = f"the session token is sent as {name}; credentials of this kind send it as {right}"
        yield finding("FAIL-23", PROVED, said, f"send it as {right} (TOKEN-3)")
    if token == "":
        yield finding("FAIL-23", PROVED, "the session token is present but empty")
    elif token is not None and (
        token.strip().lower() in UNSET or token.strip("<>{}$ ").lower() == name.lower()
    ):
        yield finding("FAIL-23", PROVED, f"the session token is the text {token!r}: it was never set")
    elif token is None and request.access_key_id.startswith("ASIA"):
        certainty = LIKELY if len(request.access_key_id) == 20 else POSSIBLE  # the length of AWS's own ids
        said = f"the access key {request.access_key_id!r} is temporary, and no session token is sent"
        yield finding("FAIL-23", certainty, said)


def _faults_of_payload(request: Examined) -> Iterator[Finding]:
    """X-Amz-Content-SHA256 that does not match the body; Content-Length that does not match the capture."""
    evidence = request.evidence
    body, declared = evidence.body, evidence.lines.get("x-amz-content-sha256")
    if is_cut(request):
        said = (
            f"Content-Length is {shown(evidence.lines['content-length'])}, and the capture holds {len(body)} "
            "bytes"
        )
        yield finding("FAIL-56", LIKELY, said)
        return
    if declared is None or evidence.presigned or declared in LITERALS:
        return
    if not is_sha256(declared):
        form = "in upper case" if is_sha256(declared.lower()) else "not 64 hex digits"
        if len(declared) == 44 and declared.endswith("="):
            form = "in Base64"
        yield finding("FAIL-34", PROVED, f"x-amz-content-sha256 is {form}: {shown(declared)!r}")
    elif declared != sha256(body).hexdigest():
        if declared == EMPTY_SHA256 and request.draft.is_bodiless:
            yield finding(
                "FAIL-33", PROVED, f"x-amz-content-sha256 is that of no bytes, the body has {len(body)}"
            )
            return
        empty = "is that of no bytes" if declared == EMPTY_SHA256 else "is not the body's"
        said = f"x-amz-content-sha256 {empty}; the body has {len(body)} bytes"
        gone = not body and "content-length" not in evidence.lines
        yield finding("FAIL-56" if gone else "FAIL-32", LIKELY if gone else PROVED, said)


def is_cut(request: Examined) -> bool:
    """Whether the captured body has another length than the request declares."""
    evidence = request.evidence
    length = length_of(evidence.lines.get("content-length", ""))
    encoded = "content-encoding" in evidence.lines or "transfer-encoding" in evidence.lines
    short = length is not None and len(evidence.body) < length
    return short and not encoded and (not evidence.body or not evidence.credentials)


def _fault_of_clock(request: Examined, seconds: int, now: int) -> Iterator[Finding]:
    window = request.evidence.dialect.window
    if seconds > now + window or (request.expires is None and seconds < now - window):
        yield finding("FAIL-29", LIKELY, f"the request is {seconds - now:+d} s from the server's clock")
    elif request.expires is not None and seconds + request.expires < now:
        yield finding("URL-2", PROVED, f"it expired {now - seconds - request.expires} s ago")


def wants_v4a(request: Examined) -> bool:
    """Whether a Version 4 signature was sent to a host that accepts only 4A."""
    return request.draft.algorithm == V4 and takes_only_v4a(request.evidence.lines.get("host", ""))


def shown(text: str) -> str:
    """``text``, shortened for a message."""
    return text if len(text) <= 300 else f"{text[:300]}…"
