"""Signal controllers of the scenario: phases in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.road_network import Phase, TrafficSignalController

if TYPE_CHECKING:
    from drivegen.scenario.player.play import Play


class SignalCycles:
    """Phases of all controllers; a `delay` shifts a cycle against the one that it refers to."""

    def __init__(self, controllers: tuple[TrafficSignalController, ...]) -> None:
        self._controllers = {c.name: c for c in controllers if c.phases}
        self._begun = {name: self._start(name, ()) for name in self._controllers}

    def _start(self, name: str, seen: tuple[str, ...]) -> float:
        """When a cycle begins."""
        controller = self._controllers.get(name)
        if controller is None or controller.reference is None:
            return 0.0
        if name in seen:
            ring = " > ".join((*seen, name))
            raise ScenarioError(
                f"{controller.place}: signal controllers refer to each other in a ring: {ring}"
            )
        return (controller.delay or 0.0) + self._start(controller.reference, (*seen, name))

    def update(self, play: Play) -> None:
        """Sets signals and phases for the time of the play."""
        for name, controller in self._controllers.items():
            phase = self._phase(controller, play.time_s - self._begun[name])
            if phase is None or play.signal_phases.get(name) == phase.name:
                continue
            play.signal_phases[name] = phase.name
            for state in phase.traffic_signal_states:
                play.signals[state.traffic_signal_id] = state.state

    def jump(self, name: str, phase_name: str, play: Play) -> None:
        """Goes to a phase now; the cycle goes on from there."""
        controller = self._controllers.get(name)
        if controller is None or all(p.name != phase_name for p in controller.phases):
            raise ScenarioError(f'there is no phase "{phase_name}" of a signal controller "{name}"')
        before = 0.0
        for phase in controller.phases:
            if phase.name == phase_name:
                break
            before += phase.duration
        self._begun[name] = play.time_s - before
        play.signal_phases.pop(name, None)
        self.update(play)

    @staticmethod
    def _phase(controller: TrafficSignalController, gone_s: float) -> Phase | None:
        whole = sum(p.duration for p in controller.phases)
        if whole <= 0.0:
            return controller.phases[0]
        left = gone_s % whole
        for phase in controller.phases:
            if left < phase.duration - 1e-9:
                return phase
            left -= phase.duration
        return controller.phases[0]
