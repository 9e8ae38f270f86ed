"""``sagemaker-api simulate``: evaluates an identity's policies, without AWS."""

from __future__ import annotations

import json
import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from sigv4.errors import printable
from sigv4.scope import LAST_SECOND

from ..errors import ConfigError, ParamValidationError
from ..local.api_parameters import name_faults

# The evaluator is loaded in functions, so that other verbs start faster.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..local.iam.policy import Access, Decision, Policy

NAME = "simulate"
SUMMARY = "evaluate IAM policies in files, and name the deciding statement, without AWS"
DESCRIPTION = """\
Decides whether an identity with these policies may do an action on a notebook instance from an address, as
the IAM documentation says, and names the deciding statement. The action is by default
CreatePresignedNotebookInstanceUrl, which also decides on every HTTP request and WebSocket frame of the
session that the URL opens. Through a VPC endpoint (--vpce, --vpc) a request has no aws:SourceIp: its address
is aws:VpcSourceIp.
A decision may depend on a key that only AWS knows, such as aws:MultiFactorAuthPresent or
aws:PrincipalTag/team: then the result is unknown, unless --context gives the key. Without an address
aws:SourceIp is unknown. Statements that match no operation of this service are ignored, and named on stderr.
Exit code: 0 allowed, 1 denied, 2 unknown, 252 a wrong call, 253 a policy that AWS would refuse."""
EXAMPLE = """\
example:
  sagemaker-api simulate --policy policy.json --source-ip 203.0.113.7 --notebook my-notebook
  sagemaker-api simulate --policy mfa.json --context aws:MultiFactorAuthPresent=true"""

_EFFECTS = {"Allow": "allowed", "Deny": "explicitDeny", "": "implicitDeny", "Unknown": "unknown"}
_EXIT_CODES = {"Allow": 0, "Deny": 1, "": 1, "Unknown": 2}
_FLAGS = {
    "aws:sourceip": "--source-ip IP",
    "aws:vpcsourceip": "--vpc-source-ip IP",
    "aws:sourcevpc": "--vpc ID",
    "aws:sourcevpce": "--vpce ID",
}
_KINDS = ("managed", "user", "group", "role", "session", "aws-managed")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        action="append",
        required=True,
        metavar="FILE",
        help="an identity policy in JSON; repeatable: all are evaluated together",
    )
    parser.add_argument(
        "--policy-kind",
        choices=_KINDS,
        default="",
        help="limits the size of each policy as IAM does; by default 1 MiB",
    )
    _add_origin_arguments(parser)
    _add_access_arguments(parser)
    parser.add_argument("--output", choices=("text", "json"), default="text")


def _add_origin_arguments(parser: ArgumentParser) -> None:
    """Adds the flags for the origin and the sender of the request."""
    parser.add_argument(
        "--source-ip",
        type=_address,
        metavar="IP",
        help="the address the request comes from; by default unknown",
    )
    parser.add_argument(
        "--vpc-source-ip", type=_address, metavar="IP", help="that address, inside a VPC: aws:VpcSourceIp"
    )
    parser.add_argument("--vpce", metavar="ID", help="the VPC endpoint it comes through: aws:SourceVpce")
    parser.add_argument("--vpc", metavar="ID", help="the VPC of that endpoint: aws:SourceVpc")
    parser.add_argument("--insecure", action="store_true", help="without TLS: aws:SecureTransport is false")
    parser.add_argument(
        "--principal-arn", type=_arn, metavar="ARN", help="the caller; by default a user of the account"
    )


def _add_access_arguments(parser: ArgumentParser) -> None:
    """Adds the flags for the action, the resource and the time of the request."""
    parser.add_argument("--notebook", type=_notebook, default="my-notebook", metavar="NAME")
    parser.add_argument(
        "--action",
        type=_action,
        default="CreatePresignedNotebookInstanceUrl",
        help="an operation on a notebook instance",
    )
    parser.add_argument("--region", type=_region, default="us-east-1")
    parser.add_argument("--account", type=_account, default="123456789012")
    parser.add_argument(
        "--tag",
        type=_tag,
        action="append",
        default=[],
        metavar="K=V",
        help="a tag of the instance; repeatable",
    )
    parser.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="KEY[=VALUE]",
        help="a condition key that AWS would know; without a value, the request does not have it; "
        "repeatable, for several values too",
    )
    parser.add_argument(
        "--at", type=_moment, metavar="TIME", help="such as 2026-01-31T12:00:00Z; by default now"
    )


def run(options: Namespace) -> int:
    from ..local.iam.policy import decide
    from ..local.iam.policy_file import read_policy

    access, context = _access(options)
    policies = [read_policy(name, options.policy_kind) for name in options.policy]
    report_set_aside(policies)
    decision = decide(policies, access)
    print(_as_json(decision, access, context) if options.output == "json" else _as_text(decision, access))
    return _EXIT_CODES[decision.effect]


