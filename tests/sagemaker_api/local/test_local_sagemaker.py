"""LocalSageMaker: its settings, where it listens, and its start and end."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api import AsyncSageMaker
from sagemaker_api.errors import ConfigError
from sagemaker_api.local import EXAMPLE, Faults, Identity, LocalSageMaker, local_sagemaker
from sigv4 import Credentials, Request
from tests.sagemaker_api.local.serving.raw import exchange, signed, status
from tests.waiting import wait_until

from .without_sockets import Nowhere

MARKER = "MARKERsecret"
IDENTITY = Identity("arn:aws:iam::123456789012:user/a", Credentials("AKIDA", "sa"))


@pytest.mark.slow
def test_starting_again_and_again_leaves_no_thread_and_no_socket() -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        pytest.skip("this system does not list the open files of a process")
    gc.collect()
    threads, files = threading.active_count(), len(list(open_files.iterdir()))
    for _ in range(200):
        LocalSageMaker().stop()  # it was never started
        with (
            LocalSageMaker({"nb": "InService"}) as again,
            socket.create_connection(("127.0.0.1", again.port), timeout=60) as kept,
        ):
            kept.sendall(signed(again))
            assert status(kept.recv(65536)) == 200
    wait_until(lambda: threading.active_count() <= threads)
    wait_until(lambda: len(list(open_files.iterdir())) <= files)


def test_a_server_is_started_once() -> None:
    with LocalSageMaker() as local, pytest.raises(ConfigError, match="make another LocalSageMaker"):
        local.start()
    with pytest.raises(ConfigError, match="make another LocalSageMaker"):
        local.start()
    never = LocalSageMaker()
    never.stop()
    with pytest.raises(ConfigError, match="make another LocalSageMaker"):
        never.start()
    never.stop()


def test_a_host_without_a_port_is_accepted_on_port_80() -> None:
    try:
        local = LocalSageMaker({"nb": "InService"}, port=80)
    except ConfigError as error:
        pytest.skip(f"port 80 cannot be used here: {error}")
    with local:
        for host, expected in (("127.0.0.1", 200), ("127.0.0.1:80", 200), ("localhost", 200), ("evil", 421)):
            assert (
                status(exchange(local, f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())) == expected
            )


def test_asyncio_code_can_use_it() -> None:
    pytest.importorskip("httpx")

    async def mint() -> list[str]:
        with LocalSageMaker({"nb": "InService"}) as local:
            async with AsyncSageMaker(
                region_name="us-east-1", endpoint_url=local.url, credentials=EXAMPLE
            ) as client:
                asked = [
                    client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")
                    for _ in range(10)
                ]
                return [answer["AuthorizedUrl"] for answer in await asyncio.gather(*asked)]

    assert len(set(asyncio.run(mint()))) == 10


def test_stop_closes_the_port_and_every_connection() -> None:
    with LocalSageMaker() as local:
        kept = socket.create_connection(("127.0.0.1", local.port), timeout=60)
    with kept:
        try:
            assert kept.recv(1) == b""
        except ConnectionResetError:
            pass  # the server had not accepted the connection yet
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", local.port), timeout=60)


def test_the_example_pair_is_served_on_loopback_only() -> None:
    with pytest.raises(ConfigError, match="example credentials are public"):
        LocalSageMaker(host="0.0.0.0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"notebooks": {"a_b": "InService"}}, "'a_b' cannot name a notebook"),
        ({"notebooks": {"": "InService"}}, "'' cannot name a notebook"),
        ({"region": "us east"}, "the region is 'us east'"),
        ({"port": 65536}, "a free port from 1 to 65535"),
        (
            {"host": "192.0.2.1", "credentials": Credentials("AKID", MARKER)},
            "a host of this machine",
        ),
        ({"host": "0.0.0.0", "credentials": Credentials("AKID", MARKER)}, "every address of this machine"),
    ],
)
@pytest.mark.slow
def test_a_wrong_setting_is_refused_and_leaves_no_socket_open(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)) as caught:
        LocalSageMaker(**arguments)
    assert MARKER not in str(caught.value)
    del caught
    gc.collect()  # an unclosed socket would warn here, and warnings are errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"notebooks": {"a_b": "InService"}}, "'a_b' cannot name a notebook"),
        ({"notebooks": "ab"}, "notebooks is the text 'ab': expected names and statuses, or a list of names"),
        ({"notebooks": ["nb", "Nb"]}, "the notebooks 'nb' and 'Nb' differ only in case"),
        ({"notebooks": ["nb"], "failing": {"NB": "x"}}, "the notebooks 'NB' and 'nb' differ only in case"),
        ({"region": "us east"}, "the region is 'us east'"),
        ({"identities": []}, "there is no identity that could call: give at least one"),
        ({"identities": [IDENTITY], "policies": []}, "identities have credentials and policies of their own"),
        (
            {"identities": [IDENTITY], "credentials": IDENTITY.credentials},
            "of their own: give either, not both",
        ),
        ({"url_form": "query"}, "the form of URLs is 'query': expected path; or host"),
        (
            {"url_form": "host", "host": "192.0.2.1", "credentials": IDENTITY.credentials},
            "the form of URLs is 'host'",
        ),
        ({"host": "192.0.2.1"}, "the example credentials are public, so '192.0.2.1' would serve anyone"),
        ({"host": "::", "credentials": IDENTITY.credentials}, "'::' is every address of this machine"),
        ({"host": "", "credentials": IDENTITY.credentials}, "'' is every address of this machine"),
        ({"notebooks": 5}, "notebooks is 5: expected names and statuses, or a list of names"),
        ({"notebooks": {5: "InService"}}, "5 cannot name a notebook: expected a text"),
        ({"notebooks": [None]}, "None cannot name a notebook: expected a text"),
        ({"clock": 5}, "clock is 5: expected a callable"),
        ({"on_verdict": "x"}, "on_verdict is 'x': expected a callable"),
        ({"port": "8080"}, "port is '8080': expected a port from 1 to 65535"),
        ({"port": True}, "port is True: expected a port from 1 to 65535"),
        ({"region": 5}, "region is 5: expected a text such as 'us-east-1'"),
        ({"host": None}, "host is None: expected a text such as '127.0.0.1'"),
        ({"faults": "throttle:1"}, "faults is 'throttle:1': expected Faults(…), or Faults.parse("),
        ({"credentials": ("AKID", "x")}, "credentials is tuple: expected Credentials of sigv4"),
        ({"single_use": "no"}, "single_use is 'no': expected True or False"),
        ({"identities": ["alice"]}, "identities holds str: expected Identity(…)"),
        (
            {"policies": ["policy.json"]},
            "policies holds str: expected Policy.parse(TEXT) or read_policy(FILE)",
        ),
        ({"policies": [{"Version": "2012-10-17"}]}, "policies holds dict: expected Policy.parse(TEXT)"),
        ({"policies": 5}, "policies holds int: expected Policy.parse(TEXT)"),
    ],
)
def test_a_setting_that_cannot_be_served_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        LocalSageMaker(server=Nowhere, **arguments)


@pytest.mark.parametrize("seconds", ["x", None, float("nan"), float("inf"), 10**400, -1e11])
def test_a_clock_is_moved_by_seconds(seconds: Any) -> None:
    local = LocalSageMaker(server=Nowhere)
    with pytest.raises(ConfigError, match=r"^the move is .*: expected seconds, at most 1e\+10$"):
        local.clock.move(seconds)
    assert local.clock.ahead == 0


def test_environment_and_policies_of_one_identity_are_chosen_by_its_arn() -> None:
    other = Identity("arn:aws:iam::123456789012:user/b", Credentials("AKIDB", "sb", "token"))
    local = LocalSageMaker(server=Nowhere, identities=[IDENTITY, other], notebooks=["b", "a"])
    assert local.credentials == IDENTITY.credentials
    assert local.environment == local.environment_of(IDENTITY.arn)
    assert local.environment_of(other.arn)["AWS_SESSION_TOKEN"] == "token"
    local.set_policies([])
    assert [each.policies for each in local.identities] == [(), None]
    local.set_policies([], other.arn)
    assert [each.policies for each in local.identities] == [(), ()]
    for call in (local.environment_of, lambda arn: local.set_policies([], arn)):
        with pytest.raises(ConfigError, match=re.escape(IDENTITY.arn)):
            call("arn:aws:iam::123456789012:user/c")
    assert repr(local) == "LocalSageMaker('http://127.0.0.1:8080', ['a', 'b'])"
    assert local.control_url.startswith("http://127.0.0.1:8080/")
    assert (
        LocalSageMaker.default_arn("cn-north-1", "000000000001") == "arn:aws-cn:iam::000000000001:user/local"
    )
    with pytest.raises(ConfigError, match="12 digits"):
        LocalSageMaker.default_arn("us-east-1", "1")


def test_an_answer_waits_for_the_delay_of_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(local_sagemaker, "sleep", slept.append)
    request = Request("POST", "/", {"Host": "127.0.0.1:8080"}, b"{}")
    for faults in (None, Faults(slow=2.5)):
        assert LocalSageMaker(server=Nowhere, faults=faults).answer(request, "::1").status == 400
    assert slept == [2.5]


def test_a_port_in_use_is_named() -> None:
    with LocalSageMaker() as first, pytest.raises(ConfigError, match=f"port {first.port}: .*in use"):
        LocalSageMaker(port=first.port)


def test_the_local_endpoint_serves_ipv6_loopback() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with (
        LocalSageMaker({"nb": "InService"}, host="::1") as local,
        socket.create_connection(("::1", local.port), timeout=60) as connection,
    ):
        assert local.url == f"http://[::1]:{local.port}"
        connection.sendall(signed(local))
        assert status(connection.recv(65536)) == 200


def test_a_session_token_left_over_in_the_environment_is_not_sent() -> None:
    with LocalSageMaker() as local:
        assert local.environment["AWS_SESSION_TOKEN"] == ""


def test_an_unknown_status_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="'Inservice': expected one of Pending, InService"):
        LocalSageMaker({"nb": "Inservice"})


def test_the_environment_points_every_client_here() -> None:
    with LocalSageMaker(credentials=Credentials("AKID", MARKER, "token"), region="eu-west-1") as local:
        assert local.environment == {
            "AWS_ENDPOINT_URL_SAGEMAKER": local.url,
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": MARKER,
            "AWS_SESSION_TOKEN": "token",
        }
        assert MARKER not in repr(local)
