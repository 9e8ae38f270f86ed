"""4A compared with awscrt: each side accepts the other's signatures, for generated keys and requests.

awscrt does not show the private key that it derives. But its signature is valid for this package's public key only if
both derive the same private key.
"""

from __future__ import annotations

import hashlib
import io
import re
import string
from functools import partial
from random import Random
from typing import Any, NamedTuple

import pytest

from sigv4 import DEFAULT, S3, V4A, Credentials, Signer, Verifier, v4a
from sigv4.canonical import canonical_path, canonical_query, canonical_request
from sigv4.explanation import Explanation
from sigv4.headers import HeaderSet
from sigv4.percent import unescape
from sigv4.scope import parse_timestamp
from tests.interop import generate
from tests.interop.referees import AWSCRT_NEVER_SIGNED, Case, on_file
from tests.vectors import Vector, read

pytestmark = pytest.mark.interop

CASES = 2_500  # of each of the four forms
REGION_SETS = ("*", "us-east-1", "us-east-1,us-west-2", "us-*", "eu-*,us-gov-west-1")
LOWER_HEX = re.compile("([0-9a-f]{2})*")
# SubjectPublicKeyInfo of an uncompressed point of P-256 (RFC 5480), up to its x and y.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


class Stages(NamedTuple):
    """The parts of a signed request that a verifier reads."""

    algorithm: str
    credential: str
    text: str
    signature: str


def _sign(case: Case, region_set: str, *, s3: bool, expires: int | None) -> Any:
    """The request that awscrt would send."""
    auth, http = pytest.importorskip("awscrt.auth"), pytest.importorskip("awscrt.http")
    query = expires is not None
    kinds, places = auth.AwsSignatureType, auth.AwsSignedBodyHeaderType
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC,
        signature_type=kinds.HTTP_REQUEST_QUERY_PARAMS if query else kinds.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(
            case.access_key_id, case.secret_access_key, case.session_token
        ),
        region=region_set,
        service=case.service,
        date=case.when,
        use_double_uri_encode=not s3,
        should_normalize_uri_path=not s3,
        signed_body_value=_payload(case, s3 and query),
        signed_body_header_type=places.X_AMZ_CONTENT_SHA_256 if s3 and not query else places.NONE,
        expiration_in_seconds=expires,
    )
    headers = http.HttpHeaders([("Host", case.host), *map(tuple, case.headers)])
    request = http.HttpRequest(case.method, case.target, headers, io.BytesIO(case.body))
    return auth.aws_sign_request(request, config).result(timeout=60)


def _payload(case: Case, unsigned: bool) -> str:
    return "UNSIGNED-PAYLOAD" if unsigned else hashlib.sha256(case.body).hexdigest()


