"""The AWS CLI's shorthand for an object, as the flags read it."""

from __future__ import annotations

import pytest

from sagemaker_api.cli import main
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
    *[(text, None) for text in (" k=a", "k=a,,b", "k=a,,,b=c", "k==a", "k=it's", "k=[a] ", "k={a=b} ", "k=a\x01", "é=a", "k=a]")],
    *[(text, None) for text in ("k={b=a,c", "k=[a=b", "k=['a", "k@", "k@b", "k@@=b", "\xa0k=a", "k=a,'b'=c")],
    ("k={a=b,}", {"k": {"a": "b"}}),
    ("k=[,]", {"k": [""]}),
    ("k=[a=b]", {"k": ["a=b"]}),
    ("k=a,]}", {"k": ["a", "]}"]}),
    ("=a", {"": "a"}),
    ("k=,", None),
    ("k=a,=b", {"k": "a", "": "b"}),
    ("k='a\\'", {"k": "a\\"}),
    ("k='a\\',b='c',d=\\'", None),
    ("k @ = a", {"k": "a"}),
    ("k=a ,\tb=c", {"k": "a", "b": "c"}),
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


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ShorthandError, match=r"^The brackets are nested too deeply$"):
        parse_shorthand("k=" + "[" * 100_000)


def test_every_text_of_a_member_may_be_in_a_file() -> None:
    load = {"x": "1", "y": "2", "": ""}.__getitem__
    assert parse_shorthand("a@=x,y,b@=[x,'y'],c={d=x,e@=y}", load) == {
        "a": ["1", "2"],
        "b": ["1", "2"],
        "c": {"d": "x", "e": "2"},
    }


@pytest.mark.parametrize("given", ["fileb:///x", "Key=a,Value@=fileb:///x"])
def test_no_parameter_is_read_as_bytes(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["add-tags", "--region", "us-east-1", "--resource-arn", "a", "--tags", given]) == 252
    assert "fileb:///x would be bytes" in capsys.readouterr().err
