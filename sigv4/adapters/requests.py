"""requests: an adapter to mount on an origin, which signs every hop, and an ``auth=`` for a single request.

    adapter = SigV4Adapter("https://s3.us-east-1.amazonaws.com", signer)
    session.mount("https://s3.us-east-1.amazonaws.com/", adapter)

It signs host, content-type, content-md5, date, ``x-amz-*`` and the headers in ``sign_headers``. The body may
be bytes, text, JSON, a form, multipart or a seekable binary file. A generator cannot be read twice, to hash
and to send, so it is refused unless the header ``x-amz-content-sha256`` declares the payload line.
"""

from __future__ import annotations

from copy import copy

from ..errors import MissingDependency
from ..payload import Payload, payload_line
from ..target import cut_url, split_target
from .hop_signer import (
    HopSigner,
    body_to_hash,
    is_of_signature,
    is_one_of,
    parse_origins,
    remaining_length,
    with_escaped_spaces,
)

try:
    from requests import PreparedRequest, Response
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from requests.structures import CaseInsensitiveDict
except ImportError:
    raise MissingDependency("requests", "requests") from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any

    from ..payload import Body
    from ..signer import Signer
    from ..target import Origin

# A note among a request's hooks, which requests copies from hop to hop.
_LEFT = "sigv4_left_its_origin"


class SigV4Adapter(HTTPAdapter):
    """Signs every request to ``origins`` with ``signer``; each hop of a redirect gets its own signature.

    ``origins`` is ``"https://host"``, ``"https://host:port"`` or several of them: mount the adapter on each,
    with a ``/`` after it. requests compares the start of the URL as text: if the URL has a user name, or a
    ``:443`` that the mount does not have, it uses another adapter, which does not sign. If such URLs are
    possible, mount the adapter on ``"https://"``: then it gets every URL, and signs all spellings of
    ``origins``. To any other origin this adapter sends no Authorization, no token and no ``x-amz-*``, and
    removes those of the caller before requests follows a redirect there. After a redirect to another origin,
    all later hops are sent unsigned, even if they lead back. Other options are those of ``HTTPAdapter``; each
    attempt of ``max_retries`` is signed again. The caller and hooks see the unsigned request;
    ``response.request`` is the one that was sent. Raises SigningError before anything is sent, and any error
    of the credentials callable.
    """

    def __init__(
        self,
        origins: str | Iterable[str],
        signer: Signer,
        *,
        sign_headers: Iterable[str] = (),
        **options: Any,
    ) -> None:
        self._origins = parse_origins(origins)
        self._hop = HopSigner(signer, sign_headers)
        super().__init__(**options)

    def __repr__(self) -> str:
        return f"SigV4Adapter({self._hop.signer!r})"

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        url = request.url or ""
        hooks: dict[str, Any] = {"response": [], **request.hooks}
        if _LEFT not in hooks:
            hooks[_LEFT] = left = _Left(self._origins)
            hooks["response"] = [*hooks["response"], left]
            request.hooks = hooks
        hooks[_LEFT].see(url)
        outgoing, adapter = request.copy(), self
        if hooks[_LEFT].is_set:
            outgoing.headers = _foreign(request.headers)
        else:
            adapter = self._prepared(outgoing, proxies)
        answer = HTTPAdapter.send(adapter, outgoing, stream, timeout, verify, cert, proxies)
        if answer.is_redirect and self._leads_away(answer):
            request.headers = _foreign(request.headers)
        return answer

    def _prepared(self, outgoing: PreparedRequest, proxies: dict[str, str] | None) -> SigV4Adapter:
        """Signs ``outgoing``; returns the adapter to send it with, which signs it again before each retry."""
        outgoing.url = with_escaped_spaces(outgoing.url or "")
        _send_empty_file_as_bytes(outgoing)
        payload = _payload(outgoing)  # calculated now: before a retry the file is at its end
        target = self.request_url(outgoing, proxies)
        outgoing.headers = _signed(self._hop, outgoing, target, payload)
        if self.max_retries.total == 0:
            return self
        outgoing.headers = _SharedHeaders(outgoing.headers)

        def sign_again() -> None:
            outgoing.headers.update(_signed(self._hop, outgoing, target, payload))

        adapter = object.__new__(type(self))  # copy() would make new connections
        adapter.__dict__.update(self.__dict__)
        adapter.max_retries = _with_signature(self.max_retries, sign_again)
        return adapter

    def _leads_away(self, answer: Response) -> bool:
        from urllib.parse import urljoin

        return not is_one_of(urljoin(answer.url, answer.headers["location"]), self._origins)


