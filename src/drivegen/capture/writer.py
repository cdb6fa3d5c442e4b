"""The writer: frames to one MCAP file, append-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from drivegen.capture.frame import Frame
from drivegen.core.plans import ScenePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSummary:
    """What a finished capture holds."""

    path: Path
    content_sha256: str
    """Over (topic, log time, payload) of all messages and the plan; see `drivegen.capture.schema`."""
    frames: int
    keyframes: int
    bytes: int
    encode_cpu_s: float
    """CPU time spent on encoding images and labels, all threads."""
    write_s: float
    """Wall time spent in the file system."""


class CaptureWriter:
    """Writes frames to `path` (scene.mcap); until `close` returns, the file is `path` + ".part".

    As a context manager it closes on success and aborts on an exception.

    Args:
        path: The capture; its folder must exist. An existing file is replaced when the new one is whole.
        plan: The scene's plan; its rig says which sensors are due when.
        provenance: Versions and names of what made the capture. No wall clock: it is part of the bytes.
        opendrive: The road's text, so that the capture stands alone; must have `plan.map.sha256`.
        jpeg_quality: Of the colour images, 1..100.
        threads: Encoders beside the caller's thread; 0 encodes in the caller's.

    Raises:
        CaptureError: The disk is full or the folder cannot be written; the partial file is gone.
        PlanError: `opendrive` is not the plan's.
    """

    def __init__(
        self,
        path: Path,
        plan: ScenePlan,
        provenance: Mapping[str, str],
        *,
        opendrive: str,
        jpeg_quality: int = 90,
        threads: int = 2,
    ) -> None:
        raise NotImplementedError

    def write(self, frame: Frame) -> None:
        """Appends a frame. Encoding goes on after the return: do not change the frame's arrays afterwards.

        Raises:
            FrameError: The frame is incomplete, out of order, or a due instant was passed over.
            CaptureError: The disk is full; the partial file is gone.
        """
        raise NotImplementedError

    def close(self) -> CaptureSummary:
        """Finishes the file and gives it its name.

        Raises:
            FrameError: Frames end before the last instant at which a sensor was due.
            CaptureError: The disk is full; the partial file is gone.
        """
        raise NotImplementedError

    def abort(self) -> None:
        """Removes the partial file. Harmless after `close` or a second time."""
        raise NotImplementedError

    def __enter__(self) -> CaptureWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
