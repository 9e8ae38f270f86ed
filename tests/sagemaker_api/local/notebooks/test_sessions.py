"""Tokens and sessions: what opens a session, how long it lasts, and how many are kept."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from sagemaker_api.local import Client
from sagemaker_api.local.notebooks.sessions import DENIED, NOT_IN_SERVICE, OVER, Session, Sessions

from ..without_sockets import START, Desk

HERE = Client("127.0.0.1")


class World:
    """The sessions of a LocalSageMaker without sockets; secrets are numbers."""

    def __init__(self, **settings: Any) -> None:
        self.desk = Desk()
        self.local = self.desk.local
        self.arn = self.local.default_arn()
        numbers = count(1)
        self.sessions = Sessions(
            self.local.instances,
            self.local.identities,
            self.local.sessions._guard,
            lambda: self.desk.now,
            new_secret=lambda: f"secret{next(numbers)}",
            **settings,
        )

    def mint(self, seconds: int = 1800) -> str:
        instance = self.local.instances.get("nb")
        assert instance is not None
        return self.sessions.mint(instance, self.arn, seconds)

    def open(self, token: str, notebook: str = "nb") -> tuple[str, Session]:
        opened = self.sessions.open(token, notebook, HERE)
        assert not isinstance(opened, str)
        return opened


def test_a_session_lasts_from_the_opening_on() -> None:
    world = World()
    token = world.mint(1800)
    world.desk.now += 299
    cookie, session = world.open(token)
    assert (token, cookie) == ("secret1", "secret2")
    assert (session.notebook, session.identity) == ("nb", world.arn)
    assert (session.opened, session.until) == (START + 299, START + 299 + 1800)
    assert repr(session) == f"Session('nb', {world.arn!r}, until={session.until})"
    assert world.sessions.get(cookie, "nb") is session
    assert world.sessions.get(cookie, "off") is None
    assert world.sessions.get("secret3", "nb") is None
    world.desk.now = session.until - 1
    assert session.allows(HERE)
    assert world.sessions.get(cookie, "nb") is session
    assert world.sessions.all() == [session]
    world.desk.now = session.until
    assert session.refusal(HERE) == OVER
    assert not session.allows(HERE)
    assert world.sessions.get(cookie, "nb") is None
    assert world.sessions.all() == []


@pytest.mark.parametrize(("seconds", "refused"), [(299, ""), (300, OVER)])
def test_a_token_opens_for_five_minutes(seconds: float, refused: str) -> None:
    world = World()
    token = world.mint()
    world.desk.now += seconds
    assert world.sessions.refusal(token, "nb", HERE) == refused
    assert isinstance(world.sessions.open(token, "nb", HERE), str) is bool(refused)


def test_a_token_is_for_its_notebook_and_only_known_ones_open() -> None:
    world = World()
    token = world.mint()
    assert world.sessions.open(token, "off", HERE) == OVER
    assert world.sessions.open("secret9", "nb", HERE) == OVER
    assert world.sessions.refusal("\ud800", "nb", HERE) == OVER
    assert not isinstance(world.sessions.open(token, "nb", HERE), str)


@pytest.mark.parametrize("single_use", [True, False])
def test_one_url_opens_one_session(single_use: bool) -> None:
    world = World(single_use=single_use)
    token = world.mint()
    cookie, session = world.open(token)
    again = world.sessions.open(token, "nb", HERE)
    if single_use:
        assert again == OVER
    else:
        assert again == ("secret3", session)
        assert world.sessions.get("secret3", "nb") is session
    assert world.sessions.get(cookie, "nb") is session
    assert world.sessions.all() == [session]


def test_one_url_has_twenty_cookies_at_most() -> None:
    world = World()
    token = world.mint()
    cookies = [world.open(token)[0] for _ in range(22)]
    alive = [world.sessions.get(cookie, "nb") is not None for cookie in cookies]
    assert alive == [False] * 2 + [True] * 20


def test_a_refusal_says_why_and_does_not_change_the_token() -> None:
    world = World(single_use=True)
    token = world.mint()
    world.local.set_policies([])
    assert world.sessions.open(token, "nb", HERE) == DENIED
    world.local.set_policies(None)
    world.local.instances.set_status("nb", "Stopped")
    assert world.sessions.open(token, "nb", HERE) == NOT_IN_SERVICE
    world.local.instances.set_status("nb", "InService")
    _, session = world.open(token)
    world.local.instances.set_status("nb", "Failed")
    assert session.refusal(HERE) == NOT_IN_SERVICE
    world.local.set_policies([])
    world.local.instances.set_status("nb", "InService")
    assert session.refusal(HERE) == DENIED


@pytest.mark.parametrize("gone", ["instance", "another instance", "identity", "another identity"])
def test_an_instance_or_identity_with_the_name_of_an_earlier_one_does_not_get_its_session(gone: str) -> None:
    world = World()
    _, session = world.open(world.mint())
    identity = world.local.identities.get(world.arn)
    assert identity is not None
    if "instance" in gone:
        for name in ("Stop", "Delete"):
            world.desk.do(f"{name}NotebookInstance", NotebookInstanceName="nb")
        if "another" in gone:
            role = "arn:aws:iam::123456789012:role/notebooks"
            world.desk.do(
                "CreateNotebookInstance", NotebookInstanceName="nb", InstanceType="ml.t3.medium", RoleArn=role
            )
            found = world.local.instances.get("nb")
            assert found is not None
            assert found.status == "InService"
    else:
        world.local.identities.remove(world.arn)
        if "another" in gone:
            world.local.identities.put(identity)
    assert session.refusal(HERE) == OVER


def test_the_oldest_of_more_than_ten_thousand_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    from sagemaker_api.local.notebooks import sessions

    assert sessions._MOST_KEPT == 10_000
    monkeypatch.setattr(sessions, "_MOST_KEPT", 3)
    world = World()
    tokens = [world.mint() for _ in range(4)]
    assert [world.sessions.refusal(token, "nb", HERE) for token in tokens] == [OVER, "", "", ""]
    cookies = [world.open(tokens[3])[0] for _ in range(4)]
    assert [world.sessions.get(cookie, "nb") is None for cookie in cookies] == [True, False, False, False]


def test_ended_sessions_are_dropped_when_a_url_is_made() -> None:
    world = World()
    token = world.mint(1800)
    world.open(token)
    world.desk.now += 300
    world.mint()
    assert (len(world.sessions._urls), len(world.sessions._cookies)) == (1, 1)
    world.desk.now += 1500
    world.mint()
    assert (len(world.sessions._urls), len(world.sessions._cookies)) == (1, 0)


def test_sessions_are_listed_by_their_opening() -> None:
    world = World()
    early, late = world.mint(), world.mint()
    _, second = world.open(late)
    world.desk.now -= 1
    _, first = world.open(early)
    assert world.sessions.all() == [first, second]
