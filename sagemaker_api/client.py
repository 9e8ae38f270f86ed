"""``SageMaker`` and ``AsyncSageMaker``: both run the same ``call`` and differ only in ``await``."""

from __future__ import annotations

import os
import time

from sigv4.config.partitions import partition_of
from sigv4.config.service_endpoints import check_signing_region
from sigv4.config.settings import ClientArguments
from sigv4.credentials import Credentials
from sigv4.network.forks import ProcessLock, loading
from sigv4.network.proxies import proxy_for
from sigv4.network.time_limits import TimeLimits
from sigv4.record import Record

from . import endpoint
from .call import CallSettings, NeedCredentials, Send, Unsigned, call
from .client_arguments import (
    chain_of,
    check_credentials,
    check_seconds,
    check_switches,
    check_transport,
    checked_attempts,
    checked_verify,
    explicit_credentials,
    settings_of,
)
from .errors import ConfigError, Exceptions, TransportError
from .methods import AsyncMethods, Methods

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from typing import Any, NoReturn, TypeAlias, TypeVar

    from sigv4.config.settings import Settings

    from .call import Step
    from .transports.default import AsyncTransport, Transport

    Result = TypeVar("Result")
    CredentialsSource: TypeAlias = (
        "Credentials | Unsigned | Callable[[], Credentials] | Callable[[], Awaitable[Credentials]]"
    )


class ClientMeta(Record):
    """``client.meta``: region and endpoint, as in boto, and the partition, such as ``aws-cn``."""

    region_name: str
    endpoint_url: str
    partition: str


def _call_settings(found: Settings, limits: TimeLimits, max_attempts: int | None) -> CallSettings:
    where = endpoint.resolve(
        found.region.value,
        use_fips=found.use_fips_endpoint.value,
        use_dualstack=found.use_dualstack_endpoint.value,
        endpoint_url=found.endpoint_url.value,
    )
    check_signing_region(where.signing_region, where.signing_name, found.region.origin)
    attempts = found.max_attempts.value if max_attempts is None else max_attempts
    return CallSettings(where, limits, max_attempts=checked_attempts(attempts), app_id=found.app_id.value)


class _Client:
    """The common base of both clients."""

    _transport: Any
    _CLOSE = "close"  # the method of its transports

    def __init__(
        self,
        region_name: str | None = None,
        *,
        endpoint_url: str | None = None,
        profile_name: str | None = None,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        credentials: CredentialsSource | None = None,
        verify: bool | str | None = None,
        use_fips_endpoint: bool | None = None,
        use_dualstack_endpoint: bool | None = None,
        transport: Transport | AsyncTransport | None = None,
        deadline: float = 30.0,
        connect_timeout: float = 5.0,
        read_timeout: float = 10.0,
        max_attempts: int | None = None,
    ) -> None:
        try:
            given = explicit_credentials(aws_access_key_id, aws_secret_access_key, aws_session_token)
        finally:
            aws_secret_access_key = aws_session_token = None  # hidden from tracebacks with locals
        check_credentials(credentials)
        if given is not None and credentials is not None:
            raise ConfigError("both credentials= and aws_access_key_id= are given: expected one of them")
        check_seconds(deadline=deadline, connect_timeout=connect_timeout, read_timeout=read_timeout)
        check_switches(use_fips_endpoint=use_fips_endpoint, use_dualstack_endpoint=use_dualstack_endpoint)
        found = settings_of(
            profile_name,
            region=region_name,
            endpoint_url=endpoint_url,
            use_fips_endpoint=use_fips_endpoint,
            use_dualstack_endpoint=use_dualstack_endpoint,
        )
        check_transport(transport, self._CLOSE)
        limits = TimeLimits(connect_timeout, read_timeout, deadline)
        self._settings = _call_settings(found, limits, max_attempts)
        arguments = ClientArguments(region_name, use_fips_endpoint, use_dualstack_endpoint, verify)
        self._credentials = given or credentials or chain_of(profile_name, arguments)
        self._verify = checked_verify(verify, found.ca_bundle.value)
        self._proxy = proxy_for(self._settings.endpoint.url) if transport is None else None
        self._transport = transport
        self._owns_transport = transport is None
        self._process = os.getpid()
        self._lock = ProcessLock()
        self._closed = False

    def __repr__(self) -> str:
        # A traceback with locals may show a client whose __init__ raised, which has no settings.
        where = self._settings.endpoint if hasattr(self, "_settings") else None
        shown = f"region_name={where.signing_region!r}, endpoint_url={where.url!r}" if where else ""
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled or copied: make another client")

    @property
    def exceptions(self) -> Exceptions:
        """The errors by boto's names: ``client.exceptions.ResourceNotFound``, ``….ClientError``."""
        return Exceptions()

    @property
    def meta(self) -> ClientMeta:
        """Region, endpoint and partition, by boto's names."""
        where = self._settings.endpoint
        return ClientMeta(where.signing_region, where.url, partition_of(where.signing_region).name)

    @property
    def max_attempts(self) -> int:
        """How often a call is sent at most, including the first attempt."""
        return self._settings.max_attempts

    def steps(self, operation: str, params: Mapping[str, object]) -> Generator[Step, Any, dict[str, Any]]:
        """The steps of one call, not yet run."""
        return call(self._settings, operation, params)

    def _source(self) -> Any:
        """The credentials for the next attempt; for the asyncio client perhaps an awaitable."""
        if self._closed:
            raise ConfigError("this client is closed: make a new one")
        given = self._credentials
        return given if isinstance(given, (Credentials, Unsigned)) else given()

    def _forget(self, expired: Credentials | Unsigned | None) -> None:
        """Makes the chain search again for expired credentials, unless the caller gave them."""
        forget = getattr(self._credentials, "forget", None)
        if expired is not None and forget is not None:
            forget(expired)


