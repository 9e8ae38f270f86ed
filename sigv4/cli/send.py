"""``sigv4 send``: sends a signed request and prints the answer."""

from __future__ import annotations

import errno
import os
import sys
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..errors import SigningError, escaped
from ..headers import names_of, shown_value, utf8_text, without
from ..network.connection import connect
from ..network.deadline_socket import ExchangeError
from ..network.time_limits import Clock, TimeLimits
from ..network.tls import tls_context
from ..request import Request
from ..target import SplitUrl, split_url
from . import credentials, request_flags, scope_flags
from .seconds_flag import seconds
from .standard_streams import drop_output, file_path, one_from_stdin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..network.deadline_socket import ClockedSocket, FinalAnswer

NAME = "send"
SUMMARY = "send a signed request and print the body of the answer"
DESCRIPTION = """\
Signs a request given with curl's flags, sends it, and streams the body of the answer to standard output.
Redirects are not followed, and proxies of the environment are not used."""
EXAMPLE = """\
example:
  sigv4 send https://api.sagemaker.us-east-1.amazonaws.com/ --service sagemaker --region us-east-1 \\
    -H 'Content-Type: application/x-amz-json-1.1' \\
    -H 'X-Amz-Target: SageMaker.ListNotebookInstances' -d '{}'

exit codes, as curl's: 0 an answer came, with any status; 2 a wrong call; 6 no such host; 7 no connection;
  8 not an HTTP answer; 18 the body ended early; 23 the output could not be written; 26 the file of the
  body could not be read; 28 --max-time is over; 35 no TLS session; 52 no answer; 55 sending failed;
  56 receiving failed; 60 certificate not trusted"""


def add_arguments(parser: ArgumentParser) -> None:
    request_flags.add_arguments(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE, not to standard output")
    parser.add_argument("-i", "--include", action="store_true", help="also write the head of the answer")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show both heads on standard error, secrets masked"
    )
    parser.add_argument(
        "--max-time",
        type=partial(seconds, least=0.001, greatest=999999999),
        metavar="SECONDS",
        help="the time limit of the whole exchange",
    )
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    body_file = "-" if "@-" in (options.data, options.data_binary) else None
    one_from_stdin("the body", options.secret_file, body_file)
    scope_flags.resolve_url(options)
    where = _split(options.url)
    signer = request_flags.signer(options)
    method = request_flags.method(options)
    with ExitStack() as stack:
        body = _body(options, stack)
        signed = signer.sign(method, options.url, _headers(options), body, at=request_flags.at(options))
        if not where.keeps_secrets:
            print("sigv4: http: the request and any session token are sent unencrypted", file=sys.stderr)
        lines = without(signed.items(), "content-length")
        size = _size(body)
        if body is not None or request_flags.wants_length(method, options):
            lines.append(("Content-Length", str(size)))
        if options.verbose:
            _show(">", f"{method} {where.target} HTTP/1.1", lines)
        request = Request(
            method,
            options.url,
            [(name, value if isinstance(value, bytes) else value.encode()) for name, value in lines],
        )
        try:
            return _exchange(request, body_blocks(body, size), where, options)
        except Failure as failure:
            print(f"sigv4: {escaped(str(failure)[:500])}", file=sys.stderr)
            return failure.code


def _exchange(request: Request, body: Iterator[bytes], where: SplitUrl, options: Namespace) -> int:
    """Sends the request and writes the answer. Raises Failure, OSError."""
    if options.output is not None:
        _check_output(options.output)
    unlimited = float("inf")
    clock = Clock(TimeLimits(unlimited, unlimited, options.max_time or unlimited))
    connection = None
    try:
        connection = connect(where, clock, tls=tls_context(True) if where.is_encrypted else None)
        answer, sock = connection.begin(request, body, clock, _LONGEST_HEAD)
        sock.allow(unlimited)
        with answer:
            return _write(answer, _received(answer, sock, where, options), options)
    except (ExchangeError, TimeoutError) as error:
        raise _failure(error, where, options.max_time) from None
    finally:
        if connection is not None:
            connection.close()


def _check_output(name: str) -> None:
    """Raises Failure if the file for the answer cannot be made; called before the request is sent."""
    path = file_path(name)
    if path.is_dir() or not path.parent.is_dir():
        reason = os.strerror(errno.EISDIR if path.is_dir() else errno.ENOENT)
        raise Failure(23, f"{name} could not be written: {reason}")


def _received(
    answer: FinalAnswer, sock: ClockedSocket, where: SplitUrl, options: Namespace
) -> Iterator[bytes]:
    """The body of the answer in blocks, as received. Raises Failure."""
    written = 0
    try:
        for block in answer.blocks(sock):
            yield block
            written += len(block)
    except (ExchangeError, OSError) as error:
        failure = _failure(error, where, options.max_time)
        raise Failure(failure.code, f"{failure}; {written} bytes of the body were written") from None


