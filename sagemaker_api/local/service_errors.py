"""The errors with which the local service refuses calls, in the codes and texts of SageMaker."""

from __future__ import annotations

from collections.abc import Iterable


class Refusal(Exception):
    """A refused call: the error code, the message and the HTTP status of the answer."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message, status)
        self.code = code
        self.message = message
        self.status = status


def invalid(faults: Iterable[str]) -> Refusal:
    """A ValidationException that lists all ``faults`` found in the parameters."""
    listed = list(faults)
    count = f"{len(listed)} validation error{'s' if len(listed) > 1 else ''} detected: "
    return Refusal("ValidationException", count + "; ".join(listed))


def not_found() -> Refusal:
    return Refusal("ValidationException", "RecordNotFound")


def wrong_status(status: str, allowed: Iterable[str], target: str = "", arn: str = "") -> Refusal:
    """A call that an instance in this ``status`` does not allow; ``target`` is the status after the call."""
    message = f"Status ({status}) not in ([{', '.join(allowed)}])."
    if target:
        message += f" Unable to transition to ({target}) for Notebook Instance ({arn})."
    return Refusal("ValidationException", message)


def limit_exceeded(limit: int, there: int) -> Refusal:
    """A new instance in an account that has ``there`` instances already, and may have ``limit``."""
    return Refusal(
        "ResourceLimitExceeded",
        f"The account-level service limit 'Total number of notebook instances' is {limit} NotebookInstances, "
        f"with current utilization of {there} NotebookInstances and a request delta of 1 NotebookInstances. "
        "Please contact AWS support to request an increase for this limit.",
    )


def access_denied(
    user: str, action: str, resource: str, *, explicit: bool, another_account: bool = False
) -> Refusal:
    """A call without permission: a statement denies it (``explicit``), or no statement allows it."""
    kind = "resource" if another_account else "identity"
    reason = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no {kind}-based policy allows the {action} action"
    )
    message = f"User: {user} is not authorized to perform: {action} on resource: {resource} {reason}"
    return Refusal("AccessDeniedException", message)


def undecided(user: str, action: str, resource: str, reason: str) -> Refusal:
    """A call that policies allow or deny by a value that AWS would know, but this endpoint does not."""
    refusal = access_denied(user, action, resource, explicit=False)
    hint = "give it to the local endpoint with --context KEY=VALUE, or in the identity's Context"
    return Refusal(refusal.code, f"{refusal.message} (here it is {reason[:1000]}; {hint})")


def unconvertible(value: object, wanted: str) -> Refusal:
    """A SerializationException for a value that is not ``wanted`` (``"a String"``, ``"an Integer"``, …)."""
    if isinstance(value, (dict, list)):
        kind = "structure or map" if isinstance(value, dict) else "list"
        return Refusal("SerializationException", f"Start of {kind} found where not expected.")
    if isinstance(value, bool):
        found = "TRUE_VALUE" if value else "FALSE_VALUE"
    else:
        found = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    return Refusal("SerializationException", f"{found} can not be converted to {wanted}")
