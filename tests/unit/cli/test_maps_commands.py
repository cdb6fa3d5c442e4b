"""`drivegen maps` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivegen.cli.main import main
from drivegen.opendrive.netconvert import find_netconvert
from tests.osm_town import town
from tests.unit.opendrive.roads import STRAIGHT


def test_a_map_with_errors_gives_one_and_a_sound_one_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.xodr", tmp_path / "坏.xodr"
    good.write_text(STRAIGHT)
    bad.write_text(STRAIGHT.replace("<line/>", '<arc curvature="0"/>'))
    assert main(["maps", "check", str(good)]) == 0
    told = capsys.readouterr().out
    assert f"{good}: 1 warning, 1 note" in told
    assert "  warning no-geo-reference: add one" in told
    assert main(["maps", "check", str(good), str(bad)]) == 1
    told = capsys.readouterr().out
    assert "error flat-arc: write <line/>" in told
    assert "line 6 road 1 s=0.00 (0.0, 0.0): an arc of curvature 0/m" in told


def test_findings_are_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.xodr"
    path.write_text(STRAIGHT.replace("<width", "<border"))
    assert main(["maps", "check", "--json", "--client-timeout", "0", str(path)]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert told["file"] == str(path)
    first = told["findings"][0]
    assert (first["severity"], first["kind"], first["road_id"], first["lane_id"]) == (
        "error",
        "border-lane",
        1,
        -1,
    )
    assert first["line"] == 12
    assert {"what", "mend"} <= set(first)


def test_many_findings_of_a_kind_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    piece = '<geometry s="{0}" x="{0}" y="0" hdg="0" length="10"><arc curvature="0"/></geometry>'
    pieces = "".join(piece.format(s) for s in range(0, 100, 10))
    path = tmp_path / "a.xodr"
    plan = '<geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry>'
    assert plan in STRAIGHT
    path.write_text(STRAIGHT.replace(plan, pieces))
    assert main(["maps", "check", "--client-timeout", "0", str(path)]) == 1
    assert "... 5 more; --json tells all" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "nowhere.xodr"], "nowhere.xodr: No such file"),
        (["check", "--client-timeout", "-1", "a.xodr"], "0 or more"),
        (["import", "nowhere.osm"], "nowhere.osm: no such file"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["maps", *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.skipif(find_netconvert() is None, reason="SUMO's netconvert is not installed (extra: osm)")
def test_a_town_is_imported_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("镇.osm").write_text(town(), encoding="utf-8")
    assert main(["maps", "import", "镇.osm"]) == 0
    told = capsys.readouterr().out
    assert "镇.xodr: " in told
    assert "12 lights" in told
    assert main(["maps", "import", "镇.osm", "--out", "b.xodr", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lights"] == 12
    assert Path("b.xodr").read_text().replace('name="b"', "") == Path("镇.xodr").read_text().replace(
        'name="镇"', ""
    )
