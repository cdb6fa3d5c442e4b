"""The spool: what a machine has recorded and not yet uploaded, and the orders that say so.

An order is a small file, written before a scene counts as handed over and removed when all of it lies in
storage. Whoever is killed, and whenever: what has an order is uploaded by the next who looks.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from drivegen.runtime.folder import RunFolder, write_json

MARKS = "marks"
"""Folder of the storage that holds a mark for each finished scene."""


def mark_name(scene: str) -> str:
    """Of a scene's mark in storage."""
    return f"{MARKS}/{scene}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be uploaded for a scene."""

    scene: str
    files: tuple[str, ...]
    """Names relative to the run folder; those that are missing are passed over."""
    capture: str
    """Name of the capture, removed here when it lies in storage."""
    sha256: str = ""
    """Of the capture's file, as it was written."""
    mark: dict[str, Any] = field(default_factory=dict)
    """The scene's mark, which is written there when all else lies there."""


class Spool:
    """The orders of a run folder on this machine."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._orders = folder.root / "spool"

    def add(self, order: Order) -> None:
        """Hands a scene over, durably."""
        self._orders.mkdir(parents=True, exist_ok=True)
        write_json(self._path(order.scene), asdict(order))

    def remove(self, scene: str) -> None:
        """Forgets a scene's order."""
        self._path(scene).unlink(missing_ok=True)

    def receipt(self, scene: str) -> Path:
        """What an uploader leaves of a scene that lies in storage, until that stands in the ledger."""
        return self._orders / f"{scene}.stored"

    def stored(self, scene: str) -> dict[str, Any] | None:
        """What it says; None if there is none."""
        try:
            found: dict[str, Any] = json.loads(self.receipt(scene).read_text(encoding="utf-8"))
            return found
        except (OSError, ValueError):
            return None

    def holds(self, scene: str) -> bool:
        """Whether a scene waits for its upload."""
        return self._path(scene).is_file()

    def scenes(self) -> list[str]:
        """Those that wait, oldest first."""
        found = []
        for path in self._orders.glob("[!.]*.json"):
            with contextlib.suppress(FileNotFoundError):
                found.append((path.stat().st_mtime_ns, path.stem))
        return [scene for _, scene in sorted(found)]

    @contextlib.contextmanager
    def claim(self, scene: str) -> Iterator[Order | None]:
        """The order of a scene, for this process alone; None if another has it or it is gone."""
        try:
            file = self._path(scene).open("rb")
        except FileNotFoundError:
            yield None
            return
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield None
                return
            # Between opening and locking another may have done it.
            yield _read(file.read()) if self.holds(scene) else None

    def captures_bytes(self) -> int:
        """Of the captures on this machine, those under way among them."""
        total = 0
        for path in (self.folder.root / "captures").glob("*.mcap*"):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def _path(self, scene: str) -> Path:
        return self._orders / f"{scene}.json"


def _read(data: bytes) -> Order:
    plain = json.loads(data)
    return Order(**{**plain, "files": tuple(plain["files"])})
