"""Radars: where they look, how fast things are that they meet, and CARLA's signs on the wire."""

import math

import numpy as np
import pytest

from drivegen.core.geometry import rotation_from_rpy
from drivegen.embedded.sensors.moment import BodyState, Movers
from drivegen.embedded.wire.sensor_data import payload
from tests.unit.embedded.raycast.shapes import place
from tests.unit.embedded.sensors.room import STILL, inside_room, measure_one, moment, request, sensor, suite


def radar(seed=0, **attributes):
    return sensor("sensor.other.radar", seed, **{"points_per_second": 20000, **attributes})


def movers(*rows):
    """Of (id, position, velocity, angular velocity) rows."""
    return Movers(
        ids=np.array([r[0] for r in rows], np.uint32),
        **{
            name: np.array([r[k + 1] for r in rows], np.float64).reshape(-1, 3)
            for k, name in enumerate(("position_m", "velocity_mps", "angular_velocity_radps"))
        },
    )


def body(velocity=STILL, turning=STILL, position=STILL):
    return BodyState(
        position_m=np.array(position, np.float64),
        velocity_mps=np.array(velocity, np.float64),
        angular_velocity_radps=np.array(turning, np.float64),
        acceleration_mps2=np.zeros(3),
    )


def scan(a_radar, a_moment, world_sensor=None, a_body=None):
    one, _, _ = suite()
    try:
        return one.measure([request(a_radar, world_sensor, a_body)], a_moment)[0].detections.astype(
            np.float64
        )
    finally:
        one.close()


def test_rays_fill_the_cone_and_are_as_many_as_asked():
    found = scan(radar(horizontal_fov=60, vertical_fov=20, range=100), moment(inside_room(), dt_s=0.05))
    assert len(found) == 1000, "points_per_second times the step; in a room every ray meets a wall"
    azimuth, altitude, depth = found[:, 1], found[:, 2], found[:, 3]
    assert np.degrees(np.abs(azimuth)).max() == pytest.approx(30.0, abs=1.5)
    assert np.degrees(np.abs(altitude)).max() == pytest.approx(10.0, abs=1.0)
    # The cone is elliptic: on the plane ahead no ray is outside.
    across = np.tan(azimuth) / math.tan(math.radians(30))
    upward = np.tan(altitude) / np.cos(azimuth) / math.tan(math.radians(10))
    assert np.hypot(across, upward).max() <= 1.0 + 1e-6
    # Uniform along the radius: half of the rays within half of it.
    assert (np.hypot(across, upward) < 0.5).mean() == pytest.approx(0.5, abs=4.5 * 0.5 / math.sqrt(1000))
    np.testing.assert_allclose(depth * np.cos(altitude) * np.cos(azimuth), 10.0, rtol=1e-5)
    np.testing.assert_array_equal(found[:, 0], 0.0)


@pytest.mark.parametrize(("range_m", "seen"), [(9.99, 0), (10.01, 1000)])
def test_rays_end_on_the_plane_at_the_range(range_m, seen):
    assert len(scan(radar(horizontal_fov=90, range=range_m), moment(inside_room(), dt_s=0.05))) == seen


def test_velocity_is_the_growth_of_the_distance():
    car = place((2, 9, (30.0, 0.0, 0.0), STILL))
    away = moment(moving=car, movers=movers((9, (30.0, 0.0, 0.0), (7.0, 0.0, 0.0), STILL)))
    found = scan(radar(), away)
    np.testing.assert_allclose(found[:, 0], 7.0 * np.cos(found[:, 1]) * np.cos(found[:, 2]), rtol=1e-4)
    # Coming up from behind at 20 m/s, the distance shrinks.
    found = scan(radar(), away, a_body=body((20.0, 0.0, 0.0)))
    np.testing.assert_allclose(found[:, 0], -13.0 * np.cos(found[:, 1]) * np.cos(found[:, 2]), rtol=1e-4)


def test_scenery_comes_near_as_fast_as_the_carrier_goes():
    found = scan(radar(), moment(inside_room(), dt_s=0.05), a_body=body((10.0, 0.0, 0.0)))
    np.testing.assert_allclose(found[:, 0], -10.0 * np.cos(found[:, 1]) * np.cos(found[:, 2]), rtol=1e-5)


