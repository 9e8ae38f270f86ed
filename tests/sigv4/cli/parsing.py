"""Parses the flags of one verb, without running it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any


def parsed_by(verb: Any, *words: str) -> Namespace:
    parser = ArgumentParser()
    verb.add_arguments(parser)
    return parser.parse_args([*words])
