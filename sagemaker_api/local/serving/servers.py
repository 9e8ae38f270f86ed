"""Offers the server with uvicorn for a LocalSageMaker, in place of the standard library's."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sigv4.errors import MissingDependency, expect

from ...errors import ConfigError
from .limits import Limits

if TYPE_CHECKING:
    from .asgi_server import AsgiServer


def asgi(
    jupyter: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> Callable[[str, int, Callable[[], float]], AsgiServer]:
    """The argument for ``LocalSageMaker(server=…)`` to serve with uvicorn.

    If ``jupyter`` is a directory, each notebook instance has a real Jupyter server, started when the notebook
    is first opened; the instance ``NAME`` uses the subdirectory ``NAME``. ``limits`` are the limits of the
    proxy to these servers. Raises MissingDependency if the extra ``local`` (with ``jupyter``, the extra
    ``jupyter``) is not installed, and ConfigError if the directory is missing.
    """
    fits = isinstance(jupyter, (str, os.PathLike, type(None)))
    expect(fits, "jupyter", jupyter, "a directory, or None", ConfigError)
    if jupyter is not None and not os.fspath(jupyter):  # Path would read "" as "."
        raise ConfigError("the directory for notebooks is '': give its name, or '.' for this one")
    expect(isinstance(limits, (Limits, type(None))), "limits", limits, "Limits, or None", ConfigError)
    try:
        from .asgi_server import AsgiServer
    except ImportError as error:
        package = (error.name or "uvicorn").partition(".")[0]
        raise MissingDependency(package, "local" if jupyter is None else "jupyter") from None
    bounds = limits or Limits()
    if jupyter is None:
        return partial(AsgiServer, limits=bounds)
    return AsgiServer.with_jupyter(jupyter, bounds)
