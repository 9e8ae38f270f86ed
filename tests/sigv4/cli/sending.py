"""Helps the tests of ``sigv4 send``: runs the command, and servers that send exact bytes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sigv4.cli import main

SCOPE = ("--service", "execute-api", "--region", "us-east-1")


def send(*arguments: str) -> int:
    try:
        return main(("send", *arguments))
    except SystemExit as exit_:
        return int(exit_.code or 0)


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats its first connection as ``serve`` does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(60)
                try:
                    serve(connection)
                except OSError:
                    return  # the client has disconnected

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(60)
        assert not thread.is_alive()


def over_tls(tls: ssl.SSLContext, serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def run(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as wrapped:
            serve(wrapped)

    return run
