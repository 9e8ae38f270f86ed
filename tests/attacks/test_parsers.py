"""Every parser of untrusted bytes raises only its documented error. Also runs the doctests."""

from __future__ import annotations

import datetime
import doctest
import importlib
import pkgutil
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

import sigv4
from sigv4 import Request, Response, SigningError, VerificationError
from sigv4.authorization import parse_header
from sigv4.scope import format_timestamp, parse_http_date, parse_timestamp
from tests.sigv4.signed import BODY, refusal, sign, verifier

RAW = b"POST /a%20b?c=d HTTP/1.1\r\nHost: h.example\r\nX-A:  b \r\nX-Utf8: \xc3\xbc\r\n\r\nbody\r\n"


def test_a_request_is_parsed() -> None:
    headers = (("Host", "h.example"), ("X-A", "b"), ("X-Utf8", "ü".encode()))
    for raw, body in ((RAW, b"body\r\n"), (RAW.replace(b"\r\n", b"\n"), b"body\n")):
        assert tuple(Request.parse(raw)) == ("POST", "/a%20b?c=d", headers, body)


def test_a_request_target_may_hold_spaces_and_bytes() -> None:
    request = Request.parse("GET /ሴ a b HTTP/1.1\nHost: h\n\n".encode())
    assert request.url.encode("latin-1") == "/ሴ a b".encode()


def test_a_response_is_parsed() -> None:
    raw = b"HTTP/1.1 403 Forbidden\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n{}"
    response = Response.parse(raw)
    assert tuple(response) == (403, (("Set-Cookie", "a"), ("set-cookie", "b")), b"{}")
    assert (response.header("SET-COOKIE"), response.header("x", "none")) == ("a", "none")
    assert Response.parse(b"HTTP/2 200").status == 200


def test_cr_hdr_4_a_fold_is_one_space_if_asked_for() -> None:
    raw = b"GET / HTTP/1.1\nX-A: a\n   b\n\tc\n\n"
    assert Request.parse(raw, unfold=True).headers == (("X-A", "a b c"),)
    with pytest.raises(SigningError, match=r"line 3 continues the header above it \(obs-fold\)"):
        Request.parse(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "the message is empty"),
        (b"\n\n", "the message is empty"),
        (b"GET /\n\n", "line 1 is not an HTTP request line"),
        (b"GET HTTP/1.1\n\n", "line 1 is not an HTTP request line"),
        (b"GET / HTTP/1.1\nHost\n\n", "line 2 is not a header"),
        (b"GET / HTTP/1.1\n: h\n\n", "line 2 is not a header"),
        (
            b"GET / HTTP/1.1\nA: b\nHost : h\n\n",
            "line 3: header name b'Host ' holds bytes that no name may hold",
        ),
        (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", "line 2 holds a bare CR, LF or NUL"),
        (b"GET / HTTP/1.1\nA: b\rc\n\n", "line 2 holds a bare CR, LF or NUL"),
        (b"GET / HTTP/1.1\nA: \0\n\n", "line 2 holds a bare CR, LF or NUL"),
        (b"GET / HTTP/1.1\n A: b\n\n", "line 2 continues the header above it"),
    ],
)
def test_a_refused_message_is_refused_by_its_line(raw: bytes, text: str) -> None:
    with pytest.raises(SigningError) as caught:
        Request.parse(raw)
    assert text in str(caught.value)


def test_a_refused_header_line_is_not_shown_whole() -> None:
    """The value may be a secret: the error may only contain the name."""
    with pytest.raises(SigningError) as caught:
        Request.parse(b"GET / HTTP/1.1\nAuthorization Bearer SECRET\n\n")
    assert "SECRET" not in str(caught.value)


def _mutated(raw: bytes, random: Random) -> bytes:
    data = bytearray(raw)
    for _ in range(random.randint(1, 4)):
        i = random.randrange(len(data) + 1)
        data[i : i + random.randint(0, 2)] = random.choice(
            (b"", b"\n", b"\r", b" ", b":", b"\0", b"\xff", b"%")
        )
    return bytes(data)


@pytest.mark.parametrize("unfold", [False, True])
@pytest.mark.slow
def test_changed_messages_are_parsed_or_refused(unfold: bool) -> None:
    answered = 0
    for seed in range(5000):
        raw = _mutated(RAW, Random(seed))
        try:
            request = Request.parse(raw, unfold=unfold)
        except SigningError:
            answered += 1
            continue
        for _, value in request.headers:
            data = value.encode() if isinstance(value, str) else value
            assert not {b"\r", b"\n", b"\0"} & {data[i : i + 1] for i in range(len(data))}
    assert 500 < answered < 4500


@given(raw=st.binary(max_size=80))
@example(b"HTTP/1.1 \xb2\xb3\xb9 OK\n\n")
@example(b"HTTP/1.1 999999\n\n")
@pytest.mark.slow
def test_hostile_bytes_raise_only_signing_error(raw: bytes) -> None:
    for parse in (Request.parse, Response.parse):
        with suppress(SigningError):
            parse(raw)


