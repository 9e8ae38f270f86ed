"""Builds the condition keys of a request to this service, and lists those that are unknown.

Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, "Actions,
resources, and condition keys for Amazon SageMaker AI".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sigv4.errors import expect
from sigv4.record import Record
from sigv4.scope import extended_timestamp

from ...errors import ConfigError
from ..clients import Client
from ..notebooks.instances import Account
from .condition_keys import (
    ENDPOINT,
    PARAMETERS,
    PRINCIPAL,
    REQUEST,
    SESSION,
    TOKEN,
    is_of_operation,
    key_named,
)

_PRINCIPAL_TYPES = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
}


class Asker(NamedTuple):
    """The caller: its ARN, whether its credentials are temporary (None: unknown), and its condition keys.

    ``told`` maps keys to their values, or to None if the caller's requests do not have the key.
    """

    arn: str
    temporary: bool | None = None
    told: Mapping[str, tuple[str, ...] | None] = {}


class Unknown(Record):
    """The condition keys whose presence in the request is unknown: test with ``in``.

    Some depend on the issuer of ``asker``'s credentials. ``operation`` is the name of the operation if its
    parameters are unknown, else ``""``; ``inside`` says whether the request comes from inside a VPC;
    ``untold`` are keys that the request should have, but whose values were not given.
    """

    is_session: bool
    temporary: bool
    operation: str
    inside: bool
    untold: frozenset[str]
    told: frozenset[str]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        lowered = name.lower()
        if lowered in self.told:
            return False
        if lowered in self.untold:
            return True
        known_by = key_named(name).known_by
        if known_by == PARAMETERS:
            return is_of_operation(name, self.operation)
        return (
            known_by == PRINCIPAL
            or (known_by == TOKEN and self.temporary)
            or (known_by == SESSION and self.is_session)
            or (known_by == ENDPOINT and self.inside)
        )


class Known(NamedTuple):
    """A request's context: the values of the known condition keys, and the unknown keys."""

    context: dict[str, tuple[str, ...]]
    unknown: Unknown


def request_context(
    asker: Asker,
    account: Account,
    client: Client,
    now: float,
    tags: Mapping[str, str],
    *,
    parameters: Mapping[str, tuple[str, ...]] | None = None,
    operation: str = "",
    in_vpc: bool = False,
) -> Known:
    """The condition keys of a request from ``client`` at ``now`` (epoch seconds).

    ``tags`` are those of the resource. ``parameters`` are the keys that follow from the parameters of the
    operation; a key has no value if the request is not enough to know it. Without ``parameters`` the keys of
    ``operation`` are unknown. A request from inside a VPC (by a VPC endpoint or ``in_vpc``) has no
    aws:SourceIp.
    """
    inside = in_vpc or bool(client.vpce or client.vpc)
    address = "aws:VpcSourceIp" if inside else "aws:SourceIp"
    found = {
        address: client.address,
        "aws:SourceVpce": client.vpce,
        "aws:SourceVpc": client.vpc,
        "aws:UserAgent": client.user_agent,
        "aws:referer": client.referer,
        "aws:SecureTransport": _flag(client.secure),
        "aws:CurrentTime": extended_timestamp(now),
        "aws:EpochTime": str(int(now)),
        "aws:RequestedRegion": account.region,
        "aws:ResourceAccount": account.account_id,
        "aws:ViaAWSService": _flag(False),
        "aws:PrincipalIsAWSService": _flag(False),
        **_of_the_caller(asker.arn),
    }
    context: dict[str, tuple[str, ...]] = {key: (value,) for key, value in found.items() if value}
    for key, value in tags.items():  # a tag without a value has the value ""
        context[f"aws:ResourceTag/{key}"] = context[f"sagemaker:ResourceTag/{key}"] = (value,)
    context.update({key: values for key, values in (parameters or {}).items() if values})
    context.update({key: values for key, values in asker.told.items() if values})
    untold = [address] if not client.address else []
    untold += [key for key, values in (parameters or {}).items() if not values]
    untold += ["aws:SourceVpc", "aws:SourceVpce"] if inside else []
    of_operation = operation if parameters is None else ""
    return Known(context, _unknown(asker, of_operation, inside, untold, (*asker.told, *context)))


def _unknown(
    asker: Asker, operation: str, inside: bool, untold: Iterable[str], told: Iterable[str]
) -> Unknown:
    """The keys whose values the request does not show; they depend on the kind of its caller."""
    own = asker.arn.split(":", 5)[5].partition("/")[0]
    return Unknown(
        own in ("role", "assumed-role", "federated-user"),
        asker.temporary is not False or own in ("assumed-role", "federated-user"),
        operation,
        inside,
        frozenset(key.lower() for key in untold),
        frozenset(key.lower() for key in told),
    )


def told_keys(given: Mapping[str, Any] | None) -> dict[str, tuple[str, ...] | None]:
    """Checks condition keys given by a user: each has a text, a list of texts, or None for "absent".

    Raises ConfigError for a key that no request has, or that follows from the request.
    """
    fits = isinstance(given, (Mapping, type(None)))
    expect(fits, "context", given, "condition keys and their values", ConfigError)
    told: dict[str, tuple[str, ...] | None] = {}
    for name, value in (given or {}).items():
        expect(isinstance(name, str), "a key of context", name, "a text", ConfigError)
        try:
            known_by = key_named(name).known_by
        except ValueError as error:
            raise ConfigError(f"{name[:200]!r}: {error}") from None
        if known_by == REQUEST and name.lower() not in ("aws:useragent", "aws:referer"):
            raise ConfigError(f"{name!r} follows from the request, and cannot be given")
        values = [value] if isinstance(value, str) else value
        if values is not None and not (
            isinstance(values, (list, tuple)) and all(isinstance(each, str) for each in values)
        ):
            raise ConfigError(f"{name!r}: expected a text, a list of texts, or null for a request without it")
        told[name] = None if not values else tuple(values)
    return told


def _of_the_caller(arn: str) -> dict[str, str]:
    """The keys that follow from the ARN.

    For a role's session aws:PrincipalArn is the role; only users have aws:username.
    """
    account_id, _, name = arn.split(":", 4)[4].partition(":")
    kind, _, path = name.partition("/")
    if kind == "assumed-role":
        partition, role = arn.split(":")[1], path.partition("/")[0]
        arn = f"arn:{partition}:iam::{account_id}:role/{role}"
    return {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account_id,
        "aws:PrincipalType": _PRINCIPAL_TYPES.get(kind, ""),
        "aws:username": path.rpartition("/")[2] if kind == "user" else "",
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
