import numpy as np
import pytest

from drivegen.core.plans import WalkerPlan
from drivegen.record.street_furniture import LABELS, near_ways

WALK = WalkerPlan(
    blueprint="walker.pedestrian.0001",
    speed_mps=1.3,
    waypoints=((0.0, 0.0, 0.15), (40.0, 0.0, 0.15)),
    crossings=(),
)


def thing(x, y, label, half=(0.2, 0.2), bottom=0.15, height=1.0, yaw_deg=0.0):
    return (x, y, bottom, *half, height, yaw_deg, LABELS.index(label))


def boxes(*things):
    return near_ways(np.array(things, float).reshape(-1, 8), [WALK])


def test_what_is_near_a_way_stands_there():
    found = boxes(thing(5, 1, "Static"), thing(5, 9, "Static"), thing(-9, 0, "Static"))
    assert found.xy_m.tolist() == [[5.0, 1.0]]
    assert found.half_m.tolist() == [[0.2, 0.2]]


def test_trees_have_trunks_and_hedges_are_whole():
    found = boxes(
        thing(5, 1, "Vegetation", half=(3.0, 3.0), height=12.0), thing(9, 2, "Vegetation", half=(1.5, 0.6))
    )
    halves = {
        tuple(at): tuple(half) for at, half in zip(found.xy_m.tolist(), found.half_m.tolist(), strict=True)
    }
    assert halves == {(5.0, 1.0): (0.25, 0.25), (9.0, 2.0): (1.5, 0.6)}


def test_lamps_with_arms_stand_at_an_end_of_their_boxes():
    found = boxes(thing(5, 1, "Poles", half=(0.2, 2.25), height=9.5))
    assert sorted(found.xy_m[:, 1].tolist()) == pytest.approx([-1.0, 3.0])
    assert found.xy_m[:, 0].tolist() == pytest.approx([5.0, 5.0])
    assert found.half_m.max() == 0.25


def test_what_hangs_high_or_lies_low_is_in_nobodys_way():
    assert not len(boxes(thing(5, 1, "TrafficSigns", bottom=2.4), thing(6, 0, "Static", height=0.1)).xy_m)
    assert not len(boxes(thing(5, 1, "Static", bottom=-6.0)).xy_m)


def test_without_things_or_walkers_there_is_nothing():
    assert not len(boxes().xy_m)
    assert not len(near_ways(np.array([thing(5, 1, "Static")], float), []).xy_m)
