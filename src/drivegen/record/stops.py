"""Stops of Traffic Manager vehicles by order: slow down, stand with hazard lights, drive on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import carla

from drivegen.core.plans import VehiclePlan
from drivegen.record.behaviour import STANDSTILL, hand_over
from drivegen.record.lamps import Lamps
from drivegen.record.lane_map import LaneMap

BRAKING_MPS2 = 2.0
"""How quickly the wanted speed falls."""

CREEP_MPS = 0.3
"""The Traffic Manager's least speed: it divides by what is wanted."""

STANDS_BELOW_MPS = 0.8
"""From here the brake is held and the Traffic Manager let go."""


@dataclass(slots=True, kw_only=True)
class _Stop:
    actor: Any
    wanted_mps: float
    stands: bool = False


class Stops:
    """Vehicles that stop or stand by order."""

    def __init__(self, traffic: Any, lamps: Lamps, lanes: LaneMap, tick_s: float) -> None:
        self._traffic = traffic
        self._lamps = lamps
        self._lanes = lanes
        self._tick_s = tick_s
        self._stops: dict[int, _Stop] = {}

    def begin(self, actor: Any, speed_mps: float) -> list[Any]:
        """Lets a vehicle slow down from its speed; what the server is to be told."""
        self._stops[int(actor.id)] = _Stop(actor=actor, wanted_mps=speed_mps)
        self._traffic.update_vehicle_lights(actor, False)
        return [self._lamps.hazard(int(actor.id), True)]

    def end(self, actor: Any, plan: VehiclePlan) -> list[Any]:
        """Lets a vehicle drive on; `plan` holds what is left of its route."""
        self._stops.pop(int(actor.id), None)
        hand_over(self._traffic, actor, plan, self._lanes)
        return [
            carla.command.ApplyVehicleControl(int(actor.id), carla.VehicleControl()),
            self._lamps.hazard(int(actor.id), False),
        ]

    def forget(self, actor: int) -> None:
        """Of a vehicle that has left."""
        self._stops.pop(actor, None)

    def commands(self, speeds_mps: Mapping[int, float]) -> list[Any]:
        """Carries stops on; what the server is to be told."""
        out: list[Any] = []
        for actor, stop in self._stops.items():
            if stop.stands or actor not in speeds_mps:
                continue
            stop.wanted_mps = max(stop.wanted_mps - BRAKING_MPS2 * self._tick_s, CREEP_MPS)
            if speeds_mps[actor] < STANDS_BELOW_MPS and stop.wanted_mps <= 2.0:
                stop.stands = True
                stop.actor.set_autopilot(False, self._traffic.get_port())
                out.append(carla.command.ApplyVehicleControl(actor, STANDSTILL))
            else:
                self._traffic.set_desired_speed(stop.actor, stop.wanted_mps * 3.6)
        return out
