"""The difference between the service's clock and ours: measured with every answer, corrected when signing.

Source: the SDKs' rule of 2026: skew = Date − midpoint of sending and receiving.
"""

from __future__ import annotations

from sigv4.errors import SigningError
from sigv4.scope import parse_http_date
from sigv4.target import split_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.request import Response

LARGE = 240.0  # seconds from which a refusal may be caused by the clock
_LONGEST = 900.0  # seconds; the Date of a longer exchange is not used
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
    """The skew of one client's service in seconds, positive if the service is ahead.

    ``trusted`` is False if others could change the Date on the way: then it is never measured. ``measured``
    says whether it was measured already.
    """

    __slots__ = ("measured", "seconds", "trusted")

    def __init__(self, url: str) -> None:
        self.seconds: float = 0.0
        self.measured: bool = False
        self.trusted: bool = split_url(url).keeps_secrets

    def measure(self, response: Response, sent: float, received: float) -> None:
        """Measures with one answer's Date; an answer that is cached, undated or very slow is ignored."""
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
