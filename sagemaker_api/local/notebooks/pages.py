"""The pages of the local endpoint: no script, nothing from elsewhere, nothing kept by a cache."""

from __future__ import annotations

import base64
import hashlib
import html

from sigv4.request import Response

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #ddd;vertical-align:top}pre,code{font:14px/1.4 ui-monospace,monospace}"
    "pre{overflow:auto;background:#f6f6f6;padding:1rem}.no{color:#a00}.yes{color:#060}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
SAFE_HEADERS = (
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
)
PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    *SAFE_HEADERS,
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'",
    ),
)


def page(title: str, body: str, status: int = 200, style: str = "") -> Response:
    """A page; ``title`` is text, ``body`` HTML whose text is escaped already, ``style`` STYLE or none."""
    title = html.escape(title)
    styled = f"<style>{style}</style>\n" if style else ""
    content = f"<!doctype html>\n<title>{title}</title>\n{styled}<h1>{title}</h1>\n{body}\n"
    return Response(status, PAGE_HEADERS, content.encode("utf-8", "backslashreplace"))


def notice(title: str, text: str, status: int = 200) -> Response:
    """A page of one sentence."""
    return page(title, f"<p>{html.escape(text)}</p>", status)


def sign_in() -> Response:
    """The way to the sign-in page, for whoever has no live session."""
    return Response(302, (("Location", "/sign-in"), *SAFE_HEADERS))


def signed_out() -> Response:
    """The sign-in page."""
    return notice("Signed out", "The URL or the session is over. Ask for a new URL: it opens for 5 minutes.")


def denied(notebook: str, address: str) -> Response:
    """A live URL or session whose identity may not do this from where the client is."""
    return notice(
        "Access denied",
        f"The policies of the identity that asked for this URL do not allow it to open {notebook} from "
        f"{address or 'an unknown address'}.",
        403,
    )


def not_in_service(notebook: str, status: str) -> Response:
    return notice("Not in service", f"The notebook instance {notebook} is {status}.", 503)
