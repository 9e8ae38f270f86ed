"""Query-string authentication (URL-1…5), signed and verified."""

from __future__ import annotations

import copy
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from sigv4 import (
    DEFAULT,
    S3,
    UNSIGNED_PAYLOAD,
    Credentials,
    Payload,
    PresignedUrl,
    Signer,
    SigningError,
    VerificationError,
    Verified,
    Verifier,
)
from tests.sigv4.signed import NOW

if TYPE_CHECKING:
    from sigv4.headers import HeaderPairs, Headers
    from sigv4.payload import Body

B = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
HOST = "examplebucket.s3.amazonaws.com"


def presign(
    url: str = f"https://{HOST}/test.txt",
    *,
    service: str = "s3",
    credentials: Credentials = B,
    method: str = "GET",
    headers: Headers = (),
    body: Body = None,
    expires: int = 900,
) -> PresignedUrl:
    signer = Signer(service, "us-east-1", credentials)
    return signer.presign(method, url, headers, body, expires=expires, at=NOW)


def verify(
    url: str,
    *,
    service: str = "s3",
    credentials: Credentials = B,
    method: str = "GET",
    headers: HeaderPairs = (),
    body: bytes = b"",
    at: float = NOW,
    strict: bool = False,
) -> Verified:
    verifier = Verifier(service, "us-east-1", lambda claim: credentials, clock=lambda: at, strict=strict)
    target = "/" + url.partition("://")[2].partition("/")[2]
    return verifier.verify(method, target, (("Host", HOST), *headers), body)


def refused(url: str, **how: Any) -> tuple[str, str]:
    with pytest.raises(VerificationError) as caught:
        verify(url, **how)
    return caught.value.stage, caught.value.code


