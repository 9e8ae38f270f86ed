"""Identity policies about networks, with the decision for each client by the documentation: data for several tests.

Sources, by the names in the notes: "IP page" is the Amazon SageMaker Developer Guide, "Limit Access to a
Notebook Instance by IP Address"; "VPC page" its "Connect to a Notebook Instance Through a VPC Interface
Endpoint"; "operators" the IAM User Guide, "IAM JSON policy elements: Condition operators"; "multivalued"
its "Conditions with multiple context keys or values"; "global keys" its "AWS global condition context keys";
"evaluation" its "Policy evaluation logic"; "deny-ip" its "AWS: Denies access to AWS based on the source IP".
The documents of the first two pages are in documented_policies.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .documented_policies import PRESIGN, VPC_PAGE_STATEMENT

# The address of the only trusted proxy in these rows.
TRUSTED_PROXY = "10.0.0.9"


class Row(NamedTuple):
    """A policy, where the request comes from, and whether CreatePresignedNotebookInstanceUrl is allowed.

    ``source_ip`` is the client's address: None through a VPC endpoint, where it is ``vpc_source_ip``.
    If there is a proxy, ``peer`` is its address, ``forwarded_for`` the X-Forwarded-For that it sends, and
    ``source_ip`` the address that must result from them if TRUSTED_PROXY is trusted.
    """

    note: str
    policy: dict[str, Any]
    allowed: bool
    source_ip: str | None = None
    vpce: str | None = None
    vpc: str | None = None
    vpc_source_ip: str | None = None
    peer: str | None = None
    forwarded_for: str | None = None

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """The condition keys of the network that the request has."""
        keys = {
            "aws:SourceIp": self.source_ip,
            "aws:SourceVpce": self.vpce,
            "aws:SourceVpc": self.vpc,
            "aws:VpcSourceIp": self.vpc_source_ip,
        }
        return {key: (value,) for key, value in keys.items() if value is not None}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(effect: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": effect, "Action": PRESIGN, "Resource": "*"}
    return statement if condition is None else {**statement, "Condition": condition}


def _allow(*blocks: str) -> dict[str, Any]:
    return _policy(_statement("Allow", {"IpAddress": {"aws:SourceIp": list(blocks)}}))


def _deny_outside(*blocks: str, key: str = "aws:SourceIp") -> dict[str, Any]:
    return _policy(_statement("Allow"), _statement("Deny", {"NotIpAddress": {key: list(blocks)}}))


def _under(effect: str, **operators: dict[str, Any]) -> dict[str, Any]:
    """A policy with one statement and these conditions; to a Deny, a statement that allows everything is added."""
    statement = _statement(effect, {name.replace("__", ":"): keys for name, keys in operators.items()})
    return _policy(statement) if effect == "Allow" else _policy(_statement("Allow"), statement)


_PAGE = _allow("192.0.2.0/24", "203.0.113.0/24")
_PAGE_WITH_DENY = _policy(
    _statement("Deny", {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}),
    _statement("Allow", {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}),
)
_OFFICE = {"aws:SourceIp": "203.0.113.0/24"}
_MIXED = _allow("203.0.113.0/24", "2001:DB8:1234:5678::/64")  # operators
_VPC = _policy({**VPC_PAGE_STATEMENT, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-111bbaaa"}}})
_VPCE = _policy(
    {
        **VPC_PAGE_STATEMENT,
        "Condition": {"ForAnyValue:StringEquals": {"aws:sourceVpce": ["vpce-111bbccc", "vpce-111bbddd"]}},
    }
)
_OFFICE_OR_ENDPOINT = _policy(
    _statement("Allow"),
    _statement(
        "Deny",
        {
            "NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"},
            "StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-111bbccc"},
        },
    ),
)
_OFFICE_OR_SUBNET = _policy(
    _statement("Allow", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    _statement("Allow", {"IpAddress": {"aws:VpcSourceIp": "10.1.0.0/16"}}),
)

ROWS = [
    # The documented policy of the IP page, in both of its forms.
    Row("IP page: the first address of the first block", _PAGE, True, "192.0.2.0"),
    Row("IP page: the last address of the first block", _PAGE, True, "192.0.2.255"),
    Row("IP page: in the second block", _PAGE, True, "203.0.113.7"),
    Row("IP page: the address before a block", _PAGE, False, "192.0.1.255"),
    Row("IP page: the address after a block", _PAGE, False, "192.0.3.0"),
    Row("IP page: elsewhere", _PAGE, False, "198.51.100.1"),
    Row("IP page: an IPv6 client is in no IPv4 block", _PAGE, False, "2001:db8::1"),
    Row("IP page, note: incompatible with a VPC endpoint", _PAGE, False, None, "vpce-1", "vpc-1", "10.1.2.3"),
    Row("IP page with Deny: in the first block", _PAGE_WITH_DENY, True, "192.0.2.44"),
    Row("IP page with Deny: in the second block", _PAGE_WITH_DENY, True, "203.0.113.255"),
    Row("IP page with Deny: elsewhere", _PAGE_WITH_DENY, False, "198.51.100.1"),
    Row(
        "IP page with Deny: through a VPC endpoint", _PAGE_WITH_DENY, False, None, "vpce-1", None, "10.1.2.3"
    ),
    # Prefixes of IPv4: /32, bare, /31, /0 and between.
    Row("operators: /32 is one address", _allow("203.0.113.7/32"), True, "203.0.113.7"),
    Row("operators: /32, the next address", _allow("203.0.113.7/32"), False, "203.0.113.8"),
    Row("operators: a bare address is a /32", _allow("203.0.113.7"), True, "203.0.113.7"),
    Row("operators: a bare address, the address before it", _allow("203.0.113.7"), False, "203.0.113.6"),
    Row("CIDR: /31 is two addresses", _allow("203.0.113.6/31"), True, "203.0.113.7"),
    Row("CIDR: /31, the third address", _allow("203.0.113.6/31"), False, "203.0.113.8"),
    Row("CIDR: /30, its last address", _allow("203.0.113.4/30"), True, "203.0.113.7"),
    Row("CIDR: /25, the lower half", _allow("203.0.113.0/25"), True, "203.0.113.127"),
    Row("CIDR: /25, the upper half", _allow("203.0.113.0/25"), False, "203.0.113.128"),
    Row("CIDR: /8", _allow("10.0.0.0/8"), True, "10.255.255.255"),
    Row("CIDR: /8, beyond it", _allow("10.0.0.0/8"), False, "11.0.0.0"),
    Row("CIDR: /1, the lower half of all", _allow("0.0.0.0/1"), True, "127.255.255.255"),
    Row("CIDR: /1, the upper half of all", _allow("0.0.0.0/1"), False, "128.0.0.0"),
    Row("CIDR: 0.0.0.0/0 is every IPv4 address", _allow("0.0.0.0/0"), True, "255.255.255.255"),
    Row("CIDR: 0.0.0.0/0, the zero address", _allow("0.0.0.0/0"), True, "0.0.0.0"),
    Row("CIDR: 0.0.0.0/0 has no IPv6 address", _allow("0.0.0.0/0"), False, "2001:db8::1"),
    Row("CIDR: bits beyond the prefix do not count", _allow("203.0.113.77/24"), True, "203.0.113.1"),
    Row("CIDR: bits beyond the prefix, elsewhere", _allow("203.0.113.77/24"), False, "203.0.114.77"),
    Row("a deny outside 0.0.0.0/0 denies no IPv4 client", _deny_outside("0.0.0.0/0"), True, "198.51.100.1"),
    Row("a deny outside 0.0.0.0/0 denies IPv6 clients", _deny_outside("0.0.0.0/0"), False, "2001:db8::1"),
    # IPv6.
    Row("operators: IPv4 and IPv6 mixed, the IPv6 block", _MIXED, True, "2001:db8:1234:5678::1"),
    Row(
        "operators: mixed, the last of the IPv6 block", _MIXED, True, "2001:db8:1234:5678:ffff:ffff:ffff:ffff"
    ),
    Row("operators: mixed, the next IPv6 block", _MIXED, False, "2001:db8:1234:5679::"),
    Row("operators: mixed, the IPv4 block", _MIXED, True, "203.0.113.9"),
    Row("IPv6: letters in any case", _MIXED, True, "2001:DB8:1234:5678::A"),
    Row("IPv6: without compression", _MIXED, True, "2001:0db8:1234:5678:0000:0000:0000:0001"),
    Row("IPv6: /128 is one address", _allow("2001:db8::1/128"), True, "2001:db8::1"),
    Row("IPv6: /128, the next address", _allow("2001:db8::1/128"), False, "2001:db8::2"),
    Row("IPv6: a bare address is that address", _allow("2001:db8::1"), True, "2001:db8:0:0::1"),
    Row("IPv6: a bare address, the address before it", _allow("2001:db8::1"), False, "2001:db8::"),
    Row("IPv6: /32", _allow("2001:db8::/32"), True, "2001:db8:ffff::1"),
    Row("IPv6: /32, beyond it", _allow("2001:db8::/32"), False, "2001:db9::1"),
    Row("IPv6: /127, the second address", _allow("2001:db8::/127"), True, "2001:db8::1"),
    Row("IPv6: ::/0 is every IPv6 address", _allow("::/0"), True, "2001:db8::1"),
    Row("IPv6: ::/0 has no IPv4 address", _allow("::/0"), False, "203.0.113.7"),
    Row("IPv6: both /0 are every address, IPv4", _allow("0.0.0.0/0", "::/0"), True, "198.51.100.1"),
    Row("IPv6: both /0 are every address, IPv6", _allow("0.0.0.0/0", "::/0"), True, "fe80::1"),
    Row("IPv6: bits beyond the prefix do not count", _allow("2001:db8:1:2::77/64"), True, "2001:db8:1:2::1"),
    Row(
        "IPv6: the zone of a link-local client is not part of the address",
        _allow("fe80::/10"),
        True,
        "fe80::1%eth0",
    ),
    # IPv4-mapped IPv6 addresses (RFC 4291, 2.5.5.2): what a dual-stack socket calls an IPv4 client.
    Row("mapped: an IPv4 client on a dual-stack socket", _PAGE, True, "::ffff:203.0.113.7"),
    Row("mapped: in hexadecimal", _PAGE, True, "::ffff:cb00:7107"),
    Row("mapped: an IPv4 client elsewhere", _PAGE, False, "::ffff:198.51.100.1"),
    Row("mapped: an IPv4 client is not in ::/0", _allow("::/0"), False, "::ffff:203.0.113.7"),
    Row("mapped: a policy in mapped form", _allow("::ffff:203.0.113.0/120"), True, "203.0.113.7"),
    Row("mapped: a policy in mapped form, elsewhere", _allow("::ffff:203.0.113.0/120"), False, "203.0.112.7"),
    Row("mapped: a bare mapped address", _allow("::ffff:203.0.113.7"), True, "203.0.113.7"),
    Row("mapped: all of IPv4, mapped", _allow("::ffff:0:0/96"), True, "198.51.100.1"),
    Row(
        "mapped: the older compatible form is another address", _allow("203.0.113.7"), False, "::203.0.113.7"
    ),
    Row("mapped: Deny with NotIpAddress", _deny_outside("203.0.113.0/24"), True, "::ffff:203.0.113.7"),
    # Several values, keys, operators and statements.
    Row(
        "multivalued: NotIpAddress does not match an address in one of the blocks",
        _deny_outside("192.0.2.0/24", "203.0.113.0/24"),
        True,
        "192.0.2.1",
    ),
    Row(
        "multivalued: NotIpAddress matches an address in none of the blocks",
        _deny_outside("192.0.2.0/24", "203.0.113.0/24"),
        False,
        "10.0.0.1",
    ),
    Row(
        "multivalued: operators are a logical AND, outside the excluded part of a block",
        _under("Allow", IpAddress=_OFFICE, NotIpAddress={"aws:SourceIp": "203.0.113.128/25"}),
        True,
        "203.0.113.7",
    ),
    Row(
        "multivalued: operators are a logical AND, in the excluded part",
        _under("Allow", IpAddress=_OFFICE, NotIpAddress={"aws:SourceIp": "203.0.113.128/25"}),
        False,
        "203.0.113.200",
    ),
    Row(
        "multivalued: keys are a logical AND, one absent",
        _under("Allow", IpAddress={**_OFFICE, "aws:VpcSourceIp": "10.0.0.0/8"}),
        False,
        "203.0.113.7",
    ),
    Row(
        "evaluation: an explicit deny overrides any allow",
        _policy(
            _statement("Allow", {"IpAddress": _OFFICE}),
            _statement("Deny", {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}),
        ),
        False,
        "203.0.113.7",
    ),
    Row(
        "evaluation: the order of statements does not count",
        _policy(
            _statement("Deny", {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}),
            _statement("Allow", {"IpAddress": _OFFICE}),
        ),
        False,
        "203.0.113.7",
    ),
    Row(
        "evaluation: a deny of another address does not change the allow",
        _policy(
            _statement("Deny", {"IpAddress": {"aws:SourceIp": "203.0.113.7"}}),
            _statement("Allow", {"IpAddress": _OFFICE}),
        ),
        True,
        "203.0.113.8",
    ),
    Row(
        "evaluation: either of two allows is enough",
        _policy(*_allow("192.0.2.0/24")["Statement"], *_allow("203.0.113.0/24")["Statement"]),
        True,
        "203.0.113.7",
    ),
    Row(
        "evaluation: without an allow, a deny that does not hold allows nothing",
        _policy(_statement("Deny", {"NotIpAddress": _OFFICE})),
        False,
        "203.0.113.7",
    ),
    Row(
        "two denies with NotIpAddress allow only what neither denies",
        _policy(
            _statement("Allow"),
            _statement("Deny", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            _statement("Deny", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/25"}}),
        ),
        False,
        "203.0.113.200",
    ),
    Row(
        "the name of a condition key may be in any case",
        _under("Allow", IpAddress={"AWS:SOURCEIP": "203.0.113.0/24"}),
        True,
        "203.0.113.7",
    ),
    Row(
        "a text comparison of the address",
        _under("Allow", StringLike={"aws:SourceIp": "203.0.113.*"}),
        True,
        "203.0.113.7",
    ),
    Row(
        "a text comparison of the address, elsewhere",
        _under("Allow", StringLike={"aws:SourceIp": "203.0.113.*"}),
        False,
        "203.0.11.3",
    ),
    # Conditions on keys that a request does not have.
    Row(
        "operators: an absent key does not match, Allow",
        _allow("0.0.0.0/0"),
        False,
        None,
        "vpce-1",
        "vpc-1",
        "10.1.2.3",
    ),
    Row(
        "operators: an absent key does not match, Deny",
        _under("Deny", IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
        True,
        None,
        "vpce-1",
    ),
    Row(
        "operators: NotIpAddress of an absent key is true, Deny",
        _deny_outside("0.0.0.0/0"),
        False,
        None,
        "vpce-1",
    ),
    Row(
        "operators: NotIpAddress of an absent key is true, Allow",
        _under("Allow", NotIpAddress=_OFFICE),
        True,
        None,
        "vpce-1",
    ),
    Row(
        "operators: IpAddressIfExists of an absent key is true",
        _under("Allow", IpAddressIfExists=_OFFICE),
        True,
        None,
        "vpce-1",
    ),
    Row(
        "operators: IpAddressIfExists of a key that is there",
        _under("Allow", IpAddressIfExists=_OFFICE),
        False,
        "10.0.0.1",
    ),
    Row(
        "operators: IpAddressIfExists, and it fits",
        _under("Allow", IpAddressIfExists=_OFFICE),
        True,
        "203.0.113.7",
    ),
    Row(
        "operators: NotIpAddressIfExists still denies an absent key",
        _under("Deny", NotIpAddressIfExists=_OFFICE),
        False,
        None,
        "vpce-1",
    ),
    Row(
        "operators: NotIpAddressIfExists, in the block",
        _under("Deny", NotIpAddressIfExists=_OFFICE),
        True,
        "203.0.113.7",
    ),
    Row(
        "operators: Null false requires the key, so the deny does not apply to the endpoint",
        _under("Deny", NotIpAddress=_OFFICE, Null={"aws:SourceIp": "false"}),
        True,
        None,
        "vpce-1",
    ),
    Row(
        "operators: Null false, a client elsewhere is denied as before",
        _under("Deny", NotIpAddress=_OFFICE, Null={"aws:SourceIp": "false"}),
        False,
        "198.51.100.1",
    ),
    Row(
        "operators: Null true, through an endpoint",
        _under("Allow", Null={"aws:SourceIp": "true"}),
        True,
        None,
        "vpce-1",
    ),
    Row(
        "operators: Null true, over the internet",
        _under("Allow", Null={"aws:SourceIp": "true"}),
        False,
        "203.0.113.7",
    ),
    Row(
        "multivalued: ForAllValues of an absent key is true",
        _under("Allow", ForAllValues__IpAddress=_OFFICE),
        True,
        None,
        "vpce-1",
    ),
    Row(
        "multivalued: ForAllValues, elsewhere",
        _under("Allow", ForAllValues__IpAddress=_OFFICE),
        False,
        "198.51.100.1",
    ),
    Row(
        "multivalued: ForAnyValue of an absent key is false",
        _under("Allow", ForAnyValue__IpAddress=_OFFICE),
        False,
        None,
        "vpce-1",
    ),
    Row(
        "multivalued: ForAnyValue negated, of an absent key",
        _under("Deny", ForAnyValue__NotIpAddress=_OFFICE),
        True,
        None,
        "vpce-1",
    ),
    # VPC endpoints.
    Row("VPC page: from the VPC", _VPC, True, None, "vpce-9", "vpc-111bbaaa", "10.1.2.3"),
    Row("VPC page: from another VPC", _VPC, False, None, "vpce-9", "vpc-222bbaaa", "10.1.2.3"),
    Row("VPC page: over the internet", _VPC, False, "203.0.113.7"),
    Row("VPC page: through the endpoint of the API", _VPCE, True, None, "vpce-111bbccc", None, "10.1.2.3"),
    Row("VPC page: through the endpoint of notebooks", _VPCE, True, None, "vpce-111bbddd", None, "10.1.2.3"),
    Row("VPC page: through another endpoint", _VPCE, False, None, "vpce-111bbeee", None, "10.1.2.3"),
    Row(
        "VPC page: the case of an endpoint's id counts", _VPCE, False, None, "VPCE-111BBCCC", None, "10.1.2.3"
    ),
    Row("VPC page: over the internet, no endpoint", _VPCE, False, "203.0.113.7"),
    Row(
        "global keys: aws:VpcSourceIp, in the subnet",
        _OFFICE_OR_SUBNET,
        True,
        None,
        "vpce-1",
        "vpc-1",
        "10.1.2.3",
    ),
    Row(
        "global keys: aws:VpcSourceIp, another subnet",
        _OFFICE_OR_SUBNET,
        False,
        None,
        "vpce-1",
        "vpc-1",
        "10.2.2.3",
    ),
    Row(
        "global keys: a private address over the internet is not an aws:VpcSourceIp",
        _OFFICE_OR_SUBNET,
        False,
        "10.1.2.3",
    ),
    Row("global keys: the office, in addition to the subnet", _OFFICE_OR_SUBNET, True, "203.0.113.7"),
    Row(
        "global keys: aws:VpcSourceIp in IPv6",
        _deny_outside("fd00::/8", key="aws:VpcSourceIp"),
        True,
        None,
        "vpce-1",
        "vpc-1",
        "fd00::7",
    ),
    Row(
        "global keys: NotIpAddress on aws:VpcSourceIp denies the internet",
        _deny_outside("10.0.0.0/8", key="aws:VpcSourceIp"),
        False,
        "203.0.113.7",
    ),
    Row("office or endpoint: from the office, no endpoint", _OFFICE_OR_ENDPOINT, True, "203.0.113.7"),
    Row("office or endpoint: elsewhere, no endpoint", _OFFICE_OR_ENDPOINT, False, "198.51.100.1"),
    Row("office or endpoint: through the endpoint", _OFFICE_OR_ENDPOINT, True, None, "vpce-111bbccc"),
    Row("office or endpoint: through another endpoint", _OFFICE_OR_ENDPOINT, False, None, "vpce-2"),
    # Proxies: aws:SourceIp is the address that reaches the service.
    Row(
        "deny-ip: a proxy that is not trusted is the client",
        _PAGE,
        False,
        "198.51.100.9",
        peer="198.51.100.9",
        forwarded_for="203.0.113.7",
    ),
    Row(
        "a client in the block through a proxy elsewhere, trusted",
        _PAGE,
        True,
        "203.0.113.7",
        peer=TRUSTED_PROXY,
        forwarded_for="203.0.113.7",
    ),
    Row(
        "a client elsewhere through a trusted proxy",
        _PAGE,
        False,
        "198.51.100.1",
        peer=TRUSTED_PROXY,
        forwarded_for="198.51.100.1",
    ),
    Row(
        "what a client wrote before the trusted proxy's own entry is not trusted",
        _PAGE,
        False,
        "198.51.100.1",
        peer=TRUSTED_PROXY,
        forwarded_for="203.0.113.7, 198.51.100.1",
    ),
    Row(
        "a client elsewhere that names an address in the block, through a trusted proxy",
        _PAGE,
        True,
        "203.0.113.7",
        peer=TRUSTED_PROXY,
        forwarded_for="198.51.100.1, 203.0.113.7",
    ),
    Row(
        "an IPv6 client through a trusted proxy",
        _MIXED,
        True,
        "2001:db8:1234:5678::1",
        peer=TRUSTED_PROXY,
        forwarded_for="2001:db8:1234:5678::1",
    ),
    Row(
        "a client in the block, directly, with a header that names another",
        _PAGE,
        True,
        "203.0.113.7",
        peer="203.0.113.7",
        forwarded_for="198.51.100.1",
    ),
]
