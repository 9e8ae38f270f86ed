"""Two checks of a received request: ``Verifier``, and awscrt, which signs the same request again."""

from __future__ import annotations

import datetime
import hashlib
import io
from typing import Any, NamedTuple

from sigv4 import Credentials, SigningError, VerificationError, Verifier
from sigv4.scope import format_timestamp, parse_http_date, parse_timestamp
from tests.capture import Captured
from tests.interop.comparison.inputs import Input

KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
# awscrt never signs these, so it cannot check a request that does.
_AWSCRT_NEVER_SIGNS = frozenset(
    "expect sec-websocket-key sec-websocket-protocol sec-websocket-version transfer-encoding upgrade "
    "user-agent x-amzn-trace-id".split()
)
_ADDED = frozenset(("x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "authorization"))


class Signature(NamedTuple):
    date: str
    names: list[str]
    value: str
    expires: int | None


def signature_of(captured: Captured) -> Signature | None:
    """The parts of the signature in the request, from the header or the query."""
    header = (captured.header("Authorization") or b"").decode("latin-1")
    query = dict(
        part.partition("=")[::2] for part in captured.target.partition("?")[2].split("&") if "=" in part
    )
    if "X-Amz-Signature" in query:
        names = query.get("X-Amz-SignedHeaders", "").replace("%3B", ";").replace("%3b", ";")
        expires = query.get("X-Amz-Expires")
        return Signature(
            query.get("X-Amz-Date", ""), names.split(";"), query["X-Amz-Signature"], int(expires or 0) or None
        )
    parts = dict(part.strip().partition("=")[::2] for part in header.partition(" ")[2].split(","))
    if "Signature" not in parts:
        return None
    date = (captured.header("X-Amz-Date") or b"").decode("latin-1")
    if not date:  # STS-3: without X-Amz-Date, the time is in the Date header
        try:
            moment = (captured.header("Date") or b"").decode("latin-1")
            date = format_timestamp(parse_http_date(moment)) if " " in moment else moment
        except SigningError:
            date = ""
    return Signature(date, parts.get("SignedHeaders", "").split(";"), parts["Signature"], None)


def by_verifier(input_: Input, captured: Captured) -> str:
    """``""`` if a ``Verifier`` accepts the request, else its refusal."""
    found = signature_of(captured)
    try:
        now = parse_timestamp(found.date) if found else 0
    except SigningError as error:
        return f"no date: {error}"
    keys = Credentials(KEY_ID, SECRET, input_.token)
    verifier = Verifier(input_.service, REGION, lambda claim: keys, clock=lambda: now)
    try:
        verifier.verify(captured.method, captured.target, captured.headers, captured.body)
    except VerificationError as error:
        return f"{error.stage} {error.code}"
    return ""


def awscrt_config(
    input_: Input,
    expires: int | None,
    payload: str | None,
    has_payload_header: bool,
    date: datetime.datetime | None = None,
) -> Any:
    """awscrt's settings for a signature in the headers; in the query if it ``expires``."""
    from awscrt import auth

    kinds, places = auth.AwsSignatureType, auth.AwsSignedBodyHeaderType
    s3, query = input_.service == "s3", expires is not None
    return auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=kinds.HTTP_REQUEST_QUERY_PARAMS if query else kinds.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET, input_.token),
        region=REGION,
        service=input_.service,
        date=date,
        use_double_uri_encode=not s3,
        should_normalize_uri_path=not s3,
        signed_body_value=payload,
        signed_body_header_type=places.X_AMZ_CONTENT_SHA_256 if has_payload_header else places.NONE,
        expiration_in_seconds=expires,
    )


def by_awscrt(input_: Input, captured: Captured) -> str | None:
    """``""`` if awscrt makes the same signature, else the difference; None if awscrt cannot sign it."""
    from awscrt import auth, http

    found = signature_of(captured)
    if found is None or not found.date or _AWSCRT_NEVER_SIGNS.intersection(found.names):
        return None
    if "X-Amz-Signature" not in captured.target and not captured.header("X-Amz-Date"):
        return None  # awscrt needs X-Amz-Date, and does not sign Date in place of it
    declared = captured.header("X-Amz-Content-SHA256")
    s3, query = input_.service == "s3", found.expires is not None
    line = (declared or b"").decode("latin-1") or (
        "UNSIGNED-PAYLOAD" if s3 and query else hashlib.sha256(captured.body).hexdigest()
    )
    lower = {name.lower() for name, _ in captured.headers}
    if not set(found.names) <= lower:
        return "a signed header did not arrive"
    headers = [
        (name, value.decode("utf-8", "replace"))
        for name, value in captured.headers
        if name.lower() in found.names and name.lower() not in _ADDED
    ]
    target = captured.target
    if query:
        before, _, rest = target.partition("?")
        kept = [part for part in rest.split("&") if part.partition("=")[0] not in _OWN]
        target = f"{before}?{'&'.join(kept)}" if kept else before
    config = awscrt_config(
        input_,
        found.expires,
        payload=line,
        has_payload_header="x-amz-content-sha256" in found.names,
        date=datetime.datetime.strptime(found.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc),
    )
    try:
        request = http.HttpRequest(
            captured.method, target, http.HttpHeaders(headers), io.BytesIO(captured.body)
        )
        signed = auth.aws_sign_request(request, config).result(timeout=60)
    except Exception as error:  # noqa: BLE001 (the other signer may have sent anything)
        return f"awscrt: {type(error).__name__}"
    text = signed.path if query else dict(signed.headers).get("Authorization", "")
    return "" if text.endswith(found.value) else "another signature"


_OWN = frozenset(
    "X-Amz-Algorithm X-Amz-Credential X-Amz-Date X-Amz-Expires X-Amz-SignedHeaders X-Amz-Security-Token "
    "X-Amz-Signature".split()
)
