"""urllib.request: a handler for ``build_opener`` that signs every request it sends. Nothing to install.

    from urllib.request import build_opener
    opener = build_opener(SigV4Handler(signer))
    opener.open("https://…")

It signs host, content-type, content-md5, date, ``x-amz-*`` and the headers in ``sign_headers``. The body may
be bytes or a seekable binary file. An iterator cannot be read twice, to hash and to send, so it is refused
unless the header ``x-amz-content-sha256`` declares the payload line.
"""

from __future__ import annotations

from urllib.request import HTTPRedirectHandler, Request

from ..headers import header_value, names_of
from ..target import split_target
from .hop_signer import (
    HopSigner,
    body_to_hash,
    is_of_signature,
    is_one_of,
    origin_of,
    remaining_length,
    with_escaped_spaces,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from http.client import HTTPMessage
    from typing import IO, Any

    from ..signer import Signer

# Notes on a Request: the origin of the first request, and whether redirects have left it.
_FIRST_ORIGIN, _HAS_LEFT = "sigv4_first_origin", "sigv4_left_it"


class SigV4Handler(HTTPRedirectHandler):
    """Signs every request with ``signer``, also each hop of a redirect; for ``build_opener``.

    It replaces urllib's redirect handler. To another origin (scheme, host, port) than the first it sends no
    Authorization, no token and no ``x-amz-*``. After a redirect to another origin, all later hops are sent
    unsigned, even if they lead back. Safe to share. Raises SigningError before anything is sent, and any
    error of the credentials callable.
    """

    handler_order = 900  # after the handlers that add Host, Content-Length and cookies

    def __init__(self, signer: Signer, *, sign_headers: Iterable[str] = ()) -> None:
        self._hop = HopSigner(signer, sign_headers)

    def __repr__(self) -> str:
        return f"SigV4Handler({self._hop.signer!r})"

    def http_request(self, request: Request) -> Request:
        origin = origin_of(request.full_url)
        if not hasattr(request, _FIRST_ORIGIN):
            setattr(request, _FIRST_ORIGIN, origin)
        if getattr(request, _HAS_LEFT, False) or origin != getattr(request, _FIRST_ORIGIN):
            return request
        url = with_escaped_spaces(request.full_url)
        if url != request.full_url:
            request.full_url = url
        url = url.partition("#")[0]
        _give_length(request)
        headers = {**request.headers, **request.unredirected_hdrs}
        declared = request.has_header("X-amz-content-sha256") and not isinstance(request.data, bytes)
        body = None if declared else body_to_hash(request.data)
        signed = self._hop.sign(request.get_method(), url, split_target(url)[0], headers.items(), body)
        # Headers that the signer dropped, such as the token of other credentials, are not sent unsigned.
        kept = names_of(signed)
        for name in [name for name in headers if name.lower() not in kept]:
            request.remove_header(name)
        # These replace the caller's headers for this hop; the caller's stay for the next hop.
        for name, value in signed:
            request.add_unredirected_header(name, header_value(value))
        return request

    https_request = http_request

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        found = super().redirect_request(req, fp, code, msg, headers, newurl)
        if found is None:
            return None
        first: Any = getattr(req, _FIRST_ORIGIN, None)
        left = getattr(req, _HAS_LEFT, False) or not is_one_of(found.full_url, (first,))
        setattr(found, _FIRST_ORIGIN, first)
        setattr(found, _HAS_LEFT, left)
        if left:
            for name in [name for name in found.headers if is_of_signature(name)]:
                del found.headers[name]
        return found


def _give_length(request: Request) -> None:
    """urllib sends a file without Content-Length in chunks, which S3 refuses."""
    if not request.has_header("Transfer-encoding") or request.has_header("Content-length"):
        return
    length = remaining_length(request.data)
    if length is not None:
        request.remove_header("Transfer-encoding")
        request.add_unredirected_header("Content-length", str(length))
