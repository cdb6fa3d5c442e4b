"""Signals of the road and lights of vehicles."""

from __future__ import annotations

from typing import Any

import carla

from drivegen.core.errors import ScenarioError
from drivegen.scenario.player.play import LightChange

_FLAGS = {
    "daytimeRunningLights": "Position",
    "lowBeam": "LowBeam",
    "highBeam": "HighBeam",
    "fogLights": "Fog",
    "fogLightsFront": "Fog",
    "fogLightsRear": "Fog",
    "brakeLights": "Brake",
    "reversingLights": "Reverse",
    "indicatorLeft": "LeftBlinker",
    "indicatorRight": "RightBlinker",
    "specialPurposeLights": "Special1",
    "licensePlateIllumination": "Position",
}
_WARNING = ("LeftBlinker", "RightBlinker")


def signal_state(text: str) -> Any:
    """A `carla.TrafficLightState` for a state in the words of a scenario. ScenarioError for other words.

    Known are single words (red, yellow or amber, green, off; stop, attention, go) and lamps from the top
    down, separated by `;` (`on;off;off`: red).
    """
    words = [w.strip().lower() for w in text.replace("|", ";").split(";") if w.strip()]
    if len(words) > 1 and set(words) <= {"on", "off", "true", "false"}:
        lit = [w in {"on", "true"} for w in words]
        if not any(lit):
            return carla.TrafficLightState.Off
        if len(lit) >= 3 and lit[2]:
            return carla.TrafficLightState.Green
        if len(lit) >= 3 and lit[1]:
            return carla.TrafficLightState.Yellow
        return carla.TrafficLightState.Red if lit[0] else carla.TrafficLightState.Green
    word = words[0] if words else ""
    for known, state in (
        (("red", "stop"), carla.TrafficLightState.Red),
        (("yellow", "amber", "attention", "caution"), carla.TrafficLightState.Yellow),
        (("green", "go"), carla.TrafficLightState.Green),
        (("off",), carla.TrafficLightState.Off),
    ):
        if word.startswith(known):
            return state
    raise ScenarioError(f'"{text}" is no state of a signal: say red, yellow, green or off, or on;off;off')


class VehicleLamps:
    """Lights of one vehicle, with those that flash."""

    def __init__(self) -> None:
        self._modes: dict[str, LightChange] = {}

    def switch(self, change: LightChange) -> None:
        """Takes a change."""
        self._modes[change.light] = change

    def flags(self, time_s: float) -> int:
        """CARLA's `VehicleLightState` as flags at a time."""
        out = 0
        for light, change in self._modes.items():
            if change.mode == "off" or not self._lit(change, time_s):
                continue
            names = _WARNING if light == "warningLights" else (_FLAGS.get(light, ""),)
            for name in names:
                out |= int(getattr(carla.VehicleLightState, name, 0)) if name else 0
        return out

    @staticmethod
    def _lit(change: LightChange, time_s: float) -> bool:
        if change.mode != "flashing":
            return True
        whole = change.flashing_on_s + change.flashing_off_s
        return whole <= 0.0 or (time_s - change.time_s) % whole < change.flashing_on_s
