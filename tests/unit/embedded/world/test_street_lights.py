import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.world.street_lights import MOST_ANNOUNCEMENTS, StreetLight, StreetLights
from tests.unit.embedded.world.test_environment import piece

RED = (255, 0, 0)


@pytest.fixture
def lights():
    table = StreetLights()
    table.install(
        [StreetLight(piece=piece(k, Tag.POLE, "Pole_Lamp"), head_m=np.array([k, 0.0, 8.0])) for k in (4, 9)]
    )
    return table


def on(table):
    return [light.active for light in table]


def test_the_sun_switches_lamps_when_it_sets_and_rises(lights):
    assert on(lights) == [False, False]
    lights.follow(40.0)
    assert on(lights) == [False, False]
    lights.follow(-5.0)
    assert on(lights) == [True, True]
    lights.set(4, 10.0, RED, 2, False)
    lights.follow(-6.0)
    assert on(lights) == [False, True]
    lights.follow(20.0)
    assert on(lights) == [False, False]


def test_lamps_that_are_found_at_night_burn():
    table = StreetLights()
    table.follow(-20.0)
    table.install([StreetLight(piece=piece(1, Tag.POLE), head_m=np.zeros(3))])
    assert on(table) == [True]


def test_without_the_cycle_clients_alone_switch(lights):
    lights.set_day_night_cycle(False)
    lights.follow(-5.0)
    assert on(lights) == [False, False]
    lights.set(9, 10.0, RED, 2, True)
    assert on(lights) == [False, True]
    lights.set_day_night_cycle(True)
    assert on(lights) == [True, True]


def test_what_changes_a_lamp_is_counted_and_unknown_lamps_are_passed_over(lights):
    before = lights.revision
    lights.set(1000, 1.0, RED, 2, True)
    assert lights.revision == before
    lights.set(4, 1.0, RED, 3, True)
    assert lights.revision == before + 1
    changed = next(iter(lights))
    assert (changed.intensity, changed.color, changed.group, changed.active) == (1.0, RED, 3, True)


def test_the_others_are_asked_to_look_again_until_they_have(lights):
    lights.told("a")
    lights.told("b")
    assert not lights.announce()
    lights.changed_by("a")
    assert lights.announce()
    lights.told("a")
    assert lights.announce()
    lights.told("b")
    assert not lights.announce()


def test_one_that_changes_or_has_gone_is_not_waited_for(lights):
    lights.told("a")
    lights.changed_by("a")
    assert not lights.announce()
    lights.told("b")
    lights.changed_by("a")
    lights.forget("b")
    assert not lights.announce()


def test_a_deaf_client_does_not_keep_the_others_asking_for_ever(lights):
    lights.told("deaf")
    lights.changed_by(None)
    assert sum(lights.announce() for _ in range(3 * MOST_ANNOUNCEMENTS)) == MOST_ANNOUNCEMENTS
