"""The shorter form of a merged file: it must do the same, and keep what users and checkers read."""

from __future__ import annotations

import ast

import pytest

from sigv4.errors import SigningError
from sigv4.vendoring.trimming import condense


def condensed(code: str, *public: str, tables: tuple[str, ...] = ()) -> str:
    return condense(code, public, tables, ())


def test_comments_and_empty_lines_are_removed_except_what_checkers_read() -> None:
    kept = "# pyright: " + "ignore[reportX]"
    code = f"# a note\nx = 1  # another\n\n\ny = '# a text'  {kept}  # why\nz = 2  # a third\n"
    assert condensed(code) == f"x = 1\ny = '# a text'  {kept}\nz = 2\n"


def test_docstrings_of_public_names_are_kept_and_others_removed() -> None:
    code = '''
class C:
    """Of a class."""

    def f(self):
        """Of a method."""

    def _f(self):
        """Of a private method."""

class D:
    """Of another class."""

    def f(self):
        """Of its method."""
'''
    text = condensed(code, "C")
    assert [line.strip() for line in text.splitlines() if '"""' in line] == [
        '"""Of a class."""',
        '"""Of a method."""',
    ]
    assert text.count("pass") == 2  # `pass` replaces a docstring that was the whole body


def test_each_level_has_one_tab_and_each_statement_as_few_lines_as_possible() -> None:
    code = "if x:\n    print(\n        1,\n        2,\n    )\n"
    assert condensed(code) == "if x:\n\tprint(1, 2)\n"
    long = f"print(\n    {'x' * 60},\n    {'y' * 60},\n)\n"
    assert condensed(long) == f"print({'x' * 60},\n\t{'y' * 60})\n"


def test_adjacent_texts_on_a_line_become_one_and_those_of_another_kind_do_not() -> None:
    assert condensed('print(\n    "a"\n    "b"\n)\n') == 'print("ab")\n'
    assert condensed('print(\n    f"{x}"\n    f"b"\n)\n') == 'print(f"{x}b")\n'
    assert condensed('print(\n    f"{x}"\n    "{b}"\n)\n') == 'print(f"{x}" "{b}")\n'


@pytest.mark.parametrize(
    "code",
    [
        'x = """a\n  b"""\n',
        'x = """a\n\nb"""\n',
        'x = """a\n    # no comment\n"""\n',
        'print("""\n  a""", 1)\n',
    ],
)
def test_a_text_of_several_lines_is_kept_or_refused_but_never_changed(code: str) -> None:
    try:
        text = condensed(code)
    except SigningError:
        return
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(code))


def test_names_with_the_same_value_are_written_together_and_notes_left_out() -> None:
    values = 'T: Mapping[str, int] = {\n    "a": 1,  # why\n    "b": 1,\n    "c": 1,\n    "d": 2,\n}\n'
    found: dict[str, dict[str, object]] = {}
    exec(condensed(f"from __future__ import annotations\n{values}", "T", tables=("T",)), found)
    assert found["T"] == {"a": 1, "b": 1, "c": 1, "d": 2}
    notes = 'N: Mapping[str, str] = {\n    "a": "a note",\n    "b": "another",\n    "c": "a third",\n}\n'
    text = condensed(f"from __future__ import annotations\n{notes}", "N", tables=("N",))
    exec(text, found)
    assert found["N"] == {"a": "", "b": "", "c": ""}
    assert "note" not in text
