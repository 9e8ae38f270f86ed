"""Reviews an IAM policy before it is attached: who may open a notebook, from where, and what is unknown.

python review_policy.py policy.json
"""

from __future__ import annotations

import sys

from sagemaker_api.local import Policy
from sagemaker_api.local.clients import Client
from sagemaker_api.local.iam.context import Asker, request_context
from sagemaker_api.local.iam.policy import Access, decide
from sagemaker_api.local.notebooks.instances import Account

ACCOUNT = Account("aws", "us-east-1", "123456789012")
USER = "arn:aws:iam::123456789012:user/alice"
ACTION = "sagemaker:CreatePresignedNotebookInstanceUrl"
PLACES = {
    "the office": Client("203.0.113.7", True),
    "elsewhere": Client("198.51.100.1", True),
    "without TLS": Client("203.0.113.7"),
    "a VPC endpoint": Client("10.0.0.7", True, "vpce-1", "vpc-1"),
}


def review(policy: Policy) -> list[str]:
    """One line for each place: allowed, denied, or the keys that the decision depends on."""
    lines = []
    for place, client in PLACES.items():
        known = request_context(Asker(USER), ACCOUNT, client, 1_800_000_000, {"team": "a"}, parameters={})
        access = Access(ACTION, ACCOUNT.arn("my-notebook"), known.context, known.unknown)
        decision = decide([policy], access)
        word = {"Allow": "allowed", "Unknown": "unknown"}.get(decision.effect, "denied")
        lines.append(f"{place}: {word}: {decision.statement}")
    return lines + [f"ignored: {each}" for each in policy.set_aside]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write("\n".join(review(Policy.parse(file.read(), sys.argv[1]))) + "\n")
