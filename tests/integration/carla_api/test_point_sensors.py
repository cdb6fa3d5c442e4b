"""LiDARs and radars of rigs, through the client: where their points lie, what their radars read."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

carla = pytest.importorskip("carla")

from drivegen.core.geometry import Pose  # noqa: E402
from drivegen.core.lidar_presets import LIDAR_PRESETS  # noqa: E402
from drivegen.core.sensors import Lidar  # noqa: E402
from drivegen.core.tags import Tag  # noqa: E402
from drivegen.record.degradation.atmosphere import Atmosphere  # noqa: E402
from drivegen.record.lidar_model import LidarModel  # noqa: E402
from drivegen.record.lidar_parts import beam_directions, gather  # noqa: E402
from drivegen.record.streams import blueprints, configured, transform_of  # noqa: E402

Listen = Callable[[Any], "queue.Queue[Any]"]
TICK_S = 0.05
EXACT = {"range_noise_m": 0.0, "range_at_10_percent_m": 0.0}


def measure(world: Any, library: Any, listen: Listen, lidar: Lidar, map_sensor: Pose) -> dict[str, Any]:
    """One measurement of all parts of a LiDAR that stands in the world."""
    queues = {}
    for name, part in blueprints(lidar, TICK_S).items():
        place = map_sensor if part.sensor_part is None else map_sensor @ part.sensor_part
        queues[name] = listen(
            world.spawn_actor(configured(library, part.id, part.attributes), transform_of(place))
        )
    world.tick()
    return {name: found.get(timeout=20.0) for name, found in queues.items()}


@pytest.mark.parametrize("name", ["pandar64", "roadside300", "at128"])
def test_ranges_to_the_road_are_those_to_a_plane(world: Any, library: Any, listen: Listen, name: str) -> None:
    spot = world.get_map().get_spawn_points()[3].location
    lidar = LIDAR_PRESETS[name].lidar("L", Pose.identity(), **EXACT)
    map_sensor = Pose.from_xyz_rpy(spot.x, -spot.y, 3.0, 0.02, 0.1, 0.4)
    beams = gather(lidar, measure(world, library, listen, lidar, map_sensor), TICK_S)
    sweep = LidarModel(lidar, Atmosphere(), 1).sweep(beams, 0, np.zeros(0, np.uint32), {}, map_sensor)
    # In clear air an exact LiDAR loses and moves nothing that came over the wire, and every beam is known.
    assert len(sweep) == len(beams.points_m) == (beams.met >= 0).sum() > 30_000
    met = np.flatnonzero(beams.met[0] >= 0)
    np.testing.assert_array_equal(sweep.points_m, beams.points_m[beams.met[0, met]])
    down = (beam_directions(lidar)[met].astype(np.float64) @ map_sensor.rotation.T)[:, 2]
    ranges = np.linalg.norm(sweep.points_m.astype(np.float64), axis=1)
    for tag, height in ((Tag.ROAD, 0.0), (Tag.ROAD_LINE, 0.006)):
        # Beams so flat that a micrometre on the wire is a millimetre along them say nothing.
        chosen = (sweep.tag == tag) & (down < -0.05)
        expected = (map_sensor.position_m[2] - height) / -down[chosen]
        assert chosen.sum() > 100
        np.testing.assert_allclose(ranges[chosen], expected, atol=1e-3)
    elevation = np.degrees(np.arcsin(sweep.points_m[:, 2] / ranges))
    np.testing.assert_allclose(elevation, lidar.elevations_deg[sweep.ring], atol=1e-3)


def test_two_returns_at_an_edge_are_the_near_and_the_far_side(
    world: Any, library: Any, listen: Listen
) -> None:
    spot = world.get_map().get_spawn_points()[3].location
    lidar = LIDAR_PRESETS["pandar40p"].lidar("L", Pose.identity(), returns=2, **EXACT)
    map_sensor = Pose.from_xyz_rpy(spot.x, -spot.y, 3.0)
    beams = gather(lidar, measure(world, library, listen, lidar, map_sensor), TICK_S)
    sweep = LidarModel(lidar, Atmosphere(), 1).sweep(beams, 0, np.zeros(0, np.uint32), {}, map_sensor)
    assert sweep.return_index is not None
    second = sweep.return_index == 1
    assert 100 < second.sum() < 0.3 * len(sweep)
    # A second return follows the first of its beam, along the same line, at another range.
    rows = np.flatnonzero(second)
    ranges = np.linalg.norm(sweep.points_m, axis=1)
    directions = sweep.points_m / ranges[:, None]
    np.testing.assert_allclose(directions[rows], directions[rows - 1], atol=1e-5)
    assert np.abs(ranges[rows] - ranges[rows - 1]).min() >= 0.49
    # The single echo of a beam on the road lies where the middle of the beam meets it.
    road = (sweep.tag == Tag.ROAD) & (sweep.points_m[:, 2] < -2.9) & (ranges < 12.0)
    road[rows] = road[rows - 1] = False
    assert road.sum() > 1000
    np.testing.assert_allclose(sweep.points_m[road, 2], -3.0, atol=0.003)


def test_sectors_of_several_ticks_make_a_sweep(world: Any, library: Any, listen: Listen, car: Any) -> None:
    lidar = Lidar(
        name="L",
        agent_sensor=Pose.identity(),
        channels=16,
        upper_fov_deg=0.0,
        lower_fov_deg=-15.0,
        range_m=60.0,
        columns=720,
        period_s=0.2,
        motion=True,
    )
    (part,) = blueprints(lidar, TICK_S).values()
    mount = carla.Transform(carla.Location(z=2.5))
    actor = world.spawn_actor(configured(library, part.id, part.attributes), mount, attach_to=car)
    car.set_simulate_physics(False)
    found = listen(actor)
    start = car.get_transform()
    sectors = []
    for tick in range(4):
        place = carla.Transform(start.location, start.rotation)
        place.location += start.get_forward_vector() * (0.5 * tick)
        car.set_transform(place)
        world.tick()
        sectors.append(found.get(timeout=20.0))
    beams = gather(lidar, {"lidar": sectors}, TICK_S)
    sweep = LidarModel(lidar, Atmosphere(), 1).sweep(beams, 0, np.zeros(0, np.uint32), {}, Pose.identity())
    assert sweep.time_offset_s is not None
    np.testing.assert_allclose(np.unique(sweep.time_offset_s), [-0.15, -0.1, -0.05, 0.0], atol=1e-6)
    assert (beams.met >= 0).sum() == len(beams.points_m), "no beam is fired twice in a sweep"
    azimuth = np.degrees(np.arctan2(-sweep.points_m[:, 1], sweep.points_m[:, 0])) % 360.0
    for offset in np.unique(sweep.time_offset_s):
        own = np.sort((azimuth[sweep.time_offset_s == offset] + 180.0) % 90.0)
        assert own[-1] - own[0] < 90.0
    quarters = [
        np.unique(((azimuth + 180.0) % 360.0)[sweep.time_offset_s == o] // 90.0)
        for o in np.unique(sweep.time_offset_s)
    ]
    assert sorted(float(q[0]) for q in quarters) == [0.0, 1.0, 2.0, 3.0]
    assert all(len(q) == 1 for q in quarters)
