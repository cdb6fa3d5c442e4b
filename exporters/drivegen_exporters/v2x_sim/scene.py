"""One capture of several agents as rows and files, in the form of V2X-Sim.

V2X-Sim is nuScenes with the number of the agent behind the name of each channel: LIDAR_TOP_id_1. Here as
there 0 is the roadside unit (the first), 1 the ego, and connected vehicles follow; further roadside units
come after them, and last all agents without a LiDAR, since readers of V2X-Sim count the LiDARs through. The
first LiDAR of an agent is its LIDAR_TOP. `ego_pose` is the pose of the agent whose datum it is.

A sample's own data. Keyframes are the ego's. A sensor that runs out of phase delivers nothing then; what it
delivered nearest in time (the earlier of two) is the sample's own, with its own time and pose. Annotations
are those of the keyframe: what moves has got on a little in such data.

Annotations are all objects and the bodies of the ego and the connected vehicles. An object is annotated in
samples in which a LiDAR of any agent hit it (`num_lidar_pts` counts the returns of the sample's own sweeps of
all LIDAR_TOP, but for those that an agent has of its own body), its visibility is that over all cameras.
lidarseg has the points of all LIDAR_TOP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from drivegen.capture.frame import EGO, objects_around
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.agents import label_key
from drivegen.core.errors import ExportError
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen_exporters.nuscenes.scene import REFERENCE_LIDAR, Channel, SceneExport, belongings


class CooperativeScene(SceneExport):
    """Turns one capture of several agents into rows and files."""

    counts_own = True
    """The sweeps of a sample are of several moments, and its boxes of one."""

    def find_channels(self, reader: CaptureReader) -> dict[str, Channel]:
        """All cameras and LiDARs of all agents, as NAME_id_K."""
        out: dict[str, Channel] = {}
        for agent, number in agent_ids(reader).items():
            rig = reader.rigs[agent]
            for sensor in (s for s in rig.sensors if isinstance(s, Camera | Lidar)):
                name = f"{channel_name(rig, sensor)}_id_{number}"
                if name in out:
                    raise ExportError(
                        f"{reader.path}: two sensors of {agent} would be called {name}; give them other names"
                    )
                out[name] = Channel(agent=agent, sensor=sensor)
        return out

    def has_categories(self, name: str) -> bool:
        """Those of every LIDAR_TOP."""
        return name.startswith(f"{REFERENCE_LIDAR}_id_")

    def place_of(self, delivered: Sequence[int], keyframes: Sequence[int]) -> dict[int, tuple[int, bool]]:
        """A sample's own is what was delivered nearest to it, unless it is nearer to another sample."""
        own: dict[int, int] = {}
        for place, keyframe in enumerate(keyframes):
            if not delivered:
                break
            nearest = min(delivered, key=lambda index: (self._apart_ns(index, keyframe), index))
            back = min(keyframes, key=lambda index: (self._apart_ns(index, nearest), index))
            if back == keyframe:
                own[nearest] = place
        return belongings(delivered, own, len(keyframes))

    def labels(self, frame: CapturedFrame) -> Iterable[tuple[ObjectLabel, int]]:
        """Everything in the world, with the evidence of the sample's own data."""
        out = {label.track_id: _bare(label) for label in _everything(frame)}
        sample = self._number_of[frame.index]
        radars = {label.track_id: label.radar_points for label in _everything(frame)}
        for name, channel in self._channels.items():
            key = label_key(channel.agent, channel.sensor.name)
            for index, (place, is_own) in self._places[name].items():
                if is_own and place == sample:
                    for label in self._labels_at(index, frame):
                        if label.track_id in out:
                            _take(out[label.track_id], label, name, key)
        for track_id, label in out.items():
            points = sum(n for name, n in label.lidar_points.items() if self.has_categories(name))
            yield replace(label, radar_points=radars[track_id]), points

    def check_rig(self) -> None:
        """Raises ExportError where the ego is alone, or has no LiDAR."""
        if len(self._reader.rigs) < 2:
            raise ExportError(
                f"{self._reader.path}: the ego is alone in scene {self._scene}; v2x_sim wants a connected"
                " vehicle or a roadside unit beside it: record it with agents, or export it as nuscenes"
            )
        if not self._reader.rigs[EGO].lidars:
            raise ExportError(f"{self._reader.path}: v2x_sim wants a LiDAR in the ego's rig, which has none")

    def check_keyframe(self, frame: CapturedFrame) -> None:
        """Any keyframe can be a sample."""

    @cached_property
    def _number_of(self) -> dict[int, int]:
        return {f.index: i for i, f in enumerate(self._reader.frames(keyframes=True))}

    @cached_property
    def _times_ns(self) -> list[int]:
        return [f.time_ns for f in self._reader.frames()]

    def _apart_ns(self, index: int, other: int) -> int:
        return abs(self._times_ns[index] - self._times_ns[other])

    def _labels_at(self, index: int, frame: CapturedFrame) -> tuple[ObjectLabel, ...]:
        return _everything(frame if index == frame.index else self._reader.frame(index))


def agent_ids(reader: CaptureReader) -> dict[str, int]:
    """V2X-Sim's numbers of the agents, ascending."""
    with_lidar = [name for name, rig in reader.rigs.items() if rig.lidars]
    poles = [unit.name for unit in reader.plan.roadside if unit.name in with_lidar]
    vehicles = [name for name in with_lidar if name not in poles]
    others = [name for name in reader.rigs if name not in with_lidar]
    # 0 is nobody's but a roadside unit's.
    return {
        name: number
        for number, name in enumerate((*poles[:1], *vehicles, *poles[1:], *others), 0 if poles else 1)
    }


def channel_name(rig: Rig, sensor: Camera | Lidar) -> str:
    """A sensor's name without the agent's number: LIDAR_TOP of the first LiDAR, CAM_... of cameras."""
    if isinstance(sensor, Lidar):
        return REFERENCE_LIDAR if sensor is rig.lidars[0] else sensor.name.upper()
    rest = sensor.name.upper().removeprefix("CAMERA").removeprefix("CAM").removeprefix("_")
    return f"CAM_{rest or 'FRONT'}"


def _everything(frame: CapturedFrame) -> tuple[ObjectLabel, ...]:
    return objects_around(frame.objects, frame.agents[EGO].body, None)


def _bare(label: ObjectLabel) -> ObjectLabel:
    return replace(label, cameras={}, lidar_points={}, radar_points={})


def _take(label: ObjectLabel, source: ObjectLabel, name: str, key: str) -> None:
    """Enters the evidence of one sensor into a label, under the data set's name."""
    if key in source.cameras:
        label.cameras[name] = source.cameras[key]
    if key in source.lidar_points:
        label.lidar_points[name] = source.lidar_points[key]
