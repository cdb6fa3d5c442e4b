"""One capture as files and rows that both formats have."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from drivegen.capture.export.part import PartWriter
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen_exporters.paired.boxes import SideLabel
from drivegen_exporters.paired.calibration import transform_row
from drivegen_exporters.paired.clouds import pack_cloud
from drivegen_exporters.paired.numbering import Kind, mark, mark_run
from drivegen_exporters.paired.options import PairedOptions
from drivegen_exporters.paired.pairs import JointLabel, Pair, cooperative_labels, pairs_of
from drivegen_exporters.paired.sides import Side, SideFrame

Row = dict[str, Any]

VEHICLE_SIDE, UNIT_SIDE = "vehicle-side", "infrastructure-side"
VEHICLE_ROWS, UNIT_ROWS, PAIR_ROWS, PAIRED, TEXTS = "vehicle", "infrastructure", "pairs", "paired", "texts"
"""What parts keep for the joining."""

_VEHICLE_FILES = {
    "label_camera_std_path": "label/camera",
    "label_lidar_std_path": "label/lidar",
    "calib_camera_intrinsic_path": "calib/camera_intrinsic",
    "calib_lidar_to_camera_path": "calib/lidar_to_camera",
    "calib_lidar_to_novatel_path": "calib/lidar_to_novatel",
    "calib_novatel_to_world_path": "calib/novatel_to_world",
}
_UNIT_FILES = {
    "label_camera_std_path": "label/camera",
    "label_lidar_std_path": "label/virtuallidar",
    "calib_camera_intrinsic_path": "calib/camera_intrinsic",
    "calib_virtuallidar_to_camera_path": "calib/virtuallidar_to_camera",
    "calib_virtuallidar_to_world_path": "calib/virtuallidar_to_world",
}


class Segment:
    """A vehicle and a unit through a scene."""

    def __init__(
        self, number: int, unit: Side, pairs: list[Pair], first_vehicle: int, first_unit: int
    ) -> None:
        self.number = number
        self.unit = unit
        self.pairs = pairs
        self.first_vehicle = first_vehicle
        """Number of the vehicle's first frame: each segment has all frames of the vehicle once."""
        self.first_unit = first_unit


