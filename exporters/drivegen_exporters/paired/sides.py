"""The sides of a scene: an agent with one LiDAR and one camera, frame by frame."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from drivegen.capture.frame import Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.agents import label_key
from drivegen.core.cooperation import Belief
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen_exporters.nuscenes.scene import EPOCH_US
from drivegen_exporters.paired.boxes import ImageView, SideLabel, side_label
from drivegen_exporters.paired.calibration import calibrate
from drivegen_exporters.paired.options import PairedOptions
from drivegen_exporters.rectify import rectification_of

S = TypeVar("S", Camera, Lidar)

_FRAMES_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFrame:
    """A sweep and the image nearest to it in time."""

    number: int
    """Of the side, from 0."""
    sweep: int
    """Index of the capture's frame in which the LiDAR delivered."""
    image: int
    """The same of the camera."""
    sweep_us: int
    """Written time."""
    image_us: int
    image_more: int | None
    """How many frames that follow have the same image; none where one before has it."""


class Side:
    """An agent as a side.

    Args:
        reader: The capture.
        agent: Its name.
        lidar: Channel; empty: the first of the rig.
        camera: Channel; empty: the one that looks straightest along the agent's x.
        options: What was chosen.

    Raises:
        ExportError: There is no such agent or channel.
    """

    def __init__(
        self, reader: CaptureReader, agent: str, lidar: str, camera: str, options: PairedOptions
    ) -> None:
        rig = _rig(reader, agent)
        self.agent = agent
        self.lidar = _lidar(rig, lidar, f"{reader.path}: {agent}")
        self.camera = _camera(rig, camera, f"{reader.path}: {agent}")
        self.lidar_key = label_key(agent, self.lidar.name)
        self.camera_key = label_key(agent, self.camera.name)
        self._reader = reader
        self._options = options
        self._frame = lru_cache(maxsize=_FRAMES_KEPT)(reader.frame)
        self.calibration = calibrate(
            rig, self.lidar, self.camera, reader.plan.agent_errors[agent], truth=options.true_calibration
        )
        self._rectified = rectification_of(self.camera, options.rectified_fov_deg)
        lens = self.camera.optics if self._rectified is None else self._rectified.pinhole
        if not isinstance(lens, Pinhole):
            raise AssertionError("what is not rectified is a pinhole")
        self.view = ImageView(
            pinhole=lens,
            width_px=self.camera.width_px,
            height_px=self.camera.height_px,
            camera_lidar=self.calibration.true_camera_lidar,
        )
        self.frames, self.empty_sweeps = self._list_frames()

    def jpeg(self, frame: SideFrame) -> bytes:
        """The image as a file."""
        data = self._frame(frame.image).agents[self.agent].jpeg(self.camera.name)
        return data if self._rectified is None else self._rectified.jpeg(data)

    def sweep(self, frame: SideFrame) -> Sweep:
        """The LiDAR's returns, in the sensor's own frame."""
        return self._frame(frame.sweep).agents[self.agent].sweep(self.lidar.name)

    def true_map_lidar(self, index: int) -> Pose:
        """World from the side's LiDAR frame in a frame of the capture, as it was."""
        return self._frame(index).agents[self.agent].map_agent @ self.calibration.true_agent_lidar

    def map_agent(self, index: int) -> Pose:
        """World from agent in a frame of the capture, as written."""
        belief = self._belief(index)
        if belief is None or self._options.true_poses:
            return self._frame(index).agents[self.agent].map_agent
        return belief.map_agent

    def map_lidar(self, index: int) -> Pose:
        """World from the side's LiDAR frame in a frame of the capture, as written."""
        return self.map_agent(index) @ self.calibration.agent_lidar

    def sweep_labels(self, frame: SideFrame) -> list[SideLabel]:
        """Objects that the sweep hit, when it hit them; with `hidden` all that are around."""
        seen = {o.track_id: o.cameras.get(self.camera_key) for o in self.around(frame.image)}
        lidar_map = self.true_map_lidar(frame.sweep).inverse()
        found = []
        for label in self.around(frame.sweep):
            points = label.lidar_points.get(self.lidar_key, 0)
            if points or self._options.hidden:
                found.append(side_label(label, lidar_map, self.view, seen.get(label.track_id), points))
        return found

    def image_labels(self, frame: SideFrame) -> list[SideLabel]:
        """Objects that the image shows, when it was taken; with `hidden` also those behind others."""
        lidar_map = self.true_map_lidar(frame.image).inverse()
        found = []
        for label in self.around(frame.image):
            seen = label.cameras.get(self.camera_key)
            if seen is not None and (seen.visible_pixels or self._options.hidden):
                made = side_label(label, lidar_map, self.view, seen, 0)
                if made.image is not None:
                    found.append(made)
        return found

    def around(self, index: int) -> tuple[ObjectLabel, ...]:
        """Objects around the agent in a frame of the capture; not itself."""
        return self._frame(index).around(self.agent)

    def _list_frames(self) -> tuple[tuple[SideFrame, ...], int]:
        """Frames, and the number of sweeps that are none because they are empty."""
        sweeps, images = (self._delivered(channel) for channel in (self.lidar.name, self.camera.name))
        found: list[SideFrame] = []
        empty = 0
        times = [t for t, _ in sweeps], [t for t, _ in images]
        pairs = list(enumerate(_nearest(*times, later=False)))
        for s, i in pairs if self._options.every_sweep else nearest_pairs(*times):
            (_, sweep), (_, image) = sweeps[s], images[i]
            if not len(self._frame(sweep).agents[self.agent].sweep(self.lidar.name)):
                empty += 1
                continue
            found.append(
                SideFrame(
                    number=len(found),
                    sweep=sweep,
                    image=image,
                    sweep_us=self._stamp_us(sweep, self.lidar.name),
                    image_us=self._stamp_us(image, self.camera.name),
                    image_more=None,
                )
            )
        return _share_images(found), empty

    def _delivered(self, channel: str) -> list[tuple[int, int]]:
        """When a sensor delivered, and the index of the capture's frame."""
        return [
            (f.time_ns, f.index)
            for f in self._reader.frames()
            if self.agent in f.agents and channel in f.agents[self.agent].delivered
        ]

    def _stamp_us(self, index: int, channel: str) -> int:
        belief = self._belief(index)
        if belief is None or self._options.true_clocks:
            return EPOCH_US + self._frame(index).time_ns // 1000
        return EPOCH_US + belief.channel_stamps_ns[channel] // 1000

    def _belief(self, index: int) -> Belief | None:
        return self._frame(index).agents[self.agent].belief


