"""The signers of the comparison: ``ALL`` says how to find the version of each, and how to send with it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import sigv4
from tests.interop import node
from tests.interop.comparison import npm, ours, programs, python_libraries
from tests.interop.comparison.sending import TIMEOUT, Peer


def _package(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _curl_version() -> str | None:
    try:
        done = subprocess.run(["curl", "--version"], capture_output=True, check=True, timeout=TIMEOUT)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode().split()[1]


def _npm(name: str) -> str | None:
    return str(node.PACKAGES[name]) if node.missing() is None else None


# Name, version if installed, how to send. The first five are this package and its adapters.
ALL: list[tuple[str, Callable[[], str | None], Peer]] = [
    ("sigv4", lambda: sigv4.__version__, ours.ours),
    ("sigv4 + httpx", lambda: _package("httpx"), ours.ours_httpx),
    ("sigv4 + requests", lambda: _package("requests"), ours.ours_requests),
    ("sigv4 + urllib", lambda: sys.version.split()[0], ours.ours_urllib),
    ("sigv4 + aiohttp", lambda: _package("aiohttp"), ours.ours_aiohttp),
    ("botocore", lambda: _package("botocore"), python_libraries.botocore),
    ("awscrt", lambda: _package("awscrt"), python_libraries.awscrt),
    ("aws-sdk-signers", lambda: _package("aws-sdk-signers"), python_libraries.aws_sdk_signers),
    ("requests-aws4auth", lambda: _package("requests-aws4auth"), python_libraries.requests_aws4auth),
    ("awscurl", lambda: _package("awscurl"), programs.awscurl),
    ("asigv4", lambda: _package("asigv4"), python_libraries.asigv4),
    ("auth-aws4", lambda: _package("auth-aws4"), python_libraries.auth_aws4),
    ("aws-signature", lambda: _package("aws-signature"), python_libraries.aws_signature),
    ("csig", lambda: _package("csig"), python_libraries.csig),
    ("k3awssign", lambda: _package("k3awssign"), python_libraries.k3awssign),
    ("obstore", lambda: _package("obstore"), python_libraries.obstore),
    ("curl", _curl_version, programs.curl),
    ("aws4", lambda: _npm("aws4"), npm.aws4),
    ("@smithy/signature-v4", lambda: _npm("@smithy/signature-v4"), npm.smithy),
]
# The packages that a signer needs in addition to the extra ``interop``.
NEEDS = {
    "aws-sdk-signers": "Python 3.12 or later",
    "curl": "the program curl",
    "aws4": "node",
    "@smithy/signature-v4": "node",
}
OURS = ("sigv4", "sigv4 + httpx", "sigv4 + requests", "sigv4 + urllib", "sigv4 + aiohttp")