def report_set_aside(policies: Iterable[Policy]) -> None:
    """Prints the statements that no request can match: the reason may be a typing error in an action."""
    for policy in policies:
        for text in policy.set_aside:
            print(f"ignored: {printable(text, '?')}", file=sys.stderr, flush=True)


def _access(options: Namespace) -> tuple[Access, dict[str, tuple[str, ...]]]:
    """The access to evaluate, and its context with the documented names of the keys."""
    from ..local.api import OPERATIONS
    from ..local.clients import Client
    from ..local.iam.context import Asker, request_context, told_keys
    from ..local.iam.policy import Access
    from ..local.notebooks.instances import Account

    public, private = options.source_ip, options.vpc_source_ip
    if public is not None and private is not None:
        raise ParamValidationError(
            "give the request's address once: --source-ip, or --vpc-source-ip in a VPC"
        )
    account = Account.of(options.region, options.account)
    arn = options.principal_arn or f"arn:{account.partition}:iam::{options.account}:user/example"
    known = request_context(
        Asker(arn, None, told_keys(gathered_context(options.context))),
        account,
        Client(private or public or "", not options.insecure, options.vpce or "", options.vpc or ""),
        time.time() if options.at is None else options.at,
        dict(options.tag),
        operation=options.action,
        in_vpc=private is not None,
    )
    resource = account.arn(options.notebook) if OPERATIONS[options.action].resource else "*"
    access = Access(f"sagemaker:{options.action}", resource, known.context, known.unknown)
    return access, known.context


def gathered_context(entries: list[str]) -> dict[str, list[str] | None]:
    """The values of ``--context`` by key; None for a key without a value."""
    found: dict[str, list[str] | None] = {}
    for entry in entries:
        key, equals, value = entry.partition("=")
        if key in found and (not equals or found[key] is None):
            raise ParamValidationError(f"--context {key} is given both with and without a value: keep one")
        if not equals:
            found[key] = None
        else:
            found[key] = [*(found.get(key) or ()), value]
    return found


def _as_text(decision: Decision, access: Access) -> str:
    word = {"Allow": "allowed", "Unknown": "unknown"}.get(decision.effect, "denied")
    effect = {"Allow": "by ", "Deny": "by an explicit deny in ", "": "by default: "}.get(decision.effect, "")
    statement = printable(decision.statement, "?")
    lines = [f"{word}: {access.action} on {access.resource}", f"{effect}{statement}"]
    flags = (_FLAGS.get(key.lower(), f"--context {key}=VALUE") for key in decision.missing)
    lines += [f"give it with: {printable(flag, '?')}" for flag in flags]
    return "\n".join(lines)


def _as_json(decision: Decision, access: Access, context: dict[str, tuple[str, ...]]) -> str:
    """The decision in the form of ``aws iam simulate-custom-policy``."""
    shown = {
        "EvalActionName": access.action,
        "EvalResourceName": access.resource,
        "EvalDecision": _EFFECTS[decision.effect],
        "DecidedBy": decision.statement,
        "MissingContextValues": list(decision.missing),
        "Context": {key: list(values) for key, values in context.items()},
    }
    return json.dumps(shown, indent=4)


def _address(text: str) -> str:
    from ..local.iam.values import address

    try:
        address(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r}: expected an IPv4 or IPv6 address") from None
    return text


def _moment(text: str) -> float:
    from ..local.iam.values import moment

    try:
        seconds = moment(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: {error}") from None
    if not 0 <= seconds <= LAST_SECOND:
        raise ArgumentTypeError(f"{text!r}: expected a time from 1970 to 9999")
    return float(seconds)


def _notebook(text: str) -> str:
    for fault in name_faults(text):
        raise ArgumentTypeError(f"{text!r} cannot name a notebook: {fault}")
    return text


def _action(text: str) -> str:
    name = text.removeprefix("sagemaker:")
    from ..local.api import OPERATIONS

    if name not in OPERATIONS:
        raise ArgumentTypeError(f"{text!r}: expected an operation, one of {', '.join(sorted(OPERATIONS))}")
    return name


def _region(text: str) -> str:
    if not re.fullmatch("[a-z0-9][a-z0-9-]{0,62}", text):
        raise ArgumentTypeError(f"{text!r}: expected a region, such as us-west-2")
    return text


def _account(text: str) -> str:
    from ..local.notebooks.instances import checked_account_id

    try:
        return checked_account_id(text)
    except ConfigError as error:
        raise ArgumentTypeError(str(error)) from None


def _arn(text: str) -> str:
    if not re.fullmatch(r"arn:[a-z-]+:(iam|sts)::[0-9]{12}:(root|[a-z-]+/[!-~]+)", text):
        raise ArgumentTypeError(f"{text!r}: expected an ARN, such as arn:aws:iam::123456789012:user/alice")
    return text


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise ArgumentTypeError(f"{text!r}: expected KEY=VALUE")
    return key, value
