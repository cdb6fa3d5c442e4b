"""Lamps that the Traffic Manager leaves alone or is kept from: beacons, hazards, all of who is on a track."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import carla
import numpy as np

from drivegen.core.tracks import Placed
from drivegen.core.weather import Weather

_LIGHT = carla.VehicleLightState
BEACON = int(_LIGHT.Special1) | int(_LIGHT.Special2)
HAZARD = int(_LIGHT.LeftBlinker) | int(_LIGHT.RightBlinker)
BEAMS = int(_LIGHT.Position) | int(_LIGHT.LowBeam)

BRAKES_MPS2, EASES_MPS2 = 1.3, 0.7
"""Stop lamps are lit from this deceleration on, and never below the other: UN Regulation 13-H, 5.2.22.4."""
STANDS_MPS = 0.3
LOW_SUN_DEG, RISEN_SUN_DEG, HEAVY_RAIN_PERCENT, FOG_PERCENT = 15.0, 35.0, 80.0, 20.0
"""Where the Traffic Manager of CARLA 0.9.16 switches beams, position lights, and both in rain and fog."""

CHECK_S = 1.0
"""Beacons are looked after so often."""


class Lamps:
    """Lights that plans and orders switch on.

    The Traffic Manager changes position lights, indicators and brake lights alone, from the state that the
    server tells, so that beacons stay; it is looked after all the same, since servers differ. Hazard lights
    are indicators: `update_vehicle_lights` must be off while they blink.
    """

    def __init__(self, world: Any) -> None:
        self._world = world
        self._beacons: set[int] = set()
        self._checked_s = -CHECK_S

    def beacon(self, actor: int) -> None:
        """Keeps an actor's beacon on from the next `commands`."""
        self._beacons.add(actor)

    def kept(self, actor: int) -> int:
        """Flags of an actor that stay whatever else is switched."""
        return BEACON if actor in self._beacons else 0

    def forget(self, actor: int) -> None:
        """Of an actor that has left."""
        self._beacons.discard(actor)

    def commands(self, time_s: float, present: Iterable[int]) -> list[Any]:
        """What keeps beacons on; asks the server for its lights every `CHECK_S`, if there are beacons."""
        wanted = sorted(self._beacons.intersection(present))
        if not wanted or time_s < self._checked_s + CHECK_S - 1e-6:
            return []
        self._checked_s = time_s
        shown = {int(actor): int(state) for actor, state in self._world.get_vehicles_light_states().items()}
        return [
            carla.command.SetVehicleLightState(actor, shown.get(actor, 0) | BEACON)
            for actor in wanted
            if shown.get(actor, 0) & BEACON != BEACON
        ]

    def hazard(self, actor: int, on: bool) -> Any:
        """The command that switches an actor's hazard lights; its other lights go off, but for its beacon."""
        state = (HAZARD if on else 0) | self.kept(actor)
        return carla.command.SetVehicleLightState(actor, state | int(_LIGHT.Position))


def beams(weather: Weather) -> int:
    """Flags that a driver has on in a weather, by the Traffic Manager's rule."""
    state = int(_LIGHT.Position) if weather.sun_altitude_deg < RISEN_SUN_DEG else 0
    if weather.sun_altitude_deg < LOW_SUN_DEG or weather.precipitation > HEAVY_RAIN_PERCENT:
        state |= BEAMS
    if weather.fog_density > FOG_PERCENT:
        state |= BEAMS | int(_LIGHT.Fog)
    return state


class Pedals:
    """Stop and reversing lamps, from motion alone, of one vehicle, tick by tick."""

    def __init__(self) -> None:
        self._brakes = False

    def flags(self, placed: Placed) -> int:
        """Lamps at the next tick. Who has braked to a stand keeps the foot on the pedal."""
        speed = float(np.hypot(*placed.velocity_mps[:2]))
        if speed > STANDS_MPS:
            slows = -float(placed.acceleration_mps2[:2] @ placed.velocity_mps[:2]) / speed
            self._brakes = slows > (EASES_MPS2 if self._brakes else BRAKES_MPS2)
        ahead = float(placed.velocity_mps[:2] @ [np.cos(placed.yaw_rad), np.sin(placed.yaw_rad)])
        reverses = ahead < -STANDS_MPS
        return (int(_LIGHT.Brake) if self._brakes else 0) | (int(_LIGHT.Reverse) if reverses else 0)
