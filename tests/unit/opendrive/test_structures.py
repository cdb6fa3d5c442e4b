"""Bridges and tunnels: which stretches stand on decks and walls, and what is left alone."""

from dataclasses import replace

import numpy as np
import pytest

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import Cubic, RoadNetwork, Structure, StructureKind
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.structures import (
    OPEN_FROM_M,
    ROOF_M,
    WALLS_FROM_M,
    Built,
    Footing,
    built_structures,
)
from drivegen.opendrive.writer import write_network
from tests.unit.opendrive.roads import one_road

GRADE = 0.05


def hill(rise_m: float, kind: StructureKind, first_m: float, last_m: float) -> RoadNetwork:
    """400 m: level, up or down from 50 to 150, level, back from 250 to 350, level."""
    slope = rise_m / 100.0
    heights = (
        Cubic(s_m=0.0, a=2.0),
        Cubic(s_m=50.0, a=2.0, b=slope),
        Cubic(s_m=150.0, a=2.0 + rise_m),
        Cubic(s_m=250.0, a=2.0 + rise_m, b=-slope),
        Cubic(s_m=350.0, a=2.0),
    )
    network = one_road(length_m=400.0, elevations=heights)
    structure = Structure(
        id="7", kind=kind, s_m=first_m, length_m=last_m - first_m, type="concrete", name="it"
    )
    return replace(network, roads=(replace(network.roads[0], structures=(structure,)),))


def built(network: RoadNetwork) -> tuple[Built, ...]:
    found = built_structures(NetworkGeometry(network))
    return found.get(1, ())


def test_a_bridge_stands_on_walls_first_and_then_on_a_deck() -> None:
    (bridge,) = built(hill(6.0, StructureKind.BRIDGE, 55.0, 345.0))
    assert [s.footing for s in bridge.stretches] == [Footing.WALLED, Footing.DECK, Footing.WALLED]
    assert bridge.stretches[0].first_m == 55.0
    assert bridge.stretches[1].first_m == pytest.approx(50.0 + OPEN_FROM_M / 0.06, abs=1e-3)
    assert bridge.stretches[1].last_m == pytest.approx(350.0 - OPEN_FROM_M / 0.06, abs=1e-3)
    assert bridge.feet_z_m == pytest.approx((2.0, 2.0))
    assert bridge.ground_m(np.array([200.0])) == pytest.approx([2.0])


def test_a_tunnel_lies_between_cuts() -> None:
    (tunnel,) = built(hill(-6.0, StructureKind.TUNNEL, 160.0, 240.0))
    assert [s.footing for s in tunnel.stretches] == [Footing.CUT, Footing.COVERED, Footing.CUT]
    assert tunnel.stretches[0].first_m == pytest.approx(50.0 + WALLS_FROM_M / 0.06, abs=1e-3)
    assert (tunnel.stretches[1].first_m, tunnel.stretches[1].last_m) == (160.0, 240.0)
    assert tunnel.ceiling_m(np.array([200.0])) == pytest.approx([2.0 - ROOF_M])


@pytest.mark.parametrize(
    "network",
    [
        hill(0.0, StructureKind.BRIDGE, 55.0, 345.0),
        hill(2.0, StructureKind.BRIDGE, 55.0, 345.0),
        hill(6.0, StructureKind.BRIDGE, 0.0, 345.0),
        hill(6.0, StructureKind.BRIDGE, 55.0, 400.0),
        hill(-3.0, StructureKind.TUNNEL, 160.0, 240.0),
        hill(-6.0, StructureKind.TUNNEL, 60.0, 240.0),
    ],
    ids=["level", "low", "from the start", "to the end", "shallow", "portal too high"],
)
def test_what_does_not_leave_the_ground_is_left_alone(network: RoadNetwork) -> None:
    assert built(network) == ()


def test_structures_are_written_and_read() -> None:
    network = hill(6.0, StructureKind.BRIDGE, 55.0, 345.0)
    bridge = network.roads[0].structures[0]
    tunnel = replace(bridge, id="8", kind=StructureKind.TUNNEL, type="underpass", lighting=0.5)
    both = replace(network, roads=(replace(network.roads[0], structures=(tunnel, bridge)),))
    text = write_network(both)
    assert text.index("<tunnel") < text.index("<bridge")
    again = read_network(text, "again")
    assert again.roads[0].structures == (tunnel, bridge)
    assert write_network(again) == text
