"""The AWS CLI's shorthand for an object, as the flags read it."""

from __future__ import annotations

import pytest

from sagemaker_api.cli.shorthand import ShorthandError, parse_shorthand

SHORTHAND: list[tuple[str, object]] = [
    ("Key=a,Value=b", {"Key": "a", "Value": "b"}),
    ("Key = a , Value = b c", {"Key": "a", "Value": "b c"}),
    ("Key=,Value=x=y", {"Key": "", "Value": "x=y"}),
    ("Key='a,b',Value=\"x=\\\"y\\\"\"", {"Key": "a,b", "Value": 'x="y"'}),
    (r"Key=a\,b,Value=c\d", {"Key": "a,b", "Value": r"c\d"}),
    (r"Key='it\'s',Value=\ ", {"Key": "it's", "Value": "\\"}),
    ("Key=a,Value=b,c", {"Key": "a", "Value": ["b", "c"]}),
    ("Key=a,,Value=b", {"Key": "a", "Value": "b"}),
    ("Key=a,Value=[b,{c=d},[e]]", {"Key": "a", "Value": ["b", {"c": "d"}, ["e"]]}),
    ("Key=a,Value={b={c=d},e=[f]}", {"Key": "a", "Value": {"b": {"c": "d"}, "e": ["f"]}}),
    ("Key=[],Value={}", {"Key": [], "Value": {}}),
    ("Key=aws:x,Value=a/b:c@d", {"Key": "aws:x", "Value": "a/b:c@d"}),
    ("a-b=c,a.b=c,a#b=c,a/b=c,a:b=c", {"a-b": "c", "a.b": "c", "a#b": "c", "a/b": "c", "a:b": "c"}),
    ("k=[a b,c d]", {"k": ["a b", "c d"]}),
    ("k={a=1, b=2},j=[a,]", {"k": {"a": "1", "b": "2"}, "j": ["a"]}),
    ("a=x,y,b= 'z' ,c=z\\", {"a": ["x", "y"], "b": "z", "c": "z\\"}),
    *[(text, None) for text in ("", ",", "Key", "a b=c", "Key=a,", "Key=a,Key=b", 'Key="a', "Key={b", "Key=[b")],
    *[(text, None) for text in ("Key={b}", 'Key="a"b', "a+b=c")],
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SHORTHAND)
def test_shorthand(text: str, expected: object) -> None:
    if expected is None:
        with pytest.raises(ShorthandError):
            parse_shorthand(text)
    else:
        assert parse_shorthand(text) == expected


@pytest.mark.interop
@pytest.mark.parametrize(("text", "expected"), SHORTHAND)
def test_the_aws_cli_reads_shorthand_in_the_same_way(text: str, expected: object) -> None:
    shorthand = pytest.importorskip("awscli.shorthand", reason="awscli is not installed (extra `interop`)")
    if expected is None:
        with pytest.raises(shorthand.ShorthandParseError):
            shorthand.ShorthandParser().parse(text)
    else:
        assert shorthand.ShorthandParser().parse(text.rstrip()) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Expected '=', received the end in '' at 0"),
        ("a b=c", "Expected '=', received 'b' in 'a b=c' at 2"),
        ("Key=a,", "Expected a value, received the end in 'Key=a,' at 6"),
        ("Key=a,Key=b", "Second instance of key 'Key' in 'Key=a,Key=b'"),
        ("Key='a", "Expected ', received the end in \"Key='a\" at 6"),
        ("Key={b}", "Expected '=', received '}' in 'Key={b}' at 6"),
        ("Key=[b", "Expected ',', received the end in 'Key=[b' at 6"),
        ("Key='a'b", "Expected ',', received 'b' in \"Key='a'b\" at 7"),
    ],
)
def test_a_fault_in_shorthand_is_reported_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ShorthandError) as refused:
        parse_shorthand(text)
    assert str(refused.value) == told


def test_a_value_of_shorthand_may_be_in_a_file() -> None:
    load = {"x": "a,b"}.__getitem__
    assert parse_shorthand("Key=a,Value@=x", load) == {"Key": "a", "Value": "a,b"}
    assert parse_shorthand("Key=x,y,Value@=x", load) == {"Key": ["x", "y"], "Value": "a,b"}
