"""What the simple driver takes for something in its way, and what not."""

from __future__ import annotations

import math

import pytest

from drivegen.opendrive.reader import read_network
from drivegen.scenario.player.drivers import Lookout, SimpleDriver
from drivegen.scenario.player.kinematics import Kinematics
from drivegen.scenario.player.simulate import simulate
from tests.unit.scenario.player.plays import (
    CAR,
    LANE,
    STRAIGHT,
    after,
    at,
    condition,
    event,
    group,
    lane,
    lane_change,
    scenario,
    speed,
    teleport,
)

_LANES = f"""<center><lane id="0" type="none"/></center>
<right>{"".join(LANE.format(i) for i in (-1, -2))}</right></laneSection></lanes></road>"""


def _linked(lanes: str, kind: str) -> str:
    """Lanes with links to those of the same number on the next (successor) or last (predecessor) road."""
    for lane_id in (-1, -2):
        lanes = lanes.replace(
            f'<lane id="{lane_id}" type="driving" level="false">',
            f'<lane id="{lane_id}" type="driving" level="false"><link><{kind} id="{lane_id}"/></link>',
        )
    return lanes


JUMPING = f"""<OpenDRIVE><header revMajor="1" revMinor="4"/>
<road name="" length="100" id="1" junction="-1">
<link><successor elementType="road" elementId="2" contactPoint="start"/></link>
<planView><geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry></planView>
<lanes><laneSection s="0">{_linked(_LANES, "successor")}
<road name="" length="300" id="2" junction="-1">
<link><predecessor elementType="road" elementId="1" contactPoint="end"/></link>
<planView><geometry s="0" x="100" y="-7" hdg="0" length="300"><line/></geometry></planView>
<lanes><laneOffset s="0" a="7" b="0" c="0" d="0"/><laneSection s="0">{_linked(_LANES, "predecessor")}
</OpenDRIVE>"""
"""Lanes go straight on at y = -1.75 and -5.25; the reference line jumps 7 m to the right at x = 100."""

RADIUS_M = 40.0
CURVE = f"""<OpenDRIVE><header revMajor="1" revMinor="4"/>
<road name="" length="120" id="0" junction="-1">
<planView><geometry s="0" x="0" y="0" hdg="0" length="120">
<arc curvature="{1 / RADIUS_M}"/></geometry></planView>
<lanes><laneSection s="0">{_LANES}</OpenDRIVE>"""

LORRY = CAR.replace('length="5"', 'length="14"').replace('width="2"', 'width="2.5"')
EGO = teleport(lane(10)) + speed(12)


def _sees(road: str, others: dict[str, str], ego: str = EGO, **entities: str) -> tuple[float, float] | None:
    """What the ego has in its way at the beginning."""
    what = scenario({"Ego": ego, **others}, entities=entities)
    core = Kinematics(what, read_network(road, "road.xodr"), simple={"Ego": SimpleDriver()})
    return Lookout().lead(core.play, core.bodies["Ego"])


def test_a_lead_beyond_a_jump_of_the_reference_line_is_followed_to_a_stop() -> None:
    what = scenario({"Ego": teleport(lane(10, road=1)) + speed(12), "Lead": teleport(lane(8, road=2))})
    course = simulate(what, read_network(JUMPING, "road.xodr"), limit_s=45.0, simple={"Ego": SimpleDriver()})
    last = at(course, "Ego", 45.0)
    # The boxes begin 1 m behind the reference point and end 4 m before it.
    assert 1.0 < 108.0 - 1.0 - (last.x_m + 4.0) < 4.0
    assert last.speed_mps < 0.3


def test_who_has_the_own_t_on_another_road_is_not_in_the_way() -> None:
    """1.75 m to the right of the second road's line, as the ego is of the first one's."""
    beside = '<Position><WorldPosition x="150" y="-8.75" z="0" h="0"/></Position>'
    assert _sees(JUMPING, {"Beside": teleport(beside)}, ego=teleport(lane(10, road=1)) + speed(12)) is None


