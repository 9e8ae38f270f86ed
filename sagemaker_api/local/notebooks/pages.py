"""The pages of the local endpoint: stylesheet, headers, and the pages with one sentence."""

from __future__ import annotations

import base64
import hashlib
import html
import time

from sigv4.request import Response

STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #667; --soft: #8881;
  --good: #17702e; --bad: #b3261e;
  --accent: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --quiet: #99a; --good: #6dd58c; --bad: #f2857e;
  --accent: #8ab4f8; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0;
  border-top: 1px solid var(--line); }
th { font-weight: 600; } td { overflow-wrap: anywhere; }
code, pre, textarea { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere;
  white-space: pre-wrap; }
pre { background: var(--soft); padding: .75rem; border-radius: .3rem; margin: 0; }
.no { color: var(--bad); } .yes { color: var(--good); } .quiet { color: var(--quiet);
  font-size: .85rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
button, input, textarea { font: inherit; padding: .15rem .6rem;
  border: 1px solid var(--line); border-radius: .3rem;
  background: var(--soft); color: inherit; }
button { cursor: pointer; } button:hover { border-color: var(--accent); }
textarea { width: 100%; min-height: 8rem; font: 13px/1.5 ui-monospace, monospace; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .4rem 0; }
#said { min-height: 1.5rem; }
@media (max-width: 50rem) {
  body { margin: 1rem auto; } .pair { grid-template-columns: 1fr; }
  table.cards th { display: none; } table.cards tr { display: block; padding: .4rem 0;
    border-top: 1px solid var(--line); }
  table.cards td { display: block; border: 0; padding: .05rem 0;
    } table.cards td:empty { display: none; }
}
"""


def digest(text: str) -> str:
    """The source expression of a Content-Security-Policy for an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_STYLE_SOURCE = digest(STYLE)
SAFE_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
)
OWN_HEADERS = (  # for answers that only this origin may read
    *SAFE_HEADERS,
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


def page_headers(script: str = "") -> tuple[tuple[str, str], ...]:
    """The headers of a page; ``script`` is its only script, which may connect only to its own origin."""
    allowed = f" script-src {digest(script)}; connect-src 'self';" if script else ""
    policy = (
        f"default-src 'none'; style-src {_STYLE_SOURCE};{allowed} form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return (
        ("Content-Type", "text/html; charset=utf-8"),
        *OWN_HEADERS,
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Content-Security-Policy", policy),
    )


PAGE_HEADERS = page_headers()


def page(title: str, body: str, status: int = 200, script: str = "") -> Response:
    """A page; ``title`` is text, ``body`` HTML whose text is escaped already, ``script`` its script."""
    title = html.escape(title)
    ending = f"<script>{script}</script>\n" if script else ""
    content = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n{body}\n{ending}"
        "</body></html>\n"
    )
    headers = page_headers(script) if script else PAGE_HEADERS
    return Response(status, headers, content.encode("utf-8", "backslashreplace"))


def notice(title: str, text: str, status: int = 200) -> Response:
    """A page of one sentence."""
    return page(title, f"<p>{html.escape(text)}</p>", status)


def sign_in() -> Response:
    """Redirects a visitor without a valid session to the sign-in page."""
    return Response(302, (("Location", "/sign-in"), *SAFE_HEADERS))


def signed_out() -> Response:
    """The sign-in page."""
    return notice("Signed out", "The URL or session has expired. Ask for a new one: it opens for 5 minutes.")


def denied(notebook: str, address: str) -> Response:
    """The page for a valid URL or session whose identity is not allowed from the client's address."""
    return notice(
        "Access denied",
        f"The policies of the identity that asked for this URL do not allow it to open {notebook} from "
        f"{address or 'an unknown address'}.",
        403,
    )


def not_in_service(notebook: str, status: str) -> Response:
    return notice("Not in service", f"The notebook instance {notebook} is {status}.", 503)


def moment(seconds: float) -> str:
    """The time as a page shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
