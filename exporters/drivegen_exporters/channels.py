"""Which frames a data set takes; which sensors, says `drivegen.capture.export.carriers`."""

from __future__ import annotations

from collections.abc import Iterator

from drivegen.capture.export.carriers import ALL
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError


def frames_of(capture: CaptureReader, frames: str) -> Iterator[CapturedFrame]:
    """Frames in their order: `keyframes` or `all`."""
    return capture.frames(keyframes=frames != ALL)


def check_frames(frames: str, format_name: str) -> None:
    """Raises ExportError for an option that is neither `keyframes` nor `all`."""
    if frames not in {"keyframes", ALL}:
        raise ExportError(f"{format_name}: frames={frames!r}: keyframes or all is wanted")
