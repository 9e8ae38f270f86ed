"""Decides whether an identity may do an action now, by its policies and the request's context."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..clients import Client
from ..notebooks.instances import Account, Instance
from ..service_errors import access_denied, undecided
from .context import Asker, request_context
from .identities import Identity
from .policy import Access, Decision, Policy, decide

PRESIGN = "sagemaker:CreatePresignedNotebookInstanceUrl"
_EVERYTHING = Policy.parse(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "no policies"
)


class Guard:
    """Evaluates the policies. ``clock`` returns epoch seconds.

    ``told`` are condition keys of all callers, with values; an identity's own values take precedence.
    """

    def __init__(
        self,
        account: Account,
        clock: Callable[[], float],
        told: Mapping[str, tuple[str, ...] | None] | None = None,
    ) -> None:
        self._account = account
        self._clock = clock
        self._told = dict(told or {})

    def allows(self, identity: Identity, client: Client, instance: Instance) -> bool:
        """Whether ``client`` may still use a session on ``instance``; called for each request and frame."""
        return self._decide(
            identity, client, PRESIGN, self._account.arn(instance.name), instance.tags, {}
        ).allowed

    def check(
        self,
        identity: Identity,
        client: Client,
        operation: str,
        resource: str,
        tags: Mapping[str, str],
        parameters: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Raises Refusal if ``identity`` may not call ``operation`` on ``resource`` (an ARN or ``*``).

        ``tags`` are those of the resource, ``parameters`` the condition keys that follow from the parameters.
        """
        action = f"sagemaker:{operation}"
        decided = self._decide(identity, client, action, resource, tags, parameters)
        if decided.effect == "Unknown":
            raise undecided(identity.arn, action, resource, decided.statement)
        if not decided.allowed:
            raise access_denied(
                identity.arn,
                action,
                resource,
                explicit=decided.effect == "Deny",
                another_account=self._account.account_id != identity.account_id,
            )

    def _decide(
        self,
        identity: Identity,
        client: Client,
        action: str,
        resource: str,
        tags: Mapping[str, str],
        parameters: Mapping[str, tuple[str, ...]],
    ) -> Decision:
        if identity.policies is None and identity.account_id == self._account.account_id:
            return Decision(True, "Allow", "the identity has no policies, and may do everything")
        temporary = identity.credentials.session_token is not None
        asker = Asker(identity.arn, temporary, {**self._told, **identity.context})
        known = request_context(asker, self._account, client, self._clock(), tags, parameters=parameters)
        policies = (_EVERYTHING,) if identity.policies is None else identity.policies
        return decide(policies, Access(action, resource, known.context, known.unknown))
