"""An ``Explanation`` as one HTML page that loads nothing: no script, no font, no image from anywhere."""

from __future__ import annotations

from html import escape as html

from ..explanation import ADDED, AS_SENT, OF_BODY, OF_LITERAL, OF_NO_BODY, OF_REQUEST, OF_URL
from .pages import link, page_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..credentials import Credentials
    from ..explanation import Explanation, Line

# One colour per origin, to show what the caller gave and what the signer added.
_KINDS = {
    OF_REQUEST: "given",
    AS_SENT: "given",
    ADDED: "added",
    OF_URL: "target",
    OF_BODY: "body",
    OF_NO_BODY: "body",
    OF_LITERAL: "body",
}


def page(explanation: Explanation, credentials: Credentials | None = None, before: Iterable[str] = ()) -> str:
    """The whole page, ``before`` at its top. With the ``credentials`` the token and the keys are shown."""
    steps = []
    for number, step in enumerate(explanation.steps(credentials), 1):
        rows = "\n".join(_row(line) for line in step.lines)
        steps.append(
            f"<h2>{number}. {html(step.title)}</h2>\n"
            f"<table><tr><th>text</th><th>rules</th><th>origin</th></tr>\n{rows}\n</table>"
        )
    signed = "".join(f"<li><code>{html(name)}</code></li>" for name in explanation.signed_headers.split(";"))
    unsigned = "".join(
        f"<li><code>{html(name)}</code>: {html(reason)}</li>" for name, reason in explanation.unsigned.items()
    )
    ids = [
        id.strip()
        for step in explanation.steps(credentials)
        for line in step.lines
        for id in line.rules.split(",")
    ]
    return page_of(
        "A signature, step by step",
        [
            *before,
            f"<p>Scope <code>{html(explanation.credential_scope)}</code></p>",
            '<p class="legend"><span class="given">given</span><span class="target">from the URL</span>'
            '<span class="added">added by the signer</span><span class="body">the body</span></p>',
            *steps,
            f"<h2>What is signed</h2>\n<ul>{signed}</ul>\n<h2>What is not</h2>",
            f"<ul>{unsigned}</ul>" if unsigned else "<p>Every header that is sent is signed.</p>",
        ],
        ids,
    )


def _row(line: Line) -> str:
    kind = _KINDS.get(line.origin) or ("target" if line.origin.startswith(("the path", "the query")) else "")
    rules = ", ".join(link(id.strip()) for id in line.rules.split(",") if id.strip())
    return (
        f'<tr class="{kind}"><td><code>{html(line.text) or "&nbsp;"}</code></td>'
        f'<td class="rules">{rules}</td><td class="origin">{html(line.origin)}</td></tr>'
    )
