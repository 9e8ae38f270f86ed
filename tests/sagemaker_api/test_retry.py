"""Retries: which failures are retried, after how long, and what each costs of the quota."""

from __future__ import annotations

import os
import threading
import time

import pytest

from sagemaker_api.errors import MODELED_ERRORS
from sagemaker_api.retry import QUOTA, Failure, Retries, RetryQuota, jitter

BUSY = Failure(status=503)
THROTTLED = Failure(status=400, code="ThrottlingException")


def _delays(failure: Failure, count: int, jitter: float = 1.0) -> list[float | None]:
    retries = Retries(RetryQuota(10**6), max_attempts=count + 1, jitter=lambda: jitter)
    return [retries.delay(failure, attempt) for attempt in range(1, count + 1)]


def test_backoff_doubles_to_twenty_seconds() -> None:
    transient = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20, 20]
    assert _delays(BUSY, 11) == pytest.approx(transient)
    assert _delays(THROTTLED, 6) == pytest.approx([1, 2, 4, 8, 16, 20])
    assert _delays(BUSY, 11, jitter=0.5) == pytest.approx([seconds / 2 for seconds in transient])


@pytest.mark.parametrize(
    ("hint", "seconds"),
    [
        ("1500", 1.5),
        ("0", 0.05),
        ("10000", 5.05),
        ("99999999999999999999", 0.05),
        ("000000000001500", 1.5),  # 15 digits
        ("0000000000001500", 0.05),
        ("invalid", 0.05),
        ("-100", 0.05),
        ("1.5", 0.05),
        ("٣", 0.05),
        ("", 0.05),
    ],
)
def test_x_amz_retry_after_is_honoured_within_five_seconds(hint: str, seconds: float) -> None:
    retries = Retries(RetryQuota(), jitter=lambda: 1.0)
    assert retries.delay(Failure(status=503, retry_after=hint), 1) == pytest.approx(seconds)


def test_x_amz_retry_after_makes_nothing_retryable() -> None:
    refused = Failure(status=400, code="ValidationException", retry_after="1")
    assert Retries(RetryQuota()).delay(refused, 1) is None


@pytest.mark.parametrize("kind", ["connect", "connect-timeout", "read-timeout", "closed", "proxy"])
def test_these_faults_are_transient(kind: str) -> None:
    assert _delays(Failure(fault=kind), 1) == [0.05]


@pytest.mark.parametrize("kind", ["tls", "proxy-refused", "too-large", "deadline"])
def test_these_faults_are_final(kind: str) -> None:
    assert _delays(Failure(fault=kind), 1) == [None]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_these_statuses_are_transient(status: int) -> None:
    assert _delays(Failure(status=status, code="X"), 1) == [0.05]


@pytest.mark.parametrize("status", [300, 302, 400, 401, 403, 404, 408, 409, 413, 501, 505])
def test_these_statuses_are_final(status: int) -> None:
    assert _delays(Failure(status=status, code=str(status)), 1) == [None]


@pytest.mark.parametrize("code", ["RequestTimeout", "RequestTimeoutException"])
def test_these_codes_are_transient(code: str) -> None:
    assert _delays(Failure(status=400, code=code), 1) == [0.05]


@pytest.mark.parametrize(
    "code",
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException "
    "TooManyRequestsException ProvisionedThroughputExceededException TransactionInProgressException "
    "RequestLimitExceeded BandwidthLimitExceeded LimitExceededException SlowDown PriorRequestNotComplete "
    "EC2ThrottledException".split(),
)
@pytest.mark.parametrize("status", [400, 503])
def test_these_codes_are_throttling_whatever_the_status(code: str, status: int) -> None:
    assert _delays(Failure(status=status, code=code), 1) == [1.0]


@pytest.mark.parametrize(
    "code",
    "ValidationException AccessDeniedException InvalidSignatureException ExpiredTokenException "
    "UnrecognizedClientException ResourceLimitExceeded".split(),
)
def test_these_codes_are_final(code: str) -> None:
    assert _delays(Failure(status=400, code=code), 1) == [None]


def test_429_is_throttling_unless_the_code_is_the_services_own() -> None:
    assert _delays(Failure(status=429, code="Anything"), 1) == [1.0]
    assert [_delays(Failure(status=429, code=code), 1) for code in sorted(MODELED_ERRORS)] == [[None]] * 4


def test_the_third_attempt_is_the_last() -> None:
    retries = Retries(RetryQuota())
    assert [retries.delay(BUSY, attempt) is None for attempt in (1, 2, 3)] == [False, False, True]
    assert retries.quota_reached is False


def test_a_failure_has_only_its_documented_fields() -> None:
    failure = Failure()
    assert (failure.fault, failure.status, failure.code, failure.retry_after) == ("", 0, "", "")
    assert failure.remedied is False
    assert not failure.is_retryable()
    assert Failure(remedied=True).is_retryable()


def test_retries_use_the_quota_and_a_success_returns_what_the_last_one_used() -> None:
    quota = RetryQuota()
    retries = Retries(quota)
    spent = [quota.left]
    for attempt in (1, 2):
        retries.delay(BUSY, attempt)
        spent.append(quota.left)
    retries.succeeded()
    assert [*spent, quota.left] == [500, 486, 472, 486]


def test_throttling_uses_less_and_a_final_failure_returns_nothing() -> None:
    quota = RetryQuota()
    retries = Retries(quota)
    for attempt in (1, 2, 3):
        retries.delay(THROTTLED, attempt)
    assert quota.left == 490


def test_a_success_at_the_first_attempt_adds_one_up_to_the_limit_of_the_quota() -> None:
    quota = RetryQuota(QUOTA - 2)
    Retries(quota).succeeded()
    assert quota.left == QUOTA - 1
    for _ in range(3):
        Retries(quota).succeeded()
    assert quota.left == QUOTA


def test_an_empty_quota_ends_the_retries() -> None:
    quota = RetryQuota(13)
    retries = Retries(quota)
    assert retries.delay(BUSY, 1) is None
    assert retries.quota_reached
    assert quota.left == 13
    assert Retries(quota).delay(THROTTLED, 1) is not None
    assert Retries(RetryQuota(14)).delay(BUSY, 1) is not None


class _Slow(int):
    """A number that lets other threads run between its comparison and its subtraction."""

    def __lt__(self, other: int) -> bool:
        less = int(self) < other
        time.sleep(0.0005)
        return less

    def __sub__(self, other: int) -> _Slow:
        return _Slow(int(self) - other)


def test_threads_share_the_quota() -> None:
    quota = RetryQuota(_Slow(14 * 50))
    granted: list[bool] = []
    threads = [
        threading.Thread(target=lambda: granted.extend(quota.take(14) for _ in range(25))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (granted.count(True), quota.left) == (50, 0)


@pytest.mark.parametrize(
    ("octets", "part"),
    [(b"\0\0\0\0", 0.0), (b"\0\0\0\1", 2**-32), (b"\x80\0\0\0", 0.5), (b"\xff\xff\xff\xff", 1 - 2**-32)],
)
def test_jitter_is_a_number_below_one_from_four_random_octets(
    monkeypatch: pytest.MonkeyPatch, octets: bytes, part: float
) -> None:
    monkeypatch.setattr(os, "urandom", {4: octets}.__getitem__)
    assert jitter() == part
