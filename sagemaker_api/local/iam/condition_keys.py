"""The condition keys of a request to this service: the types of their values, and their sources.

Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, "Actions,
resources, and condition keys for Amazon SageMaker AI".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

# The sources of a condition key's value.
REQUEST = "request"  # the request itself
PARAMETERS = "parameters"  # from the parameters of the operations in REQUEST_KEYS; no other request has it
PRINCIPAL = "principal"  # the caller's account: every request of the caller has it
TOKEN = "token"  # noqa: S105 (a name) the issuer of temporary credentials; long-term credentials do not have it
SESSION = "session"  # the issuer of a role's or federated user's session; users do not have it
ENDPOINT = "endpoint"  # the VPC endpoint; other requests do not have it
NEVER = "never"  # only requests from an AWS service for another caller have it


class Key(NamedTuple):
    """``kinds`` are the kinds of operator, besides those for strings, that can compare its values."""

    name: str
    kinds: tuple[str, ...]
    known_by: str


def _keys(known_by: str, **names: str) -> list[Key]:
    """Keys by kind, one text of names per kind; a name without a prefix gets ``aws:``."""
    found = []
    for kind, listed in names.items():
        kinds = () if kind == "string" else tuple(kind.split("_or_"))
        found += [Key(name if ":" in name else f"aws:{name}", kinds, known_by) for name in listed.split()]
    return found


_KEYS = [
    *_keys(
        REQUEST,
        ip="SourceIp VpcSourceIp",
        string="SourceVpc SourceVpce PrincipalAccount PrincipalType username RequestedRegion "
        "ResourceAccount UserAgent referer",
        bool="SecureTransport PrincipalIsAWSService ViaAWSService ViaAWSMCPService IsMcpServiceAction",
        date="CurrentTime",
        date_or_numeric="EpochTime",
        arn="PrincipalArn",
    ),
    *_keys(
        PARAMETERS,
        string="TagKeys sagemaker:AcceleratorTypes sagemaker:DirectInternetAccess sagemaker:InstanceTypes "
        "sagemaker:MinimumInstanceMetadataServiceVersion sagemaker:RootAccess sagemaker:TaggingAction "
        "sagemaker:VpcSecurityGroupIds sagemaker:VpcSubnets",
        arn="sagemaker:NotebookInstanceLifecycleConfigArns sagemaker:VolumeKmsKey sagemaker:VolumeKmsKeyArn",
    ),
    *_keys(PRINCIPAL, string="PrincipalOrgID PrincipalOrgPaths ResourceOrgID ResourceOrgPaths userid"),
    *_keys(
        TOKEN,
        date="TokenIssueTime",
        numeric="MultiFactorAuthAge",
        bool="MultiFactorAuthPresent AssumedRoot",
    ),
    *_keys(
        SESSION,
        string="FederatedProvider SourceIdentity Ec2InstanceSourceVpc identitystore:UserId "
        "glue:CredentialIssuingService glue:RoleAssumedBy sagemaker:DomainId sagemaker:UserProfileName",
        numeric="ec2:RoleDelivery",
        ip="Ec2InstanceSourcePrivateIPv4",
        arn="ChatbotSourceArn ec2:SourceInstanceArn lambda:SourceFunctionArn ssm:SourceInstanceArn",
    ),
    *_keys(ENDPOINT, string="VpceAccount VpceOrgID VpceOrgPaths", arn="SourceVpcArn"),
    *_keys(
        NEVER,
        string="CalledVia CalledViaFirst CalledViaLast CalledViaAWSMCP PrincipalServiceName "
        "PrincipalServiceNamesList SourceAccount SourceOrgID SourceOrgPaths SourceOwner",
        arn="SourceArn",
    ),
    # For SageMaker's other operations; no request for a notebook instance has them.
    *_keys(
        NEVER,
        string="sagemaker:AppNetworkAccessType sagemaker:AuthMode sagemaker:BearerTokenType "
        "sagemaker:CurrentModelLifeCycleStage sagemaker:CurrentModelLifeCycleStageStatus "
        "sagemaker:CustomerMetadataPropertiesToRemove sagemaker:DirectGatedModelAccess "
        "sagemaker:FeatureGroupOfflineStoreS3Uri sagemaker:FileSystemAccessMode "
        "sagemaker:FileSystemDirectoryPath sagemaker:FileSystemId sagemaker:FileSystemType "
        "sagemaker:ModelApprovalStatus sagemaker:ModelLifeCycle:Stage sagemaker:ModelLifeCycle:StageStatus "
        "sagemaker:PipelineVersionId sagemaker:RemoteAccess sagemaker:SpaceSharingType sagemaker:TargetModel "
        "sagemaker:UpdatableFeatures sagemaker:WorkteamType",
        bool="sagemaker:EnableRemoteDebug sagemaker:FeatureGroupDisableGlueTableCreation "
        "sagemaker:FeatureGroupEnableOnlineStore sagemaker:FeatureGroupOfflineStoreConfig "
        "sagemaker:InterContainerTrafficEncryption sagemaker:IsUpdateRecord sagemaker:NetworkIsolation",
        numeric="sagemaker:KeepAlivePeriod sagemaker:MaxRuntimeInSeconds "
        "sagemaker:ServerlessMaxConcurrency sagemaker:ServerlessMemorySize",
        arn="sagemaker:DomainSharingOutputKmsKey sagemaker:DomainSharingOutputKmsKeyArn "
        "sagemaker:FeatureGroupOfflineStoreKmsKey sagemaker:FeatureGroupOfflineStoreKmsKeyArn "
        "sagemaker:FeatureGroupOnlineStoreKmsKey sagemaker:FeatureGroupOnlineStoreKmsKeyArn "
        "sagemaker:HomeEfsFileSystemKmsKey sagemaker:ImageArns sagemaker:ImageVersionArns sagemaker:ModelArn "
        "sagemaker:OutputKmsKey sagemaker:OutputKmsKeyArn sagemaker:OwnerUserProfileArn "
        "sagemaker:StudioLifecycleConfigArns sagemaker:WorkteamArn",
    ),
]  # fmt: skip
_ANY_KIND = ("numeric", "date", "bool", "ip", "arn")
# Keys that end in a name chosen by the user: a tag's key, a metadata property.
_FAMILIES = (
    Key("aws:ResourceTag/", _ANY_KIND, REQUEST),
    Key("sagemaker:ResourceTag/", _ANY_KIND, REQUEST),
    Key("aws:RequestTag/", _ANY_KIND, PARAMETERS),
    Key("aws:PrincipalTag/", _ANY_KIND, PRINCIPAL),
    Key("sagemaker:CurrentCustomerMetadataProperties/", _ANY_KIND, NEVER),
    Key("sagemaker:CustomerMetadataProperties/", _ANY_KIND, NEVER),
    Key("sagemaker:SearchVisibilityCondition/", _ANY_KIND, NEVER),
)
_LONGEST_NAME = 128
_BY_NAME = {key.name.lower(): key for key in _KEYS}
_BY_PREFIX = {key.name.lower(): key for key in _FAMILIES}
# Keys of other services, such as iam:PassedToService, and of identity providers.
_OTHER_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}:[!-~][ -~]{0,299}")
# Keys of an identity provider, set when it issued a session: accounts.google.com:aud, saml:sub.
_PROVIDERS = re.compile(r"saml:|sts:|cognito-identity\.amazonaws\.com:|[a-z0-9-]+(\.[a-z0-9-]+)+(/\S*)?:")

# The keys that follow from the parameters of an operation. Every operation of the endpoint is listed.
_TAGS = ("aws:RequestTag/", "aws:TagKeys")
_SETTINGS = (
    "sagemaker:AcceleratorTypes",
    "sagemaker:InstanceTypes",
    "sagemaker:MinimumInstanceMetadataServiceVersion",
    "sagemaker:NotebookInstanceLifecycleConfigArns",
    "sagemaker:RootAccess",
)
REQUEST_KEYS: Mapping[str, tuple[str, ...]] = {
    "AddTags": (*_TAGS, "sagemaker:TaggingAction"),
    "CreateNotebookInstance": (
        *_TAGS,
        *_SETTINGS,
        "sagemaker:DirectInternetAccess",
        "sagemaker:VolumeKmsKey",
        "sagemaker:VolumeKmsKeyArn",
        "sagemaker:VpcSecurityGroupIds",
        "sagemaker:VpcSubnets",
    ),
    "CreatePresignedNotebookInstanceUrl": (),
    "DeleteNotebookInstance": (),
    "DeleteTags": ("aws:TagKeys",),
    "DescribeNotebookInstance": (),
    "ListNotebookInstances": (),
    "ListTags": (),
    "StartNotebookInstance": (),
    "StopNotebookInstance": (),
    "UpdateNotebookInstance": _SETTINGS,
}


def key_named(name: str) -> Key:
    """The condition key ``name``; names of condition keys, including tag keys, are case-insensitive.

    Raises ValueError for a key that no request to AWS or this service has.
    """
    lowered = name.lower()
    if lowered in _BY_NAME:
        return _BY_NAME[lowered]
    prefix = lowered.partition("/")[0] + "/"
    if prefix in _BY_PREFIX:
        family = _BY_PREFIX[prefix]
        if not 0 < len(name) - len(prefix) <= _LONGEST_NAME:
            raise ValueError(f"expected {family.name} and a tag key of 1 to {_LONGEST_NAME} characters")
        return Key(name, family.kinds, family.known_by)
    if lowered.startswith(("aws:", "sagemaker:")) or not _OTHER_SERVICE.fullmatch(name):
        raise ValueError(f"expected a condition key that requests to AWS have{_nearest(lowered)}")
    return Key(name, _ANY_KIND, SESSION if _PROVIDERS.match(lowered) else NEVER)


def is_of_operation(name: str, operation: str) -> bool:
    """Whether the key ``name``, one of PARAMETERS, belongs to the requests of ``operation``."""
    family = name.lower().partition("/")
    prefix = family[0] + family[1]
    return any(prefix == each.lower() for each in REQUEST_KEYS.get(operation, ()))


def _nearest(lowered: str) -> str:
    from difflib import get_close_matches  # only needed for the text of an error

    known = [key.name + ("KEY" if key.name.endswith("/") else "") for key in (*_KEYS, *_FAMILIES)]
    by_lower_case = {name.lower(): name for name in known}
    found = [by_lower_case[each] for each in get_close_matches(lowered, by_lower_case, 3, 0.6)]
    return f", such as {' or '.join(found)}" if found else ", such as aws:SourceIp"
