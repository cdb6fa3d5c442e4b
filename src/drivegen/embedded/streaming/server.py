"""Accepts subscriptions and hands messages to them."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections import defaultdict

from drivegen.embedded.streaming.connection import Buffers, StreamConnection
from drivegen.embedded.wire.sockets import Acceptor
from drivegen.embedded.wire.streams import SIZE, SUBSCRIPTION

PROMISE_S = 1.0
"""How long a tick waits for a client that asked for a stream's token to connect."""
MAX_ORPHANS = 256
"""Connections of ended streams that are kept for their clients to close."""
_SUBSCRIBE_S = 5.0
"""A connection that has not said by then which stream it wants is dropped."""


class StreamServer:
    """All streams of the server.

    A thread of its own accepts connections and notices their end. All other methods are for the simulation
    thread; only `_lock` is shared.
    """

    def __init__(self, host: str, reader_timeout_s: float) -> None:
        """Raises OSError when the address cannot be bound."""
        self._reader_timeout_s = reader_timeout_s
        self._lock = threading.Condition()
        self._streams: dict[int, list[StreamConnection]] = {}
        self._orphans: list[StreamConnection] = []
        self._retained: dict[int, Buffers] = {}
        self._promises: dict[int, list[tuple[float, object]]] = defaultdict(list)
        listener = socket.create_server((host, 0), backlog=128)
        self._acceptor = Acceptor(listener)
        self.port: int = listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._stopping = False
        self._thread = threading.Thread(target=self._watch, name="streams", daemon=True)
        self._thread.start()

    # -- for the simulation thread ---------------------------------------------------------------------

    def open(self, stream_id: int) -> None:
        """From now on clients can subscribe to this stream."""
        with self._lock:
            self._streams.setdefault(stream_id, [])

    def close(self, stream_id: int) -> None:
        """Ends a stream: nothing more is sent, and nobody can subscribe.

        Its connections stay until their clients close them, as clients do when they stop a sensor. The 0.9.16
        client knocks again every second at a stream that the server closes, and may crash when that happens
        while it changes worlds. Only when very many are left so, the oldest are closed.
        """
        with self._lock:
            self._orphans += self._streams.pop(stream_id, [])
            self._retained.pop(stream_id, None)
            self._promises.pop(stream_id, None)
            excess, self._orphans = self._orphans[:-MAX_ORPHANS], self._orphans[-MAX_ORPHANS:]
        for connection in excess:
            connection.close()

    def has(self, stream_id: int) -> bool:
        """Whether the stream is open."""
        return stream_id in self._streams

    def has_readers(self, stream_id: int) -> bool:
        """Whether anybody is subscribed."""
        with self._lock:
            return any(not c.closed for c in self._streams.get(stream_id, ()))

    def promise(self, stream_id: int, owner: object) -> None:
        """A client was told where the stream is and will connect: `wait_for_promised` waits for it."""
        with self._lock:
            self._promises[stream_id].append((time.monotonic() + PROMISE_S, owner))

    def forget(self, owner: object) -> None:
        """A client is gone: nothing is promised to it any more."""
        with self._lock:
            for stream_id in list(self._promises):
                left = [p for p in self._promises[stream_id] if p[1] is not owner]
                if left:
                    self._promises[stream_id] = left
                else:
                    del self._promises[stream_id]
            self._lock.notify_all()

    def wait_for_promised(self, stream_id: int | None = None) -> None:
        """Waits until every promised reader (of one stream) is connected, or its time is over."""
        if not self._promises:
            return
        with self._lock:
            while awaited := self._pending(stream_id, time.monotonic()):
                self._lock.wait(max(min(awaited) - time.monotonic(), 0.001))

    def _pending(self, stream_id: int | None, now: float) -> list[float]:
        """Deadlines of the promises that still stand."""
        for promised in list(self._promises):
            left = [p for p in self._promises[promised] if p[0] > now]
            if left:
                self._promises[promised] = left
            else:
                del self._promises[promised]
        wanted = self._promises if stream_id is None else [stream_id]
        return [deadline for s in wanted for deadline, _ in self._promises.get(s, ())]

    def publish(
        self, stream_id: int, parts: Buffers, *, lossless: bool, retain: bool = False, queue: bool = False
    ) -> None:
        """Hands a message to every reader of a stream.

        Args:
            stream_id: An open stream; nothing happens for others.
            parts: The message without its size.
            lossless: Wait for readers that have much unread, and drop those that do not read at all;
                else drop the message for a reader that is still busy with the one before.
            queue: Let the message wait behind others even when not lossless: an event, of which the next
                one tells nothing.
            retain: Give the message also to readers that come later (the newest one only).
        """
        message = [SIZE.pack(sum(len(p) for p in parts)), *parts]
        with self._lock:
            if retain and stream_id in self._streams:
                self._retained[stream_id] = message
            connections = list(self._streams.get(stream_id, ()))
        wait_s = self._reader_timeout_s if lossless else 0.0 if queue else None
        for connection in connections:
            if not connection.send(message, wait_s) and lossless:
                connection.close()

    def flush(self, timeout_s: float) -> None:
        """Waits until readers have been given everything, at most `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with self._lock:
                if all(c.idle() or c.closed for cs in self._streams.values() for c in cs):
                    return
            time.sleep(0.005)

    def stop(self) -> None:
        """Ends all streams and the thread."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._wake.send(b"x")
        self._thread.join(timeout=5.0)

    # -- the thread that accepts ------------------------------------------------------------------------

    def _watch(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._acceptor.listener, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        strangers: dict[socket.socket, tuple[float, bytes]] = {}
        while not self._stopping:
            for key, _ in selector.select(timeout=1.0):
                if key.fileobj is self._acceptor.listener:
                    self._accept(selector, strangers)
                elif isinstance(key.data, StreamConnection):
                    self._end_if_closed(selector, key.data)
                elif key.fileobj in strangers:
                    assert isinstance(key.fileobj, socket.socket)
                    self._read_subscription(selector, strangers, key.fileobj)
            now = time.monotonic()
            for sock in [s for s, (deadline, _) in strangers.items() if deadline < now]:
                del strangers[sock]
                selector.unregister(sock)
                sock.close()
        for key in list(selector.get_map().values()):
            if isinstance(key.data, StreamConnection):
                key.data.close()
                key.data.join()
            elif isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._acceptor.close()
        self._wake.close()
        selector.close()

    def _accept(
        self, selector: selectors.BaseSelector, strangers: dict[socket.socket, tuple[float, bytes]]
    ) -> None:
        sock = self._acceptor.accept()
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            strangers[sock] = (time.monotonic() + _SUBSCRIBE_S, b"")
            selector.register(sock, selectors.EVENT_READ)

    def _read_subscription(
        self,
        selector: selectors.BaseSelector,
        strangers: dict[socket.socket, tuple[float, bytes]],
        sock: socket.socket,
    ) -> None:
        deadline, got = strangers[sock]
        try:
            data = sock.recv(SUBSCRIPTION.size - len(got))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        got += data
        if data and len(got) < SUBSCRIPTION.size:
            strangers[sock] = (deadline, got)
            return
        del strangers[sock]
        selector.unregister(sock)
        if not data or not self._subscribe(selector, sock, SUBSCRIPTION.unpack(got)[0]):
            sock.close()

    def _subscribe(self, selector: selectors.BaseSelector, sock: socket.socket, stream_id: int) -> bool:
        sock.setblocking(True)
        with self._lock:
            if stream_id not in self._streams:
                return False
            connection = StreamConnection(sock, stream_id)
            if stream_id in self._retained:
                connection.send(self._retained[stream_id], None)
            self._streams[stream_id].append(connection)
            promises = self._promises.get(stream_id)
            if promises:
                promises.pop(0)
                if not promises:
                    del self._promises[stream_id]
            self._lock.notify_all()
        selector.register(sock, selectors.EVENT_READ, connection)
        return True

    def _end_if_closed(self, selector: selectors.BaseSelector, connection: StreamConnection) -> None:
        """A reader never writes: readable means that it has gone (or breaks the protocol)."""
        with contextlib.suppress(BlockingIOError, InterruptedError):
            with contextlib.suppress(ConnectionError):
                connection.sock.recv(4096, socket.MSG_DONTWAIT)
            selector.unregister(connection.sock)
            connection.close()
            with self._lock:
                for held in (self._streams.get(connection.stream_id, []), self._orphans):
                    if connection in held:
                        held.remove(connection)
            connection.join()
