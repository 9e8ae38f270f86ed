"""The settings of a notebook instance for Create and Update, with the constraints of the API's model.

A test compares them with the service model of botocore, and reports differences.
"""

from __future__ import annotations

from .api_parameters import NAME, NAME_PATTERN, Parameter

# In the order of the service model; every name begins with "ml.".
_INSTANCE_TYPES = """
    t2.medium t2.large t2.xlarge t2.2xlarge t3.medium t3.large t3.xlarge t3.2xlarge m4.xlarge m4.2xlarge
    m4.4xlarge m4.10xlarge m4.16xlarge m5.xlarge m5.2xlarge m5.4xlarge m5.12xlarge m5.24xlarge m5d.large
    m5d.xlarge m5d.2xlarge m5d.4xlarge m5d.8xlarge m5d.12xlarge m5d.16xlarge m5d.24xlarge c4.xlarge c4.2xlarge
    c4.4xlarge c4.8xlarge c5.xlarge c5.2xlarge c5.4xlarge c5.9xlarge c5.18xlarge c5d.xlarge c5d.2xlarge
    c5d.4xlarge c5d.9xlarge c5d.18xlarge p2.xlarge p2.8xlarge p2.16xlarge p3.2xlarge p3.8xlarge p3.16xlarge
    p3dn.24xlarge g4dn.xlarge g4dn.2xlarge g4dn.4xlarge g4dn.8xlarge g4dn.12xlarge g4dn.16xlarge r5.large
    r5.xlarge r5.2xlarge r5.4xlarge r5.8xlarge r5.12xlarge r5.16xlarge r5.24xlarge g5.xlarge g5.2xlarge
    g5.4xlarge g5.8xlarge g5.16xlarge g5.12xlarge g5.24xlarge g5.48xlarge inf1.xlarge inf1.2xlarge
    inf1.6xlarge inf1.24xlarge trn1.2xlarge trn1.32xlarge trn1n.32xlarge inf2.xlarge inf2.8xlarge
    inf2.24xlarge inf2.48xlarge p4d.24xlarge p4de.24xlarge p5.48xlarge p6-b200.48xlarge m6i.large m6i.xlarge
    m6i.2xlarge m6i.4xlarge m6i.8xlarge m6i.12xlarge m6i.16xlarge m6i.24xlarge m6i.32xlarge m7i.large
    m7i.xlarge m7i.2xlarge m7i.4xlarge m7i.8xlarge m7i.12xlarge m7i.16xlarge m7i.24xlarge m7i.48xlarge
    c6i.large c6i.xlarge c6i.2xlarge c6i.4xlarge c6i.8xlarge c6i.12xlarge c6i.16xlarge c6i.24xlarge
    c6i.32xlarge c7i.large c7i.xlarge c7i.2xlarge c7i.4xlarge c7i.8xlarge c7i.12xlarge c7i.16xlarge
    c7i.24xlarge c7i.48xlarge r6i.large r6i.xlarge r6i.2xlarge r6i.4xlarge r6i.8xlarge r6i.12xlarge
    r6i.16xlarge r6i.24xlarge r6i.32xlarge r7i.large r7i.xlarge r7i.2xlarge r7i.4xlarge r7i.8xlarge
    r7i.12xlarge r7i.16xlarge r7i.24xlarge r7i.48xlarge m6id.large m6id.xlarge m6id.2xlarge m6id.4xlarge
    m6id.8xlarge m6id.12xlarge m6id.16xlarge m6id.24xlarge m6id.32xlarge c6id.large c6id.xlarge c6id.2xlarge
    c6id.4xlarge c6id.8xlarge c6id.12xlarge c6id.16xlarge c6id.24xlarge c6id.32xlarge r6id.large r6id.xlarge
    r6id.2xlarge r6id.4xlarge r6id.8xlarge r6id.12xlarge r6id.16xlarge r6id.24xlarge r6id.32xlarge g6.xlarge
    g6.2xlarge g6.4xlarge g6.8xlarge g6.12xlarge g6.16xlarge g6.24xlarge g6.48xlarge g7e.2xlarge g7e.4xlarge
    g7e.8xlarge g7e.12xlarge g7e.24xlarge g7e.48xlarge p5.4xlarge p5en.48xlarge g6e.xlarge g6e.2xlarge
    g6e.4xlarge g6e.8xlarge g6e.12xlarge g6e.16xlarge g6e.24xlarge g6e.48xlarge
"""
INSTANCE_TYPES = tuple(f"ml.{name}" for name in _INSTANCE_TYPES.split())
_SWITCH = ("Enabled", "Disabled")
_ID = "[-0-9a-zA-Z]+"
_ROLE = r"^arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$"
_PLATFORMS = (
    "^(notebook-al1-v1|notebook-al2-v1|notebook-al2-v2|notebook-al2-v3|"
    "notebook-al2023-v1|notebook-al2023-v2)$"
)
REPOSITORY = Parameter(
    "member", least=1, greatest=1024, pattern="^https://([^/]+)/?(.*)$|^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
)
_ACCELERATORS = tuple(
    f"ml.eia{size}" for size in "1.medium 1.large 1.xlarge 2.medium 2.large 2.xlarge".split()
)
_METADATA_VERSION = Parameter(
    "MinimumInstanceMetadataServiceVersion", required=True, greatest=1, pattern="^(1|2)$"
)

_BOTH = (
    Parameter("IpAddressType", values=("ipv4", "dualstack")),
    Parameter("LifecycleConfigName", greatest=63, pattern=NAME_PATTERN),
    Parameter("VolumeSizeInGB", "number", least=5, greatest=16384),
    Parameter("AcceleratorTypes", "texts", item=Parameter("member", values=_ACCELERATORS)),
    Parameter("DefaultCodeRepository", least=1, greatest=1024, pattern=REPOSITORY.pattern),
    Parameter("AdditionalCodeRepositories", "texts", greatest=3, item=REPOSITORY),
    Parameter("RootAccess", values=_SWITCH),
    Parameter("PlatformIdentifier", greatest=20, pattern=_PLATFORMS),
    Parameter("InstanceMetadataServiceConfiguration", "group", item=_METADATA_VERSION),
)
CREATE = (
    NAME,
    Parameter("InstanceType", required=True, values=INSTANCE_TYPES),
    Parameter("RoleArn", required=True, least=20, greatest=2048, pattern=_ROLE),
    *_BOTH,
    Parameter("SubnetId", greatest=32, pattern=_ID),
    Parameter("SecurityGroupIds", "texts", greatest=5, item=Parameter("member", greatest=32, pattern=_ID)),
    Parameter("KmsKeyId", greatest=2048, pattern="^[a-zA-Z0-9:/_-]*$"),
    Parameter("Tags", "tags", greatest=50),
    Parameter("DirectInternetAccess", values=_SWITCH),
)
# A parameter of Update that removes a setting, and that setting.
DISASSOCIATED = {
    "DisassociateLifecycleConfig": "LifecycleConfigName",
    "DisassociateAcceleratorTypes": "AcceleratorTypes",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
}
UPDATE = (
    NAME,
    Parameter("InstanceType", values=INSTANCE_TYPES),
    Parameter("RoleArn", least=20, greatest=2048, pattern=_ROLE),
    *_BOTH,
    *(Parameter(name, "flag") for name in DISASSOCIATED),
)
