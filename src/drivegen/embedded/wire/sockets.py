"""Listening sockets that go on whatever their peers do."""

from __future__ import annotations

import contextlib
import errno
import os
import socket

_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)


class Acceptor:
    """Takes connections from a listening socket, without waiting.

    When the process has no descriptor left, newcomers are turned away at once. Left alone they would keep the
    listener ready, and its owner would spin.
    """

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self.listener = listener
        self._spare = os.open(os.devnull, os.O_RDONLY)

    def accept(self) -> socket.socket | None:
        """A connection, if there is one that can be served."""
        try:
            sock, _ = self.listener.accept()
        except OSError as error:
            if error.errno in _NO_DESCRIPTOR:
                self._turn_away()
            return None
        return sock

    def _turn_away(self) -> None:
        os.close(self._spare)
        with contextlib.suppress(OSError):
            sock, _ = self.listener.accept()
            sock.close()
        self._spare = os.open(os.devnull, os.O_RDONLY)

    def close(self) -> None:
        """Ends listening."""
        os.close(self._spare)
        self.listener.close()
