"""Signer: results, times and names, and arbitrary input."""

from __future__ import annotations

import datetime
import hashlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from sigv4 import (
    DEFAULT,
    S3,
    Credentials,
    Request,
    Signer,
    SigningError,
    Verifier,
)
from tests.sigv4.signed import BODY, CREDENTIALS, HEADERS, KEY_ID, NOW, SECRET, TEMPORARY, TOKEN, URL
from tests.sigv4.signers import S3_SIGNER, SIGNER, refused

# --- what sign returns


def test_sign_returns_all_the_headers_to_send() -> None:
    signed = Signer("sagemaker", "us-east-1", TEMPORARY).sign("POST", URL, HEADERS, BODY, at=NOW)
    assert list(signed) == [
        *HEADERS,
        "Host",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "Authorization",
    ]
    assert signed["Host"] == "api.sagemaker.us-east-1.amazonaws.com"
    assert signed["X-Amz-Date"] == "20150830T123600Z"
    assert signed["X-Amz-Security-Token"] == TOKEN
    assert {name: signed[name] for name in HEADERS} == HEADERS


def test_the_callers_headers_are_not_changed() -> None:
    given_headers = {"authorization": "old", "A": "b"}
    SIGNER.sign("GET", URL, given_headers, at=NOW)
    assert given_headers == {"authorization": "old", "A": "b"}


@pytest.mark.parametrize("signer", [SIGNER, S3_SIGNER, Signer("s3", "us-east-1", TEMPORARY)])
def test_signing_the_output_of_sign_again_changes_nothing(signer: Signer) -> None:
    once = signer.sign("PUT", URL, {"A": " b  c ", "User-Agent": "x"}, b"body", at=NOW)
    assert signer.sign("PUT", URL, once, b"body", at=NOW) == once


def test_cr_hdr_9_the_headers_of_an_older_signature_are_replaced_in_any_spelling() -> None:
    old = {"AUTHORIZATION": "old", "x-amz-DATE": "old", "x-amz-security-token": "old"}
    signed = SIGNER.sign("GET", URL, old, at=NOW)
    assert "old" not in signed.values()
    assert sorted(signed) == ["Authorization", "Host", "X-Amz-Date"]


def test_what_sign_returns_is_unique_by_lower_cased_name() -> None:
    for headers in (
        [("a", "1"), ("A", "2"), ("X-Amz-Date", "x"), ("x-amz-date", "y")],
        {"HOST": "h"},
        {"x-amz-content-SHA256": hashlib.sha256(b"").hexdigest()},
    ):
        names = [name.lower() for name in SIGNER.sign("GET", URL, headers, at=NOW)]
        assert sorted(set(names)) == sorted(names)


def test_never_signed_headers_are_sent_unsigned() -> None:
    headers = dict.fromkeys(DEFAULT.never_signed, "x")
    del headers["authorization"]
    signed = SIGNER.sign("GET", URL, headers, at=NOW)
    assert headers.items() <= signed.items()
    assert "SignedHeaders=host;x-amz-date," in str(signed["Authorization"])


def test_a_dialect_of_the_caller_decides_which_headers_are_signed() -> None:
    dialect = DEFAULT.replace(never_signed={"a": "for the test"})
    signer = Signer("service", "us-east-1", CREDENTIALS, dialect=dialect)
    assert signer.explain("GET", URL, {"A": "1", "Via": "2"}, at=NOW).signed_headers == "host;via;x-amz-date"


@pytest.mark.parametrize(
    ("service", "name"), [("s3", "s3"), ("s3-outposts", "s3"), ("s3-object-lambda", "s3"), ("iam", "default")]
)
def test_the_dialect_follows_from_the_service(service: str, name: str) -> None:
    assert Signer(service, "us-east-1", CREDENTIALS).dialect.name == name


def test_a_dialect_has_no_other_fields() -> None:
    with pytest.raises(TypeError, match=r"Dialect takes .*: got normalise after"):
        DEFAULT.replace(normalise=True)


def test_the_credentials_callable_is_called_for_each_signature() -> None:
    answers = iter((CREDENTIALS, TEMPORARY))
    signer = Signer("service", "us-east-1", lambda: next(answers))
    assert "X-Amz-Security-Token" not in signer.sign("GET", URL)
    assert signer.sign("GET", URL)["X-Amz-Security-Token"] == TOKEN


def test_a_kept_key_is_not_used_on_another_day_or_for_another_secret() -> None:
    current = [CREDENTIALS]
    signer = Signer("service", "us-east-1", lambda: current[0])
    for credentials in (CREDENTIALS, Credentials(KEY_ID, SECRET + "x"), CREDENTIALS):
        current[0] = credentials
        for at in (NOW, NOW + 86400, NOW):
            fresh = Signer("service", "us-east-1", credentials).sign("GET", URL, at=at)
            assert signer.sign("GET", URL, at=at) == fresh


