"""Roads by file and by the name of a map."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivegen.core.errors import MapError
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.reader import parse_scenario
from drivegen.scenario.road import map_name, road_of
from drivegen.scenario.validation import validate
from tests.unit.scenario.player.plays import STRAIGHT

_TEXT = """<OpenSCENARIO><FileHeader revMajor="1" revMinor="0" date="2024-05-01T12:00:00" description=""
author="us"/><CatalogLocations/><RoadNetwork>{logic}</RoadNetwork><Entities/>
<Storyboard><Init><Actions/></Init><StopTrigger/></Storyboard></OpenSCENARIO>"""


def _naming(file: str, folder: Path) -> Scenario:
    logic = f'<LogicFile filepath="{file}"/>' if file else ""
    return parse_scenario(_TEXT.format(logic=logic).encode(), folder / "one.xosc")


def test_a_file_beside_the_scenario_is_read(tmp_path: Path) -> None:
    (tmp_path / "road.xodr").write_text(STRAIGHT, encoding="utf-8-sig")
    scenario = _naming("road.xodr", tmp_path)
    road = road_of(scenario)
    assert road is not None
    assert (road.path, road.text, len(road.network.roads)) == (tmp_path / "road.xodr", STRAIGHT, 1)
    assert map_name(scenario) is None
    assert road_of(_naming("", tmp_path)) is None


def test_a_name_is_looked_up_in_the_folder_of_maps(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    (maps / "Town01.xodr").write_text(STRAIGHT, encoding="utf-8")
    scenario = _naming("Town01", tmp_path)
    assert map_name(scenario) == "Town01"
    road = road_of(scenario, maps)
    assert road is not None
    assert road.path == maps / "Town01.xodr"
    with pytest.raises(MapError, match=r"one.xosc:2: .*--maps"):
        road_of(scenario)
    with pytest.raises(MapError, match="Town02"):
        road_of(_naming("Town02", tmp_path), maps)


def test_a_file_that_is_missing_is_no_name(tmp_path: Path) -> None:
    scenario = _naming("town.xodr", tmp_path)
    assert map_name(scenario) is None
    with pytest.raises(MapError, match=r"one.xosc:2: .*town.xodr cannot be read"):
        road_of(scenario, tmp_path)


def test_validation_tells_a_name_and_refuses_a_missing_file(tmp_path: Path) -> None:
    for file, problems in (("Town01", 0), ("town.xodr", 1)):
        path = tmp_path / "one.xosc"
        path.write_text(_TEXT.format(logic=f'<LogicFile filepath="{file}"/>'), encoding="utf-8")
        found = validate(path)
        assert len(found.problems) == problems, found
        assert any("Town01" in notice for notice in found.notices) == (file == "Town01")
