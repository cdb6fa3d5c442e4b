"""The bytes of a file by place: mapped into memory, or fetched in ranges from a remote one."""

from __future__ import annotations

import bisect
import mmap
import time
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from drivegen.capture.place import CapturePlace, RemoteFile, file_system
from drivegen.core.errors import CaptureError

T = TypeVar("T")

TAIL_BYTES = 1 << 18
"""Of a remote file, fetched when it is opened: its footer, and most often the whole summary."""
JOIN_BYTES = 1 << 14
"""Ranges that lie closer together are fetched as one."""
KEPT_BYTES = 1 << 26
"""Of a remote file, held in memory; what was fetched first goes first."""
TRIES = 5


class MappedBytes:
    """A file of this machine, mapped into memory."""

    def __init__(self, descriptor: int) -> None:
        """Raises OSError or ValueError (an empty file) where it cannot be mapped."""
        self._map = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)

    @property
    def size(self) -> int:
        """Of the file."""
        return len(self._map)

    def read(self, start: int, size: int) -> bytes:
        """A copy of a piece."""
        return self._map[start : start + size]

    def crc32(self, start: int, size: int) -> int:
        """Of a piece, without a copy."""
        with memoryview(self._map) as whole, whole[start : start + size] as piece:
            return zlib.crc32(piece)

    def fetch(self, ranges: Sequence[tuple[int, int]]) -> None:
        """The operating system reads ahead well enough."""

    def close(self) -> None:
        """Unmaps it."""
        self._map.close()


class RemoteBytes:
    """A file that fsspec reaches. Ranges are fetched side by side, and kept for a while."""

    def __init__(self, place: RemoteFile) -> None:
        """Asks for the size, and fetches the end. Raises CaptureError or ConfigError."""
        self._place = place
        self._system, self._path = file_system(place.url, place.options)
        self.size: int = self._ask(lambda: self._system.info(self._path)["size"])
        self._starts: list[int] = []
        self._kept: dict[int, bytes] = {}
        if self.size:
            self.fetch([(max(0, self.size - TAIL_BYTES), TAIL_BYTES)])

    def read(self, start: int, size: int) -> bytes:
        """A piece, fewer bytes at the end; fetched now if it was not. Raises CaptureError."""
        size = max(0, min(size, self.size - start))
        found = self._found(start, size)
        if found is None:
            self.fetch([(start, size)])
            found = self._found(start, size)
        assert found is not None
        return found

    def fetch(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Fetches those of the (start, size) that are not there yet, side by side. Raises CaptureError."""
        joined: list[list[int]] = []
        for start, size in sorted(ranges):
            end = min(start + size, self.size)
            if end <= start or self._found(start, end - start) is not None:
                continue
            if joined and start <= joined[-1][1] + JOIN_BYTES:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        if not joined:
            return
        starts, ends = [a for a, _ in joined], [b for _, b in joined]
        pieces = self._ask(
            lambda: self._system.cat_ranges([self._path] * len(starts), starts, ends, on_error="raise")
        )
        for start, end, piece in zip(starts, ends, pieces, strict=True):
            if len(piece) != end - start:
                raise CaptureError(f"{self._place}: {len(piece)} bytes came instead of {end - start}")
            self._keep(start, piece)

    def close(self) -> None:
        """Forgets what was fetched."""
        self._starts.clear()
        self._kept.clear()

    def _keep(self, start: int, piece: bytes) -> None:
        if start not in self._kept:
            bisect.insort(self._starts, start)
        self._kept.pop(start, None)
        self._kept[start] = piece
        while sum(map(len, self._kept.values())) > KEPT_BYTES and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            self._starts.remove(oldest)

    def _found(self, start: int, size: int) -> bytes | None:
        # A longer piece may begin further in front, but then what is wanted was not asked for with it.
        at = bisect.bisect_right(self._starts, start) - 1
        if at < 0:
            return None
        first = self._starts[at]
        piece = self._kept[first]
        return piece[start - first : start - first + size] if start + size <= first + len(piece) else None

    def _ask(self, request: Callable[[], T]) -> T:
        """Asks again after faults of the line, with growing pauses."""
        for number in range(TRIES):
            try:
                return request()
            except FileNotFoundError:
                raise CaptureError(f"{self._place}: there is no such capture") from None
            except PermissionError as error:
                raise CaptureError(f"{self._place} may not be read: {_first_line(error)}") from None
            except Exception as error:  # every file system has its own
                if number == TRIES - 1:
                    raise CaptureError(f"{self._place} cannot be read: {_first_line(error)}") from None
                time.sleep(0.2 * 2**number)
        raise AssertionError


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


FileBytes = MappedBytes | RemoteBytes


def open_bytes(place: CapturePlace) -> FileBytes:
    """The bytes of a capture. Raises CaptureError when it is not there or cannot be read."""
    if isinstance(place, RemoteFile):
        return RemoteBytes(place)
    try:
        with place.open("rb") as file:
            return MappedBytes(file.fileno())
    except FileNotFoundError:
        raise CaptureError(f"{place}: there is no such capture") from None
    except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise CaptureError(f"{place} cannot be read: {error}") from None
