"""The reference ego's verdicts are those that the index states."""

from __future__ import annotations

import pytest

from drivegen.core.errors import ScenarioError
from drivegen.scenario.library import library_folder, read_library
from drivegen.scenario.reference import reference_verdict

SAMPLE = {
    "occluded_child": {"collisions"},
    "courier_from_gate": set[str](),
    "lead_brakes_hard": set[str](),
    "fire_engine_crosses_red": {"collisions", "distance_m"},
    "wheelchair_light_change": {"red_lights"},
    "ebike_runs_red": {"collisions", "distance_m"},
    "zebra_pedestrian": {"deceleration_mps2"},
    "work_zone_limit": {"over_limit_kmh"},
    "parked_car_pulls_out": set[str](),
    "roundabout_cyclist": set[str](),
    "unprotected_left_turn": set[str](),
    "pedestrian_before_bus": set[str](),
}
"""A few that are quick, with the measures that fail."""


@pytest.mark.parametrize("name", SAMPLE)
def test_verdict_is_the_one_of_the_index(name: str) -> None:
    entry = read_library().entry(name)
    verdict = reference_verdict(entry.file)
    assert {judged.finding.measure for judged in verdict.failed} == SAMPLE[name]
    assert entry.expected == ("pass" if verdict.passed else "fail")


def test_every_scenario_has_its_verdict() -> None:
    assert {entry.expected for entry in read_library().entries} == {"pass", "fail"}


def test_what_is_no_scenario_has_no_verdict() -> None:
    with pytest.raises(ScenarioError, match="distribution"):
        reference_verdict(library_folder() / "signals" / "stop_sign_gap.distribution.xosc")
