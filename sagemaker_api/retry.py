"""Decides whether and when to repeat a failed attempt: the SDKs' ``standard`` mode of 2026.

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
_LONGEST_EXTRA_WAIT = 5.0  # above the backoff, if the service asks for it

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
    """A failed attempt: a ``fault`` (TransportError.kind), or a ``status`` and an error ``code``.

    ``retry_after`` is the header ``x-amz-retry-after`` as received: milliseconds, or ``""``. ``remedied``
    says that the cause (the clock, the credentials) is corrected for the next attempt.
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
        """Whether the service asks for fewer requests, by its code or else its status."""
        return self.code in _THROTTLING_CODES or (self.status == 429 and self.code not in MODELED_ERRORS)

    def is_retryable(self) -> bool:
        """Whether another attempt may succeed."""
        return (
            self.remedied
            or self.is_throttling()
            or self.fault in _TRANSIENT_FAULTS
            or self.code in _TRANSIENT_CODES
            or self.status in _TRANSIENT_STATUSES
        )


class RetryQuota:
    """The budget for the retries of one client in all threads; it runs out while a service is down."""

    __slots__ = ("_left", "_lock")

    def __init__(self, capacity: int = QUOTA) -> None:
        self._left = capacity
        self._lock = ProcessLock()

    @property
    def left(self) -> int:
        return self._left

    def take(self, cost: int) -> bool:
        """Takes ``cost`` if enough is left; returns whether it did."""
        with self._lock:
            if cost > self._left:
                return False
            self._left -= cost
            return True

    def give_back(self, amount: int) -> None:
        with self._lock:
            self._left = min(self._left + amount, QUOTA)


class Retries:
    """The retries of one call: use :meth:`delay` after a failed attempt, else :meth:`succeeded`.

    ``max_attempts`` includes the first. ``quota`` is the client's; ``jitter`` returns a random number from 0
    to 1. ``quota_reached`` says whether the quota prevented another attempt.
    """

    __slots__ = ("_jitter", "_quota", "_taken", "max_attempts", "quota_reached")

    def __init__(
        self, quota: RetryQuota, *, max_attempts: int = MAX_ATTEMPTS, jitter: Callable[[], float] = jitter
    ) -> None:
        self.max_attempts: int = max_attempts
        self.quota_reached: bool = False
        self._quota = quota
        self._jitter = jitter
        self._taken = 1  # a call without a retry adds one to the quota

    def delay(self, failure: Failure, attempt: int) -> float | None:
        """The seconds to wait after ``attempt`` (counted from 1), or None for no other attempt."""
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
        """Returns to the quota what the last retry took, or adds one if there was no retry."""
        self._quota.give_back(self._taken)


def _with_hint(backoff: float, retry_after: str) -> float:
    """The backoff, or the longer wait that the service asks for, within limits."""
    if not (retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 16):
        return backoff
    return min(max(backoff, int(retry_after) / 1000), backoff + _LONGEST_EXTRA_WAIT)
