"""``Hypothesis``: one change to a draft, and what it would mean; ``Evidence``: what it is drawn from."""

from __future__ import annotations

from ...record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...credentials import Credentials
    from ...dialects import Dialect
    from ...headers import HeaderPairs
    from ..signature_inputs import Draft


# One bit for each part of a draft that a hypothesis may change; those of the canonical request come first.
SLOTS = {
    name: 1 << place
    for place, name in enumerate(
        "method path query headers signed_headers payload form timestamp scope text_form key".split()
    )
}


class Hypothesis(Record):
    """``id`` of the cause, ``changes`` to the parts of a draft, ``words``: "this is what you get if …".

    ``fix`` says what to do where the table of causes says it too generally. ``slots`` has the bit of each
    part that is changed, ``block`` the header lines where they are.
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


class Evidence(Record):
    """The request as received: what the hypotheses of every family draw from."""

    _masked = ("query", "pairs", "lines", "body")
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
    token_name: str  # the header or query parameter in which the session token comes
    called: str  # the URL that the client called, "" where it is not known
