"""Policies are enforced on the call, on the URL, and on each request of a session, at any time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from sagemaker_api.local import Client, Policy
from sagemaker_api.local.clients import Proxies
from sigv4 import Request
from tests.sagemaker_api.local.iam.guarded import ALL, ARN, PRESIGN, USER, live, policy, statement

from ..without_sockets import AUTHORITY, HERE, START, Desk, cookie_of, refusal
from .documented_policies import IP_PAGE, IP_PAGE_WITH_DENY
from .ip_policies import ROWS, TRUSTED_PROXY, Row

NOT_ALLOWED = (
    f"User: {USER} is not authorized to perform: {PRESIGN} on resource: {ARN} "
    f"because no identity-based policy allows the {PRESIGN} action"
)
DENIED = (
    f"User: {USER} is not authorized to perform: {PRESIGN} on resource: {ARN} "
    "with an explicit deny in an identity-based policy"
)
INSIDE, OUTSIDE = Client("203.0.113.7"), Client("198.51.100.1")


def client_of(row: Row) -> Client:
    """The client of a row that a server sees, through the row's proxy if there is one."""
    headers = [("Host", AUTHORITY)]
    if row.forwarded_for is not None:
        headers.append(("X-Forwarded-For", row.forwarded_for))
    if row.vpce is not None or row.vpc is not None:
        headers += [("X-Forwarded-For", row.vpc_source_ip or "10.1.2.3")]
        headers += [("X-Vpc-Endpoint-Id", row.vpce or ""), ("X-Vpc-Id", row.vpc or "")]
    peer = row.peer or row.source_ip or TRUSTED_PROXY
    return Proxies([TRUSTED_PROXY], ["vpc"]).client(Request("GET", "/", headers), peer)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.note)
def test_a_network_policy_applies_to_call_url_and_session(row: Row) -> None:
    desk = Desk(policies=[ALL])
    url = desk.mint()
    session = cookie_of(desk.get(url))
    desk.local.set_policies([Policy.parse(row.policy, "row")])
    desk.client = client_of(row)
    call = desk.call({"NotebookInstanceName": "nb"})
    if not row.allowed:
        assert refusal(call)[0] == "AccessDeniedException"
    assert [call.status, desk.get(url).status, desk.get("/notebook/nb/", session).status] == (
        [200, 302, 200] if row.allowed else [400, 403, 403]
    )


@pytest.mark.parametrize(("text", "words"), [(IP_PAGE, NOT_ALLOWED), (IP_PAGE_WITH_DENY, DENIED)])
def test_the_documented_policy_works_verbatim(text: str, words: str) -> None:
    desk = Desk(policies=[Policy.parse(text, "IP page")])
    desk.client = OUTSIDE
    assert refusal(desk.call({"NotebookInstanceName": "nb"})) == ("AccessDeniedException", words)
    desk.client = INSIDE
    url = desk.mint()
    desk.client = OUTSIDE
    page = desk.get(url)
    assert (page.status, page.header("set-cookie"), b"from 198.51.100.1" in page.body) == (403, "", True)
    desk.client = INSIDE
    session = cookie_of(desk.get(url))
    assert desk.get("/notebook/nb/", session).status == 200
    desk.client = OUTSIDE
    assert desk.get("/notebook/nb/", session).status == 403


def end_it(desk: Desk) -> None:
    desk.now += 43200


def stop_it(desk: Desk) -> None:
    desk.do("StopNotebookInstance", NotebookInstanceName="nb")


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.local.set_policies([]),
        lambda desk: desk.local.set_policies([policy(statement("Deny"))]),
        lambda desk: desk.local.set_policies([policy(statement("Allow", resource=ARN + "-other"))]),
        lambda desk: desk.local.identities.remove(USER),
        end_it,
        stop_it,
        lambda desk: desk.local.instances.set_status("nb", "Failed"),
    ],
    ids=["no policy", "denied", "another resource", "no identity", "over", "stopped", "failed"],
)
def test_a_session_ends_at_the_next_frame(change: Callable[[Desk], None]) -> None:
    desk = Desk(policies=[ALL])
    session = live(desk)
    assert (session.notebook, session.identity, session.until) == ("nb", USER, START + 43200)
    assert session.allows(HERE)
    change(desk)
    assert not session.allows(HERE)


def test_a_session_depends_on_the_current_address() -> None:
    desk = Desk(policies=[Policy.parse(IP_PAGE, "IP page")])
    desk.client = INSIDE
    session = live(desk)
    assert [session.allows(client) for client in (INSIDE, OUTSIDE, Client(""), INSIDE)] == [
        True,
        False,
        False,
        True,
    ]


def test_a_condition_on_the_time_ends_a_session_when_its_time_comes() -> None:
    until = statement("Allow", Condition={"DateLessThan": {"aws:CurrentTime": "2027-01-15T08:01:00Z"}})
    desk = Desk(policies=[policy(until)])
    session = live(desk)
    desk.now += 59
    assert session.allows(HERE)
    desk.now += 1
    assert not session.allows(HERE)


