"""``sagemaker-api local``: runs a SageMaker endpoint on this machine."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from sigv4.cli.whole_number_flag import integer

NAME = "local"
SUMMARY = "run a SageMaker endpoint on this machine that checks signatures and policies"
DESCRIPTION = """\
Runs a SageMaker endpoint on this machine until Ctrl-C. It checks every signature as AWS does, prints each
result on stderr, and makes URLs to itself: http://127.0.0.1:PORT/notebook/NAME/?authToken=…
Files of identities and policies are read again when they change; sessions that are no longer allowed end.
The control page, whose address is printed, shows instances, sessions and requests live, explains each
signature, and has buttons to cause faults."""
EXAMPLE = """\
example:
  sagemaker-api local --port 8080 --notebook my-notebook --notebook old-one=Stopped
  sagemaker-api local --jupyter ~/notebooks
  sagemaker-api local --policy office-only.json --delay Pending=60 --fault throttle:0.2,slow:2

an identity file:
  [{"Arn": "arn:aws:iam::123456789012:user/alice", "AccessKeyId": "AKIDALICE", "SecretAccessKey": "…",
    "SessionToken": "…", "Expiration": "2027-01-01T00:00:00Z", "Policies": ["office-only.json"]}]"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=integer, default=0, help="by default a free one")
    parser.add_argument(
        "--host", default="127.0.0.1", help="other than loopback only with your own credentials"
    )
    parser.add_argument(
        "--jupyter",
        nargs="?",
        const=".",
        metavar="DIR",
        help="a real Jupyter behind each notebook instance, in DIR/NAME (extra jupyter); by default .",
    )
    parser.add_argument("--asgi", action="store_true", help="serve by uvicorn (extra local)")
    parser.add_argument(
        "--proxy-limit",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="limits of the proxy to Jupyter: start (300 s), answer (300 s), upload (600 s), "
        "stall (300 s), message (67108864 bytes); repeatable",
    )
    parser.add_argument(
        "--shell",
        choices=("sh", "fish", "powershell"),
        default="sh",
        help="the shell for the printed commands",
    )
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--account-id", default="123456789012", help="twelve digits, for the ARNs")
    _add_proxy_arguments(parser)
    _add_identity_arguments(parser)
    _add_notebook_arguments(parser)


def _add_proxy_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--trust-proxy",
        action="append",
        default=[],
        metavar="CIDR",
        help="a network of proxies whose X-Forwarded-For is trusted; repeatable",
    )
    parser.add_argument(
        "--trust-forwarded",
        action="append",
        default=[],
        choices=("scheme", "vpc"),
        help="other headers of those proxies: scheme is X-Forwarded-Proto, vpc is X-Vpc-Endpoint-Id and "
        "X-Vpc-Id; repeatable",
    )


def _add_identity_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("who may call; by default AWS's example credentials, with all rights")
    group.add_argument("--access-key-id", metavar="A", help="the access key id of one identity")
    group.add_argument(
        "--secret-access-key", metavar="S", help="shows in process lists: prefer --secret-file"
    )
    group.add_argument(
        "--secret-file", metavar="FILE", help="the secret, alone in a file; - for standard input"
    )
    group.add_argument("--session-token", metavar="T", help="shows in process lists, too")
    group.add_argument(
        "--policy",
        action="append",
        metavar="FILE",
        help="a policy of that identity, in JSON; repeatable; by default it may do everything",
    )
    group.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="KEY[=VALUE]",
        help="a condition key of the callers that AWS would know, such as aws:PrincipalTag/team=a; without a "
        "value, requests do not have it; repeatable",
    )
    group.add_argument(
        "--identity",
        action="append",
        metavar="FILE",
        help="identities in JSON, instead of the flags for one key and its policies; repeatable",
    )


def _add_notebook_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("notebook instances and faults")
    group.add_argument(
        "--notebook",
        action="append",
        metavar="NAME[=STATUS]",
        help="a notebook instance and its status, by default InService; repeatable; by default my-notebook",
    )
    group.add_argument(
        "--delay",
        action="append",
        default=[],
        metavar="[STATUS=]SECONDS",
        help="the duration of Pending, Stopping, Updating and Deleting, or of the named one; by default 0",
    )
    group.add_argument(
        "--fail",
        action="append",
        default=[],
        metavar="NAME[=REASON]",
        help="a notebook instance that ends in Failed when it is started; repeatable",
    )
    group.add_argument(
        "--limit", type=integer, metavar="N", help="the greatest number of instances; by default no limit"
    )
    group.add_argument(
        "--fault",
        metavar="FAULT,...",
        help="throttle:P, fail:P, unavailable:P with a probability (0 to 1); skew:SECONDS; slow:SECONDS",
    )
    group.add_argument("--seed", type=integer, metavar="N", help="makes --fault the same in every run")
    group.add_argument(
        "--url-form",
        choices=("path", "host"),
        default="path",
        help="notebook URLs with a path, or with a host per notebook, http://NAME.localhost:PORT/, as at AWS",
    )
    group.add_argument("--single-use", action="store_true", help="each URL opens once")


def run(options: Namespace) -> int:
    from .serving import run  # loaded here, so that other verbs start faster

    return run(options)
