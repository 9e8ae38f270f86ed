"""One call from parameters to result, as a generator that does no input or output.

:func:`call` yields what it needs and receives the answer:

    NeedCredentials(expired) → sigv4.Credentials
    Send(request, limits)    → sigv4.Response, or the TransportError
    Sleep(seconds)           → None

So the blocking and the asyncio client share all logic and differ only in ``await``.
"""

from __future__ import annotations

import sys
import time

from sigv4.errors import repr_of
from sigv4.headers import header_value
from sigv4.network.time_limits import TimeLimits
from sigv4.record import Record
from sigv4.request import Request, Response
from sigv4.scope import FIRST_SECOND, LAST_SECOND, format_timestamp
from sigv4.signer import Signer
from sigv4.target import cut_url, split_url

from .aws_json import decode_error, decode_result, encode_request, request_id
from .clock_skew import ClockSkew
from .errors import MODELED_ERRORS, ParamValidationError, ServiceError, TransportError
from .model.operations import OPERATIONS
from .model.parameters import check_object
from .response_masking import masked, secrets_of, without_echoes
from .retry import MAX_ATTEMPTS, Failure, Retries, RetryQuota, jitter as _jitter
from .sdk_headers import USER_AGENT, lambda_trace_id, uuid4, with_sdk_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any, TypeAlias

    from sigv4.credentials import Credentials

    from .endpoint import Endpoint

    Step: TypeAlias = "NeedCredentials | Send | Sleep"

_EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired"))
# 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: a wrong Date may be outside
TARGET_PREFIX = "SageMaker"


class Unsigned:
    """Passed instead of credentials: requests are sent without a signature."""


UNSIGNED = Unsigned()


class NeedCredentials(Record):
    """The answer must be the credentials for the next attempt.

    ``expired`` are those that the service calls expired, or None; then the answer should be others, if there
    are any.
    """

    expired: Credentials | Unsigned | None = None


class Send(Record):
    """The answer must be the Response, or the TransportError."""

    request: Request
    limits: TimeLimits


class Sleep(Record):
    """The answer must be None, after ``seconds``."""

    seconds: float


class CallSettings:
    """The settings that all calls of one client share.

    ``url`` is the endpoint's, with a path. ``limits.total`` is the deadline of a whole call with all attempts
    and the waits between them; ``max_attempts`` includes the first. ``app_id`` is the name of the caller's
    application for the User-Agent, or None. ``clock`` returns epoch seconds, ``monotonic`` seconds that never
    decrease, ``jitter`` a random number from 0 to 1, ``trace_id`` the value of X-Amzn-Trace-Id or ``""``.
    """

    __slots__ = (
        "clock", "endpoint", "jitter", "limits", "max_attempts", "monotonic", "quota", "skew", "trace_id",
        "url", "user_agent",
    )  # fmt: skip

    def __init__(
        self,
        endpoint: Endpoint,
        limits: TimeLimits,
        *,
        max_attempts: int = MAX_ATTEMPTS,
        app_id: str | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = _jitter,
        trace_id: Callable[[], str] = lambda_trace_id,
    ) -> None:
        self.endpoint: Endpoint = endpoint
        path = cut_url(endpoint.url)[2]
        self.url: str = endpoint.url if endpoint.url.endswith(path) else endpoint.url + path
        self.limits: TimeLimits = limits
        self.max_attempts: int = max_attempts
        self.user_agent: str = USER_AGENT if app_id is None else f"{USER_AGENT} app/{app_id}"
        self.quota: RetryQuota = RetryQuota()
        self.skew: ClockSkew = ClockSkew(self.url)
        self.clock: Callable[[], float] = clock
        self.monotonic: Callable[[], float] = monotonic
        self.jitter: Callable[[], float] = jitter
        self.trace_id: Callable[[], str] = trace_id


