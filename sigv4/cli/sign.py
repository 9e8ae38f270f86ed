"""``sigv4 sign``: prints the headers of a signed request, or a curl command that sends it."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser, Namespace

from ..headers import utf8_text
from . import credentials, request_flags, scope_flags

NAME = "sign"
SUMMARY = "print the headers of a signed request, or a curl command that sends it"
DESCRIPTION = """\
Signs a request given with curl's flags and prints all the headers to send with it. With --curl it prints
a command that sends it: the command is valid for five minutes and does not contain the secret key."""
EXAMPLE = """\
example:
  sigv4 sign https://api.sagemaker.us-east-1.amazonaws.com/ --service sagemaker --region us-east-1 \\
    -H 'Content-Type: application/x-amz-json-1.1' \\
    -H 'X-Amz-Target: SageMaker.ListNotebookInstances' -d '{}'"""


def add_arguments(parser: ArgumentParser) -> None:
    request_flags.add_arguments(parser)
    parser.add_argument("--curl", action="store_true", help="print a curl command")
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    scope_flags.resolve_url(options)
    signer = request_flags.signer(options)
    method, body = request_flags.method(options), request_flags.body(options)
    found = request_flags.headers(options)
    signed = signer.sign(method, options.url, found, body, at=request_flags.at(options))
    lines = [f"{name}: {utf8_text(value)}" for name, value in signed.items()]
    if request_flags.wants_length(method, options):
        lines.append("Content-Length: 0")
    text = _curl(method, options, lines) if options.curl else "\n".join(lines)
    # The bytes that were signed, whatever the encoding of the terminal.
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))
    return 0


def _curl(method: str, options: Namespace, lines: list[str]) -> str:
    # With -X HEAD curl would wait for the body that the answer's Content-Length announces.
    words = ["curl", "--globoff", "--path-as-is", *(["--head"] if method == "HEAD" else ["-X", method])]
    for line in lines:
        name, _, value = line.partition(": ")
        words += ["-H", line if value else f"{name};"]  # for curl "Name:" means to drop the header
    data = options.data_binary if options.data is None else options.data
    if data is not None:
        words += ["--data-binary" if options.data is None else "--data", data]
    return shlex.join([*words, options.url])
