"""Tables of headers that the proxy to a notebook forwards, drops or changes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api.local import Client
from sagemaker_api.local.serving.proxy_headers import AdmittedRequest, fields_for_client, fields_for_server
from sigv4 import Request

HOST = "127.0.0.1:8080"


def admitted(
    *headers: tuple[str, str],
    method: str = "GET",
    secure: bool = False,
    allowed: bool = True,
    host: str = HOST,
) -> AdmittedRequest:
    session: Any = SimpleNamespace(notebook="nb", allows=lambda client: allowed)
    request = Request(method, "/notebook/nb/", [("Host", host), *headers], b"")
    return AdmittedRequest(request, Client("203.0.113.7", secure), session)


def sent_to_server(*fields: tuple[str, str], secure: bool = False) -> list[tuple[str, str]]:
    given = [(name.encode(), value.encode()) for name, value in fields]
    return [
        (name.decode(), value.decode()) for name, value in fields_for_server(admitted(secure=secure), given)
    ]


def sent_back(*fields: tuple[str, str], host: str = HOST) -> list[tuple[str, str]]:
    given = [(name.encode(), value.encode()) for name, value in fields]
    return [(name.decode(), value.decode()) for name, value in fields_for_client(admitted(host=host), given)]


OUR_FIELDS = [
    ("x-forwarded-for", "203.0.113.7"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-host", HOST),
]
HOP_BY_HOP = [
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
]


@pytest.mark.parametrize(
    "name",
    [
        *HOP_BY_HOP,
        "Expect",
        "Forwarded",
        "X-Real-IP",
        "X-Scheme",
        "X-VPC-Endpoint-Id",
        "X-VPC-Id",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
    ],
)
def test_what_the_proxy_keeps_of_a_request(name: str) -> None:
    assert sent_to_server(("Host", HOST), (name, "1")) == [("host", HOST), *OUR_FIELDS]


@pytest.mark.parametrize("name", [*HOP_BY_HOP, "Clear-Site-Data", "Date", "Server", "Service-Worker-Allowed"])
def test_what_the_proxy_keeps_of_an_answer(name: str) -> None:
    assert sent_back((name, "1"), ("X-Other", "2")) == [("x-other", "2")]


def test_headers_named_by_connection_are_not_passed_on() -> None:
    fields = (
        ("Connection", "close, X-A ,x-b"),
        ("X-A", "1"),
        ("connection", "X-C"),
        ("X-B", "2"),
        ("X-C", "3"),
    )
    assert sent_to_server(("Host", HOST), *fields, ("X-D", "4")) == [
        ("host", HOST),
        ("x-d", "4"),
        *OUR_FIELDS,
    ]
    assert sent_back(*fields, ("X-D", "4")) == [("x-d", "4")]


def test_other_headers_are_passed_on_in_their_order_with_the_scheme_of_the_client() -> None:
    fields = [("accept", "a"), ("date", "b"), ("server", "c"), ("x-a", "1"), ("accept", "d")]
    expected = [("host", HOST), *fields, OUR_FIELDS[0], ("x-forwarded-proto", "https"), OUR_FIELDS[2]]
    assert sent_to_server(("Host", HOST), *fields, secure=True) == expected
    answered = [("expect", "a"), ("host", "b"), ("x-forwarded-for", "c"), ("cookie", "d"), ("referer", "e")]
    assert sent_back(*answered) == answered


@pytest.mark.parametrize(
    ("cookies", "sent"),
    [
        (("a=1; local-sagemaker-nb=2; b=3",), "a=1; b=3"),
        (("a=1;;  ; b=3 ", "c=4"), "a=1; b=3; c=4"),
        (("local-sagemaker-x=1",), None),
        (("x-local-sagemaker-=1",), "x-local-sagemaker-=1"),
    ],
)
def test_the_endpoints_cookie_is_not_passed_on(cookies: tuple[str, ...], sent: str | None) -> None:
    found = sent_to_server(("Host", HOST), *(("Cookie", each) for each in cookies))
    assert [value for name, value in found if name == "cookie"] == ([] if sent is None else [sent])


@pytest.mark.parametrize(
    ("name", "value", "passes"),
    [
        ("Referer", "http://h/notebook/nb/?authToken=x", False),
        ("Referer", "http://h/notebook/nb/", True),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=x", False),
        ("Authorization", "  aws4-ecdsa-p256-sha256 Credential=x", False),
        ("Authorization", "Bearer AWS4-", True),
        ("X-Token", "authToken=x AWS4-", True),
    ],
)
def test_no_token_or_signature_is_passed_on(name: str, value: str, passes: bool) -> None:
    found = dict(sent_to_server(("Host", HOST), (name, value)))
    assert found.get(name.lower()) == (value if passes else None)


ROOT, OTHER_HOST = "Path=/notebook/nb/", "nb.localhost:8080"


@pytest.mark.parametrize(
    ("given", "host", "sent"),
    [
        ("a=b", HOST, f"a=b; {ROOT}; SameSite=Lax"),
        ("a=b; PATH=/", HOST, f"a=b; {ROOT}; SameSite=Lax"),
        ("a=b; path=/notebook/nbx", HOST, f"a=b; {ROOT}; SameSite=Lax"),
        ("a=b; path=/notebook/nb/lab", HOST, f"a=b; {ROOT}lab; SameSite=Lax"),
        ("a=b; Domain=example.com; Secure;; HttpOnly", HOST, f"a=b; Secure; HttpOnly; {ROOT}; SameSite=Lax"),
        ("a=b; samesite=None; Max-Age=5", HOST, f"a=b; Max-Age=5; {ROOT}; samesite=None"),
        ("a=b; Path=/x", OTHER_HOST, "a=b; Path=/x; SameSite=Lax"),
        ("a=b", OTHER_HOST.upper(), "a=b; Path=/; SameSite=Lax"),
        ("local-sagemaker-nb=x; Path=/", HOST, None),
    ],
)
def test_the_scope_of_a_cookie_of_the_notebook_server(given: str, host: str, sent: str | None) -> None:
    assert sent_back(("Set-Cookie", given), host=host) == ([] if sent is None else [("set-cookie", sent)])


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (f"http://{HOST}", "/"),
        (f"HTTPS://{HOST}/a", "/a"),
        (f"//{HOST}?a", "?a"),
        (f"http://{HOST}#a", "#a"),
        (f"http://{HOST}0/a", f"http://{HOST}0/a"),
        (f"http://{HOST.replace('.', 'x')}/a", f"http://{HOST.replace('.', 'x')}/a"),
        (f"x http://{HOST}/a", f"x http://{HOST}/a"),
        ("http://elsewhere.example/a", "http://elsewhere.example/a"),
        ("//elsewhere.example/a", "/elsewhere.example/a"),
        ("/\\elsewhere.example/a", "/elsewhere.example/a"),
        ("\\\\elsewhere.example/a", "/elsewhere.example/a"),
        ("/a//b", "/a//b"),
        (f"http://{HOST}//elsewhere.example/a", "/elsewhere.example/a"),
        (f"//{HOST}/\\elsewhere.example/a", "/elsewhere.example/a"),
    ],
)
def test_a_redirect_of_the_notebook_server(given: str, sent: str) -> None:
    assert sent_back(("Location", given)) == [("location", sent)]


SAME, CROSS = f"http://{HOST}", "http://evil.example"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("websocket", [False, True])
@pytest.mark.parametrize(
    ("origins", "own"),
    [
        ((), True),
        ((SAME,), True),
        ((SAME.upper(),), True),
        ((CROSS,), False),
        (("null",), False),
        (("https" + SAME[4:],), False),
        ((SAME, SAME), False),
    ],
)
def test_a_request_of_a_page_of_another_origin_is_recognised(
    method: str, websocket: bool, origins: tuple[str, ...], own: bool
) -> None:
    asked = admitted(*(("Origin", each) for each in origins), method=method, host=HOST.upper())
    reads = method in ("GET", "HEAD", "OPTIONS") and not websocket
    assert asked.is_cross_site(websocket=websocket) is not (own or reads)


def test_the_own_origin_is_https_behind_tls() -> None:
    for scheme, cross in (("http", True), ("https", False)):
        asked = admitted(("Origin", f"{scheme}://{HOST}"), method="POST", secure=True)
        assert asked.is_cross_site(websocket=False) is cross


@pytest.mark.parametrize("allowed", [True, False])
def test_the_session_decides_for_this_client(allowed: bool) -> None:
    client, other = Client("203.0.113.7"), Client("203.0.113.8")
    session: Any = SimpleNamespace(notebook="nb", allows=lambda asked: (asked == client) is allowed)
    assert AdmittedRequest(Request("GET", "/", []), client, session).allowed() is allowed
    assert AdmittedRequest(Request("GET", "/", []), other, session).allowed() is not allowed
