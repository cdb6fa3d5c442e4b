"""Records one scene: from a CARLA server that answers at a port to a finished capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from drivegen.capture.writer import CaptureSummary
from drivegen.core.plans import ScenePlan

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total) in ticks; stages are warm-up and record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A CARLA server and the patience with it."""

    host: str = "127.0.0.1"
    port: int = 2000
    call_timeout_s: float = 30.0
    """Of every call to the server, a tick included."""
    load_timeout_s: float = 120.0
    """Of loading a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneResult:
    """What came of a scene plan."""

    capture: CaptureSummary
    achieved: dict[str, float]
    """Spawned and recorded: vehicles, pedestrians, and by class; beside `ScenePlan.requested`."""
    spawn_failures: tuple[str, ...]
    """One line for each vehicle or walker of the plan that the server refused, with its words."""
    stage_s: dict[str, float]
    """Wall seconds by stage: connect, map, spawn, warmup, tick, sensors, unpack, truth, visibility, write, close."""
    frames: int


def record_scene(
    plan: ScenePlan,
    *,
    map_path: Path,
    endpoint: Endpoint,
    capture_path: Path,
    provenance: Mapping[str, str],
    jpeg_quality: int = 92,
    encoder_threads: int = 1,
    progress: Progress | None = None,
) -> SceneResult:
    """Plays the plan on the server and writes the capture; leaves the server empty, also on errors.

    Args:
        plan: What to play.
        map_path: The OpenDRIVE file of `plan.map`; loaded into the server if it has another road.
        endpoint: Where the server is.
        capture_path: Of the capture; its folder must exist.
        provenance: Written into the capture; no wall clock.
        jpeg_quality: Of the colour images.
        encoder_threads: Encoders beside the caller's thread.
        progress: Told after every tick.

    Raises:
        PlanError: Periods do not fit the tick, or the map file is not the plan's.
        ServerError: The server cannot be reached, is of another version, or stopped answering. After a
            tick that never came back this process cannot talk to the server any more: end it.
        FrameError: A due sensor did not deliver exactly a tick's data.
        CaptureError: The capture could not be written.
    """
    raise NotImplementedError
