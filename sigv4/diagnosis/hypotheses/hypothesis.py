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


class Hypothesis(Record):
    """``id`` of the cause, ``changes`` to the parts of a draft, ``words``: "this is what you get if …"."""

    id: str
    changes: dict[str, Any]
    words: str

    def __init__(self, id: str, words: str, **changes: Any) -> None:
        super().__init__(id, changes, words)

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
