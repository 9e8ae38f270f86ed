"""The AWS partitions, with the DNS suffixes of their endpoints.

Source: the published ``partitions.json`` of the endpoint rules.
"""

from __future__ import annotations

from ..record import Record


class Partition(Record):
    """One partition: ``dns_suffix``, ``dual_stack_suffix``, and how its regions are spelled.

    A region is ``PREFIX-word-number`` with one of ``prefixes``, or the pseudo region ``global_region``.
    """

    name: str
    dns_suffix: str
    dual_stack_suffix: str
    prefixes: tuple[str, ...]
    global_region: str

    def __init__(
        self, name: str, dns_suffix: str, dual_stack_suffix: str, prefixes: str, global_region: str
    ) -> None:
        super().__init__(name, dns_suffix, dual_stack_suffix, tuple(prefixes.split()), global_region)

    def holds(self, region: str) -> bool:
        """Whether ``region`` belongs to this partition by its spelling, even if AWS adds it later."""
        prefix, word, number = ("", "", *region.rsplit("-", 2))[-3:]
        spelled = prefix in self.prefixes and word.isalnum() and number.isdigit()
        return spelled or (region != "" and region == self.global_region)


PARTITIONS = (
    Partition("aws", "amazonaws.com", "api.aws", "us eu ap sa ca me af il mx", "aws-global"),
    Partition("aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn", "aws-cn-global"),
    Partition("aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de", ""),
    Partition("aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso", "aws-iso-global"),
    Partition("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob", "aws-iso-b-global"),
    Partition("aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe", "aws-iso-e-global"),
    Partition("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof", "aws-iso-f-global"),
    Partition("aws-us-gov", "amazonaws.com", "api.aws", "us-gov", "aws-us-gov-global"),
)


def partition_of(region: str) -> Partition:
    """The partition of ``region``; the commercial one for an unknown region."""
    for partition in PARTITIONS:
        if partition.holds(region):
            return partition
    return PARTITIONS[0]
