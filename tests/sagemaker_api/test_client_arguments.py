"""The arguments of a client: which are accepted or refused, and the effect of each; without a network."""

from __future__ import annotations

import asyncio
import copy
import inspect
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api import AsyncSageMaker, ConfigError, SageMaker
from sagemaker_api.call import UNSIGNED
from sagemaker_api.client_arguments import (
    chain_of,
    check_seconds,
    checked_attempts,
    checked_verify,
    explicit_credentials,
    settings_of,
)
from sagemaker_api.transports.httpx import AsyncHttpxTransport, HttpxTransport
from sagemaker_api.transports.stdlib import AsyncStdlibTransport, StdlibTransport
from sigv4 import Credentials, CredentialsError
from sigv4.config.settings import ClientArguments
from sigv4.network.proxies import Proxy
from sigv4.network.time_limits import TimeLimits
from tests.sagemaker_api.closing import Closable, close, end_block

KEYS = Credentials("AKIDEXAMPLE", "secret")
CLIENTS = (SageMaker, AsyncSageMaker)


@pytest.mark.parametrize(
    ("verify", "bundle", "chosen"),
    [
        (None, None, True),
        (None, "", True),
        (None, os.devnull, os.devnull),
        (True, os.devnull, True),
        (False, os.devnull, False),
        (False, None, False),
        (os.devnull, "/nowhere", os.devnull),
    ],
)
def test_the_server_is_checked_unless_that_is_switched_off(
    verify: bool | str | None, bundle: str | None, chosen: bool | str
) -> None:
    assert checked_verify(verify, bundle) is chosen or checked_verify(verify, bundle) == chosen
    assert type(checked_verify(verify, bundle)) is type(chosen)


@pytest.mark.parametrize(("verify", "bundle"), [("/nowhere", None), (None, "/nowhere")])
def test_a_bundle_that_is_not_there_is_refused(verify: str | None, bundle: str | None) -> None:
    with pytest.raises(
        ConfigError, match=r"^the CA bundle '/nowhere' does not exist: set verify= or AWS_CA_BUNDLE"
    ):
        checked_verify(verify, bundle)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((None, None, None), None),
        (("AKIDEXAMPLE", "secret", None), KEYS),
        (("AKIDEXAMPLE", "secret", "t"), Credentials("AKIDEXAMPLE", "secret", "t")),
        ((None, "secret", None), "aws_access_key_id"),
        ((None, None, "t"), "aws_access_key_id"),
        (("AKIDEXAMPLE", None, None), "aws_secret_access_key"),
        (("AKIDEXAMPLE", None, "t"), "aws_secret_access_key"),
    ],
)
def test_explicit_credentials(given: tuple[str | None, ...], found: Credentials | str | None) -> None:
    if isinstance(found, str):
        said = f"^Partial credentials found in explicit, missing: {found}$"
        with pytest.raises(CredentialsError, match=said):
            explicit_credentials(*given)
    else:
        assert explicit_credentials(*given) == found


@pytest.mark.parametrize("seconds", [0, -1, 86400.5, float("nan"), float("inf"), True, "5", None])
def test_a_text_that_is_not_a_time(seconds: Any) -> None:
    check_seconds(a=0.001, b=86400, c=5)
    with pytest.raises(
        ConfigError, match=r"^b=.*: expected seconds, more than 0 and at most 86400 \(a day\)$"
    ):
        check_seconds(a=5, b=seconds)
    for name in ("deadline", "connect_timeout", "read_timeout"):
        with pytest.raises(ConfigError, match=f"^{name}="):
            SageMaker("eu-west-1", credentials=KEYS, **{name: seconds})


@pytest.mark.parametrize("attempts", [0, -1, True, 1.5, "3"])
def test_the_values_of_max_attempts(attempts: Any) -> None:
    assert [checked_attempts(given) for given in (None, 1, 9)] == [3, 1, 9]
    with pytest.raises(
        ConfigError,
        match=r"^argument: max_attempts is .*: expected a whole number, at least 1, including the first attempt$",
    ):
        checked_attempts(attempts)