def call(
    settings: CallSettings, operation: str, params: Mapping[str, object]
) -> Generator[Step, Any, dict[str, Any]]:
    """Calls ``operation``; returns the result in boto's form.

    Raises ParamValidationError before anything is sent; ServiceError, TransportError and ProtocolError after.
    """
    headers, body = _encode(operation, params)
    retries = Retries(settings.quota, max_attempts=settings.max_attempts, jitter=settings.jitter)
    invocation_id, trace_id = uuid4(), settings.trace_id()
    ends = settings.monotonic() + settings.limits.total
    remedies = _Remedies()
    error: ServiceError | TransportError = TransportError("deadline", settings.url)  # if no attempt is made
    for attempt in range(1, retries.max_attempts + 1):
        asked = settings.monotonic()
        credentials: Credentials | Unsigned = yield NeedCredentials(remedies.expired)
        ends += settings.monotonic() - asked  # the credentials may need input from a person or a program
        if remedies.expired is not None and credentials == remedies.expired:
            break  # there are no other credentials, and these would be refused again
        limits = TimeLimits(settings.limits.connect, settings.limits.read, ends - settings.monotonic())
        if limits.total <= 0:
            raise TransportError("deadline", settings.url)
        request = _signed(settings, credentials, headers, body)
        with_headers = _attempt(settings, retries, attempt), trace_id, settings.user_agent
        request = with_sdk_headers(request, invocation_id, *with_headers)
        sent = settings.clock()
        answer: Response | TransportError = yield Send(request, limits)
        if isinstance(answer, Response):
            settings.skew.measure(answer, sent, settings.clock())
            answer = without_echoes(answer, request)
        _log(operation, attempt, answer)
        if isinstance(answer, Response) and 200 <= answer.status < 300:
            retries.succeeded()
            return _result(operation, request, answer, attempt, retries)
        error = _error(operation, request, answer, attempt, retries)
        if remedies.lost and isinstance(answer, Response) and _is_achieved(operation, error):
            retries.succeeded()
            return {"ResponseMetadata": _metadata(answer, attempt, retries)}
        remedied = remedies.found(settings, credentials, error, answer)
        delay = retries.delay(_failure(error, remedied=remedied), attempt)
        if delay is None or settings.monotonic() + delay >= ends:
            break
        yield Sleep(delay)
    if retries.quota_reached and isinstance(error, ServiceError):
        error.response["ResponseMetadata"]["RetryQuotaReached"] = True
    raise error


class _Remedies:
    """The remedies for a refusal, each used once in a call: other credentials, and a corrected clock.

    ``expired`` are the credentials that were refused; ``lost`` says that an earlier attempt may have
    succeeded although its answer does not say so.
    """

    def __init__(self) -> None:
        self.expired: Credentials | Unsigned | None = None
        self.lost: bool = False
        self._corrected = False

    def found(
        self,
        settings: CallSettings,
        credentials: Credentials | Unsigned,
        error: ServiceError | TransportError,
        answer: Response | TransportError,
    ) -> bool:
        """Looks for a remedy; returns whether the next attempt will differ from the one that was refused."""
        self.lost = self.lost or not isinstance(answer, Response) or answer.status >= 500
        code = error.code if isinstance(error, ServiceError) else ""
        skewed = not self._corrected and settings.skew.explains(code)
        renewable = self.expired is None and code in _EXPIRED and credentials is not UNSIGNED
        if renewable:
            self.expired = credentials
        self._corrected = self._corrected or skewed
        return skewed or renewable


def _encode(operation: str, params: Mapping[str, object]) -> tuple[dict[str, str], bytes]:
    named = isinstance(operation, str) and operation.isascii() and operation.isalnum()
    known = OPERATIONS.get(operation) if named else None
    check_object("params", params)
    if known is not None:
        params = known.checked(params)
    elif not named:
        raise ParamValidationError(
            f"Invalid operation name {repr_of(operation)}: expected one as the API reference spells it, "
            'such as "ListNotebookInstances"'
        )
    return encode_request(TARGET_PREFIX, operation, params)


