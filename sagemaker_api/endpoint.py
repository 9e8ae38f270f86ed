"""Where a call goes: the SageMaker endpoint of a region.

Source: the endpoint rules published with the SageMaker service model.
"""

from __future__ import annotations

from sigv4.config.partitions import partition_of
from sigv4.errors import SigningError
from sigv4.record import Record
from sigv4.target import is_host_label, split_endpoint, user_info_of

from .errors import ConfigError

SIGNING_NAME = "sagemaker"


class Endpoint(Record):
    """An endpoint: its ``url``, and the region and service name that a request to it is signed for."""

    url: str
    signing_region: str
    signing_name: str = SIGNING_NAME


def resolve(
    region: str | None,
    *,
    use_fips: bool = False,
    use_dualstack: bool = False,
    endpoint_url: str | None = None,
) -> Endpoint:
    """The endpoint of SageMaker in ``region``.

    ``region`` is a region name, or ``fips-REGION`` or ``REGION-fips`` for the region with FIPS on.
    ``endpoint_url`` is used as it is, ``http`` too: whoever passes one has chosen it. The signing region is
    the region even then, and ``""`` (nothing can be signed for it) where none is given.

    Raises ConfigError with the words of the endpoint rules.

    >>> resolve("eu-west-1").url
    'https://api.sagemaker.eu-west-1.amazonaws.com'
    """
    if region is not None:
        name = region.removeprefix("fips-").removesuffix("-fips")
        use_fips = use_fips or name != region
        region = name
        if not _is_region(region):
            raise ConfigError(f"Provided region_name {region!r} doesn't match a supported format.")
    if endpoint_url is not None:
        if use_fips:
            raise ConfigError("Invalid Configuration: FIPS and custom endpoint are not supported")
        if use_dualstack:
            raise ConfigError("Invalid Configuration: Dualstack and custom endpoint are not supported")
        return Endpoint(_checked(endpoint_url), region or "")
    if not region:
        raise ConfigError("Invalid Configuration: Missing Region")
    partition = partition_of(region)
    suffix = partition.dual_stack_suffix if use_dualstack else partition.dns_suffix
    if use_fips and not use_dualstack and partition.name in ("aws", "aws-us-gov"):
        return Endpoint(f"https://api-fips.sagemaker.{region}.{suffix}", region)
    fips = "-fips" if use_fips else ""
    return Endpoint(f"https://api.sagemaker{fips}.{region}.{suffix}", region)


def _is_region(region: str) -> bool:
    """Whether ``region`` can be one label of a host name: it is put into one, and must not lead elsewhere."""
    return is_host_label(region) and not region.isdigit()


def _checked(url: str) -> str:
    """The caller's own endpoint URL; raises ConfigError where no request can be sent to it."""
    try:
        split_endpoint(url)
    except SigningError as error:
        shown = "(not shown)" if user_info_of(url) is not None else url
        fault = f"Invalid endpoint: {shown}: {error}"
    else:
        return url
    raise ConfigError(fault)
