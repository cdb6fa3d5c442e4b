"""All that the player asks of the road network, in one place."""

from __future__ import annotations

from drivegen.opendrive.model import RoadNetwork
from drivegen.scenario.player.roads.distances import RoadDistances
from drivegen.scenario.player.roads.routes import RoutePlanner
from drivegen.scenario.player.roads.space import RoadSpace
from drivegen.scenario.player.roads.walk import LaneWalk


class Roads:
    """A network, how to walk on it, measure it and find ways through it."""

    def __init__(self, network: RoadNetwork) -> None:
        self.space = RoadSpace(network)
        self.walk = LaneWalk(self.space)
        self.distances = RoadDistances(self.space)
        self.planner = RoutePlanner(self.space, self.walk)
