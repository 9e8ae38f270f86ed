"""4A: which texts are region sets, and which regions each set covers."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.v4a import check_region, covers

pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")


@pytest.mark.parametrize(
    "text", ["*", "us-east-1", "us-east-1,us-west-2", "us-*", "us-*,eu-central-1", "*-1"]
)
def test_v4a_1_a_region_set_in_its_wire_form_is_accepted(text: str) -> None:
    assert check_region(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "us-east-1,",
        ",us-east-1",
        "us-east-1, us-west-2",
        " us-east-1",
        "us-east-1\n",
        "a\r\nb: c",
        "é",
        "a/b",
        "a;b",
        "١",
    ],
)
def test_v4a_1_any_other_region_set_is_refused_with_the_form_expected(text: str) -> None:
    with pytest.raises(SigningError, match="expected '\\*', or regions with ',' between them") as caught:
        check_region(text)
    assert repr(text) in str(caught.value)


def test_v4a_1_a_refused_region_set_is_shown_up_to_a_bound() -> None:
    with pytest.raises(SigningError) as caught:
        check_region(f"{'a' * 180},{'b' * 100}/")
    assert str(caught.value) == (
        f"the region set is '{'a' * 180},{'b' * 19}', with the region '{'b' * 60}': expected '*', or regions with "
        "',' between them and no spaces, such as 'us-east-1,us-west-2'"
    )


@pytest.mark.parametrize(
    ("region_set", "region", "expected"),
    [
        ("*", "us-east-1", True),
        ("us-east-1", "us-east-1", True),
        ("us-east-1", "us-east-12", False),
        ("us-*", "us-east-1", True),
        ("us-*", "eu-west-1", False),
        ("*-1", "us-east-1", True),
        ("*-1", "us-east-2", False),
        ("us-*-1", "us-east-1", True),
        ("us-east-1*", "us-east-1", True),
        ("a-b*b-c", "a-b-c", False),
        ("a-b*b-c", "a-bb-c", True),
        ("us-*-*", "us-east-1", False),
        ("eu-west-1,us-*", "us-east-1", True),
        ("us-*,eu-west-1", "eu-west-1", True),
        ("", "us-east-1", False),
        ("US-*", "us-east-1", False),
        ("eu-west-1, us-east-1", "us-east-1", False),
    ],
)
def test_verify_13_which_regions_a_set_covers(region_set: str, region: str, expected: bool) -> None:
    assert covers(region_set, region) is expected


def test_v4a_1_a_list_of_regions_is_refused_with_the_form_expected() -> None:
    regions: Any = ["us-east-1"]
    with pytest.raises(SigningError, match="the region set is list: expected"):
        check_region(regions)
