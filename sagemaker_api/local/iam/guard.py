"""Whether an identity may do a thing now: its policies, asked with all that is known of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..clients import Client
from ..notebooks.instances import Account, Instance
from ..service_errors import access_denied
from .context import request_context
from .identities import Identity
from .policy import Access, Decision, decide

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
        found = request_context(identity.arn, self._account, client, self._clock(), tags)
        context = {key: (value,) for key, value in found.items()}
        return decide(identity.policies, Access(action, resource, context))
