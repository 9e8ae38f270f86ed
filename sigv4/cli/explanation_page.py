"""An ``Explanation`` as one HTML page that loads nothing: no script, no font, no image from anywhere."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..credentials import Credentials
    from ..explanation import Explanation, Line

# One colour an origin, so that what the caller gave stands out from what the signer adds.
_KINDS = {
    "a header of the request": "given",
    "the method, as sent": "given",
    "added by the signer": "added",
    "taken from the URL": "target",
    "SHA-256 of the body": "body",
    "SHA-256 of no bytes": "body",
    "a literal in place of the hash of the body": "body",
}
_STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td, th { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid var(--line); }
th { font-weight: 600; } td:first-child, th:first-child { width: 55%; } th:nth-child(2) { width: 17%; }
code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.given code { background: #2a78; } .added code { background: #c808; } .target code { background: #06c6; }
.body code { background: #a0a6; } .rules, .origin { font-size: .85rem; }
.legend span { padding: .1rem .5rem; margin-right: .5rem; border-radius: .2rem; }
.legend .given { background: #2a78; } .legend .added { background: #c808; }
.legend .target { background: #06c6; } .legend .body { background: #a0a6; }
@media (max-width: 50rem) { td, th, tr { display: block; width: auto !important; } }
"""


def page(explanation: Explanation, credentials: Credentials | None = None) -> str:
    """The whole page. With the ``credentials`` the session token and the keys are shown."""
    steps = []
    for number, step in enumerate(explanation.steps(credentials), 1):
        rows = "\n".join(_row(line) for line in step.lines)
        steps.append(
            f"<h2>{number}. {_html(step.title)}</h2>\n"
            f"<table><tr><th>text</th><th>rules</th><th>origin</th></tr>\n{rows}\n</table>"
        )
    signed = "".join(f"<li><code>{_html(name)}</code></li>" for name in explanation.signed_headers.split(";"))
    unsigned = "".join(
        f"<li><code>{_html(name)}</code>: {_html(reason)}</li>"
        for name, reason in explanation.unsigned.items()
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>A signature, step by step</title>\n<style>{_STYLE}</style></head><body>\n"
        "<h1>A signature, step by step</h1>\n"
        f"<p>Scope <code>{_html(explanation.credential_scope)}</code></p>\n"
        '<p class="legend"><span class="given">given</span><span class="target">from the URL</span>'
        '<span class="added">added by the signer</span><span class="body">the body</span></p>\n'
        + "\n".join(steps)
        + f"\n<h2>What is signed</h2>\n<ul>{signed}</ul>\n<h2>What is not</h2>\n"
        + (f"<ul>{unsigned}</ul>" if unsigned else "<p>Every header that is sent is signed.</p>")
        + "\n</body></html>\n"
    )


def _row(line: Line) -> str:
    kind = _KINDS.get(line.origin) or ("target" if line.origin.startswith(("the path", "the query")) else "")
    return (
        f'<tr class="{kind}"><td><code>{_html(line.text) or "&nbsp;"}</code></td>'
        f'<td class="rules">{_html(line.rules)}</td><td class="origin">{_html(line.origin)}</td></tr>'
    )


def _html(text: str) -> str:
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )
