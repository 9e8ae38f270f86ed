"""Which partition a region belongs to. Source: the published partitions.json."""

from __future__ import annotations

import pytest

from sigv4.config.partitions import PARTITIONS, partition_of

SUFFIXES = {
    "aws": ("amazonaws.com", "api.aws"),
    "aws-cn": ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    "aws-eusc": ("amazonaws.eu", "api.amazonwebservices.eu"),
    "aws-iso": ("c2s.ic.gov", "api.aws.ic.gov"),
    "aws-iso-b": ("sc2s.sgov.gov", "api.aws.scloud"),
    "aws-iso-e": ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    "aws-iso-f": ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    "aws-us-gov": ("amazonaws.com", "api.aws"),
}


def test_the_suffixes() -> None:
    assert {each.name: (each.dns_suffix, each.dual_stack_suffix) for each in PARTITIONS} == SUFFIXES


@pytest.mark.parametrize(
    ("regions", "name"),
    [
        ("us-east-1 eu-west-9 ap-southeast-12 sa-east-1 ca-west-1 me-south-1 af-south-1 il-central-1 mx-central-1", "aws"),
        ("aws-global", "aws"),
        ("cn-north-1 cn-northwest-1 aws-cn-global", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1 aws-iso-global", "aws-iso"),
        ("us-isob-east-1 aws-iso-b-global", "aws-iso-b"),
        ("eu-isoe-west-1 aws-iso-e-global", "aws-iso-e"),
        ("us-isof-south-1 aws-iso-f-global", "aws-iso-f"),
        ("us-gov-west-1 us-gov-east-1 aws-us-gov-global", "aws-us-gov"),
    ],
)  # fmt: skip
def test_the_partition_of_a_region(regions: str, name: str) -> None:
    assert {region: partition_of(region).name for region in regions.split()} == dict.fromkeys(
        regions.split(), name
    )


@pytest.mark.parametrize(
    "region", ["", "us", "us-1", "xx-east-1", "us-east-x", "us--1", "cn-north-", "us-gov-1"]
)
def test_an_unknown_region_counts_as_commercial(region: str) -> None:
    assert [each.name for each in PARTITIONS if each.holds(region)] == (
        ["aws"] if region == "us-gov-1" else []
    )
    assert partition_of(region).name == "aws"