def test_the_chain_gets_the_arguments_of_the_client() -> None:
    given = ClientArguments("eu-west-1", True, False, "/ca")
    chain = chain_of("p", given)
    assert vars(chain)["_arguments"] is given
    assert repr(chain) == "Chain(profile_name='p')"
    for kind in CLIENTS:
        client = kind("eu-west-1", use_fips_endpoint=True, use_dualstack_endpoint=False, verify=False)
        expected = ClientArguments("eu-west-1", True, False, False)
        assert vars(vars(client)["_credentials"])["_arguments"] == expected


def test_the_defaults_are_those_that_are_documented() -> None:
    for kind in CLIENTS:
        found = {name: each.default for name, each in inspect.signature(kind).parameters.items()}
        assert {name: value for name, value in found.items() if value is not None} == {
            "deadline": 30.0,
            "connect_timeout": 5.0,
            "read_timeout": 10.0,
        }
        settings = vars(kind("eu-west-1", credentials=KEYS))["_settings"]
        assert settings.limits == TimeLimits(5.0, 10.0, 30.0)
        assert settings.max_attempts == 3


@pytest.mark.parametrize("kind", CLIENTS)
def test_the_effect_of_the_arguments_of_a_client(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:8")
    client = kind("cn-north-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", verify=False)
    found = vars(client)
    assert found["_credentials"] == KEYS
    assert found["_verify"] is False
    assert found["_proxy"] == Proxy("p", 8, "", "HTTPS_PROXY")
    assert found["_owns_transport"]
    url = "https://api.sagemaker.cn-north-1.amazonaws.com.cn"
    assert client.meta.region_name == "cn-north-1"
    assert (client.meta.endpoint_url, client.meta.partition) == (url, "aws-cn")
    assert repr(client) == f"{kind.__name__}(region_name='cn-north-1', endpoint_url='{url}')"
    assert repr(kind.__new__(kind)) == f"{kind.__name__}()"
    assert client.max_attempts == 3
    assert client.exceptions.ClientError.__name__ == "ClientError"
    transport = StdlibTransport() if kind is SageMaker else AsyncStdlibTransport()
    other = vars(kind("eu-west-1", credentials=UNSIGNED, transport=transport, max_attempts=7))
    assert (other["_proxy"], other["_owns_transport"], other["_transport"]) == (None, False, transport)
    assert (other["_verify"], other["_settings"].max_attempts) == (True, 7)
    with pytest.raises(ConfigError, match="both credentials= and aws_access_key_id= are given"):
        kind("eu-west-1", credentials=KEYS, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")


def test_settings_come_from_the_profile_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config"
    file.write_text("[profile p]\nregion = eu-west-3\nmax_attempts = 5\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    assert settings_of("p").region.value == "eu-west-3"
    client = SageMaker(profile_name="p", credentials=KEYS)
    assert (client.meta.region_name, client.max_attempts) == ("eu-west-3", 5)
    with pytest.raises(ConfigError, match=r"^You must specify a region\.$"):
        settings_of(None)


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize(("owned", "opened", "closed"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_only_the_clients_own_transport_is_closed(kind: Any, owned: bool, opened: bool, closed: int) -> None:
    transport = Closable()
    for end in (end_block, close):
        client = kind("eu-west-1", credentials=KEYS, transport=None if owned else transport)
        if owned:
            vars(client)["_transport"] = transport if opened else None
        transport.closed = 0
        end(client)
        assert transport.closed == closed
        with pytest.raises(ConfigError, match="this client is closed: make a new one"):
            client._source()


class Chain:
    def __init__(self) -> None:
        self.forgotten: list[object] = []

    def forget(self, credentials: object) -> None:
        self.forgotten.append(credentials)

    def __call__(self) -> Credentials:
        return KEYS


def test_expired_credentials_are_forgotten_if_there_are_others() -> None:
    chain = Chain()
    client: Any = SageMaker("eu-west-1", credentials=chain)
    client._forget(None)
    client._forget(KEYS)
    assert chain.forgotten == [KEYS]
    assert client._source() is KEYS
    fixed: Any = SageMaker("eu-west-1", credentials=KEYS)
    fixed._forget(KEYS)
    assert fixed._source() is KEYS
    unsigned: Any = SageMaker("eu-west-1", credentials=UNSIGNED)
    assert unsigned._source() is UNSIGNED


def test_the_client_of_asyncio_awaits_a_chain_and_calls_any_other_callable() -> None:
    class Awaited(Chain):
        async def aget(self) -> Credentials:
            return Credentials("AKIDAWAITED", "secret")

    async def ask() -> None:
        client: Any = AsyncSageMaker("eu-west-1", credentials=Awaited())
        found = await client._source()
        assert found.access_key_id == "AKIDAWAITED"
        await client.aclose()
        with pytest.raises(ConfigError, match="this client is closed"):
            client._source()
        plain: Any = AsyncSageMaker("eu-west-1", credentials=Chain())
        assert plain._source() is KEYS

    asyncio.run(ask())
    blocking: Any = SageMaker("eu-west-1", credentials=Awaited())
    assert blocking._source() is KEYS


async def _none() -> None: ...


_UNUSED = _none()  # a coroutine in place of the function
_UNUSED.close()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    "credentials", ["", b"x", 0, 1.5, True, [], {}, ("AKID", "secret"), object(), Credentials, _UNUSED]
)
def test_credentials_of_a_wrong_type_are_refused_and_not_replaced_by_others(
    client: type[Any], credentials: object
) -> None:
    with pytest.raises(
        ConfigError, match=r"^credentials is \w+: expected Credentials of sigv4, or a callable"
    ):
        client("eu-west-1", credentials=credentials)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("transport", ["", 0, True, [], object(), StdlibTransport, AsyncStdlibTransport])
def test_a_transport_of_a_wrong_type_is_refused(client: type[Any], transport: object) -> None:
    with pytest.raises(ConfigError, match=r"^transport is \w+"):
        client("eu-west-1", transport=transport)


@pytest.mark.parametrize(
    ("client", "kind", "other"),
    [
        (SageMaker, AsyncHttpxTransport, "AsyncSageMaker"),
        (SageMaker, AsyncStdlibTransport, "AsyncSageMaker"),
        (AsyncSageMaker, HttpxTransport, "SageMaker"),
        (AsyncSageMaker, StdlibTransport, "SageMaker"),
    ],
)
def test_a_transport_of_the_other_client_is_refused(client: type[Any], kind: type[Any], other: str) -> None:
    with pytest.raises(ConfigError, match=rf"^transport is {kind.__name__}, a transport of {other}$"):
        client("eu-west-1", transport=kind())


@pytest.mark.parametrize("kind", [AsyncHttpxTransport, AsyncStdlibTransport, HttpxTransport, StdlibTransport])
def test_every_transport_checks_verify_at_once(kind: type[Any]) -> None:
    with pytest.raises(ConfigError, match=r"^verify is float: expected True, False or a path"):
        kind(verify=1.5)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", [0, [], False, b"", 1])
def test_a_profile_is_named_by_a_text(client: type[Any], name: object) -> None:
    with pytest.raises(ConfigError, match=r"^argument: the profile's name is .*: expected text$"):
        client("eu-west-1", profile_name=name)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("make", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_client_is_not_copied(client: type[Any], make: Any) -> None:
    with pytest.raises(
        TypeError, match=rf"^{client.__name__} cannot be pickled or copied: make another client$"
    ):
        make(client("eu-west-1"))
