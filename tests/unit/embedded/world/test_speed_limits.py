"""The limit that a vehicle is told of: of the last sign it passed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.speed_limits import DEFAULT_SPEED_LIMIT_MPS, SpeedLimits
from drivegen.opendrive.model import LaneValidity, Signal
from tests.unit.embedded.traffic_lights.roads import LANE_M, network, road

RIGHT_Y, LEFT_Y = -LANE_M / 2, LANE_M / 2
SIXTY, NINETY = 60.0 / 3.6, 90.0 / 3.6


def sign(s_m: float, kmh: float, lanes: tuple[int, int]) -> Signal:
    return Signal(
        id=f"{s_m:.0f}", name="", s_m=s_m, t_m=0.0, z_offset_m=0.0, h_offset_rad=0.0, orientation="none",
        dynamic=False, type="274", subtype="", value=kmh, unit="km/h",
        validities=(LaneValidity(from_lane=lanes[0], to_lane=lanes[1]),),
    )  # fmt: skip


def limits(*signs: Signal) -> SpeedLimits:
    """A straight road along x, 200 m, one lane a side; then another of 100 m."""
    first = replace(road(1, (0.0, 0.0, 0.0), 200.0, successor=2), signals=signs)
    second = road(2, (200.0, 0.0, 0.0), 100.0, predecessor=1)
    return SpeedLimits(LoadedMap(name="straight", text="", network=network(first, second)))


def drive(found: SpeedLimits, x0: float, x1: float, y: float, step: float = 0.7, id_: int = 9) -> list[float]:
    """The limit at each step of a way along x."""
    told = []
    heading = 0.0 if x1 > x0 else np.pi
    for x in np.arange(x0, x1, step if x1 > x0 else -step):
        told.append(update(found, [id_], [x], [y], heading)[0])
    return told


def update(found: SpeedLimits, ids: list[int], xs: list[float], ys: list[float], heading: float = 0.0):
    position = np.column_stack([xs, ys, np.zeros(len(xs))]).astype(float)
    return found.update(np.array(ids, np.uint32), position, np.full(len(xs), heading))


def test_it_is_30_where_the_map_posts_nothing():
    assert set(drive(limits(), 0.0, 150.0, RIGHT_Y)) == {DEFAULT_SPEED_LIMIT_MPS}


@pytest.mark.parametrize("step", [0.05, 0.7, 1.5, 4.0])
def test_it_changes_at_the_sign_and_stays(step):
    found = limits(sign(50.0, 60.0, (-1, -1)), sign(120.0, 90.0, (-1, -1)))
    xs = np.arange(0.0, 290.0, step)
    told = np.array(drive(found, 0.0, 290.0, RIGHT_Y, step))
    assert np.allclose(told[xs < 50.0], DEFAULT_SPEED_LIMIT_MPS)
    assert np.allclose(told[(xs > 50.0) & (xs < 120.0)], SIXTY)
    assert np.allclose(told[xs > 120.0], NINETY), "on the next road too"


def test_signs_of_the_other_direction_do_not_count():
    found = limits(sign(50.0, 60.0, (-1, -1)), sign(120.0, 90.0, (1, 1)))
    assert set(drive(found, 0.0, 150.0, RIGHT_Y)) == {DEFAULT_SPEED_LIMIT_MPS, SIXTY}
    there = drive(limits(sign(50.0, 60.0, (-1, -1)), sign(120.0, 90.0, (1, 1))), 190.0, 10.0, LEFT_Y)
    assert set(there) == {DEFAULT_SPEED_LIMIT_MPS, NINETY}
    # Backing through a gate is not passing it.
    back = limits(sign(50.0, 60.0, (-1, -1)))
    update(back, [9], [45.0], [RIGHT_Y])
    for x in (44.0, 43.0):
        assert update(back, [9], [x], [RIGHT_Y])[0] == DEFAULT_SPEED_LIMIT_MPS


def test_a_new_vehicle_begins_with_the_last_sign_before_it():
    signs = (sign(50.0, 60.0, (-1, -1)), sign(120.0, 90.0, (-1, -1)), sign(150.0, 40.0, (1, 1)))
    found = limits(*signs)
    told = update(found, [1, 2, 3, 4], [20.0, 80.0, 180.0, 250.0], [RIGHT_Y] * 4)
    np.testing.assert_allclose(told, [DEFAULT_SPEED_LIMIT_MPS, SIXTY, NINETY, NINETY])
    other_way = update(limits(*signs), [1, 2], [100.0, 180.0], [LEFT_Y] * 2, np.pi)
    np.testing.assert_allclose(other_way, [40.0 / 3.6, DEFAULT_SPEED_LIMIT_MPS])


def test_who_is_put_somewhere_keeps_its_limit():
    found = limits(sign(50.0, 60.0, (-1, -1)))
    assert update(found, [9], [20.0], [RIGHT_Y])[0] == DEFAULT_SPEED_LIMIT_MPS
    assert update(found, [9], [90.0], [RIGHT_Y])[0] == DEFAULT_SPEED_LIMIT_MPS


def test_vehicles_that_come_and_go_keep_their_own():
    found = limits(sign(50.0, 60.0, (-1, -1)))
    update(found, [7, 3], [49.0, 10.0], [RIGHT_Y] * 2)
    np.testing.assert_allclose(update(found, [7, 3], [51.0, 11.0], [RIGHT_Y] * 2), [SIXTY, 30.0 / 3.6])
    told = update(found, [3, 5, 7], [12.0, 10.0, 52.0], [RIGHT_Y] * 3)
    np.testing.assert_allclose(told, [30.0 / 3.6, 30.0 / 3.6, SIXTY])
    np.testing.assert_allclose(update(found, [7], [53.0], [RIGHT_Y]), [SIXTY])
    assert len(update(found, [], [], [])) == 0