def test_a_signer_is_shared_between_threads() -> None:
    signer = Signer("service", "us-east-1", CREDENTIALS)
    cases = [(f"https://h{i}.example/{i}?{i}", {f"a{i}": "b"}, NOW + i * 86400) for i in range(4)]
    expected = [Signer("service", "us-east-1", CREDENTIALS).sign("GET", u, h, at=at) for u, h, at in cases]
    wrong: list[int] = []

    def run(i: int) -> None:
        url, headers, at = cases[i]
        wrong.extend(i for _ in range(300) if signer.sign("GET", url, headers, at=at) != expected[i])

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_request_unpacks_into_sign() -> None:
    request = Request("POST", URL, HEADERS, BODY)
    assert SIGNER.sign(*request, at=NOW) == SIGNER.sign("POST", URL, HEADERS, BODY, at=NOW)


def test_what_a_new_signer_remembers_is_true() -> None:
    """A new signer already remembers a target and a time; both must be right."""
    for dialect in (DEFAULT, S3):
        new = Signer("service", "us-east-1", CREDENTIALS, dialect=dialect)
        used = Signer("service", "us-east-1", CREDENTIALS, dialect=dialect)
        used.sign("GET", URL, at=NOW)
        for at in (0, -1, 1):
            assert new.sign("GET", "/", {"Host": "h"}, at=at) == used.sign("GET", "/", {"Host": "h"}, at=at)
        assert "expected a URL such as" in refused(
            "GET", "", {"Host": "h"}, signer=Signer("iam", "us-east-1", CREDENTIALS)
        )


# --- method, time, names


@pytest.mark.parametrize("method", ["", "GE T", "GET\n", "GËT", "GET:", None, b"GET"])
def test_cr_method_a_method_is_a_token(method: Any) -> None:
    assert f"the method is {method!r}: expected an HTTP method such as 'GET'" in refused(method, URL)


@pytest.mark.parametrize("method", ["GET", "get", "PROPFIND", "M-SEARCH"])
def test_cr_method_is_signed_as_sent(method: str) -> None:
    assert SIGNER.explain(method, URL, at=NOW).canonical_request.startswith(f"{method}\n")


UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("at", "timestamp"),
    [
        (NOW, "20150830T123600Z"),
        (NOW + 0.999, "20150830T123600Z"),
        (0, "19700101T000000Z"),
        (-1, "19691231T235959Z"),
        (-0.5, "19691231T235959Z"),
        (253402300799, "99991231T235959Z"),
        (-62135596800, "00010101T000000Z"),
        (datetime.datetime(2015, 8, 30, 12, 36, tzinfo=UTC), "20150830T123600Z"),
        (datetime.datetime(2015, 8, 30, 18, 6, 0, 999999, tzinfo=EAST), "20150830T123600Z"),
    ],
)
def test_sts_3_the_time_is_an_aware_datetime_or_epoch_seconds(at: Any, timestamp: str) -> None:
    explanation = SIGNER.explain("GET", URL, at=at)
    assert explanation.headers["X-Amz-Date"] == timestamp
    assert explanation.credential_scope == f"{timestamp[:8]}/us-east-1/service/aws4_request"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime.datetime(2015, 8, 30), "give it its time zone (tzinfo=timezone.utc)"),
        (datetime.date(2015, 8, 30), "at= is date: expected an aware datetime or epoch seconds"),
        ("20150830T123600Z", "at= is str: expected an aware datetime or epoch seconds"),
        (float("nan"), "outside the years 1 to 9999"),
        (float("inf"), "outside the years 1 to 9999"),
        (-float("inf"), "outside the years 1 to 9999"),
        (253402300800, "outside the years 1 to 9999"),
        (-62135596801, "outside the years 1 to 9999"),
        (1440938160000, "outside the years 1 to 9999"),
    ],
)
def test_refused_times(at: Any, text: str) -> None:
    assert text in refused("GET", URL, at=at)


def test_the_clock_is_read_if_no_time_is_given() -> None:
    signer = Signer("service", "us-east-1", CREDENTIALS, clock=lambda: NOW + 0.5)
    assert signer.sign("GET", URL) == SIGNER.sign("GET", URL, at=NOW)


@pytest.mark.parametrize("name", ["", "us east", "us/east", "ü", "a\n", None, 1])
def test_sts_2_names_fit_into_a_scope(name: Any) -> None:
    with pytest.raises(SigningError, match="the service is"):
        Signer(name, "us-east-1", CREDENTIALS)
    with pytest.raises(SigningError, match="the region is"):
        Signer("iam", name, CREDENTIALS)


def test_explain_does_what_sign_does() -> None:
    arguments: Any = ("PUT", URL + "a?b", {"A": "c"}, b"d")
    explanation = SIGNER.explain(*arguments, at=NOW)
    assert explanation.headers == SIGNER.sign(*arguments, at=NOW)
    assert explanation.authorization == explanation.headers["Authorization"]
    assert explanation.authorization.endswith(f"Signature={explanation.signature}")
    shown = str(explanation)
    for part in (*explanation.canonical_request.split("\n"), *explanation.string_to_sign.split("\n")):
        assert part in shown


