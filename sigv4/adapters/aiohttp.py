"""aiohttp: a client middleware that signs every request. For aiohttp 3.12 and later.

    middleware = SigV4Middleware("https://s3.us-east-1.amazonaws.com", signer)
    session = aiohttp.ClientSession(middlewares=(middleware,))

It signs host, content-type, content-md5, date, ``x-amz-*`` and the headers in ``sign_headers``. The body may
be bytes, text, JSON, a form, multipart or a seekable binary file. A generator cannot be read twice, to hash
and to send, so it is refused unless the header ``x-amz-content-sha256`` declares the payload line. If a URL
is escaped already, pass ``yarl.URL(url, encoded=True)``: aiohttp decodes a ``str`` and escapes it again. The
URL is signed as aiohttp sends it.
"""

from __future__ import annotations

from ..errors import MissingDependency, SigningError
from ..headers import utf8_text
from .hop_signer import HopSigner, is_of_signature, is_one_of, parse_origins, used_up, with_escaped_spaces

try:
    from aiohttp import MultipartWriter, payload as payloads
except ImportError:
    raise MissingDependency("aiohttp", "aiohttp") from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

    from ..payload import Body
    from ..signer import Signer


class SigV4Middleware:
    """Signs every request to ``origins`` with ``signer``; each hop of a redirect gets its own signature.

    ``origins`` is ``"https://host"``, ``"https://host:port"`` or several of them. To any other origin it
    sends no Authorization, no token and no ``x-amz-*``. A redirect from there back to one of ``origins`` is
    refused, since the caller did not choose that request. The credentials callable is called in the event
    loop, so it must not block. Safe to share. Raises SigningError before anything is sent, and any error of
    the credentials callable.
    """

    def __init__(
        self, origins: str | Iterable[str], signer: Signer, *, sign_headers: Iterable[str] = ()
    ) -> None:
        self._origins = parse_origins(origins)
        self._hop = HopSigner(signer, sign_headers)

    def __repr__(self) -> str:
        return f"SigV4Middleware({self._hop.signer!r})"

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        given = list(request.headers.items())
        if not is_one_of(str(request.url), self._origins):
            _replace(request, [pair for pair in given if not is_of_signature(pair[0])])
            answer = await handler(request)
            self._check_redirect(answer)
            return answer
        _refuse_compression(request)
        declared = "x-amz-content-sha256" in request.headers
        body = None if declared else await _body(request.body)
        url = str(request.url)
        if with_escaped_spaces(url) != url:
            request.url = type(request.url)(with_escaped_spaces(url), encoded=True)
        target, host = request.url.raw_path_qs, request.headers["Host"]
        _replace(request, self._hop.sign(request.method, target, host, given, body))
        return await handler(request)

    def _check_redirect(self, answer: ClientResponse) -> None:
        location = answer.headers.get("Location")
        if location is None or answer.status not in (301, 302, 303, 307, 308):
            return
        where = str(answer.url.join(type(answer.url)(location, encoded=True)))
        if is_one_of(where, self._origins):
            answer.close()
            raise SigningError(
                f"{answer.url.origin()} redirects to {where.partition('?')[0]!r}, whose requests are signed: "
                "it was not sent, because the caller did not choose that request"
            )


def _replace(request: ClientRequest, pairs: list[tuple[str, Any]]) -> None:
    request.headers.clear()
    for name, value in pairs:
        request.headers.add(name, utf8_text(value))


def _refuse_compression(request: ClientRequest) -> None:
    if request.compress:
        raise SigningError(
            f"aiohttp compresses the body while it sends it (compress={request.compress!r}), so its hash "
            "is not known: compress it first, and name the coding with the header Content-Encoding"
        )


async def _body(body: Any) -> Body:
    """The body to hash: the bytes that aiohttp sends."""
    if not isinstance(body, payloads.Payload):
        return bytes(body or b"")
    if isinstance(body, payloads.IOBasePayload):
        file: Any = body._value
        if hasattr(file, "seekable") and file.seekable() and not hasattr(file, "encoding"):
            start = getattr(body, "_start_position", None)
            if start is not None:  # it was sent before: aiohttp starts there again
                file.seek(start)
            found: Body = file
            return found
    elif isinstance(body, MultipartWriter) or body.size is not None:
        return await body.as_bytes()
    raise used_up(body)
