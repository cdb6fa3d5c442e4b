"""Indicators blink and light bars flash in simulated time."""

import dataclasses

import numpy as np
import pytest

from drivegen.embedded import drawables as bits
from drivegen.embedded.assets.vehicles.doors import Door
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.world.bodies import BEACON_S, BLINK_S, Bodies, dark_of
from drivegen.embedded.world.doors import DoorStates
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.world import World

BLINKERS = bits.LIGHT_LEFT_BLINKER | bits.LIGHT_RIGHT_BLINKER
BEACONS = bits.LIGHT_SPECIAL1 | bits.LIGHT_SPECIAL2


def test_indicators_are_lit_half_of_60_to_120_flashes_a_minute() -> None:
    assert 60 <= 60 / BLINK_S <= 120
    times = np.arange(0.0, 10 * BLINK_S, 0.01)
    lit = np.array([dark_of(t) & BLINKERS == 0 for t in times])
    assert lit.mean() == pytest.approx(0.5, abs=0.02)
    assert (np.diff(lit.astype(int)) == -1).sum() == 10
    assert all(dark_of(t) & BLINKERS in (0, BLINKERS) for t in times), "both sides together"


def test_a_light_bars_halves_take_turns() -> None:
    assert 2 <= 1 / BEACON_S <= 4
    dark = {dark_of(t) & BEACONS for t in np.arange(0.0, 2.0, 0.01)}
    assert dark == {bits.LIGHT_SPECIAL1, bits.LIGHT_SPECIAL2}


def test_nothing_else_flashes() -> None:
    for t in np.arange(0.0, 2.0, 0.05):
        assert dark_of(t) & ~(BLINKERS | BEACONS) == 0


def test_a_door_that_turns_back_starts_where_it_is() -> None:
    doors = DoorStates().told(Door.FRONT_LEFT, opens=True, now_s=10.0)
    assert doors.shares(10.0) == (0.0, 0.0, 0.0, 0.0)
    assert doors.shares(10.4)[0] == pytest.approx(0.4)
    back = doors.told(Door.FRONT_LEFT, opens=False, now_s=10.4)
    assert back.shares(10.4)[0] == pytest.approx(0.4)
    assert back.shares(10.6)[0] == pytest.approx(0.2)
    assert back.shares(99.0) == (0.0, 0.0, 0.0, 0.0)
    again = back.told(Door.ALL, opens=True, now_s=100.0)
    assert again.shares(101.0) == (1.0, 1.0, 1.0, 1.0)


def test_equal_runs_blink_alike_however_long_the_server_ran_before(maps: MapStore) -> None:
    seen = []
    for free_ticks in (0, 7):
        world = World(maps, "Junction", seed=1)
        bodies = Bodies(MeshLibrary(), 0)
        for _ in range(free_ticks):
            world.step(0.05)
        world.set_settings(dataclasses.replace(world.settings, synchronous=True, fixed_delta_s=0.05))
        car = world.spawn("vehicle.audi.tt", {}, world.map.spawn_points[0])
        car.light_flags = BLINKERS
        lights = []
        for _ in range(20):
            world.step(0.05)
            drawn = bodies.drawables(world)
            lights.append(int(drawn.lights[drawn.object_id == car.id][0]))
        seen.append(lights)
    assert len(set(seen[0])) == 2
    assert seen[0] == seen[1]
