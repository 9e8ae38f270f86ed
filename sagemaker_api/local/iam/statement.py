"""One statement of a policy: which accesses it is about, and under which conditions it has its effect.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from __future__ import annotations

from sigv4.record import Value

from .conditions import Condition
from .patterns import Pattern
from .request import Access


class Statement(Value):
    """One statement. ``not_action`` and ``not_resource`` say that the lists are of what it is not about."""

    __slots__ = ("place", "sid", "effect", "actions", "not_action", "resources", "not_resource", "conditions")

    place: str
    sid: str
    effect: str
    actions: tuple[Pattern, ...]
    not_action: bool
    resources: tuple[Pattern, ...]
    not_resource: bool
    conditions: tuple[Condition, ...]

    def __init__(
        self,
        place: str,
        sid: str,
        effect: str,
        actions: tuple[Pattern, ...],
        not_action: bool,
        resources: tuple[Pattern, ...],
        not_resource: bool,
        conditions: tuple[Condition, ...],
    ) -> None:
        self._set(place, sid, effect, actions, not_action, resources, not_resource, conditions)

    def is_about(self, access: Access) -> bool:
        """Whether the statement is about this action on this resource, its conditions aside."""
        action = access.action.lower()
        return (
            any(pattern.like(action, access.context) for pattern in self.actions) != self.not_action
            and any(pattern.like(access.resource, access.context) for pattern in self.resources)
            != self.not_resource
        )

    def failing(self, access: Access) -> Condition | None:
        """The first condition that is false, or None where all are true."""
        return next((each for each in self.conditions if not each.holds(access.context)), None)
