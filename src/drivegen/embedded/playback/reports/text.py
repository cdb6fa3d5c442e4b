"""What all texts about recordings share. Numbers look as C++ streams write them."""

from __future__ import annotations

import time

from drivegen.embedded.playback.log.layout import Vector
from drivegen.embedded.playback.log.reader import Frame, Header, LogReader

MAX_CHARS = 64 * 2**20
"""A text is cut here: it travels in one message."""


def number(value: float) -> str:
    """Six significant digits."""
    return f"{value:g}"


def triple(value: Vector) -> str:
    """Three numbers in brackets."""
    return f"({number(value.x)}, {number(value.y)}, {number(value.z)})"


class Lines:
    """A growing text."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._chars = 0

    @property
    def full(self) -> bool:
        """Whether no more should be added."""
        return self._chars >= MAX_CHARS

    def add(self, line: str = "") -> None:
        """Adds a line."""
        self._lines.append(line)
        self._chars += len(line) + 1

    def text(self) -> str:
        """All lines."""
        return "".join(line + "\n" for line in self._lines)


def head(header: Header) -> list[str]:
    """What every text begins with."""
    return [f"Version: {header.version}", f"Map: {header.map_name}", f"Date: {_date(header.date_s)}", ""]


def _date(date_s: int) -> str:
    try:
        return time.strftime("%m/%d/%y %H:%M:%S", time.localtime(date_s))
    except (OverflowError, OSError, ValueError):
        return "unknown"


def end(
    lines: Lines, reader: LogReader, last: Frame | None, damage: str, duration: str | None = None
) -> None:
    """What every text ends with, and before it whether something is missing.

    Args:
        lines: Is added to.
        reader: After its pass over the file.
        last: The last frame that was read.
        damage: What kept from reading on; empty for nothing.
        duration: Of the recording as a text; as any number when absent.
    """
    if lines.full:
        lines.add("(the text is cut here: it is too long)")
    elif damage:
        lines.add(f"({damage})")
    elif reader.cut:
        lines.add("(the file is cut short after this)")
    lines.add()
    lines.add(f"Frames: {last.start.id if last else 0}")
    elapsed_s = last.start.elapsed_s if last else 0.0
    lines.add(f"Duration: {number(elapsed_s) if duration is None else duration} seconds")
