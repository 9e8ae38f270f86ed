"""What a host name says about the region and the service to sign for (STS-4)."""

from __future__ import annotations

from .dialects import HOST_LABELS
from .target import split_host

_SUFFIXES = (".amazonaws.com.cn", ".amazonaws.com", ".api.aws", ".api.amazonwebservices.com.cn", ".on.aws")


def names_of_host(host: str) -> tuple[str, frozenset[str]]:
    """The region and the possible signing names in ``host``; ``""`` and none where it does not tell.

    >>> names_of_host("bucket.s3.eu-west-1.amazonaws.com")[0]
    'eu-west-1'
    """
    name = split_host(host.lower())[0]
    suffix = next((each for each in _SUFFIXES if name.endswith(each)), None)
    if suffix is None:
        return "", frozenset()
    labels = name.removesuffix(suffix).split(".")
    region = next((label for label in labels if _is_region(label)), "")
    rest = [label for label in labels if label != region and label != "dualstack"]
    names = {label.removesuffix("-fips") for label in rest}
    for size in range(1, len(rest) + 1):
        for start in range(len(rest) - size + 1):
            joined = ".".join(rest[start : start + size]).removesuffix("-fips")
            if joined in HOST_LABELS:
                names.add(HOST_LABELS[joined])
    return region, frozenset(names)


def _is_region(label: str) -> bool:
    """``us-east-1``, ``us-gov-west-1``, ``ap-southeast-2``: letters, a direction, a number."""
    parts = label.split("-")
    return (
        len(parts) in (3, 4)
        and len(parts[0]) in (2, 3)
        and parts[-1].isdigit()
        and all(part.isalpha() for part in parts[:-1])
    )
