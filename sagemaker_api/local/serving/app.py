"""The local SageMaker as an ASGI application, with a proxy to a server for each notebook instance."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import MutableMapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Protocol

from starlette.requests import ClientDisconnect, Request as Incoming
from starlette.responses import Response as Outgoing

from sigv4.adapters.asgi_bodies import is_framed_twice
from sigv4.headers import names_of
from sigv4.request import Request, Response

from ..notebook_hosts import NOTEBOOKS
from ..notebooks import pages
from .bodies import BodyRoom, is_unsigned_call
from .http_proxy import BackendFailed, HttpProxy, Receive, Send
from .jupyter import JupyterFailed
from .limits import Limits
from .proxy_headers import AdmittedRequest
from .server import INTERNAL_FAILURE, MAX_BODY, MAX_HEAD, MESSAGE_SECONDS, report
from .websocket_proxy import BackendRefused, relay

if TYPE_CHECKING:
    from ..local_sagemaker import LocalSageMaker

_LOOK_SECONDS = 1.0
DEFAULT_LIMITS = Limits()
_CROSS_SITE = pages.notice("Not from here", "A page of another origin may not do this.", 403)


class Backends(Protocol):
    """The notebook servers, one for each notebook instance, each on a Unix socket."""

    async def socket(self, notebook: str) -> str:
        """The path of the Unix socket of this instance's server. Raises JupyterFailed."""
        ...

    async def keep(self, notebooks: frozenset[str]) -> None:
        """Ends all servers except those of these notebook instances."""
        ...

    async def close(self) -> None:
        """Ends all servers."""
        ...


