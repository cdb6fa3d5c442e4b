"""What an agent's own sensors saw of each object in a frame, as arrays: all that its detector goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from drivegen.capture.frame import EGO, Frame
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Rig

REMEMBERED_NS = 110_000_000
"""What a camera saw counts for so long: a little more than a period of 10 Hz."""
_UNSEEN = (-(10**15), 0, 0.0, 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """The frame's objects, the ego's body among them, as arrays; made once for all agents."""

    labels: tuple[ObjectLabel, ...]
    """By ascending track id."""
    track_id: Int64[np.ndarray, "n"]
    centre_m: Float64[np.ndarray, "n 3"]
    yaw_rad: Float64[np.ndarray, "n"]
    size_m: Float64[np.ndarray, "n 3"]
    velocity_mps: Float64[np.ndarray, "n 3"]

    @staticmethod
    def of(frame: Frame) -> Scene:
        """Of a frame."""
        body = frame.agents[EGO].body if EGO in frame.agents else None
        labels = sorted((*frame.objects, *(() if body is None else (body,))), key=lambda o: o.track_id)
        wxyz = np.array([o.box.pose.orientation_wxyz for o in labels]).reshape(-1, 4)
        w, x, y, z = wxyz.T
        return Scene(
            labels=tuple(labels),
            track_id=np.array([o.track_id for o in labels], dtype=np.int64),
            centre_m=np.array([o.box.pose.position_m for o in labels]).reshape(-1, 3),
            yaw_rad=np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)),
            size_m=np.array([o.box.size_m for o in labels]).reshape(-1, 3),
            velocity_mps=np.array([o.velocity_mps for o in labels]).reshape(-1, 3),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Of those of a scene's objects that an agent has any evidence of."""

    row: Int64[np.ndarray, "m"]
    """In the scene."""
    points: Float64[np.ndarray, "m"]
    """LiDAR returns, of all the agent's LiDARs together."""
    pixels: Float64[np.ndarray, "m"]
    """Visible pixels in the camera that sees most of it."""
    visible_fraction: Float64[np.ndarray, "m"]
    """In that camera."""
    lidar: Int64[np.ndarray, "m"]
    """Index of the LiDAR with most returns among the rig's."""
    camera: Int64[np.ndarray, "m"]
    """Index of that camera among the rig's."""


def label_key(agent: str, channel: str) -> str:
    """The key of an agent's channel in labels."""
    return channel if agent == EGO else f"{agent}/{channel}"


class Witness:
    """Collects one agent's evidence.

    Where its cameras run out of phase with its LiDARs, what they saw last counts for a while.
    """

    def __init__(self, agent: str, rig: Rig) -> None:
        self.lidars = tuple(s.name for s in rig.lidars)
        self.cameras = tuple(s.name for s in rig.cameras)
        self._lidar_keys = tuple((k, label_key(agent, name)) for k, name in enumerate(self.lidars))
        self._camera_keys = tuple((k, label_key(agent, name)) for k, name in enumerate(self.cameras))
        self._seen: dict[int, tuple[int, int, float, int]] = {}
        """When, pixels, visible fraction, camera, by track id."""

    def evidence(self, time_ns: int, scene: Scene, own_track: int | None) -> Evidence:
        """Of all objects but the agent's own body, in a frame."""
        self.look(time_ns, scene)
        rows: list[tuple[int, int, int, float, int, int]] = []
        for row, label in enumerate(scene.labels):
            if label.track_id == own_track:
                continue
            points, most, lidar = 0, -1, 0
            for k, key in self._lidar_keys:
                found = label.lidar_points.get(key, 0)
                points += found
                if found > most:
                    most, lidar = found, k
            when, pixels, fraction, camera = self._seen.get(label.track_id, _UNSEEN)
            if time_ns - when > REMEMBERED_NS:
                pixels, fraction, camera = 0, 0.0, 0
            if points or pixels:
                rows.append((row, points, pixels, fraction, lidar, camera))
        return _evidence(rows)

    def look(self, time_ns: int, scene: Scene) -> None:
        """Takes in what cameras delivered in a frame, also in one without detection."""
        for label in scene.labels:
            if not label.cameras:
                continue
            best: tuple[int, int, float, int] | None = None
            for k, key in self._camera_keys:
                seen = label.cameras.get(key)
                if seen is not None and (best is None or seen.visible_pixels > best[1]):
                    best = (time_ns, seen.visible_pixels, seen.visible_fraction, k)
            if best is not None:
                self._seen[label.track_id] = best


def _evidence(rows: Sequence[tuple[int, int, int, float, int, int]]) -> Evidence:
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    return Evidence(
        row=table[:, 0].astype(np.int64),
        points=table[:, 1],
        pixels=table[:, 2],
        visible_fraction=table[:, 3],
        lidar=table[:, 4].astype(np.int64),
        camera=table[:, 5].astype(np.int64),
    )


def thinness(amount: Float64[np.ndarray, "n"], least: float, scale: float = 1.5) -> Float64[np.ndarray, "n"]:
    """1 below the least amount of evidence, falling towards 0 with `scale` times the least above it."""
    thin = np.exp(-(amount - least + 1.0) / max(scale * least, 1e-9))
    return np.where(amount >= least, np.minimum(thin, 1.0), 1.0)