class _Left:
    """Whether a chain of redirects has left ``origins``. It is a hook, because requests does not tell an
    adapter about hops that go elsewhere.
    """

    def __init__(self, origins: Collection[Origin]) -> None:
        self._origins = origins
        self.is_set = False

    def see(self, url: str) -> None:
        self.is_set |= not is_one_of(url, self._origins)

    def __call__(self, answer: Response, **_: Any) -> None:
        self.see(answer.url)


class SigV4Auth(AuthBase):
    """Signs one request with ``signer``, as ``auth=`` of a request or a session. A redirect is sent unsigned.

    requests calls an ``auth`` once, before the first hop, and would send the added headers, including the
    session token, with every redirect. So if the answer is a redirect, the signature, the token and all
    ``x-amz-*`` headers are removed before requests follows it. ``SigV4Adapter`` signs each hop.

    Each attempt that the ``max_retries`` of a mounted adapter makes is signed again, except through the
    tunnel of an HTTPS proxy, where urllib3 repeats the first signature: use ``SigV4Adapter`` there. Raises
    SigningError before anything is sent, and any error of the credentials callable.
    """

    def __init__(self, signer: Signer, *, sign_headers: Iterable[str] = ()) -> None:
        self._hop = HopSigner(signer, sign_headers)

    def __repr__(self) -> str:
        return f"SigV4Auth({self._hop.signer!r})"

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        url = request.url or ""
        scheme, host, _ = cut_url(url)
        start = len(f"{scheme}://{host}")
        if url[start : start + 2] == "//":  # requests replaces several slashes at the start of a path by one
            url = f"{url[:start]}/{url[start:].lstrip('/')}"
        request.url = url = with_escaped_spaces(url)
        _send_empty_file_as_bytes(request)
        payload = _payload(request)  # calculated now: before a retry the file is at its end
        request.headers = headers = _EachSigned(_signed(self._hop, request, url, payload))
        headers.sign_again = lambda: _signed(self._hop, request, url, payload)
        request.register_hook("response", _without_signature)
        return request


def _without_signature(answer: Response, **_: Any) -> None:
    if answer.is_redirect:
        answer.request.headers = _foreign(answer.request.headers)


def _with_signature(retries: Any, sign_again: Callable[[], None]) -> Any:
    """A urllib3 ``Retry`` that calls ``sign_again`` after each pause; urllib3 repeats the old headers."""
    kind: Any = type(retries)

    def sleep(self: Any, response: Any = None) -> None:
        kind.sleep(self, response)
        sign_again()

    found = copy(retries)
    found.__class__ = type("SigningRetry", (kind,), {"sleep": sleep})
    return found


class _SharedHeaders(CaseInsensitiveDict[str | bytes]):
    """Headers that can change between two attempts: urllib3 makes a copy before the first one."""

    def copy(self) -> _SharedHeaders:
        return self


class _EachSigned(CaseInsensitiveDict[str | bytes]):
    """The headers of a request, of which urllib3 makes a copy for each attempt: those of the second and of
    later attempts are signed again. ``response.request`` has the last ones.
    """

    sign_again: Callable[[], CaseInsensitiveDict[Any]] | None = None
    _first: _EachSigned | None = None
    _is_sent = False

    def copy(self) -> _EachSigned:
        first = self._first or self
        found = _EachSigned(self.items())
        if first._is_sent and first.sign_again is not None:
            signed = first.sign_again()
            first.clear()
            first.update(signed)
            found = _EachSigned(signed)
        first._is_sent = True
        found._first = first
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return CaseInsensitiveDict, (dict(self.items()),)


def _signed(hop: HopSigner, request: PreparedRequest, target: str, payload: Body) -> CaseInsensitiveDict[Any]:
    host = split_target(request.url or "")[0]
    pairs = [(name, value) for name, value in request.headers.items() if value is not None]
    return CaseInsensitiveDict(hop.sign(request.method or "", target, host, pairs, payload))


def _payload(request: PreparedRequest) -> Body:
    """The body to sign: its bytes, the hash of a file, or None if a header declares the payload."""
    body: Any = request.body
    if isinstance(body, (bytes, str)):
        return body
    if "x-amz-content-sha256" in request.headers:
        return None
    found = body_to_hash(body)
    return Payload(payload_line(found)) if hasattr(found, "read") else found


def _send_empty_file_as_bytes(request: PreparedRequest) -> None:
    """requests sends a file without bytes in chunks, which S3 refuses."""
    if hasattr(request.body, "read") and remaining_length(request.body) == 0:
        request.body = b""
        request.headers.pop("Transfer-Encoding", None)
        request.headers["Content-Length"] = "0"


def _foreign(headers: Mapping[str, Any]) -> CaseInsensitiveDict[Any]:
    return CaseInsensitiveDict((name, value) for name, value in headers.items() if not is_of_signature(name))
