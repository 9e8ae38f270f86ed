"""The layout of the HTML pages of ``explain`` and ``diagnose``: one file each, which loads nothing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as html

from ..errors import SigningError
from . import reference_data
from .rule import rules_of
from .rule_html import rule_html

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881;
  --bad: #c62828; --good: #1b7f3b; --maybe: #a15c00; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7fd99a; --maybe: #ffc266; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td, th { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid var(--line); }
th { font-weight: 600; } td:first-child, th:first-child { width: 55%; } th:nth-child(2) { width: 17%; }
.given code { background: #2a78; } .added code { background: #c808; } .target code { background: #06c6; }
.body code { background: #a0a6; } .rules, .origin { font-size: .85rem; }
.legend span { display: inline-block; padding: .1rem .5rem; margin-right: .5rem; border-radius: .2rem; }
.legend .given { background: #2a78; } .legend .added { background: #c808; }
.legend .target { background: #06c6; } .legend .body { background: #a0a6; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }
.card h2 { margin: 0 0 .25rem; } .card p { margin: .25rem 0; }
.tag { font-size: .8rem; padding: .05rem .5rem; border-radius: 1rem; border: 1px solid currentColor; }
.proved, .wrong { color: var(--bad); } .likely, .undecided { color: var(--maybe); }
.right { color: var(--good); }
.verdict { font-size: 1.1rem; font-weight: 600; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin: .5rem 0; }
.two div { background: var(--soft); padding: .5rem; border-radius: .25rem; min-width: 0; }
.two b { display: block; font-size: .8rem; font-weight: 600; }
del, ins { text-decoration: none; border-radius: .15rem; padding: 0 .1rem; }
del { background: #e5737366; } ins { background: #66bb6a66; }
pre.fix { background: var(--soft); padding: .5rem; border-radius: .25rem; margin: .5rem 0 0;
  user-select: all; }
details { margin: .25rem 0; } details p, details pre, details ul { margin: .25rem 0 .75rem; }
details pre { background: var(--soft); padding: .5rem; border-radius: .25rem; }
summary { cursor: pointer; }
@media (max-width: 50rem) {
  .two { grid-template-columns: 1fr; }
  td, tr { display: block; width: auto !important; } th { display: none; }
  td + td { border-top: 0; padding-top: 0; }
}
"""


def page_of(title: str, parts: Iterable[str], ids: Iterable[str] = ()) -> str:
    """A whole page of ``parts``; the texts of the rules ``ids`` are at its end, as targets of links."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html(title)}</title>\n<style>{_STYLE}</style></head><body>\n"
        f"<h1>{html(title)}</h1>\n" + "\n".join(parts) + _rules(ids) + "\n</body></html>\n"
    )


def link(rule: str) -> str:
    """A rule id as a link to its text on the same page."""
    return f'<a href="#{html(rule)}">{html(rule)}</a>'


def _rules(ids: Iterable[str]) -> str:
    """The texts of the rules; nothing if this copy of the package does not have them."""
    try:
        known = rules_of(reference_data.protocol_page())
    except SigningError:
        return ""
    cited = [id for id in dict.fromkeys(ids) if id in known]
    if not cited:
        return ""
    shown = "".join(
        f'<details id="{html(id)}" open><summary>{html(id)}</summary>{rule_html(known[id])}</details>\n'
        for id in cited
    )
    return f"\n<h2>The rules</h2>\n{shown}"