def _read(signed: Any, case: Case, *, s3: bool, query: bool) -> Stages:
    """The parts of the signed request, and its canonical request, which this package makes."""
    path, _, wire_query = signed.path.partition("?")
    headers = [(name, value if value.isascii() else value.encode()) for name, value in signed.headers]
    lines = HeaderSet(headers).canonical
    if query:
        wire_query, _, signature = wire_query.rpartition("&X-Amz-Signature=")
        parts = dict(pair.split("=") for pair in canonical_query(wire_query).split("&"))
        algorithm = parts["X-Amz-Algorithm"]
        credential, date = unescape(parts["X-Amz-Credential"]), parts["X-Amz-Date"]
        signed_headers = unescape(parts["X-Amz-SignedHeaders"])
    else:
        algorithm, _, rest = lines["authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(", "))
        credential, signed_headers = parts["Credential"], parts["SignedHeaders"]
        signature, date = parts["Signature"], lines["x-amz-date"]
    request = canonical_request(
        case.method,
        canonical_path(path, S3 if s3 else DEFAULT),
        canonical_query(wire_query),
        lines,
        signed_headers.split(";"),
        signed_headers,
        _payload(case, s3 and query),
    )
    scope = credential.partition("/")[2]
    return Stages(algorithm, credential, v4a.string_to_sign(date, scope, request), signature)


def _ours(
    case: Case, credentials: Credentials, region_set: str, *, s3: bool, expires: int | None
) -> Explanation:
    """The same request, signed by ``Signer``."""
    never_signed = dict.fromkeys(
        AWSCRT_NEVER_SIGNED | {"authorization"}, "this implementation does not sign it"
    )
    dialect = (S3 if s3 else DEFAULT).replace(never_signed=never_signed)
    signer = Signer(case.service, region_set, credentials, dialect=dialect, algorithm=V4A)
    headers = [(name, value if value.isascii() else value.encode()) for name, value in case.headers]
    body = None if s3 and expires is not None else case.body
    return signer.explain(case.method, case.url, headers, body, at=case.epoch, expires=expires)


def _theirs(key: v4a.PublicKey) -> Any:
    """awscrt's own key object for a point."""
    crypto = pytest.importorskip("awscrt.crypto")
    if not hasattr(crypto, "EC"):
        pytest.skip("this awscrt has no public elliptic-curve interface (awscrt.crypto.EC)")
    return crypto.EC.new_key_from_der_data(SPKI + key.x.to_bytes(32, "big") + key.y.to_bytes(32, "big"))


def _awscrt_finds_valid(key: v4a.PublicKey, text: str, signature: str) -> bool:
    return bool(_theirs(key).verify(hashlib.sha256(text.encode()).digest(), bytes.fromhex(signature)))


def _case(random: Random, s3: bool) -> Case:
    """A request with a new access key, whose id and secret have any length."""
    names, secrets = string.ascii_letters + string.digits + "_", string.ascii_letters + string.digits + "/+="
    made = generate.case(random, s3=s3, encodes=False, never_signed=AWSCRT_NEVER_SIGNED)
    return generate.below_the_root(made)._replace(
        access_key_id="".join(random.choices(names, k=random.choice((16, 20, random.randint(1, 128))))),
        secret_access_key="".join(random.choices(secrets, k=random.choice((40, random.randint(1, 128))))),
    )


@pytest.mark.parametrize("query", [False, True], ids=["header", "query"])
@pytest.mark.parametrize("s3", [False, True], ids=["default", "s3"])
def test_v4a_each_side_finds_the_other_s_signature_valid(s3: bool, query: bool) -> None:
    pytest.importorskip("cryptography")
    lengths = set()
    for seed in range(CASES):
        random = Random(f"{seed} {s3} {query}")
        case = _case(random, s3)
        region_set = random.choice(REGION_SETS)
        expires = random.randint(1, 604800) if query else None
        signed = _sign(case, region_set, s3=s3, expires=expires)
        found = _read(signed, case, s3=s3, query=query)
        credentials = Credentials(case.access_key_id, case.secret_access_key, case.session_token)
        public = v4a.key_of(credentials, v4a.Scope(found.text[23:31], case.service)).public_key
        made = _ours(case, credentials, region_set, s3=s3, expires=expires)
        where = f"seed {seed}\n{case}\n{found}"
        assert found.algorithm == v4a.ALGORITHM, where
        assert made.string_to_sign == found.text, where
        assert v4a.check(public, found.text, found.signature), where
        assert not v4a.check(public, found.text + "0", found.signature), where
        assert _awscrt_finds_valid(public, made.string_to_sign, made.signature), where
        verifier = Verifier(
            case.service,
            region_set.split(",")[0].replace("*", "x"),
            partial(on_file, credentials),
            dialect=S3 if s3 else DEFAULT,
            algorithms=(V4A,),
            clock=partial(float, case.epoch),
        )
        received = [(name, value if value.isascii() else value.encode()) for name, value in signed.headers]
        verified = verifier.verify(case.method, signed.path, received, case.body)
        assert verified.access_key_id == case.access_key_id, where
        lengths |= {len(made.signature), len(found.signature)}
    assert lengths >= {140, 142, 144}
    assert max(lengths) <= v4a.LONGEST_SIGNATURE


def _point(of: dict[str, str]) -> v4a.PublicKey:
    return v4a.PublicKey(int(of["x"], 16), int(of["y"], 16))


@pytest.mark.parametrize(
    "data",
    [data for data in read("sigv4a.json") if "region_set" in data["input"]],
    ids=lambda data: data["id"],
)
def test_v4a_awscrt_signs_the_string_to_sign_of_the_vector(data: dict[str, Any]) -> None:
    pytest.importorskip("cryptography")
    given, expect = data["input"], data["expect"]
    vector = Vector(data)
    host, _, target = given["url"].split("//", 1)[1].partition("/")
    path, _, query = f"/{target}".partition("?")
    body = vector.body or b""
    case = Case(
        given["method"], host, path, query, {}, given["headers"], body if isinstance(body, bytes) else body.encode(),
        given["service"], "", given["access_key_id"], given["secret_access_key"], given["session_token"],
        parse_timestamp(given["at"]),
    )  # fmt: skip
    s3 = given["service"] == "s3"
    signed = _sign(case, given["region_set"], s3=s3, expires=given["expires"])
    found = _read(signed, case, s3=s3, query=given["expires"] is not None)
    assert found.text == expect["string_to_sign"]
    public = _point(expect["public_key"])
    for signature in filter(None, (found.signature, expect.get("signature"))):
        assert _awscrt_finds_valid(public, expect["string_to_sign"], signature)
        assert v4a.check(public, expect["string_to_sign"], signature)


def test_v4a_awscrt_agrees_on_every_signature_of_the_vectors() -> None:
    pytest.importorskip("cryptography")
    judged = 0
    for data in read("sigv4a.json"):
        given, expect = data["input"], data["expect"]
        if "valid" not in expect or not LOWER_HEX.fullmatch(given["signature"]):
            continue  # awscrt takes bytes, so it cannot check the form of the hex text
        verdict = _awscrt_finds_valid(_point(given), given["string_to_sign"], given["signature"])
        assert verdict is expect["valid"], data["id"]
        judged += 1
    assert judged >= 25
