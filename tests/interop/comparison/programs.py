"""Signers that are programs, curl and awscurl; they send to ``origin``."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256

from tests.interop.comparison.inputs import Input
from tests.interop.comparison.judge import KEY_ID, REGION, SECRET
from tests.interop.comparison.sending import TIMEOUT, NotApplicable, url_of


def _run(command: list[str], data: bytes | None = None) -> None:
    done = subprocess.run(
        command, input=data or b"", capture_output=True, timeout=TIMEOUT, check=False,
        env={**os.environ, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
    )  # fmt: skip
    if done.returncode:
        raise ValueError(done.stderr.decode("utf-8", "replace")[-300:])


def curl(input_: Input, origin: str) -> None:
    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    if input_.body_kind == "generator":
        raise NotApplicable("a body is text, a file or standard input")
    command = ["curl", "--silent", "--show-error", "--globoff", "--path-as-is", "--noproxy", "*"]
    command += ["--aws-sigv4", f"aws:amz:{REGION}:{input_.service}", "--user", f"{KEY_ID}:{SECRET}"]
    command += ["--head"] if input_.method == "HEAD" else ["-X", input_.method]
    for name, value in input_.headers:
        command += ["-H", f"{name}: {value}" if value else f"{name};"]
    if input_.token:
        command += ["-H", f"X-Amz-Security-Token: {input_.token}"]
    if input_.service == "s3":  # its manual says so
        command += ["-H", f"x-amz-content-sha256: {sha256(input_.body or b'').hexdigest()}"]
    if input_.body is not None:
        command += ["--data-binary", "@-"]
    _run([*command, url_of(input_, origin)], input_.body)


def awscurl(input_: Input, origin: str) -> None:
    if input_.expires is not None:
        raise NotApplicable("it does not presign")
    if input_.body_kind in ("file", "generator") or (input_.body and b"\0" in input_.body):
        raise NotApplicable("a body is text on the command line")
    command = [sys.executable, "-m", "awscurl", "--region", REGION, "--service", input_.service]
    command += ["--access_key", KEY_ID, "--secret_key", SECRET, "-X", input_.method]
    if input_.token:
        command += ["--session_token", input_.token]
    for name, value in input_.headers:
        command += ["-H", f"{name}: {value}"]
    if input_.body is not None:
        command += ["-d", input_.body.decode("utf-8", "surrogateescape")]
    _run([*command, url_of(input_, origin)])
