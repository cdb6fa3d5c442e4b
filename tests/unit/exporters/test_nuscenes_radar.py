"""Radars in the nuScenes export: an independent reader finds places and velocities of what was there."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from nuscenes_reader import Row, Tables, rotation
from synthetic_capture import EGO_SPEED_MPS, XODR, make_frames, make_plan, make_rig

from drivegen.capture.frame import EGO, Echo, Frame, RadarScan
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.radar_presets import RADAR_PRESETS
from drivegen.core.sensors import Radar
from drivegen_exporters.nuscenes.exporter import NuScenes

RADARS = (
    RADAR_PRESETS["front_near"].radar("RADAR_FRONT", Pose.from_xyz_rpy(2.6, 0.0, 0.5)),
    RADAR_PRESETS["corner"].radar(
        "RADAR_BACK_LEFT", Pose.from_xyz_rpy(-2.3, 0.85, 0.7, yaw_rad=math.radians(150.0))
    ),
)
STEP_S = 1e-4
FIELDS = "x y z dyn_prop id rcs vx vy vx_comp vy_comp is_quality_valid ambig_state x_rms y_rms invalid_state"
FIELDS += " pdh0 vx_rms vy_rms"


def scan_of(radar: Radar, frame: Frame) -> RadarScan:
    """The middles of all boxes ahead of a radar; range rates by differences of ranges, not by a formula."""
    ego = frame.agents[EGO]
    at = ego.map_agent @ radar.agent_sensor
    turning = np.cross(ego.angular_velocity_radps, at.position_m - ego.map_agent.position_m)
    rows: list[tuple[float, ...]] = []
    seen: list[ObjectLabel] = []
    for label in frame.objects:
        local = (label.box.pose.position_m - at.position_m) @ at.rotation
        azimuth = math.atan2(local[1], local[0])
        if abs(azimuth) > math.radians(radar.horizontal_fov_deg / 2):
            continue

        def away_m(own: np.ndarray, time_s: float, label: ObjectLabel = label) -> float:
            there = label.box.pose.position_m + label.velocity_mps * time_s
            return float(np.linalg.norm(there - at.position_m - own * time_s))

        rates = [
            (away_m(own, STEP_S) - away_m(own, -STEP_S)) / (2 * STEP_S)
            for own in (ego.velocity_mps + turning, np.zeros(3))
        ]
        seen.append(label)
        distance = float(np.linalg.norm(local))
        rows.append((distance, azimuth, math.asin(local[2] / distance), *rates))
    values = np.array(rows, np.float32).reshape(-1, 5)
    return RadarScan(
        range_m=values[:, 0],
        azimuth_rad=values[:, 1],
        elevation_rad=values[:, 2],
        velocity_mps=values[:, 3],
        compensated_mps=values[:, 4],
        rcs_dbsm=np.linspace(-5, 20, len(values), dtype=np.float32),
        snr_db=np.linspace(12, 40, len(values), dtype=np.float32),
        object_id=np.array([o.track_id for o in seen], np.uint32),
        echo=np.full(len(values), int(Echo.OBJECT), np.uint8),
        ambiguity=(np.arange(len(values)) == 1).astype(np.int8),
    )


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rig = make_rig(32, 18, 90)
    rig = replace(rig, sensors=(*rig.cameras[:1], *rig.lidars, *RADARS))
    plan = make_plan(duration_s=0.6, rig=rig)
    path = tmp_path_factory.mktemp("radar") / "scene-0001.mcap"
    plain = make_plan(duration_s=0.6, rig=replace(rig, sensors=rig.sensors[:2]))
    with CaptureWriter(path, plan, {}, opendrive=XODR) as writer:
        for frame in make_frames(plain):
            agent = frame.agents[EGO]
            scans = {r.name: scan_of(r, frame) for r in RADARS if frame.index % 2 == 0}
            if frame.index == 2:
                scans["RADAR_FRONT"] = empty(scans["RADAR_FRONT"])
            objects = tuple(
                replace(o, radar_points={n: int((s.object_id == o.track_id).sum()) for n, s in scans.items()})
                for o in frame.objects
            )
            writer.write(replace(frame, agents={EGO: replace(agent, radars=scans)}, objects=objects))
    return path


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, capture: Path) -> Tables:
    out = tmp_path_factory.mktemp("out") / "nuscenes"
    NuScenes().export([capture], out)
    return Tables(out)


def empty(scan: RadarScan) -> RadarScan:
    return RadarScan(**{name: getattr(scan, name)[:0] for name in RadarScan.__slots__})


def read(path: Path) -> np.ndarray:
    """Detections of a file, by its own header, as the devkit takes it."""
    data = path.read_bytes()
    head, _, body = data.partition(b"DATA binary\n")
    lines = {line.split()[0]: line.split()[1:] for line in head.decode().splitlines()[1:]}
    assert head.startswith(b"#")
    assert lines["FIELDS"] == FIELDS.split()
    names = "VERSION FIELDS SIZE TYPE COUNT WIDTH HEIGHT VIEWPOINT POINTS"
    assert [*lines] == names.split()
    kinds = [f"<{k.lower()}{s}" for k, s in zip(lines["TYPE"], lines["SIZE"], strict=True)]
    dtype = np.dtype(list(zip(lines["FIELDS"], kinds, strict=True)))
    count = int(lines["WIDTH"][0])
    assert dtype.itemsize == 43
    assert len(body) > dtype.itemsize * count  # The devkit wants a byte more.
    return np.frombuffer(body, dtype, count)


def scans(tables: Tables, channel: str) -> list[Row]:
    rows = [d for d in tables.rows["sample_data"] if f"/{channel}/" in d["filename"]]
    return sorted(rows, key=lambda d: d["timestamp"])


def test_radars_are_sensors_with_chains(tables: Tables) -> None:
    kinds = {s["channel"]: s["modality"] for s in tables.rows["sensor"]}
    assert {n for n, kind in kinds.items() if kind == "radar"} == {r.name for r in RADARS}
    for radar in RADARS:
        rows = scans(tables, radar.name)
        assert [r["is_key_frame"] for r in rows] == [True, False, False, False, False, True]
        assert [r["filename"].split("/")[0] for r in rows] == ["samples", *["sweeps"] * 4, "samples"]
        assert [r["next"] for r in rows] == [*(r["token"] for r in rows[1:]), ""]
        assert {r["fileformat"] for r in rows} == {"pcd"}
        calibration = tables.get("calibrated_sensor", rows[0]["calibrated_sensor_token"])
        assert calibration["camera_intrinsic"] == []


def detections(tables: Tables, row: Row) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points and both velocities in the global frame, as consumers turn them."""
    points = read(tables.root / row["filename"])
    mount = tables.get("calibrated_sensor", row["calibrated_sensor_token"])
    ego = tables.get("ego_pose", row["ego_pose_token"])
    turn = rotation(ego["rotation"]) @ rotation(mount["rotation"])
    xyz = np.stack([points["x"], points["y"], points["z"]], axis=1).astype(np.float64)
    xyz = xyz @ rotation(mount["rotation"]).T + mount["translation"]
    xyz = xyz @ rotation(ego["rotation"]).T + ego["translation"]
    none = np.zeros(len(points))
    measured = np.stack([points["vx"], points["vy"], none], axis=1) @ turn.T
    compensated = np.stack([points["vx_comp"], points["vy_comp"], none], axis=1) @ turn.T
    return xyz, measured, compensated


