"""When a failed attempt is repeated, and after how long: the 2026 generation of the SDKs' ``standard`` mode.

Nothing here sleeps or sends. Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
"""

from __future__ import annotations

import os

from sigv4.network.forks import ProcessLock

from .errors import MODELED_ERRORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ATTEMPTS = 3
QUOTA = 500

_LONGEST_BACKOFF = 20.0
_LONGEST_EXTRA_WAIT = 5.0  # beyond the backoff, at the service's wish

_TRANSIENT_FAULTS = frozenset(("connect", "connect-timeout", "read-timeout", "closed", "proxy"))
_TRANSIENT_STATUSES = frozenset((500, 502, 503, 504))
_TRANSIENT_CODES = frozenset(("RequestTimeout", "RequestTimeoutException"))
_THROTTLING_CODES = frozenset(
    (
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    )
)


def jitter() -> float:
    """A random number from 0 to 1; the module ``random`` costs 1 ms of import."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


class Failure:
    """What became of an attempt: a ``fault`` (TransportError.kind), or a ``status`` and an error ``code``.

    ``retry_after`` is the header ``x-amz-retry-after`` as received: milliseconds, or ``""``. ``remedied``
    says that what was wrong (a clock, credentials) is put right for the next attempt.
    """

    __slots__ = ("code", "fault", "remedied", "retry_after", "status")

    def __init__(
        self,
        *,
        fault: str = "",
        status: int = 0,
        code: str = "",
        retry_after: str = "",
        remedied: bool = False,
    ) -> None:
        self.remedied: bool = remedied
        self.fault: str = fault
        self.status: int = status
        self.code: str = code
        self.retry_after: str = retry_after

    def is_throttling(self) -> bool:
        """Whether the service asks for fewer requests. The code says so before the status does."""
        return self.code in _THROTTLING_CODES or (self.status == 429 and self.code not in MODELED_ERRORS)

    def is_retryable(self) -> bool:
        """Whether another attempt may fare better."""
        return (
            self.remedied
            or self.is_throttling()
            or self.fault in _TRANSIENT_FAULTS
            or self.code in _TRANSIENT_CODES
            or self.status in _TRANSIENT_STATUSES
        )


class RetryQuota:
    """What the retries of one client may cost, all threads together: it empties while a service is down."""

    __slots__ = ("_left", "_lock")

    def __init__(self, capacity: int = QUOTA) -> None:
        self._left = capacity
        self._lock = ProcessLock()

    @property
    def left(self) -> int:
        return self._left

    def take(self, cost: int) -> bool:
        """Take ``cost`` where there is as much left."""
        with self._lock:
            if cost > self._left:
                return False
            self._left -= cost
            return True

    def give_back(self, amount: int) -> None:
        with self._lock:
            self._left = min(self._left + amount, QUOTA)


class Retries:
    """The retries of one call: ask :meth:`delay` after a failed attempt, tell :meth:`succeeded` of any other.

    ``max_attempts`` is the total, the first among them. ``quota`` is the client's; ``jitter`` gives a random
    number from 0 to 1. ``quota_reached`` says whether it was the quota that allowed no other attempt.
    """

    __slots__ = ("_jitter", "_quota", "_taken", "max_attempts", "quota_reached")

    def __init__(
        self, quota: RetryQuota, *, max_attempts: int = MAX_ATTEMPTS, jitter: Callable[[], float] = jitter
    ) -> None:
        self.max_attempts: int = max_attempts
        self.quota_reached: bool = False
        self._quota = quota
        self._jitter = jitter
        self._taken = 1  # a call that succeeds at once gives the quota one

    def delay(self, failure: Failure, attempt: int) -> float | None:
        """The seconds to wait after ``attempt`` (counted from 1), or None where there is to be no other."""
        if attempt >= self.max_attempts or not failure.is_retryable():
            return None
        base, cost = (1.0, 5) if failure.is_throttling() else (0.05, 14)
        if not self._quota.take(cost):
            self.quota_reached = True
            return None
        self._taken = cost
        backoff = self._jitter() * min(base * 2 ** (attempt - 1), _LONGEST_BACKOFF)
        return _with_hint(backoff, failure.retry_after)

    def succeeded(self) -> None:
        """Give back what the last retry took, or one for a call that needed none."""
        self._quota.give_back(self._taken)


def _with_hint(backoff: float, retry_after: str) -> float:
    """The backoff, or the longer wait that the service asks for, within limits."""
    if not (retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 16):
        return backoff
    return min(max(backoff, int(retry_after) / 1000), backoff + _LONGEST_EXTRA_WAIT)
