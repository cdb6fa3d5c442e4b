"""The sending end of one subscription."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Sequence

MAX_MESSAGES = 8
"""Messages that may wait for a reader."""
MAX_BYTES = 32 * 1024 * 1024
"""Bytes that may wait for a reader; a single greater message may wait alone."""
_POLL_S = 0.5

Buffers = Sequence[bytes | memoryview]


class StreamConnection:
    """Sends messages to one reader, in order.

    A message goes straight into the socket as far as the socket takes it; the rest waits for a thread of this
    connection, so that the simulation works on while a large image leaves.
    """

    def __init__(self, sock: socket.socket, stream_id: int) -> None:
        self.sock = sock
        self.stream_id = stream_id
        self._changed = threading.Condition()
        self._waiting: deque[list[memoryview]] = deque()
        self._bytes = 0
        self._sending = False
        self._closed = False
        self._thread: threading.Thread | None = None
        # A send that waits longer returns, so that the thread sees the end of the connection.
        seconds = int(_POLL_S)
        micros = int((_POLL_S - seconds) * 1e6)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, micros))

    @property
    def closed(self) -> bool:
        """True when nothing will be sent any more."""
        return self._closed

    def idle(self) -> bool:
        """True when the reader has been given all there is."""
        return not self._waiting and not self._sending

    def send(self, message: Buffers, wait_s: float | None) -> bool:
        """Hands over a message.

        Args:
            message: All parts, the size first.
            wait_s: How long to wait for room; None drops the message at once while an older one is waiting.

        Returns:
            False if there was no room (or the connection has ended).
        """
        size = sum(len(part) for part in message)
        with self._changed:
            if wait_s is None:
                if not self.idle():
                    return False
            elif not self._wait_for_room(size, wait_s):
                return False
            if self._closed:
                return False
            parts = [memoryview(part) for part in message if len(part)]
            if self.idle():
                parts = self._send_now(parts)
                if not parts:
                    return not self._closed
            self._waiting.append(parts)
            self._bytes += sum(len(part) for part in parts)
            self._start()
            self._changed.notify_all()
        return True

    def _wait_for_room(self, size: int, wait_s: float) -> bool:
        deadline = time.monotonic() + wait_s
        while not self._closed:
            roomy = len(self._waiting) < MAX_MESSAGES and self._bytes + size <= MAX_BYTES
            if roomy or not self._waiting:
                return True
            left = deadline - time.monotonic()
            if left <= 0 or not self._changed.wait(left):
                return False
        return False

    def _send_now(self, parts: list[memoryview]) -> list[memoryview]:
        """Sends what the socket takes without waiting; the rest."""
        try:
            while parts:
                sent = self.sock.sendmsg(parts, [], socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
                parts = _after(parts, sent)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._closed = True
            return []
        return parts

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._send_waiting, name=f"stream-{self.stream_id}", daemon=True
            )
            self._thread.start()

    def _send_waiting(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                parts = self._waiting.popleft()
                size = sum(len(part) for part in parts)
                self._sending = True
            try:
                while parts and not self._closed:
                    with contextlib.suppress(BlockingIOError, InterruptedError):
                        parts = _after(parts, self.sock.sendmsg(parts, [], socket.MSG_NOSIGNAL))
            except OSError:
                self._closed = True
            with self._changed:
                self._bytes -= size
                self._sending = False
                self._changed.notify_all()

    def close(self) -> None:
        """Ends the connection; what waits is dropped. May be called by any thread, more than once."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        """Waits for the thread and gives the socket back; after `close`."""
        if self._thread is not None:
            self._thread.join(timeout=2 * _POLL_S)
        self.sock.close()


def _after(parts: list[memoryview], sent: int) -> list[memoryview]:
    """The parts without their first `sent` bytes."""
    for i, part in enumerate(parts):
        if sent < len(part):
            return [part[sent:], *parts[i + 1 :]]
        sent -= len(part)
    return []
