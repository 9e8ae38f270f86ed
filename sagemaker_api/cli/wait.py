"""``sagemaker-api wait``: waits until a notebook instance has reached a status."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from ..model.operations import OPERATIONS
from ..waiters import GOALS
from .client_flags import add_client_flags, client_of
from .output import shown
from .parameter_flags import add_parameter_flags, params_of, skeleton

NAME = "wait"
SUMMARY = "wait until a notebook instance is in service, stopped or deleted"
DESCRIPTION = """\
Checks every 30 seconds, at most 60 times, until the instance has the status. Prints nothing.
Exit code: 0; 255 if the instance is Failed or missing, or the time is over."""
EXAMPLE = """\
example:
  sagemaker-api wait notebook-instance-in-service --notebook-instance-name my-notebook"""

_DESCRIBE = OPERATIONS["DescribeNotebookInstance"]


def add_arguments(parser: ArgumentParser) -> None:
    goals = [name.replace("_", "-") for name in GOALS]
    parser.add_argument("goal", choices=goals, metavar="GOAL", help=f"one of {', '.join(goals)}")
    add_parameter_flags(parser, _DESCRIBE)
    add_client_flags(parser)


def run(options: Namespace) -> int:
    params = params_of(options, _DESCRIBE)
    if options.generate_cli_skeleton:
        sys.stdout.write(shown(skeleton(_DESCRIBE, options.generate_cli_skeleton, params), "json"))
        return 0
    checked: Any = _DESCRIBE.checked(params)
    with client_of(options) as client:
        client.get_waiter(options.goal.replace("-", "_")).wait(**checked)
    return 0
