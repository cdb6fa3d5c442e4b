"""The verdict with the reference ego, without a simulator.

The reference ego is the simple intelligent driver with its own defaults: it keeps its lane or route and its
distance to what is in its way. It does not look at lights, signs, crossing traffic or variables, and does not
change lane. A system under test should do better.
"""

from __future__ import annotations

from pathlib import Path

from drivegen.core.errors import ScenarioError
from drivegen.scenario.player.drivers import SimpleDriver
from drivegen.scenario.player.simulate import simulate
from drivegen.scenario.reader import read_scenario
from drivegen.scenario.road import road_of
from drivegen.scenario.verdicts.criteria import criteria_of
from drivegen.scenario.verdicts.judge import Verdict, evidence_of, judge, subject_of


def reference_verdict(path: Path) -> Verdict:
    """Plays a scenario's kinematics with default parameters and the reference ego, and judges it.

    Raises ScenarioError and MapError for what cannot be played.
    """
    scenario = read_scenario(path)
    road = road_of(scenario)
    if road is None:
        raise ScenarioError(f"{path}: a scenario without a road cannot be played")
    network = road.network
    subject = subject_of([each.name for each in scenario.entities.scenario_objects])
    course = simulate(scenario, network, simple={subject: SimpleDriver()})
    return judge(evidence_of(scenario, network, course, subject), criteria_of(scenario), only_asked=True)
