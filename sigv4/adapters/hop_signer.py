"""``HopSigner``: decides for all adapters which headers are signed, and which may go to another origin."""

from __future__ import annotations

from ..errors import SigningError, expect, expect_has
from ..headers import names_of, without
from ..payload import UNSIGNED_PAYLOAD
from ..target import NOT_SHOWN, cut_url, split_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any, TypeAlias

    from ..payload import Body
    from ..signer import Signer
    from ..target import Origin

    SentPairs: TypeAlias = "Iterable[tuple[str, str | bytes]]"

_OWNED = frozenset(("host", "content-type", "content-md5", "date"))


class HopSigner:
    """Signs one hop of a request at a time.

    It signs host, content-type, content-md5, date, ``x-amz-*`` and the headers in ``sign_headers``. All other
    headers are sent unsigned, since proxies, tracing agents and the libraries change them. Immutable; safe to
    share between threads. Raises SigningError.
    """

    __slots__ = ("_names", "signer")

    def __init__(self, signer: Signer, sign_headers: Iterable[str] = ()) -> None:
        expect_has("dialect", "signer", signer, "a Signer")
        self.signer: Signer = signer
        self._names = _OWNED.union(name.lower() for name in several("sign_headers", sign_headers))
        for name in self._names & signer.dialect.never_signed.keys():
            raise SigningError(
                f"sign_headers names {name!r}, which is never signed ({signer.dialect.never_signed[name]}): "
                "leave it out, or pass the signer a dialect whose never_signed does not have it"
            )

    def signs(self, name: str) -> bool:
        """Whether a header of this name is signed if it is present."""
        lower = name.lower()
        return lower in self._names or lower.startswith("x-amz-")

    def sign(
        self, method: str, target: str, host: str, headers: SentPairs, body: Body
    ) -> list[tuple[str, str | bytes]]:
        """All headers to send, the signed ones first. ``host`` is signed unless ``headers`` has a Host."""
        pairs = list(headers)
        owned = [(name, value) for name, value in pairs if self.signs(name)]
        if "host" not in names_of(owned):
            owned.insert(0, ("Host", host))
        signed = self.signer.sign(method, target, owned, self.body(body))
        rest = [pair for pair in without(pairs, "authorization") if not self.signs(pair[0])]
        return [*signed.items(), *rest]

    def body(self, body: Body) -> Body:
        """``body``, or UNSIGNED-PAYLOAD if the service accepts no payload hash."""
        return UNSIGNED_PAYLOAD if self.signer.dialect.unsigned_payload else body


def several(option: str, values: Iterable[str]) -> tuple[str, ...]:
    """``values`` as a tuple. Raises SigningError for a single str, whose letters would count as names."""
    if isinstance(values, str):
        raise SigningError(f"{option} is the str {values!r}: expected several, such as ({values!r},)")
    fits = hasattr(type(values), "__iter__") and not isinstance(values, bytes)
    expect(fits, option, values, "several texts")
    found = tuple(values)
    for each in found:
        expect(isinstance(each, str), f"one of {option}", each, "a text")
    return found


def body_to_hash(body: Any) -> Body:
    """``body`` as the signer hashes it: bytes, text or a seekable file. Raises SigningError for any other."""
    if body is None or isinstance(body, (bytes, str)):
        return body
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    if hasattr(body, "read") and hasattr(body, "seekable") and body.seekable():
        found: Body = body
        return found
    raise used_up(body)


def used_up(body: object) -> SigningError:
    """The refusal of a body that can be read only once."""
    return SigningError(
        f"the body is {type(body).__name__}, which hashing would use up: pass bytes or a seekable binary "
        "file, or declare what is signed with the header x-amz-content-sha256"
    )


def remaining_length(file: Any) -> int | None:
    """How many bytes ``file`` has after its current position; None if it cannot seek."""
    if not (hasattr(file, "seekable") and file.seekable()):
        return None
    start = int(file.tell())
    end = int(file.seek(0, 2))
    file.seek(start)
    return max(end - start, 0)


def with_escaped_spaces(url: str) -> str:
    """CR-QUERY-3. ``url`` or a target with ``%20`` for each raw ``+`` of its query.

    HTTP libraries write a space in ``params`` as ``+``, which not every server reads as a space when it
    checks the signature. All of them read ``%20`` as one.
    """
    path, mark, rest = url.partition("?")
    query, fragment_mark, fragment = rest.partition("#")
    if "+" not in query or "#" in path:
        return url
    return f"{path}{mark}{query.replace('+', '%20')}{fragment_mark}{fragment}"


def is_of_signature(name: str) -> bool:
    """Whether a header of this name is removed when a request goes to another origin."""
    lower = name.lower()
    return lower == "authorization" or lower.startswith("x-amz-")


def origin_of(url: str) -> Origin:
    """Scheme, host and port of an absolute URL, whatever its path and query hold. Raises SigningError."""
    scheme, authority, _ = cut_url(url)
    later = "@" * (url.count("@") - authority.count("@"))  # with one, an error does not show the authority
    return split_url(f"{scheme}://{authority}/{later}" if scheme else url).origin


def is_one_of(url: str, origins: Collection[Origin]) -> bool:
    """Whether ``url``, where a redirect leads, has one of these origins; False if it cannot be read."""
    try:
        return origin_of(url) in origins
    except SigningError:
        return False


def parse_origins(origins: str | Iterable[str]) -> frozenset[Origin]:
    """Parses origins, each ``"https://host"`` or ``"https://host:port"``. Raises SigningError."""
    given = (origins,) if isinstance(origins, str) else several("origins", origins)
    for text in given:
        found = split_url(text)
        shown = NOT_SHOWN if "@" in text else repr(text)
        if found.has_user_info or found.target != "/" or "#" in text:
            raise SigningError(
                f"the origin is {shown}: expected scheme, host and port as 'https://host:port'"
            )
    if not given:
        raise SigningError("no origin: expected at least one, such as 'https://s3.us-east-1.amazonaws.com'")
    return frozenset(origin_of(text) for text in given)
