"""The formats, what reads them, and how precise they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from drivegen.capture.export.exporter import Exporter
from tests.cooperative_capture import make_cooperative_plan, write_cooperative_capture
from tests.round_trip import benchmark_readers as read
from tests.round_trip import captured, cooperative, recorded
from tests.round_trip import cooperative_readers as teams
from tests.round_trip import image_readers as images
from tests.round_trip import record_readers as records
from tests.round_trip.forms import Found, Row, compare
from tests.tilted_capture import KEYFRAME_S, WIDTH_PX, write_tilted_captures

PLAIN: dict[str, Any] = {"splits": {"train": 0.5, "val": 0.5}, "card": {"mark": False}}
"""A scene for each split; images in the captures' own bytes."""
DOUBLE = 1e-9
"""Of text or doubles that hold all digits: what the sums of a few transforms may differ by."""
FLOAT = 1e-7
"""Of float32 where the capture has float32 too, after turns of axes."""


@dataclass(frozen=True)
class Format:
    """One form of data set and its reader."""

    name: str
    exporter: str
    read: Callable[[Path], Found]
    wanted: Callable[[Sequence[Path]], Found]
    precisions: dict[str, float]
    """By quantity."""
    options: dict[str, Any] = field(default_factory=dict)
    world: str = "tilted"
    """Which captures: tilted (one agent, nothing level), brief (a keyframe a scene of it) or cooperative."""

    def rows(self, root: Path, captures: Sequence[Path]) -> list[Row]:
        """What was compared of a data set."""
        return compare(self.read(root), self.wanted(captures), self.precisions)


SAME = 0.0


def captures_of(world: str, folder: Path) -> list[Path]:
    """Two scenes, as MCAP files in this folder."""
    folder.mkdir(parents=True)
    if world == "tilted":
        return write_tilted_captures(folder)
    if world == "brief":
        return write_tilted_captures(folder, KEYFRAME_S)
    return [
        write_cooperative_capture(folder / f"{s}.mcap", make_cooperative_plan(s, d)).path
        for s, d in (("scene-0001", 0.4), ("scene-0002", 0.2))
    ]


def export(form: Format, captures: Sequence[Path], root: Path, options: dict[str, Any]) -> None:
    """Makes the data set."""
    exporters()[form.exporter]({**options, **form.options}).export(captures, root)


def exporters() -> dict[str, type[Exporter[Any]]]:
    """By name, as their entry points give them."""
    return {e.name: e.load() for e in entry_points(group="drivegen.exporters")}


def _poses(*names: str, precision: float = DOUBLE) -> dict[str, float]:
    """Of places and of turns."""
    return {f"{kind} of {name}": precision for name in names for kind in ("place", "turn")}


def _same(*names: str) -> dict[str, float]:
    return {f"same {name}": SAME for name in names}


_POINTS = {"metres of points": FLOAT, "share of intensity": FLOAT}
_KITTI_BOX = {
    "rectangles": 0.005 + DOUBLE,
    "size of boxes": 0.0005 + DOUBLE,
    "place of boxes": 0.00075 + DOUBLE,
    "heading of boxes": 0.00005 + DOUBLE,
    "heading from the camera": 0.00005 + DOUBLE,
    **_same("category"),
}
"""Decimals of the development kit's rows: 2 of pixels, 3 of metres, of which y and height make the place;
4 of radians."""

