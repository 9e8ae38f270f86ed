"""The referees, other implementations to compare with: awscrt and botocore, through their public interfaces."""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Sequence
from typing import NamedTuple

from sigv4 import Claim, Credentials


class Case(NamedTuple):
    """One request to sign; ``params`` is the query in plain text, which ``url`` contains encoded."""

    method: str
    host: str
    path: str
    query: str
    params: dict[str, str]
    headers: list[tuple[str, str]]
    body: bytes
    service: str
    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str | None
    epoch: int

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.target}"

    @property
    def when(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.epoch, datetime.timezone.utc)


def on_file(credentials: Credentials, claim: Claim) -> Credentials:
    """The look-up of a verifier that knows one key; ``partial`` binds the first argument."""
    return credentials


# Both lists were found by signing one header at a time; test_differential checks them.
# awscrt 0.38 signs `connection`, although its sources list it as not signed.
AWSCRT_NEVER_SIGNED = frozenset(
    (
        "expect",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    )
)
BOTOCORE_NEVER_SIGNED = frozenset(
    (
        "baggage",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    )
)


class Awscrt:
    """awscrt's signer for one family; it keeps one provider for each set of credentials."""

    def __init__(self, s3: bool) -> None:
        from awscrt import auth, http

        self.auth, self.http, self.s3 = auth, http, s3
        self.providers: dict[tuple[str, str, str | None], object] = {}

    def sign(self, case: Case) -> dict[str, str]:
        auth = self.auth
        keys = (case.access_key_id, case.secret_access_key, case.session_token)
        if keys not in self.providers:
            self.providers[keys] = auth.AwsCredentialsProvider.new_static(*keys)
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4,
            signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=self.providers[keys],
            region=case.region,
            service=case.service,
            date=case.when,
            use_double_uri_encode=not self.s3,
            should_normalize_uri_path=not self.s3,
            signed_body_value=hashlib.sha256(case.body).hexdigest(),
            signed_body_header_type=(
                auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
                if self.s3
                else auth.AwsSignedBodyHeaderType.NONE
            ),
        )
        headers = self.http.HttpHeaders([("Host", case.host), *case.headers])
        request = self.http.HttpRequest(case.method, case.target, headers, io.BytesIO(case.body))
        signed = auth.aws_sign_request(request, config).result(timeout=60)
        return _answer(list(signed.headers))


class Botocore:
    """botocore's signer for one family; the caller sets its clock with ``freeze``."""

    def __init__(self, s3: bool) -> None:
        from botocore import auth, awsrequest, credentials

        self.auth, self.awsrequest, self.credentials = auth, awsrequest, credentials
        self.signer = auth.S3SigV4Auth if s3 else auth.SigV4Auth

    def sign(self, case: Case) -> dict[str, str]:
        credentials = self.credentials.Credentials(
            case.access_key_id, case.secret_access_key, case.session_token
        )
        request = self.awsrequest.AWSRequest(
            method=case.method,
            url=f"https://{case.host}{case.path}",
            data=case.body,
            params=case.params,
        )
        for name, value in case.headers:
            request.headers.add_header(name, value)
        self.auth.get_current_datetime = lambda remove_tzinfo=True: (
            case.when.replace(tzinfo=None) if remove_tzinfo else case.when
        )
        self.signer(credentials, case.service, case.region).add_auth(request)
        return _answer(list(request.headers.items()))


def _answer(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The headers that a signer adds, by lower-case name."""
    added = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")
    return {name.lower(): value for name, value in headers if name.lower() in added}