def test_random_seconds_of_eight_centuries_are_written_and_read_back() -> None:
    random = Random(0)
    for _ in range(3000):
        seconds = random.randrange(-11644473600, 13569465600)
        text = format_timestamp(seconds)
        when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
        assert text == when.strftime("%Y%m%dT%H%M%SZ")
        assert parse_timestamp(text) == seconds
        days, months = (
            "Mon Tue Wed Thu Fri Sat Sun".split(),
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
        )
        date = f"{days[when.weekday()]}, {when:%d} {months[when.month - 1]} {when:%Y %H:%M:%S} GMT"
        assert parse_http_date(date) == seconds


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 4 May 2013 00:00:00 GMT",
        "Fri, 024 May 2013 0:00:00 GMT",
        "Fri, 24 May 2013 00:00:00 UTC",
        "Fri, 24 Mai 2013 00:00:00 GMT",
        "Friday, 24 May 2013 00:00:00 GMT",
        "Fri, 24 May 13 00:00:00 GMT",
        "Fri, 24 May 2013 00-00-00 GMT",
        "Fri, 24  May 2013 00:00:00 GMT",
        "Fri, 31 Apr 2013 00:00:00 GMT",
        "Fri, 24 May 2013 24:00:00 GMT",
        "Fri, 24 May 2013 00:60:00 GMT",
        "Fri, 24 May 2013 00:00:60 GMT",
        "Fri, 24 May 0000 00:00:00 GMT",
        "Fri, 00 May 2013 00:00:00 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Thu, 29 Feb 1900 00:00:00 GMT",
    ],
)
def test_a_date_of_another_form_or_of_a_day_that_does_not_exist_is_refused(date: str) -> None:
    with pytest.raises(SigningError):
        parse_http_date(date)


TIMES = st.one_of(
    st.text(max_size=30),
    st.text("0123456789TZ:-., +²", max_size=18),
    st.lists(
        st.sampled_from("Fri, 24 May 2013 00:00:00 GMT 201300 00:00: 00::0:00 ²4 0 : 99:99:99 0000".split()),
        max_size=7,
    ).map(" ".join),
)


@given(text=TIMES)
@example("Fri, 24 May 201300 00:00: GMT")
@example("Fri, 24 May 20130 00::0:00 GMT")
@example("Fri, 24 May 2013 ²0:00:00 GMT")
@example("Fri, 4 May 2013 00:00:00 GMT")
@example("20150830T123600Z\n")
@example("²0150830T123600Z")
@pytest.mark.slow
def test_hostile_times_raise_only_signing_error(text: str) -> None:
    for parse in (parse_timestamp, parse_http_date):
        with suppress(SigningError):
            assert format_timestamp(parse(text)).endswith("Z")


AUTHORIZATIONS = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "AWS4-HMAC-SHA256",
                "Credential=A/1/r/s/t",
                "SignedHeaders=host",
                "Signature=0",
                ",",
                " ",
                "=",
                ";",
                "\t",
                "ÿ",
            ]
        ),
        max_size=9,
    ).map("".join),
)


@given(header=AUTHORIZATIONS, dated=st.booleans(), strict=st.booleans())
def test_a_hostile_authorization_raises_only_verification_error(
    header: str, dated: bool, strict: bool
) -> None:
    with suppress(VerificationError):
        assert all(parse_header(header, ("AWS4-HMAC-SHA256",), dated=dated, strict=strict))


HEADER_NAMES = st.sampled_from(
    ["Host", "Authorization", "X-Amz-Date", "Date", "X-Amz-Content-SHA256", "a", "\xff", ""]
)


@given(
    method=st.text(max_size=5),
    url=st.one_of(st.text(max_size=20), st.text("/%?&=aZ#.+ 4", max_size=20).map("/".__add__)),
    extra=st.lists(
        st.tuples(HEADER_NAMES, st.one_of(st.text(max_size=20), TIMES, AUTHORIZATIONS, st.binary(max_size=9)))
    ),
    strict=st.booleans(),
)
@example("POST", "/", [("X-Amz-Date", "Fri, 24 May 201300 00:00: GMT")], False)
@pytest.mark.slow
def test_a_hostile_request_raises_only_verification_error(
    method: str, url: str, extra: list[Any], strict: bool
) -> None:
    changed = {name for name, _ in extra}
    headers = [(name, value) for name, value in sign().items() if name not in changed] + extra
    for verb, target in ((method, url), ("POST", "/")):
        with suppress(VerificationError):
            verifier(strict=strict).verify(verb, target, headers, BODY)


def test_a_hostile_date_header_is_refused_with_a_reason() -> None:
    headers = {name: value for name, value in sign(headers={}).items() if name != "X-Amz-Date"}
    headers["Date"] = "Fri, 24 May 201300 00:00: GMT"
    headers["Authorization"] = str(headers["Authorization"]).replace(";x-amz-date", "")
    assert refusal(verifier(), headers).stage == "VERIFY-9"


MODULES = ["sigv4"] + [
    found.name
    for found in pkgutil.iter_modules(sigv4.__path__, "sigv4.")
    if not found.name.endswith("__main__")
]


def test_the_doctests_hold() -> None:
    results = {name: doctest.testmod(importlib.import_module(name)) for name in MODULES}
    assert {name: result for name, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) > 5
