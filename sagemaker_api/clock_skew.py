"""How far the service's clock is from ours, measured on every answer and put right when signing.

Source: the SDKs' 2026 rule, as client.md's vectors have it: skew = Date − midpoint of sending and receiving.
"""

from __future__ import annotations

from sigv4.errors import SigningError
from sigv4.scope import parse_http_date
from sigv4.target import split_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.request import Response

LARGE = 240.0  # seconds beyond which a refusal may be the clock's fault
_LONGEST = 900.0  # seconds that an exchange may have taken for its Date to be worth something
_CODES = frozenset(
    (
        "AccessDeniedException",
        "AuthFailure",
        "InvalidSignatureException",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    )
)


class ClockSkew:
    """The skew of one client's service in seconds, positive where the service is ahead.

    ``trusted`` is False where whoever is on the way may write the Date: then nothing is ever measured.
    ``measured`` says whether an answer has told yet.
    """

    __slots__ = ("measured", "seconds", "trusted")

    def __init__(self, url: str) -> None:
        self.seconds: float = 0.0
        self.measured: bool = False
        self.trusted: bool = split_url(url).keeps_secrets

    def measure(self, response: Response, sent: float, received: float) -> None:
        """Takes one answer's Date into account; a cached, undated or very slow answer says nothing."""
        if not self.trusted or response.header("age") or received - sent > _LONGEST:
            return
        try:
            date = parse_http_date(response.header("date"))
        except SigningError:
            return
        self.seconds = date - (sent + received) / 2
        self.measured = True

    def explains(self, code: str) -> bool:
        """Whether a refusal with this code may come from a clock that is this far off."""
        return abs(self.seconds) > LARGE and code in _CODES
