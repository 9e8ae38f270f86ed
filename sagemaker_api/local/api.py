"""The operations of the local service: the checks and the effect of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from sigv4.target import cut_url

from . import listing, notebook_settings
from .api_parameters import NAME, RESOURCE_ARN, SESSION_SECONDS, TAG_KEY, Parameter, read
from .clients import Client
from .iam.guard import Guard
from .iam.identities import Identity
from .notebook_hosts import NOTEBOOKS
from .notebooks.instances import DELETE, START, STOP, UPDATE, Account, Instance, Instances
from .notebooks.sessions import DEFAULT_SESSION, Sessions
from .service_errors import Refusal, not_found, wrong_status

# A condition key, and the parameter that gives its value.
_SETTING_KEYS = (
    ("sagemaker:DirectInternetAccess", "DirectInternetAccess"),
    ("sagemaker:InstanceTypes", "InstanceType"),
    ("sagemaker:RootAccess", "RootAccess"),
    ("sagemaker:VolumeKmsKey", "KmsKeyId"),
    ("sagemaker:VolumeKmsKeyArn", "KmsKeyId"),
    ("sagemaker:VpcSubnets", "SubnetId"),
)
Params: TypeAlias = Mapping[str, Any]
Result: TypeAlias = dict[str, object]


class ServiceState(NamedTuple):
    """The state that the operations use.

    ``base_url`` is the endpoint's; ``url_form`` is ``path`` or ``host``.
    """

    instances: Instances
    sessions: Sessions
    guard: Guard
    base_url: str
    url_form: str = "path"

    def place_of(self, name: str) -> str:
        """The beginning of a notebook's URLs: a path here, or with the form ``host`` a separate host."""
        if self.url_form == "path":
            return f"{self.base_url}{NOTEBOOKS}{name}"
        scheme, authority, _ = cut_url(self.base_url)
        return f"{scheme}://{name.lower()}.localhost:{authority.rpartition(':')[2]}"

    def url_of(self, instance: Instance, identity: str, seconds: int) -> str:
        """A new URL for ``instance`` and the identity with this ARN."""
        token = self.sessions.mint(instance, identity, seconds)
        return f"{self.place_of(instance.name)}/?authToken={token}"


class Caller(NamedTuple):
    """The caller, and its address."""

    identity: Identity
    client: Client


class Operation(NamedTuple):
    """An operation: its parameters, the one that names its resource (``""``: ``*``), and its function."""

    parameters: tuple[Parameter, ...]
    resource: str
    run: Callable[[ServiceState, Caller, Params], Result]


def call(state: ServiceState, caller: Caller, name: str, given: Mapping[str, object]) -> Result:
    """The result of the operation ``name``. Raises Refusal."""
    operation = OPERATIONS.get(name)
    if operation is None:
        raise Refusal("UnknownOperationException", "")
    params = read(operation.parameters, given)
    resource, tags = "*", {}
    if operation.resource:
        named = params[operation.resource]
        by_arn = operation.resource == RESOURCE_ARN.name
        resource = named if by_arn else state.instances.account.arn(named)
        instance = state.instances.named(resource)
        tags = {} if instance is None else dict(instance.tags)
    keys = condition_keys(state.instances.account, params)
    state.guard.check(caller.identity, caller.client, name, resource, tags, keys)
    if "Tags" in params and name != "AddTags":  # creation with tags also needs the permission to tag
        tagging = {**keys, "sagemaker:TaggingAction": (name,)}
        state.guard.check(caller.identity, caller.client, "AddTags", resource, tags, tagging)
    return operation.run(state, caller, params)


def condition_keys(account: Account, params: Params) -> dict[str, tuple[str, ...]]:
    """The condition keys that follow from the parameters of a request.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker AI".
    """
    tags = params.get("Tags", ())
    lifecycle = params.get("LifecycleConfigName")
    service = params.get("InstanceMetadataServiceConfiguration", {})
    found: dict[str, tuple[str, ...]] = {
        "aws:TagKeys": (*(key for key, _ in tags), *params.get("TagKeys", ())),
        "sagemaker:AcceleratorTypes": params.get("AcceleratorTypes", ()),
        "sagemaker:VpcSecurityGroupIds": params.get("SecurityGroupIds", ()),
        "sagemaker:MinimumInstanceMetadataServiceVersion": tuple(
            str(value) for name, value in service.items() if name == "MinimumInstanceMetadataServiceVersion"
        ),
    }
    if lifecycle is not None:
        place = f"{account.partition}:sagemaker:{account.region}:{account.account_id}"
        arn = f"arn:{place}:notebook-instance-lifecycle-config/{lifecycle}"
        found["sagemaker:NotebookInstanceLifecycleConfigArns"] = (arn,)
    for key, parameter in _SETTING_KEYS:
        if parameter in params:
            found[key] = (params[parameter],)
    found.update({f"aws:RequestTag/{key}": (value,) for key, value in tags})
    found = {key: values for key, values in found.items() if values}
    if not params.get("KmsKeyId", "arn:").startswith("arn:"):
        found["sagemaker:VolumeKmsKeyArn"] = ()  # only KMS has the ARN of an id or an alias
    return found


def _create_url(state: ServiceState, caller: Caller, params: Params) -> Result:
    instance = state.instances.existing(params[NAME.name])
    if instance.status != "InService":
        raise wrong_status(instance.status, ("InService",))
    seconds = params.get(SESSION_SECONDS.name, DEFAULT_SESSION)
    return {"AuthorizedUrl": state.url_of(instance, caller.identity.arn, seconds)}


def _describe(state: ServiceState, caller: Caller, params: Params) -> Result:
    return _described(state, state.instances.existing(params[NAME.name]))


