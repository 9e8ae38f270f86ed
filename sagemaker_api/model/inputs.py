"""The parameters of the operations as types, only for editors and type checkers.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Literal, TypeAlias, TypedDict

    from typing_extensions import Required

    from .results import MetadataServiceConfiguration, Tag

    # Epoch seconds, or a text: ISO 8601 or an HTTP date.
    Moment: TypeAlias = datetime | str | int | float
    Switch: TypeAlias = Literal["Enabled", "Disabled"]
    Status: TypeAlias = Literal[
        "Pending",
        "InService",
        "Stopping",
        "Stopped",
        "Failed",
        "Deleting",
        "Updating",
        "PendingMaintenance",
        "InMaintenance",
    ]

    class NameInput(TypedDict, total=False):
        """The parameter of an operation on one instance."""

        NotebookInstanceName: Required[str]

    class CreatePresignedNotebookInstanceUrlInput(NameInput, total=False):
        """``SessionExpirationDurationInSeconds`` is 1800 to 43200, by default 43200."""

        SessionExpirationDurationInSeconds: int

    class ListNotebookInstancesInput(TypedDict, total=False):
        """``MaxResults`` is 1 to 100."""

        NextToken: str
        MaxResults: int
        SortBy: Literal["Name", "CreationTime", "Status"]
        SortOrder: Literal["Ascending", "Descending"]
        NameContains: str
        CreationTimeBefore: Moment
        CreationTimeAfter: Moment
        LastModifiedTimeBefore: Moment
        LastModifiedTimeAfter: Moment
        StatusEquals: Status
        NotebookInstanceLifecycleConfigNameContains: str
        DefaultCodeRepositoryContains: str
        AdditionalCodeRepositoryEquals: str

    class _SettingsInput(NameInput, total=False):
        IpAddressType: Literal["ipv4", "dualstack"]
        LifecycleConfigName: str
        VolumeSizeInGB: int
        AcceleratorTypes: Sequence[str]
        DefaultCodeRepository: str
        AdditionalCodeRepositories: Sequence[str]
        RootAccess: Switch
        PlatformIdentifier: str
        InstanceMetadataServiceConfiguration: MetadataServiceConfiguration

    class CreateNotebookInstanceInput(_SettingsInput, total=False):
        """``InstanceType`` is a text such as ``"ml.t3.medium"``; ``VolumeSizeInGB`` 5 to 16384."""

        InstanceType: Required[str]
        RoleArn: Required[str]
        SubnetId: str
        SecurityGroupIds: Sequence[str]
        KmsKeyId: str
        Tags: Sequence[Tag]
        DirectInternetAccess: Switch

    class UpdateNotebookInstanceInput(_SettingsInput, total=False):
        """Settings that are not given stay unchanged."""

        InstanceType: str
        RoleArn: str
        DisassociateLifecycleConfig: bool
        DisassociateAcceleratorTypes: bool
        DisassociateDefaultCodeRepository: bool
        DisassociateAdditionalCodeRepositories: bool

    class AddTagsInput(TypedDict):
        """Tags of a resource, by its ARN."""

        ResourceArn: str
        Tags: Sequence[Tag]

    class ListTagsInput(TypedDict, total=False):
        """``MaxResults`` is 50 or more."""

        ResourceArn: Required[str]
        NextToken: str
        MaxResults: int

    class DeleteTagsInput(TypedDict):
        """The keys of the tags to delete."""

        ResourceArn: str
        TagKeys: Sequence[str]

    class WaiterConfig(TypedDict, total=False):
        """``Delay``: seconds between two polls. ``MaxAttempts``: how many polls."""

        Delay: int | float
        MaxAttempts: int

    class WaitInput(NameInput, total=False):
        """The parameters of a waiter."""

        WaiterConfig: WaiterConfig

    class PaginationConfig(TypedDict, total=False):
        """``MaxItems``: in total. ``PageSize``: per page. ``StartingToken``: where an earlier iteration
        ended.
        """

        MaxItems: int | str | None
        PageSize: int | str | None
        StartingToken: str | None

    class ListNotebookInstancesPaging(ListNotebookInstancesInput, total=False):
        """The parameters of the paginator of ListNotebookInstances."""

        PaginationConfig: PaginationConfig | None

    class ListTagsPaging(ListTagsInput, total=False):
        """The parameters of the paginator of ListTags."""

        PaginationConfig: PaginationConfig | None

    WaiterName: TypeAlias = Literal[
        "notebook_instance_deleted", "notebook_instance_in_service", "notebook_instance_stopped"
    ]
