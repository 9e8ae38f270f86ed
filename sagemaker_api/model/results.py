"""What the operations answer: the types of their results, and how each is read.

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
        """What boto adds to every result. ``HTTPHeaders`` has lower-case names."""

        RequestId: str
        HTTPStatusCode: int
        HTTPHeaders: dict[str, str]
        RetryAttempts: int
        MaxAttemptsReached: bool
        RetryQuotaReached: bool

    class EmptyOutput(TypedDict, total=False):
        """The result of an operation that answers nothing but that it has accepted the call."""

        ResponseMetadata: ResponseMetadata

    class CreatePresignedNotebookInstanceUrlOutput(TypedDict):
        """The result of CreatePresignedNotebookInstanceUrl."""

        AuthorizedUrl: AuthorizedUrl
        ResponseMetadata: ResponseMetadata

    class MetadataServiceConfiguration(TypedDict, total=False):
        """Which version of the instance metadata service the instance allows: ``"1"`` or ``"2"``."""

        MinimumInstanceMetadataServiceVersion: str

    class DescribeNotebookInstanceOutput(TypedDict, total=False):
        """The result of DescribeNotebookInstance. Statuses and types are open: new ones come."""

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
        """One notebook instance in a list; name and ARN are always there."""

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
        """One page of ListNotebookInstances; ``NextToken`` is there unless it is the last."""

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
        """One page of ListTags; ``NextToken`` is there unless it is the last."""

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
