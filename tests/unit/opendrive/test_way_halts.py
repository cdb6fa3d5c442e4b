import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType
from drivegen.opendrive.topology import LaneRef, Topology
from drivegen.opendrive.way_halts import ZEBRA_M, WayHalts
from drivegen_generators.roads.beijing_junction import BeijingJunction


class Site:
    """A signalised junction and the ways of bicycles over it."""

    def __init__(self):
        self.network = BeijingJunction().generate(derive_rng(0, "map"), "junction")
        self.geometry = NetworkGeometry(self.network)
        self.topology = Topology(self.network)

    def lane(self, ref):
        curve = self.geometry.curve(ref.road_id)
        points = curve.lane_centre(
            ref.section, ref.lane_id, np.linspace(*curve.section_range(ref.section), 40)
        )
        xy = points.position_m[:, :2]
        return xy if ref.lane_id < 0 else xy[::-1]

    def ways(self):
        """(in, over, out) of each way of bicycles, with the road that leads over the junction."""
        for road in self.network.roads:
            last = len(road.lane_sections) - 1
            for lane in road.lane_sections[last].lanes:
                ref = LaneRef(road_id=road.id, section=last, lane_id=lane.id)
                if road.junction is not None or lane.type is not LaneType.BIKING:
                    continue
                for over in self.topology.successors(ref):
                    connecting = self.network.road_by_id[over.road_id]
                    out = self.topology.successors(over)
                    if connecting.junction is not None and out:
                        yield connecting, self.lane(ref), self.lane(over), self.lane(out[0])


@pytest.fixture(scope="module")
def site():
    return Site()


def test_bicycles_wait_at_the_painted_line_for_the_light_of_their_movement(site):
    halts = WayHalts(site.network)
    straight = 0
    for road, before, over, after in site.ways():
        found = halts.of(np.concatenate([before, over, after]))
        if "bicycle" not in road.name:
            assert found == ()  # turning right is free
            continue
        straight += 1
        (halt,) = found
        assert halt.signal_ids == tuple(r.signal_id for r in road.signal_references)
        length = float(np.linalg.norm(np.diff(before, axis=0), axis=1).sum())
        assert length - 3.0 < halt.at_m < length
    assert straight >= 4


def test_who_comes_against_the_lane_waits_before_the_zebra_for_the_same_light(site):
    halts = WayHalts(site.network)
    road, before, over, after = next(w for w in site.ways() if "bicycle" in w[0].name)
    way = np.concatenate([before, over, after])[::-1]
    (halt,) = halts.of(way)
    length = float(np.linalg.norm(np.diff(after, axis=0), axis=1).sum())
    assert halt.at_m == pytest.approx(length - ZEBRA_M, abs=1.5)
    assert halt.signal_ids == tuple(r.signal_id for r in road.signal_references)


def test_ways_that_pass_elsewhere_have_no_halts(site):
    halts = WayHalts(site.network)
    _, before, over, _ = next(w for w in site.ways() if "bicycle" in w[0].name)
    assert halts.of(before) == ()
    assert halts.of(over[15:]) == ()  # it begins within the junction
    assert halts.of(over + 30.0) == ()
