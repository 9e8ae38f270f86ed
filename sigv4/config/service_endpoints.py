"""The endpoints of SageMaker, STS and IAM Identity Center: region, FIPS, dual-stack, custom URL.

Source: the endpoint rules published with the service models.
"""

from __future__ import annotations

from ..errors import ConfigError, SigningError, repr_of
from ..record import Record
from ..scope import is_aws_region
from ..target import is_host_label, split_endpoint, user_info_of
from .partitions import partition_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class ServiceHosts(Record):
    """The first labels of a service's hosts: ``plain``, and ``fips`` for FIPS.

    ``fips_of`` has other FIPS labels by partition; it does not count for dual-stack hosts.
    """

    plain: str
    fips: str
    fips_of: Mapping[str, str]


SAGEMAKER = ServiceHosts(
    "api.sagemaker",
    "api.sagemaker-fips",
    {"aws": "api-fips.sagemaker", "aws-us-gov": "api-fips.sagemaker"},
)
# The plain hosts of aws-us-gov are FIPS.
STS = ServiceHosts("sts", "sts-fips", {"aws-us-gov": "sts"})
SSO = ServiceHosts("portal.sso", "portal.sso-fips", {"aws-us-gov": "portal.sso"})
SSO_OIDC = ServiceHosts("oidc", "oidc-fips", {"aws-us-gov": "oidc"})


class ServiceEndpoint(Record):
    """The ``url`` of an endpoint, and the ``region`` to sign for: ``""`` if unknown."""

    url: str
    region: str


def endpoint_of(
    hosts: ServiceHosts,
    region: str | None,
    *,
    use_fips: bool = False,
    use_dualstack: bool = False,
    endpoint_url: str | None = None,
    region_origin: str = "",
) -> ServiceEndpoint:
    """The endpoint of a service in ``region``, or ``endpoint_url``.

    ``fips-REGION`` and ``REGION-fips`` are the region with FIPS; an error names ``region_origin``. Raises
    ConfigError with the texts of the endpoint rules, also for FIPS or dual-stack together with a custom
    endpoint.

    >>> endpoint_of(STS, "eu-west-1").url
    'https://sts.eu-west-1.amazonaws.com'
    """
    if region is not None:
        name = region.replace("fips-", "").replace("-fips", "") if isinstance(region, str) else ""
        # It becomes a label of the host name, so it must not change the host.
        if not is_host_label(name) or name.isdigit():
            found = repr_of(name if isinstance(region, str) else region)
            place = f"{region_origin}: " if region_origin else ""
            raise ConfigError(f"{place}Provided region_name {found} doesn't match a supported format.")
        use_fips = use_fips or name != region
        region = name
    if endpoint_url is not None:
        if use_fips:
            raise ConfigError("Invalid Configuration: FIPS and custom endpoint are not supported")
        if use_dualstack:
            raise ConfigError("Invalid Configuration: Dualstack and custom endpoint are not supported")
        return ServiceEndpoint(_checked(endpoint_url), region or "")
    if not region:
        raise ConfigError("Invalid Configuration: Missing Region")
    partition = partition_of(region)
    label = hosts.plain
    if use_fips:
        label = hosts.fips if use_dualstack else hosts.fips_of.get(partition.name, hosts.fips)
    suffix = partition.dual_stack_suffix if use_dualstack else partition.dns_suffix
    return ServiceEndpoint(f"https://{label}.{region}.{suffix}", region)


def check_signing_region(region: str, service: str, origin: str) -> None:
    """STS-4: raises ConfigError, naming the origin, for a region that ``Signer`` would refuse."""
    if is_aws_region(region):
        return
    from ..signing_names import right_region  # imported only here, since its tables are large

    right = right_region(region, service)
    if right:
        raise ConfigError(f"{origin}: the region is {region!r}: AWS spells it {right!r}")


def _checked(url: str) -> str:
    """A custom endpoint URL; raises ConfigError if no request can be sent to it."""
    try:
        split_endpoint(url)
    except SigningError as error:
        shown = "(not shown)" if user_info_of(url) is not None else url
        fault = f"Invalid endpoint: {shown}: {error}"
    else:
        return url
    raise ConfigError(fault)