def test_on_a_curve_the_own_lane_counts_and_not_the_next_one() -> None:
    ahead = 60.0
    found = _sees(CURVE, {"Lead": teleport(lane(10 + ahead)), "Beside": teleport(lane(35, -2))}, Beside=LORRY)
    assert found is not None
    # Along the lane's middle, 1.75 m outside of the line; of the lead's straight box the tail comes first.
    assert found[0] == pytest.approx(ahead * (RADIUS_M + 1.75) / RADIUS_M - 5.0, abs=0.1)
    assert _sees(CURVE, {"Beside": teleport(lane(35, -2))}, Beside=LORRY) is None


def test_only_what_reaches_into_the_strip_is_in_the_way() -> None:
    """The ego is 2 m wide and looks 0.2 m farther to each side: from y = -2.95 to -0.55."""
    assert _sees(STRAIGHT, {"Car": teleport(lane(60, -2, 1.25))}) is None
    found = _sees(STRAIGHT, {"Car": teleport(lane(60, -2, 1.35))})
    assert found == pytest.approx((45.0, 0.0))


def test_a_lorry_across_the_road_is_in_the_way_although_no_corner_is() -> None:
    across = f'<Position><WorldPosition x="80" y="-6" z="0" h="{math.pi / 2}"/></Position>'
    found = _sees(STRAIGHT, {"Lorry": teleport(across) + speed(5)}, Lorry=LORRY)
    assert found is not None
    assert found[0] == pytest.approx(80.0 - 1.25 - 14.0, abs=0.01)
    assert found[1] == pytest.approx(0.0, abs=1e-9)


def test_speeds_count_along_the_own_way() -> None:
    """Beyond half a turn of the curve the lead drives the other way in the map, and away all the same."""
    found = _sees(CURVE, {"Lead": teleport(lane(110)) + speed(7)})
    assert found is not None
    assert found[1] == pytest.approx(7.0, abs=0.05)
    oncoming = f'<Position><WorldPosition x="80" y="-1.75" z="0" h="{math.pi}"/></Position>'
    found = _sees(STRAIGHT, {"Wrong": teleport(oncoming) + speed(6)})
    assert found is not None
    assert found[1] == pytest.approx(-6.0)


@pytest.mark.parametrize(("height", "seen"), [(0.0, True), (6.0, False), (-6.0, False)])
def test_what_is_on_a_bridge_is_not_in_the_way(height: float, seen: bool) -> None:
    there = f'<Position><WorldPosition x="80" y="-1.75" z="{height}" h="0"/></Position>'
    assert (_sees(STRAIGHT, {"Other": teleport(there)}) is not None) == seen


def test_without_roads_the_way_goes_straight_on() -> None:
    """As in a scenario of WorldPositions alone."""

    def place(x: float, y: float) -> str:
        return teleport(f'<Position><WorldPosition x="{x}" y="{y}" z="0" h="0"/></Position>')

    what = scenario({"Ego": place(0, 0) + speed(10), "Lead": place(100, 0), "Aside": place(40, 3)})
    course = simulate(what, None, limit_s=40.0, simple={"Ego": SimpleDriver()})
    assert 1.0 < 100.0 - at(course, "Ego", 40.0).x_m - 5.0 < 4.0


def test_after_a_change_of_lane_the_new_lane_is_watched() -> None:
    """The script changes the lane of an ego that the simple driver leads along it."""
    change = event("change", lane_change(-2, by=2.0), condition(after(0.0)))
    controller = (
        '<PrivateAction><ControllerAction><ActivateControllerAction longitudinal="true" lateral="false"/>'
        "</ControllerAction></PrivateAction>"
    )
    what = scenario(
        {"Ego": EGO + controller, "Old": teleport(lane(120)), "New": teleport(lane(170, -2))},
        group("Ego", change),
        stop=condition(after(50.0)),
    )
    course = simulate(what, read_network(STRAIGHT, "road.xodr"), limit_s=45.0, simple={"Ego": SimpleDriver()})
    last = at(course, "Ego", 45.0)
    assert last.y_m == pytest.approx(-5.25)
    assert 1.0 < 170.0 - last.x_m - 5.0 < 4.0
