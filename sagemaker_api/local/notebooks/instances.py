"""Notebook instances and their life cycle: the status at any time follows only from the clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from sigv4.config.partitions import partition_of
from sigv4.errors import expect, repr_of
from sigv4.network.forks import ProcessLock
from sigv4.record import Record

from ...errors import ConfigError
from ...model.operations import STATUSES
from ..service_errors import Refusal, limit_exceeded, not_found, wrong_status

NO_CAPACITY = "Insufficient notebook instance capacity. Retry later or with a different instance type."
_GONE = "gone"


class Account(Record):
    """The account of the instances: the parts of their ARNs."""

    partition: str
    region: str
    account_id: str

    @classmethod
    def of(cls, region: str, account_id: str) -> Account:
        """The account in the partition of ``region``. Raises ConfigError for a malformed account id."""
        expect(isinstance(region, str), "region", region, "a text, such as us-east-1", ConfigError)
        return cls(partition_of(region).name, region, checked_account_id(account_id))

    def arn(self, name: str) -> str:
        """The ARN of a notebook instance, its name in lower case, as SageMaker writes it."""
        return (
            f"arn:{self.partition}:sagemaker:{self.region}:{self.account_id}:notebook-instance/{name.lower()}"
        )


def checked_account_id(text: str) -> str:
    """The account id. Raises ConfigError for another form."""
    if not isinstance(text, str):
        raise ConfigError(f"the account is of type {type(text).__name__}: expected a text of 12 digits")
    if not re.fullmatch("[0-9]{12}", text):
        raise ConfigError(f"the account is {text!r}: expected its 12 digits")
    return text


class Transition(Record):
    """A change of status: ``allowed`` before it, ``passing`` during the delay, ``final`` after it."""

    allowed: tuple[str, ...]
    passing: str
    final: str


CREATE = Transition((), "Pending", "InService")
START = Transition(("Stopped", "Failed"), "Pending", "InService")
STOP = Transition(("InService",), "Stopping", "Stopped")
UPDATE = Transition(("Stopped", "Failed"), "Updating", "Stopped")
DELETE = Transition(("Stopped", "Failed"), "Deleting", _GONE)


class Instance(Record):
    """One notebook instance at one time.

    ``serial`` differs from that of an earlier one with the same name; ``status`` becomes ``becomes`` (unless
    that is ``""``) at ``due``; times are epoch seconds; ``settings`` are the members it was created with.
    """

    name: str
    serial: int
    status: str
    created: float
    changed: float
    becomes: str
    due: float
    failure_reason: str
    settings: Mapping[str, object]
    tags: Mapping[str, str]

    def at(self, now: float) -> Instance | None:
        """The instance at the time ``now``; None if it is deleted by then."""
        if not self.becomes or now < self.due:
            return self
        if self.becomes == _GONE:
            return None
        return self.replace(status=self.becomes, changed=self.due, becomes="")


class Instances:
    """The account's instances. Safe to share between threads.

    ``statuses`` are the initial instances; a status stays until a call changes it. ``delays`` are the seconds
    spent in ``Pending``, ``Stopping``, ``Updating`` and ``Deleting``; ``failing`` maps names to the
    FailureReason with which they end ``Pending``; ``limit`` is the greatest number of instances, or None. All
    three may be changed at any time. Raises ConfigError for a limit below 0.
    """

    def __init__(
        self,
        statuses: Mapping[str, str],
        account: Account,
        clock: Callable[[], float],
        delays: Mapping[str, float],
        failing: Mapping[str, str],
        limit: int | None = None,
    ) -> None:
        if limit is not None and (type(limit) is not int or limit < 0):
            raise ConfigError(
                f"the limit is {repr_of(limit)[:40]}: expected a number of instances, 0 or more"
            )
        self.limit = limit
        self.account = account
        self.delays: dict[str, float] = dict(delays)
        self.failing: dict[str, str] = dict(failing)
        self._clock = clock
        self._lock = ProcessLock()
        self._serial = 0
        self._table: dict[str, Instance] = {}
        now = clock()
        for name, status in statuses.items():
            reason = self.failing.get(name, NO_CAPACITY) if status == "Failed" else ""
            self._table[name] = self._new(name, status, now, failure_reason=reason)

    def get(self, name: str) -> Instance | None:
        """The instance as it is now."""
        found = self._table.get(name)
        return None if found is None else found.at(self._clock())

    def existing(self, name: str) -> Instance:
        """The instance as it is now. Raises Refusal if it does not exist."""
        found = self.get(name)
        if found is None:
            raise not_found()
        return found

    def named(self, arn: str) -> Instance | None:
        """The instance with this ARN, as it is now."""
        return next((found for found in self.all() if self.account.arn(found.name) == arn), None)

    def all(self) -> list[Instance]:
        """Every instance as it is now, in the order of creation."""
        now = self._clock()
        with self._lock:
            kept = list(self._table.values())
        return [found for each in kept if (found := each.at(now)) is not None]

    def create(self, name: str, settings: Mapping[str, object], tags: Mapping[str, str]) -> Instance:
        """A new instance, which becomes InService. Raises Refusal if its ARN is in use, or at the limit."""
        arn = self.account.arn(name)
        now = self._clock()
        with self._lock:
            self._table = {other: each for other, each in self._table.items() if each.at(now) is not None}
            if any(self.account.arn(other) == arn for other in self._table):
                raise Refusal("ValidationException", f"Cannot create a duplicate Notebook Instance ({arn})")
            if self.limit is not None and len(self._table) >= self.limit:
                raise limit_exceeded(self.limit, len(self._table))
            new = self._new(name, CREATE.passing, now, settings=settings, tags=tags)
            self._table[name] = moved = self._moved(new, CREATE, now)
        return moved

    def move(
        self,
        name: str,
        transition: Transition,
        settings: Mapping[str, object] | None = None,
        removed: Iterable[str] = (),
    ) -> Instance:
        """Begins ``transition``; changes ``settings``, and removes those named in ``removed``.

        Raises Refusal if the instance has another status.
        """
        with self._lock:
            found = self.existing(name)
            if found.status not in transition.allowed:
                raise wrong_status(
                    found.status, transition.allowed, transition.passing, self.account.arn(name)
                )
            kept_settings = {**found.settings, **(settings or {})}
            for each in removed:
                kept_settings.pop(each, None)
            found = found.replace(settings=kept_settings)
            self._table[name] = moved = self._moved(found, transition, self._clock())
        return moved

    def change_tags(self, name: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Instance:
        """Replaces the instance's tags by ``change(tags)``. Raises Refusal if it does not exist."""
        with self._lock:
            found = self.existing(name)
            self._table[name] = changed = found.replace(tags=dict(change(found.tags)))
        return changed

    def set_status(self, name: str, status: str, failure_reason: str = "") -> None:
        """Sets ``status`` at once, without a later change; no call can do that.

        Raises ConfigError for an unknown name or status.
        """
        if status not in STATUSES:
            raise ConfigError(f"{status!r} is not a status: expected one of {', '.join(STATUSES)}")
        with self._lock:
            if name not in self._table:
                raise ConfigError(f"there is no notebook instance {name!r}: there are {sorted(self._table)}")
            self._table[name] = self._table[name].replace(
                status=status, changed=self._clock(), becomes="", failure_reason=failure_reason
            )

    def _new(
        self,
        name: str,
        status: str,
        now: float,
        failure_reason: str = "",
        settings: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Instance:
        self._serial += 1
        return Instance(
            name,
            self._serial,
            status,
            float(now),
            float(now),
            "",
            0.0,
            failure_reason,
            dict(settings or {}),
            dict(tags or {}),
        )

    def _moved(self, instance: Instance, transition: Transition, now: float) -> Instance:
        final, reason = transition.final, ""
        if transition.passing == "Pending" and instance.name in self.failing:
            final, reason = "Failed", self.failing[instance.name]
        return instance.replace(
            status=transition.passing,
            changed=now,
            becomes=final,
            due=now + self.delays.get(transition.passing, 0.0),
            failure_reason=reason,
        )


def delays_of(given: float | Mapping[str, float]) -> dict[str, float]:
    """The delay of each passing status, from one number for all or from a mapping.

    Raises ConfigError for an unknown status or a number that is not a time.
    """
    passing = ("Pending", "Stopping", "Updating", "Deleting")
    asked = given if isinstance(given, Mapping) else dict.fromkeys(passing, given)
    for status, seconds in asked.items():
        if status not in passing:
            raise ConfigError(f"{status!r} has no delay: expected one of {', '.join(passing)}")
        number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if not number or not 0 <= seconds < 1e9:
            raise ConfigError(
                f"the delay of {status} is {repr_of(seconds)[:40]}: expected seconds, 0 or more"
            )
    return {status: float(asked.get(status, 0.0)) for status in passing}