def test_a_body_that_turns_comes_and_goes_at_once():
    # A car of 4 x 2 m seen on its side, turning to the left about its middle at 0.5 rad/s: its near side
    # (y = -1 in its frame) moves along it, its front away and its rear nearer.
    turned = rotation_from_rpy(0.0, 0.0, math.pi / 2)
    car = place((2, 9, (10.0, 0.0, 0.0), (0.0, 0.0, math.pi / 2)))
    a_moment = moment(moving=car, movers=movers((9, (10.0, 0.0, 0.0), STILL, (0.0, 0.0, 0.5))), dt_s=0.1)
    found = scan(radar(horizontal_fov=40), a_moment)
    rays = np.stack(
        [
            np.cos(found[:, 2]) * np.cos(found[:, 1]),
            np.cos(found[:, 2]) * np.sin(found[:, 1]),
            np.sin(found[:, 2]),
        ],
        axis=1,
    )
    points = rays * found[:, 3:]
    own = (points - [10.0, 0.0, 0.0]) @ turned
    assert np.abs(own[:, 0]).max() < 2.001
    expected = np.einsum("ni,ni->n", np.cross([0.0, 0.0, 0.5], points - [10.0, 0.0, 0.0]), rays)
    np.testing.assert_allclose(found[:, 0], expected, atol=1e-4)
    assert found[:, 0].max() > 0.5, "the right-hand end of what is seen goes away"
    assert found[:, 0].min() < -0.5


def test_a_carrier_that_turns_sweeps_the_sensor():
    # Mounted 2 m ahead of the origin and looking to the left of a car that turns left: the sensor moves
    # to the left at 2 m x 0.4 rad/s, towards the wall.
    world_sensor = np.eye(4)
    world_sensor[:3, :3] = rotation_from_rpy(0.0, 0.0, math.pi / 2)
    world_sensor[:3, 3] = (2.0, 0.0, 0.0)
    found = scan(
        radar(horizontal_fov=4, vertical_fov=4), moment(inside_room()), world_sensor, body(STILL, (0, 0, 0.4))
    )
    np.testing.assert_allclose(found[:, 0], -0.8, rtol=2e-3)


def test_a_sensor_without_carrier_moves_as_it_is_put():
    one, _, _ = suite()
    a_radar, room = radar(horizontal_fov=2, vertical_fov=2), inside_room()
    velocities = []
    for k in range(3):
        world_sensor = np.eye(4)
        world_sensor[0, 3] = 0.3 * k
        (found,) = one.measure([request(a_radar, world_sensor)], moment(room, time_s=0.1 * k))
        velocities.append(found.detections[:, 0].mean())
    one.close()
    assert velocities == pytest.approx([0.0, -3.0, -3.0], abs=1e-3)


def test_a_seed_repeats_its_rays():
    def directions(*args, **kwargs):
        return radar(*args, **kwargs).advance(0.05).tobytes()

    assert directions(1) == directions(1) != directions(2)
    assert directions(1, noise_seed=4) == directions(2, noise_seed=4) != directions(1, noise_seed=5)
    a_radar = radar(1)
    assert a_radar.advance(0.05).tobytes() != a_radar.advance(0.05).tobytes(), "each tick looks elsewhere"


def test_the_wire_counts_azimuth_to_the_right():
    car = place((2, 9, (30.0, -10.0, 3.0), STILL))
    measurement = measure_one(
        radar(points_per_second=200_000, horizontal_fov=60, vertical_fov=40), moment(moving=car)
    )
    assert (measurement.detections[:, 1] < 0).all(), "to the right is clockwise"
    (raw,) = payload(measurement)
    sent = np.frombuffer(raw, "<f4").reshape(-1, 4)
    assert len(sent) == len(measurement.detections) > 20
    assert (sent[:, 1] > 0).all()
    assert (sent[:, 2] > 0).all(), "above is positive"
    middle = sent.mean(axis=0)
    assert middle[1] == pytest.approx(math.atan2(10.0, 28.0), abs=0.05)
    assert middle[3] == pytest.approx(math.hypot(28.0, 9.5, 3.0), abs=1.0)


def test_no_points_no_detections():
    assert len(scan(radar(points_per_second=0), moment(inside_room()))) == 0
    assert len(scan(radar(points_per_second=19), moment(inside_room(), dt_s=0.05))) == 0
