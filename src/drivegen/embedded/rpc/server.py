"""Accepts clients and passes their requests on, in order, on the caller's thread."""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable

from drivegen.embedded.rpc.connection import RpcConnection
from drivegen.embedded.wire.messages import Request

Handle = Callable[[RpcConnection, Request], bytes | None]
"""Carries a request out; the packed answer, none for a notification."""


class RpcServer:
    """All RPC connections. One thread does everything: `poll`."""

    def __init__(
        self, listener: socket.socket, handle: Handle, ended: Callable[[RpcConnection], None]
    ) -> None:
        """Serves what connects to a listening socket, and closes that in the end.

        Args:
            listener: Bound; clients that connect before the first `poll` wait for it.
            handle: Called for each request.
            ended: Called once for each connection after its last request.
        """
        self._handle = handle
        self._ended = ended
        self._listener = listener
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._connections: set[RpcConnection] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def poll(self, timeout_s: float | None) -> bool:
        """Waits for requests at most `timeout_s` (None: until there are some) and carries them out.

        Returns:
            Whether there was anything to do.
        """
        ready = self._selector.select(timeout_s)
        for key, mask in ready:
            connection = key.data
            if key.fileobj is self._listener:
                self._accept()
            elif connection is None:
                self._woken.recv(4096)
            else:
                if mask & selectors.EVENT_WRITE:
                    connection.flush()
                if mask & selectors.EVENT_READ:
                    self._serve(connection)
                self._settle(connection)
        return bool(ready)

    def wake(self) -> None:
        """Makes `poll` return; from any thread or signal handler."""
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            sock, _ = self._listener.accept()
            connection = RpcConnection(sock)
            self._connections.add(connection)
            self._selector.register(sock, selectors.EVENT_READ, connection)

    def _serve(self, connection: RpcConnection) -> None:
        for request in connection.read():
            answer = self._handle(connection, request)
            if answer is not None:
                connection.write(answer)

    def _settle(self, connection: RpcConnection) -> None:
        if connection.closed:
            self._selector.unregister(connection.sock)
            self._connections.discard(connection)
            connection.sock.close()
            self._ended(connection)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.wants_write else 0)
        if self._selector.get_key(connection.sock).events != events:
            self._selector.modify(connection.sock, events, connection)

    def close(self) -> None:
        """Ends all connections and the listener."""
        for connection in self._connections:
            connection.close()
            connection.sock.close()
        self._connections.clear()
        self._listener.close()
        self._wake.close()
        self._woken.close()
        self._selector.close()
