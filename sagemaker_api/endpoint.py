"""Where a call goes: the SageMaker endpoint of a region.

Source: the endpoint rules published with the SageMaker service model.
"""

from __future__ import annotations

from sigv4.config.partitions import partition_of
from sigv4.errors import SigningError
from sigv4.record import Record
from sigv4.target import check_url, split_target

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
    return _is_host_name_label(region) and not region.isdigit()


def _checked(url: str) -> str:
    """The caller's own endpoint URL; raises ConfigError where no request can be sent to it as it stands."""
    fault = _fault(url)
    if fault:
        shown = url if "@" not in url else "(not shown)"
        raise ConfigError(f"Invalid endpoint: {shown}: {fault}. Expected https://host[:port][/path]")
    return url


def _fault(url: str) -> str:
    try:
        check_url(url)
        host = split_target(url)[0]
    except SigningError as error:
        return str(error)
    if not url.lower().startswith(("http://", "https://")):
        return "the scheme is neither https nor http"
    if "@" in url or "?" in url or "#" in url:
        return "it holds a user name, a query or a fragment"
    name, port = host, ""
    if ":" in host and host[-1] != "]":
        name, _, port = host.rpartition(":")
    if not _is_host(name):
        return "it names no valid host"
    return "" if not port or 0 < int(port[:6]) < 65536 else f"there is no port {port}"


def _is_host(name: str) -> bool:
    if name[:1] != "[":
        return all(map(_is_host_name_label, name.removesuffix(".").split(".")))
    from ipaddress import IPv6Address  # 1 ms that only such an endpoint costs

    try:
        return name[-1] == "]" and bool(IPv6Address(name[1:-1]))
    except ValueError:
        return False


def _is_host_name_label(label: str) -> bool:
    return (
        label.isascii()
        and label.replace("-", "").isalnum()
        and label[0] != "-" != label[-1]
        and len(label) <= 63
    )
