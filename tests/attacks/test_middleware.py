"""Attacks the middleware with targets, headers, WebSockets and replays."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import MemoryReplayStore, Signer
from sigv4.error_responses import JSON_1_1, S3_XML
from sigv4.replay import StoreFull
from tests.attacks.exchanges import HOST, Exchange, signed
from tests.sigv4.signed import NOW, TEMPORARY

Pairs = list[tuple[bytes, bytes]]


def presigned(target: str, service: str = "execute-api") -> str:
    return (
        Signer(service, "us-east-1", TEMPORARY)
        .presign("GET", f"https://{HOST}{target}", expires=60, at=NOW)
        .partition(HOST)[2]
    )


REPORT = presigned("/reports/1?a=1&a=2")
QUERY = REPORT.partition("?")[2]
OTHER_ROUTES = [
    f"/admin/wipe/../../reports/1?{QUERY}",
    f"//reports/1?{QUERY}",
    f"/./reports/1?{QUERY}",
    f"/reports//1?{QUERY}",
    f"/reports/x/../1?{QUERY}",
    f"/reports/1?{QUERY.replace('a=1&a=2', 'a=1&%61=2')}",
    f"/reports/1?{QUERY}&",
    f"/reports/1?&{QUERY}",
]


def test_the_unchanged_requests_of_the_attacks_are_accepted() -> None:
    for lenient in (False, True):
        exchange = Exchange(lenient=lenient).run("GET", REPORT, {"Host": HOST})
        assert exchange.status == 200
        assert exchange.app.scope["raw_path"] == b"/reports/1"


@pytest.mark.parametrize("target", OTHER_ROUTES)
def test_a_presigned_url_opens_no_other_route(target: str) -> None:
    exchange = Exchange().run("GET", target, {"Host": HOST})
    assert exchange.app.scope is None
    assert exchange.status == 400
    assert b"its target is not in canonical form" in exchange.sent[1]["body"]
    lenient = Exchange(lenient=True).run("GET", target, {"Host": HOST})
    assert lenient.status == 200
    assert (lenient.app.scope["raw_path"], lenient.app.scope["path"]) == (b"/reports/1", "/reports/1")
    assert lenient.app.scope["query_string"].startswith(b"X-Amz-Algorithm=")
    assert b"&a=1&a=2" in lenient.app.scope["query_string"]


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(
    "target",
    [
        f"/../reports/1?{QUERY}",
        f"/a/../../reports/1?{QUERY}",
        f"http://elsewhere/reports/1?{QUERY}",
        f"http://{HOST}/reports/1?{QUERY}",
        "*",
        f"/reports/1?{QUERY.replace('a=1&a=2', 'a=2&a=1&a=3')}",
    ],
)
def test_a_target_that_no_application_should_see(target: str, lenient: bool) -> None:
    exchange = Exchange(lenient=lenient).run("GET", target, {"Host": HOST})
    assert exchange.app.scope is None
    assert exchange.status in (400, 403)


def test_swapped_parameters_of_one_name() -> None:
    swapped = REPORT.replace("a=1&a=2", "a=2&a=1")
    assert Exchange().run("GET", swapped, {"Host": HOST}).status == 400
    lenient = Exchange(lenient=True).run("GET", swapped, {"Host": HOST})
    assert b"&a=1&a=2" in lenient.app.scope["query_string"], "the order that was signed"


def test_a_header_that_is_split_in_two_or_padded() -> None:
    headers = signed("POST", "/a", x_amz_meta_role="user,admin")
    whole = [(name, value) for name, value in headers.items() if name.lower() != "x-amz-meta-role"]
    for split in (
        [("x-amz-meta-role", "user"), ("x-amz-meta-role", "admin")],
        [("x-amz-meta-role", " user,admin")],
        [("x-amz-meta-role", "user,admin\t")],
    ):
        exchange = Exchange().run("POST", "/a", [*whole, *split])
        assert (exchange.status, exchange.app.scope) == (400, None)
        assert b"a signed header is not in canonical form" in exchange.sent[1]["body"]
        lenient = Exchange(lenient=True).run("POST", "/a", [*whole, ("X-Free", "1"), *split, ("X-Free", "2")])
        assert lenient.status == 200
        seen = lenient.app.scope["headers"]
        assert [value for name, value in seen if name == b"x-amz-meta-role"] == [b"user,admin"]
        assert [value for name, value in seen if name == b"x-free"] == [b"1", b"2"]


def test_each_path_in_s3_is_a_different_key_and_an_escaped_one_is_passed_on_as_signed() -> None:
    target = presigned("/a%2Fb/c%20d", "s3")
    exchange = Exchange("s3", lenient=True).run("GET", target.replace("a%2Fb", "%61%2Fb"), {"Host": HOST})
    assert exchange.status == 200
    assert (exchange.app.scope["raw_path"], exchange.app.scope["path"]) == (b"/a/b/c%20d", "/a/b/c d")
    assert Exchange("s3").run("GET", target.replace("a%2Fb", "%61%2Fb"), {"Host": HOST}).status == 400


@pytest.mark.parametrize(
    "sent", ["/%61/x%20y", "/a/x+y", "/a%2Fx+y", "/a/%78%20%79", "/%61%2fx%20y", "/a%2F%78+%79"]
)
def test_the_path_in_s3_that_is_passed_on_is_the_one_that_was_verified(sent: str) -> None:
    """A raw plus sign is a space to the verifier (CR-PATH-4): the application must not read another key."""
    headers = signed("GET", "/a/x%20y", service="s3")
    exchange = Exchange("s3", lenient=True).run("GET", sent, headers)
    assert exchange.status == 200
    assert (exchange.app.scope["raw_path"], exchange.app.scope["path"]) == (b"/a/x%20y", "/a/x y")
    assert Exchange("s3").run("GET", sent, headers).status == 400


def test_a_plus_sign_in_a_path_outside_s3_is_passed_on_as_a_plus_sign() -> None:
    headers = signed("GET", "/a/x+y")
    exchange = Exchange(lenient=True).run("GET", "/a/./x+y", headers)
    assert exchange.status == 200
    assert (exchange.app.scope["raw_path"], exchange.app.scope["path"]) == (b"/a/x+y", "/a/x+y")


@pytest.mark.parametrize("where", ["cookie", "query", "cookies", "empty headers"])
def test_a_head_of_a_megabyte_is_refused_before_any_work(where: str) -> None:
    headers = signed("GET", "/a")
    target = "/a"
    if where == "cookie":
        headers["Cookie"] = "c" * (1 << 20)
    elif where == "cookies":
        headers |= {f"Cookie{number}": "c" for number in range(3000)}
    elif where == "empty headers":
        headers |= {f"{number:04}": "" for number in range(2048)}
    else:
        target = "/a?" + "%61&" * (1 << 18)
    asked: list[Any] = []
    exchange = Exchange()
    exchange.middleware._verifier._lookup = asked.append  # it records its argument and returns None
    exchange.run("GET", target, headers)
    assert (exchange.status, asked, exchange.received) == (431, [], 0)
    assert Exchange(style=JSON_1_1, largest_head=10).run("GET", "/a", signed("GET", "/a")).status == 431
    with_websocket = Exchange(largest_head=10)
    with_websocket.run("GET", "/a", signed("GET", "/a"), type="websocket")
    assert with_websocket.app.scope is None


def test_a_presigned_get_opens_no_websocket_unless_the_option_says_so() -> None:
    refused = Exchange()
    refused.run("GET", REPORT, {"Host": HOST}, type="websocket", extensions={"websocket.http.response": {}})
    assert (refused.app.scope, refused.status) == (None, 403)
    taken = Exchange(presigned_websockets=True)
    taken.run("GET", REPORT, {"Host": HOST}, type="websocket")
    assert taken.app.scope["sigv4"].access_key_id == TEMPORARY.access_key_id
    by_header = Exchange()
    by_header.run("GET", "/a", signed("GET", "/a"), type="websocket")
    assert by_header.app.scope["raw_path"] == b"/a"
    for target in OTHER_ROUTES:
        other = Exchange(presigned_websockets=True)
        other.run("GET", target, {"Host": HOST}, type="websocket")
        assert other.app.scope is None


def test_a_replay_is_refused_after_the_body_and_a_full_store_is_answered_with_503() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    headers = signed("POST", "/a", b"body")
    assert Exchange(blocks=[b"other"], replay=store).run("POST", "/a", headers).status == 403
    assert Exchange(blocks=[b"body"], replay=store).run("POST", "/a", headers).status == 200
    assert Exchange(blocks=[b"body"], replay=store).run("POST", "/a", headers).status == 403

    class Full:
        blocking = False

        def first_use(self, key: bytes, until: float) -> bool:
            raise StoreFull("full of AKIDEXAMPLE's keys")

    for style in (JSON_1_1, S3_XML):
        exchange = Exchange(blocks=[b"body"], replay=Full(), style=style).run("POST", "/a", headers)
        assert exchange.status == 503
        assert (b"retry-after", b"1") in exchange.sent[0]["headers"]
        assert b"AKID" not in exchange.sent[1]["body"]


def test_a_handshake_opens_a_websocket_only_once() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    headers = signed("GET", "/a")
    for is_first in (True, False):
        exchange = Exchange(replay=store)
        exchange.run("GET", "/a", headers, type="websocket", extensions={"websocket.http.response": {}})
        assert (exchange.app.scope is not None) is is_first
    assert exchange.status == 403
    assert Exchange(replay=store).run("GET", "/a", headers).status == 403


@pytest.mark.parametrize(("root", "status"), [("/api", 400), ("/app", 200), ("/app/", 200), ("/ap", 400)])
def test_a_mounted_application_refuses_a_signature_for_another_application(root: str, status: int) -> None:
    """``/api/../app/x`` leads to the application at ``/api``, and is signed as ``/app/x``."""
    target = f"{root}/../app/x"
    headers = signed("GET", "/app/x")
    sent = {"path": target, "root_path": root}
    assert Exchange(lenient=True).run("GET", target, headers, **sent).status == status
    assert Exchange().run("GET", target, headers, **sent).status == 400