class Failure(Exception):
    """The exchange failed. ``code`` is curl's exit code for it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


# The stage of a failed exchange -> curl's exit code, and the text before the reason.
_FAULTS = {
    "resolve": (6, "the host {host!r} was not found"),
    "connect": (7, "no connection to {host} port {port}"),
    "tls": (35, "no TLS session with {host}"),
    "certificate": (60, "the certificate of {host} is not trusted"),
    "send": (55, "the request could not be sent"),
    "no-answer": (52, "no answer"),
    "not-http": (8, "the answer is not HTTP"),
    "receive": (56, "no answer could be received"),
    "body": (18, "the body ended early"),
}
_LONGEST_HEAD = 300 * 1024  # curl has the same limit


def _failure(error: ExchangeError | OSError, where: SplitUrl, limit: float | None) -> Failure:
    if isinstance(error, TimeoutError):
        return Failure(28, f"--max-time: {limit:g} seconds are over")
    stage = error.stage if isinstance(error, ExchangeError) else "receive"
    code, words = _FAULTS[stage]
    reason = error.reason if isinstance(error, ExchangeError) else str(error)
    return Failure(code, f"{words.format(host=where.host, port=where.port)}: {reason}")


def _size(body: bytes | IO[bytes] | None) -> int:
    if body is None or isinstance(body, bytes):
        return len(body or b"")
    return os.fstat(body.fileno()).st_size - body.tell()


def body_blocks(body: bytes | IO[bytes] | None, length: int) -> Iterator[bytes]:
    """The ``length`` bytes of the body. Raises Failure if its file no longer has them."""
    if isinstance(body, bytes):
        yield body
    elif body is not None:
        while length:
            try:
                block = body.read(min(1 << 16, length))
            except OSError as error:
                raise Failure(26, f"the body could not be read: {error.strerror}") from None
            if not block:
                raise Failure(26, f"the file of the body became {length} bytes shorter while it was sent")
            length -= len(block)
            yield block


def _body(options: Namespace, stack: ExitStack) -> bytes | IO[bytes] | None:
    """The body; a file that is sent unchanged is not read into memory (--data-binary @FILE)."""
    name = options.data_binary or ""
    if name.startswith("@") and name != "@-" and Path(name[1:]).is_file():
        return stack.enter_context(Path(name[1:]).open("rb"))
    return request_flags.body(options)


def _headers(options: Namespace) -> list[tuple[str, str | bytes]]:
    """The given headers; for a body also curl's default Content-Type, unless one is given."""
    headers = request_flags.headers(options)
    names = names_of(headers)
    for name in ("content-length", "transfer-encoding"):
        if name in names:
            raise SigningError(f"the header {name!r} is set by 'sigv4 send' itself: leave it out")
    if request_flags.has_body(options) and "content-type" not in names:
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    return headers


def _split(url: str) -> SplitUrl:
    found = split_url(url)
    if found.scheme not in ("https", "http"):
        raise SigningError(f"the URL's scheme is {found.scheme!r}: expected https or http")
    return found


def _write(answer: FinalAnswer, body: Iterator[bytes], options: Namespace) -> int:
    status_line = f"HTTP/1.{answer.version % 10} {answer.status} {answer.reason}".rstrip()
    lines = answer.getheaders()
    if options.verbose:
        _show("<", status_line, lines)
        if 300 <= answer.status < 400 and answer.status != 304:
            print("* a redirect: not followed", file=sys.stderr)
    head = ""
    if options.include:
        head = "\r\n".join([status_line, *(f"{name}: {value}" for name, value in lines), "", ""])
    try:
        with Path(options.output).open("wb") if options.output else nullcontext(sys.stdout.buffer) as output:
            output.write(head.encode("latin-1", "backslashreplace"))
            for block in body:
                output.write(block)
                output.flush()
    except OSError as error:
        where = options.output or "standard output"
        if not options.output:
            drop_output()
            if isinstance(error, BrokenPipeError):
                return 23  # the reader has closed it
        raise Failure(23, f"{where} could not be written: {error.strerror}") from None
    return 0


def _show(mark: str, start: str, lines: list[tuple[str, str | bytes]] | list[tuple[str, str]]) -> None:
    print(f"{mark} {escaped(start)}", file=sys.stderr)
    for name, value in lines:
        text = shown_value(name, utf8_text(value, "backslashreplace"))
        print(f"{mark} {escaped(name)}: {escaped(text)}", file=sys.stderr)
    print(mark, file=sys.stderr)
