import math

import numpy as np
import pytest

from drivegen.core.plans import PlacedPose
from drivegen.record.entries import Entries, is_free, speed_mps
from drivegen.record.ground_plan import GroundPlan
from tests.unit.record.riding import plan

NOBODY = np.zeros((0, 2))


def seen(*bodies):
    """From (x, y, yaw, speed) of cars 4.6 m long."""
    table = np.array(bodies, np.float64).reshape(-1, 4)
    axis = np.stack([np.cos(table[:, 2]), np.sin(table[:, 2])], axis=1)
    return GroundPlan(
        ids=np.arange(1, len(table) + 1),
        xyz_m=np.concatenate([table[:, :2], np.full((len(table), 1), 0.8)], axis=1),
        axis=axis,
        half_m=np.tile([2.3, 0.95, 0.8], (len(table), 1)),
        velocity_mps=axis * table[:, 3:],
        person=np.zeros(len(table), bool),
    )


def comes(enters_s, x_m=0.0, **changes):
    start = PlacedPose(x_m=x_m, y_m=0.0, z_m=0.0, yaw_rad=0.0)
    return plan(blueprint="vehicle.drivegen.sedan", enters_s=enters_s, start=start, **changes)


@pytest.mark.parametrize(
    ("body", "free"),
    [
        ((3.0, 0.0, 0.0, 0.0), False),  # on the place
        ((0.5, 1.5, math.pi / 2, 0.0), False),  # across it
        ((0.0, 3.5, 0.0, 0.0), True),  # in the lane beside
        ((8.5, 0.0, 0.0, 0.0), True),  # ahead
        ((-8.5, 0.0, 0.0, 0.0), True),  # behind, standing
        ((-20.0, 0.0, 0.0, 12.0), False),  # behind, coming on
        ((-40.0, 0.0, 0.0, 12.0), True),  # far behind
        ((-20.0, 3.5, 0.0, 12.0), True),  # coming on in the lane beside
        ((-20.0, 0.0, math.pi, 12.0), True),  # going away
    ],
)
def test_a_place_is_free_where_nobody_is_or_comes_soon(body, free):
    assert is_free(comes(1.0), seen(body)) is free


def test_a_bridge_over_the_place_does_not_count():
    above = seen((0.0, 0.0, 0.0, 0.0))
    above.xyz_m[:, 2] = 7.0
    assert is_free(comes(1.0), above)


def test_vehicles_enter_when_due_and_wait_for_their_place():
    first, second, early = comes(2.0), comes(3.0), comes(0.0)
    entries = Entries([early, second, first])
    assert entries.waiting == [first, second]
    assert entries.due(1.95, seen()) == []
    taken = seen((1.0, 0.0, 0.0, 0.0))
    assert entries.due(2.0, taken) == []
    assert entries.due(2.4, seen()) == []  # looks again after half a second
    assert entries.due(2.5, seen()) == [first]
    assert entries.due(3.0, seen((30.0, 0.0, 0.0, 8.0))) == [second]
    assert entries.waiting == []


def test_of_two_who_want_one_place_the_second_waits():
    entries = Entries([comes(1.0), comes(1.0, x_m=3.0), comes(1.0, x_m=30.0)])
    assert [p.start.x_m for p in entries.due(1.0, seen())] == [0.0, 30.0]
    assert [p.start.x_m for p in entries.waiting] == [3.0]


def test_who_is_refused_tries_again():
    entries = Entries([comes(1.0)])
    (one,) = entries.due(1.0, seen())
    entries.refused(one, 1.0)
    assert entries.waiting == [one]
    assert entries.due(1.2, seen()) == []
    assert entries.due(1.5, seen()) == [one]


def test_who_enters_can_stop_behind_who_is_ahead():
    assert speed_mps(comes(1.0), seen()) == 8.0
    assert speed_mps(comes(1.0), seen((15.0, 0.0, 0.0, 0.0))) < 6.0
    assert speed_mps(comes(1.0), seen((8.5, 0.0, 0.0, 0.0))) < 1.5
    assert speed_mps(comes(1.0), seen((15.0, 4.0, 0.0, 0.0), (-9.0, 0.0, 0.0, 0.0))) == 8.0
