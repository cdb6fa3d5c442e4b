"""How a scenario is played in a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from drivegen.scenario.player.drivers import SimpleDriver


class Agent(Protocol):
    """What drives an actor from this process: asked once before each tick, as CARLA's own agents are."""

    def run_step(self) -> Any:
        """The `carla.VehicleControl` or `carla.WalkerControl` of the next tick; None leaves the last one."""


class Hands(StrEnum):
    """Who else may drive."""

    EXTERNAL = "external"
    """A client of the user's own, which finds the actor by its `role_name`, the entity's name."""
    TRAFFIC_MANAGER = "traffic_manager"
    """CARLA's Traffic Manager, of this client."""


MakeAgent = Callable[[Any, Any], Agent]
"""(carla.Actor, carla.World) -> agent; called when the actor is handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerOptions:
    """What is not in the scenario."""

    dt_s: float = 0.05
    drivers: Mapping[str, Hands | SimpleDriver | MakeAgent] = field(default_factory=dict)
    """Who drives which entity; those that are not named are driven by the scenario.

    They take over when the scenario activates the entity's controller, or at once if it never does.
    """
    limit_s: float = 600.0
    """Longest simulated time of a scenario that does not end by itself."""
    seed: int = 0
    """Of the Traffic Manager."""
    weather: bool = True
    """False: the scenario's environments leave the world's weather alone."""
