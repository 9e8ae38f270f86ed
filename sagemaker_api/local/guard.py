"""Whether an identity may do a thing now: its policies, asked with all that is known of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone

from .clients import Client
from .identities import Identity
from .instances import Account, Instance
from .policy import Access, Decision, decide
from .refusal import access_denied

PRESIGN = "sagemaker:CreatePresignedNotebookInstanceUrl"


class Guard:
    """Asks the policies. ``clock`` returns epoch seconds."""

    def __init__(self, account: Account, clock: Callable[[], float]) -> None:
        self._account = account
        self._clock = clock

    def allows(self, identity: Identity, client: Client, instance: Instance) -> bool:
        """Whether a session on ``instance`` goes on for ``client``: asked of every request and frame."""
        decided = self._decide(identity, client, PRESIGN, self._account.arn(instance.name), instance.tags)
        return decided is None or decided.allowed

    def check(
        self, identity: Identity, client: Client, operation: str, resource: str, tags: Mapping[str, str]
    ) -> None:
        """Raises Refusal where ``identity`` may not call ``operation`` on ``resource`` (an ARN or ``*``).

        ``tags`` are those of the resource.
        """
        action = f"sagemaker:{operation}"
        decided = self._decide(identity, client, action, resource, tags)
        if decided is not None and not decided.allowed:
            raise access_denied(identity.arn, action, resource, explicit=decided.effect == "Deny")

    def _decide(
        self, identity: Identity, client: Client, action: str, resource: str, tags: Mapping[str, str]
    ) -> Decision | None:
        if identity.policies is None:
            return None
        context = _context(identity, client, self._clock(), tags)
        return decide(identity.policies, Access(action, resource, context))


def _context(
    identity: Identity, client: Client, now: float, tags: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """The condition keys of a request. Through a VPC endpoint aws:SourceIp is absent (client.md §1.9)."""
    known = {
        "aws:CurrentTime": datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now)),
        "aws:SecureTransport": "true" if client.secure else "false",
        "aws:PrincipalArn": identity.principal_arn,
        "aws:VpcSourceIp" if client.vpce or client.vpc else "aws:SourceIp": client.address,
        "aws:SourceVpce": client.vpce,
        "aws:SourceVpc": client.vpc,
    }
    context: dict[str, tuple[str, ...]] = {key: (value,) for key, value in known.items() if value}
    for key, value in tags.items():
        context[f"sagemaker:ResourceTag/{key}"] = context[f"aws:ResourceTag/{key}"] = (value,)
    return context
