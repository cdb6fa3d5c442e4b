"""TCP ports for servers that must be told theirs, locked: no two jobs of a user take the same."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import IO

from drivegen.core.errors import ServerError

FIRST_PORT = 20_000
LAST_PORT = 32_000
"""Below the range from which Linux gives ports to connections (ip_local_port_range begins at 32768)."""


class PortBlock:
    """Consecutive ports that nobody listened on, locked against other drivegen jobs until `close`."""

    def __init__(self, count: int, *, folder: Path | None = None) -> None:
        """Takes a block. Raises ServerError when all are taken.

        Args:
            count: Of ports.
            folder: Of the locks; one for each user by default.
        """
        self._count = count
        self._folder = folder or Path(tempfile.gettempdir()) / f"drivegen-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock, self.first = self._take()

    def _take(self) -> tuple[IO[bytes], int]:
        firsts = range(FIRST_PORT, LAST_PORT - self._count, self._count)
        # Each process begins elsewhere, so that few locks are tried.
        start = os.getpid() % len(firsts)
        for first in (*firsts[start:], *firsts[:start]):
            lock = (self._folder / str(first)).open("ab")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            if all(_is_free(port) for port in range(first, first + self._count)):
                return lock, first
            lock.close()
        raise ServerError(
            f"no {self._count} free ports in a row between {FIRST_PORT} and {LAST_PORT}; end other servers"
        )

    def close(self) -> None:
        """Lets others have them."""
        self._lock.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As a server does, so that a connection that was closed a moment ago is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
