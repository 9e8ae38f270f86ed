"""Calls the command line for its tests; also a request to explain."""

from __future__ import annotations

from sigv4.cli import main

REQUEST = b"GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\nHost: iam.amazonaws.com\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\n"
SCOPE = ("--service", "iam", "--region", "us-east-1", "--at", "20150830T123600Z")
# AWS General Reference: the example of this request.
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)
