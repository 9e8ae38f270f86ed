"""The operations of this client: their parameters, their results, and when a repeated call succeeded.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/
"""

from __future__ import annotations

from sigv4.record import Record

from . import results
from .parameters import Group, Items, Member, check, with_moments
from .shapes import Structure, Timestamp, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

STATUSES = (
    "Pending",
    "InService",
    "Stopping",
    "Stopped",
    "Failed",
    "Deleting",
    "Updating",
    "PendingMaintenance",
    "InMaintenance",
)


class Operation(Record):
    """One operation.

    ``achieved`` are the statuses of an instance after a successful call. If the answer of a call was lost and
    the call is repeated, it is refused (``Status (Pending) not in …``) although the first one succeeded.
    """

    name: str
    members: tuple[Member, ...]
    results: Structure
    achieved: tuple[str, ...] = ()

    def checked(self, params: Mapping[str, object]) -> dict[str, object]:
        """The parameters in the form to send. Raises ParamValidationError with boto's texts."""
        check(self.members, params)
        return with_moments(self.members, params)

    def result(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The members of ``answer`` that belong to this operation, in boto's types; null counts as absent.

        Raises ProtocolError for a member of another type.
        """
        try:
            found: dict[str, Any] = read(self.results, answer, f"{self.name} answered")
            return found
        finally:
            answer = {}  # it may hold a secret: hidden from tracebacks with locals

    def is_achieved(self, code: str, message: str) -> bool:
        """Whether this refusal means that an earlier call has succeeded."""
        return code == "ValidationException" and any(
            message.startswith(f"Status ({status}) not in ") for status in self.achieved
        )


# The seconds for which a URL opens a notebook; as at AWS, only the service checks the longest.
SHORTEST_SESSION, LONGEST_SESSION = 1800, 43200

_NAME = Member("NotebookInstanceName", required=True)
_ARN = Member("ResourceArn", required=True)
_TAG = Group(Member("Key", required=True, minimum=1), Member("Value", required=True))
_TAGS = Items(Member("Tag", _TAG))
_SWITCH = ("Enabled", "Disabled")
_IP_TYPE = Member("IpAddressType", choices=("ipv4", "dualstack"))
_CONFIGURATION = Member("LifecycleConfigName")
_VOLUME = Member("VolumeSizeInGB", int, minimum=5)
_REPOSITORIES = (
    Member("DefaultCodeRepository", minimum=1),
    Member("AdditionalCodeRepositories", Items(Member("CodeRepositoryNameOrUrl", minimum=1))),
)
_ACCELERATORS = Member("AcceleratorTypes", Items(Member("NotebookInstanceAcceleratorType")))
_ROOT = Member("RootAccess", choices=_SWITCH)
_PLATFORM = Member("PlatformIdentifier")
_METADATA = Member(
    "InstanceMetadataServiceConfiguration",
    Group(Member("MinimumInstanceMetadataServiceVersion", required=True)),
)
_CREATE = (
    _NAME,
    Member("InstanceType", required=True),
    Member("SubnetId"),
    Member("SecurityGroupIds", Items(Member("SecurityGroupId"))),
    _IP_TYPE,
    Member("RoleArn", required=True, minimum=20),
    Member("KmsKeyId"),
    Member("Tags", _TAGS),
    _CONFIGURATION,
    Member("DirectInternetAccess", choices=_SWITCH),
    _VOLUME,
    _ACCELERATORS,
    *_REPOSITORIES,
    _ROOT,
    _PLATFORM,
    _METADATA,
)
_UPDATE = (
    _NAME,
    Member("InstanceType"),
    _IP_TYPE,
    _PLATFORM,
    Member("RoleArn", minimum=20),
    _CONFIGURATION,
    Member("DisassociateLifecycleConfig", bool),
    _VOLUME,
    *_REPOSITORIES,
    _ACCELERATORS,
    Member("DisassociateAcceleratorTypes", bool),
    Member("DisassociateDefaultCodeRepository", bool),
    Member("DisassociateAdditionalCodeRepositories", bool),
    _ROOT,
    _METADATA,
)

_ALL = (
    Operation(
        "CreatePresignedNotebookInstanceUrl",
        (_NAME, Member("SessionExpirationDurationInSeconds", int, minimum=SHORTEST_SESSION)),
        results.CREATE_URL,
    ),
    Operation("DescribeNotebookInstance", (_NAME,), results.DESCRIBE),
    Operation("StartNotebookInstance", (_NAME,), results.EMPTY, ("Pending", "InService")),
    Operation("StopNotebookInstance", (_NAME,), results.EMPTY, ("Stopping", "Stopped")),
    Operation(
        "ListNotebookInstances",
        (
            Member("NextToken"),
            Member("MaxResults", int, minimum=1),
            Member("SortBy", choices=("Name", "CreationTime", "Status")),
            Member("SortOrder", choices=("Ascending", "Descending")),
            Member("NameContains"),
            Member("CreationTimeBefore", Timestamp),
            Member("CreationTimeAfter", Timestamp),
            Member("LastModifiedTimeBefore", Timestamp),
            Member("LastModifiedTimeAfter", Timestamp),
            Member("StatusEquals", choices=STATUSES),
            Member("NotebookInstanceLifecycleConfigNameContains"),
            Member("DefaultCodeRepositoryContains"),
            Member("AdditionalCodeRepositoryEquals", minimum=1),
        ),
        results.LIST,
    ),
    Operation("CreateNotebookInstance", _CREATE, results.CREATE),
    Operation("UpdateNotebookInstance", _UPDATE, results.EMPTY),
    Operation("DeleteNotebookInstance", (_NAME,), results.EMPTY),
    Operation("AddTags", (_ARN, Member("Tags", _TAGS, required=True)), results.TAGS),
    Operation(
        "ListTags", (_ARN, Member("NextToken"), Member("MaxResults", int, minimum=50)), results.TAGS_PAGE
    ),
    Operation(
        "DeleteTags",
        (_ARN, Member("TagKeys", Items(Member("TagKey", minimum=1)), required=True, minimum=1)),
        results.EMPTY,
    ),
)

OPERATIONS = {operation.name: operation for operation in _ALL}
