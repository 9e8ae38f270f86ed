"""Which servers there are for a LocalSageMaker, beside that of the standard library."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sigv4.errors import MissingDependency

from .limits import Limits

if TYPE_CHECKING:
    from .asgi_server import AsgiServer


def asgi(
    jupyter: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> Callable[[str, int, Callable[[], float]], AsgiServer]:
    """What ``LocalSageMaker(server=…)`` takes to be served by uvicorn.

    With a directory as ``jupyter`` a real Jupyter server runs behind each notebook instance, started when
    it is first opened; the instance ``NAME`` works in the directory's ``NAME``.

    ``limits`` bound what passes through to a server behind and back.

    Raises MissingDependency without the extra ``local``, or ``jupyter`` where that is asked for, and
    ConfigError for a directory that is not there.
    """
    try:
        from .asgi_server import AsgiServer
    except ImportError as error:
        package = (error.name or "uvicorn").partition(".")[0]
        raise MissingDependency(package, "local" if jupyter is None else "jupyter") from None
    bounds = limits or Limits()
    if jupyter is None:
        return partial(AsgiServer, limits=bounds)
    return AsgiServer.with_jupyter(jupyter, bounds)
