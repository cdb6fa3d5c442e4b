"""An OSM extract becomes a map that passes the checks, drives, and records. Needs SUMO (extra: osm)."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from benchmarks.traffic_manager_drive import in_own_process

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import LaneType, Road
from drivegen.opendrive.netconvert import find_netconvert
from drivegen.opendrive.osm import ImportedMap, import_osm
from tests.osm_town import AVENUE, ROUNDABOUT, STREETS, town

pytestmark = [
    pytest.mark.skipif(find_netconvert() is None, reason="SUMO's netconvert is not installed (extra: osm)"),
    pytest.mark.timeout(400),
]

VEHICLES = 20
SECONDS = 30.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ImportedMap:
    folder = tmp_path_factory.mktemp("osm")
    source = folder / "town.osm"
    source.write_text(town(), encoding="utf-8")
    return import_osm(source, folder / "town.xodr")


def kinds(road: Road) -> set[LaneType]:
    return {lane.type for section in road.lane_sections for lane in section.lanes}


def test_only_the_one_road_that_ends_is_found(made: ImportedMap) -> None:
    assert [f.kind for f in made.findings] == ["dead-end"]
    (end,) = made.findings
    assert made.network.road_by_id[end.road_id or 0].name == "宏达北路"


def test_what_the_extract_has_is_in_the_map(made: ImportedMap) -> None:
    roads = [road for road in made.network.roads if road.junction is None]
    names = {road.name for road in roads}
    assert {AVENUE, ROUNDABOUT, *STREETS.values(), "宏达北路", "凉水河路", "凉水河绿道", "亦庄T1线"} == names
    for street in STREETS.values():
        found = set().union(*(kinds(road) for road in roads if road.name == street))
        assert {LaneType.DRIVING, LaneType.BIKING, LaneType.SIDEWALK} <= found
    assert any(LaneType.TRAM in kinds(road) for road in roads)
    assert len([road for road in roads if road.name == ROUNDABOUT]) == 4
    assert "+proj=tmerc" in made.network.geo_reference


def test_three_junctions_have_lights_in_two_phases(made: ImportedMap) -> None:
    lit = [j for j in made.network.junctions if j.controllers]
    assert sorted(j.name for j in lit) == sorted(f"{s} / {AVENUE}" for s in STREETS.values())
    for junction in lit:
        assert [c.sequence for c in junction.controllers] == [0, 1]
    assert all(len(c.signal_ids) == 2 for c in made.network.controllers)


def test_crossings_lie_on_the_roads(made: ImportedMap) -> None:
    """Not half beside them, as netconvert itself writes them."""
    geometry = NetworkGeometry(made.network)
    strips = []
    for road in made.network.roads:
        curve = geometry.curve(road.id)
        for index in range(len(road.lane_sections)):
            stations = curve.stations(index)
            borders = curve.border_offsets(index, stations)
            low, high = (curve.points(stations, borders[k]) for k in (min(borders), max(borders)))
            strips.append(shapely.make_valid(shapely.polygons([*low[:, :2], *high[::-1, :2]])))
    ground = shapely.union_all(strips).buffer(0.3)
    count = 0
    for road in made.network.roads:
        for item in (o for o in road.objects if o.type == "crosswalk"):
            origin, heading, _ = geometry.curve(road.id).reference([item.s_m])
            outline = shapely.polygons([(c.u_m, c.v_m) for c in item.outline])
            turned = shapely.affinity.rotate(outline, float(heading[0]), origin=(0, 0), use_radians=True)
            area = shapely.affinity.translate(turned, *origin[0])
            assert area.intersection(ground).area > 0.8 * area.area, (road.id, item.id)
            count += 1
    assert count >= 3 * 6


def test_twenty_vehicles_drive_for_half_a_minute(made: ImportedMap) -> None:
    said = in_own_process("tests.integration.drive_map", [str(made.path)], timeout_s=150.0, attempts=2)
    vehicles, gone, off_road, travelled = said.decode().split()[-4:]
    assert int(vehicles) == VEHICLES
    assert int(gone) <= 2, "only at the end of the one road that ends"
    assert int(off_road) < 0.005 * VEHICLES * SECONDS / 0.05
    assert float(travelled) > 100.0 * VEHICLES


def test_a_scene_is_recorded(made: ImportedMap, tmp_path: Path) -> None:
    words = ["generate", "map=file", f"map.file={made.path}", "experiment=tiny", "export=none"]
    done = subprocess.run(
        [sys.executable, "-m", "drivegen.cli.main", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 recorded" in done.stdout + done.stderr
    assert list(tmp_path.glob("runs/tiny/**/*.mcap"))


@pytest.mark.skipif(importlib.util.find_spec("osmium") is None, reason="osmium is not installed (extra: osm)")
def test_binary_extracts_are_read(made: ImportedMap, tmp_path: Path) -> None:
    import osmium  # type: ignore[import-not-found,unused-ignore]

    packed = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(packed)) as writer:
        for item in osmium.FileProcessor(str(made.path.with_name("town.osm"))):
            writer.add(item)
    again = import_osm(packed, tmp_path / "town.xodr")
    assert again.path.read_bytes() == made.path.read_bytes()
