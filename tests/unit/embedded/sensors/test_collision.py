"""What a collision detector makes of a step's contacts."""

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.sensors.suite import make_sensor

FIRST = np.array([4, 4, 9, 5], np.uint32)
SECOND = np.array([5, 0, 4, 6], np.uint32)
TAG = np.array([Tag.CAR, Tag.BUILDING, Tag.CAR, Tag.PEDESTRIAN], np.uint8)
IMPULSE = np.array([[100.0, 0.0, 0.0], [0.0, 50.0, 0.0], [0.0, 0.0, 7.0], [1.0, 2.0, 3.0]])


def events(body_id):
    found = make_sensor("sensor.other.collision", {}, 0).events(body_id, FIRST, SECOND, TAG, IMPULSE)
    return [(e.other.object_id, e.other.tag, e.impulse_ns.tolist()) for e in found]


def test_every_contact_of_the_parent_is_an_event_with_what_the_parent_was_given():
    assert events(4) == [
        (5, Tag.CAR, [-100.0, 0.0, 0.0]),
        (0, Tag.BUILDING, [0.0, -50.0, 0.0]),
        (9, 0, [0.0, 0.0, 7.0]),
    ]


def test_both_sides_of_a_pair_are_told_the_opposite():
    assert events(5) == [(4, 0, [100.0, 0.0, 0.0]), (6, Tag.PEDESTRIAN, [-1.0, -2.0, -3.0])]


def test_who_touches_nothing_or_has_no_parent_is_told_nothing():
    assert events(77) == []
    assert events(0) == [], "scenery is no parent"
