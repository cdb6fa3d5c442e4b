"""Recorded traffic to fit the model to: Argoverse 2, its sensor logs or its motion scenarios.

`python -m drivegen_generators.vehicles.learned.foreign FOLDER [FOLDER ...] --out WINDOWS.npz` makes windows
for `drivegen_generators.vehicles.learned.training --init`. A folder is a log (annotations.feather,
city_SE3_egovehicle.feather) or a scenario (scenario_*.parquet), with its log_map_archive_*.json. Their maps
tell no lights, no limits of speed and no pavements: those numbers are 0 then.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
from jaxtyping import Float, Float64

from drivegen.core.errors import CaptureError, DrivegenError
from drivegen.core.geometry import Pose
from drivegen_generators.vehicles.learned.pieces import Builder, PieceKind, Pieces
from drivegen_generators.vehicles.learned.scenes import (
    EGO_ID,
    EGO_SIZE_M,
    STEP_S,
    Group,
    Row,
    Scene,
    assemble,
)
from drivegen_generators.vehicles.learned.windows import Windows, windows_of

_RIDERS = frozenset(
    {
        "BICYCLIST",
        "MOTORCYCLIST",
        "BICYCLE",
        "MOTORCYCLE",
        "WHEELED_RIDER",
        "CYCLIST",
        "motorcyclist",
        "cyclist",
    }
)
_WALKERS = frozenset({"PEDESTRIAN", "WHEELCHAIR", "STROLLER", "pedestrian"})
_STILL = frozenset(
    {
        "BOLLARD",
        "CONSTRUCTION_BARREL",
        "CONSTRUCTION_CONE",
        "MOBILE_PEDESTRIAN_CROSSING_SIGN",
        "SIGN",
        "STOP_SIGN",
        "MESSAGE_BOARD_TRAILER",
        "TRAFFIC_LIGHT_TRAILER",
        "static",
        "background",
        "construction",
        "unknown",
    }
)
"""Nobody who takes part."""
_MOTION_SIZES = {Group.VEHICLE: (4.7, 1.9), Group.RIDER: (1.9, 0.8), Group.WALKER: (0.6, 0.6)}
"""Motion scenarios tell no sizes."""
_LANE_POINTS = 12


def scene_of_folder(folder: Path) -> Scene:
    """A log or a scenario. Raises CaptureError where it is none, or a file cannot be read."""
    maps = sorted((*folder.glob("map/log_map_archive_*.json"), *folder.glob("log_map_archive_*.json")))
    if not maps:
        raise CaptureError(f"{folder}: no log_map_archive_*.json: no log or scenario of Argoverse 2")
    try:
        pieces = _pieces(json.loads(maps[0].read_text(encoding="utf-8")))
        motion = sorted(folder.glob("scenario_*.parquet"))
        rows = _motion_rows(motion[0], pieces) if motion else _sensor_rows(folder)
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise CaptureError(f"{folder}: not as Argoverse 2 has it: {error!r}") from None
    return assemble(folder.name, rows, pieces)


def _group(category: str) -> Group | None:
    if category in _STILL:
        return None
    if category in _WALKERS:
        return Group.WALKER
    return Group.RIDER if category in _RIDERS else Group.VEHICLE


def _sensor_rows(folder: Path) -> list[dict[int, Row]]:
    """Boxes are in the ego's frame of their time."""
    table = pyarrow.feather.read_table(folder / "annotations.feather").to_pydict()
    poses = pyarrow.feather.read_table(folder / "city_SE3_egovehicle.feather").to_pydict()
    names = ("qw", "qx", "qy", "qz")
    ego = {
        int(t): Pose(
            position_m=np.array([poses[c][i] for c in ("tx_m", "ty_m", "tz_m")]),
            orientation_wxyz=np.array([poses[c][i] for c in names]),
        )
        for i, t in enumerate(poses["timestamp_ns"])
    }
    times = sorted({int(t) for t in table["timestamp_ns"]})
    kept = _every_step(times)
    ids: dict[str, int] = {}
    found: dict[int, dict[int, Row]] = {}
    for t in kept:
        q = ego[t]
        found[t] = {EGO_ID: Row(xyz_m=_xyz(q), yaw_rad=_yaw(q), size_m=EGO_SIZE_M, group=Group.VEHICLE)}
    for i, t in enumerate(table["timestamp_ns"]):
        group = _group(table["category"][i])
        if t not in found or group is None:
            continue
        local = Pose(
            position_m=np.array([table[c][i] for c in ("tx_m", "ty_m", "tz_m")])
            - np.array([0.0, 0.0, 0.5 * table["height_m"][i]]),
            orientation_wxyz=np.array([table[c][i] for c in names]),
        )
        pose = ego[int(t)] @ local
        number = ids.setdefault(str(table["track_uuid"][i]), len(ids))
        found[int(t)][number] = Row(
            xyz_m=_xyz(pose),
            yaw_rad=_yaw(pose),
            size_m=(float(table["length_m"][i]), float(table["width_m"][i])),
            group=group,
        )
    return [found[t] for t in kept]


