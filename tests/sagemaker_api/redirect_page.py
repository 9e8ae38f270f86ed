"""What a browser would do with the page that leads to an AuthorizedUrl."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.request import url2pathname


def url_in(page: str) -> str:
    """The URL that the page of a ``file:`` URL leads to."""
    text = Path(url2pathname(page.removeprefix("file://"))).read_text("utf-8")
    return html.unescape(text.partition('content="0;url=')[2].partition('"')[0])
