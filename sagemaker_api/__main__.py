"""Runs ``python -m sagemaker_api``."""

from __future__ import annotations

from sigv4.__main__ import run_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.__main__ import Main


def run() -> int:
    """The console script ``sagemaker-api``."""
    return run_program(_load)


def _load() -> Main:
    from .cli import main

    return main


if __name__ == "__main__":
    raise SystemExit(run())
