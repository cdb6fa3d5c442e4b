"""Which sensors of the ego's rig a data set takes."""

from __future__ import annotations

from collections.abc import Iterator

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.sensors import Camera, Lidar

ALL = "all"


def cameras_of(capture: CaptureReader, wanted: str, format_name: str) -> tuple[Camera, ...]:
    """Cameras of the ego: all of them, or those of a list of channels with commas between, in its order.

    Raises:
        ExportError: A channel is no camera of the rig, or there is none at all.
    """
    there = {c.name: c for c in capture.rigs[EGO].cameras}
    names = list(there) if wanted == ALL else [n.strip() for n in wanted.split(",")]
    missing = [n for n in names if n not in there]
    if missing or not names:
        raise ExportError(
            f"{capture.path}: {format_name} wants the camera {', '.join(missing) or 'of any name'} in the"
            f" rig, whose cameras are {', '.join(there) or 'none'}; choose with cameras=..."
        )
    return tuple(there[n] for n in names)


def lidar_of(capture: CaptureReader, wanted: str, format_name: str) -> Lidar:
    """A LiDAR of the ego. Raises ExportError when the rig has none of that name."""
    there = {s.name: s for s in capture.rigs[EGO].lidars}
    if wanted not in there:
        raise ExportError(
            f"{capture.path}: {format_name} wants the LiDAR {wanted} in the rig, whose LiDARs are"
            f" {', '.join(there) or 'none'}; choose with lidar=..."
        )
    return there[wanted]


def frames_of(capture: CaptureReader, frames: str) -> Iterator[CapturedFrame]:
    """Frames in their order: `keyframes` or `all`."""
    return capture.frames(keyframes=frames != ALL)


def check_frames(frames: str, format_name: str) -> None:
    """Raises ExportError for an option that is neither `keyframes` nor `all`."""
    if frames not in {"keyframes", ALL}:
        raise ExportError(f"{format_name}: frames={frames!r}: keyframes or all is wanted")
