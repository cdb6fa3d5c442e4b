import math

import pytest

from drivegen.core.plans import Deed, Order
from drivegen.record.orders import OrderBook, may_pull_out
from tests.unit.record.riding import plan
from tests.unit.record.test_entries import seen

EGO, OTHER = 1, 2


def book(*orders):
    made = OrderBook()
    made.add(OTHER, plan(orders=orders))
    return made


def test_an_order_is_given_once_at_its_time():
    made = book(Order(deed=Deed.GO, at_s=4.0), Order(deed=Deed.STOP, at_s=2.0))
    world = seen((0.0, 0.0, 0.0, 5.0), (30.0, 0.0, 0.0, 5.0))
    given = [(t / 20, d) for t in range(120) for _, d in made.due(t / 20, EGO, world)]
    assert given == [(2.0, Deed.STOP), (4.0, Deed.GO)]


@pytest.mark.parametrize(
    ("ego", "due"),
    [
        ((-10.0, 0.0, 0.0, 5.0), True),
        ((-10.0, 3.5, 0.0, 5.0), True),  # in the lane beside
        ((-10.0, 7.0, 0.0, 5.0), False),  # two lanes away
        ((-25.0, 0.0, 0.0, 5.0), False),  # too far: 20.4 m between them
        ((10.0, 0.0, 0.0, 5.0), False),  # ahead
        ((-10.0, 3.5, math.pi, 5.0), False),  # on the other carriageway
    ],
)
def test_an_order_waits_for_the_ego_behind(ego, due):
    made = book(Order(deed=Deed.LANE_LEFT, ego_within_m=12.0))
    given = made.due(0.0, EGO, seen(ego, (0.0, 0.0, 0.0, 5.0)))
    assert given == ([(OTHER, Deed.LANE_LEFT)] if due else [])
    near = seen((-8.0, 0.0, 0.0, 5.0), (0.0, 0.0, 0.0, 5.0))
    assert len(given) + len(made.due(9.0, EGO, near)) == 1


def test_whichever_comes_first_counts():
    made = book(Order(deed=Deed.LANE_RIGHT, at_s=6.0, ego_within_m=5.0))
    far = seen((-80.0, 0.0, 0.0, 5.0), (0.0, 0.0, 0.0, 5.0))
    assert made.due(5.9, EGO, far) == []
    assert made.due(6.0, EGO, far) == [(OTHER, Deed.LANE_RIGHT)]


@pytest.mark.parametrize(
    ("other", "free"),
    [
        ((-20.0, 3.5, 0.0, 10.0), False),  # comes along in the lane beside
        ((-60.0, 3.5, 0.0, 10.0), True),  # far behind
        ((2.0, 3.5, 0.0, 5.0), False),  # is beside
        ((12.0, 3.5, 0.0, 10.0), True),  # has passed
        ((-20.0, -3.5, 0.0, 10.0), True),  # on the right
        ((-20.0, 0.0, 0.0, 10.0), True),  # behind in the same lane
        ((-8.0, 3.5, 0.0, 0.0), True),  # waits
        ((20.0, 3.5, math.pi, 10.0), True),  # comes towards it
    ],
)
def test_who_drives_on_waits_for_a_gap_on_its_left(other, free):
    assert may_pull_out(seen((0.0, 0.0, 0.0, 0.0), other), 0) is free


def test_who_has_left_gets_no_orders():
    made = book(Order(deed=Deed.STOP, at_s=1.0))
    assert made.due(2.0, EGO, seen((0.0, 0.0, 0.0, 5.0))) == []
    made.remove(OTHER)
    assert made.due(3.0, EGO, seen((0.0, 0.0, 0.0, 5.0), (9.0, 0.0, 0.0, 5.0))) == []