def _every_step(times_ns: Sequence[int]) -> list[int]:
    """The times that are nearest to whole numbers of `STEP_S`."""
    if len(times_ns) < 2:
        raise ValueError("fewer than two times")
    known = np.array(times_ns)
    wanted = np.arange(known[0], known[-1] + 1, round(STEP_S * 1e9))
    nearest = known[np.abs(known[None] - wanted[:, None]).argmin(axis=1)]
    if np.abs(nearest - wanted).max() > 0.5 * STEP_S * 1e9:
        raise ValueError(f"times are farther apart than {STEP_S} s")
    return [int(t) for t in nearest]


def _motion_rows(path: Path, pieces: Pieces) -> list[dict[int, Row]]:
    """Ten time steps a second; heights are those of the nearest lane."""
    table = pyarrow.parquet.read_table(path).to_pydict()
    every = round(STEP_S / 0.1)
    count = max(table["timestep"]) // every + 1
    rows: list[dict[int, Row]] = [{} for _ in range(count)]
    ids: dict[str, int] = {"AV": EGO_ID}
    for i, step in enumerate(table["timestep"]):
        group = _group(table["object_type"][i])
        if step % every or group is None:
            continue
        number = ids.setdefault(str(table["track_id"][i]), len(ids))
        x, y = float(table["position_x"][i]), float(table["position_y"][i])
        _, nearest = pieces.tree.query((x, y))
        rows[step // every][number] = Row(
            xyz_m=(x, y, float(pieces.points_m.reshape(-1, 3)[nearest, 2])),
            yaw_rad=float(table["heading"][i]),
            size_m=_MOTION_SIZES[group],
            group=group,
        )
    return rows


def _xyz(pose: Pose) -> tuple[float, float, float]:
    x, y, z = pose.position_m.tolist()
    return x, y, z


def _yaw(pose: Pose) -> float:
    forward = pose.rotation[:, 0]
    return math.atan2(float(forward[1]), float(forward[0]))


def _pieces(archive: dict[str, Any]) -> Pieces:
    builder = Builder()
    made: dict[int, list[int]] = {}
    lanes = list(archive["lane_segments"].values())
    for lane in lanes:
        left, right = (_resampled(lane[f"{side}_lane_boundary"]) for side in ("left", "right"))
        kind = PieceKind.BIKING if lane["lane_type"] == "BIKE" else PieceKind.DRIVING
        if lane["is_intersection"] and kind is PieceKind.DRIVING:
            kind = PieceKind.JUNCTION
        width = float(np.linalg.norm((left - right)[:, :2], axis=1).mean())
        made[int(lane["id"])] = builder.cut(0.5 * (left + right), kind, width, 0.0)
    for lane in lanes:
        own = made[int(lane["id"])]
        builder.after[own[-1]] += [made[int(s)][0] for s in lane["successors"] if int(s) in made]
    for crossing in archive.get("pedestrian_crossings", {}).values():
        a, b = (_points(crossing[edge]) for edge in ("edge1", "edge2"))
        width = float(np.linalg.norm(a[0] - b[0]))
        builder.cut(0.5 * (a[[0, -1]] + b[[0, -1]]), PieceKind.CROSSING, width, 0.0)
    return builder.done()


def _points(rows: Sequence[dict[str, float]]) -> Float64[np.ndarray, "n 3"]:
    return np.array([(r["x"], r["y"], r["z"]) for r in rows])


def _resampled(rows: Sequence[dict[str, float]]) -> Float64[np.ndarray, "k 3"]:
    line: Float[np.ndarray, "n 3"] = _points(rows)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0.0, along[-1], _LANE_POINTS)
    return np.stack([np.interp(at, along, line[:, d]) for d in range(3)], axis=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes windows and prints how many."""
    parser = argparse.ArgumentParser(prog="drivegen_generators.vehicles.learned.foreign", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--every-s", type=float, default=1.0)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        parts = [windows_of(scene_of_folder(f), given.every_s) for f in given.folders]
        made = Windows.join([p for p in parts if p is not None])
        made.save(given.out)
    except (DrivegenError, OSError) as error:
        sys.stderr.write(f"foreign: {error}\n")
        return 1
    sys.stdout.write(f"{len(made.first) - 1} windows, {len(made.group)} actors, sha256 {made.sha256}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
