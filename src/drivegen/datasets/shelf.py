"""Captures that are open: a few at a time, each process its own."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A scene that can be read."""

    name: str
    place: CapturePlace
    content_sha256: str | None
    """Of the capture that the listing was made from; none where that had none."""


class Shelf:
    """Opens captures when they are asked for, and closes those that were not asked for longest.

    It can be sent to another process (pickle) and be inherited by one (fork): readers are not.

    Args:
        scenes: By number.
        look: Name of the look whose images are read; empty: the simulator's.
        most_open: Captures that are held open.
    """

    def __init__(self, scenes: tuple[Scene, ...], look: str, most_open: int) -> None:
        self.scenes = scenes
        self.look = look
        self._most_open = most_open
        self._readers: OrderedDict[int, CaptureReader] = OrderedDict()
        self._process = os.getpid()

    def reader(self, number: int) -> CaptureReader:
        """A scene's reader; it may be closed when others are asked for.

        Raises:
            CaptureError: The capture cannot be read, or is not the one that was listed.
        """
        if self._process != os.getpid():
            # The parent's readers share their connections with it; they are its own to close.
            self._readers, self._process = OrderedDict(), os.getpid()
        reader = self._readers.get(number)
        if reader is None:
            reader = self._readers[number] = self._open(self.scenes[number])
            while len(self._readers) > self._most_open:
                _, oldest = self._readers.popitem(last=False)
                oldest.close()
        self._readers.move_to_end(number)
        return reader

    def close(self) -> None:
        """Closes what this process has open; it is opened again when asked for."""
        if self._process == os.getpid():
            for reader in self._readers.values():
                reader.close()
        self._readers.clear()

    def _open(self, scene: Scene) -> CaptureReader:
        reader = CaptureReader(scene.place, look=self.look)
        if scene.content_sha256 is not None and reader.content_sha256 != scene.content_sha256:
            reader.close()
            raise CaptureError(
                f"{scene.place} is another recording than the one in the run's index: run its job again, or"
                " open the capture by itself"
            )
        return reader

    def __getstate__(self) -> dict[str, Any]:
        return {"scenes": self.scenes, "look": self.look, "most_open": self._most_open}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Shelf.__init__(self, state["scenes"], state["look"], state["most_open"])
