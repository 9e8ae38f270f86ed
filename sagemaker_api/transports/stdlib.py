"""The transports without httpx: a pool of connections with the standard library."""

from __future__ import annotations

from sigv4.errors import SigV4Error
from sigv4.network.connection import Connection, connect, fault_kind
from sigv4.network.forks import load_threads
from sigv4.network.tls import bundle_of, tls_context
from sigv4.target import split_url

from .base import (
    LONGEST_BODY,
    AwaitedTransport,
    BlockingTransport,
    stripped,
    transport_error,
)
from .idle import LONGEST_IDLE_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from concurrent.futures import Executor

    from sigv4.network.proxies import Proxy
    from sigv4.network.time_limits import Clock, TimeLimits
    from sigv4.request import Request, Response
    from sigv4.target import Origin, SplitUrl


class StdlibTransport(BlockingTransport):
    """Sends with ``http.client``. ``verify`` and ``proxy`` are as for ``HttpxTransport``.

    Safe to share between threads.
    """

    def __init__(self, *, verify: bool | str = True, proxy: Proxy | str | None = None) -> None:
        super().__init__(proxy)
        self._verify = bundle_of(verify)
        self._tls: ssl.SSLContext | None = None

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
        """The connection to ``origin`` that was used last, if it is still usable."""
        connection: Connection | None = self._idle.take(origin)
        while connection is not None and not connection.is_usable(LONGEST_IDLE_SECONDS):
            connection.close()
            connection = self._idle.take(origin)
        return connection

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        over = self._idle.give_back(connection, origin) if connection.is_reusable else [connection]
        for each in over:
            each.close()


class AsyncStdlibTransport(AwaitedTransport):
    """``StdlibTransport`` for asyncio: each exchange runs in a thread of an executor.

    ``executor`` limits how many run at once. The default is the event loop's executor, which has a few more
    threads than the machine has processors; ``concurrent.futures.ThreadPoolExecutor(N)`` runs N. It is not
    shut down. A cancelled exchange continues in its thread until it ends or its time is over.
    """

    def __init__(
        self,
        *,
        verify: bool | str = True,
        proxy: Proxy | str | None = None,
        executor: Executor | None = None,
    ) -> None:
        self._transport = StdlibTransport(verify=verify, proxy=proxy)
        self._executor = executor

    async def send(self, request: Request, limits: TimeLimits) -> Response:
        """The answer to ``request``; raises TransportError."""
        import asyncio

        load_threads()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._transport.send, request, limits)

    async def aclose(self) -> None:
        """Close every idle connection; one in use is closed after use."""
        self._transport.close()