class PairedScene(ABC):
    """Turns one capture into files and rows; a format says what labels and rows look like.

    Args:
        reader: The capture.
        options: What was chosen.
        part: Where files go.

    Raises:
        ExportError: The capture has no roadside unit, or not the agents and channels that are wanted.
    """

    corrects_in_world: ClassVar[bool]
    """Whether virtuallidar_to_world carries the correction of the frame's pair."""

    def __init__(self, reader: CaptureReader, options: PairedOptions, part: PartWriter) -> None:
        self.reader = reader
        self.options = options
        self.part = part
        self.vehicle = Side(reader, options.vehicle, options.vehicle_lidar, options.vehicle_camera, options)
        self.segments: list[Segment] = []
        self.counts = dict.fromkeys(("pairs", "labels", "cooperative_labels", "empty_sweeps"), 0)
        self._tracks: dict[int, int] = {}
        first_unit = 0
        for number, name in enumerate(self._units()):
            unit = Side(reader, name, options.unit_lidar, options.unit_camera, options)
            pairs = pairs_of(self.vehicle, unit, options)
            self.segments.append(Segment(number, unit, pairs, number * len(self.vehicle.frames), first_unit))
            first_unit += len(unit.frames)
            self.counts["pairs"] += len(pairs)
            self.counts["empty_sweeps"] += unit.empty_sweeps
        self.counts["empty_sweeps"] += self.vehicle.empty_sweeps

    @abstractmethod
    def vehicle_labels(self, frame: SideFrame, sweep: list[SideLabel], image: list[SideLabel]) -> None:
        """Writes the vehicle's labels of a frame."""

    @abstractmethod
    def unit_labels(
        self, segment: Segment, frame: SideFrame, sweep: list[SideLabel], image: list[SideLabel]
    ) -> None:
        """Writes a unit's labels of a frame."""

    @abstractmethod
    def vehicle_row(self, segment: Segment) -> Row:
        """What data_info.json of the vehicle's side says of all its frames in a segment."""

    @abstractmethod
    def unit_row(self, segment: Segment) -> Row:
        """What data_info.json of the infrastructure's side says of all a unit's frames."""

    @abstractmethod
    def pair_row(self, segment: Segment, pair: Pair) -> Row:
        """What data_info.json of the cooperative labels says of a pair."""

    @abstractmethod
    def pair_labels(self, segment: Segment, pair: Pair, labels: list[JointLabel]) -> None:
        """Writes the cooperative labels of a pair."""

    def run(self) -> None:
        """Writes everything of the scene, and tells the part's facts."""
        seen = {frame.number: self._run_vehicle(frame) for frame in self.vehicle.frames}
        for segment in self.segments:
            self._run_segment(segment, seen)
        self.part.facts = {
            "numbers": {
                Kind.VEHICLE.value: len(self.vehicle.frames) * len(self.segments),
                Kind.UNIT.value: sum(len(s.unit.frames) for s in self.segments),
                Kind.SEGMENT.value: len(self.segments),
                Kind.TRACK.value: len(self._tracks),
            },
            "vehicle_frames": len(self.vehicle.frames),
            "counts": self.counts,
        }

    def vehicle_number(self, segment: Segment, frame: SideFrame) -> str:
        """Mark of a vehicle's frame."""
        return mark(Kind.VEHICLE, segment.first_vehicle + frame.number)

    def unit_number(self, segment: Segment, frame: SideFrame) -> str:
        """Mark of a unit's frame."""
        return mark(Kind.UNIT, segment.first_unit + frame.number)

    def track_number(self, track_id: int) -> str:
        """Mark of a track."""
        return mark(Kind.TRACK, self._tracks.setdefault(track_id, len(self._tracks)))

    def location(self, segment: Segment) -> str:
        """Name of the place where a unit stands."""
        plan = next(u for u in self.reader.plan.roadside if u.name == segment.unit.agent)
        place = plan.site if plan.junction_id is None else f"junction_{plan.junction_id}"
        return f"{self.reader.plan.map.name}_{place}"

    def keep(self, name: str, row: Any) -> None:
        """Keeps a line of JSON for the joining."""
        self.part.keep(name).write(to_json(row) + b"\n")

    def keep_text(self, name: str, data: Any) -> None:
        """Keeps a file of JSON in which there are marks: the joining writes it."""
        self.part.keep(TEXTS).write(name.encode() + b"\t" + to_json(data) + b"\n")

    def _units(self) -> list[str]:
        there = [u.name for u in self.reader.plan.roadside]
        wanted = [u for u in there if self.options.unit in ("", u)]
        if not wanted:
            raise ExportError(
                f"{self.reader.path}: the format wants a roadside unit"
                f"{f' named {self.options.unit}' if self.options.unit else ''};"
                f" there are {', '.join(there) or 'none'}"
            )
        return wanted

    def _run_vehicle(self, frame: SideFrame) -> set[int]:
        side = self.vehicle
        number = mark(Kind.VEHICLE, frame.number)
        self._write_sensors(side, frame, VEHICLE_SIDE, Kind.VEHICLE, frame.number)
        agent_lidar = {"transform": transform_row(side.calibration.agent_lidar)}
        for name, data in (
            ("lidar_to_camera", transform_row(side.calibration.camera_lidar)),
            ("lidar_to_novatel", agent_lidar),
            ("novatel_to_world", transform_row(side.map_agent(frame.sweep))),
        ):
            self.part.write(f"{VEHICLE_SIDE}/calib/{name}/{number}.json", to_json(data))
        sweep = side.sweep_labels(frame)
        self.vehicle_labels(frame, sweep, side.image_labels(frame))
        self.counts["labels"] += len(sweep)
        return {label.track_id for label in sweep}

    def _run_segment(self, segment: Segment, seen: dict[int, set[int]]) -> None:
        pairs = {pair.unit.number: pair for pair in segment.pairs}
        seen_by_unit = {}
        for frame in segment.unit.frames:
            seen_by_unit[frame.number] = self._run_unit(segment, frame, pairs.get(frame.number))
            number = self.unit_number(segment, frame)
            row = self._side_row(segment, segment.unit, frame, number, _UNIT_FILES)
            self.keep(UNIT_ROWS, row | self.unit_row(segment))
        for frame in self.vehicle.frames:
            number = self.vehicle_number(segment, frame)
            row = self._side_row(segment, self.vehicle, frame, number, _VEHICLE_FILES)
            self.keep(VEHICLE_ROWS, row | self.vehicle_row(segment))
        for pair in segment.pairs:
            by_vehicle, by_unit = seen[pair.vehicle.number], seen_by_unit[pair.unit.number]
            labels = cooperative_labels(self.vehicle, pair, by_vehicle, by_unit)
            self.pair_labels(segment, pair, labels)
            self.keep(PAIR_ROWS, self.pair_row(segment, pair))
            self.keep(PAIRED, self.vehicle_number(segment, pair.vehicle))
            self.counts["cooperative_labels"] += len(labels)

    def _run_unit(self, segment: Segment, frame: SideFrame, pair: Pair | None) -> set[int]:
        side = segment.unit
        number = self.unit_number(segment, frame)
        self._write_sensors(side, frame, UNIT_SIDE, Kind.UNIT, segment.first_unit + frame.number)
        to_world = transform_row(side.map_lidar(frame.sweep))
        if self.corrects_in_world:
            to_world["relative_error"] = pair.world_offset if pair else {"delta_x": "", "delta_y": ""}
        for name, data in (
            ("virtuallidar_to_camera", transform_row(side.calibration.camera_lidar)),
            ("virtuallidar_to_world", to_world),
        ):
            self.part.write(f"{UNIT_SIDE}/calib/{name}/{number}.json", to_json(data))
        sweep = side.sweep_labels(frame)
        self.unit_labels(segment, frame, sweep, side.image_labels(frame))
        self.counts["labels"] += len(sweep)
        return {label.track_id for label in sweep}

    def _side_row(
        self, segment: Segment, side: Side, frame: SideFrame, number: str, files: Mapping[str, str]
    ) -> Row:
        return {
            "image_path": f"image/{number}.jpg",
            "image_timestamp": str(frame.image_us),
            "pointcloud_path": f"velodyne/{number}.pcd",
            "pointcloud_timestamp": str(frame.sweep_us),
            **{key: f"{folder}/{number}.json" for key, folder in files.items()},
            "frame_id": number,
            "intersection_loc": self.location(segment),
            "scene": self.reader.scene,
            "agent": side.agent,
            "pointcloud_frame": frame.sweep,
            "image_frame": frame.image,
        }

    def _write_sensors(self, side: Side, frame: SideFrame, folder: str, kind: Kind, count: int) -> None:
        number = mark(kind, count)
        sweep = side.sweep(frame)
        cloud = pack_cloud(sweep.points_m, sweep.intensity, side.calibration.lidar_sensor)
        intrinsic = {
            "cam_D": [0.0] * 5,
            "cam_K": side.view.pinhole.intrinsic.reshape(-1).tolist(),
            "height": side.view.height_px,
            "width": side.view.width_px,
        }
        if frame.image_more is not None:
            run = mark_run(kind, count, frame.image_more)
            self.part.write(f"{folder}/image/{run}.jpg", side.jpeg(frame))
        self.part.write(f"{folder}/velodyne/{number}.pcd", cloud)
        self.part.write(f"{folder}/calib/camera_intrinsic/{number}.json", to_json(intrinsic))


def to_json(data: Any) -> bytes:
    """One line."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
