"""The input and the result of a policy evaluation: one access, and the decision about it.

Source: IAM User Guide, "Policy evaluation logic", "The request context".
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType

from sigv4.record import Record


class Access(Record):
    """An action (``sagemaker:CreatePresignedNotebookInstanceUrl``) on a resource (an ARN).

    ``context`` maps each condition key, in any case, to its values as text; a key that the request does not
    have is left out, or has no values. ``unknown`` holds, in lower case, the keys whose presence in the
    request is unknown.
    """

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]
    unknown: Container[str]

    def __init__(
        self,
        action: str,
        resource: str,
        context: Mapping[str, tuple[str, ...]],
        unknown: Container[str] = frozenset(),
    ) -> None:
        if any(isinstance(values, str) for values in context.values()):
            raise TypeError("the context maps a key to one text: expected a tuple of texts")
        folded = {key.lower(): tuple(values) for key, values in context.items()}
        super().__init__(action, resource, MappingProxyType(folded), unknown)

    def __hash__(self) -> int:
        return hash((self.action, self.resource, frozenset(self.context.items())))

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.action, self.resource, dict(self.context), self.unknown)


class Decision(Record):
    """Whether an access is allowed, by which effect, and the deciding statement as text.

    ``effect`` is ``"Allow"``, ``"Deny"``, ``""`` if no statement allows it (an implicit deny), or
    ``"Unknown"`` if it depends on unknown condition keys: then ``missing`` names them, and the access is not
    allowed.
    """

    allowed: bool
    effect: str
    statement: str
    missing: tuple[str, ...] = ()