def nearest_pairs(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """Indexes into two ascending lists of times, of those that are nearest to each other.

    Each is in one pair at most. Of two that are equally near, the one of `b` that comes before `a` is taken:
    what a vehicle could have had by then.
    """
    to_b, to_a = _nearest(a, b, later=False), _nearest(b, a, later=True)
    return [(i, j) for i, j in enumerate(to_b) if to_a[j] == i] if to_a else []


def _share_images(frames: Sequence[SideFrame]) -> tuple[SideFrame, ...]:
    """Tells the first of the frames with an image how many there are."""
    uses = Counter(f.image for f in frames)
    return tuple(
        f if i and frames[i - 1].image == f.image else replace(f, image_more=uses[f.image] - 1)
        for i, f in enumerate(frames)
    )


def _nearest(of: Sequence[int], among: Sequence[int], *, later: bool) -> list[int]:
    if not among:
        return []
    found = []
    for time in of:
        after = bisect_left(among, time)
        near = [k for k in (after - 1, after) if 0 <= k < len(among)]
        gaps = [abs(among[k] - time) for k in near]
        found.append(near[-1] if gaps[-1] < gaps[0] or (later and gaps[-1] == gaps[0]) else near[0])
    return found


def _rig(reader: CaptureReader, agent: str) -> Rig:
    if agent not in reader.rigs:
        raise ExportError(f"{reader.path}: there is no agent {agent!r}; there are {', '.join(reader.rigs)}")
    return reader.rigs[agent]


def _lidar(rig: Rig, channel: str, where: str) -> Lidar:
    return _chosen(rig.lidars, channel, "LiDAR", where, key=lambda _: 0.0)


def _camera(rig: Rig, channel: str, where: str) -> Camera:
    return _chosen(rig.cameras, channel, "camera", where, key=_off_ahead_rad)


def _chosen(sensors: tuple[S, ...], channel: str, kind: str, where: str, key: Callable[[S], float]) -> S:
    found = [s for s in sensors if channel in ("", s.name)]
    if not found:
        there = ", ".join(s.name for s in sensors) or "none"
        raise ExportError(
            f"{where} has no {kind} {channel or 'at all'}; the format wants one (there: {there})"
        )
    return min(found, key=key)


def _off_ahead_rad(camera: Camera) -> float:
    """Angle between a camera's axis and its agent's x, seen from above, to a microradian."""
    x, y = (float(v) for v in camera.agent_sensor.rotation[:2, 0])
    return round(abs(math.atan2(y, x)), 6)
