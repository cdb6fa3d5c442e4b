"""What is wrong with an OSM file is one clear error before a converter sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivegen.core.errors import MapError
from drivegen.opendrive import netconvert
from drivegen.opendrive.osm import import_osm
from drivegen.opendrive.osm.extract import read_extract
from tests.osm_town import LATITUDE_DEG, LONGITUDE_DEG, town


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "extract.osm"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_town_is_measured(tmp_path: Path) -> None:
    extract = read_extract(written(tmp_path, town()))
    assert extract.roads == 10
    assert extract.south_deg < LATITUDE_DEG < extract.north_deg
    assert extract.west_deg < LONGITUDE_DEG < extract.east_deg
    assert extract.projection.startswith("+proj=tmerc +lat_0=39.79")


NODE = '<node id="1" lat="39.8" lon="116.5"/>'
ROAD = '<way id="9"><nd ref="1"/><tag k="highway" v="primary"/></way>'
FAR = ROAD.replace("</way>", '<nd ref="2"/></way>')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("<osm><node", "not well-formed"),
        ("no xml at all", "not well-formed"),
        ("<gpx/>", "not <osm>"),
        ("<osm/>", "no way in it is a road"),
        (f"<osm>{NODE}</osm>", "no way in it is a road"),
        (f"<osm>{NODE}{ROAD.replace('primary', 'footway')}</osm>", "no way in it is a road"),
        (f"<osm>{ROAD}</osm>", "nodes of its roads are missing"),
        (f"<osm>{NODE.replace('39.8', '95')}{ROAD}</osm>", "node 1 has no position"),
        (f"<osm>{NODE.replace('39.8', 'nan')}{ROAD}</osm>", "node 1 has no position"),
        (f"<osm>{NODE.replace(' lon=', ' long=')}{ROAD}</osm>", "node 1 has no position"),
        (
            f'<osm>{NODE}<node id="2" lat="31" lon="121"/>{FAR}</osm>',
            "wider than",
        ),
        (f'<!DOCTYPE osm [<!ENTITY a "b">]><osm>{NODE}{ROAD}</osm>', "DOCTYPE"),
        (
            '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
            '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><osm>&c;&c;</osm>',
            "DOCTYPE",
        ),
        (f'<!DOCTYPE osm SYSTEM "file:///etc/hostname"><osm>{NODE}{ROAD}</osm>', "DOCTYPE"),
    ],
)
def test_broken_extracts_are_refused(text: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    out = tmp_path / "out.xodr"
    with pytest.raises(MapError, match=said) as caught:
        import_osm(path, out)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["extract.osm"]


def test_paths_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"nowhere\.osm: no such file"):
        import_osm(tmp_path / "nowhere.osm", tmp_path / "out.xodr")
    with pytest.raises(MapError, match="no such folder"):
        import_osm(written(tmp_path, town()), tmp_path / "no" / "out.xodr")


def test_without_netconvert_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netconvert, "find_netconvert", lambda: None)
    with pytest.raises(MapError, match=r"drivegen\[osm\]"):
        import_osm(written(tmp_path, town()), tmp_path / "out.xodr")
    assert not (tmp_path / "out.xodr").exists()


def test_a_converter_that_fails_or_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "sumo"
    (home / "bin").mkdir(parents=True)
    (home / "data" / "typemap").mkdir(parents=True)
    program = home / "bin" / "netconvert"
    program.touch()
    program.chmod(0o755)
    monkeypatch.setattr(netconvert, "find_netconvert", lambda: program)
    path = written(tmp_path, town())
    program.write_text("#!/bin/sh\necho 'Error: no nodes loaded.' >&2\nexit 1\n")
    with pytest.raises(MapError, match="gave up: no nodes loaded"):
        netconvert.convert(path, "+proj=tmerc", tmp_path, "extract.osm")
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(MapError, match=r"did not finish in 0\.2 s"):
        netconvert.convert(path, "+proj=tmerc", tmp_path, "extract.osm", timeout_s=0.2)


def test_binary_extracts_need_osmium(tmp_path: Path) -> None:
    path = tmp_path / "extract.osm.pbf"
    path.write_bytes(b"\x00\x00\x00\x0dnot a pbf file")
    with pytest.raises(MapError, match=r"osmium, which is not installed|not a readable OSM file"):
        import_osm(path, tmp_path / "out.xodr")
    assert not (tmp_path / "out.xodr").exists()