class SageMaker(_Client, Methods):
    """A SageMaker client with the names of ``boto3.client("sagemaker")``. Safe to share between threads.

    ``region_name`` and ``endpoint_url`` are taken from the environment unless given. So are credentials,
    unless given as ``aws_access_key_id``, ``aws_secret_access_key`` and ``aws_session_token``, or as
    ``credentials`` (a ``sigv4.Credentials``, or a callable that returns one and is called for every attempt).
    ``verify`` is True (the system's CAs), False (the server is not checked), or the path of a CA bundle; if
    it is None, ``AWS_CA_BUNDLE`` counts. ``deadline`` is for a whole call with its retries,
    ``connect_timeout`` and ``read_timeout`` (between two reads) for each attempt, all in seconds.
    ``max_attempts`` includes the first (1: no retry). ``AWS_MAX_ATTEMPTS``, ``AWS_SDK_UA_APP_ID``,
    ``HTTPS_PROXY`` and other variables count as for the AWS CLI. A ``transport`` that is passed in is not
    closed by the client.

    Requests are sent with httpx if it is installed, else with the standard library.

    Raises ConfigError, CredentialsError. Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/

    >>> client = SageMaker("eu-west-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="example")
    >>> client
    SageMaker(region_name='eu-west-1', endpoint_url='https://api.sagemaker.eu-west-1.amazonaws.com')
    """

    _transport: Transport | None

    def call(self, operation: str, params: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Any operation of the service by its name (``"ListNotebookInstances"``); returns its result.

        An operation that has no method here is sent unchecked, and its result is the plain JSON, with
        timestamps as numbers.

        Raises ParamValidationError, CredentialsError, ServiceError, TransportError, ProtocolError.
        """
        return self.drive(self.steps(operation, params or {}))

    def drive(self, steps: Generator[Step, Any, Result]) -> Result:
        """Runs ``steps`` (of a call or a waiter) and returns their result."""
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                result: Result = end.value
                return result
            if isinstance(step, NeedCredentials):
                self._forget(step.expired)
                answer = self._source()
            elif isinstance(step, Send):
                try:
                    answer = self._open_transport().send(step.request, step.limits)
                except TransportError as error:
                    answer = error
            else:
                time.sleep(step.seconds)

    def close(self) -> None:
        """Close the connections. No call can be made afterwards."""
        self._closed = True
        if self._owns_transport and self._transport is not None:
            self._transport.close()

    def __enter__(self) -> SageMaker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_transport(self) -> Transport:
        with self._lock:
            forked = self._owns_transport and self._process != os.getpid()
            if self._transport is None or forked:  # no two processes may use one connection
                with loading:
                    from .transports.default import default_transport

                    self._process = os.getpid()
                    self._transport = default_transport(self._verify, self._proxy)
            return self._transport


class AsyncSageMaker(_Client, AsyncMethods):
    """:class:`SageMaker` for asyncio: the same arguments, methods, results and errors, awaited.

    ``credentials`` may also be a callable that returns an awaitable. A client may be used in one event
    loop after another. Without httpx, each attempt runs in a thread of the loop's default executor; if it is
    cancelled, the thread ends later, within the deadline.
    """

    _transport: AsyncTransport | None
    _CLOSE = "aclose"

    def _source(self) -> Any:
        later = getattr(self._credentials, "aget", None)  # a chain, which may need the network
        return super()._source() if later is None or self._closed else later()

    async def call(self, operation: str, params: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The same as :meth:`SageMaker.call`."""
        return await self.drive(self.steps(operation, params or {}))

    async def drive(self, steps: Generator[Step, Any, Result]) -> Result:
        """The same as :meth:`SageMaker.drive`."""
        from asyncio import sleep

        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                result: Result = end.value
                return result
            if isinstance(step, NeedCredentials):
                self._forget(step.expired)
                answer = self._source()
                if hasattr(answer, "__await__"):
                    answer = await answer
            elif isinstance(step, Send):
                try:
                    answer = await self._open_transport().send(step.request, step.limits)
                except TransportError as error:
                    answer = error
            else:
                await sleep(step.seconds)

    async def aclose(self) -> None:
        """Close the connections. No call can be made afterwards."""
        self._closed = True
        if self._owns_transport and self._transport is not None:
            await self._transport.aclose()

    async def __aenter__(self) -> AsyncSageMaker:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _open_transport(self) -> AsyncTransport:
        if self._transport is None:
            with loading:
                from .transports.default import default_async_transport

                self._transport = default_async_transport(self._verify, self._proxy)
        return self._transport
