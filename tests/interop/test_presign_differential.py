"""Presigned URLs have the same signatures as those of awscrt and botocore, for generated requests."""

from __future__ import annotations

import hashlib
import io
from functools import partial
from random import Random

import pytest

from sigv4 import DEFAULT, S3, Credentials, Dialect, Signer, Verifier
from tests.interop import generate
from tests.interop.referees import AWSCRT_NEVER_SIGNED, BOTOCORE_NEVER_SIGNED, Case, on_file

pytestmark = pytest.mark.interop

CASES = 5_000


def _presigned(case: Case, expires: int, dialect: Dialect) -> str:
    credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
    signer = Signer(case.service, case.region, credentials, dialect=dialect)
    headers = [(name, value if value.isascii() else value.encode()) for name, value in case.headers]
    body = None if dialect.presign_unsigned else case.body
    return signer.presign(case.method, case.url, headers, body, expires=expires, at=case.epoch)


def _signature(url: str) -> str:
    return url.partition("X-Amz-Signature=")[2].partition("&")[0]


def _dialect(s3: bool, never_signed: frozenset[str]) -> Dialect:
    names = dict.fromkeys(never_signed | {"authorization"}, "this implementation does not sign it")
    return (S3 if s3 else DEFAULT).replace(never_signed=names)


@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
def test_awscrt_s_query_signature(s3: bool) -> None:
    auth, http = pytest.importorskip("awscrt.auth"), pytest.importorskip("awscrt.http")
    dialect = _dialect(s3, AWSCRT_NEVER_SIGNED)
    for seed in range(CASES):
        random = Random(seed)
        case = generate.case(random, s3=s3, encodes=False, never_signed=AWSCRT_NEVER_SIGNED)
        expires = random.randint(1, 604800)
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4,
            signature_type=auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS,
            credentials_provider=auth.AwsCredentialsProvider.new_static(
                case.access_key_id, case.secret_access_key, case.session_token
            ),
            region=case.region,
            service=case.service,
            date=case.when,
            use_double_uri_encode=not s3,
            should_normalize_uri_path=not s3,
            signed_body_value="UNSIGNED-PAYLOAD" if s3 else hashlib.sha256(case.body).hexdigest(),
            expiration_in_seconds=expires,
        )
        headers = http.HttpHeaders([("Host", case.host), *case.headers])
        request = http.HttpRequest(case.method, case.target, headers, io.BytesIO(case.body))
        theirs = auth.aws_sign_request(request, config).result(timeout=60).path
        ours = _presigned(case, expires, dialect)
        assert _signature(ours) == _signature(theirs), (
            f"seed {seed}\n{case}\nours:   {ours}\ntheirs: {theirs}"
        )


@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
def test_botocore_s_query_signature(s3: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = pytest.importorskip("botocore.auth")
    awsrequest = pytest.importorskip("botocore.awsrequest")
    dialect = _dialect(s3, BOTOCORE_NEVER_SIGNED)
    signers = {False: auth.SigV4QueryAuth, True: auth.S3SigV4QueryAuth}
    monkeypatch.setattr(auth, "get_current_datetime", None)
    for seed in range(CASES):
        random = Random(seed)
        case = generate.case(random, s3=s3, encodes=True, never_signed=BOTOCORE_NEVER_SIGNED)
        # botocore's presigner drops parameters without a value and reads the body as parameters.
        params = {name: value for name, value in case.params.items() if name and value}
        case = case._replace(
            params=params, query=generate.encoded(params), headers=case.headers[:2], body=b""
        )
        if len({name.lower() for name, _ in case.headers}) < len(case.headers):
            continue
        expires = random.randint(1, 604800)
        moment = case.when
        auth.get_current_datetime = lambda remove_tzinfo=True, moment=moment: (
            moment.replace(tzinfo=None) if remove_tzinfo else moment
        )
        credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        request = awsrequest.AWSRequest(method=case.method, url=case.url, data=case.body)
        for name, value in case.headers:
            request.headers.add_header(name, value)
        from botocore.credentials import Credentials as Theirs

        keys = Theirs(credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
        signers[s3](keys, case.service, case.region, expires).add_auth(request)
        ours = _presigned(case, expires, dialect)
        # The order of the parameters in the URL is free (URL-5): the signature covers them in sorted order.
        assert _signature(ours) == _signature(request.url), (
            f"seed {seed}\n{case}\nours:   {ours}\ntheirs: {request.url}"
        )


@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
@pytest.mark.slow
def test_our_verifier_accepts_what_we_presign(s3: bool) -> None:
    for seed in range(2_000):
        random = Random(seed)
        made = generate.case(random, s3=s3, encodes=False, never_signed=AWSCRT_NEVER_SIGNED)
        case = generate.below_the_root(made)
        dialect = S3 if s3 else DEFAULT
        credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        signer = Signer(case.service, case.region, credentials)
        headers = [(name, value if value.isascii() else value.encode()) for name, value in case.headers]
        body = None if s3 else case.body
        url = signer.presign(case.method, case.url, headers, body, expires=60, at=case.epoch)
        verifier = Verifier(
            case.service,
            case.region,
            partial(on_file, credentials),
            dialect=dialect,
            clock=partial(float, case.epoch + 60),
        )
        sent = [("Host", case.host), *url.headers_to_send.items()]
        target = url[len(f"https://{case.host}") :]
        assert verifier.verify(case.method, target, sent, body).access_key_id == case.access_key_id