class Application:
    """An ASGI application for HTTP and WebSocket.

    With ``backends``, a request below ``/notebook/NAME/`` that belongs to a valid session is forwarded to the
    notebook's server. The session is checked for every request, block of a body and WebSocket frame, and
    every ``look`` seconds. The service answers all other requests.
    """

    def __init__(
        self,
        local: LocalSageMaker,
        backends: Backends | None = None,
        look: float = _LOOK_SECONDS,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._local = local
        self._backends = backends
        self._look = look
        self._limits = limits
        self._room = BodyRoom()
        self._proxies: dict[str, HttpProxy] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        with contextlib.suppress(ClientDisconnect):
            if scope["type"] == "http":
                await self._http(scope, receive, send)
            elif scope["type"] == "websocket":
                await self._websocket(scope, receive, send)

    async def keep_up(self) -> None:
        """Repeatedly ends the servers of instances that are not InService."""
        while self._backends is not None:
            await asyncio.sleep(self._look)
            all_instances = self._local.instances.all()
            await self._backends.keep(
                frozenset(each.name for each in all_instances if each.status == "InService")
            )

    async def close(self) -> None:
        """Ends the notebook servers, and every connection to them."""
        for proxy in self._proxies.values():
            await proxy.close()
        if self._backends is not None:
            await self._backends.close()

    async def _http(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        request = self._located(scope)
        if isinstance(request, Response):
            await self._send(request, scope, receive, send)
        elif self._backends is None or not request.url.startswith(NOTEBOOKS):
            await self._answer(request, scope, receive, send)
        else:
            await self._pass_on(request, scope, receive, send)

    def _located(self, scope: MutableMapping[str, Any]) -> Request | Response:
        request = _request(scope)
        return request if isinstance(request, Response) else self._local.service.located(request)

    async def _answer(
        self, request: Request, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        try:
            body = (
                b""
                if is_unsigned_call(request)
                else await asyncio.wait_for(_body(scope, receive, self._room), MESSAGE_SECONDS)
            )
        except asyncio.TimeoutError:
            await self._send(Response(408, (("Connection", "close"),)), scope, receive, send)
            return
        if body is None:
            await self._send(Response(413, (("Connection", "close"),)), scope, receive, send)
            return
        service = self._local.service
        request = Request(request.method, request.url, request.headers, body)
        client = self._local.proxies.client(request, _peer(scope))
        try:
            response = await asyncio.to_thread(service.answer, request, client)
        except Exception as error:  # noqa: BLE001 (whatever happens, no traceback leaves)
            report(error)
            response = INTERNAL_FAILURE
        await asyncio.sleep(service.delay(request))
        await self._send(response, scope, receive, send)

    async def _pass_on(
        self, request: Request, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        admitted = self._admit(request, scope, websocket=False)
        if isinstance(admitted, Response):
            await self._send(admitted, scope, receive, send)
            return
        try:
            proxy = await self._proxy(admitted.session.notebook)
            if admitted.allowed():  # the session may have ended while Jupyter was starting
                await proxy.forward(admitted, scope["headers"], receive, send, self._look)
        except (JupyterFailed, BackendFailed) as error:
            await self._send(_failed(error), scope, receive, send)
        except Exception as error:  # noqa: BLE001 (whatever happens, no traceback leaves)
            report(error)

    async def _websocket(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        request = self._located(scope)
        if isinstance(request, Response):
            await self._send(request, scope, receive, send)
            return
        if self._backends is None or not request.url.startswith(NOTEBOOKS):
            await self._send(Response(404), scope, receive, send)
            return
        admitted = self._admit(request, scope, websocket=True)
        if isinstance(admitted, Response):
            await self._send(admitted, scope, receive, send)
            return
        await receive()  # websocket.connect
        try:
            path = await self._backends.socket(admitted.session.notebook)
            if not admitted.allowed():
                raise BackendRefused(403)
            await relay(admitted, scope, receive, send, path, self._look, self._limits)
        except BackendRefused as refused:
            await self._send(Response(refused.status), scope, receive, send)
        except JupyterFailed:
            await self._send(Response(502), scope, receive, send)
        except Exception as error:  # noqa: BLE001 (whatever happens, no traceback leaves)
            report(error)
            with contextlib.suppress(Exception):  # fails if the WebSocket is open: then uvicorn closes it
                await self._send(INTERNAL_FAILURE, scope, receive, send)

    def _admit(
        self, request: Request, scope: MutableMapping[str, Any], *, websocket: bool
    ) -> AdmittedRequest | Response:
        client = self._local.proxies.client(request, _peer(scope))
        try:
            session = self._local.service.admit(request, client)
        except Exception as error:  # noqa: BLE001 (whatever happens, no traceback leaves)
            report(error)
            return INTERNAL_FAILURE
        if isinstance(session, Response):
            return session
        admitted = AdmittedRequest(request, client, session)
        return _CROSS_SITE if admitted.is_cross_site(websocket=websocket) else admitted

    async def _proxy(self, notebook: str) -> HttpProxy:
        if self._backends is None:
            raise BackendFailed
        path = await self._backends.socket(notebook)
        proxy = self._proxies.get(notebook)
        if proxy is None or proxy.path != path:
            self._proxies[notebook] = HttpProxy(path, self._local.clock, self._limits)
            if proxy is not None:
                await proxy.close()
        return self._proxies[notebook]

    async def _send(
        self, response: Response, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        outgoing = Outgoing(response.body, response.status)
        outgoing.raw_headers = [
            (name.lower().encode("ascii"), value.encode("latin-1") if isinstance(value, str) else value)
            for name, value in (
                *response.headers,
                ("Date", formatdate(self._local.clock(), usegmt=True)),
                ("Content-Length", str(len(response.body))),
            )
        ]
        await outgoing(scope, receive, send)


def _failed(error: JupyterFailed | BackendFailed) -> Response:
    if isinstance(error, JupyterFailed):
        return pages.notice("No Jupyter", str(error), 502)
    texts = {408: "Your request paused for too long.", 504: "Jupyter took too long to answer."}
    answer = pages.notice("No answer", texts.get(error.status, "Jupyter gave no answer."), error.status)
    if error.status == 408:  # closes the connection, since the rest of the body has not arrived
        return Response(408, (*answer.headers, ("Connection", "close")), answer.body)
    return answer


def _request(scope: MutableMapping[str, Any]) -> Request | Response:
    """The request as received, without its body; or the error response for a wrong target or head."""
    target: bytes = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    if not target.startswith(b"/") or not target.isascii():
        return Response(400)
    if is_framed_twice(names_of(scope["headers"])):
        # RFC 9112 §6.3: the body has two lengths, and a proxy before this server may use the other one.
        return Response(400, (("Connection", "close"),))
    if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > MAX_HEAD:
        return Response(431)  # uvicorn limits a head only if it arrives in several pieces
    headers: list[tuple[str, str | bytes]] = [
        (name.decode("latin-1"), value.decode("ascii") if value.isascii() else value)
        for name, value in scope["headers"]
    ]
    return Request(scope.get("method", "GET"), target.decode("ascii"), headers, b"")


async def _body(scope: MutableMapping[str, Any], receive: Receive, room: BodyRoom) -> bytes | None:
    """The body; None if it is larger than 1 MiB, or ``room`` has no space for it."""
    blocks, size = [], 0
    try:
        async for block in Incoming(scope, receive).stream():
            if size + len(block) > MAX_BODY or not room.take(len(block)):
                return None
            blocks.append(block)
            size += len(block)
        return b"".join(blocks)
    finally:
        room.give_back(size)


def _peer(scope: MutableMapping[str, Any]) -> str:
    client = scope.get("client")
    return client[0] if client else ""
