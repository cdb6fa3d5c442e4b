"""The verdict with the reference ego, without a simulator.

The reference ego is the simple intelligent driver with its own defaults: it keeps its lane or route and its
distance to what is in its way. It does not look at lights, signs, crossing traffic or variables, and does not
change lane. A system under test should do better.
"""

from __future__ import annotations

import math
from pathlib import Path

from drivegen.core.errors import ScenarioError
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.kinematics import Kinematics
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.verdicts.criteria import criteria_of
from drivegen.scenario.verdicts.judge import Evidence, Verdict, judge, subject_of
from drivegen.scenario.verdicts.motion import motions_of
from drivegen.scenario.verdicts.rules import SignalChange

_LIMIT_S = 300.0


def reference_verdict(path: Path) -> Verdict:
    """Plays a scenario's kinematics with default parameters and the reference ego, and judges it.

    Raises ScenarioError and MapError for what cannot be played.
    """
    scenario = read_scenario(path)
    road = scenario.logic_file
    if road is None:
        raise ScenarioError(f"{path}: a scenario without a road cannot be played")
    return judge(
        _evidence(scenario, read_network(road.read_text(encoding="utf-8"), str(road))),
        criteria_of(scenario),
        only_asked=True,
    )


def _evidence(scenario: Scenario, network: RoadNetwork) -> Evidence:
    subject = subject_of([each.name for each in scenario.entities.scenario_objects])
    kinematics = Kinematics(scenario, network, simple={subject: SimpleDriver()})
    rows, shown, changes = kinematics.rows(), dict[str, str](), list[SignalChange]()
    while True:
        for signal, state in kinematics.play.signals.items():
            if shown.get(signal) != state:
                changes.append(SignalChange(time_s=kinematics.time_s, signal_id=signal, state=state))
                shown[signal] = state
        if kinematics.done or kinematics.time_s >= _LIMIT_S:
            break
        kinematics.step()
        rows += kinematics.rows()
    motions = motions_of(rows, {name: body.box for name, body in kinematics.bodies.items()})
    return Evidence(
        subject=motions.pop(subject),
        others=tuple(motions.values()),
        space=kinematics.play.roads.space,
        ended_s=kinematics.time_s if kinematics.done else math.inf,
        signals=tuple(changes),
    )
