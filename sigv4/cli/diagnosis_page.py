"""A ``Diagnosis`` as one HTML page that loads nothing: no script, no font, no image from anywhere."""

from __future__ import annotations

from html import escape as html

from ..diagnosis.diagnose import Diagnosis
from ..diagnosis.findings import Finding
from ..diagnosis.masking import without_password
from ..request import Request
from .colours import split_difference, visible
from .pages import link, page_of


def page(diagnosis: Diagnosis, request: Request) -> str:
    """The whole page, without the query of the request, which may contain a secret."""
    where = f"{request.method} {without_password(request.url.partition('?')[0])}"
    parts = [
        f"<p><code>{html(where)}</code></p>",
        f'<p class="verdict {diagnosis.verdict}">{html(diagnosis.summary())}</p>',
        *(_card(each) for each in diagnosis.findings),
    ]
    if not diagnosis.findings:
        parts.append("<p>Nothing else was found.</p>")
    ids = [id for each in diagnosis.findings for id in (each.id, each.rule)]
    return page_of(
        "Why this signature is refused" if diagnosis.verdict == "wrong" else "A signature, checked",
        parts,
        ids,
    )


def _card(each: Finding) -> str:
    two = ""
    if each.given or each.other:
        start, ours, theirs, end = (html(visible(part)) for part in split_difference(each.given, each.other))
        two = (
            f'<div class="two"><div><b>this request</b><code>{start}<del>{ours}</del>{end}</code></div>'
            f"<div><b>the other</b><code>{start}<ins>{theirs}</ins>{end}</code></div></div>"
        )
    tag = f'<span class="tag {each.certainty}">{each.certainty}</span>'
    return (
        f'<section class="card"><h2>{link(each.id)} {tag}</h2>'
        f"<p>{html(each.cause)}</p><p><code>{html(visible(each.evidence))}</code></p>{two}"
        f'<pre class="fix">{html(each.fix)}</pre><p class="rules">{link(each.rule)}</p></section>'
    )
