"""One client's RPC connection."""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable

from drivegen.embedded.wire.codec import WireError
from drivegen.embedded.wire.messages import Request, RequestReader

READ_BYTES = 256 * 1024
MAX_UNSENT_BYTES = 8 * 1024 * 1024
"""Answers that may wait for a client; while there are more, its next requests wait too."""
MAX_HALFWAY_S = 120.0
"""A client that stops in the middle of a request for so long will not go on."""


class RpcConnection:
    """Reads requests and writes answers without ever waiting."""

    def __init__(self, sock: socket.socket, wanted: Callable[[str], bool]) -> None:
        """Takes a socket over; calls that are not `wanted` come without their arguments."""
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.closed = False
        self.requests: deque[Request] = deque()
        """Requests that have come and have not been carried out, in order."""
        self._reader = RequestReader(wanted)
        self._last_read = time.monotonic()
        self._unsent: deque[memoryview] = deque()
        self._unsent_bytes = 0

    def read(self) -> None:
        """Takes in requests, unless some still wait. A broken peer closes the connection, after its last
        whole request.
        """
        if self.requests or self.closed:
            return
        try:
            data = self.sock.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._last_read = time.monotonic()
        try:
            self.requests.extend(self._reader.feed(data))
        except WireError:
            self.close()

    def is_stuck(self, now_s: float) -> bool:
        """Whether a part of a request has been there for too long without the rest."""
        return self._reader.is_halfway and now_s - self._last_read > MAX_HALFWAY_S

    @property
    def is_choked(self) -> bool:
        """True while so much waits to be sent that nothing more should be carried out."""
        return self._unsent_bytes > MAX_UNSENT_BYTES and not self.closed

    @property
    def wants_write(self) -> bool:
        """True while answers wait for the socket."""
        return bool(self._unsent)

    def write(self, data: bytes) -> None:
        """Sends an answer, or keeps what the socket does not take."""
        if self.closed:
            return
        self._unsent.append(memoryview(data))
        self._unsent_bytes += len(data)
        self.flush()

    def flush(self) -> None:
        """Sends what waits, as far as the socket takes it."""
        try:
            while self._unsent:
                part = self._unsent[0]
                sent = self.sock.send(part)
                self._unsent_bytes -= sent
                if sent < len(part):
                    self._unsent[0] = part[sent:]
                else:
                    self._unsent.popleft()
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.close()

    def close(self) -> None:
        """Ends the connection; the owner carries out what has come, unregisters and forgets it."""
        self.closed = True
        self._unsent.clear()
        self._unsent_bytes = 0
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
