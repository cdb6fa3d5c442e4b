"""The Argoverse 2 export, read back with what av2 does, against the captures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from nuscenes_reader import rotation
from plain_export import PLAIN
from pyarrow import feather
from test_nuscenes import digest

from drivegen.capture.frame import EGO, Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen_exporters.argoverse2.exporter import EPOCH_NS, Argoverse2, track_uuid
from drivegen_exporters.motion import agent_points


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, captures: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("export") / "av2"
    Argoverse2(PLAIN).export(captures, out)
    return out


def table(path: Path) -> list[dict[str, object]]:
    return feather.read_table(path).to_pylist()


def pose(row: dict) -> tuple[np.ndarray, np.ndarray]:
    return rotation([row[k] for k in ("qw", "qx", "qy", "qz")]), np.array(
        [row[k] for k in ("tx_m", "ty_m", "tz_m")]
    )


def counted(row: dict, points: np.ndarray, grow: float) -> int:
    turn, at = pose(row)
    half = np.array([row["length_m"], row["width_m"], row["height_m"]]) / 2 + grow
    return int((np.abs((points - at) @ turn) <= half).all(axis=1).sum())


def mismatches(root: Path, captures: list[Path], change=lambda row: row) -> tuple[int, int]:
    """(annotations whose box does not hold the returns of the capture, annotations)."""
    wrong = total = 0
    for path in captures:
        log = root / "train" / path.stem
        rows = table(log / "annotations.feather")
        with CaptureReader(path) as reader:
            for frame in reader.frames(keyframes=True):
                time_ns = EPOCH_NS + frame.time_ns
                sweep = feather.read_table(log / f"sensors/lidar/{time_ns}.feather").to_pydict()
                points = np.array([sweep["x"], sweep["y"], sweep["z"]], np.float64).T
                found = {r["track_uuid"]: r for r in rows if r["timestamp_ns"] == time_ns}
                wanted = [o for o in frame.objects if o.lidar_points["LIDAR_TOP"]]
                assert len(found) == len(wanted)
                for o in wanted:
                    row = found[track_uuid(reader.scene, o.track_id)]
                    assert row["num_interior_pts"] == o.lidar_points["LIDAR_TOP"]
                    row, n = change(row), row["num_interior_pts"]
                    # float16: 3 cm at 60 m.
                    wrong += not counted(row, points, -0.05) <= n <= counted(row, points, 0.05)
                    total += 1
    return wrong, total


def test_boxes_hold_the_returns_that_the_capture_counted(root: Path, captures: list[Path]) -> None:
    assert mismatches(root, captures) == (0, 43)


@pytest.mark.parametrize(
    "plant",
    [
        lambda r: {**r, "length_m": r["width_m"], "width_m": r["length_m"]},
        lambda r: {**r, "ty_m": -r["ty_m"]},
        lambda r: {**r, "tz_m": r["tz_m"] - r["height_m"] / 2},
        lambda r: {**r, "qw": r["qw"] * 0.7 - r["qz"] * 0.7, "qz": r["qz"] * 0.7 + r["qw"] * 0.7},
        lambda r: {**r, "tx_m": r["tx_m"] + 0.6},
    ],
    ids=["w_l", "mirrored", "bottom", "quarter_turn", "one_frame_late"],
)
def test_what_would_be_wrong_is_seen(root: Path, captures: list[Path], plant) -> None:
    wrong, total = mismatches(root, captures, plant)
    assert wrong > 0.15 * total


def test_poses_calibrations_and_images(root: Path, captures: list[Path]) -> None:
    for path in captures:
        log = root / "train" / path.stem
        poses = {r["timestamp_ns"]: pose(r) for r in table(log / "city_SE3_egovehicle.feather")}
        mounts = {r["sensor_name"]: pose(r) for r in table(log / "calibration/egovehicle_SE3_sensor.feather")}
        lenses = {r["sensor_name"]: r for r in table(log / "calibration/intrinsics.feather")}
        assert set(lenses) == set(mounts) - {"up_lidar", "down_lidar"} and len(lenses) == 5
        files = list((log / "sensors").rglob("*.*"))
        assert {int(f.stem) for f in files} == set(poses)
        with CaptureReader(path) as reader:
            for frame in reader.frames():
                if EPOCH_NS + frame.time_ns in poses:
                    turn, at = poses[EPOCH_NS + frame.time_ns]
                    np.testing.assert_allclose(turn, frame.agents[EGO].map_agent.rotation, atol=1e-9)
                    np.testing.assert_allclose(at, frame.agents[EGO].map_agent.position_m, atol=1e-9)
            frame = reader.frame(0)
            image = log / f"sensors/cameras/ring_front_center/{EPOCH_NS + frame.time_ns}.jpg"
            assert image.read_bytes() == frame.agents[EGO].jpeg("CAM_FRONT")
            # An object's middle by the written files is where the capture's box in the image is.
            turn, at = mounts["ring_front_center"]
            row = lenses["ring_front_center"]
            for a in table(log / "annotations.feather"):
                label = next(
                    o for o in frame.objects if track_uuid(reader.scene, o.track_id) == a["track_uuid"]
                )
                seen = label.cameras.get("CAM_FRONT")
                if (
                    a["timestamp_ns"] != EPOCH_NS + frame.time_ns
                    or seen is None
                    or seen.truncation
                    or label.object_class.value in ("truck", "bus")
                ):
                    continue
                x, y, z = (np.array(pose(a)[1]) - at) @ turn
                u = x / z * row["fx_px"] + row["cx_px"]
                v = y / z * row["fy_px"] + row["cy_px"]
                left, top, right, bottom = seen.full_box_px
                assert abs(u - (left + right - 1) / 2) < 0.25 * (right - left)
                assert abs(v - (top + bottom - 1) / 2) < 0.25 * (bottom - top)


def test_the_map_lies_under_the_ego(root: Path, captures: list[Path]) -> None:
    folder = root / "train/scene-0001/map"
    text = json.loads((folder / "log_map_archive_scene-0001____DRV_city_00000.json").read_text())
    lanes = text["lane_segments"]
    assert len(lanes) == 2 and len(text["drivable_areas"]) == 2
    for lane in lanes.values():
        left, right = (
            np.array([[p["x"], p["y"]] for p in lane[f"{side}_lane_boundary"]]) for side in ("left", "right")
        )
        ahead = left[1] - left[0]
        across = right[0] - left[0]
        assert ahead[0] * across[1] - ahead[1] * across[0] < 0  # right of it
        assert np.linalg.norm(across) == pytest.approx(3.5)
        assert lane["lane_type"] == "VEHICLE" and lane["is_intersection"] is False
    sim2 = json.loads((folder / "scene-0001___img_Sim2_city.json").read_text())
    ground = np.load(folder / "scene-0001_ground_height_surface____DRV.npy")
    assert ground.dtype == np.float16
    for row in table(root / "train/scene-0001/city_SE3_egovehicle.feather"):
        column, line = ((np.array([row["tx_m"], row["ty_m"]]) + sim2["t"]) * sim2["s"]).astype(int)
        assert abs(float(ground[line, column])) < 0.01
    assert np.isnan(ground[0, 0])


def test_sweeps_are_put_right_for_motion() -> None:
    """A post stands still while the ego drives and turns; each return is met at another time."""
    times = np.linspace(-0.1, 0.0, 21)
    speed, rate = 15.0, 0.5
    mount = Pose.from_xyz_rpy(0.3, 0.1, 1.8, yaw_rad=0.2)
    post = np.array([20.0, 4.0, 1.0])
    seen = []
    for t in times:
        # Exact: an arc of constant speed and turn, at the origin at time 0.
        heading = rate * t
        at = speed / rate * np.array([np.sin(heading), 1 - np.cos(heading), 0.0])
        then = Pose.from_xyz_rpy(*at, yaw_rad=heading) @ mount
        seen.append(then.inverse().transform_points(post))
    n = len(times)
    sweep = Sweep(
        points_m=np.array(seen, np.float32),
        intensity=np.ones(n, np.float32),
        ring=np.zeros(n, np.uint16),
        object_id=np.zeros(n, np.uint32),
        tag=np.zeros(n, np.uint8),
        time_offset_s=times.astype(np.float32),
    )
    found = agent_points(sweep, mount, np.array([speed, 0.0, 0.0]), rate)
    np.testing.assert_allclose(found, np.tile(post, (n, 1)), atol=2e-3)
    bent = mount.transform_points(sweep.points_m)
    assert np.abs(bent - post).max() > 1.0


def test_the_same_bytes_again(root: Path, captures: list[Path], tmp_path: Path) -> None:
    Argoverse2(PLAIN).export(captures[::-1], tmp_path / "again")
    assert digest(tmp_path / "again") == digest(root)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cameras": "CAM_FRONT=front"}, "CHANNEL=NAME pairs"),
        ({"cameras": "A=ring_front_left,B=ring_front_left"}, "each name once"),
        ({"cameras": "CAM_TOP=ring_front_left"}, "CAM_TOP"),
        ({"rectified_fov_deg": 5}, "10 to 150"),
        ({"lidar": "L"}, "whose LiDARs are LIDAR_TOP"),
    ],
)
def test_wrong_options(captures: list[Path], tmp_path: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(ExportError, match=said):
        Argoverse2(options).export(captures, tmp_path / "set")