def test_explain_says_which_headers_are_the_signers_own() -> None:
    given = {"x-amz-date": "old", "Host": "h", "A": "c"}
    lines = SIGNER.explain("GET", "https://h/", given, at=NOW).steps()[0].lines
    origins = {line.text.partition(":")[0]: line.origin for line in lines}
    assert origins["x-amz-date"] == "added by the signer"
    assert origins["host"] == origins["a"] == "a header of the request"


def test_a_raw_target_may_have_any_byte() -> None:
    explanation = SIGNER.explain("GET", "/\xff", {"Host": "h"}, at=NOW, raw_target=True)
    assert explanation.canonical_request.split("\n")[1] == "/%FF"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: SIGNER.explain("GET", "/\u0100", {"Host": "h"}, raw_target=True),
            "with raw_target each character of the URL is one byte: decode the bytes as Latin-1",
        ),
        (
            lambda: SIGNER.presign("GET", "/a", {"Host": "h"}, expires=1),
            "presign makes a URL: give an absolute one, not a target",
        ),
        (
            lambda: SIGNER.sign("GET", "/a"),
            "no Host: give an absolute URL, or a Host header with the target",
        ),
    ],
)
def test_a_url_that_does_not_fit_the_call_is_refused(call: Callable[[], object], text: str) -> None:
    with pytest.raises(SigningError) as caught:
        call()
    assert str(caught.value) == text


def test_a_signer_is_shown_without_its_credentials() -> None:
    assert repr(S3_SIGNER) == "Signer('s3', 'us-east-1', dialect='s3')"


def test_the_region_is_compared_with_the_known_ones_unless_a_dialect_is_given() -> None:
    with pytest.raises(SigningError, match="us-east-1a"):
        Signer("s3", "us-east-1a", CREDENTIALS)
    assert Signer("s3", "us-east-1a", CREDENTIALS, dialect=S3).region == "us-east-1a"


def test_an_older_signature_is_replaced_at_the_start_of_a_stream_of_events() -> None:
    signer = Signer("transcribe", "us-east-1", CREDENTIALS)
    old = {"authorization": "old", "X-AMZ-DATE": "old"}
    assert signer.events("POST", URL, old, at=NOW).headers == signer.events("POST", URL, at=NOW).headers


# --- any input


NAMES = st.text(st.characters(max_codepoint=0x17F), max_size=6)
ANY_TEXT = st.text(max_size=20)
ANY_HEADER = st.tuples(
    st.one_of(
        NAMES, st.binary(max_size=6), st.sampled_from(["Host", "host", "X-Amz-Date", "X-Amz-Content-SHA256"])
    ),
    st.one_of(ANY_TEXT, st.binary(max_size=20)),
)
WIRE = st.text(st.sampled_from("aZ09-._~%/?&=+;:@!$'(),*[]#2fF "), max_size=30)
ANY_URL = st.one_of(
    ANY_TEXT,
    WIRE.map(lambda text: f"https://h.example/{text}"),
    WIRE.map(lambda text: f"/{text}"),
    WIRE.map(lambda text: f"http://{text}"),
)
ANY_BODY = st.one_of(st.none(), st.binary(max_size=20), ANY_TEXT)


@given(
    method=st.one_of(st.sampled_from(["GET", "POST", "x"]), ANY_TEXT),
    url=ANY_URL,
    headers=st.lists(ANY_HEADER, max_size=4),
    body=ANY_BODY,
    service=st.sampled_from(["iam", "s3"]),
    at=st.one_of(st.integers(0, 4102444800), st.floats()),
    credentials=st.sampled_from([CREDENTIALS, TEMPORARY]),
)
@example("GET", "https://h.example/", [], None, "iam", -1.0, CREDENTIALS)
@example("GET", "", [("Host", "h")], None, "iam", 0, CREDENTIALS)
@example("GET", "https://h.example/", [], "\ud800", "iam", 0, CREDENTIALS)
@example("GET", "https://h.example/?", [("A", "\t")], b"", "s3", 0, TEMPORARY)
def test_any_input_signs_and_verifies_or_is_refused_by_a_signing_error(
    method: str, url: str, headers: list[Any], body: Any, service: str, at: float, credentials: Credentials
) -> None:
    try:
        signed = Signer(service, "us-east-1", credentials).sign(method, url, headers, body, at=at)
    except SigningError:
        return
    target = url.partition("#")[0]
    if "://" in target.partition("?")[0]:
        rest = target.split("://", 1)[1]
        cut = min((rest.find(char) for char in "/?" if char in rest), default=len(rest))
        target = rest[cut:] if rest[cut : cut + 1] == "/" else "/" + rest[cut:]
    verifier = Verifier(service, "us-east-1", lambda claim: credentials, clock=lambda: at)
    data = body.encode() if isinstance(body, str) else body or b""
    assert verifier.verify(method, target, signed.items(), data).access_key_id == KEY_ID
    names = [name.lower() for name in signed]
    assert len(names) == len(set(names))
