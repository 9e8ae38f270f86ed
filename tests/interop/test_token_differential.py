"""Compares the three forms of a session token: signed (TOKEN-1), added after signing (TOKEN-2), of S3 Express (TOKEN-3)."""

from __future__ import annotations

import hashlib
import io
from random import Random
from typing import Any

import pytest

from sigv4 import DEFAULT, Credentials, Dialect, Signer, Verifier
from sigv4.dialects import S3_EXPRESS
from tests.interop import generate
from tests.interop.referees import AWSCRT_NEVER_SIGNED, BOTOCORE_NEVER_SIGNED, Case

pytestmark = pytest.mark.interop

CASES = 3_000  # of each form, header and query


def _case(seed: int, *, s3: bool, never_signed: frozenset[str]) -> Case:
    random = Random(seed)
    made = generate.case(random, s3=s3, encodes=s3, never_signed=never_signed)
    case = generate.below_the_root(made)  # so that every request can be verified
    token = "".join(random.choices("ABCxyz019+/=", k=random.randint(1, 400)))
    return case._replace(session_token=token)


def _credentials(case: Case) -> Credentials:
    made = Credentials.of_s3_express_session if case.service == "s3express" else Credentials
    return made(case.access_key_id, case.secret_access_key, case.session_token or "")


def _signed(case: Case, dialect: Dialect, expires: int | None) -> Any:
    credentials = _credentials(case)
    signer = Signer(case.service, case.region, credentials, dialect=dialect)
    headers = [(name, value if value.isascii() else value.encode()) for name, value in case.headers]
    body = None if expires is not None and dialect.presign_unsigned else case.body
    return signer.explain(case.method, case.url, headers, body, at=case.epoch, expires=expires)


def _verify(case: Case, dialect: Dialect, url: str, headers: Any) -> None:
    credentials = _credentials(case)
    verifier = Verifier(
        case.service, case.region, lambda claim: credentials, dialect=dialect, clock=lambda: case.epoch
    )
    sent = [
        (name, value if isinstance(value, bytes) or value.isascii() else value.encode())
        for name, value in headers
    ]
    assert verifier.verify(case.method, url, sent, case.body).access_key_id == case.access_key_id


@pytest.mark.parametrize("query", [False, True], ids=["header", "query"])
@pytest.mark.parametrize("sign_token", [True, False], ids=["signed", "unsigned"])
def test_token_1_2_awscrt_signs_or_leaves_out_the_token_as_we_do(sign_token: bool, query: bool) -> None:
    auth, http = pytest.importorskip("awscrt.auth"), pytest.importorskip("awscrt.http")
    never_signed = dict.fromkeys(
        AWSCRT_NEVER_SIGNED | {"authorization"}, "this implementation does not sign it"
    )
    dialect = DEFAULT.replace(never_signed=never_signed, sign_token=sign_token)
    kinds = auth.AwsSignatureType
    for seed in range(CASES):
        case = _case(seed, s3=False, never_signed=AWSCRT_NEVER_SIGNED)
        expires = 1 + seed if query else None
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4,
            signature_type=kinds.HTTP_REQUEST_QUERY_PARAMS if query else kinds.HTTP_REQUEST_HEADERS,
            credentials_provider=auth.AwsCredentialsProvider.new_static(
                case.access_key_id, case.secret_access_key, case.session_token
            ),
            region=case.region,
            service=case.service,
            date=case.when,
            signed_body_value=hashlib.sha256(case.body).hexdigest(),
            expiration_in_seconds=expires,
            omit_session_token=not sign_token,
        )
        headers = http.HttpHeaders([("Host", case.host), *case.headers])
        request = http.HttpRequest(case.method, case.target, headers, io.BytesIO(case.body))
        theirs = auth.aws_sign_request(request, config).result(timeout=60)
        ours = _signed(case, dialect, expires)
        where = f"seed {seed}\n{case}\n{ours}"
        if query:
            assert f"X-Amz-Signature={ours.signature}" in theirs.path, where
        else:
            assert theirs.headers.get("Authorization") == ours.headers["Authorization"], where
        if seed % 10 == 0:
            _verify(case, dialect, theirs.path, list(theirs.headers))


@pytest.mark.parametrize("query", [False, True], ids=["header", "query"])
def test_token_3_botocore_signs_s3_express_as_we_do(query: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = pytest.importorskip("botocore.auth")
    awsrequest = pytest.importorskip("botocore.awsrequest")
    keys = pytest.importorskip("botocore.credentials")
    never_signed = dict.fromkeys(
        BOTOCORE_NEVER_SIGNED | {"authorization"}, "this implementation does not sign it"
    )
    dialect = S3_EXPRESS.replace(never_signed=never_signed)
    monkeypatch.setattr(auth, "get_current_datetime", None)
    for seed in range(CASES):
        case = _case(seed, s3=True, never_signed=BOTOCORE_NEVER_SIGNED)._replace(service="s3express")
        # botocore's presigner drops parameters without a value and reads the body as parameters.
        params = {name: value for name, value in case.params.items() if name and value}
        case = case._replace(params=params, query=generate.encoded(params), body=b"" if query else case.body)
        if len({name.lower() for name, _ in case.headers}) < len(case.headers):
            continue
        moment = case.when
        auth.get_current_datetime = lambda remove_tzinfo=True, moment=moment: (
            moment.replace(tzinfo=None) if remove_tzinfo else moment
        )
        request = awsrequest.AWSRequest(method=case.method, url=case.url, data=case.body)
        for name, value in case.headers:
            request.headers.add_header(name, value)
        theirs = keys.Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        if query:
            auth.S3ExpressQueryAuth(
                theirs, case.service, case.region, identity_cache=None, expires=300
            ).add_auth(request)
        else:
            auth.S3ExpressAuth(theirs, case.service, case.region, identity_cache=None).add_auth(request)
        ours = _signed(case, dialect, 300 if query else None)
        where = f"seed {seed}\n{case}\n{ours}"
        if query:
            assert f"X-Amz-Signature={ours.signature}" in request.url, where
        else:
            assert request.headers["Authorization"].endswith(f"Signature={ours.signature}"), where
        if seed % 10 == 0 and query:
            _verify(case, dialect, ours.url, [("Host", case.host), *ours.url.headers_to_send.items()])
        elif seed % 10 == 0:
            _verify(case, dialect, case.target, [("Host", case.host), *request.headers.items()])
