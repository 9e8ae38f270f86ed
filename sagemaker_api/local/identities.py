"""Who may call: identities with their credentials and policies, which may change while sessions live."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator

from sigv4.claim import Claim
from sigv4.credentials import Credentials
from sigv4.value import Value

from ..errors import ConfigError
from .policy import Policy

_ARN = r"arn:aws[a-z-]*:(iam::\d{12}:(user|role)|sts::\d{12}:(assumed-role|federated-user))/[\w+=,.@/-]+"


class Identity(Value):
    """An IAM user or the session of a role.

    ``credentials`` are what it signs with (a session token and an expiry among them where they are
    temporary); ``policies`` its identity policies: without any (None) it may do everything, with an empty
    tuple nothing. ``arn`` is ``arn:aws:iam::ACCOUNT:user/NAME`` or
    ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``.

    Raises ConfigError for an ARN of another form.
    """

    __slots__ = ("arn", "credentials", "policies")
    _masked = ("credentials",)
    arn: str
    credentials: Credentials
    policies: tuple[Policy, ...] | None

    def __init__(self, arn: str, credentials: Credentials, policies: Iterable[Policy] | None = None) -> None:
        if not isinstance(arn, str) or not re.fullmatch(_ARN, arn, re.ASCII):
            raise ConfigError(
                f"{arn!r} is no ARN of an identity: expected arn:aws:iam::ACCOUNT:user/NAME or "
                "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, the account in twelve digits"
            )
        self._set(arn, credentials, None if policies is None else tuple(policies))


class Identities:
    """The identities by ARN. Safe between threads; what changes here holds from the next request or frame.

    Raises ConfigError where two share an ARN or an access key id.
    """

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._lock = threading.Lock()
        self._all: dict[str, Identity] = {}
        for identity in identities:
            if identity.arn in self._all:
                raise ConfigError(f"two identities are {identity.arn}: give each an ARN of its own")
            self.put(identity)

    def replace(self, identities: Iterable[Identity]) -> None:
        """Let these be all. Raises ConfigError as the constructor does, and changes nothing then."""
        self._all = Identities(identities)._all

    def put(self, identity: Identity) -> None:
        """Add ``identity``, or put it in the place of the one with its ARN."""
        with self._lock:
            others = {arn: other for arn, other in self._all.items() if arn != identity.arn}
            for other in others.values():
                if other.credentials.access_key_id == identity.credentials.access_key_id:
                    raise ConfigError(
                        f"{other.arn} and {identity.arn} share the access key id "
                        f"{identity.credentials.access_key_id}: give each its own"
                    )
            # A new dict each time: readers need no lock.
            self._all = {**self._all, identity.arn: identity}

    def remove(self, arn: str) -> None:
        """Take the identity away, and with it every session it opened."""
        with self._lock:
            self._all = {other: identity for other, identity in self._all.items() if other != arn}

    def set_policies(self, arn: str, policies: Iterable[Policy] | None) -> None:
        """Give the identity other policies; None lets it do everything. Raises ConfigError without it."""
        identity = self.get(arn)
        if identity is None:
            raise ConfigError(f"there is no identity {arn}: there are {', '.join(sorted(self._all))}")
        self.put(Identity(arn, identity.credentials, policies))

    def get(self, arn: str) -> Identity | None:
        return self._all.get(arn)

    def by_key(self, access_key_id: str) -> Identity | None:
        """The identity that signs with this access key id."""
        for identity in self._all.values():
            if identity.credentials.access_key_id == access_key_id:
                return identity
        return None

    def lookup(self, claim: Claim) -> Credentials | None:
        """What a verifier asks for."""
        identity = self.by_key(claim.access_key_id)
        return None if identity is None else identity.credentials

    def __iter__(self) -> Iterator[Identity]:
        return iter(self._all.values())
