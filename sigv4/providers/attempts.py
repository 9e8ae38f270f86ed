"""Sends a request to a credential endpoint, and repeats it if a retry may succeed."""

from __future__ import annotations

import time

from ..errors import CredentialsError
from ..request import Request
from .answers import json_object
from .fetch import Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..request import Response
    from .fetch import Fetch

ATTEMPTS = 3
_PAUSE = 0.1  # seconds before the second attempt; doubled before each further one


def is_transient(answer: Response) -> bool:
    """Whether the service is busy or broken, so that a retry may succeed."""
    return answer.status == 429 or answer.status >= 500


def is_no_json(answer: Response) -> bool:
    """Whether a 200 has no JSON object: the service, or a proxy in front of it, is not ready yet."""
    try:
        return answer.status == 200 and not json_object(answer.body, "")
    except CredentialsError:
        return True


def answer_to(
    request: Request,
    fetch: Fetch,
    seconds: float,
    *,
    attempts: int = ATTEMPTS,
    unanswered: int | None = None,
    again: Callable[[Response], bool] = is_transient,
) -> Response:
    """The first answer for which ``again`` is false, or the last one. Raises Unreachable if there is none.

    Each attempt may take ``seconds``. After ``unanswered`` attempts without any answer no more are made.
    """
    answer, fault, answered = None, "", False
    try:
        for attempt in range(attempts):
            if attempt:
                time.sleep(_PAUSE * 2 ** (attempt - 1))
            try:
                answer = fetch(request, seconds)
            except Unreachable as error:
                answer, fault = None, str(error)
                if unanswered is not None and not answered and attempt + 1 >= unanswered:
                    break
                continue
            answered = True
            if not again(answer):
                break
    finally:
        request = Request("GET", "/")  # it may hold a token: hidden from tracebacks with locals
    if answer is None:
        raise Unreachable(fault)
    return answer
