"""Labels held against what the sensors delivered, and the sensors against each other, in some frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from drivegen.capture.clip import ClipImage
from drivegen.capture.course import Course, still_points
from drivegen.capture.frame import Clutter
from drivegen.capture.messages import camera_optical
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar
from drivegen.report.overlays import agreement_m
from drivegen.report.strange.finding import Finding, Level

_FRAMES = 36
"""Looked at in a run, evenly."""
_ENOUGH_POINTS = 15
_GROW_M = 0.12
_INSIDE = 0.7
"""Share of an object's points that must lie in its box, grown by `_GROW_M`."""
_MOVES_MPS = 1.0
"""Points of a sweep that is bent by motion are where what moves was, not where it is."""
_ENOUGH_RETURNS = 40
"""Fewer tell nothing of a calibration."""
_OFF_M = 0.15
"""Median difference of LiDAR and depth image beyond which a calibration is doubtful."""
_PIXELS_OFF = 0.02
_KEPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A LiDAR against a camera of the same agent."""

    agent: str
    camera: str
    points: int
    median_m: float
    p95_m: float

    @property
    def enough(self) -> bool:
        """Whether there was enough to compare."""
        return self.points >= _ENOUGH_RETURNS

    @property
    def ok(self) -> bool:
        """Whether they agree; also where there was too little to compare."""
        return not self.enough or self.median_m < _OFF_M


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What was counted."""

    frames: int = 0
    images: int = 0
    sweeps: int = 0
    labels_in_images: int = 0
    labels_in_sweeps: int = 0
    findings: list[Finding] = field(default_factory=list)
    pairings: list[Pairing] = field(default_factory=list)

    def say(self, item: Finding) -> None:
        """Adds a finding."""
        if len(self.findings) < _KEPT:
            self.findings.append(item)


def gather(captures: Sequence[CapturePlace]) -> Evidence:
    """Decodes some frames of some captures, one by one."""
    out = Evidence()
    offs: dict[tuple[str, str], list[np.ndarray]] = {}
    count = min(len(captures), _FRAMES)
    chosen = [captures[int(i)] for i in np.linspace(0, len(captures) - 1, count)]
    for place in chosen:
        with CaptureReader(place) as reader:
            for frame in _moments(reader, max(1, _FRAMES // max(count, 1))):
                out.frames += 1
                for name in frame.agents:
                    _look_at(out, offs, reader, frame, name)
    for (agent, camera), parts in offs.items():
        off = np.abs(np.concatenate(parts))
        low, high = np.percentile(off, [50, 95]) if len(off) else (np.nan, np.nan)
        out.pairings.append(
            Pairing(agent=agent, camera=camera, points=len(off), median_m=float(low), p95_m=float(high))
        )
    return out


def _moments(reader: CaptureReader, count: int) -> list[CapturedFrame]:
    """Frames in which cameras delivered, evenly over the scene; without cameras, keyframes."""
    frames = [f for f in reader.frames() if any(a.delivered_by(Camera) for a in f.agents.values())]
    frames = frames or list(reader.frames(keyframes=True))
    return [frames[int(i)] for i in sorted(set(np.linspace(0, len(frames) - 1, count).astype(int).tolist()))]


def _look_at(
    out: Evidence,
    offs: dict[tuple[str, str], list[np.ndarray]],
    reader: CaptureReader,
    frame: CapturedFrame,
    name: str,
) -> None:
    agent = frame.agents[name]
    labels = [label.seen_by(name) for label in frame.around(name)]
    own = agent.track_id
    lidars = [reader.sensor(name, c) for c in agent.delivered_by(Lidar)]
    clouds = []
    for lidar in lidars:
        assert isinstance(lidar, Lidar)
        out.sweeps += 1
        sweep = agent.sweep(lidar.name)
        points = sweep.points_m.astype(np.float64)
        if sweep.time_offset_s is not None:
            points = still_points(Course(reader, name), frame.time_ns, lidar, sweep)
        surface = np.ones(len(points), bool) if sweep.clutter is None else sweep.clutter == Clutter.SURFACE
        clouds.append(lidar.agent_sensor.transform_points(points[surface & (sweep.object_id == 0)]))
        world = (agent.map_agent @ lidar.agent_sensor).transform_points(points)
        bent = sweep.time_offset_s is not None
        for label in labels:
            _hold_points(out, reader.scene, frame, name, lidar.name, label, world, sweep.object_id, bent)
    cloud = np.concatenate(clouds) if clouds else np.zeros((0, 3))
    for channel in agent.delivered_by(Camera):
        camera = reader.sensor(name, channel)
        assert isinstance(camera, Camera)
        out.images += 1
        image = ClipImage(frame, agent, camera)
        counts = np.bincount(image.instance.ravel(), minlength=1 << 16)
        for label in labels:
            if label.track_id != own:
                _hold_pixels(
                    out, reader.scene, frame, name, channel, label, int(counts[label.track_id & 0xFFFF])
                )
        if clouds:
            optical = camera_optical(camera).inverse().transform_points(cloud)
            offs.setdefault((name, channel), []).append(agreement_m(image, optical))


def _hold_points(
    out: Evidence,
    scene: str,
    frame: CapturedFrame,
    agent: str,
    channel: str,
    label: ObjectLabel,
    world_m: np.ndarray,
    ids: np.ndarray,
    bent: bool,
) -> None:
    if channel not in label.lidar_points:
        return
    out.labels_in_sweeps += 1
    mine = ids == label.track_id
    count, told = int(mine.sum()), label.lidar_points[channel]
    if count != told:
        why = f"{agent}/{channel} has {count} points of it, its label says {told}"
        score = 1.0 + abs(count - told) / max(count, told)
        out.say(_finding("points_count", Level.WRONG, score, why, scene, frame, label, agent))
    if bent and np.linalg.norm(label.velocity_mps) > _MOVES_MPS:
        return
    if count >= _ENOUGH_POINTS:
        inside = float(label.box.contains(world_m[mine], _GROW_M).mean())
        if inside < _INSIDE:
            why = f"{1 - inside:.0%} of its {count} points from {agent}/{channel} lie outside its box"
            out.say(
                _finding(
                    "points_outside",
                    Level.WRONG,
                    1.0 + 4 * (_INSIDE - inside),
                    why,
                    scene,
                    frame,
                    label,
                    agent,
                )
            )


def _hold_pixels(
    out: Evidence, scene: str, frame: CapturedFrame, agent: str, channel: str, label: ObjectLabel, count: int
) -> None:
    seen = label.cameras.get(channel)
    told = 0 if seen is None else seen.visible_pixels
    out.labels_in_images += 1
    if abs(count - told) > 2 + _PIXELS_OFF * max(count, told):
        why = f"the instance image of {agent}/{channel} has {count} pixels of it, its label says {told}"
        score = 1.0 + abs(count - told) / max(count, told)
        out.say(_finding("pixels_count", Level.WRONG, score, why, scene, frame, label, agent))


def _finding(
    check: str,
    level: Level,
    score: float,
    why: str,
    scene: str,
    frame: CapturedFrame,
    label: ObjectLabel,
    agent: str,
) -> Finding:
    return Finding(
        check=check,
        level=level,
        score=score,
        why=why,
        scene=scene,
        frame=frame.index,
        track=label.track_id,
        kind=label.object_class.value,
        agent=agent,
    )
