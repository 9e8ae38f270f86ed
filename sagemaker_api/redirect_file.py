"""Opens a URL in the browser with a file that only its owner can read.

A browser gets its page as an argument, which every user of the machine can read. So it gets a file that
redirects to the URL, as in Jupyter. The file is removed after the browser has had time to read it.
"""

from __future__ import annotations

import html
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_SECONDS = 60  # enough for a browser that is not running yet
_PREFIX = "sagemaker-api-open-"
_PAGE = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Opening the notebook instance</title>
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url={url}"></head>
<body><p>If nothing happens:
<a rel="noreferrer" href="{url}">open the notebook instance</a>.</p></body></html>
"""
# Runs in a separate process, since the command that opens the page ends at once.
_REMOVE = """\
import os, sys, time
if hasattr(os, "fork") and os.fork():
    os._exit(0)
time.sleep(float(sys.argv[1]))
os.unlink(sys.argv[2])
os.rmdir(sys.argv[3])
"""


def open_privately(url: str, open_page: Callable[[str], bool] | None = None) -> bool:
    """Opens ``url`` in the system's browser; returns whether it did. ``open_page`` gets the file's URL."""
    if open_page is None:
        import webbrowser

        open_page = webbrowser.open
    _remove_old_files()
    path = _write(url)
    try:
        opened = open_page(path.as_uri())
    except BaseException:
        _remove(path)
        raise
    if opened:
        _remove_later(path)
    else:
        _remove(path)
    return opened


def _write(url: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix=_PREFIX)) / "open.html"  # only its owner can read the folder
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(_PAGE.format(url=html.escape(url)))
    return path


def _remove_later(path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", _REMOVE, str(KEPT_SECONDS), str(path), str(path.parent)]
    try:
        remover = subprocess.Popen(  # noqa: S603 (this interpreter, no shell)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if hasattr(os, "fork"):
            remover.wait()  # its child continues
    except OSError:
        _remove(path)


def _remove_old_files() -> None:
    """Removes old files whose removing process was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
            if is_own and time.time() - status.st_mtime > 2 * KEPT_SECONDS and not folder.is_symlink():
                _remove(folder / "open.html")


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
        path.parent.rmdir()
