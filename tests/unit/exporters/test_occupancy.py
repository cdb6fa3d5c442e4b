"""The occupancy export against the boxes of the synthetic world."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic_capture import make_plan, make_rig, write_capture
from test_nuscenes import digest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen_exporters.occupancy.exporter import Occupancy
from drivegen_exporters.occupancy.surfaces import CELL_M, Cells

CLASS = {
    ObjectClass.CAR: 4,
    ObjectClass.VAN: 4,
    ObjectClass.POLICE: 4,
    ObjectClass.TRUCK: 10,
    ObjectClass.BUS: 3,
    ObjectClass.PEDESTRIAN: 7,
    ObjectClass.CHILD: 7,
    ObjectClass.BICYCLE: 2,
    ObjectClass.MOTORCYCLE: 6,
}
FREE = 17
DIAGONAL_M = 0.4 * 3**0.5 / 2 + CELL_M * 3**0.5 / 2


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One keyframe, two of its cameras: a grid is a good half million voxels."""
    rig = make_rig(columns=360)
    cameras = (c for c in rig.cameras if c.name in ("CAM_FRONT", "CAM_BACK"))
    rig = replace(rig, sensors=(*cameras, *rig.lidars))
    plan = make_plan("scene-0002", 0.2, rig)
    return write_capture(tmp_path_factory.mktemp("occupancy") / "scene-0002.mcap", plan).path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, capture: Path) -> Path:
    out = tmp_path_factory.mktemp("export") / "occupancy"
    Occupancy().export([capture], out)
    return out


def grids(root: Path, capture: Path):
    """(arrays, frame, middles of the voxels in the map's frame)."""
    infos = json.loads((root / "annotations.json").read_text())["scene_infos"]
    index = np.stack(np.meshgrid(range(200), range(200), range(16), indexing="ij"), -1)
    middles = index * 0.4 + np.array([-40, -40, -1]) + 0.2
    for path in [capture]:
        with CaptureReader(path) as reader:
            rows = list(infos[reader.scene].values())
            for row, frame in zip(rows, reader.frames(keyframes=True), strict=True):
                np.testing.assert_array_equal(
                    row["ego_pose"]["translation"], frame.agents[EGO].map_agent.position_m
                )
                arrays = dict(np.load(root / row["gt_path"]))
                assert {k: (v.shape, v.dtype) for k, v in arrays.items()} == dict.fromkeys(
                    ("semantics", "mask_lidar", "mask_camera"), ((200, 200, 16), np.dtype(np.uint8))
                )
                yield arrays, frame, frame.agents[EGO].map_agent.transform_points(middles)


def test_voxels_of_objects_are_where_their_boxes_are(root: Path, capture: Path) -> None:
    movables = {4, 10, 3, 7, 2, 6}
    for arrays, frame, world in grids(root, capture):
        semantics = arrays["semantics"]
        claimed = np.isin(semantics, list(movables))
        where, classes = world[claimed], semantics[claimed]
        explained = np.zeros(len(where), bool)
        for label in frame.objects:
            mine = label.box.contains(where, DIAGONAL_M) & (classes == CLASS[label.object_class])
            explained |= mine
            near = np.linalg.norm((label.box.pose.position_m - frame.agents[EGO].map_agent.position_m)[:2])
            if near < 30 and label.lidar_points["LIDAR_TOP"] > 20:
                assert mine.any(), (label.track_id, label.object_class)
        assert claimed.sum() > 50
        # Cells of 0.2 m put a point at most half a cell off.
        assert explained.mean() > 0.99


def test_the_ground_is_road_and_terrain_at_its_height(root: Path, capture: Path) -> None:
    for arrays, _, world in grids(root, capture):
        semantics = arrays["semantics"]
        ground = np.isin(semantics, (11, 14))
        assert np.abs(world[ground][:, 2]).max() < 0.2 + CELL_M
        across = np.abs(world[..., 1] + 5)  # the road lies between -8.5 and -1.5
        assert (semantics[ground & (across < 2.5)] == 11).all()
        assert (semantics[ground & (across > 4.5)] == 14).all()
        assert (semantics == 11).sum() > 500


def test_masks_hide_what_stands_behind(root: Path, capture: Path) -> None:
    """Behind the truck, as seen from the ego, nothing is seen; before it, all is."""
    with CaptureReader(capture) as reader:
        frame = next(reader.frames(keyframes=True))
        truck = next(o for o in frame.objects if o.object_class is ObjectClass.TRUCK)
        pose, sweep = frame.agents[EGO].map_agent, frame.agents[EGO].sweep("LIDAR_TOP")
        mount = reader.sensor(EGO, "LIDAR_TOP").agent_sensor
    row = next(
        iter(json.loads((root / "annotations.json").read_text())["scene_infos"]["scene-0002"].values())
    )
    arrays = dict(np.load(root / row["gt_path"]))
    seen = (arrays["mask_camera"] > 0) | (arrays["mask_lidar"] > 0)
    eye = np.array([0, 0, 1.7])
    middle = pose.inverse().transform_points(truck.box.pose.position_m) - [0, 0, 0.4]
    ahead = (middle - eye) / np.linalg.norm(middle - eye)

    def at(distance: float) -> tuple[int, ...]:
        point = eye + ahead * (np.linalg.norm(middle - eye) + distance)
        return tuple(np.floor((point - [-40, -40, -1]) / 0.4).astype(int).tolist())

    assert not seen[at(7.0)] and not seen[at(9.0)]
    assert seen[at(-8.0)] and seen[at(-12.0)]
    for name in ("mask_camera", "mask_lidar"):
        assert 0.01 < (arrays[name] > 0).mean() < 0.9, name
    # What a beam met in this very frame is seen, and filled.
    points = mount.transform_points(sweep.points_m)
    voxel = np.floor((points - [-40, -40, -1]) / 0.4).astype(int)
    voxel = voxel[((voxel >= 0) & (voxel < (200, 200, 16))).all(axis=1)]
    assert (arrays["mask_lidar"][tuple(voxel.T)] > 0).mean() > 0.95
    assert (arrays["semantics"][tuple(voxel.T)] != FREE).mean() > 0.9


def test_cells_keep_the_class_that_was_met_most() -> None:
    cells = Cells()
    points = np.array([[0.1, 0.1, 0.1], [0.15, 0.1, 0.1], [-50.1, 3.0, -0.5], [0.12, 0.11, 0.1]])
    cells.add(points, np.array([4, 11, 14, 11], np.uint8))
    cells.add(points[:1], np.array([4], np.uint8))
    cells.add(points[:1], np.array([4], np.uint8))
    found, classes = cells.points()
    order = np.argsort(found[:, 0])
    np.testing.assert_allclose(found[order], [[-50.1, 3.1, -0.5], [0.1, 0.1, 0.1]], atol=1e-9)
    assert classes[order].tolist() == [14, 4]


def test_the_same_bytes_again(root: Path, capture: Path, tmp_path: Path) -> None:
    Occupancy().export([capture], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)
