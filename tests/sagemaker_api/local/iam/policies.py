"""Makes policies and accesses for tests from short arguments."""

from __future__ import annotations

import json
from typing import Any

from sagemaker_api.local.iam.policy import Access, Policy, decide

from .documented_policies import PRESIGN

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my-notebook"
USER = "arn:aws:iam::123456789012:user/alice"


def access(action: str = PRESIGN, resource: str = ARN, **context: str | tuple[str, ...]) -> Access:
    """An access; its context keys are written with ``_`` in place of ``:``."""
    keys = {key.replace("_", ":", 1): value for key, value in context.items()}
    return Access(action, resource, {k: (v,) if isinstance(v, str) else v for k, v in keys.items()})


def document(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    whole: dict[str, Any] = {"Statement": list(statements)}
    return whole if version is None else {"Version": version, **whole}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def allows(what: Access, *statements: dict[str, Any], version: str | None = "2012-10-17") -> bool:
    return decide([Policy.parse(json.dumps(document(*statements, version=version)))], what).allowed


TAG = "aws:ResourceTag/k"
