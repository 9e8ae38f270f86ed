"""httpx: a sync and an async transport that sign every request, and an ``auth=`` for plain clients.

They sign exactly what httpx sends: the target as on the request line, the final Host header, the body. Signed
headers are host, content-type, content-md5, date, ``x-amz-*`` and those in ``sign_headers``; all others are
sent unsigned, since proxies, tracing agents and httpx itself change them.

The body may be bytes, text, JSON, a form, a seekable file (hashed in constant memory), or multipart with
seekable files. A generator cannot be read twice, to hash and to send. For it, declare the payload with
``extensions={"sigv4_payload": payload}`` on the request: ``Payload.sha256(...)``, or ``UNSIGNED_PAYLOAD`` if
the service accepts it. The header ``x-amz-content-sha256`` does the same.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import Generic, TypeVar

from ..errors import MissingDependency, SigningError, expect_has
from ..payload import UNSIGNED_PAYLOAD, Payload
from .hop_signer import (
    HopSigner,
    is_of_signature,
    is_one_of,
    origin_of,
    parse_origins,
    remaining_length,
    with_escaped_spaces,
)

try:
    import httpx
except ImportError:
    raise MissingDependency("httpx", "httpx") from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterable
    from types import FrameType
    from typing import IO, Any

    from ..payload import Body
    from ..signer import Signer
    from ..target import Origin

# Names in the extensions of a request: the caller's payload, and two notes. httpx copies the extensions of a
# request to the request that follows a redirect.
_PAYLOAD = "sigv4_payload"
_ORIGINS = "sigv4_origins"
_START = "sigv4_start"
Transport = TypeVar("Transport")


class _Signing(Generic[Transport]):
    def __init__(
        self,
        inner: Transport,
        signer: Signer,
        *,
        origins: str | Iterable[str] = (),
        sign_headers: Iterable[str] = (),
    ) -> None:
        method = "handle_request" if isinstance(self, httpx.BaseTransport) else "handle_async_request"
        expect_has(method, "inner", inner, f"a transport of httpx with {method}")
        self._inner = inner
        self._hops = _Hops(signer, origins, sign_headers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._inner!r}, {self._hops.signer!r})"


class SigV4Transport(_Signing[httpx.BaseTransport], httpx.BaseTransport):
    """Signs every request with ``signer`` and passes it to ``inner``; for ``httpx.Client(transport=...)``.

    Each hop of a redirect is signed by itself, if it goes to the same origin (scheme, host, port) as the
    first request. To any other origin the transport sends no Authorization, no token and no ``x-amz-*``.
    After a redirect to another origin, all later hops are sent unsigned, even if they lead back, because the
    other server chose that URL. The first origin is noted in the request's extensions, which httpx copies
    from hop to hop. If the URLs come from outside, pass ``origins`` (``"https://host:port"``): then only
    requests to those are signed. The body and all other headers are sent to every origin. The caller, hooks
    and ``response.request`` see the unsigned request. ``sign_headers`` names more headers to sign. Safe to
    share between threads. Raises SigningError before anything is sent, and any error of the credentials
    callable.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(self._hops.outgoing(request))

    def close(self) -> None:
        self._inner.close()


