"""The rules of docs/protocol.md as HTML, as the pages of ``explain`` and ``diagnose`` show them."""

from __future__ import annotations

import pytest

from sigv4.cli.reference_data import protocol_page
from sigv4.cli.rule import rules_of
from sigv4.cli.rule_html import rule_html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**MUST.** A *b* c.", "<p><strong>MUST.</strong> A <em>b</em> c.</p>"),
        ("`a*b*` and `` ` { | } `` end", "<p><code>a*b*</code> and <code>` { | }</code> end</p>"),
        ("a\n\n```text\nx  <y>\n\nz\n```\nb", "<p>a</p><pre>x  &lt;y&gt;\n\nz</pre><p>b</p>"),
        (
            "| n | why |\n| --- | --- |\n| `a`, `b` | c |",
            "<ul><li><code>a</code>, <code>b</code>: c</li></ul>",
        ),
        ("<!-- x -->\n\na\nb\n\n- *Code:* `c`", "<p>a b</p>"),
        ("X-Amz-* and *.b", "<p>X-Amz-* and *.b</p>"),
    ],
)
def test_markdown_becomes_html(text: str, shown: str) -> None:
    assert rule_html(text) == shown


def test_no_rule_of_the_page_keeps_its_marks() -> None:
    for id, text in rules_of(protocol_page()).items():
        told = rule_html(text)
        assert not any(mark in told for mark in ("**", "```", "``", "&lt;!--", "*Source", "| ---")), (
            id,
            told,
        )
