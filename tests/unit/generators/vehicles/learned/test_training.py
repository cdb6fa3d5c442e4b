"""Training steps, files of weights, and recorded traffic to fit to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from drivegen.core.errors import CaptureError, ConfigError
from drivegen.core.geometry import Pose
from drivegen_generators.vehicles.learned.foreign import main as make_windows
from drivegen_generators.vehicles.learned.foreign import scene_of_folder
from drivegen_generators.vehicles.learned.scenes import Group
from drivegen_generators.vehicles.learned.windows import FUTURE, PAST, Windows

STEPS = 111
"""Of 0.1 s."""


def write_map(folder: Path) -> None:
    """Two lanes one after the other along x, 3.5 m wide, and a crossing."""

    def line(x: float, y: float) -> list[dict[str, float]]:
        return [{"x": x + k * 40.0, "y": y, "z": 5.0} for k in range(3)]

    lanes = {
        str(n): {
            "id": n,
            "left_lane_boundary": line(x, 1.75),
            "right_lane_boundary": line(x, -1.75),
            "lane_type": "VEHICLE",
            "is_intersection": n == 2,
            "successors": [2] if n == 1 else [],
        }
        for n, x in ((1, -40.0), (2, 40.0))
    }
    crossing = {"edge1": line(0.0, 0.0)[:2], "edge2": line(0.0, 3.0)[:2]}
    (folder / "map").mkdir(parents=True)
    archive = {"lane_segments": lanes, "pedestrian_crossings": {"9": crossing}}
    (folder / "map" / "log_map_archive_x.json").write_text(json.dumps(archive), encoding="utf-8")


@pytest.fixture(scope="module")
def motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario: the AV at 8 m/s behind a car, a walker, and a thing that stands."""
    folder = tmp_path_factory.mktemp("motion")
    write_map(folder)
    rows: dict[str, list] = {
        n: [] for n in ("track_id", "object_type", "timestep", "position_x", "position_y", "heading")
    }
    for name, kind, x, y, vx in (
        ("AV", "vehicle", 0.0, 0.0, 8.0),
        ("7", "vehicle", 15.0, 0.2, 7.0),
        ("8", "pedestrian", 5.0, 6.0, 1.2),
        ("9", "static", 3.0, 3.0, 0.0),
    ):
        for t in range(STEPS):
            for key, value in zip(rows, (name, kind, t, x + vx * 0.1 * t, y, 0.0), strict=True):
                rows[key].append(value)
    parquet.write_table(pa.table(rows), folder / "scenario_1.parquet")
    return folder


def test_motion_scenarios_of_argoverse_are_read(motion: Path) -> None:
    scene = scene_of_folder(motion)
    assert len(scene.xyz_m) == STEPS // 2 + 1
    assert sorted(scene.group.tolist()) == [Group.VEHICLE, Group.VEHICLE, Group.WALKER]
    assert scene.xyz_m[10, scene.ego] == pytest.approx((16.0, 0.0, 5.0))
    assert (np.diff(scene.pieces.kind) != 0).any()
    assert any(scene.pieces.after)


def test_sensor_logs_of_argoverse_are_read(tmp_path: Path) -> None:
    """Boxes in the frame of an ego that turns are where they were put."""
    write_map(tmp_path)
    times = [10_000_000_000 + k * 100_000_000 for k in range(7)]
    poses = [Pose.from_xyz_rpy(k * 1.0, 0.5 * k, 5.0, yaw_rad=0.1 * k) for k in range(7)]
    box = Pose.from_xyz_rpy(20.0, 3.0, 5.75, yaw_rad=0.4)
    names = ("qw", "qx", "qy", "qz")

    def columns(found: list[Pose]) -> dict[str, list[float]]:
        return {
            **{n: [float(p.orientation_wxyz[i]) for p in found] for i, n in enumerate(names)},
            **{n: [float(p.position_m[i]) for p in found] for i, n in enumerate(("tx_m", "ty_m", "tz_m"))},
        }

    ego = {"timestamp_ns": times, **columns(poses)}
    local = [p.inverse() @ box for p in poses]
    size = {"length_m": [4.5] * 7, "width_m": [1.9] * 7, "height_m": [1.5] * 7}
    named = {"timestamp_ns": times, "track_uuid": ["a"] * 7, "category": ["REGULAR_VEHICLE"] * 7}
    feather.write_feather(pa.table(ego), tmp_path / "city_SE3_egovehicle.feather")
    feather.write_feather(pa.table({**named, **size, **columns(local)}), tmp_path / "annotations.feather")
    scene = scene_of_folder(tmp_path)
    other = 1 - scene.ego
    assert scene.xyz_m.shape == (4, 2, 3)
    assert np.abs(scene.xyz_m[:, other] - (20.0, 3.0, 5.0)).max() < 1e-9
    assert np.abs(scene.yaw_rad[:, other] - 0.4).max() < 1e-9
    assert scene.xyz_m[2, scene.ego] == pytest.approx((4.0, 2.0, 5.0))
    with pytest.raises(CaptureError, match="log_map_archive"):
        scene_of_folder(tmp_path / "map" / "nothing")


def test_a_step_of_fine_tuning_begins_with_the_weights_and_changes_them(motion: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from drivegen_generators.vehicles.learned.training import main as train
    from drivegen_generators.vehicles.learned.weights import SHIPPED, load_model

    data = tmp_path / "windows.npz"
    assert make_windows([str(motion), "--out", str(data)]) == 0
    windows = Windows.load(data)
    assert windows.known.sum() == 3 * (len(windows.first) - 1)
    ahead = windows.future[windows.known & (windows.group == Group.VEHICLE)]
    assert ahead[0, -1, 0] == pytest.approx(8.0 * 0.2 * FUTURE, rel=1e-3)
    assert windows.actor[0, 2 * PAST] == pytest.approx(0.8, rel=1e-3)
    made = [tmp_path / f"{k}.safetensors" for k in range(2)]
    for out in made:
        assert (
            train(
                [str(data), "--init", str(SHIPPED), "--reading-steps", "1", "--steps", "1", "--out", str(out)]
            )
            == 0
        )
    assert made[0].read_bytes() == made[1].read_bytes()
    before, after = load_model(SHIPPED), load_model(made[0])
    assert after.facts["begun_with"] == before.facts["data_sha256"]
    assert after.facts["data_sha256"] == windows.sha256
    pairs = zip(before.network.state_dict().values(), after.network.state_dict().values(), strict=True)
    change = max(float((a - b).abs().max()) for a, b in pairs)
    assert 0.0 < change < 0.01
    assert torch.equal(torch.from_numpy(before.codec.basis), torch.from_numpy(after.codec.basis))


def test_other_files_are_no_weights(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from safetensors.torch import save_file

    from drivegen_generators.vehicles.learned.weights import load_model

    for path, told in ((tmp_path / "none", "no weights"), (tmp_path / "text", "no weights")):
        if path.name == "text":
            path.write_text("hello", encoding="utf-8")
        with pytest.raises(ConfigError, match=told):
            load_model(path)
    other = tmp_path / "other.safetensors"
    save_file({"x": torch.zeros(2)}, other)
    with pytest.raises(ConfigError, match="learned traffic"):
        load_model(other)