class AsyncSigV4Transport(_Signing[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport):
    """``SigV4Transport`` for ``httpx.AsyncClient``; the same arguments and the same rules.

    The credentials callable is called in the event loop, so it must not block.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(self._hops.outgoing(request))

    async def aclose(self) -> None:
        await self._inner.aclose()


class SigV4Auth(httpx.Auth):
    """Signs with ``signer`` as ``auth=`` of a client or a request that does not follow redirects.

    httpx calls an Auth once, before the first hop. A redirect would send the old signature, which is wrong
    there, and would send the session token and all ``x-amz-*`` headers to another origin. So a request whose
    redirects are followed raises SigningError; use ``SigV4Transport``, which signs each hop. A body that
    cannot be read twice is read into memory, unless the request declares the payload. ``sign_headers`` names
    more headers to sign. Safe to share between threads. Raises SigningError before anything is sent, and any
    error of the credentials callable.
    """

    def __init__(self, signer: Signer, *, sign_headers: Iterable[str] = ()) -> None:
        self._hops = _Hops(signer, (), sign_headers)

    def __repr__(self) -> str:
        return f"SigV4Auth({self._hops.signer!r})"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        _refuse_redirects()
        if not self._hops.is_ready(request):
            request.read()
        request.url = url = _url_to_send(request)
        request.headers = httpx.Headers(self._hops.signed_headers(request, url))
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        _refuse_redirects()
        if not self._hops.is_ready(request):
            await request.aread()
        request.url = url = _url_to_send(request)
        request.headers = httpx.Headers(self._hops.signed_headers(request, url))
        yield request


def _refuse_redirects() -> None:
    """Raises SigningError if the httpx client that called the Auth follows redirects.

    httpx gives an Auth neither the client nor its options, so they are read from the frame of the call. If a
    version of httpx uses other names, redirects count as followed.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not frame.f_globals.get("__name__", "").startswith("httpx._client"):
        frame = frame.f_back
    if frame is not None and frame.f_locals.get("follow_redirects", True):
        raise SigningError(
            "SigV4Auth does not sign for a client that follows redirects, because each redirect would carry "
            "the session token to another URL: use transport=SigV4Transport(...), or follow_redirects=False"
        )


class _Hops:
    """Makes the request to send: the part that the three classes above share. Immutable."""

    __slots__ = ("_hop", "_origins")

    def __init__(self, signer: Signer, origins: str | Iterable[str], sign_headers: Iterable[str]) -> None:
        self._hop = HopSigner(signer, sign_headers)
        # An empty text is not "no origins": it may be a variable that was not set.
        self._origins = parse_origins(origins) if origins or origins == "" else frozenset()

    @property
    def signer(self) -> Signer:
        return self._hop.signer

    def outgoing(self, request: httpx.Request) -> httpx.Request:
        """The request to send: signed; if it goes to another origin, without any signature or token."""
        own = self._is_own(request)
        url = _url_to_send(request) if own else request.url
        file = None if own else _seekable_file(request.stream)
        if file is not None:
            _rewind(request, file)
        # The headers are not kept in a local variable of this frame, where a traceback could show the token.
        return httpx.Request(
            request.method,
            url,
            headers=self.signed_headers(request, url) if own else _foreign_headers(request),
            stream=request.stream,
            extensions=request.extensions,
        )

    def signed_headers(self, request: httpx.Request, url: httpx.URL) -> list[tuple[bytes, bytes]]:
        """All the headers to send to ``url``, the signed ones first."""
        target: bytes = request.extensions.get("target", url.raw_path)  # httpcore sends the same one
        host = _plain(url).netloc
        body = UNSIGNED_PAYLOAD if self.signer.dialect.unsigned_payload else _body(request)
        # httpx writes the port of "HTTPS://h:443", and keeps it when it follows a redirect (CR-HDR-6).
        with_port = host + {"https": b":443", "http": b":80"}.get(url.scheme, b"")
        pairs = [
            (name.decode("ascii"), host if name.lower() == b"host" and value == with_port else value)
            for name, value in _with_length(request)
        ]
        return [
            (name.encode("ascii"), value if isinstance(value, bytes) else value.encode("ascii"))
            for name, value in self._hop.sign(
                request.method, target.decode("latin-1"), host.decode("ascii"), pairs, body
            )
        ]

    def _is_own(self, request: httpx.Request) -> bool:
        url = str(request.url)
        allowed: frozenset[Origin] | None = request.extensions.get(_ORIGINS)
        if allowed is None:
            allowed = self._origins or frozenset((origin_of(url),))
        if not is_one_of(url, allowed):
            allowed = frozenset()
        _note(request, _ORIGINS, allowed)
        return bool(allowed)

    def is_ready(self, request: httpx.Request) -> bool:
        """Whether the request can be signed without reading its body into memory."""
        return self.signer.dialect.unsigned_payload or _is_readable(request)


def _url_to_send(request: httpx.Request) -> httpx.URL:
    target = request.url.raw_path.decode("ascii")
    escaped = with_escaped_spaces(target)
    return request.url if escaped == target else request.url.copy_with(raw_path=escaped.encode("ascii"))


def _plain(url: httpx.URL) -> httpx.URL:
    """``url`` without its default port, which httpx keeps if the scheme is in capitals."""
    return httpx.URL(str(url)) if url.port in (80, 443) else url


def _foreign_headers(request: httpx.Request) -> list[tuple[bytes, bytes]]:
    return [
        (name, value) for name, value in _with_length(request) if not is_of_signature(name.decode("ascii"))
    ]


def _note(request: httpx.Request, name: str, value: object) -> None:
    """Adds a note in a new dict: the old one may belong to the caller and be used for other requests."""
    request.extensions = {**request.extensions, name: value}


def _body(request: httpx.Request) -> Body:
    """The body to hash, or the declared payload. Raises SigningError for a body that cannot be read twice."""
    declared: object = request.extensions.get(_PAYLOAD)
    if declared is not None and not isinstance(declared, Payload):
        raise SigningError(
            f"extensions[{_PAYLOAD!r}] is {type(declared).__name__}: expected UNSIGNED_PAYLOAD or "
            "Payload.sha256(...)"
        )
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        content = request.read()
        # A redirect that became a GET has no body: a hash declared for the body would be wrong.
        return declared if declared is not None and (content or declared.is_literal) else content
    if declared is not None:
        return declared
    if "x-amz-content-sha256" in request.headers:
        return None
    file = _seekable_file(stream)
    if file is not None:
        _rewind(request, file)
        return file
    if _is_replayable_multipart(stream):
        return _replayed_sha256(stream)
    raise SigningError(
        f"the body is a stream that hashing would use up ({type(stream).__name__}): pass bytes or a seekable "
        f"binary file, or say what to sign with extensions={{{_PAYLOAD!r}: Payload.sha256(...)}}, "
        "or UNSIGNED_PAYLOAD if the service accepts it"
    )


def _is_readable(request: httpx.Request) -> bool:
    """Whether ``_body`` works without reading the body into memory."""
    return (
        isinstance(request.stream, httpx.ByteStream)
        or _PAYLOAD in request.extensions
        or "x-amz-content-sha256" in request.headers
        or _seekable_file(request.stream) is not None
        or _is_replayable_multipart(request.stream)
    )


def _seekable_file(stream: object) -> IO[bytes] | None:
    """The file of ``content=file``, from a private attribute of httpx; a stream without one is refused."""
    file = getattr(stream, "_stream", None) if isinstance(stream, httpx.SyncByteStream) else None
    return file if hasattr(file, "read") and _can_seek(file) else None


def _with_length(request: httpx.Request) -> list[tuple[bytes, bytes]]:
    """The headers with the remaining length of a file: httpx gives the length of the whole file."""
    file = _seekable_file(request.stream)
    if file is None or "content-length" not in request.headers:
        return request.headers.raw
    length = str(remaining_length(file)).encode("ascii")
    return [(n, length if n.lower() == b"content-length" else v) for n, v in request.headers.raw]


def _rewind(request: httpx.Request, file: IO[bytes]) -> None:
    """Moves the file back to its start: httpx sends from the current position, the end after a redirect."""
    start = request.extensions.get(_START)
    if start is None:
        _note(request, _START, file.tell())
    else:
        file.seek(start)


def _is_replayable_multipart(stream: object) -> bool:
    """Whether ``stream`` is a multipart body that httpx can send twice: it seeks the files in it to 0."""
    fields = getattr(stream, "fields", None)
    if fields is None or not hasattr(stream, "boundary"):
        return False
    files = [getattr(field, "file", b"") for field in fields]
    return all(isinstance(file, (bytes, str)) or _can_seek(file) for file in files)


def _replayed_sha256(stream: Any) -> Payload:
    digest = sha256()
    for block in stream:
        digest.update(block)
    return Payload.sha256(digest.digest())


def _can_seek(file: object) -> bool:
    seekable = getattr(file, "seekable", None)
    return seekable is not None and bool(seekable())
