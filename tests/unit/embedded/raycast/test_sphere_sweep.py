"""A sphere on its way against triangles, compared with what can be worked out by hand and by brute force."""

import math

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.sphere_sweep import SphereSweep, sweep_triangles
from tests.unit.embedded.raycast.shapes import box, ground, mesh, place

STILL = (0.0, 0.0, 0.0)
AHEAD = np.array([1.0, 0.0, 0.0])
NOBODY = np.zeros(0, np.uint32)


def library():
    """Ground (0), a car's box of 4 x 2 x 1.5 (1), a post of 0.2 x 0.2 x 3 (2)."""
    made = MeshLibrary()
    made.add(ground(100.0))
    made.add(box(4.0, 2.0, 1.5, Tag.CAR))
    made.add(box(0.2, 0.2, 3.0, Tag.POLE))
    return made


def first(groups, start, direction=AHEAD, length=50.0, radius=0.5, **others):
    others.setdefault("without", NOBODY)
    return SphereSweep(library()).first(
        groups, np.asarray(start, np.float64), np.asarray(direction, np.float64), length, radius, **others
    )


def test_a_face_is_met_a_radius_before_it():
    hit = first([place((1, 7, (10.0, 0.0, 1.0), STILL))], (0.0, 0.0, 1.0))
    assert hit.distance_m == pytest.approx(10.0 - 2.0 - 0.5, abs=1e-6)
    assert (hit.object_id, hit.tag) == (7, Tag.CAR)


def test_an_edge_is_met_by_the_spheres_side():
    # The box's side lies 0.3 m beside the way of the centre: an edge is met where the circle reaches it.
    hit = first([place((1, 7, (10.0, 1.3, 1.0), STILL))], (0.0, 0.0, 1.0))
    assert hit.distance_m == pytest.approx(8.0 - math.sqrt(0.5**2 - 0.3**2), abs=1e-6)


def test_a_corner_is_met_in_space():
    hit = first([place((1, 7, (10.0, 1.3, 1.95), STILL))], (0.0, 0.0, 1.0))
    assert hit.distance_m == pytest.approx(8.0 - math.sqrt(0.5**2 - 0.3**2 - 0.2**2), abs=1e-6)


def test_what_lies_beside_above_behind_or_too_far_is_not_met():
    for place_m in ((10.0, 1.6, 1.0), (10.0, 0.0, 2.3), (-10.0, 0.0, 1.0), (53.0, 0.0, 1.0)):
        assert first([place((1, 7, place_m, STILL))], (0.0, 0.0, 1.0)) is None


def test_a_thin_sphere_is_a_ray():
    hit = first([place((1, 7, (10.0, 0.9, 1.0), STILL))], (0.0, 0.0, 1.0), radius=0.0)
    assert hit.distance_m == pytest.approx(8.0, abs=1e-6)


def test_a_sphere_that_touches_at_its_start_has_gone_nowhere():
    hit = first([place((0, 0, STILL, STILL))], (0.0, 0.0, 0.3))
    assert (hit.distance_m, hit.object_id, hit.tag) == (0.0, 0, Tag.ROAD)
    assert first([place((0, 0, STILL, STILL))], (0.0, 0.0, 0.6)) is None


def test_the_nearest_of_several_is_told_also_across_groups():
    static = place((2, 0, (20.0, 0.0, 1.5), STILL), (2, 0, (9.0, 0.0, 1.5), STILL))
    moving = place((1, 7, (30.0, 0.0, 1.0), STILL), (1, 8, (15.0, 0.0, 1.0), STILL))
    assert first([static, moving], (0.0, 0.0, 1.0)).tag == Tag.POLE
    assert first([static, moving], (0.0, 0.0, 1.0), only=np.array([7, 8], np.uint32)).object_id == 8
    without = np.array([0, 8], np.uint32)
    assert first([static, moving], (0.0, 0.0, 1.0), without=without).object_id == 7


def test_turned_boxes_are_met_where_their_corner_is():
    hit = first([place((1, 7, (10.0, 0.0, 1.0), (0.0, 0.0, math.pi / 4)))], (0.0, 0.0, 1.0))
    # The corner points at the sensor beside the way; distances worked out on the turned rectangle.
    corner = np.array([-2.0, 1.0]) @ np.array([[1, 1], [-1, 1]]) / math.sqrt(2) + [10.0, 0.0]
    assert hit.distance_m < corner[0] + 1.5
    assert hit.distance_m == pytest.approx(_marched([7], (0.0, 0.0, 1.0), AHEAD, 0.5), abs=2e-3)


def _marched(_, start, direction, radius):
    """By brute force: how far the centre goes until a point of the turned box is within the radius."""
    angle, step = math.pi / 4, 1e-3
    for along in np.arange(0.0, 20.0, step):
        x, y = start[0] + along * direction[0] - 10.0, start[1] + along * direction[1]
        own = (x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle))
        if math.hypot(max(abs(own[0]) - 2.0, 0.0), max(abs(own[1]) - 1.0, 0.0)) <= radius:
            return along
    return math.inf


def test_random_triangles_agree_with_marching():
    rng = derive_rng("sphere sweep")
    met = 0
    for _ in range(60):
        corners = rng.uniform(-1.5, 1.5, (3, 3)) + np.array([4.0, 0.0, 0.0])
        triangle = mesh(corners, [[0, 1, 2]])
        direction = rng.normal(0.0, 0.2, 3) + AHEAD
        direction /= np.linalg.norm(direction)
        radius = float(rng.uniform(0.05, 0.8))
        distance, row = sweep_triangles(
            np.zeros(3), direction, 8.0, radius, triangle.positions_m, triangle.triangles
        )
        weights = rng.dirichlet([0.7, 0.7, 0.7], 20000)
        points = weights @ corners
        along = points @ direction
        aside = np.maximum(np.sum(points**2, axis=1) - along**2, 0.0)
        near = aside <= radius**2
        sampled = (along[near] - np.sqrt(radius**2 - aside[near])).min() if near.any() else math.inf
        assert distance <= max(sampled, 0.0) + 1e-6, "no sampled point may be met before"
        if row >= 0:
            met += 1
            assert sampled - distance < 0.05, "and the touch is where points are"
    assert 20 < met < 60


def test_groups_that_stay_are_looked_at_once():
    sweep = SphereSweep(library())
    static = place((0, 0, STILL, STILL))
    for x in (5.0, 6.0):
        moving = place((1, 7, (x + 5.0, 0.0, 1.0), STILL))
        hit = sweep.first((static, moving), np.array([0.0, 0.0, 1.0]), AHEAD, 50.0, 0.5, without=NOBODY)
        assert hit.distance_m == pytest.approx(x + 5.0 - 2.5, abs=1e-6)
    assert sweep.first((Drawables.empty(),), np.zeros(3), AHEAD, 1.0, 0.1, without=NOBODY) is None
