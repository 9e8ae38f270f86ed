"""``sagemaker-api open NAME``: opens a notebook instance in the browser, and starts it first if asked."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sigv4.cli.progress import StatusLine, shown_time

from ..errors import NotebookError
from ..notebook import Progress, notebook_url, open_notebook
from .client_flags import add_client_flags, client_of, seconds
from .parameter_flags import HELP, flag_of, whole_number

NAME = "open"
SUMMARY = "open a notebook instance in the browser; start it first, if asked"
DESCRIPTION = """\
Checks the instance, waits while it is starting or stopping, and opens it in the browser. A stopped instance
is started only with --start, because a running instance costs money. Anyone who has the URL can use the
notebook: it is shown only with --print-url.
Exit code: 0; 254 the service refused; 255 the instance cannot be opened, or there is no browser."""
EXAMPLE = """\
examples:
  sagemaker-api open my-notebook --start --lab
  sagemaker-api open my-notebook --lab --path reports/may.ipynb"""


_LENGTH = "SessionExpirationDurationInSeconds"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the notebook instance")
    parser.add_argument("--start", action="store_true", help="start it if it is Stopped or Failed")
    parser.add_argument(
        "--lab", action="store_true", help="open JupyterLab; by default the instance's default page"
    )
    parser.add_argument(
        "--path", metavar="FILE", help="open this file or folder of the instance, such as reports/may.ipynb"
    )
    parser.add_argument("--print-url", action="store_true", help="print the URL instead of opening it")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=1800.0,
        metavar="SECONDS",
        help="the longest wait, by default 1800; 0 is a day",
    )
    parser.add_argument(
        flag_of(_LENGTH),
        dest=_LENGTH,
        metavar="N",
        help=HELP[_LENGTH],
    )
    add_client_flags(parser)


def run(options: Namespace) -> int:
    length = getattr(options, _LENGTH)
    wanted = {
        "start": options.start,
        "lab": options.lab,
        "path": options.path,
        "timeout": options.timeout,
        "session_seconds": None if length is None else whole_number(_LENGTH, length),
    }
    with client_of(options) as client, _progress_line() as show:
        if not options.print_url:
            try:
                open_notebook(client, options.name, on_progress=show, **wanted)
            except NotebookError as error:
                if error.status == "InService":
                    raise NotebookError(
                        error.name, error.status, "no browser can be opened: give --print-url"
                    ) from None
                raise
            return 0
        url = notebook_url(client, options.name, on_progress=show, **wanted)
    print(url)
    return 0


def _told(progress: Progress) -> str:
    usual = f" (usually {progress.usual})" if progress.usual else ""
    return f"{progress.name}: {progress.status}, {shown_time(progress.elapsed)}{usual}"


@contextmanager
def _progress_line() -> Iterator[Callable[[Progress], None]]:
    """Shows the progress that it is called with, on a terminal."""
    line = StatusLine(sys.stderr)
    try:
        yield lambda progress: line.write(_told(progress))
    finally:
        line.clear()
