"""A file that knows the SHA-256 of what was written into it."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_PIECE_BYTES = 1 << 20


class _Raw(io.FileIO):
    """Hashes what passes, as long as it passes from the front to the end."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "wb")
        self.hash = hashlib.sha256()
        self.straight = True

    def write(self, data: Any) -> int:
        written = super().write(data) or 0
        self.hash.update(memoryview(data).cast("B")[:written])
        return written

    def seek(self, offset: int, whence: int = 0) -> int:
        before = self.tell()
        after = super().seek(offset, whence)
        self.straight &= before == after
        return after


class HashedFile(io.BufferedWriter):
    """A new file for writing. After closing it knows its length and hash; `done` is called then, once."""

    def __init__(self, path: Path, done: Callable[[HashedFile], None] | None = None) -> None:
        self._path = path
        self._done = done
        self._file = _Raw(path)
        self.length = 0
        """In bytes."""
        self.sha256 = ""
        super().__init__(self._file, _PIECE_BYTES)

    def close(self) -> None:
        """Closes it."""
        if self.closed:
            return
        super().close()
        self.length = self._path.stat().st_size
        self.sha256 = self._file.hash.hexdigest() if self._file.straight else file_sha256(self._path)
        if self._done is not None:
            self._done(self)


def write_new(path: str, pieces: Sequence[bytes | memoryview]) -> None:
    """Writes a file, or writes it anew, of pieces that are not copied first."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        left = sum(len(p) for p in pieces)
        written = os.writev(descriptor, pieces) if left else 0
        if written < left:  # a full disk says so at the next attempt
            rest = memoryview(b"".join(pieces))[written:]
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Of a file on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
