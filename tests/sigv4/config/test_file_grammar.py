"""The lines of a shared file: sections, properties and blocks with their places."""

from __future__ import annotations

from configparser import RawConfigParser

import pytest

from sigv4 import ConfigError
from sigv4.config.file_grammar import parse
from sigv4.config.shared_config import expand_variables, merged, read_shared_config


def sections(text: str) -> list[tuple[str, int, dict[str, tuple[str, dict[str, str], str]]]]:
    return [
        (
            each.header,
            each.line,
            {name: (entry.value, entry.block, entry.origin) for name, entry in each.properties.items()},
        )
        for each in parse("f", text)
    ]


HEADERS = [
    "[a]",
    "[a] ",
    "[profile a]",
    "[ a ]",
    "[a]b]",
    "[a]b]c]d",
    "[a]b",
    "[[a]",
    "[a]]",
    "[a b]\t",
    "[a] b [c]",
]


@pytest.mark.parametrize("line", HEADERS)
def test_a_header_is_read_as_configparser_reads_it(line: str) -> None:
    found = RawConfigParser.SECTCRE.match(line)
    assert found is not None
    assert [each.header for each in parse("f", f"{line}\n")] == [found["header"]]


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("[a] # b]", "a"),
        ("[a]b] ; c]d]", "a]b"),
        ("[a]#]", "a"),
        ("[a]b]c] #]", "a]b]c"),
        ("[a] b # c]", "a] b # c"),
    ],
)
def test_a_comment_after_a_header_may_hold_a_bracket(line: str, header: str) -> None:
    assert [each.header for each in parse("f", f"{line}\n")] == [header]


@pytest.mark.parametrize("line", ["[a", "[]", "["])
def test_a_header_without_its_end_is_refused_with_its_place(line: str) -> None:
    for before, number in (("", 1), ("[x]\n", 2)):
        with pytest.raises(ConfigError, match=rf"^f:{number}: Profile definition must end with '\]'$"):
            parse("f", f"{before}{line}\n")


def test_places_values_and_blocks() -> None:
    text = (
        "# comment\n[a]\nB = c # d\n\n  # e\nf: g=h\n[b]\nblock =\n  x = y ; z\n\n  v=\n\nlast = 1\n  more\n\n\n"
        "[a]\nB = later\n"
    )
    assert sections(text) == [
        ("a", 2, {"b": ("later", {}, "f:18"), "f": ("g=h", {}, "f:6")}),
        ("b", 7, {"block": ("", {"x": "y", "v": ""}, "f:8"), "last": ("1\nmore", {}, "f:13")}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_a_line_counts(end: str) -> None:
    text = "\ufeff[a]\nb = c\n  d\n".replace("\n", end)
    assert sections(text) == [("a", 1, {"b": ("c\nd", {}, "f:2")})]


def test_a_line_continues_only_what_is_indented_less() -> None:
    assert sections("[a]\n  b = c\n  d = e\n    f\n g = h\n") == [
        ("a", 1, {"b": ("c", {}, "f:2"), "d": ("e\nf", {}, "f:3"), "g": ("h", {}, "f:5")})
    ]


def test_the_defaults_count_if_nothing_else_is_set() -> None:
    assert sections("[DEFAULT]\na = 1\nb = 2\n[x]\nb = 3\n[default]\n") == [
        ("x", 4, {"a": ("1", {}, "f:2"), "b": ("3", {}, "f:5")}),
        ("default", 6, {"a": ("1", {}, "f:2"), "b": ("2", {}, "f:3")}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = b", "f:1: Expected a profile definition such as [default]"),
        ("[x]\nname", "f:2: Expected an '=' sign defining a property"),
        ("[x]\n = b", "f:2: Property did not have a name"),
        ("[x]\n: b", "f:2: Property did not have a name"),
        ("[x]\na =\n  b", "f:3: Expected an '=' sign defining a sub-property"),
        ("[x]\na =\n\n  b = c\n  d", "f:5: Expected an '=' sign defining a sub-property"),
    ],
)
def test_an_unreadable_input_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse("f", text)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "value", "block"),
    [
        ("a = # b\n  c", "c", {}),
        ("a = # b\n  c = d", "", {"c": "d"}),
        ("a = ;b\n  c = d # e", "", {"c": "d"}),
        ("a = b;c", "b;c", {}),
        ("a = b ;c", "b", {}),
        ("a = b\u00a0#c", "b", {}),
    ],
)
def test_comments_after_values(text: str, value: str, block: dict[str, str]) -> None:
    ((_, _, found),) = sections(f"[x]\n{text}")
    assert found == {"a": (value, block, "f:2")}


def test_neither_values_nor_blocks_are_shown() -> None:
    assert "secret" not in repr(parse("f", "[x]\na = secret\nb =\n  c = secret\n"))


