"""Accepts clients and passes their requests on, in order, on the caller's thread."""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Callable

from drivegen.embedded.rpc.connection import RpcConnection
from drivegen.embedded.wire.messages import Request
from drivegen.embedded.wire.sockets import Acceptor

Handle = Callable[[RpcConnection, Request], bytes | None]
"""Carries a request out; the packed answer, none for a notification."""
TURN_S = 0.01
"""A client that has sent many requests is served so long before it is another's turn."""
_SWEEP_S = 10.0


class RpcServer:
    """All RPC connections. One thread does everything: `poll`."""

    def __init__(
        self,
        listener: socket.socket,
        handle: Handle,
        ended: Callable[[RpcConnection], None],
        wanted: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Serves what connects to a listening socket, and closes that in the end.

        Args:
            listener: Bound; clients that connect before the first `poll` wait for it.
            handle: Called for each request.
            ended: Called once for each connection after its last request.
            wanted: Whether a call's arguments are looked at; others are passed on without.
        """
        self._handle = handle
        self._ended = ended
        self._wanted = wanted
        self._acceptor = Acceptor(listener)
        self.port: int = listener.getsockname()[1]
        self._connections: dict[RpcConnection, None] = {}
        self._busy: dict[RpcConnection, None] = {}
        """Those with requests that have come and have not been carried out."""
        self._last_sweep = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def poll(self, timeout_s: float | None) -> bool:
        """Waits for requests at most `timeout_s` (None: until there are some) and carries them out.

        Returns:
            Whether there was anything to do.
        """
        ready = self._selector.select(0.0 if self._busy else timeout_s)
        turns = dict(self._busy)
        for key, mask in ready:
            connection = key.data
            if key.fileobj is self._acceptor.listener:
                self._accept()
            elif connection is None:
                self._woken.recv(4096)
            else:
                if mask & selectors.EVENT_WRITE:
                    connection.flush()
                if mask & selectors.EVENT_READ:
                    connection.read()
                turns[connection] = None
        for connection in turns:
            self._serve(connection)
            self._settle(connection)
        self._sweep()
        return bool(turns or ready)

    def wake(self) -> None:
        """Makes `poll` return; from any thread or signal handler."""
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _accept(self) -> None:
        sock = self._acceptor.accept()
        if sock is not None:
            connection = RpcConnection(sock, self._wanted)
            self._connections[connection] = None
            self._selector.register(sock, selectors.EVENT_READ, connection)

    def _serve(self, connection: RpcConnection) -> None:
        end = time.monotonic() + TURN_S
        while connection.requests and not connection.is_choked:
            answer = self._handle(connection, connection.requests.popleft())
            if answer is not None:
                connection.write(answer)
            if time.monotonic() >= end:
                break

    def _settle(self, connection: RpcConnection) -> None:
        """Decides what to wait for."""
        self._busy.pop(connection, None)
        if connection.requests and not connection.is_choked:
            self._busy[connection] = None
        elif connection.closed:
            self._forget(connection)
            return
        reads = 0 if connection.requests and connection.wants_write else selectors.EVENT_READ
        events = reads | (selectors.EVENT_WRITE if connection.wants_write else 0)
        if connection.closed:
            # What came before the end is still to be carried out; there is nothing to wait for.
            return
        if self._selector.get_key(connection.sock).events != events:
            self._selector.modify(connection.sock, events, connection)

    def _forget(self, connection: RpcConnection) -> None:
        self._selector.unregister(connection.sock)
        del self._connections[connection]
        connection.sock.close()
        self._ended(connection)

    def _sweep(self) -> None:
        """Now and then, drops clients that have stopped in the middle of a request."""
        now = time.monotonic()
        if now - self._last_sweep < _SWEEP_S:
            return
        self._last_sweep = now
        for connection in [c for c in self._connections if c.is_stuck(now)]:
            connection.close()
            self._settle(connection)

    def close(self) -> None:
        """Ends all connections and the listener."""
        for connection in self._connections:
            connection.close()
            connection.sock.close()
        self._connections.clear()
        self._busy.clear()
        self._acceptor.close()
        self._wake.close()
        self._woken.close()
        self._selector.close()
