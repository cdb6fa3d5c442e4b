"""Plays one concrete scenario: in a CARLA world, or by kinematics alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivegen.opendrive.model import RoadNetwork
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.kinematics import Kinematics
from drivegen.scenario.player.play import Happened
from drivegen.scenario.player.rows import Row
from drivegen.scenario.verdicts.rules import SignalChange

DRIVER_PROPERTY = "driver"
DRIVERS = ("file", "simple", "script")
"""Who may drive the subject without a world."""
INTELLIGENT_DRIVER = "intelligent_driver"
"""Value of that property of a controller that hands its entity to the simple driver."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """A course of events."""

    rows: tuple[Row, ...]
    happened: tuple[Happened, ...]
    signals: tuple[SignalChange, ...]
    ended: bool
    """False if it was cut off at the limit."""
    time_s: float
    ignored: tuple[str, ...]


def play(
    scenario: Scenario,
    network: RoadNetwork | None,
    *,
    dt_s: float,
    limit_s: float,
    simple: Mapping[str, SimpleDriver],
) -> Played:
    """From the beginning to the stop trigger, or to `limit_s` seconds. ScenarioError, MapError."""
    play = Kinematics(scenario, network, dt_s, simple=simple)
    signals = Signals()
    rows = play.rows()
    signals.note(play.time_s, play.play.signals)
    while not play.done and play.time_s < limit_s - 1e-9:
        play.step()
        rows += play.rows()
        signals.note(play.time_s, play.play.signals)
    return Played(
        rows=tuple(rows),
        happened=tuple(play.play.happened),
        signals=tuple(signals.changes),
        ended=play.done,
        time_s=play.time_s,
        ignored=tuple(play.play.ignored),
    )


class Signals:
    """Collects what signals show."""

    def __init__(self) -> None:
        self.changes: list[SignalChange] = []
        self._shown: dict[str, str] = {}

    def note(self, time_s: float, states: Mapping[str, str]) -> None:
        """Keeps what is not as it was."""
        for signal, state in states.items():
            if self._shown.get(signal) != state:
                self._shown[signal] = state
                self.changes.append(SignalChange(time_s=time_s, signal_id=signal, state=state))


def drivers_of(scenario: Scenario, who: str, subject: str) -> dict[str, SimpleDriver]:
    """Entities that the simple driver leads.

    Args:
        scenario: as read.
        who: drives the subject. simple: the simple driver; script: the scenario, and all others too; file: as
            its controller says. Others: the simple driver where their controller's property `driver` is
            `intelligent_driver`.
        subject: the entity that is judged.
    """
    found = {}
    for entity in scenario.entities.scenario_objects if who != "script" else ():
        says = any(
            c.controller.properties is not None
            and c.controller.properties.get(DRIVER_PROPERTY) == INTELLIGENT_DRIVER
            for c in entity.object_controllers
        )
        if (says and entity.name != subject) or (
            entity.name == subject and (who == "simple" or (who == "file" and says))
        ):
            found[entity.name] = SimpleDriver()
    return found