def test_the_published_example() -> None:
    """EX-S3-5: Amazon S3 API Reference, sigv4-query-string-auth."""
    url = Signer("s3", "us-east-1", B).presign(
        "GET", f"https://{HOST}/test.txt", expires=86400, at=1369353600
    )
    assert url == (
        f"https://{HOST}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
        "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_the_caller_s_parameters_are_kept_and_the_fragment_is_not_signed() -> None:
    url = presign(f"https://{HOST}/a%20b?x=2&x=1&y&z=%2f#part")
    assert url.startswith(f"https://{HOST}/a%20b?x=2&x=1&y&z=%2f&X-Amz-Algorithm=")
    assert url.endswith("#part")
    assert "#" not in url.removesuffix("#part")
    assert verify(url.partition("#")[0]).access_key_id == B.access_key_id


def test_every_header_given_is_signed_and_named_as_to_be_sent() -> None:
    url = presign(
        headers={"Content-Type": "text/plain", "x-amz-acl": "private", "User-Agent": "x", "Host": HOST}
    )
    assert url.headers_to_send == {"Content-Type": "text/plain", "x-amz-acl": "private"}
    assert "X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-acl&" in url
    assert verify(url, headers=tuple(url.headers_to_send.items())).signed_headers == (
        "content-type",
        "host",
        "x-amz-acl",
    )
    assert refused(url) == ("VERIFY-15", "SignatureDoesNotMatch")


def test_a_token_is_signed_in_the_query() -> None:
    temporary = Credentials("ASIAEXAMPLE", "secret", "TOK/+=")
    url = presign(credentials=temporary)
    assert "&X-Amz-Security-Token=TOK%2F%2B%3D&" in url
    assert verify(url, credentials=temporary).access_key_id == "ASIAEXAMPLE"
    other = Credentials("ASIAEXAMPLE", "secret", "OTHER")
    assert refused(url, credentials=other) == ("VERIFY-14", "InvalidClientTokenId")
    assert refused(url.replace("&X-Amz-Security-Token=TOK%2F%2B%3D", ""), credentials=temporary) == (
        "VERIFY-14",
        "InvalidClientTokenId",
    )


def test_s3_does_not_sign_the_body_and_others_do() -> None:
    assert verify(presign(method="PUT"), method="PUT", body=b"anything").payload == "UNSIGNED-PAYLOAD"
    url = presign(service="iam", method="POST", body=b"{}")
    assert verify(url, service="iam", method="POST", body=b"{}").payload != "UNSIGNED-PAYLOAD"
    assert refused(url, service="iam", method="POST", body=b"{ }") == ("VERIFY-15", "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    "body",
    [b"bound", "bound", Payload.sha256("5d2b4d4e6ea4c4b9f5c3ae5a0e6f0ab2d0d9ac8f6a3d1a5e9d5d7b8e6f3c2a10")],
)
def test_a_body_given_for_s3_is_signed_in_a_header(body: Body) -> None:
    url = presign(method="PUT", body=body)
    assert list(url.headers_to_send) == ["X-Amz-Content-SHA256"]
    headers = tuple((name, str(value)) for name, value in url.headers_to_send.items())
    if not isinstance(body, Payload):
        assert verify(url, method="PUT", headers=headers, body=b"bound").payload == headers[0][1]
    assert refused(url, method="PUT", headers=headers, body=b"other") == (
        "VERIFY-15",
        "XAmzContentSHA256Mismatch",
    )


def test_a_url_expires_by_itself_or_with_its_credentials_whichever_is_first() -> None:
    assert presign(expires=60).expires_at == NOW + 60
    dying = Credentials("ASIAEXAMPLE", "secret", "T", expires_at=NOW + 30)
    assert presign(credentials=dying, expires=60).expires_at == NOW + 30


@pytest.mark.parametrize(
    ("after", "accepted"), [(-901, False), (-900, True), (0, True), (60, True), (61, False)]
)
def test_a_url_is_valid_from_its_date_until_it_expires(after: int, accepted: bool) -> None:
    url = presign(expires=60)
    if accepted:
        assert verify(url, at=NOW + after).timestamp == NOW
    else:
        stage, code = refused(url, at=NOW + after)
        assert (stage, code) == ("VERIFY-10" if after > 0 else "VERIFY-11", "SignatureDoesNotMatch")


@pytest.mark.parametrize("expires", [0, -1, 604801, True, 1.0, "60", None])
def test_an_expiry_outside_seven_days_is_refused_before_signing(expires: Any) -> None:
    with pytest.raises(SigningError) as caught:
        presign(expires=expires)
    assert str(caught.value) == f"expires is {expires!r}: expected whole seconds, 1 to 604800 (7 days)"


@pytest.mark.parametrize("expires", [0, 901, 604800])
def test_an_expiry_beyond_the_limit_of_the_service_is_refused_with_its_minutes(expires: int) -> None:
    presign(service="rds-db", expires=900)
    with pytest.raises(SigningError) as caught:
        presign(service="rds-db", expires=expires)
    said = "expected whole seconds, 1 to 900 (the 15 minutes that the service accepts)"
    assert str(caught.value) == f"expires is {expires}: {said}"


def test_a_method_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(SigningError, match="the method is 'GET /': expected an HTTP method"):
        presign(method="GET /")


def test_a_literal_that_the_service_does_not_accept_is_refused_with_its_name() -> None:
    with pytest.raises(SigningError, match=r"^UNSIGNED-PAYLOAD is not accepted by sagemaker "):
        presign(service="sagemaker", body=UNSIGNED_PAYLOAD)


def test_the_explanation_of_a_url_has_the_headers_to_send() -> None:
    signer = Signer("s3", "us-east-1", B)
    explained = signer.explain("GET", f"https://{HOST}/", {"x-amz-acl": "private"}, expires=60, at=NOW)
    assert explained.headers == {"x-amz-acl": "private"}
    assert explained.signed_headers == "host;x-amz-acl"
    assert explained.unsigned == {}


@pytest.mark.parametrize("expires", ["0", "-1", "604801", "1e3", "", "+60", "6O", "%31", "9" * 5000, "١"])
def test_a_verifier_accepts_plain_seconds_up_to_seven_days_only(expires: str) -> None:
    url = presign(expires=60).replace("X-Amz-Expires=60", f"X-Amz-Expires={expires}")
    assert refused(url.replace("١", "%D9%A1"))[1] in (
        "AuthorizationQueryParametersError",
        "SignatureDoesNotMatch",
    )


@pytest.mark.parametrize("name", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"])
def test_a_missing_or_repeated_parameter_is_refused(name: str) -> None:
    url = presign()
    base, _, query = url.partition("?")
    parameters = query.split("&")
    without = [each for each in parameters if not each.startswith(f"X-Amz-{name}=")]
    assert len(without) == len(parameters) - 1
    assert refused(f"{base}?{'&'.join(without)}")[0] == "VERIFY-7"
    assert refused(f"{url}&X-Amz-{name}=x") == ("VERIFY-7", "IncompleteSignature")


def test_an_x_amz_header_that_was_not_signed_is_refused() -> None:
    assert refused(presign(), headers=(("x-amz-acl", "public-read"),)) == (
        "VERIFY-8",
        "SignatureDoesNotMatch",
    )


def test_a_presigned_url_is_not_signed_again() -> None:
    url = presign()
    for sign in (lambda: presign(url), lambda: Signer("s3", "us-east-1", B).sign("GET", url)):
        with pytest.raises(SigningError, match="presigned already"):
            sign()


def test_a_target_cannot_be_presigned() -> None:
    with pytest.raises(SigningError, match="give an absolute one"):
        presign("/test.txt", headers={"Host": HOST})


@pytest.mark.parametrize(
    ("url", "headers", "words"),
    [
        (
            f"https://{HOST}/",
            {"Host": "other.example"},
            "the Host header is 'other.example' and the host of the URL is",
        ),
        (
            f"https://{HOST}/",
            {"Host": ""},
            "^the Host header is empty: leave it out, or give the host of the request$",
        ),
        (
            f"https://{HOST}/",
            {"Host": "0123456789" * 9},
            f"^the Host header is '{'0123456789' * 8}' and the host of the URL is '{HOST}': leave the header out$",
        ),
        (f"https://{HOST}/?X-Amz-Expires=604800", {}, "presigned already"),
        (f"https://{HOST}/?X-Amz-Date=20150830T123600Z", {}, "presigned already"),
        (f"https://{HOST}/?X-Amz-Security-Token=T", {}, "presigned already"),
        (f"https://{HOST}/?X-Amz-SignedHeader%73=host", {}, "presigned already"),
    ],
)
def test_what_would_make_a_url_that_never_verifies_is_refused(
    url: str, headers: dict[str, str], words: str
) -> None:
    with pytest.raises(SigningError, match=words):
        presign(url, headers=headers)


def test_a_token_in_the_headers_of_a_presigned_url_is_refused() -> None:
    headers = {"x-amz-meta-a": "1"}
    url = presign(headers=headers)
    # The header is added to the signed ones here, because `presign` removes it.
    forged = url.replace("x-amz-meta-a", "x-amz-meta-a%3Bx-amz-security-token")
    sent = (("x-amz-meta-a", "1"), ("x-amz-security-token", "BOGUS"))
    assert refused(forged, headers=sent) == ("VERIFY-14", "InvalidClientTokenId")


def test_strict_accepts_what_presign_makes() -> None:
    assert verify(presign(), strict=True).access_key_id == B.access_key_id
    assert refused(presign(f"https://{HOST}/%61"), strict=True) == ("VERIFY-15", "SignatureDoesNotMatch")


def test_a_presigned_url_is_a_str_that_hides_itself_and_can_be_copied() -> None:
    url = presign(headers={"x-amz-acl": "private"})
    assert repr(url) == f"PresignedUrl('https://{HOST}/test.txt?***', expires_at={NOW + 900})"
    assert (
        repr(presign(f"https://{HOST}/?a=?b"))
        == f"PresignedUrl('https://{HOST}/?***', expires_at={NOW + 900})"
    )
    for copied in (copy.copy(url), copy.deepcopy(url), pickle.loads(pickle.dumps(url))):
        assert (copied, copied.expires_at, copied.headers_to_send) == (
            url,
            url.expires_at,
            url.headers_to_send,
        )


def test_a_refusal_shows_no_token() -> None:
    marked = Credentials("ASIAEXAMPLE", "SECRETMARK", "TOKENMARK")
    with pytest.raises(SigningError) as caught:
        presign("https://h.example/%zz", credentials=marked)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "MARK" not in shown.replace('"SECRETMARK", "TOKENMARK"', "")


def test_dialects_say_which_services_do_not_sign_bodies() -> None:
    assert (DEFAULT.presign_unsigned, S3.presign_unsigned) == (False, True)


def test_a_signer_that_presigned_before_makes_the_url_that_a_new_one_makes() -> None:
    def new() -> Signer:
        return Signer("s3", "us-east-1", Credentials("A", "b", "token"))

    used = new()
    for method, path, expires, at in (
        ("GET", "a", 60, NOW),
        ("GET", "b", 60, NOW),
        ("PROPFIND", "b", 61, NOW),
        ("GET", "b", 61, NOW + 1),
    ):
        url = f"https://h.example/{path}"
        assert used.presign(method, url, expires=expires, at=at) == new().presign(
            method, url, expires=expires, at=at
        )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://B.S3.Amazonaws.com/Key", "https://b.s3.amazonaws.com/Key"),
        ("wss://H.example:8443", "wss://h.example:8443"),
        ("https://User@H.example:443/A?B=C#D", "https://User@h.example:443/A"),
        ("https://[::A]/x", "https://[::a]/x"),
    ],
)
def test_cr_hdr_6_the_url_has_the_host_as_it_is_signed(url: str, expected: str) -> None:
    """curl and aiohttp send Host in the case that the URL has."""
    signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "secret"))
    presigned = signer.presign("GET", url, expires=60)
    assert presigned.partition("?")[0] == expected
    host = expected.partition("://")[2].partition("/")[0].rpartition("@")[2].removesuffix(":443")
    given = signer.explain("GET", url, {"Host": host.upper()}, expires=60)
    assert f"\nhost:{host}\n" in given.canonical_request
