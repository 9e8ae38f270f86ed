"""The parameters of an operation as flags, as ``--cli-input-json``, and as a skeleton to fill in."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from sigv4.auditing.json_stream import json_fault
from sigv4.cli.standard_streams import file_path
from sigv4.config import numbers

from ..errors import ParamValidationError
from ..model.operations import Operation
from ..model.parameters import Group, Items, Member
from ..model.shapes import sample
from .shorthand import ShorthandError, parse_shorthand

_TIME = "this time: 2026-01-02T03:04:05Z, 2026-01-02, or epoch seconds"
HELP = {
    "NotebookInstanceName": "the name of the notebook instance",
    "SessionExpirationDurationInSeconds": (
        "the length of the session in seconds: 1800 to 43200, by default 43200 (12 hours)"
    ),
    "NextToken": "one page, from this token of the service on",
    "MaxResults": "one page with at most this many items",
    "NameContains": "only instances whose name contains this",
    "CreationTimeBefore": f"only instances created before {_TIME}",
    "CreationTimeAfter": f"only instances created after {_TIME}",
    "LastModifiedTimeBefore": f"only instances last changed before {_TIME}",
    "LastModifiedTimeAfter": f"only instances last changed after {_TIME}",
    "NotebookInstanceLifecycleConfigNameContains": (
        "only instances with a lifecycle configuration whose name contains this"
    ),
    "DefaultCodeRepositoryContains": "only instances with a default repository whose name contains this",
    "AdditionalCodeRepositoryEquals": "only instances with this repository",
    "InstanceType": "the type of the machine, such as ml.t3.medium",
    "RoleArn": "the ARN of the notebook's role",
    "SubnetId": "the subnet of your VPC to connect the instance to",
    "SecurityGroupIds": "the security groups in that VPC",
    "KmsKeyId": "the KMS key that encrypts the disk",
    "Tags": "the tags, each in this form, or all as a JSON list",
    "TagKeys": "the keys of the tags to remove",
    "ResourceArn": "the ARN of the resource, such as that of a notebook instance",
    "LifecycleConfigName": "the lifecycle configuration whose scripts run at creation and start",
    "VolumeSizeInGB": "the size of the disk: 5 to 16384",
    "DefaultCodeRepository": "the Git repository that Jupyter opens: its name in SageMaker, or a URL",
    "AdditionalCodeRepositories": "up to three more repositories",
    "AcceleratorTypes": "no longer offered by the service",
    "PlatformIdentifier": "the system of the machine, such as notebook-al2023-v1",
    "InstanceMetadataServiceConfiguration": "the oldest version of the metadata service to allow: 1 or 2",
    "DisassociateLifecycleConfig": "remove the lifecycle configuration",
    "DisassociateAcceleratorTypes": "remove the accelerators",
    "DisassociateDefaultCodeRepository": "remove the default repository",
    "DisassociateAdditionalCodeRepositories": "remove the additional repositories",
}
_EXPECTED = {
    "SessionExpirationDurationInSeconds": "seconds, 1800 to 43200",
    "MaxResults": "a number",
}


def flag_of(member: str) -> str:
    """The flag of a parameter: ``--volume-size-in-gb`` for ``VolumeSizeInGB``."""
    flag, before = "-", ""
    for char in member:
        flag += f"-{char.lower()}" if char.isupper() and not before.isupper() else char.lower()
        before = char
    return flag


def add_parameter_flags(parser: ArgumentParser, operation: Operation) -> None:
    """Adds a flag for every parameter, and the two flags for all parameters together."""
    for member in operation.members:
        flag = flag_of(member.name)
        if member.kind is bool:  # if both are given, the last one counts, as in the AWS CLI
            about = HELP.get(member.name)
            parser.add_argument(flag, dest=member.name, action="store_const", const=True, help=about)
            parser.add_argument(f"--no-{flag[2:]}", dest=member.name, action="store_const", const=False)
        else:
            parser.add_argument(
                flag,
                dest=member.name,
                metavar=_metavar(member),
                nargs="*" if isinstance(member.kind, Items) else None,
                help=HELP.get(member.name) or _help(member),
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
        help="print a template of the parameters (input, the default) or of the result; call nothing",
    )


def _metavar(member: Member) -> str:
    kind = member.kind.item.kind if isinstance(member.kind, Items) else member.kind
    if isinstance(kind, Group):
        return ",".join(f"{each.name}=…" for each in kind.members)
    return "N" if kind is int else "NAME" if member.required else "VALUE"


def _help(member: Member) -> str | None:
    return f"one of {', '.join(member.choices)}" if member.choices else None


def params_of(options: Namespace, operation: Operation) -> dict[str, object]:
    """The parameters of the flags, which override ``--cli-input-json``. Raises ParamValidationError."""
    params = {} if options.cli_input_json is None else _input_json(options.cli_input_json)
    for member in operation.members:
        text = getattr(options, member.name)
        if text is not None:
            params[member.name] = _value(member, text)
    return params


def skeleton(operation: Operation, which: str, params: dict[str, object]) -> dict[str, Any]:
    """The output of ``--generate-cli-skeleton``.

    Raises ParamValidationError for ``output`` with parameters that would be refused.
    """
    if which == "output":
        operation.checked(params)
        found: dict[str, Any] = sample(operation.results, "", named=True)
        return found
    return {member.name: _sample(member) for member in operation.members}


def _sample(member: Member) -> Any:
    """An example value of this parameter, as in the AWS CLI's skeletons."""
    if isinstance(member.kind, Items):
        return [_sample(member.kind.item)]
    if isinstance(member.kind, Group):
        return {each.name: _sample(each) for each in member.kind.members}
    if member.kind is bool:
        return True
    return member.choices[0] if member.choices else sample(member.kind, "", named=False)


