"""Reads from a host name the region and service to sign for (STS-4), and whether it requires 4A.

The result is empty if the name proves nothing: for a service that AWS added later, a host outside AWS, or a
label that only looks like a region.
"""

from __future__ import annotations

from .scope import is_aws_region
from .target import split_host

# The domains of the partitions.
_DOMAINS = (
    "amazonaws.com.cn",
    "amazonaws.com",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "on.aws",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "on.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)
_V4A_HOSTS = (
    ".accesspoint.s3-global",
    ".endpoint.events",
    ".endpoints.email",
    ".endpoints.email.global",
    ".endpoints.email.us-gov",
    "cloudfront-kvs.global",
)
# Labels that name neither a service nor a region.
_QUALIFIERS = frozenset(("dualstack", "fips", "global", "us-gov", "vpce", "cn"))
# Global services: a host without a region is signed for us-east-1.
_IN_US_EAST_1 = frozenset(("iam", "route53", "savingsplans", "sdb", "sts", "waf"))
# Global services that are signed for one region of the partition, not for the region in the host name.
_ONE_REGION_A_PARTITION = frozenset(
    ("billingconductor", "chime", "health", "importexport", "savingsplans", "shield", "waf")
)


def names_of_host(host: str) -> tuple[str, frozenset[str]]:
    """The region and the possible signing names of a request to ``host``; ``""`` and no names if unknown.

    >>> region, services = names_of_host("bucket.s3.eu-west-1.amazonaws.com")
    >>> region, sorted(services)
    ('eu-west-1', ['s3'])
    >>> names_of_host("us-east-1.example.com")
    ('', frozenset())
    """
    labels = _labels(host)
    if not labels:
        return "", frozenset()
    from .signing_names import services_of_label

    position, size = _service_at(labels)
    key = ".".join(labels[position : position + size])
    services = services_of_label(key)
    region = "" if key in _ONE_REGION_A_PARTITION else _region(labels, position, size)
    if not region and key in _IN_US_EAST_1 and _split(host) == (key, "amazonaws.com"):
        region = "us-east-1"
    return region, services


def takes_only_v4a(host: str) -> bool:
    """Whether ``host`` is a multi-region endpoint, which accepts only 4A signatures (FAIL-45).

    >>> takes_only_v4a("abcde.veo.endpoint.events.amazonaws.com")
    True
    """
    return f".{_split(host)[0]}".endswith(_V4A_HOSTS)


def _split(host: str) -> tuple[str, str]:
    """The text before the domain of a partition, and the domain; two empty strings for other hosts."""
    name = split_host(host.lower())[0].rstrip(".")
    for domain in _DOMAINS:
        if name.endswith(f".{domain}"):
            return name[: -len(domain) - 1], domain
    return "", ""


def _labels(host: str) -> list[str]:
    """The labels that name a service, a region or a resource; ``s3-us-west-2`` is two of them."""
    name, _ = _split(host)
    labels: list[str] = []
    for label in name.split(".") if name else ():
        label = label.removesuffix("-fips")
        if label.startswith("s3express-"):
            label = "s3express"
        for service in ("s3-website", "s3-fips", "s3"):
            if label.startswith(f"{service}-") and is_aws_region(label[len(service) + 1 :]):
                labels.append("s3")
                label = label[len(service) + 1 :]
        if label not in _QUALIFIERS:
            labels.append(label)
    return labels


def _service_at(labels: list[str]) -> tuple[int, int]:
    """Position and number of the labels that name the service, the rightmost known; ``(0, 0)`` for none."""
    from .signing_names import is_known_label

    for position in range(len(labels) - 1, -1, -1):
        if position and is_known_label(f"{labels[position - 1]}.{labels[position]}"):
            return position - 1, 2
        if is_known_label(labels[position]):
            three = ".".join(labels[max(position - 2, 0) : position + 1])
            if position > 1 and is_known_label(three):
                return position - 2, 3
            return position, 1
    return 0, 0


def _region(labels: list[str], position: int, size: int) -> str:
    """The last region label after the service; else the label before it, unless that is a bucket."""
    for label in reversed(labels[position + size :]):
        if is_aws_region(label):
            return label
    if not position or labels[position].startswith("s3"):
        return ""
    before = labels[position - 1]
    return before if is_aws_region(before) else ""
