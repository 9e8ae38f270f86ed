"""The values of conditions, compared with the standard library; what cannot be read is refused with what was expected."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest

from sagemaker_api.local.iam.conditions import Comparison, check_key, read_value
from sagemaker_api.local.iam.values import Block, binary, network, number


def expected(text: str) -> Block:
    found = ipaddress.ip_network(text, strict=False)
    return Block(found.version, int(found.network_address), int(found.broadcast_address))


@pytest.mark.parametrize("base", ["203.0.113.77", "2001:db8:1234:5678:9abc:def0:1234:5678"])
def test_a_block_has_the_addresses_of_its_prefix(base: str) -> None:
    for prefix in range(33 if "." in base else 129):
        assert network(f"{base}/{prefix}") == expected(f"{base}/{prefix}")
    assert network(base) == expected(base)


def test_a_block_of_mapped_addresses_is_one_of_ipv4_from_the_prefix_96_on() -> None:
    mapped, plain = "::ffff:203.0.113.77", "203.0.113.77"
    for prefix in range(129):
        wanted = expected(f"{mapped}/{prefix}") if prefix < 96 else expected(f"{plain}/{prefix - 96}")
        assert network(f"{mapped}/{prefix}") == wanted


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (number, "1.", "expected an integer or decimal number"),
        (number, "٣", "expected an integer or decimal number"),
        (binary, "YW*Jj", "expected bytes in base64"),
        (binary, "YWJ", "expected bytes in base64"),
        (binary, "ä", "expected bytes in base64"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused(
    read: Callable[[str], object], text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        read(text)


def test_bytes_in_base64_are_read() -> None:
    assert binary("YWJj") == b"abc"


@pytest.mark.parametrize("text", ["NullIfExists", "ForAnyValue:Null", "ForAllValues:NullIfExists"])
def test_null_is_the_whole_operator(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected only Null: it has neither IfExists nor a quantifier$"):
        Comparison.parse(text)
    assert Comparison.parse("Null") == ("", "Null", False)


def test_an_operator_that_cannot_compare_a_key_is_refused_with_those_that_can() -> None:
    with pytest.raises(
        ValueError, match=r"^NumericEquals cannot compare this key: expected one of "
    ) as caught:
        check_key("aws:SourceIp", "NumericEquals")
    assert "StringEquals, StringNotEquals" in str(caught.value)
    assert "IpAddress, NotIpAddress" in str(caught.value)
    check_key("aws:SourceIp", "IpAddress")


def test_a_value_with_a_variable_that_no_request_has_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        read_value("${aws:NoSuchKey}", "StringEquals", variables=True)
    assert read_value("${aws:NoSuchKey}", "StringEquals", variables=False).source == "${aws:NoSuchKey}"
    assert read_value("${aws:userid}", "StringEquals", variables=True).source == "${aws:userid}"
