"""Rays that pass through vehicles which their sensor ignores."""

import numpy as np
import pytest

from drivegen.embedded.sensors.moment import BodyState
from drivegen.embedded.sensors.request import Request
from tests.unit.embedded.raycast.shapes import place
from tests.unit.embedded.sensors.room import STILL, inside_room, moment, sensor, suite

LIDAR = {
    "channels": 16,
    "points_per_second": 64000,
    "range": 100,
    "upper_fov": 10,
    "lower_fov": -10,
    "noise_seed": 1,
}
CARS = (
    (2, 7, (5.0, 0.0, 0.0), STILL),
    (2, 8, (5.0, 4.0, 0.0), STILL),
    (2, 9, (4.0, 0.5, 0.0), (0.0, 0.0, 0.2)),
)


def measure(requests, moving):
    one, _, scene = suite()
    try:
        return one.measure(requests, moment(inside_room(), moving)), scene().casts
    finally:
        one.close()


def asked(type_id, ignored, **attributes):
    return Request(
        sensor=sensor(type_id, **attributes),
        world_sensor=np.eye(4),
        body=BodyState.at_rest(np.zeros(3)),
        ignored=frozenset(ignored),
    )


@pytest.mark.parametrize("ignored", [(7,), (9,), (7, 9), (7, 8, 9)])
def test_a_lidar_sees_what_stands_behind(ignored):
    (through,), _ = measure([asked("sensor.lidar.ray_cast_semantic", ignored, **_semantic())], place(*CARS))
    left = place(*(row for row in CARS if row[1] not in ignored))
    (without,), _ = measure([asked("sensor.lidar.ray_cast_semantic", (), **_semantic())], left)
    np.testing.assert_array_equal(through.object_id, without.object_id)
    np.testing.assert_array_equal(through.tag, without.tag)
    np.testing.assert_allclose(through.points_m, without.points_m, atol=1e-4)
    np.testing.assert_allclose(through.cos_incidence, without.cos_incidence, atol=1e-5)
    assert len(through.points_m) == 6400


def _semantic():
    return {name: value for name, value in LIDAR.items() if name != "noise_seed"}


def test_lidars_of_one_pose_that_ignore_others_have_rays_of_their_own():
    kind = "sensor.lidar.ray_cast_semantic"
    (all_seen, some), casts = measure(
        [asked(kind, (), **_semantic()), asked(kind, (7, 9), **_semantic())], place(*CARS)
    )
    assert casts[:2] == [6400, 6400]
    assert (all_seen.object_id == 9).any()
    assert not np.isin(some.object_id, [7, 9]).any()


def test_rays_end_at_the_range_also_behind_what_they_ignore():
    attributes = {**_semantic(), "range": 6}
    (scan,), _ = measure([asked("sensor.lidar.ray_cast_semantic", (7, 9), **attributes)], place(*CARS))
    assert not len(scan.points_m) or np.linalg.norm(scan.points_m, axis=1).max() <= 6.0
    assert set(np.unique(scan.object_id)) <= {8}


def test_a_radar_looks_through_them_too():
    attributes = {"points_per_second": 5000, "horizontal_fov": 10, "vertical_fov": 4}
    (blocked,), _ = measure([asked("sensor.other.radar", (), **attributes)], place(*CARS))
    (open_,), _ = measure([asked("sensor.other.radar", (7, 9), **attributes)], place(*CARS))
    assert blocked.detections[:, 3].max() < 5.0
    np.testing.assert_allclose(open_.detections[:, 3], 10.0, rtol=0.01)


def test_a_camera_is_not_shown_what_it_ignores():
    one, renderer, _ = suite()
    moving = place(*CARS)
    size = {"image_size_x": 8, "image_size_y": 8}
    one.measure(
        [
            asked("sensor.camera.depth", (), **size),
            asked("sensor.camera.depth", (7, 9), **size),
            asked("sensor.camera.semantic_segmentation", (7, 9), **size),
        ],
        moment(inside_room(), moving),
    )
    assert [ids.tolist() for ids in renderer.drawn_ids] == [[7, 8, 9], [8]]
    assert [len(views) for views, _ in renderer.calls] == [1, 1], "cameras that ignore the same share a view"
    one.close()
