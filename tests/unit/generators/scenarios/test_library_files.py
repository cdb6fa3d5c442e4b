"""The library's files are those that its courses write, and its catalogues are those of the blueprints."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from lxml import etree

from drivegen.embedded.assets.props.families import FAMILY_OF_BLUEPRINT as PROPS
from drivegen.embedded.assets.vehicles.families import FAMILY_OF_BLUEPRINT as VEHICLES
from drivegen.embedded.assets.walkers.families import FAMILY_OF_BLUEPRINT as WALKERS
from drivegen_generators.scenarios.courses import SCENARIOS
from drivegen_generators.scenarios.library import library_files
from drivegen_generators.scenarios.roads import ROADS, road_text

SCENARIO_FOLDER = Path(__file__).parents[4] / "scenarios"
LARGEST_ROAD = 300_000

NAMED = {
    "signal-violating e-bike": "ebike_runs_red",
    "occluded child": "occluded_child",
    "cut-in by truck": "truck_cut_in",
    "unprotected left turn": "unprotected_left_turn",
    "work-zone merge": "work_zone_merge",
    "emergency vehicle": "ambulance_from_behind",
    "unmanned delivery vehicle crossing": "delivery_vehicle_crossing",
    "jaywalking group": "jaywalking_group",
    "left-turn bicycle": "left_turn_bicycle",
    "bus-stop pull-out": "bus_pulls_out",
    "roundabout entry": "roundabout_entry",
    "wrong-way tricycle": "wrong_way_tricycle",
    "dropped cargo": "dropped_cargo",
    "fog-bank braking": "fog_bank_braking",
    "signal failure": "signal_failure",
    "roadside-unit-warned blind corner": "rsu_blind_corner",
}


def test_files_are_what_the_courses_write() -> None:
    files = library_files()
    for path, text in files.items():
        assert (SCENARIO_FOLDER / path).read_bytes() == text.encode(), path
    kept = {"catalogs", "roads"}
    there = {
        str(p.relative_to(SCENARIO_FOLDER))
        for p in SCENARIO_FOLDER.rglob("*.xosc")
        if p.relative_to(SCENARIO_FOLDER).parts[0] not in kept
    }
    assert there == {path for path in files if path.endswith(".xosc")}


@pytest.mark.parametrize("name", ROADS)
def test_roads_are_what_the_forms_make(name: str) -> None:
    content = (SCENARIO_FOLDER / "roads" / f"{name}.xodr").read_bytes()
    assert content == road_text(name).encode()
    assert len(content) < LARGEST_ROAD


def test_every_road_is_driven_on() -> None:
    assert {scenario.road for scenario in SCENARIOS} == set(ROADS)


def test_the_courses_that_were_asked_for_are_there() -> None:
    names = {scenario.name for scenario in SCENARIOS}
    assert len(names) == len(SCENARIOS) >= 60
    assert set(NAMED.values()) <= names


def test_no_two_scenarios_tell_the_same() -> None:
    for texts in (
        [s.title for s in SCENARIOS],
        [s.title_zh for s in SCENARIOS],
        [s.happens for s in SCENARIOS],
        [s.asked for s in SCENARIOS],
    ):
        assert len(set(texts)) == len(texts)


def test_time_is_up_later_than_the_goal_is_to_be_reached() -> None:
    for scenario in SCENARIOS:
        assert scenario.end_s > scenario.criteria.get("goal_s", {}).get("most", 0.0), scenario.name


def test_parameters_stay_within_their_ranges() -> None:
    for scenario in SCENARIOS:
        assert len(scenario.parameters) >= 2, scenario.name
        for parameter in scenario.parameters:
            assert parameter.least <= parameter.value <= parameter.most, (scenario.name, parameter.name)
            assert parameter.step > 0.0
            assert f"${parameter.name}" in library_text(scenario.path), (scenario.name, parameter.name)


def library_text(path: str) -> str:
    return (SCENARIO_FOLDER / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("folder", "families", "left_out"),
    [
        ("vehicles", VEHICLES, set[str]()),
        ("pedestrians", WALKERS, set[str]()),
        ("objects", PROPS, {"static.prop.drivegen.roadside_pole"}),
    ],
)
def test_catalogues_have_the_sizes_of_the_blueprints(
    folder: str, families: dict[str, object], left_out: set[str]
) -> None:
    root = etree.parse(SCENARIO_FOLDER / "catalogs" / folder / f"{folder}.xosc").getroot()
    found = set()
    for entry in root.find("Catalog"):
        if not isinstance(entry.tag, str):
            continue
        properties = {p.get("name"): p.get("value") for p in entry.iter("Property")}
        size = entry.find("BoundingBox/Dimensions")
        told = tuple(float(size.get(name)) for name in ("length", "width", "height"))
        family = families[properties["blueprint"]]
        assert told == pytest.approx(family.size_m(int(properties["variant"])), abs=6e-4), entry.get("name")
        found.add(properties["blueprint"])
    assert found == set(families) - left_out


def test_every_requirement_has_a_word_in_both_languages() -> None:
    content = yaml.safe_load((SCENARIO_FOLDER / "requirements.yaml").read_text(encoding="utf-8"))
    for document in content["requirements"]:
        for item in document["items"]:
            assert item["title"] and any(ord(c) > 0x2E80 for c in item["title_zh"])
