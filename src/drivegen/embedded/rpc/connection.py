"""One client's RPC connection."""

from __future__ import annotations

import contextlib
import socket
from collections import deque

from drivegen.embedded.wire.codec import WireError
from drivegen.embedded.wire.messages import Request, RequestReader

READ_BYTES = 256 * 1024
MAX_UNSENT_BYTES = 256 * 1024 * 1024
"""Answers that may wait for a client; more means that it does not read."""


class RpcConnection:
    """Reads requests and writes answers without ever waiting."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.closed = False
        self._reader = RequestReader()
        self._unsent: deque[memoryview] = deque()
        self._unsent_bytes = 0

    def read(self) -> list[Request]:
        """Requests that have come since, in order. A broken peer closes the connection, after its last
        whole request.
        """
        requests: list[Request] = []
        try:
            data = self.sock.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return requests
        except OSError:
            data = b""
        if not data:
            self.close()
            return requests
        try:
            requests.extend(self._reader.feed(data))
        except WireError:
            self.close()
        return requests

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
        if self._unsent_bytes > MAX_UNSENT_BYTES:
            self.close()

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
        """Ends the connection; the owner unregisters and forgets it."""
        self.closed = True
        self._unsent.clear()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