def _described(state: ServiceState, instance: Instance) -> Result:
    """The members of DescribeNotebookInstance; settings have the names of the parameters."""
    account = state.instances.account
    settings: dict[str, object] = {
        "InstanceType": "ml.t3.medium",
        "RoleArn": f"arn:{account.partition}:iam::{account.account_id}:role/local",
        "DirectInternetAccess": "Enabled",
        "RootAccess": "Enabled",
        "VolumeSizeInGB": 5,
        "PlatformIdentifier": "notebook-al2023-v1",
        **instance.settings,
    }
    renamed = {
        "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
        "SecurityGroupIds": "SecurityGroups",
    }
    return {
        "NotebookInstanceArn": account.arn(instance.name),
        "NotebookInstanceName": instance.name,
        "NotebookInstanceStatus": instance.status,
        **({"FailureReason": instance.failure_reason} if instance.status == "Failed" else {}),
        "Url": state.place_of(instance.name).removeprefix("http://") + "/" * (state.url_form == "path"),
        "CreationTime": instance.created,
        "LastModifiedTime": instance.changed,
        **{renamed.get(name, name): value for name, value in settings.items()},
    }


_LISTED = frozenset(
    (
        "NotebookInstanceArn",
        "NotebookInstanceName",
        "NotebookInstanceStatus",
        "Url",
        "InstanceType",
        "CreationTime",
        "LastModifiedTime",
        "NotebookInstanceLifecycleConfigName",
        "DefaultCodeRepository",
        "AdditionalCodeRepositories",
    )
)


def _list(state: ServiceState, caller: Caller, params: Params) -> Result:
    found, token = listing.page(state.instances.all(), params)
    described = [_described(state, instance) for instance in found]
    items = [{name: value for name, value in each.items() if name in _LISTED} for each in described]
    return {"NotebookInstances": items, **({"NextToken": token} if token else {})}


def _start(state: ServiceState, caller: Caller, params: Params) -> Result:
    state.instances.move(params[NAME.name], START)
    return {}


def _stop(state: ServiceState, caller: Caller, params: Params) -> Result:
    state.instances.move(params[NAME.name], STOP)
    return {}


def _delete(state: ServiceState, caller: Caller, params: Params) -> Result:
    state.instances.move(params[NAME.name], DELETE)
    return {}


def _update(state: ServiceState, caller: Caller, params: Params) -> Result:
    removed = [setting for name, setting in notebook_settings.DISASSOCIATED.items() if params.get(name)]
    for setting in removed:
        if setting in params:
            raise Refusal("ValidationException", f"{setting} cannot be set and disassociated in one request.")
    state.instances.move(params[NAME.name], UPDATE, _settings(params), removed)
    return {}


def _create(state: ServiceState, caller: Caller, params: Params) -> Result:
    created = state.instances.create(params[NAME.name], _settings(params), dict(params.get("Tags", ())))
    return {"NotebookInstanceArn": state.instances.account.arn(created.name)}


def _settings(params: Params) -> dict[str, object]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in params.items()
        if name not in (NAME.name, "Tags", *notebook_settings.DISASSOCIATED)
    }


def _tagged(state: ServiceState, params: Params) -> Instance:
    found = state.instances.named(params[RESOURCE_ARN.name])
    if found is None:
        raise not_found()
    return found


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _add_tags(state: ServiceState, caller: Caller, params: Params) -> Result:
    def added(kept: Mapping[str, str]) -> Mapping[str, str]:
        tags = {**kept, **dict(params["Tags"])}
        if len(tags) > 50:
            raise Refusal("ResourceLimitExceeded", "A resource cannot have more than 50 tags.")
        return tags

    return {"Tags": _tags(state.instances.change_tags(_tagged(state, params).name, added).tags)}


def _list_tags(state: ServiceState, caller: Caller, params: Params) -> Result:
    return {"Tags": _tags(_tagged(state, params).tags)}


def _delete_tags(state: ServiceState, caller: Caller, params: Params) -> Result:
    def left(kept: Mapping[str, str]) -> Mapping[str, str]:
        return {key: value for key, value in kept.items() if key not in params["TagKeys"]}

    state.instances.change_tags(_tagged(state, params).name, left)
    return {}


# A resource has at most 50 tags, so every list of them fits on one page.
_TAG_PAGES = (listing.NEXT_TOKEN, Parameter("MaxResults", "number", least=50))
_TAG_KEYS = Parameter("TagKeys", "texts", required=True, least=1, greatest=50, item=TAG_KEY)
OPERATIONS: Mapping[str, Operation] = {
    "CreatePresignedNotebookInstanceUrl": Operation((NAME, SESSION_SECONDS), NAME.name, _create_url),
    "DescribeNotebookInstance": Operation((NAME,), NAME.name, _describe),
    "ListNotebookInstances": Operation(listing.PARAMETERS, "", _list),
    "StartNotebookInstance": Operation((NAME,), NAME.name, _start),
    "StopNotebookInstance": Operation((NAME,), NAME.name, _stop),
    "UpdateNotebookInstance": Operation(notebook_settings.UPDATE, NAME.name, _update),
    "CreateNotebookInstance": Operation(notebook_settings.CREATE, NAME.name, _create),
    "DeleteNotebookInstance": Operation((NAME,), NAME.name, _delete),
    "AddTags": Operation(
        (RESOURCE_ARN, Parameter("Tags", "tags", required=True, greatest=50)), RESOURCE_ARN.name, _add_tags
    ),
    "ListTags": Operation((RESOURCE_ARN, *_TAG_PAGES), RESOURCE_ARN.name, _list_tags),
    "DeleteTags": Operation((RESOURCE_ARN, _TAG_KEYS), RESOURCE_ARN.name, _delete_tags),
}