FORMATS: tuple[Format, ...] = (
    Format(
        "nuscenes",
        "nuscenes",
        read.read_nuscenes,
        captured.wanted_nuscenes,
        {
            **_poses("boxes", "the ego", "mounts"),
            "size of boxes": DOUBLE,
            "pixels of intrinsics": DOUBLE,
            **_POINTS,
            **_same("split", "category", "track", "number of returns", "ring", "image"),
        },
    ),
    Format(
        "kitti object",
        "kitti",
        read.read_kitti,
        captured.wanted_kitti,
        {
            **_KITTI_BOX,
            **_poses("LiDAR in camera", "ego in LiDAR"),
            "pixels of intrinsics": DOUBLE,
            **_POINTS,
            **_same("split"),
        },
    ),
    Format(
        "kitti tracking",
        "kitti",
        read.read_kitti_tracking,
        captured.wanted_kitti_tracking,
        {
            **_KITTI_BOX,
            "place of the ego": 1e-5,
            "turn of the ego": DOUBLE,
            "speed of the ego": DOUBLE,
            "rate of turn of the ego": DOUBLE,
            **_same("split"),
        },
    ),
    Format(
        "semantic_kitti",
        "semantic_kitti",
        read.read_semantic_kitti,
        captured.wanted_semantic_kitti,
        {
            **_poses("the LiDAR from its first", precision=1e-8),
            "seconds": 1e-6,
            **_POINTS,
            **_same("label", "instance", "split"),
        },
    ),
    Format(
        "argoverse2",
        "argoverse2",
        read.read_argoverse2,
        captured.wanted_argoverse2,
        {
            **_poses("the ego", "mounts", "boxes in the ego's frame"),
            "size of boxes": DOUBLE,
            "pixels of intrinsics": DOUBLE,
            "share of points": 2.0**-11 * 1.01,
            "intensity": 0.5 / 255 + FLOAT,
            **_same("split", "category", "track", "number of returns", "ring", "image"),
        },
    ),
    Format(
        "coco",
        "coco",
        images.read_coco,
        recorded.wanted_coco,
        {
            "rectangles": DOUBLE,
            "area": DOUBLE,
            "place of boxes in the camera": 0.00005 + DOUBLE,
            "turn of boxes in the camera": 2e-6,
            "size of boxes": 0.00005 + DOUBLE,
            **_same("mask", "panoptic image", "category", "image", "size", "split"),
        },
        {"least_pixels": 1},
    ),
    Format(
        "yolo",
        "yolo",
        images.read_yolo,
        recorded.wanted_yolo,
        {"rectangles": 0.75e-6 * WIDTH_PX, **_same("category", "image", "split")},
        {"least_pixels": 1},
    ),
    Format(
        "cityscapes",
        "cityscapes",
        images.read_cityscapes,
        recorded.wanted_cityscapes,
        {
            **_poses("mounts"),
            "pixels of intrinsics": DOUBLE,
            **_same("pixels", "label ids", "instance", "split"),
        },
    ),
    Format(
        "osi",
        "osi",
        records.read_osi,
        recorded.wanted_osi,
        {
            **_poses("boxes", "the ego", "mounts"),
            **dict.fromkeys(("size of boxes", "velocity", "acceleration", "rate of turn"), DOUBLE),
            **dict.fromkeys(("speed of the ego", "field of view", "objects in the sensor view"), DOUBLE),
            **_same("category", "time"),
        },
    ),
    Format(
        "openlabel",
        "openlabel",
        records.read_openlabel,
        recorded.wanted_openlabel,
        {
            **_poses("boxes", "the ego", "mounts"),
            **_POINTS,
            **dict.fromkeys(("size of boxes", "velocity", "pixels of intrinsics", "rectangles"), DOUBLE),
            **_same("category", "image"),
        },
    ),
    Format(
        "webdataset",
        "webdataset",
        records.read_webdataset,
        recorded.wanted_webdataset,
        {
            **_poses("boxes", "the ego", "mounts"),
            **_POINTS,
            **dict.fromkeys(("size of boxes", "velocity", "pixels of intrinsics"), DOUBLE),
            **_same("category", "image", "split", "object of points"),
        },
    ),
    Format(
        "huggingface",
        "huggingface",
        records.read_huggingface,
        recorded.wanted_huggingface,
        {
            **_poses("boxes", "sensors"),
            **_POINTS,
            **dict.fromkeys(("size of boxes", "velocity", "pixels of intrinsics"), DOUBLE),
            **dict.fromkeys(("rectangles", "whole rectangles"), DOUBLE),
            **_same("category", "image", "split", "number of returns"),
        },
    ),
    Format(
        "foxglove",
        "foxglove",
        records.read_foxglove,
        recorded.wanted_foxglove,
        {
            **_poses("boxes", "transforms"),
            **dict.fromkeys(("size of boxes", "pixels of intrinsics", "rectangles"), DOUBLE),
            "metres of points": FLOAT,
            **_same("category", "frame of boxes", "image", "object of points"),
        },
    ),
    Format(
        "occupancy",
        "occupancy",
        records.read_occupancy,
        recorded.wanted_occupancy,
        {
            **_poses("the ego", "mounts"),
            "pixels of intrinsics": DOUBLE,
            "grid": 0.01,
            **_same("split"),
        },
        world="brief",
    ),
    Format(
        "opv2v",
        "opv2v",
        teams.read_opv2v,
        cooperative.wanted_opv2v,
        {
            **_poses("agents", "clouds", "boxes", "cameras", "LiDAR in camera", precision=1e-8),
            "metres of points": 1e-5,
            **dict.fromkeys(("size of boxes", "speed", "pixels of intrinsics"), DOUBLE),
            **_same("split"),
        },
        {"hidden": True, "two_wheelers": True, "unit_lidar_height_m": 0.0, "negative_ids": 9},
        world="cooperative",
    ),
    *(
        Format(
            name,
            name,
            reader,
            cooperative.wanted_paired,
            {
                **_poses("LiDAR in world", "LiDAR in camera", precision=1e-8),
                "pixels of intrinsics": DOUBLE,
                "metres of points": 1e-5,
                "corners of boxes": 1e-5,
                **_same("time"),
            },
            {
                **dict.fromkeys(("hidden", "true_clocks", "true_poses", "true_calibration"), True),
                "vehicle_camera": "CAM_FRONT",
                "unit_camera": "CAM_FRONT",
            },
            world="cooperative",
        )
        for name, reader in (("dair_v2x", teams.read_dair_v2x), ("v2x_seq", teams.read_v2x_seq))
    ),
)
