"""``Hypothesis``: one change to a draft and its meaning; ``Evidence``: the request that it is made from.

``LeftOut``: what a family does not try, because the request has too many parts.
"""

from __future__ import annotations

from ...record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sized
    from typing import Any

    from ...credentials import Credentials
    from ...dialects import Dialect
    from ...headers import HeaderPairs
    from ..signature_inputs import Draft


# One bit for each part of a draft that a hypothesis may change; the parts of the canonical request come
# first.
SLOTS = {
    name: 1 << place
    for place, name in enumerate(
        "method path query headers signed_headers payload form timestamp scope text_form key".split()
    )
}


# The parts of one kind, such as parameters, that are tried one by one. The search time grows with the square
# of their number, and with the cube if two faults at once are tried.
MOST_PARTS, MOST_PARTS_IN_PAIRS = 60, 30
MOST_HEADERS, MOST_HEADERS_IN_PAIRS = 300, 40  # servers accept some hundred headers at most
LONGEST_BODY = 1 << 20  # in bytes: the forms of a longer body are not tried


class Hypothesis(Record):
    """A possible mistake: the ``id`` of the cause, and the ``changes`` to the parts of a draft.

    ``words`` complete the sentence "this is what you get if …". ``fix``, if given, is more specific than the
    fix in the catalogue. ``slots`` has the bit of each changed part, ``block`` the changed header lines.
    """

    id: str
    changes: dict[str, Any]
    words: str
    fix: str
    slots: int
    block: str

    def __init__(self, id: str, words: str, fix: str = "", **changes: Any) -> None:
        headers = changes.get("headers")
        block = (
            "" if headers is None else "\n".join([f"{name}:{value}" for name, value in dict(headers).items()])
        )
        super().__init__(id, changes, words, fix, sum([SLOTS[name] for name in changes]), block)

    def applied(self, draft: Draft) -> Draft:
        return draft.replace(**self.changes)


class LeftOut(Record):
    """Hypotheses that a family does not make: a family yields one wherever it stops at a limit.

    ``words`` name what is not tried, and the limit.
    """

    words: str


class Evidence(Record):
    """The request as received, from which all hypotheses are made."""

    _masked = ("query", "pairs", "lines", "body", "other_bodies")
    dialect: Dialect
    path: str  # as on the wire
    query: str  # as on the wire, without the signature
    pairs: HeaderPairs
    lines: dict[str, str]  # canonical values of all headers
    body: bytes
    presigned: bool
    region: str  # of the credential scope
    service: str
    credentials: Credentials | None
    token_name: str  # the header or query parameter in which the session token is sent
    called: str  # the URL that the client called, "" if unknown
    other_bodies: list[Hypothesis | LeftOut]  # filled when they are first asked for
    most_parts: int = MOST_PARTS  # how many parts of one kind are tried one by one

    def beyond(self, parts: Sized, kind: str) -> Iterator[LeftOut]:
        """What is left out if there are more ``parts`` than are tried: the families cut the rest off."""
        if len(parts) > self.most_parts:
            yield LeftOut(f"{kind} one by one after the first {self.most_parts} of {len(parts)}")