def test_a_session_ends_at_the_exact_second_of_the_moved_clock() -> None:
    desk = Desk()
    url = desk.mint(SessionExpirationDurationInSeconds=1800)
    desk.local.clock.move(299)
    session = cookie_of(desk.get(url))
    desk.local.clock.move(1)
    assert desk.get(url).header("location") == "/sign-in"
    desk.local.clock.move(1798)
    assert desk.get("/notebook/nb/", session).status == 200
    desk.local.clock.move(1)
    assert desk.get("/notebook/nb/", session).header("location") == "/sign-in"


def test_one_url_opens_one_session_however_often_it_is_opened() -> None:
    desk = Desk()
    url = desk.mint(SessionExpirationDurationInSeconds=1800)
    first = cookie_of(desk.get(url))
    desk.now += 200
    again = desk.get(url)
    assert "Max-Age=1600;" in again.header("set-cookie")
    assert len(desk.local.sessions.all()) == 1
    desk.now += 1599
    assert [desk.get("/notebook/nb/", each).status for each in (first, cookie_of(again))] == [200, 200]
    desk.now += 1
    assert [desk.get("/notebook/nb/", each).status for each in (first, cookie_of(again))] == [302, 302]


def test_a_url_that_is_opened_again_and_again_keeps_a_bounded_number_of_cookies() -> None:
    desk = Desk()
    url = desk.mint()
    cookies = [cookie_of(desk.get(url)) for _ in range(30)]
    assert len(desk.local.sessions._cookies) == 20
    assert desk.get("/notebook/nb/", cookies[-1]).status == 200


def test_a_single_use_url_opens_once_and_is_not_used_up_by_a_refusal() -> None:
    desk = Desk(policies=[Policy.parse(IP_PAGE, "IP page")], single_use=True)
    desk.client = INSIDE
    url = desk.mint()
    desk.client = OUTSIDE
    assert desk.get(url).status == 403
    desk.client = INSIDE
    assert desk.get(url).header("location") == "/notebook/nb/"
    assert desk.get(url).header("location") == "/sign-in"


def test_too_many_urls_and_cookies_drop_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_api.local.notebooks.sessions._MOST_KEPT", 50)
    desk = Desk()
    instance = desk.local.instances.get("nb")
    assert instance is not None
    sessions = desk.local.sessions
    tokens = [sessions.mint(instance, USER, 1800) for _ in range(60)]
    assert [sessions.open(token, "nb", HERE) for token in tokens[:10]] == ["over"] * 10
    cookies = [cookie_of(desk.get(f"/notebook/nb/?authToken={token}")) for token in tokens[10:] * 2]
    assert (len(sessions._urls), len(sessions._cookies)) == (50, 50)
    assert [desk.get("/notebook/nb/", cookie).status for cookie in cookies] == [302] * 50 + [200] * 50


def test_tags_added_at_once_are_all_kept() -> None:
    desk = Desk()
    ready = threading.Barrier(8)

    def merged(new: Mapping[str, str], tags: Mapping[str, str]) -> Mapping[str, str]:
        return {**new, **tags}

    def add(number: int) -> None:
        ready.wait(60)
        for each in range(5):
            desk.local.instances.change_tags("nb", partial(merged, {f"{number}-{each}": ""}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    instance = desk.local.instances.get("nb")
    assert instance is not None
    assert len(instance.tags) == 40


def test_the_tags_of_an_instance_count_as_they_are_now() -> None:
    team = {"StringEquals": {"sagemaker:ResourceTag/team": "a"}}
    desk = Desk(
        policies=[
            policy(statement("Allow", PRESIGN, Condition=team), statement("Allow", "sagemaker:AddTags"))
        ]
    )
    assert refusal(desk.call({"NotebookInstanceName": "nb"})) == ("AccessDeniedException", NOT_ALLOWED)
    desk.do("AddTags", ResourceArn=ARN, Tags=[{"Key": "team", "Value": "a"}])
    session = live(desk)
    assert session.allows(HERE)
    desk.do("AddTags", ResourceArn=ARN, Tags=[{"Key": "team", "Value": "b"}])
    assert not session.allows(HERE)


def test_creation_with_tags_needs_the_permission_to_tag() -> None:
    desk = Desk(policies=[policy(statement("Allow", "sagemaker:CreateNotebookInstance"))])
    params = {
        "NotebookInstanceName": "new",
        "InstanceType": "ml.t3.medium",
        "RoleArn": "arn:aws:iam::123456789012:role/notebooks",
    }
    code, message = refusal(desk.ask("CreateNotebookInstance", **params, Tags=[{"Key": "k", "Value": "v"}]))
    assert (code, "sagemaker:AddTags on resource" in message) == ("AccessDeniedException", True)
    assert desk.ask("CreateNotebookInstance", **params).status == 200


def test_a_caller_without_permission_does_not_learn_whether_an_instance_exists() -> None:
    desk = Desk(policies=[])
    answers = [
        refusal(desk.ask("DescribeNotebookInstance", NotebookInstanceName=name))[0]
        for name in ("nb", "nobody")
    ]
    assert answers == ["AccessDeniedException"] * 2
