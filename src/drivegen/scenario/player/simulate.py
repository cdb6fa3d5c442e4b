"""A scenario from its beginning to its end without a simulator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from drivegen.opendrive.model import RoadNetwork
from drivegen.scenario.model.global_actions import EnvironmentAction
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.kinematics import Kinematics
from drivegen.scenario.player.play import Happened
from drivegen.scenario.player.rows import Row
from drivegen.scenario.player.signal_record import SignalChange, SignalRecord

DEFAULT_LIMIT_S = 600.0
"""Longest simulated time of a scenario that does not end by itself."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What came of a scenario."""

    rows: tuple[Row, ...]
    """Of every entity at every tick, in order of time, then of the file."""
    happened: tuple[Happened, ...]
    signals: tuple[SignalChange, ...]
    ended: bool
    """False if it was cut off at the limit."""
    time_s: float
    ignored: tuple[str, ...] = field(default=())
    """What the scenario asked for and has no effect."""
    shown: tuple[bytes, ...] = field(default=())
    """Of a course in a world: a digest of what the world showed after each tick, from time 0 on."""
    environments: tuple[tuple[float, EnvironmentAction], ...] = field(default=())
    """Weather and road conditions, and when they were set."""


def simulate(
    scenario: Scenario,
    network: RoadNetwork | None,
    dt_s: float = 0.05,
    *,
    limit_s: float = DEFAULT_LIMIT_S,
    simple: Mapping[str, SimpleDriver] | None = None,
    outside: Iterable[str] = (),
) -> Course:
    """Plays a scenario's kinematics to its end, or to `limit_s` seconds.

    Entities in `simple` are driven by the simple intelligent driver; all others by the script. The last rows
    are those of the step in which the end was found, one step after the stop trigger was met.
    """
    play = Kinematics(scenario, network, dt_s, simple=simple, outside=outside)
    signals = SignalRecord()
    rows = play.rows()
    signals.note(play.time_s, play.play.signals)
    while not play.done and play.time_s < limit_s - 1e-9:
        play.step()
        rows += play.rows()
        signals.note(play.time_s, play.play.signals)
    return Course(
        rows=tuple(rows),
        happened=tuple(play.play.happened),
        signals=tuple(signals.changes),
        ended=play.done,
        time_s=play.time_s,
        ignored=tuple(play.play.ignored),
        environments=tuple(play.play.environments),
    )
