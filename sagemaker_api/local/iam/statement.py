"""One statement of a policy: the accesses that it covers, and the conditions of its effect.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from __future__ import annotations

from sigv4.record import Record

from .conditions import Condition
from .patterns import Pattern
from .request import Access


class Statement(Record):
    """One statement. With ``not_action`` or ``not_resource`` the list names what it does not cover.

    ``aside`` says why no request to this service can match the statement, or is ``""``. With a reason, its
    conditions were not read and it has no actions here.
    """

    place: str
    sid: str
    effect: str
    actions: tuple[Pattern, ...]
    not_action: bool
    resources: tuple[Pattern, ...]
    not_resource: bool
    conditions: tuple[Condition, ...]
    aside: str = ""

    def may_be_about(self, access: Access) -> bool:
        """Whether it covers, or may cover, this action on this resource, without its conditions."""
        action = access.action.lower()
        if any(pattern.like(action, access.context) for pattern in self.actions) == self.not_action:
            return False
        if self._names(access):
            return not self.not_resource
        return self.not_resource or self._may_name(access)

    def failing(self, access: Access) -> Condition | None:
        """The first condition that is known to be false, or None."""
        for each in self.conditions:
            if not each.unknown_in(access.unknown) and not each.holds(access.context):
                return each
        return None

    def unknown(self, access: Access) -> tuple[str, ...]:
        """The unknown condition keys that decide whether the statement applies."""
        found = [key for each in self.conditions for key in each.unknown_in(access.unknown)]
        if self._may_name(access) and not self._names(access):
            found += [key for pattern in self.resources for key in pattern.unknown_in(access.unknown)]
        return tuple(dict.fromkeys(found))

    def _names(self, access: Access) -> bool:
        """Whether the statement's list covers the resource.

        With NotResource it is also True if a variable has no value, because a statement with a variable that
        cannot be resolved applies to nothing.
        """
        return any(
            not pattern.unknown_in(access.unknown)
            and (
                pattern.like(access.resource, access.context)
                or (self.not_resource and not pattern.has_values(access.context))
            )
            for pattern in self.resources
        )

    def _may_name(self, access: Access) -> bool:
        return any(
            pattern.like(access.resource, access.context, access.unknown) for pattern in self.resources
        )
