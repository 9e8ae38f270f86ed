"""Identities with their credentials and policies, which may change during sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from sigv4.claim import Claim
from sigv4.credentials import Credentials
from sigv4.network.forks import ProcessLock
from sigv4.record import Record

from ...errors import ConfigError
from .context import told_keys
from .policy import Policy

_ARN = r"arn:aws[a-z-]*:(iam::\d{12}:(user|role)|sts::\d{12}:(assumed-role|federated-user))/[\w+=,.@/-]+"


class Identity(Record):
    """An IAM user or the session of a role.

    ``credentials`` are those it signs with, including session token and expiry if temporary. ``policies`` are
    its identity policies: with None it may do everything, with an empty tuple nothing. ``arn`` is
    ``arn:aws:iam::ACCOUNT:user/NAME`` or ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``. ``context`` maps
    condition keys that AWS would know (``aws:MultiFactorAuthPresent``, ``aws:PrincipalTag/team``) to one or
    more texts; None means that its requests do not have the key. Raises ConfigError for an ARN of another
    form, and for a key that cannot be given.
    """

    _masked = ("credentials",)
    arn: str
    credentials: Credentials
    policies: tuple[Policy, ...] | None
    context: Mapping[str, tuple[str, ...] | None]

    def __init__(
        self,
        arn: str,
        credentials: Credentials,
        policies: Iterable[Policy] | None = None,
        context: Mapping[str, str | Iterable[str] | None] | None = None,
    ) -> None:
        if not isinstance(arn, str) or not re.fullmatch(_ARN, arn, re.ASCII):
            raise ConfigError(
                f"{arn!r} is not an ARN of an identity: expected arn:aws:iam::ACCOUNT:user/NAME or "
                "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, the account in twelve digits"
            )
        if not isinstance(credentials, Credentials):
            raise ConfigError(f"credentials is {type(credentials).__name__}: expected Credentials of sigv4")
        told = told_keys(context)
        super().__init__(arn, credentials, checked_policies(policies), told)

    def __hash__(self) -> int:
        return hash((self.arn, self.credentials))

    @property
    def account_id(self) -> str:
        """The account of the identity."""
        return self.arn.split(":")[4]


def checked_policies(policies: Iterable[Policy] | None) -> tuple[Policy, ...] | None:
    """``policies`` as a tuple. Raises ConfigError for anything but policies."""
    if policies is None:
        return None
    found = tuple(policies) if isinstance(policies, Iterable) else (policies,)
    for each in found:
        if not isinstance(each, Policy):
            raise ConfigError(
                f"policies holds {type(each).__name__}: expected Policy.parse(TEXT) or read_policy(FILE)"
            )
    return found


class Identities:
    """The identities by ARN. Safe to share between threads; a change applies from the next request or frame.

    Raises ConfigError if two have the same ARN or access key id.
    """

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._lock = ProcessLock()
        self._all: dict[str, Identity] = {}
        self._serials: dict[str, int] = {}
        self._last = 0
        self._take(_by_arn(identities))

    def replace(self, identities: Iterable[Identity]) -> None:
        """Replaces all identities. Raises ConfigError as the constructor does, and then changes nothing."""
        found = _by_arn(identities)
        with self._lock:
            self._take(found)

    def put(self, identity: Identity) -> None:
        """Adds ``identity``, or replaces the one with the same ARN."""
        with self._lock:
            self._take(_by_arn([*(each for each in self if each.arn != identity.arn), identity]))

    def remove(self, arn: str) -> None:
        """Removes the identity and ends its sessions; they stay ended if it is added again."""
        with self._lock:
            self._take({each.arn: each for each in self if each.arn != arn})

    def set_policies(self, arn: str, policies: Iterable[Policy] | None) -> None:
        """Replaces the identity's policies; None allows everything. Raises ConfigError if it is unknown."""
        kept = checked_policies(policies)
        with self._lock:
            identity = self.get(arn)
            if identity is None:
                raise no_identity(arn, self)
            self._take({**self._all, arn: Identity(arn, identity.credentials, kept, identity.context)})

    def serial(self, arn: str) -> int:
        """A number that differs from that of an earlier identity with this ARN; 0 if there is none."""
        return self._serials.get(arn, 0)

    def _take(self, found: dict[str, Identity]) -> None:
        """Sets all identities, in new dicts each time, so that readers need no lock."""
        serials = {}
        for arn in found:
            serials[arn] = self._serials.get(arn, self._last + 1)
            self._last = max(self._last, serials[arn])
        self._serials = serials
        self._all = found

    def get(self, arn: str) -> Identity | None:
        return self._all.get(arn)

    def by_key(self, access_key_id: str) -> Identity | None:
        """The identity that signs with this access key id."""
        for identity in self._all.values():
            if identity.credentials.access_key_id == access_key_id:
                return identity
        return None

    def lookup(self, claim: Claim) -> Credentials | None:
        """The credentials for a verifier's claim."""
        identity = self.by_key(claim.access_key_id)
        return None if identity is None else identity.credentials

    def __iter__(self) -> Iterator[Identity]:
        return iter(self._all.values())


def _by_arn(identities: Iterable[Identity]) -> dict[str, Identity]:
    found: dict[str, Identity] = {}
    owners: dict[str, str] = {}
    for identity in identities:
        arn, key = identity.arn, identity.credentials.access_key_id
        if arn in found:
            raise ConfigError(f"two identities are {arn}: give each a different ARN")
        if key in owners:
            raise ConfigError(f"{owners[key]} and {arn} share the access key id {key}: give each its own")
        found[arn], owners[key] = identity, arn
    return found


def no_identity(arn: str, known: Iterable[Identity]) -> ConfigError:
    """The error for an ARN that none of the ``known`` identities has."""
    return ConfigError(
        f"there is no identity {arn}: there are {', '.join(sorted(each.arn for each in known))}"
    )