def test_detections_lie_in_the_boxes_and_move_as_they_do(tables: Tables, capture: Path) -> None:
    """The compensated velocity is the object's own along the line of sight, turned into the world."""
    sample = tables.rows["sample"][-1]
    with CaptureReader(capture) as reader:
        frame = list(reader.frames(keyframes=True))[-1].load()
    ego = frame.agents[EGO]
    counted: dict[int, int] = {}
    for radar in RADARS:
        row = tables.sample_data_of(sample, radar.name)
        xyz, measured, compensated = detections(tables, row)
        ids = ego.radars[radar.name].object_id
        assert len(xyz) == len(ids) >= 2
        offset = np.array([tables.rows["map"][0]["world_origin_m"] + [0.0]])[0]
        at = (ego.map_agent @ radar.agent_sensor).position_m
        level = ego.map_agent.rotation[:, 2]
        for point, one, other, track in zip(xyz, measured, compensated, ids, strict=True):
            label = next(o for o in frame.objects if o.track_id == track)
            assert np.linalg.norm(point + offset - label.box.pose.position_m) < 0.01
            sight = point + offset - at
            distance = np.linalg.norm(sight)
            flat = (sight - level * (level @ sight)) / distance
            assert np.allclose(other, flat * (label.velocity_mps @ sight / distance), atol=0.01)
            own = ego.velocity_mps + np.cross([0, 0, 0.04], at - ego.map_agent.position_m)
            assert np.allclose(one, flat * ((label.velocity_mps - own) @ sight / distance), atol=0.01)
            counted[int(track)] = counted.get(int(track), 0) + 1
    hit = [a["num_radar_pts"] for a in tables.annotations_of(sample)]
    assert sorted(n for n in hit if n) == sorted(counted.values())


def test_what_stands_is_told_from_what_moves(tables: Tables, capture: Path) -> None:
    row = scans(tables, "RADAR_FRONT")[0]
    points = read(tables.root / row["filename"])
    with CaptureReader(capture) as reader:
        frame = reader.frame(0).load()
    scan = frame.agents[EGO].radars["RADAR_FRONT"]
    speed = {o.track_id: float(np.linalg.norm(o.velocity_mps)) for o in frame.objects}
    still = np.array([speed[int(i)] == 0.0 for i in scan.object_id])
    assert still.any()
    assert (points["dyn_prop"][still] == 1).all()
    assert not (points["dyn_prop"][~still] == 1).any()
    # A car that comes and one that goes.
    assert points["dyn_prop"][scan.object_id == 25] == 2
    assert points["dyn_prop"][scan.object_id == 24] == 0
    assert np.hypot(points["vx"], points["vy"])[still].max() > 0.5 * EGO_SPEED_MPS


def test_quality_follows_from_the_scan(tables: Tables) -> None:
    points = read(tables.root / scans(tables, "RADAR_FRONT")[0]["filename"])
    assert points["ambig_state"].tolist() == [3, 1, *[3] * (len(points) - 2)]
    assert (points["invalid_state"] == 0).all()
    assert points["id"].tolist() == list(range(len(points)))
    assert points["rcs"][0] == -5.0
    # 12 dB are just over the threshold (15.8 of 13.8), 40 dB are surely no noise.
    assert (points["pdh0"][0], points["pdh0"][-1]) == (1, 1)
    for name in ("x_rms", "y_rms", "vx_rms", "vy_rms"):
        assert ((points[name] >= 0) & (points[name] < 31)).all()
    # Resolution 0.4 m at 40 dB: 2 mm along; 12 dB: 45 mm along, class 10 (0.049 to 0.063 across).
    assert points["x_rms"][-1] <= points["x_rms"][0]


def test_a_scan_without_detection_is_one_point_that_is_no_number(tables: Tables) -> None:
    points = read(tables.root / scans(tables, "RADAR_FRONT")[1]["filename"])
    assert len(points) == 1
    assert np.isnan(points["x"][0])
