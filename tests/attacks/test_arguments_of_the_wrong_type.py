"""Arguments of the wrong type are refused by the constructor, with an error of this package."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest

from sagemaker_api import AsyncSageMaker, ParamValidationError, SageMaker
from sagemaker_api.errors import SageMakerError
from sagemaker_api.local import Faults, Identity, Limits, LocalSageMaker, asgi
from sagemaker_api.local.clock import Clock
from sagemaker_api.transports.httpx import AsyncHttpxTransport, HttpxTransport
from sagemaker_api.transports.stdlib import AsyncStdlibTransport, StdlibTransport
from sigv4 import Credentials, KeyCache, MemoryReplayStore, Signer, SigningError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.adapters.httpx import AsyncSigV4Transport, SigV4Transport
from sigv4.adapters.redis_replay import RedisReplayStore
from sigv4.adapters.urllib import SigV4Handler
from sigv4.errors import MissingDependency, SigV4Error, expect, expect_has

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SIGNER = Signer("sagemaker", "us-east-1", KEYS)
VERIFIER = Verifier("sagemaker", "us-east-1", lambda claim: KEYS)
ARN = "arn:aws:iam::123456789012:user/alice"


class Odd:
    """A class, where an instance is expected."""


ODD: list[Any] = [
    None, "text", "", b"x", 5, -1, 5.5, float("nan"), True, [], ["x"], [1], {}, {"a": 1}, object(), Odd, 10**400,
]  # fmt: skip


class Client:
    def set(self, name: str, value: str, *, nx: bool = False, get: bool = False, ex: int = 0) -> None: ...


async def app(scope: Any, receive: Any, send: Any) -> None: ...


CONSTRUCTORS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (LocalSageMaker, {}),
    (Identity, {"arn": ARN, "credentials": KEYS}),
    (Faults, {}),
    (Limits, {}),
    (Faults.parse, {"text": "slow:1"}),
    (Limits.parse, {"entries": ["start=5"]}),
    (asgi, {}),
    (Clock, {}),
    (SageMaker, {"region_name": "us-east-1", "credentials": KEYS}),
    (AsyncSageMaker, {"region_name": "us-east-1", "credentials": KEYS}),
    (StdlibTransport, {}),
    (AsyncStdlibTransport, {}),
    (HttpxTransport, {}),
    (AsyncHttpxTransport, {}),
    (Verifier, {"service": "sagemaker", "region": "us-east-1", "lookup": lambda claim: KEYS}),
    (KeyCache, {}),
    (MemoryReplayStore, {}),
    (MemoryReplayStore.for_rate, {"requests_a_second": 5}),
    (RedisReplayStore, {"client": Client()}),
    (SigV4Middleware, {"app": app, "verifier": VERIFIER}),
    (SigV4Transport, {"inner": httpx.HTTPTransport(), "signer": SIGNER}),
    (AsyncSigV4Transport, {"inner": httpx.AsyncHTTPTransport(), "signer": SIGNER}),
    (SigV4Handler, {"signer": SIGNER}),
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("make", "given"), CONSTRUCTORS, ids=[make.__qualname__ for make, _ in CONSTRUCTORS])
def test_a_wrong_type_is_an_error_of_this_package(make: Callable[..., Any], given: dict[str, Any]) -> None:
    with suppress(MissingDependency):
        _stopped(make(**given))
    for name, parameter in inspect.signature(make).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) or name == "server":
            continue
        for value in ODD:
            with suppress(SigV4Error, SageMakerError):
                _stopped(make(**{**given, name: value}))


def _stopped(made: object) -> None:
    if isinstance(made, LocalSageMaker):
        made.stop()


@pytest.mark.parametrize("switch", ["strict", "expanded", "unsigned_payloads"])
def test_the_switches_of_a_verifier_are_bools(switch: str) -> None:
    given: dict[str, Any] = {switch: "no"}
    with pytest.raises(SigningError, match=f"^{switch} is 'no': expected True or False$"):
        Verifier("sagemaker", "us-east-1", lambda claim: KEYS, **given)


@pytest.mark.parametrize("config", ["x", 5, ["MaxItems"]])
def test_a_paging_configuration_is_a_dict(config: Any) -> None:
    client = SageMaker("us-east-1", credentials=KEYS)
    with pytest.raises(ParamValidationError, match="expected a dict of MaxItems"):
        list(client.get_paginator("list_tags").paginate(ResourceArn="a", PaginationConfig=config))
    for get in (client.get_paginator, client.get_waiter):
        with pytest.raises((SigV4Error, SageMakerError)):
            get(config)


def test_what_is_said_of_a_value() -> None:
    for value, said in (
        ("x", "'x'"),
        (None, "None"),
        (Odd, "the class Odd"),
        (Odd(), "Odd"),
        (10**5000, "a very long number"),
    ):
        with pytest.raises(SigningError) as raised:
            expect(False, "a", value, "b")
        assert str(raised.value) == f"a is {said}: expected b"
    for value, said in ((5, "int"), (Odd, "the class Odd")):
        with pytest.raises(SigningError) as raised:
            expect_has("x", "a", value, "b")
        assert str(raised.value) == f"a is {said}: expected b"