# --- the meaning of sections


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("profile a", "a"),
        ("profile\ta", "a"),
        ("profile   a ", "a"),
        ('profile "a b"', "a b"),
        ("profile 'a b'", "a b"),
        (r"profile a\ b", "a b"),
        ("default", "default"),
        ("profile default", "default"),
        ("profile a b", None),
        ("profile", None),
        ('profile "a', None),
        ('profile "a" b', None),
        ("a", None),
    ],
)
def test_the_name_of_a_profile(header: str, name: str | None) -> None:
    found = merged(("config", f"[{header}]\nk = v\n"), ("credentials", ""))
    assert list(found.profiles) == ([] if name is None else [name])
    assert len(found.ignored) == (name is None)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "profile a b",
            '[profile a b] is ignored: expected one name, [profile NAME] or [profile "LONG NAME"]',
        ),
        (
            "services",
            '[services] is ignored: expected one name, [services NAME] or [services "LONG NAME"]',
        ),
        (" profile a", "[ profile a] is ignored: expected no blanks after the bracket, [profile a]"),
        (" default", "[ default] is ignored: expected no blanks after the bracket, [default]"),
        ("a", "[a] is ignored: a profile of the config file is written [profile a]"),
        (" a ", "[ a ] is ignored: a profile of the config file is written [profile a]"),
    ],
)
def test_why_a_section_of_the_config_file_is_passed_over(header: str, said: str) -> None:
    found = merged(("config", f"\n[{header}]\nk = v\n"), ("credentials", ""))
    assert found.ignored == (f"config:2: {said}",)
    bare = not header.startswith(("profile", "services"))
    assert found.bare == ({header.strip(): "config:2"} if bare else {})


@pytest.mark.parametrize("header", ["plugins", "preview"])
def test_sections_of_the_cli_are_ignored(header: str) -> None:
    found = merged(("config", f"[{header}]\nk = v\n"), ("credentials", ""))
    assert (found.profiles, found.ignored, found.bare) == ({}, (), {})


def test_the_credentials_file_has_only_bare_names() -> None:
    text = "\n[profile a]\nk = v\n[sso-session b]\n[services c]\n[d e]\nk = w\n[profiled]\n"
    found = merged(("config", ""), ("credentials", text))
    said = "is ignored: in the credentials file a header is only the profile's name, [name]"
    assert found.ignored == (
        f"credentials:2: [profile a] {said}",
        f"credentials:4: [sso-session b] {said}",
        f"credentials:5: [services c] {said}",
    )
    assert sorted(found.profiles) == sorted(found.of_credentials) == ["d e", "profiled"]
    assert found.of_config == {}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$A/b", "one/b"),
        ("${A}/b", "one/b"),
        ("${A b}", "two"),
        ("$AB", "$AB"),
        ("$A-b$A", "one-bone"),
        ("$", "$"),
        ("${", "${"),
        ("${A", "${A"),
        ("${}", "${}"),
        ("$}A", "$}A"),
        ("$1", "three"),
        ("$Ä", "$Ä"),
        ("$_/x", "four/x"),
        ("$$A", "$one"),
        ("plain", "plain"),
    ],
)
def test_variables_in_a_path(path: str, found: str) -> None:
    environ = {"A": "one", "A b": "two", "1": "three", "_": "four", "": "five", "XXXX": "six"}
    assert expand_variables(path, environ) == found


def test_defaults_that_count_in_very_many_sections_are_refused() -> None:
    defaults = "[DEFAULT]\n" + "".join(f"a{number} = b\n" for number in range(1100))
    with pytest.raises(
        ConfigError, match=r"config:1: 1100 properties of \[DEFAULT\] count in each of 1000 sections"
    ):
        parse("config", defaults + "".join(f"[profile p{number}]\n" for number in range(1000)))
    assert len(parse("config", defaults + "[default]\na = c")[0].properties) == 1101


def test_a_very_long_header_with_quotes_names_no_profile() -> None:
    found = merged(("config", f"[profile '{'a' * 5000}']\n[profile b]\n"), ("credentials", ""))
    assert list(found.profiles) == ["b"]
    assert "is ignored: expected one name" in found.ignored[0]


@pytest.mark.parametrize(("size", "refused"), [(1 << 24, False), ((1 << 24) + 1, True)])
def test_a_file_of_up_to_16_mib_is_read(tmp_path: object, size: int, refused: bool) -> None:
    path = f"{tmp_path}/config"
    with open(path, "wb") as file:
        file.write(b"#")
        file.truncate(size)
    environ = {"AWS_CONFIG_FILE": path, "HOME": str(tmp_path)}
    if refused:
        with pytest.raises(ConfigError, match=f"^Unable to parse config file: {path}: more than 16 MiB$"):
            read_shared_config(environ)
    else:
        assert read_shared_config(environ).profiles == {}