def _signed(
    settings: CallSettings, credentials: Credentials | Unsigned, headers: dict[str, str], body: bytes
) -> Request:
    endpoint = settings.endpoint
    if isinstance(credentials, Unsigned):
        host = split_url(settings.url).authority
        return Request("POST", settings.url, {"Host": host, **headers}, body)
    signer = Signer(endpoint.signing_name, endpoint.signing_region, credentials)
    return Request(
        "POST",
        settings.url,
        signer.sign("POST", settings.url, headers, body, at=_moment(settings)),
        body,
    )


def _moment(settings: CallSettings, later: float = 0.0) -> float:
    """The service's time, ``later`` seconds from now, limited to the years 1 to 9999."""
    moment = settings.clock() + settings.skew.seconds + later
    return min(max(moment, FIRST_SECOND), LAST_SECOND)


def _attempt(settings: CallSettings, retries: Retries, attempt: int) -> str:
    """The value of ``amz-sdk-request``, with the deadline (``ttl``) if the service's clock is known."""
    known = attempt > 1 and settings.skew.measured  # never on the first, as boto does
    ttl = f"ttl={format_timestamp(_moment(settings, settings.limits.read))}; " if known else ""
    return f"{ttl}attempt={attempt}; max={retries.max_attempts}"


def _result(
    operation: str, request: Request, response: Response, attempt: int, retries: Retries
) -> dict[str, Any]:
    known = OPERATIONS.get(operation)
    # No local variable holds what was decoded or sent, because a traceback could show it.
    if known:
        result = known.result(masked(decode_result(response), secrets_of(request)))
    else:
        result = masked(decode_result(response), secrets_of(request))
    result["ResponseMetadata"] = _metadata(response, attempt, retries)
    return result


def _error(
    operation: str, request: Request, answer: Response | TransportError, attempt: int, retries: Retries
) -> ServiceError | TransportError:
    if isinstance(answer, TransportError):
        return answer
    secrets = secrets_of(request)
    code, message = decode_error(answer, lambda text: masked(text, secrets))
    kind = MODELED_ERRORS.get(code, ServiceError)
    return kind(operation, code, message, _metadata(answer, attempt, retries))


def _is_achieved(operation: str, error: ServiceError | TransportError) -> bool:
    """Whether the refusal of a repeated call says that the first one, whose answer was lost, succeeded."""
    known = OPERATIONS.get(operation)
    return (
        known is not None and isinstance(error, ServiceError) and known.is_achieved(error.code, error.message)
    )


def _metadata(response: Response, attempt: int, retries: Retries) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for name, value in response.headers:
        text = header_value(value)
        name = name.lower()
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    metadata: dict[str, Any] = {"HTTPStatusCode": response.status, "HTTPHeaders": headers}
    if request_id(response):
        metadata["RequestId"] = request_id(response)
    if attempt == retries.max_attempts:
        metadata["MaxAttemptsReached"] = True
    metadata["RetryAttempts"] = attempt - 1
    return metadata


def _failure(error: ServiceError | TransportError, *, remedied: bool = False) -> Failure:
    if isinstance(error, TransportError):
        return Failure(fault=error.kind)
    headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    wait = headers.get("x-amz-retry-after", "")
    return Failure(status=error.status, code=error.code, retry_after=wait, remedied=remedied)


def _log(operation: str, attempt: int, answer: Response | TransportError) -> None:
    logging = sys.modules.get("logging")  # if it is not imported, no one logs; the import costs 8 ms
    if logging is None:
        return
    status, found = (
        (answer.kind, "") if isinstance(answer, TransportError) else (answer.status, request_id(answer))
    )
    logging.getLogger("sagemaker_api").debug(
        "operation=%s attempt=%d status=%s request_id=%s", operation, attempt, status, found
    )
