"""Radar scans and the columns of sweeps that not every LiDAR has: to bytes and back, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foxglove_schemas_protobuf.PointCloud_pb2 import PointCloud
from synthetic_capture import XODR, make_frames, make_plan

from drivegen.capture import messages
from drivegen.capture.frame import EGO, Clutter, Echo, Frame, RadarScan, Sweep
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.errors import FrameError
from drivegen.core.geometry import Pose
from drivegen.core.plans import ScenePlan
from drivegen.core.radar_presets import RADAR_PRESETS
from drivegen.core.sensors import Radar

FLOATS = (
    "range_m",
    "azimuth_rad",
    "elevation_rad",
    "velocity_mps",
    "compensated_mps",
    "rcs_dbsm",
    "snr_db",
)


def make_scan(count: int, object_id: int = 24) -> RadarScan:
    rng = np.random.default_rng(count)
    values = {name: rng.uniform(0.1, 1.5, count).astype(np.float32) for name in FLOATS}
    echo = np.arange(count).astype(np.uint8) % 5
    return RadarScan(
        **values,
        object_id=np.where(echo == Echo.OBJECT, object_id, 0).astype(np.uint32),
        echo=echo,
        ambiguity=(np.arange(count) - 2).astype(np.int8),
    )


def make_sweep(**extras: np.ndarray) -> Sweep:
    rng = np.random.default_rng(1)
    return Sweep(
        points_m=rng.normal(size=(7, 3)).astype(np.float32),
        intensity=rng.random(7, dtype=np.float32),
        ring=np.arange(7, dtype=np.uint16),
        object_id=np.array([0, 5, 70_000, 0, 0, 0, 9], np.uint32),
        tag=np.array([1, 14, 14, 3, 0, 0, 12], np.uint8),
        **extras,
    )


EXTRAS = {
    "cos_incidence": np.linspace(0, 1, 7, dtype=np.float32),
    "clutter": np.array([0, 0, 0, 0, Clutter.SNOW, Clutter.FOG, 0], np.uint8),
    "return_index": np.array([0, 1, 0, 0, 1, 0, 0], np.uint8),
    "time_offset_s": np.linspace(-0.1, 0.0, 7, dtype=np.float32),
}


@pytest.mark.parametrize("names", [(), ("cos_incidence",), ("return_index", "clutter"), tuple(EXTRAS)])
def test_a_sweep_comes_back_with_the_columns_that_it_had(names: tuple[str, ...]) -> None:
    sweep = make_sweep(**{name: EXTRAS[name] for name in names})
    back = messages.decode_sweep(messages.encode_sweep(sweep, "ego/L", 5))
    for name in ("points_m", "intensity", "ring", "object_id", "tag"):
        np.testing.assert_array_equal(getattr(back, name), getattr(sweep, name))
    for name, column in EXTRAS.items():
        if name in names:
            np.testing.assert_array_equal(getattr(back, name), column)
        else:
            assert getattr(back, name) is None


@pytest.mark.parametrize("count", [0, 1, 11])
def test_a_radar_scan_comes_back(count: int) -> None:
    scan = make_scan(count)
    data = messages.encode_radar(scan, "ego/R", 5)
    back = messages.decode_radar(data)
    for name in RadarScan.__slots__:
        np.testing.assert_array_equal(getattr(back, name), getattr(scan, name))
        assert getattr(back, name).dtype == getattr(scan, name).dtype
    # A viewer that knows nothing of radars finds places.
    message = PointCloud.FromString(data)
    assert [f.name for f in message.fields][:3] == ["x", "y", "z"]
    np.testing.assert_allclose(np.linalg.norm(back.points_m, axis=1), scan.range_m, rtol=1e-6)


def with_radar(radar: Radar) -> tuple[ScenePlan, list[Frame]]:
    """The synthetic scene with a radar beside its sensors."""
    plan = make_plan()
    rig = replace(plan.ego.rig, sensors=(*plan.ego.rig.sensors, radar))
    frames = []
    period = round(radar.period_s * 1e9)
    start: int | None = None
    for frame in make_frames(make_plan()):
        start = frame.time_ns if start is None else start
        ego = frame.agents[EGO]
        due = (frame.time_ns - start) % period == 0
        scans = {radar.name: make_scan(6)} if due else {}
        frames.append(replace(frame, agents={EGO: replace(ego, radars=scans)}))
    return replace(plan, ego=replace(plan.ego, rig=rig)), frames


RADAR = RADAR_PRESETS["front_near"].radar("RADAR_FRONT", Pose.from_xyz_rpy(2.6, 0.0, 0.5))


def write(path: Path, plan: ScenePlan, frames: list[Frame]) -> None:
    with CaptureWriter(path, plan, {}, opendrive=XODR, threads=0) as writer:
        for frame in frames:
            writer.write(frame)


def test_a_capture_keeps_radars_and_their_rig(tmp_path: Path) -> None:
    plan, frames = with_radar(RADAR)
    write(tmp_path / "scene.mcap", plan, frames)
    with CaptureReader(tmp_path / "scene.mcap") as reader:
        kept = reader.rigs[EGO].radars
        assert [r.name for r in kept] == ["RADAR_FRONT"]
        assert kept[0].azimuth_resolution_deg == RADAR.azimuth_resolution_deg
        assert reader.plan.degradation == plan.degradation
        for written, frame in zip(frames, reader.frames(), strict=True):
            agent = frame.agents[EGO]
            assert set(agent.delivered_by(Radar)) == set(written.agents[EGO].radars)
            assert set(agent.load().radars) == set(written.agents[EGO].radars)
        scan = reader.frame(0).agents[EGO].radar("RADAR_FRONT")
        np.testing.assert_array_equal(scan.rcs_dbsm, frames[0].agents[EGO].radars["RADAR_FRONT"].rcs_dbsm)


def spoilt(frame: Frame, **changes: object) -> Frame:
    ego = frame.agents[EGO]
    scans = {name: replace(scan, **changes) for name, scan in ego.radars.items()}
    return replace(frame, agents={EGO: replace(ego, radars=scans)})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"range_m": np.full(6, np.nan, np.float32)}, "range_m holds values that are not finite"),
        ({"echo": np.full(6, Echo.GHOST, np.uint8)}, "no object's has the id of one"),
    ],
)
def test_a_broken_scan_is_refused(tmp_path: Path, changes: dict[str, np.ndarray], words: str) -> None:
    plan, frames = with_radar(RADAR)
    with pytest.raises(FrameError, match=words):
        write(tmp_path / "scene.mcap", plan, [spoilt(frames[0], **changes)])


def test_a_due_radar_that_is_missing_is_named(tmp_path: Path) -> None:
    plan, frames = with_radar(RADAR)
    ego = replace(frames[0].agents[EGO], radars={})
    with pytest.raises(FrameError, match="radar RADAR_FRONT was due"):
        write(tmp_path / "scene.mcap", plan, [replace(frames[0], agents={EGO: ego})])


def test_clutter_with_the_id_of_an_object_is_refused(tmp_path: Path) -> None:
    frames = list(make_frames(make_plan()))
    ego = frames[0].agents[EGO]
    sweep = ego.sweeps["LIDAR_TOP"]
    bad = replace(sweep, clutter=(sweep.object_id > 0).astype(np.uint8))
    broken = replace(frames[0], agents={EGO: replace(ego, sweeps={"LIDAR_TOP": bad})})
    with pytest.raises(FrameError, match="rain, snow, fog, dust or spray has the id"):
        write(tmp_path / "scene.mcap", make_plan(), [broken])
