"""Follows the page that redirects to an AuthorizedUrl, as a browser does."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.request import url2pathname


def url_in(page: str) -> str:
    """The target of the page at a ``file:`` URL."""
    text = Path(url2pathname(page.removeprefix("file://"))).read_text("utf-8")
    return html.unescape(text.partition('content="0;url=')[2].partition('"')[0])


class RecordingBrowser:
    """Replaces ``webbrowser.open``: follows each page, keeps its target, and says that it opened it."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, page: str) -> bool:
        self.opened.append(url_in(page))
        return True
