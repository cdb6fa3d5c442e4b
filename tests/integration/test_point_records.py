"""A scene with LiDARs and radars in snow, recorded by the real client: labels count what the sensors hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from drivegen.capture.frame import EGO, Clutter, Echo, Frame
from drivegen.capture.index import index_capture
from drivegen.capture.reader import CaptureReader
from drivegen.core.degradation import Degradation
from drivegen.core.geometry import Pose
from drivegen.core.lidar_presets import LIDAR_PRESETS
from drivegen.core.radar_presets import RADAR_PRESETS
from drivegen.core.sensors import Rig
from tests.scenes import make_scene, record, start_server

ROOF = Pose.from_xyz_rpy(0.0, 0.0, 1.95)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CaptureReader, list[Frame]]]:
    folder = tmp_path_factory.mktemp("points")
    plan, road = make_scene(folder, seed=11, vehicles=20, walkers=6, duration_s=0.4, warmup_s=1.0)
    rig = Rig(
        name="points",
        sensors=(
            LIDAR_PRESETS["pandar40p"].lidar("TOP", ROOF, motion=True),
            LIDAR_PRESETS["at128"].lidar("FRONT", Pose.from_xyz_rpy(1.2, 0.0, 1.6), returns=2, columns=300),
            RADAR_PRESETS["imaging"].radar("RADAR", Pose.from_xyz_rpy(2.6, 0.0, 0.6)),
            RADAR_PRESETS["corner"].radar("SIDE", Pose.from_xyz_rpy(2.2, 0.85, 0.7, yaw_rad=1.0)),
        ),
    )
    plan = replace(plan, ego=replace(plan.ego, rig=rig), degradation=Degradation(snow_mmph=1.0))
    with start_server(plan, road, folder) as server:
        path = record(plan, road, server, folder / "points.mcap").capture.path
    with CaptureReader(path) as reader:
        yield reader, [frame.load() for frame in reader.frames()]


def test_labels_count_the_returns_that_weather_has_left(recorded: tuple[CaptureReader, list[Frame]]) -> None:
    counted = echoes = 0
    for frame in recorded[1]:
        agent = frame.agents[EGO]
        assert (sorted(agent.sweeps), sorted(agent.radars)) == (["FRONT", "TOP"], ["RADAR", "SIDE"])
        for label in frame.objects:
            for channel, count in label.lidar_points.items():
                assert count == (agent.sweeps[channel].object_id == label.track_id).sum()
                counted += count
            for channel, count in label.radar_points.items():
                assert count == (agent.radars[channel].object_id == label.track_id).sum()
                echoes += count
        known = {label.track_id for label in frame.objects} | {0}
        assert set(np.unique(agent.sweeps["TOP"].object_id).tolist()) <= known
    assert counted > 3000
    assert echoes > 20


def test_flakes_are_marked_and_belong_to_nobody(recorded: tuple[CaptureReader, list[Frame]]) -> None:
    for frame in recorded[1]:
        for sweep in frame.agents[EGO].sweeps.values():
            assert sweep.clutter is not None
            flakes = sweep.clutter == Clutter.SNOW
            assert 0.01 < flakes.mean() < 0.4
            assert not sweep.object_id[flakes].any()
            assert not sweep.tag[flakes].any()


def test_the_index_sums_the_counts(recorded: tuple[CaptureReader, list[Frame]]) -> None:
    reader, frames = recorded
    table = index_capture(reader.path)
    radar = [sum(len(s) for s in f.agents[EGO].radars.values()) for f in frames]
    assert table["frames"]["radar_points"].to_pylist() == radar
    wanted = [sum(o.radar_points.values()) for f in frames for o in f.objects]
    assert table["objects"]["radar_points"].to_pylist() == wanted


def test_doppler_is_the_actors_velocity(recorded: tuple[CaptureReader, list[Frame]]) -> None:
    reader, frames = recorded
    moving = standing = 0
    errors: list[float] = []
    for frame in frames:
        agent = frame.agents[EGO]
        objects = {o.track_id: o for o in frame.objects}
        for channel, scan in agent.radars.items():
            mount = reader.sensor(EGO, channel).agent_sensor
            map_sensor = agent.map_agent @ mount
            lever = map_sensor.position_m - agent.map_agent.position_m
            own = agent.velocity_mps + np.cross(agent.angular_velocity_radps, lever)
            for k in np.flatnonzero(scan.echo == Echo.OBJECT):
                label = objects[int(scan.object_id[k])]
                point = map_sensor.transform_points(scan.points_m[k])
                way = (point - map_sensor.position_m) / np.linalg.norm(point - map_sensor.position_m)
                spin = np.array([0.0, 0.0, label.yaw_rate_radps])
                velocity = label.velocity_mps + np.cross(spin, point - label.box.pose.position_m)
                if label.blueprint.startswith("walker."):
                    continue
                errors.append(abs(float(scan.velocity_mps[k] - (velocity - own) @ way)))
                errors.append(abs(float(scan.compensated_mps[k] - velocity @ way)))
                moving += bool(abs(velocity @ way) > 1.0)
            # What moves beyond the labels' range is not annotated and counts as scenery.
            still = (scan.echo == Echo.STATIC) & (scan.range_m < 70.0)
            assert np.abs(scan.compensated_mps[still]).max() < 0.3
            standing += int(still.sum())
    assert moving > 20
    assert standing > 200
    # A weak detection whose cell holds parts of two bodies lies between their velocities: one in a hundred.
    assert np.median(errors) < 0.05
    assert np.quantile(errors, 0.97) < 0.2
