"""The results of the operations: their types, and their parsing.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

from ..authorized_url import AuthorizedUrl
from .shapes import ListOf, Structure, Timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypedDict

    from typing_extensions import Required

    class ResponseMetadata(TypedDict, total=False):
        """Metadata in every result, as in boto. ``HTTPHeaders`` has lower-case names."""

        RequestId: str
        HTTPStatusCode: int
        HTTPHeaders: dict[str, str]
        RetryAttempts: int
        MaxAttemptsReached: bool
        RetryQuotaReached: bool

    class EmptyOutput(TypedDict, total=False):
        """The empty result of an operation whose call was accepted."""

        ResponseMetadata: ResponseMetadata

    class CreatePresignedNotebookInstanceUrlOutput(TypedDict):
        """The result of CreatePresignedNotebookInstanceUrl."""

        AuthorizedUrl: AuthorizedUrl
        ResponseMetadata: ResponseMetadata

    class MetadataServiceConfiguration(TypedDict, total=False):
        """Which version of the instance metadata service the instance allows: ``"1"`` or ``"2"``."""

        MinimumInstanceMetadataServiceVersion: str

    class DescribeNotebookInstanceOutput(TypedDict, total=False):
        """The result of DescribeNotebookInstance. New statuses and types may appear."""

        NotebookInstanceArn: Required[str]
        NotebookInstanceName: Required[str]
        NotebookInstanceStatus: Required[str]
        FailureReason: str
        Url: str
        InstanceType: str
        IpAddressType: str
        SubnetId: str
        SecurityGroups: list[str]
        RoleArn: str
        KmsKeyId: str
        NetworkInterfaceId: str
        LastModifiedTime: datetime
        CreationTime: datetime
        NotebookInstanceLifecycleConfigName: str
        DirectInternetAccess: str
        VolumeSizeInGB: int
        AcceleratorTypes: list[str]
        DefaultCodeRepository: str
        AdditionalCodeRepositories: list[str]
        RootAccess: str
        PlatformIdentifier: str
        InstanceMetadataServiceConfiguration: MetadataServiceConfiguration
        ResponseMetadata: ResponseMetadata

    class NotebookInstanceSummary(TypedDict, total=False):
        """One notebook instance in a list; name and ARN are always present."""

        NotebookInstanceName: Required[str]
        NotebookInstanceArn: Required[str]
        NotebookInstanceStatus: str
        Url: str
        InstanceType: str
        CreationTime: datetime
        LastModifiedTime: datetime
        NotebookInstanceLifecycleConfigName: str
        DefaultCodeRepository: str
        AdditionalCodeRepositories: list[str]

    class ListNotebookInstancesOutput(TypedDict, total=False):
        """One page of ListNotebookInstances; every page but the last has ``NextToken``."""

        NextToken: str
        NotebookInstances: Required[list[NotebookInstanceSummary]]
        ResponseMetadata: ResponseMetadata

    class CreateNotebookInstanceOutput(TypedDict, total=False):
        """The result of CreateNotebookInstance."""

        NotebookInstanceArn: Required[str]
        ResponseMetadata: ResponseMetadata

    class Tag(TypedDict):
        """One tag of a resource."""

        Key: str
        Value: str

    class AddTagsOutput(TypedDict, total=False):
        """The result of AddTags."""

        Tags: Required[list[Tag]]
        ResponseMetadata: ResponseMetadata

    class ListTagsOutput(TypedDict, total=False):
        """One page of ListTags; every page but the last has ``NextToken``."""

        Tags: Required[list[Tag]]
        NextToken: str
        ResponseMetadata: ResponseMetadata


EMPTY = Structure()
CREATE_URL = Structure(("AuthorizedUrl", AuthorizedUrl))
DESCRIBE = Structure(
    ("NotebookInstanceArn", str),
    ("NotebookInstanceName", str),
    ("NotebookInstanceStatus", str),
    ("FailureReason", str),
    ("Url", str),
    ("InstanceType", str),
    ("IpAddressType", str),
    ("SubnetId", str),
    ("SecurityGroups", ListOf(str, "SecurityGroupId")),
    ("RoleArn", str),
    ("KmsKeyId", str),
    ("NetworkInterfaceId", str),
    ("LastModifiedTime", Timestamp),
    ("CreationTime", Timestamp),
    ("NotebookInstanceLifecycleConfigName", str),
    ("DirectInternetAccess", str),
    ("VolumeSizeInGB", int),
    ("AcceleratorTypes", ListOf(str, "NotebookInstanceAcceleratorType")),
    ("DefaultCodeRepository", str),
    ("AdditionalCodeRepositories", ListOf(str, "CodeRepositoryNameOrUrl")),
    ("RootAccess", str),
    ("PlatformIdentifier", str),
    ("InstanceMetadataServiceConfiguration", Structure(("MinimumInstanceMetadataServiceVersion", str))),
)
_SUMMARY = Structure(
    ("NotebookInstanceName", str),
    ("NotebookInstanceArn", str),
    ("NotebookInstanceStatus", str),
    ("Url", str),
    ("InstanceType", str),
    ("CreationTime", Timestamp),
    ("LastModifiedTime", Timestamp),
    ("NotebookInstanceLifecycleConfigName", str),
    ("DefaultCodeRepository", str),
    ("AdditionalCodeRepositories", ListOf(str, "CodeRepositoryNameOrUrl")),
)
LIST = Structure(("NextToken", str), ("NotebookInstances", ListOf(_SUMMARY)))
CREATE = Structure(("NotebookInstanceArn", str))
_TAG_LIST = ("Tags", ListOf(Structure(("Key", str), ("Value", str))))
TAGS = Structure(_TAG_LIST)
TAGS_PAGE = Structure(_TAG_LIST, ("NextToken", str))
