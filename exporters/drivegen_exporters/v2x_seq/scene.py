"""One capture in V2X-Seq-SPD's form.

Yu et al., "V2X-Seq" (CVPR 2023), the data set's description, and the loaders of the DAIR-V2X repository.
Unlike DAIR-V2X-C, labels are numbers and have tokens and tracks, cooperative labels are in the vehicle's
LiDAR frame and hold all types, and the correction of a pair is added in the vehicle's LiDAR frame.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from drivegen_exporters.paired.boxes import SideLabel
from drivegen_exporters.paired.numbering import Kind, mark
from drivegen_exporters.paired.pairs import JointLabel, Pair
from drivegen_exporters.paired.scene import UNIT_SIDE, VEHICLE_SIDE, PairedScene, Row, Segment
from drivegen_exporters.paired.sides import SideFrame

_TOKENS = UUID("8d4b5f1e-6f0c-5b7e-9a54-2f1d0c7b3a69")
_MISSING = "-1"
_FROM_SIDE = {(True, False): "veh", (False, True): "inf", (True, True): "coop"}


class SequenceScene(PairedScene):
    """Files and rows of a scene."""

    corrects_in_world = False

    def vehicle_labels(self, frame: SideFrame, sweep: list[SideLabel], image: list[SideLabel]) -> None:
        """For each segment of its own: their tokens differ."""
        for segment in self.segments:
            number = self.vehicle_number(segment, frame)
            for name, labels in (("lidar", sweep), ("camera", image)):
                rows = [self._side_row_of(segment, VEHICLE_SIDE, frame, name, label) for label in labels]
                self.keep_text(f"{VEHICLE_SIDE}/label/{name}/{number}.json", rows)

    def unit_labels(
        self, segment: Segment, frame: SideFrame, sweep: list[SideLabel], image: list[SideLabel]
    ) -> None:
        """Numbers, tokens and tracks."""
        number = self.unit_number(segment, frame)
        for name, labels in (("virtuallidar", sweep), ("camera", image)):
            rows = [self._side_row_of(segment, UNIT_SIDE, frame, name, label) for label in labels]
            self.keep_text(f"{UNIT_SIDE}/label/{name}/{number}.json", rows)

    def vehicle_row(self, segment: Segment) -> Row:
        """The sequence."""
        return _sequence(segment, Kind.VEHICLE, segment.first_vehicle, len(self.vehicle.frames))

    def unit_row(self, segment: Segment) -> Row:
        """The sequence, and which sensors they are."""
        unit = segment.unit
        return {
            **_sequence(segment, Kind.UNIT, segment.first_unit, len(unit.frames)),
            "camera_ip": "",
            "camera_id": f"{unit.agent}/{unit.camera.name}",
            "lidar_id": f"{unit.agent}/{unit.lidar.name}",
        }

    def pair_row(self, segment: Segment, pair: Pair) -> Row:
        """The correction is added in the vehicle's LiDAR frame, after the written chain."""
        there = self.vehicle.map_lidar(pair.vehicle.sweep).rotation.T @ pair.offset_m
        sequence = mark(Kind.SEGMENT, segment.number)
        return {
            "vehicle_frame": self.vehicle_number(segment, pair.vehicle),
            "infrastructure_frame": self.unit_number(segment, pair.unit),
            "vehicle_sequence": sequence,
            "infrastructure_sequence": sequence,
            "system_error_offset": {"delta_x": float(there[0]), "delta_y": float(there[1])},
        }

    def pair_labels(self, segment: Segment, pair: Pair, labels: list[JointLabel]) -> None:
        """All types, in the vehicle's LiDAR frame."""
        ours, theirs = self.vehicle_number(segment, pair.vehicle), self.unit_number(segment, pair.unit)
        rows = []
        for joint in labels:
            track = joint.label.track_id
            vehicle = self._token(segment, VEHICLE_SIDE, pair.vehicle, "lidar", track)
            unit = self._token(segment, UNIT_SIDE, pair.unit, "virtuallidar", track)
            rows.append(
                {
                    "token": self._token(segment, "cooperative", pair.vehicle, "", track),
                    "track_id": self.track_number(track),
                    **joint.label.fields(),
                    "from_side": _FROM_SIDE[joint.by_vehicle, joint.by_unit],
                    "veh_pointcloud_timestamp": str(pair.vehicle.sweep_us),
                    "inf_pointcloud_timestamp": str(pair.unit.sweep_us),
                    "veh_frame_id": ours,
                    "inf_frame_id": theirs,
                    "veh_track_id": self.track_number(track) if joint.by_vehicle else _MISSING,
                    "inf_track_id": self.track_number(track) if joint.by_unit else _MISSING,
                    "veh_token": vehicle if joint.by_vehicle else _MISSING,
                    "inf_token": unit if joint.by_unit else _MISSING,
                    "object_id": track,
                }
            )
        self.keep_text(f"cooperative/label/{ours}.json", rows)

    def _side_row_of(
        self, segment: Segment, folder: str, frame: SideFrame, name: str, label: SideLabel
    ) -> Row:
        counted = {} if name == "camera" else {"num_lidar_pts": label.lidar_points}
        return {
            "token": self._token(segment, folder, frame, name, label.track_id),
            "track_id": self.track_number(label.track_id),
            **label.fields(),
            **counted,
            "object_id": label.track_id,
        }

    def _token(self, segment: Segment, *parts: Any) -> str:
        """The same in every export of the capture."""
        plain = (p.number if isinstance(p, SideFrame) else p for p in parts)
        key = "|".join(str(p) for p in (self.reader.scene, segment.unit.agent, *plain))
        return str(uuid5(_TOKENS, key))


def _sequence(segment: Segment, kind: Kind, first: int, count: int) -> Row:
    start, end = mark(kind, first), mark(kind, first + count - 1)
    return {
        "sequence_id": mark(Kind.SEGMENT, segment.number),
        "num_frames": count,
        "start_frame_id": start,
        "end_frame_id": end,
        "valid_frames_splits": [{"start_frame_id": start, "end_frame_id": end}],
    }
