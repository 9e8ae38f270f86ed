"""One request to a credential endpoint, put again where the next attempt may fare better."""

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
    """Whether the service is busy or broken rather than unwilling."""
    return answer.status == 429 or answer.status >= 500


def is_no_json(answer: Response) -> bool:
    """Whether a 200 holds anything but a JSON object: the service, or a proxy before it, is not ready yet."""
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
    sleep: Callable[[float], None] = time.sleep,
) -> Response:
    """The first answer that ``again`` does not send back, or the last one. Raises Unreachable for none.

    Each attempt may take ``seconds``. ``unanswered`` is after how many attempts without any answer to give
    up.
    """
    answer, fault, answered = None, "", False
    try:
        for attempt in range(attempts):
            if attempt:
                sleep(_PAUSE * 2 ** (attempt - 1))
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
        request = Request("GET", "/")  # it may hold a token: not in the locals of a raised error
    if answer is None:
        raise Unreachable(fault)
    return answer
