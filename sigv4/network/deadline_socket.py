"""A socket for ``http.client`` with limits on time and size, and a strict parser of answers."""

from __future__ import annotations

import codecs
import http.client
import io
import socket
import threading

from ..headers import length_of
from .forks import loading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .time_limits import Clock

LONGEST_HEAD = 24 * 1024
_LONGEST_CHUNK_HEAD = 4096
_BLOCK = 64 * 1024
_HEX_DIGITS = frozenset(b"0123456789ABCDEFabcdef")


class ExchangeError(Exception):
    """No complete answer was received.

    ``kind`` and ``reason`` are as in ``sagemaker_api.TransportError``. ``stage`` says where the exchange
    failed: ``resolve``, ``connect``, ``tls``, ``certificate``, ``send``, ``no-answer``, ``not-http``,
    ``receive`` or ``body``.
    """

    def __init__(self, kind: str, reason: str = "", stage: str = "receive") -> None:
        super().__init__(kind, reason, stage)
        self.kind = kind
        self.reason = reason
        self.stage = stage


class HostNotFound(OSError):
    """The name server has no address for the host."""


def too_large(longest: float) -> ExchangeError:
    return ExchangeError("too-large", f"its body is longer than {longest} bytes")


def open_socket(host: str, port: int, clock: Clock) -> socket.socket:
    """A socket that is connected to the first of the host's addresses that answers.

    Raises OSError; its subclass TimeoutError when the time to connect is over.
    """
    failure = OSError(f"the host {host} has no address")
    for family, kind, protocol, _, address in addresses_of(host, port, clock):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(clock.at_most(clock.limits.connect))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


def addresses_of(host: str, port: int, clock: Clock) -> list[Any]:
    """The result of ``socket.getaddrinfo``, called in a thread because it has no timeout.

    Raises OSError; its subclass TimeoutError when the time to connect is over.
    """
    with loading:
        codecs.lookup("idna")  # loaded now: getaddrinfo would load it, perhaps during a fork
    if host.rpartition(".")[2].isdigit() or ":" in host:  # an address: it needs no name server
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found: list[Any] = []
    faults: list[str] = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # a label has more than 63 characters
            faults.append(str(error))

    thread = threading.Thread(target=resolve, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no thread can be started: at a limit, or while Python shuts down (from 3.12 on)
        resolve()
    else:
        thread.join(clock.at_most(clock.limits.connect))
        if thread.is_alive():
            raise TimeoutError(f"no address of the host {host} was received in time")
    if faults:
        raise HostNotFound(faults[0])
    return found


# http.client drops the line with the fault; for the second kind, all lines after it too.
_BROKEN_HEADERS = (
    "FirstHeaderLineIsContinuationDefect",
    "MissingHeaderBodySeparatorDefect",
    "InvalidHeaderDefect",
)


class FinalAnswer(http.client.HTTPResponse):
    """The final answer, after any interim ones (RFC 9110 §15.2), parsed strictly (RFC 9112).

    http.client alone skips only 100 as interim, drops lines that are not headers, ignores unknown transfer
    codings, and uses the first of several lengths. As a length or the size of a chunk it accepts everything
    that ``int`` accepts, such as ``0x2``, ``1_0`` and ``-1``, and an incomplete line. It does not check the
    end of a chunk.
    """

    def begin(self) -> None:
        super().begin()
        if any(type(defect).__name__ in _BROKEN_HEADERS for defect in self.msg.defects):
            raise ExchangeError("closed", "a line of its head is not a header", "not-http")
        lengths = self.msg.get_all("Content-Length", [])
        if len(set(lengths)) > 1 or None in map(length_of, lengths):
            found = f"its Content-Length is {', '.join(lengths)[:80]!r}: expected one number"
            raise ExchangeError("closed", found, "not-http")
        coding = self.getheader("Transfer-Encoding", "")
        if lengths and coding:
            self.will_close = True  # RFC 9112 §6.1: with both, the sender may mean another end of the body
        coding = coding or "identity"
        if coding.lower() not in ("chunked", "identity"):
            found = f"the answer is in the transfer coding {coding[:80]!r}: expected 'chunked' or none"
            raise ExchangeError("closed", found, "not-http")

    def blocks(self, sock: ClockedSocket) -> Iterator[bytes]:
        """The body in blocks, as received. Raises ExchangeError if it ends before its declared end."""
        if self.length == 0:
            return  # http.client would look for the chunks of a 204 or 304 that says "chunked"
        declared, received = self.length, 0
        try:
            while block := self.read1(_BLOCK):
                received += len(block)
                yield block
        except (http.client.HTTPException, ValueError) as error:
            raise ExchangeError("closed", type(error).__name__, "body") from None
        if self.chunked and sock.ended:
            raise ExchangeError("closed", "without the end of its last chunk", "body")
        if declared is not None and received < declared:
            raise ExchangeError("closed", f"{received} of {declared} bytes", "body")

    def _read_status(self) -> tuple[str, int, str]:
        base: Any = super()  # begin() calls this method, which is private there
        version, status, reason = base._read_status()
        return version, 100 if 101 < status < 200 else status, reason

    def _safe_read(self, amt: int) -> bytes:
        base: Any = super()  # read1() calls this method for the end of a chunk; it is private there
        data: bytes = base._safe_read(amt)
        if self.chunked and data != b"\r\n":
            raise ExchangeError("closed", "a chunk does not end where its size says", "body")
        return data

    def _read_next_chunk_size(self) -> int:
        line = self.fp.readline(_LONGEST_CHUNK_HEAD)
        size = line.partition(b";")[0].rstrip(b" \t\r\n")
        if not (line.endswith(b"\n") and 0 < len(size) <= 16 and _HEX_DIGITS.issuperset(size)):
            raise ExchangeError("closed", "the size of a chunk cannot be read", "body")
        return int(size, 16)


class ClockedSocket:
    """The socket that ``http.client`` uses: every operation ends when the time is over."""

    def __init__(self, sock: socket.socket, clock: Clock, longest: float) -> None:
        self.ended: bool = False
        self.received: int = 0
        self._sock = sock
        self._clock = clock
        self._allowed: float = LONGEST_HEAD
        self._longest = longest

    def allow(self, more: float) -> None:
        """Refuses everything after the next ``more`` bytes.

        ``http.client`` reads without limit for a negative chunk size, and needs seconds for a header of some
        ten thousand parameters.
        """
        self._allowed = self.received + more

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._clock.at_most(self._clock.limits.read))
        self._sock.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        self._sock.settimeout(self._clock.at_most(self._clock.limits.read))
        received: int = self._sock.recv_into(buffer)
        self.ended = not received
        self.received += received
        if self.received > self._allowed:
            raise too_large(self._longest)
        return received

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_ClockedReader(self))

    def close(self) -> None:
        """Does nothing: ``http.client`` calls it before the body of the last answer has been read."""


class _ClockedReader(io.RawIOBase):
    def __init__(self, sock: ClockedSocket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.receive_into(buffer)
