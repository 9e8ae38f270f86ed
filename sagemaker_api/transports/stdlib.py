"""The transports for where httpx is not installed: a pool of the standard library's connections."""

from __future__ import annotations

import os
import weakref

from sigv4.errors import SigV4Error
from sigv4.network.connection import Connection, StaleConnection, connect, fault_kind
from sigv4.network.forks import ProcessLock
from sigv4.network.tls import tls_context
from sigv4.target import split_url

from .base import (
    LONGEST_BODY,
    LONGEST_IDLE_SECONDS,
    MOST_IDLE_CONNECTIONS,
    Clock,
    TimeLimits,
    checked_proxy,
    stripped,
    transport_error,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from sigv4.network.proxies import Proxy
    from sigv4.request import Request, Response
    from sigv4.target import Origin, SplitUrl


class StdlibTransport:
    """Sends over ``http.client``. ``verify`` and ``proxy`` as for ``HttpxTransport``.

    Safe to share between threads.
    """

    def __init__(self, *, verify: bool | str = True, proxy: Proxy | str | None = None) -> None:
        self._verify = verify
        self._proxy = checked_proxy(proxy)
        self._tls: ssl.SSLContext | None = None
        self._lock = ProcessLock()
        self._process = os.getpid()
        self._idle: list[tuple[Origin, Connection]] = []
        self._finalizer = weakref.finalize(self, _close_all, self._idle)

    def send(self, request: Request, limits: TimeLimits) -> Response:
        """The answer to ``request``; raises TransportError."""
        outcome: Response | BaseException = StaleConnection()
        clock = Clock(limits)
        while isinstance(outcome, StaleConnection):
            outcome = self._attempt(request, clock)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        """Close every idle connection; one in use is closed after use."""
        self._finalizer()

    def __enter__(self) -> StdlibTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _attempt(self, request: Request, clock: Clock) -> Response | BaseException:
        connection: Connection | None = None
        where = split_url(request.url)
        try:
            connection = self._take(where.origin) or self._connect(where, clock)
            response = connection.exchange(request, clock, LONGEST_BODY)
        except BaseException as error:  # noqa: BLE001 (it is raised again, without the frames below)
            if connection:
                connection.close()
            fault = None if isinstance(error, SigV4Error) else fault_kind(error, clock)
            return transport_error(fault, request.url, self._proxy) if fault else stripped(error)
        self._give_back(where.origin, connection)
        return response

    def _connect(self, where: SplitUrl, clock: Clock) -> Connection:
        if where.is_encrypted and self._tls is None:
            self._tls = tls_context(self._verify)
        return connect(where, clock, tls=self._tls if where.is_encrypted else None, proxy=self._proxy)

    def _take(self, origin: Origin) -> Connection | None:
        """The connection to ``origin`` that was used last, if it is still of use."""
        if self._process != os.getpid():  # the process that this one was forked from goes on with them
            self._process = os.getpid()
            _close_all(self._idle)
        while True:
            with self._lock:
                candidates = [each for each in self._idle if each[0] == origin]
                if not candidates:
                    return None
                self._idle.remove(candidates[-1])
            connection = candidates[-1][1]
            if connection.is_usable(LONGEST_IDLE_SECONDS):
                return connection
            connection.close()

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        with self._lock:
            if connection.is_reusable and self._finalizer.alive and len(self._idle) < MOST_IDLE_CONNECTIONS:
                self._idle.append((origin, connection))
                return
        connection.close()


class AsyncStdlibTransport:
    """``StdlibTransport`` for asyncio: each exchange runs in a thread of the loop's default executor.

    A cancelled exchange goes on in its thread, unseen, until it is over or its time limit is reached.
    """

    def __init__(self, *, verify: bool | str = True, proxy: Proxy | str | None = None) -> None:
        self._transport = StdlibTransport(verify=verify, proxy=proxy)

    async def send(self, request: Request, limits: TimeLimits) -> Response:
        """The answer to ``request``; raises TransportError."""
        import asyncio

        return await asyncio.to_thread(self._transport.send, request, limits)

    async def aclose(self) -> None:
        """Close every idle connection; one in use is closed after use."""
        self._transport.close()

    async def __aenter__(self) -> AsyncStdlibTransport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _close_all(connections: list[tuple[Origin, Connection]]) -> None:
    while connections:
        connections.pop()[1].close()
