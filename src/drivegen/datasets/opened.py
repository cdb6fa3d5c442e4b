"""Opening a run, a folder of captures, or one capture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.datasets.frames import FrameSet
from drivegen.datasets.listing import captures_at, index_beside, list_frames
from drivegen.datasets.shelf import Shelf


def open_captures(
    path: str | Path,
    *,
    where: str = "",
    keyframes: bool = False,
    look: str = "",
    storage: Mapping[str, Any] | None = None,
    most_open: int = 32,
) -> FrameSet:
    """All frames of all captures there: scenes by name, frames by time.

    Nothing is decoded yet. Where the captures are those of a run's index, the index tells what frames there
    are, and no capture is opened before it is read.

    Args:
        path: A run folder, a folder of captures, one capture, or the URL of any of these.
        where: Only frames that this is true of (see `FrameSet.where`); empty: all.
        keyframes: Only keyframes.
        look: Name of the look whose colour images are read; empty: the simulator's.
        storage: Options of a URL's file system, as fsspec takes them.
        most_open: Captures that a process holds open at once.

    Raises:
        CaptureError: There are no captures, or one cannot be read.
        ConfigError: A URL's file system cannot be had.
        ExportError: `where` cannot be asked.
    """
    captures = captures_at(path, storage or {})
    tables = index_beside(captures)
    listing = list_frames(captures, tables)
    found = FrameSet(listing, Shelf(listing.scenes, look, most_open), tables)
    if keyframes:
        found = found.take(np.flatnonzero(listing.keyframe))
    return found.where(where) if where else found
