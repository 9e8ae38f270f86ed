"""Calls the command line for its tests."""

from __future__ import annotations

from pathlib import Path

from sagemaker_api.cli import main

ROOT = Path(__file__).resolve().parents[3]
VERB = "create-presigned-notebook-instance-url"


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)
