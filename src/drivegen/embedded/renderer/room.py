"""Where in a buffer there is room."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


class Room:
    """Hands out stretches of a buffer that may grow; what came back is handed out again, lowest first."""

    def __init__(self) -> None:
        self.end = 0
        """Nothing lies behind this."""
        self._gaps: list[tuple[int, int]] = []
        """(start, length), ascending, none touching another."""

    def take(self, lengths: Sequence[int]) -> list[int]:
        """Starts of stretches of these lengths."""
        return [self._one(length) for length in lengths]

    def _one(self, length: int) -> int:
        if length == 0:
            return 0
        for i, (start, free) in enumerate(self._gaps):
            if free >= length:
                rest = (start + length, free - length)
                self._gaps[i : i + 1] = [rest] if rest[1] else []
                return start
        start = self.end
        self.end += length
        return start

    def give_back(self, start: int, length: int) -> None:
        """A stretch that was handed out is free again."""
        if length == 0:
            return
        i = bisect_left(self._gaps, (start, 0))
        if i < len(self._gaps) and start + length == self._gaps[i][0]:
            length += self._gaps.pop(i)[1]
        if i > 0 and sum(self._gaps[i - 1]) == start:
            i -= 1
            start, length = self._gaps[i][0], self._gaps[i][1] + length
            self._gaps.pop(i)
        if start + length == self.end:
            self.end = start
        else:
            self._gaps.insert(i, (start, length))