def _value(member: Member, given: Any) -> object:
    """Converts the value of a flag: a text, a list of texts, or a bool."""
    flag, kind = flag_of(member.name), member.kind
    if isinstance(kind, Items):
        return _items(kind, given, flag)
    if kind is bool:
        return given
    text = _loaded(given, flag)
    if isinstance(kind, Group):
        return _object(text, flag)
    return whole_number(member.name, text) if kind is int else text


def whole_number(name: str, text: str, least: int | None = None) -> int:
    """The number in the flag of the parameter ``name``, at least ``least``. Raises ParamValidationError."""
    try:
        number = numbers.whole_number(text)
    except ValueError:
        number = None
    if number is None or (least is not None and number < least):
        expected = _EXPECTED.get(name, "a whole number" + (f", {least} or more" if least is not None else ""))
        raise ParamValidationError(f"{flag_of(name)} is {text[:20]!r}: expected {expected}")
    return number


def _items(kind: Items, given: list[str], flag: str) -> object:
    """A list, given as one JSON text or as one text per item."""
    texts = [_loaded(text, flag) for text in given]
    if len(texts) == 1 and texts[0].lstrip().startswith("["):
        return _json(texts[0], flag)
    return [_object(text, flag) for text in texts] if isinstance(kind.item.kind, Group) else texts


def _object(text: str, flag: str) -> object:
    """An object, written as JSON or in the AWS CLI's shorthand."""
    if text.lstrip().startswith("{"):
        return _json(text, flag)
    try:
        return parse_shorthand(text, lambda value: _loaded(value, flag))
    except ShorthandError as error:
        raise ParamValidationError(f"{flag}: {error}: write Name=Value,Name=Value, or JSON") from None


def _loaded(text: str, flag: str) -> str:
    """``text``, or for ``file://PATH`` the content of that file.

    Raises ParamValidationError, also for ``fileb://``, which is for parameters that take bytes.
    """
    if text.startswith("fileb://"):
        raise ParamValidationError(
            f"{flag}: {text} would be bytes, and this parameter is a text: write file:// instead of fileb://"
        )
    if not text.startswith("file://"):
        return text
    try:
        return file_path(text.removeprefix("file://")).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: the home directory is unknown
        raise ParamValidationError(f"{flag}: Unable to load paramfile {text}: {error}") from None


def _json(text: str, flag: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParamValidationError(f"{flag} is not JSON: {json_fault(error)}") from None


def _input_json(text: str) -> dict[str, object]:
    if text.startswith("fileb://"):
        text = f"file://{text.removeprefix('fileb://')}"
    params = _json(_loaded(text, "--cli-input-json"), "--cli-input-json")
    if not isinstance(params, dict):
        raise ParamValidationError(
            '--cli-input-json is JSON, but not an object: expected {"NotebookInstanceName": …}'
        )
    return params
