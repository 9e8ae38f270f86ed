"""The parameters of an operation as flags, as ``--cli-input-json``, and as a skeleton to fill in."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..errors import ParamValidationError
from ..model.operations import Operation
from ..model.parameters import Group, Items, Member
from ..model.shapes import Timestamp, sample

HELP = {
    "NotebookInstanceName": "the name of the notebook instance",
    "SessionExpirationDurationInSeconds": (
        "how long the session lasts that the URL opens: 1800 to 43200, by default 43200 (12 hours)"
    ),
    "NextToken": "one page from here, by the service's own token",
    "MaxResults": "one page of at most so many: 1 to 100",
    "NameContains": "only instances whose name holds this",
    "AdditionalCodeRepositoryEquals": "only instances with this repository",
}
_MOMENT = "only instances so old or new: 2026-01-02T03:04:05Z, 2026-01-02, or epoch seconds"
_EXPECTED = {
    "SessionExpirationDurationInSeconds": "seconds, 1800 to 43200",
    "MaxResults": "a number, 1 to 100",
}


def flag_of(member: str) -> str:
    """``--notebook-instance-name`` of ``NotebookInstanceName``."""
    return "-" + "".join(f"-{char.lower()}" if char.isupper() else char for char in member)


def add_parameter_flags(parser: ArgumentParser, operation: Operation) -> None:
    """A flag for every parameter, and the two that stand for all."""
    for member in operation.members:
        choices = f"one of {', '.join(member.choices)}" if member.choices else ""
        parser.add_argument(
            flag_of(member.name),
            dest=member.name,
            metavar="NAME" if member.required else "N" if member.kind is int else "VALUE",
            help=HELP.get(member.name) or choices or (_MOMENT if member.kind is Timestamp else None),
        )
    parser.add_argument(
        "--cli-input-json", metavar="JSON", help="the parameters as a JSON object, or file://PATH"
    )
    parser.add_argument(
        "--generate-cli-skeleton",
        nargs="?",
        const="input",
        choices=("input", "output"),
        metavar="input|output",
        help="print the parameters to fill in (input, the default) or what is answered; call nothing",
    )


def params_of(options: Namespace, operation: Operation) -> dict[str, object]:
    """The parameters of these flags, which come before ``--cli-input-json``. Raises ParamValidationError."""
    params = {} if options.cli_input_json is None else _input_json(options.cli_input_json)
    for member in operation.members:
        text = getattr(options, member.name)
        if text is not None:
            params[member.name] = _value(member, text)
    return params


def skeleton(operation: Operation, which: str, params: dict[str, object]) -> dict[str, Any]:
    """What ``--generate-cli-skeleton`` prints. Raises ParamValidationError where an answer is asked for with
    parameters that would be refused.
    """
    if which == "output":
        operation.checked(params)
        found: dict[str, Any] = sample(operation.results, "", named=True)
        return found
    return {member.name: _sample(member) for member in operation.members}


def _sample(member: Member) -> Any:
    """A value of this parameter, as the AWS CLI's skeletons have it."""
    if isinstance(member.kind, Items):
        return [_sample(member.kind.item)]
    if isinstance(member.kind, Group):
        return {each.name: _sample(each) for each in member.kind.members}
    if member.kind is bool:
        return True
    return member.choices[0] if member.choices else sample(member.kind, "", named=False)


def _value(member: Member, text: str) -> object:
    if member.kind is not int:
        return text
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20):
        expected = _EXPECTED.get(member.name, "a whole number")
        raise ParamValidationError(f"{flag_of(member.name)} is {text[:20]!r}: expected {expected}")
    return int(text)


def _input_json(text: str) -> dict[str, object]:
    try:
        if text.startswith("file://"):
            text = Path(text.removeprefix("file://")).expanduser().read_text(encoding="utf-8-sig")
        params = json.loads(text)
    except OSError as error:
        raise ParamValidationError(f"--cli-input-json: Unable to load paramfile {text}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ParamValidationError(f"--cli-input-json is not JSON: {error}") from None
    if not isinstance(params, dict):
        raise ParamValidationError(
            '--cli-input-json is JSON, but not an object: expected {"NotebookInstanceName": …}'
        )
    return params
