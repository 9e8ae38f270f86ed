"""VERIFY-*: each refusal in AWS's words, code and status, and in AWS's order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from sigv4 import (
    S3,
    UNSIGNED_PAYLOAD,
    Claim,
    Credentials,
    Signer,
    SigningError,
    SigningKey,
    VerificationError,
    Verifier,
)
from sigv4.error_responses import json_answer
from sigv4.scope import Scope, format_timestamp
from sigv4.v4 import derive, signing_key
from tests.sigv4.signed import (
    BODY,
    CREDENTIALS,
    HEADERS,
    KEY_ID,
    MISMATCH,
    NOW,
    SECRET,
    TEMPORARY,
    TOKEN,
    URL,
    fields,
    refusal,
    sign,
    verifier,
)

Headers = dict[str, "str | bytes"]
INVALID = ("VERIFY-14", "InvalidClientTokenId", 403)
SCOPE = Scope("20150830", "us-east-1", "sagemaker")


def with_authorization(old: str, new: str, headers: Headers | None = None) -> Headers:
    headers = sign() if headers is None else headers
    authorization = str(headers["Authorization"])
    assert old in authorization
    return {**headers, "Authorization": authorization.replace(old, new)}


def with_credential(credential: str) -> Headers:
    return with_authorization(f"{KEY_ID}/20150830/us-east-1/sagemaker/aws4_request", credential)


def without(name: str, headers: Headers | None = None) -> Headers:
    return {key: value for key, value in (headers or sign()).items() if key != name}


# --- who is verified


def test_a_signed_request_is_verified_and_says_what_it_proves() -> None:
    verified = verifier().verify("POST", "/", sign().items(), BODY)
    assert verified.access_key_id == KEY_ID
    assert verified.scope == SCOPE
    assert verified.timestamp == NOW
    assert verified.signed_headers == ("content-type", "host", "x-amz-date", "x-amz-target")
    assert verified.payload == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("url", ["/", URL])
def test_the_url_is_a_target_or_absolute(url: str) -> None:
    assert verifier().verify("POST", url, sign(), BODY).access_key_id == KEY_ID


def test_an_absolute_url_stands_in_for_a_missing_host_and_contradicts_another() -> None:
    assert verifier().verify("POST", URL, without("Host"), BODY).access_key_id == KEY_ID
    error = refusal(verifier(), sign(), url="https://other.example/")
    assert fields(error) == ("VERIFY-1", "BadRequest", 400, "")


@pytest.mark.parametrize("second", ["h.example", "other.example", ""])
def test_verify_1_more_than_one_host_header(second: str) -> None:
    pairs = [*sign().items(), ("host", second)]
    assert fields(refusal(verifier(), pairs)) == ("VERIFY-1", "BadRequest", 400, "")


def _answer(checker: Verifier, url: str, headers: Any) -> tuple[object, ...]:
    try:
        return repr(checker.verify("POST", url, headers, BODY)), ""
    except VerificationError as error:
        return fields(error)


def test_what_a_verifier_keeps_of_one_request_changes_no_answer_to_the_next() -> None:
    """Names, Credential and keys of the last requests are kept: two requests that share any of these."""
    signed = {**sign()}
    authorization = str(signed["Authorization"])
    others = (
        ("20150830/us-east-1", "20150829/us-east-1"),
        ("20150830/us-east-1", "20150830/eu-west-1"),
        (KEY_ID, "AKIDOTHER"),
        (KEY_ID, "k/k"),
        (KEY_ID, "k" * 129),
        ("content-type;host", "host;content-type"),
        ("content-type;host", "content-type;content-type;host"),
        ("content-type;host", "content-md5;content-type;host"),
        (";x-amz-target", ""),
        ("Signature=", "Signature=0"),
    )
    requests: list[tuple[str, Any]] = [
        ("/", signed),
        ("/", {name.lower(): value for name, value in signed.items()}),
        ("/", [*signed.items(), ("X-Amz-Meta", "unsigned")]),
        ("/", [*signed.items(), ("User-Agent", "unsigned")]),
        ("/", sign(TEMPORARY)),
        ("/", {**sign(TEMPORARY), "X-Amz-Security-Token": "another"}),
        ("/", sign(Credentials(KEY_ID, "another" * 6))),
        ("/", sign(at=NOW - 86400)),
        ("/", without("X-Amz-Date")),
        (URL, without("Host")),
        *(("/", {**signed, "Authorization": authorization.replace(*change)}) for change in others),
    ]

    for on_file, strict in ((CREDENTIALS, False), (TEMPORARY, False), (CREDENTIALS, True)):
        fresh = partial(verifier, on_file, strict=strict)
        expected = [_answer(fresh(), url, headers) for url, headers in requests]
        assert len({answer[0] for answer in expected}) > 5
        for first, headers in requests:
            kept = fresh()
            _answer(kept, first, headers)
            assert [_answer(kept, *request) for request in requests] == expected
            assert [_answer(kept, *request) for request in reversed(requests)] == expected[::-1]


def test_lookup_gets_the_claim() -> None:
    claims: list[Claim] = []

    def lookup(claim: Claim) -> Credentials:
        claims.append(claim)
        return TEMPORARY

    Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW).verify("POST", "/", sign(TEMPORARY), BODY)
    assert claims == [Claim(KEY_ID, TOKEN, SCOPE)]


def test_lookup_may_return_the_signing_key() -> None:
    assert verifier(signing_key(SECRET, SCOPE)).verify("POST", "/", sign(), BODY).access_key_id == KEY_ID
    raw = SigningKey.from_bytes(derive(SECRET, SCOPE)[-1], SCOPE)
    assert verifier(raw).verify("POST", "/", sign(), BODY).access_key_id == KEY_ID


def test_a_signing_key_of_another_scope_verifies_nothing() -> None:
    # The right key bytes under a wrong scope: only the comparison of scopes can refuse them.
    raw = SigningKey.from_bytes(derive(SECRET, SCOPE)[-1], Scope("20150829", "us-east-1", "sagemaker"))
    assert fields(refusal(verifier(raw), sign())) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


def test_what_lookup_raises_passes_through() -> None:
    def lookup(claim: Claim) -> None:
        raise LookupError("the store is down")

    with pytest.raises(LookupError, match="the store is down"):
        Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW).verify("POST", "/", sign(), BODY)


@pytest.mark.parametrize("key_id", ["", "AKID=45", "ÄKID", "A" * 129])
def test_an_access_key_id_is_checked_before_any_lookup(key_id: str) -> None:
    def lookup(claim: Claim) -> None:
        pytest.fail(f"looked up {claim.access_key_id!r}")

    checker = Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW)
    headers = with_credential(f"{key_id}/20150830/us-east-1/sagemaker/aws4_request")
    headers["Authorization"] = str(headers["Authorization"]).encode("latin-1")
    message = "The security token included in the request is invalid."
    assert fields(refusal(checker, headers)) == (*INVALID, message)


@pytest.mark.parametrize("key_id", ["c67W2-r4MAyAYScRl", "minio-root-user", "UserID-1", "a.b@c:d+%", "root_"])
def test_the_access_key_ids_of_s3_compatible_servers_are_signed_and_verified(key_id: str) -> None:
    keys = Credentials(key_id, SECRET)
    signer = Signer("s3", "us-east-1", keys)
    checker = Verifier("s3", "us-east-1", lambda claim: keys, clock=lambda: NOW, strict=True)
    url = "https://store.example/bucket/key"
    headers = signer.sign("GET", url, at=NOW)
    assert checker.verify("GET", "/bucket/key", headers).access_key_id == key_id
    presigned = signer.presign("GET", url, expires=60, at=NOW)
    target = presigned.removeprefix("https://store.example")
    assert checker.verify("GET", target, {"Host": "store.example"}).access_key_id == key_id


# --- VERIFY-1, 4, 5


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PO ST", "/"),
        ("", "/"),
        ("POST", "/%"),
        ("POST", "/%4"),
        ("POST", "/%zz"),
        ("POST", "a"),
        ("POST", "*"),
        ("POST", "/a b"),
        ("POST", "/\x00"),
        ("POST", "/ü"),
        ("POST", "/#a"),
        ("POST", "/?a#"),
    ],
)
def test_verify_1_a_malformed_request_line_is_refused_without_words(method: str, url: str) -> None:
    error = refusal(verifier(), sign(), method=method, url=url)
    assert fields(error) == ("VERIFY-1", "BadRequest", 400, "")


@pytest.mark.parametrize("header", [("a b", "c"), ("", "c"), ("a", "b\nc"), ("a", b"\x00"), ("a", "ü")])
def test_verify_1_a_malformed_header_is_refused_without_words(header: tuple[str, str | bytes]) -> None:
    error = refusal(verifier(), [*sign().items(), header])
    assert fields(error) == ("VERIFY-1", "BadRequest", 400, "")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("a=%", "Incomplete trailing escape % sequence"),
        ("a=%4", "Incomplete trailing escape % sequence"),
        ("a=%zz&b", "Illegal hex character in escape % pattern: %zz"),
        ("%4g=1", "Illegal hex character in escape % pattern: %4g"),
    ],
)
def test_verify_4_a_malformed_query_string(query: str, message: str) -> None:
    error = refusal(verifier(), sign(), url=f"/?{query}")
    assert fields(error) == ("VERIFY-4", "MalformedQueryString", 400, message)


def test_verify_5_no_authentication() -> None:
    expected = ("VERIFY-5", "MissingAuthenticationToken", 403, "Request is missing Authentication Token")
    assert fields(refusal(verifier(), without("Authorization"))) == expected
    assert fields(refusal(verifier(), [])) == expected


@pytest.mark.parametrize(
    "name", ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Signatur%65"]
)
def test_verify_5_both_mechanisms_at_once(name: str) -> None:
    error = refusal(verifier(), sign(), url=f"/?{name}=x")
    assert fields(error) == ("VERIFY-5", "SignatureDoesNotMatch", 403, "")


def test_verify_5_another_query_parameter_is_no_mechanism() -> None:
    headers = sign(url=f"{URL}?X-Amz-Meta=x")
    assert verifier().verify("POST", "/?X-Amz-Meta=x", headers, BODY).access_key_id == KEY_ID


# --- VERIFY-6


@pytest.mark.parametrize("scheme", ["Bearer", "AWS4-HMAC-SHA1", "aws4-hmac-sha256", "AWS4-ECDSA-P256-SHA256"])
def test_verify_6a_another_algorithm(scheme: str) -> None:
    error = refusal(verifier(), with_authorization("AWS4-HMAC-SHA256", scheme))
    message = f"Unsupported AWS 'algorithm': '{scheme}'."
    assert fields(error) == ("VERIFY-6a", "IncompleteSignature", 400, message)


def test_verify_6b_a_part_that_is_no_pair() -> None:
    header = f"AWS4-HMAC-SHA256 Credential={KEY_ID} /20150830/us-east-1/sagemaker/aws4_request"
    error = refusal(verifier(), {**sign(), "Authorization": header})
    message = (
        "'/20150830/us-east-1/sagemaker/aws4_request' not a valid key=value pair (missing equal-sign) "
        f"in Authorization header: '{header}'."
    )
    assert fields(error) == ("VERIFY-6b", "IncompleteSignature", 400, message)


def test_verify_6c_of_a_repeated_part_the_last_counts() -> None:
    headers = with_authorization("Credential=", "Credential=x, Signature=y, Credential=")
    assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID
    headers = {**sign(), "Authorization": f"{sign()['Authorization']}, Signature=0"}
    assert refusal(verifier(), headers).stage == "VERIFY-15"


def test_verify_6_parts_may_be_split_by_comma_or_space_alone() -> None:
    for separator in (",", " ", ",  ", " ,\t"):
        headers = with_authorization(", ", separator)
        assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID


NEEDS = {
    "Credential": "Authorization header requires 'Credential' parameter.",
    "Signature": "Authorization header requires 'Signature' parameter.",
    "SignedHeaders": "Authorization header requires 'SignedHeaders' parameter.",
    "date": "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
}


@pytest.mark.parametrize(
    "missing",
    [(name,) for name in NEEDS] + [("Credential", "SignedHeaders"), ("Signature", "date"), tuple(NEEDS)],
    ids="+".join,
)
def test_verify_6d_all_missing_parts_are_named_in_order(missing: tuple[str, ...]) -> None:
    headers = sign()
    authorization = str(headers["Authorization"])
    scheme, _, parts = authorization.partition(" ")
    kept = [part for part in parts.split(", ") if part.partition("=")[0] not in missing]
    headers["Authorization"] = f"{scheme} {', '.join(kept)}"
    if "date" in missing:
        del headers["X-Amz-Date"]
    message = " ".join(text for name, text in NEEDS.items() if name in missing)
    expected = ("VERIFY-6d", "IncompleteSignature", 400, f"{message} Authorization=AWS4-HMAC-SHA256")
    assert fields(refusal(verifier(), headers)) == expected


def test_a_repeated_authorization_header_is_refused() -> None:
    headers = sign()
    for name in ("Authorization", "authorization"):
        error = refusal(verifier(), [*headers.items(), (name, headers["Authorization"])])
        assert (error.code, error.status) == ("IncompleteSignature", 400)


# --- VERIFY-8


def test_verify_8_host_must_be_signed() -> None:
    error = refusal(verifier(), with_authorization("host;", ""))
    message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    assert fields(error) == ("VERIFY-8", "SignatureDoesNotMatch", 403, message)


@pytest.mark.parametrize("name", ["x-amz-target", "x-amz-date"])
def test_verify_8_every_x_amz_header_must_be_signed(name: str) -> None:
    error = refusal(verifier(), with_authorization(f";{name}", ""))
    message = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
    assert fields(error) == ("VERIFY-8", "SignatureDoesNotMatch", 403, message)


def test_verify_8_an_added_x_amz_header_is_refused_and_any_other_is_not_noticed() -> None:
    assert refusal(verifier(), {**sign(), "X-Amz-Meta-New": "1"}).stage == "VERIFY-8"
    headers = {**sign(), "User-Agent": "x", "Accept": "*/*"}
    assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID


def test_a_signed_header_that_is_missing_is_a_mismatch() -> None:
    error = refusal(verifier(), without("Content-Type"))
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize(
    "names", ["host;content-type;x-amz-date;x-amz-target", "content-type;host;host;x-amz-date;x-amz-target"]
)
def test_signed_headers_out_of_order_or_repeated_are_a_mismatch(names: str) -> None:
    headers = with_authorization("content-type;host;x-amz-date;x-amz-target", names)
    assert fields(refusal(verifier(), headers)) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


# --- VERIFY-9…11: dates and the window


@pytest.mark.parametrize(
    "date",
    [
        "",
        "2015-08-30T12:36:00Z",
        "20150830T123600",
        "20150830T123600.000Z",
        "20150830t123600z",
        "20150230T123600Z",
        "20150830T246000Z",
        "Sun, 30 Aug 2015 12:36:00 GMT",
        "20150830T123600Z,20150830T123600Z",
    ],
)
def test_verify_9_the_date_is_basic_iso(date: str) -> None:
    error = refusal(verifier(), {**sign(), "X-Amz-Date": date})
    message = (
        f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )
    assert fields(error) == ("VERIFY-9", "IncompleteSignature", 400, message)


HTTP_DATE = "Sun, 30 Aug 2015 12:36:00 GMT"


def signed_with_date_header(date: str) -> Headers:
    """A request dated by its Date header alone, signed by the rules (STS-3)."""
    import hashlib
    import hmac

    from tests.oracle import signing_keys

    digest = hashlib.sha256(BODY).hexdigest()
    canonical = f"POST\n/\n\ndate:{date}\nhost:h.example\n\ndate;host\n{digest}"
    scope = "20150830/us-east-1/sagemaker/aws4_request"
    text = f"AWS4-HMAC-SHA256\n20150830T123600Z\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = signing_keys(SECRET, "20150830", "us-east-1", "sagemaker")[-1]
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders=date;host, Signature={signature}"
    )
    return {"Host": "h.example", "Date": date, "Authorization": authorization}


ZONES = [HTTP_DATE.replace("GMT", zone) for zone in ("GMT", "+0000", "-0000")]


@pytest.mark.parametrize("date", [*ZONES, "20150830T123600Z"])
def test_sts_3_the_date_header_dates_a_request_without_x_amz_date(date: str) -> None:
    assert verifier().verify("POST", "/", signed_with_date_header(date), BODY).timestamp == NOW


def test_sts_3_x_amz_date_goes_before_date() -> None:
    headers = sign(headers={**HEADERS, "Date": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert verifier().verify("POST", "/", headers, BODY).timestamp == NOW


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 30 Aug 2015 12:36:00 UTC",
        "Sun, 30 Aug 2015 12:36:00 +0100",
        "Sun, 30 Aug 2015 12:36:00 0000",
        "Sun, 30 aug 2015 12:36:00 GMT",
        "Sun, 31 Feb 2015 12:36:00 GMT",
        "Sun, 30 Aug 201500 12:36: GMT",
        "Sun, 30 Aug 20150 12::36:0 GMT",
        "Sunday, 30-Aug-15 12:36:00 GMT",
    ],
)
def test_verify_9_a_date_header_in_another_form(date: str) -> None:
    error = refusal(verifier(), signed_with_date_header(date))
    assert (error.stage, error.code, error.status) == ("VERIFY-9", "IncompleteSignature", 400)


@pytest.mark.parametrize("offset", [-300, -299, 0, 299, 300, 300.9])
def test_verify_10_11_the_window_includes_its_bounds(offset: float) -> None:
    assert verifier(now=NOW + offset).verify("POST", "/", sign(), BODY).timestamp == NOW


def test_verify_10_expired() -> None:
    error = refusal(verifier(now=NOW + 301), sign())
    message = (
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    )
    assert fields(error) == ("VERIFY-10", "SignatureDoesNotMatch", 403, message)


def test_verify_11_not_yet_current() -> None:
    error = refusal(verifier(now=NOW - 301), sign())
    message = (
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z "
        "(20150830T123059Z + 5 min.)"
    )
    assert fields(error) == ("VERIFY-11", "SignatureDoesNotMatch", 403, message)


@pytest.mark.parametrize(("window", "offset"), [(0, 0), (900, 900), (900, -900)])
def test_the_window_is_the_verifiers(window: float, offset: float) -> None:
    checker = verifier(now=NOW + offset, window=window)
    assert checker.verify("POST", "/", sign(), BODY).timestamp == NOW
    assert refusal(verifier(now=NOW + window + 1, window=window), sign()).stage == "VERIFY-10"


@pytest.mark.parametrize("window", [-1, float("nan"), "300"])
def test_a_window_that_is_no_number_of_seconds_is_named(window: Any) -> None:
    with pytest.raises(SigningError, match=f"window is {window!r}: expected seconds"):
        Verifier("s3", "us-east-1", lambda claim: None, window=window)


def test_verify_18_the_window_of_s3_is_15_minutes() -> None:
    assert Verifier("s3", "us-east-1", lambda claim: None).window == 900


# --- VERIFY-12, 13: the scope


@pytest.mark.parametrize(
    "credential",
    [KEY_ID, f"{KEY_ID}/20150830/us-east-1/sagemaker", f"{KEY_ID}/a/20150830/us-east-1/s/aws4_request"],
)
def test_verify_12_the_credential_has_five_parts(credential: str) -> None:
    error = refusal(verifier(), with_credential(credential))
    message = (
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
        f"got '{credential}'"
    )
    assert fields(error) == ("VERIFY-12", "IncompleteSignature", 400, message)


REGION = "Credential should be scoped to a valid region, not 'eu-west-1'. "
SERVICE = "Credential should be scoped to correct service: 'sagemaker'. "
TERM = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. "
DATE = (
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
    "'20150829' != '20150830', from '20150830T123600Z'. "
)


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("20150830/eu-west-1/sagemaker/aws4_request", REGION),
        ("20150830/us-east-1/s3/aws4_request", SERVICE),
        ("20150830/us-east-1/sagemaker/aws4", TERM),
        ("20150829/us-east-1/sagemaker/aws4_request", DATE),
        ("20150829/eu-west-1/s3/aws4", REGION + SERVICE + TERM + DATE),
    ],
)
def test_verify_13_all_that_is_wrong_with_the_scope_is_named(scope: str, message: str) -> None:
    error = refusal(verifier(), with_credential(f"{KEY_ID}/{scope}"))
    assert fields(error) == ("VERIFY-13", "SignatureDoesNotMatch", 403, message)


# --- VERIFY-14: the credentials


def test_verify_14_an_unknown_access_key_id() -> None:
    message = "The security token included in the request is invalid."
    assert fields(refusal(verifier(None), sign())) == (*INVALID, message)


NOT_INTACT = (*INVALID, "The security token included in the request is invalid")


def test_verify_14_a_missing_token() -> None:
    assert fields(refusal(verifier(TEMPORARY), sign())) == NOT_INTACT


def test_verify_14_a_swapped_token() -> None:
    other = Credentials(KEY_ID, SECRET, TOKEN + "x")
    assert fields(refusal(verifier(TEMPORARY), sign(other))) == NOT_INTACT


def test_verify_14_a_token_where_none_is_on_file() -> None:
    assert fields(refusal(verifier(CREDENTIALS), sign(TEMPORARY))) == NOT_INTACT


def test_verify_14_an_empty_token_is_no_token() -> None:
    headers = with_authorization("x-amz-date;", "x-amz-date;x-amz-security-token;")
    assert fields(refusal(verifier(), {**headers, "X-Amz-Security-Token": ""})) == NOT_INTACT


def test_verify_14_an_unsigned_token() -> None:
    error = refusal(verifier(TEMPORARY), {**sign(), "X-Amz-Security-Token": TOKEN})
    message = "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."
    assert fields(error) == ("VERIFY-8", "SignatureDoesNotMatch", 403, message)


@pytest.mark.parametrize(
    ("expires_at", "expired"), [(NOW, True), (NOW - 1, True), (NOW + 1, False), (None, False)]
)
def test_verify_14_an_expired_token(expires_at: float | None, expired: bool) -> None:
    checker = verifier(Credentials(KEY_ID, SECRET, TOKEN, expires_at))
    if not expired:
        assert checker.verify("POST", "/", sign(TEMPORARY), BODY).access_key_id == KEY_ID
        return
    message = "The security token included in the request is expired"
    assert fields(refusal(checker, sign(TEMPORARY))) == ("VERIFY-14", "ExpiredToken", 403, message)


# --- VERIFY-15: signature and payload


@pytest.mark.parametrize(
    ("change", "value"),
    [("body", b"{} "), ("url", "/a"), ("url", "/?a"), ("method", "PUT")],
)
def test_verify_15_a_changed_request_is_a_mismatch(change: str, value: str | bytes) -> None:
    error = refusal(verifier(), sign(), **{change: value})
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


def test_verify_15_a_wrong_secret_is_a_mismatch() -> None:
    error = refusal(verifier(Credentials(KEY_ID, SECRET[:-1])), sign())
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


def s3_verifier(**options: object) -> Verifier:
    return Verifier("s3", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: NOW, **options)


def test_payload_5_the_unsigned_literal_leaves_the_body_open() -> None:
    headers = sign(service="s3", url="https://b.s3.amazonaws.com/", headers={}, body=UNSIGNED_PAYLOAD)
    for body in (b"", b"anything"):
        assert s3_verifier().verify("POST", "/", headers, body).payload == "UNSIGNED-PAYLOAD"


def test_payload_5_the_literal_is_refused_where_the_dialect_does_not_take_it() -> None:
    taking = S3.replace(content_sha256=False)
    headers = sign(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, body=BODY, dialect=taking)
    assert verifier(dialect=taking).verify("POST", "/", headers, BODY).payload == "UNSIGNED-PAYLOAD"
    error = refusal(verifier(), headers)
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize(
    "literal", sorted(line for line in S3.payload_literals if line.startswith("STREAMING"))
)
def test_payload_3_a_streaming_literal_is_refused_without_a_decoder(literal: str) -> None:
    headers = sign(
        service="s3", url="https://b.s3.amazonaws.com/", headers={"X-Amz-Content-SHA256": literal}, body=None
    )
    assert refusal(s3_verifier(), headers).code == "SignatureDoesNotMatch"


def test_payload_2_s3_compares_the_declared_hash_with_the_body() -> None:
    headers = sign(service="s3", url="https://b.s3.amazonaws.com/", headers={})
    error = refusal(s3_verifier(), headers, body=b"other")
    assert (error.stage, error.code, error.status) == ("VERIFY-15", "XAmzContentSHA256Mismatch", 400)
    assert error.message == "The provided 'x-amz-content-sha256' header does not match what was computed."


def test_payload_4_s3_requires_the_header() -> None:
    headers = sign(
        service="s3", url="https://b.s3.amazonaws.com/", headers={}, dialect=S3.replace(content_sha256=False)
    )
    error = refusal(s3_verifier(), headers)
    assert fields(error) == (
        "VERIFY-15",
        "InvalidRequest",
        400,
        "Missing required header for this request: x-amz-content-sha256",
    )


# --- the order

FAULTS: list[tuple[str, Callable[[dict[str, object]], None]]] = []


def fault(stage: str) -> Callable[[Callable[[dict[str, object]], None]], Callable[[dict[str, object]], None]]:
    def add(change: Callable[[dict[str, object]], None]) -> Callable[[dict[str, object]], None]:
        FAULTS.append((stage, change))
        return change

    return add


def edit(request: dict[str, object], old: str, new: str) -> None:
    request["authorization"] = str(request["authorization"]).replace(old, new)


@fault("VERIFY-1")
def _a_broken_path(request: dict[str, object]) -> None:
    request["path"] = "/%zz"


@fault("VERIFY-4")
def _a_broken_query(request: dict[str, object]) -> None:
    request["query"] = "?a=%z"


@fault("VERIFY-5")
def _two_mechanisms(request: dict[str, object]) -> None:
    request["query"] = request["query"] or "?X-Amz-Signature=0"


@fault("VERIFY-6a")
def _another_algorithm(request: dict[str, object]) -> None:
    edit(request, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")


@fault("VERIFY-6b")
def _a_part_without_value(request: dict[str, object]) -> None:
    edit(request, "Credential=", "x, Credential=")


@fault("VERIFY-6d")
def _a_missing_part(request: dict[str, object]) -> None:
    edit(request, "Signature=", "Signatures=")


@fault("VERIFY-8")
def _an_unsigned_host(request: dict[str, object]) -> None:
    edit(request, "host;", "")


@fault("VERIFY-9")
def _a_broken_date(request: dict[str, object]) -> None:
    request["date"] = "20150830"


@fault("VERIFY-10")
def _an_old_date(request: dict[str, object]) -> None:
    request["now"] = NOW + 400


@fault("VERIFY-12")
def _a_credential_of_four_parts(request: dict[str, object]) -> None:
    edit(request, "/aws4_request", "")


@fault("VERIFY-13")
def _another_region(request: dict[str, object]) -> None:
    edit(request, "/us-east-1/", "/eu-west-1/")


@fault("VERIFY-14")
def _an_unknown_key(request: dict[str, object]) -> None:
    request["on_file"] = None


@fault("VERIFY-15")
def _a_missing_signed_header(request: dict[str, object]) -> None:
    edit(request, "content-type;", "content-type;cookie;")


@fault("VERIFY-15")
def _another_body(request: dict[str, object]) -> None:
    request["body"] = b"other"


PAIRS = [
    pytest.param(first, second, id=f"{first[0]}+{second[0]}-{first[1].__name__[1:]}+{second[1].__name__[1:]}")
    for i, first in enumerate(FAULTS)
    for second in FAULTS[i:]
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_request_wrong_in_two_ways_gets_the_first(
    first: tuple[str, Callable[[dict[str, object]], None]],
    second: tuple[str, Callable[[dict[str, object]], None]],
) -> None:
    headers = sign()
    request: dict[str, object] = {
        "path": "/", "query": "", "authorization": headers["Authorization"], "date": headers["X-Amz-Date"],
        "now": NOW, "on_file": CREDENTIALS, "body": BODY,
    }  # fmt: skip
    second[1](request)
    first[1](request)
    headers = {**headers, "Authorization": str(request["authorization"]), "X-Amz-Date": str(request["date"])}
    checker = Verifier(
        "sagemaker", "us-east-1", lambda claim: request["on_file"], clock=lambda: request["now"]
    )
    error = refusal(checker, headers, url=f"{request['path']}{request['query']}", body=request["body"])
    assert error.stage == first[0]


# --- strict


@pytest.mark.parametrize(
    "target",
    [
        "/a//b",
        "/a/./b",
        "/a/../b",
        "/%7E",
        "/%2f",
        "/a:b",
        "/?a",
        "/?a=%7e",
        "/?a=%2d",
        "/?a=b&",
        "/?a=b+c",
        "/?a=2&a=1",
        "/?",
    ],
)
def test_strict_refuses_a_target_that_is_not_canonical(target: str) -> None:
    headers = sign(url=URL[:-1] + target)
    assert verifier().verify("POST", target, headers, BODY).access_key_id == KEY_ID
    error = refusal(verifier(strict=True), headers, url=target)
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize(
    "target",
    ["/", "/a%20b/c/", "/~x", "/?a=", "/?b=2&a=1", "/?Param=1&Param-3=2", "/?Param-3=2&Param=1", "/%25"],
)
def test_strict_takes_a_canonical_target(target: str) -> None:
    headers = sign(url=URL[:-1] + target)
    assert verifier(strict=True).verify("POST", target, headers, BODY).access_key_id == KEY_ID


@pytest.mark.parametrize("value", [" a", "a ", "a  b", "a\tb"])
def test_strict_refuses_padded_signed_headers_alone(value: str) -> None:
    strict = verifier(strict=True)
    headers = sign(headers={"X-Amz-Meta-A": value})
    assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID
    assert refusal(strict, headers).stage == "VERIFY-15"
    assert strict.verify("POST", "/", {**sign(), "User-Agent": value}, BODY).access_key_id == KEY_ID


def test_strict_refuses_repeated_signed_headers() -> None:
    headers = [*sign(headers={"X-Amz-Meta-A": "1,2"}).items()]
    split = [pair for pair in headers if pair[0] != "X-Amz-Meta-A"] + [
        ("X-Amz-Meta-A", "1"),
        ("x-amz-meta-a", "2"),
    ]
    assert verifier().verify("POST", "/", split, BODY).access_key_id == KEY_ID
    assert refusal(verifier(strict=True), split).stage == "VERIFY-15"


def test_strict_names_a_part_of_authorization_that_is_missing() -> None:
    headers = sign()
    headers["Authorization"] = str(headers["Authorization"]).partition(", Signature=")[0]
    error = refusal(verifier(strict=True), headers)
    assert error.stage == "VERIFY-6d"
    assert error.message == (
        "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256"
    )


def test_strict_refuses_repeated_and_unknown_parts_of_authorization() -> None:
    for old, new in (("Credential=", "Credential=x, Credential="), ("Credential=", "Extra=1, Credential=")):
        headers = with_authorization(old, new)
        assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID
        assert refusal(verifier(strict=True), headers).code == "IncompleteSignature"


# --- answers


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("SignatureDoesNotMatch", "InvalidSignatureException"),
        ("InvalidClientTokenId", "UnrecognizedClientException"),
        ("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
        ("IncompleteSignature", "IncompleteSignatureException"),
        ("ExpiredToken", "ExpiredTokenException"),
        ("AccessDenied", "AccessDeniedException"),
    ],
)
def test_the_json_style_has_its_own_names_and_status_400(code: str, name: str) -> None:
    assert json_answer(VerificationError("VERIFY-15", code, "words", 403)) == (400, name, "words")


def test_signer_and_verifier_agree_across_midnight_and_leap_days() -> None:
    for at in (951782399, 951782400, 1709251199, 4102444799):
        headers = Signer("sagemaker", "us-east-1", CREDENTIALS).sign("POST", URL, HEADERS, BODY, at=at)
        assert headers["X-Amz-Date"] == format_timestamp(at)
        assert verifier(now=at).verify("POST", "/", headers, BODY).timestamp == at


def test_verify_17_what_the_server_calculated_is_told_only_where_it_is_asked() -> None:
    headers = sign()
    why = Signer("sagemaker", "us-east-1", CREDENTIALS).explain("POST", URL, HEADERS, b"other", at=NOW)
    error = refusal(verifier(expanded=True), headers, body=b"other")
    assert error.message == (
        f"{MISMATCH}\n\nThe Canonical String for this request should have been\n'{why.canonical_request}'\n\n"
        f"The String-to-Sign should have been\n'{why.string_to_sign}'\n"
    )
    assert why.signature not in error.message
    assert refusal(verifier(), headers, body=b"other").message == MISMATCH


def test_verify_2_and_3_any_method_and_content_type_is_left_to_the_application() -> None:
    """VERIFY-2, 3."""
    headers = Signer("sagemaker", "us-east-1", CREDENTIALS).sign(
        "BREW", URL, {"Content-Type": "x/y"}, BODY, at=NOW
    )
    assert verifier().verify("BREW", "/", headers, BODY).access_key_id == KEY_ID
