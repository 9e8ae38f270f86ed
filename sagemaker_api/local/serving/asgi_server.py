"""Serves the ASGI application with uvicorn: limits on slow clients; ``stop`` does not wait for clients."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from .app import DEFAULT_LIMITS, Application, Backends
from .jupyter import Jupyters
from .limits import Limits
from .server import IDLE_SECONDS, MAX_HEAD, MESSAGE_SECONDS, hosts_of

if TYPE_CHECKING:
    from ..local_sagemaker import LocalSageMaker

_GRACE_SECONDS = 3
_CONNECTIONS = 1000
# uvicorn's logs would contain targets, which may hold a token.
_SILENT = logging.Logger("local SageMaker", logging.CRITICAL + 1)


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket whose protocol number is IPPROTO_TCP.

    Accepted sockets inherit the number, and asyncio sets TCP_NODELAY only for IPPROTO_TCP;
    ``socket.create_server`` leaves 0. Without TCP_NODELAY each answer would wait 40 ms for the client's
    delayed acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows this option lets another program take the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, True)
        listener.bind((host, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


class _Stalled(asyncio.Protocol):
    """Ends a connection whose client reads nothing for ``limits.stall`` seconds.

    asyncio buffers nothing: a write waits until the system's buffer has taken the one before it. Use this
    class as the first base, before one of uvicorn's protocols: ``super()`` calls their methods.
    """

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    limits: Limits = DEFAULT_LIMITS
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unwatch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unwatch()

    def _watch(self, size: int) -> None:
        self._unwatch()
        self._stalled = self.loop.call_later(self.limits.stall, self._look, size)

    def _look(self, size: int) -> None:
        now = self.transport.get_write_buffer_size()
        if now < size:
            self._watch(now)
        else:
            self.transport.abort()

    def _unwatch(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


class _Http(_Stalled, H11Protocol):
    """HTTP/1.1; the head of a request must arrive within 20 s."""

    _head: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _SILENT

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head = self.loop.call_later(MESSAGE_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        between = self.cycle is None or self.cycle.response_complete
        if not between or self.transport.get_protocol() is not self:
            self._forget_head()
        elif self._head is None:
            self._head = self.loop.call_later(MESSAGE_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget_head()

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


class _WebSocket(_Stalled, WebSocketsSansIOProtocol):
    """A WebSocket that notifies the application when its client reads."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _SILENT
        self.conn.logger = _SILENT

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope.setdefault("extensions", {})
        extensions["local.writable"] = self.writable
        await super().run_asgi()


class AsgiServer:
    """Listens at once on ``host`` and ``port`` (0 for a free one); serves from ``start`` to ``stop``.

    ``backends`` are the notebook servers; without them, a static page is shown in place of a notebook. The
    sessions of idle connections are checked every ``look`` seconds. ``clock`` is ignored, and the clock of
    the LocalSageMaker is used. Raises OSError if it cannot listen.
    """

    def __init__(
        self,
        host: str,
        port: int,
        clock: Callable[[], float],
        *,
        backends: Backends | None = None,
        look: float = 1.0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._listener = _listening(host, port)
        self.port: int = self._listener.getsockname()[1]
        authority, hosts = hosts_of(host, self.port)
        self.authority: str = authority
        self.hosts: frozenset[str] = hosts
        self._backends = backends
        self._look = look
        self._limits = limits
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    def with_jupyter(
        cls, directory: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS
    ) -> Callable[[str, int, Callable[[], float]], AsgiServer]:
        """A function that makes this server with a real Jupyter server for each notebook instance.

        Each instance has a subdirectory of ``directory``. Raises ConfigError if that is missing, and
        MissingDependency if Jupyter is not installed.
        """
        return partial(cls, backends=Jupyters(directory), limits=limits)

    def start(self, local: LocalSageMaker) -> None:
        application = Application(local, self._backends, self._look, self._limits)
        config = uvicorn.Config(
            application,
            loop="asyncio",
            http=type("_LimitedHttp", (_Http,), {"limits": self._limits}),
            ws=type("_LimitedWebSocket", (_WebSocket,), {"limits": self._limits}),
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # X-Forwarded-For counts only from trusted proxies: `Proxies` reads it
            server_header=False,
            date_header=False,  # `Application` writes Date: the local endpoint's clock may have been moved
            h11_max_incomplete_event_size=MAX_HEAD,
            ws_max_size=self._limits.message,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._server = uvicorn.Server(config)
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(application, ready)), name="local-sagemaker", daemon=True
        )
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """Stops listening, closes every connection and ends the notebook servers; takes some seconds."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._listener.close()

    async def _serve(self, application: Application, ready: threading.Event) -> None:
        server = self._server
        if server is None:
            raise RuntimeError("not started")
        serving = asyncio.ensure_future(server.serve(sockets=[self._listener]))
        while not (server.started or serving.done()):
            await asyncio.sleep(0.001)
        ready.set()
        keeping_up = asyncio.ensure_future(application.keep_up())
        try:
            await serving
        finally:
            keeping_up.cancel()
            await asyncio.gather(keeping_up, return_exceptions=True)
            for connection in list(server.server_state.connections):
                connection.transport.abort()
            await application.close()
