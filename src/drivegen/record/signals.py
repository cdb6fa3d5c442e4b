"""Traffic lights as the recorder and walkers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drivegen.opendrive.signals import SignalHead

RED, YELLOW, GREEN, OFF = "red", "yellow", "green", "off"

Turns = tuple[tuple[str, ...], ...]
"""Signal ids of one junction by controller, in the order in which controllers get green."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState:
    """One traffic light at one tick."""

    state: str
    elapsed_s: float
    """In this state."""
    green_s: float
    yellow_s: float
    red_s: float
    """CARLA's red time: after yellow, before the junction's next controller gets green."""

    @property
    def turn_s(self) -> float:
        """From one controller's green to the next one's."""
        return self.green_s + self.yellow_s + self.red_s

    @property
    def turn_left_s(self) -> float:
        """Until the next controller gets green; 0 while red, when it is not known."""
        if self.state == GREEN:
            return max(0.0, self.green_s - self.elapsed_s) + self.yellow_s + self.red_s
        return max(0.0, self.yellow_s - self.elapsed_s) + self.red_s if self.state == YELLOW else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """All traffic lights at one tick, by OpenDRIVE signal id."""

    lights: Mapping[str, LightState] = field(default_factory=dict)
    turns: Mapping[str, Turns] = field(default_factory=dict)
    """Of the junction of each light; lights that are not here have no known turn."""
    foretold_s: Mapping[str, float | None] = field(default_factory=dict)
    """How long lights that the scene plan switches show what they show; None: for good."""

    @property
    def states(self) -> dict[str, str]:
        """What the lights show."""
        return {name: light.state for name, light in self.lights.items()}

    @property
    def left_s(self) -> dict[str, float]:
        """How long each light shows what it shows; only of those where it is known."""
        out: dict[str, float] = {}
        for name, light in self.lights.items():
            if name in self.foretold_s:
                told = self.foretold_s[name]
                if told is not None:
                    out[name] = told
                continue
            lasts = {GREEN: light.green_s, YELLOW: light.yellow_s}.get(light.state)
            left = self.red_left_s(name) if lasts is None else max(0.0, lasts - light.elapsed_s)
            if lasts is not None or left > 0.0:
                out[name] = left
        return out

    def red_left_s(self, signal: str) -> float:
        """How long a red signal stays red at least; 0 where that is not known.

        Controllers of a junction take turns: green, yellow, all red, then the next. The present turn must
        end first, then those between it and the signal's own.
        """
        if signal in self.foretold_s:
            told = self.foretold_s[signal]
            return told if told is not None and self.lights[signal].state == RED else 0.0
        turns = self.turns.get(signal)
        if turns is None or self.lights[signal].state != RED:
            return 0.0
        own = next(i for i, turn in enumerate(turns) if signal in turn)
        for step in range(1, len(turns)):
            turn = turns[(own + step) % len(turns)]
            left = max((self.lights[s].turn_left_s for s in turn if s in self.lights), default=0.0)
            if left > 0.0:
                after = [turns[(own + k) % len(turns)] for k in range(step + 1, len(turns))]
                return left + sum(
                    max((self.lights[s].turn_s for s in turn if s in self.lights), default=0.0)
                    for turn in after
                )
        return 0.0


def turns_of(heads: Sequence[SignalHead]) -> dict[str, Turns]:
    """The turns of each signal's junction from the road's controllers.

    Junctions with a signal that no controller holds are left out: their order is the server's own.
    """
    found: dict[str, Turns] = {}
    for junction in sorted({h.junction_id for h in heads if h.junction_id is not None}):
        members = [h for h in heads if h.junction_id == junction]
        if any(h.controller_id is None for h in members):
            continue
        keys = sorted({(h.sequence, str(h.controller_id)) for h in members})
        turns = tuple(
            tuple(h.signal_id for h in members if (h.sequence, str(h.controller_id)) == key) for key in keys
        )
        found.update({h.signal_id: turns for h in members})
    return found


class Signals:
    """The traffic lights of a world; which there are never changes."""

    def __init__(self, world: Any, heads: Sequence[SignalHead]) -> None:
        """From the world's actors and the signals of the same road."""
        lights = sorted(world.get_actors().filter("traffic.traffic_light*"), key=lambda a: int(a.id))
        self._lights = {str(light.get_opendrive_id()): light for light in lights}
        self._turns = turns_of(heads)

    def view(self, foretold_s: Mapping[str, float | None] | None = None) -> SignalView:
        """The lights at the last tick; `foretold_s` as `SignalView` has it."""
        lights = {
            name: LightState(
                state=_STATES.get(str(light.state), OFF),
                elapsed_s=float(light.get_elapsed_time()),
                green_s=float(light.get_green_time()),
                yellow_s=float(light.get_yellow_time()),
                red_s=float(light.get_red_time()),
            )
            for name, light in self._lights.items()
        }
        return SignalView(lights=lights, turns=self._turns, foretold_s=foretold_s or {})


_STATES = {"Red": RED, "Yellow": YELLOW, "Green": GREEN}
