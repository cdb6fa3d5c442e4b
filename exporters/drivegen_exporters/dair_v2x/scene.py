"""One capture in DAIR-V2X-C's form.

Yu et al., "DAIR-V2X" (CVPR 2022), and the loaders of its repository, which decide where the two differ: keys
`label_lidar_std_path` and `label_camera_std_path`, `3d_dimensions` in cooperative labels. Numbers of the two
sides' labels are strings, because the data set's own converter evaluates them as such; those of cooperative
labels are numbers, because its loader calculates with them.
"""

from __future__ import annotations

import math
from typing import Any

from drivegen_exporters.paired.boxes import VEHICLES, SideLabel
from drivegen_exporters.paired.numbering import Kind, mark
from drivegen_exporters.paired.pairs import JointLabel, Pair
from drivegen_exporters.paired.scene import UNIT_SIDE, VEHICLE_SIDE, PairedScene, Row, Segment, to_json
from drivegen_exporters.paired.sides import SideFrame


class DairScene(PairedScene):
    """Files and rows of a scene."""

    corrects_in_world = True

    def vehicle_labels(self, frame: SideFrame, sweep: list[SideLabel], image: list[SideLabel]) -> None:
        """Strings throughout."""
        number = mark(Kind.VEHICLE, frame.number)
        self.part.write(f"{VEHICLE_SIDE}/label/lidar/{number}.json", _side_labels(sweep, counted=True))
        self.part.write(f"{VEHICLE_SIDE}/label/camera/{number}.json", _side_labels(image))

    def unit_labels(
        self, segment: Segment, frame: SideFrame, sweep: list[SideLabel], image: list[SideLabel]
    ) -> None:
        """Strings throughout."""
        number = self.unit_number(segment, frame)
        self.part.write(f"{UNIT_SIDE}/label/virtuallidar/{number}.json", _side_labels(sweep, counted=True))
        self.part.write(f"{UNIT_SIDE}/label/camera/{number}.json", _side_labels(image))

    def vehicle_row(self, segment: Segment) -> Row:
        """The batch."""
        first, count = segment.first_vehicle, len(self.vehicle.frames)
        return _batch(segment, mark(Kind.VEHICLE, first), mark(Kind.VEHICLE, first + count - 1))

    def unit_row(self, segment: Segment) -> Row:
        """The batch, and which sensors they are."""
        first, count = segment.first_unit, len(segment.unit.frames)
        return {
            **_batch(segment, mark(Kind.UNIT, first), mark(Kind.UNIT, first + count - 1)),
            "camera_id": f"{segment.unit.agent}/{segment.unit.camera.name}",
            "lidar_id": f"{segment.unit.agent}/{segment.unit.lidar.name}",
        }

    def pair_row(self, segment: Segment, pair: Pair) -> Row:
        """Paths from the data set's folder; the correction is added in the world."""
        ours, theirs = self.vehicle_number(segment, pair.vehicle), self.unit_number(segment, pair.unit)
        return {
            "infrastructure_image_path": f"{UNIT_SIDE}/image/{theirs}.jpg",
            "infrastructure_pointcloud_path": f"{UNIT_SIDE}/velodyne/{theirs}.pcd",
            "vehicle_image_path": f"{VEHICLE_SIDE}/image/{ours}.jpg",
            "vehicle_pointcloud_path": f"{VEHICLE_SIDE}/velodyne/{ours}.pcd",
            "cooperative_label_path": f"cooperative/label_world/{ours}.json",
            "system_error_offset": pair.world_offset,
        }

    def pair_labels(self, segment: Segment, pair: Pair, labels: list[JointLabel]) -> None:
        """Vehicles alone, in the world that the vehicle's written chain leads to."""
        map_lidar = self.vehicle.map_lidar(pair.vehicle.sweep)
        rows = []
        for label in (joint.label for joint in labels if joint.label.type in VEHICLES):
            corners = map_lidar.transform_points(label.corners_m())
            center = map_lidar.transform_points(label.center_m)
            ahead = corners[0] - corners[3]
            fields = label.fields()
            rows.append(
                {
                    **{
                        k: fields[k] for k in ("type", "truncated_state", "occluded_state", "alpha", "2d_box")
                    },
                    "3d_dimensions": fields["3d_dimensions"],
                    "3d_location": dict(zip("xyz", center.tolist(), strict=True)),
                    "rotation": math.atan2(ahead[1], ahead[0]),
                    "world_8_points": corners.tolist(),
                    "system_error_offset": pair.world_offset,
                    "object_id": label.track_id,
                }
            )
        name = f"cooperative/label_world/{self.vehicle_number(segment, pair.vehicle)}.json"
        self.part.write(name, to_json(rows))


def _batch(segment: Segment, first: str, last: str) -> Row:
    return {"batch_id": mark(Kind.SEGMENT, segment.number), "batch_start_id": first, "batch_end_id": last}


def _side_labels(labels: list[SideLabel], *, counted: bool = False) -> bytes:
    rows = []
    for label in labels:
        row = label.fields() | {"object_id": label.track_id}
        if counted:
            row["num_lidar_pts"] = label.lidar_points
        rows.append(_strings(row))
    return to_json(rows)


def _strings(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _strings(v) for k, v in value.items()}
    return f"{value:.6f}" if isinstance(value, float) else str(value)
