"""A time limit for a whole blocking exchange with httpx, which limits only the time between reads.

Without it, a server that sends its answer byte by byte would block the caller for ever.
"""

from __future__ import annotations

import threading

from sigv4.network.deadline_socket import addresses_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any

    from sigv4.network.time_limits import Clock


_PIECE = 65536


class Running(threading.local):
    """The clock of this thread's exchange, and whether any byte of the answer was received."""

    clock: Clock | None = None
    received = False

    def at_most(self, timeout: float | None) -> float | None:
        return self.clock.at_most(timeout) if self.clock else timeout


class ClockedBackend:
    """An httpcore network backend in which every operation ends when its thread's clock is over."""

    def __init__(self, backend: Any, running: Running) -> None:
        self._backend = backend
        self._running = running

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> _ClockedStream:
        clock = self._running.clock
        failure: Exception = OSError(f"the host {host} has no address")
        # The clock also limits the wait for a name server.
        addresses = [each[4][0] for each in addresses_of(host, port, clock)] if clock else [host]
        for address in addresses:
            limit = self._running.at_most(timeout)
            try:
                stream = self._backend.connect_tcp(address, port, timeout=limit, **options)
            except Exception as error:  # noqa: BLE001 (the next address may answer; the last one's is raised)
                failure = error
            else:
                return _ClockedStream(stream, self._running)
        raise failure


class _ClockedStream:
    def __init__(self, stream: Any, running: Running) -> None:
        self._stream = stream
        self._running = running

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = self._stream.read(max_bytes, timeout=self._running.at_most(timeout))
        self._running.received = self._running.received or bool(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Piece by piece: httpcore restarts the time limit for every partial send.
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], timeout=self._running.at_most(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None, timeout: float | None
    ) -> _ClockedStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._running.at_most(timeout))
        return _ClockedStream(stream, self._running)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
