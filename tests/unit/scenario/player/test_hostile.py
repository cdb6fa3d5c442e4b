"""Files made to hang or crash the player are answered by one error with file and line, or they are played."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivegen.runtime.replay.cases import Case
from drivegen.runtime.replay.outcome import Status
from drivegen.runtime.replay.players import played
from drivegen.runtime.replay.run import Options
from drivegen.scenario.reading.catalogs import CatalogFiles
from tests.hostile_scenarios import plant

REFUSED = {
    "far_away": r"far_away\.xosc:216: WorldPosition: x is 1e\+300",
    "speed_huge": r"speed_huge\.xosc:107: AbsoluteTargetSpeed: value is 1e\+308",
    "beyond_the_road": r"beyond_the_road\.xosc:98: LanePosition: s is 1e\+12",
    "box_without_end": r"box_without_end\.xosc:71: Dimensions: width is 1e\+300",
    "no_such_road": r"no_such_road\.xosc:98: road 987654321 is not in",
    "no_such_lane": r"no_such_lane\.xosc:98: road 13 has no lane -77",
    "roads_a_pipe": r"roads_a_pipe\.xosc:61: the roads .*pipe\.xodr are no file",
    "roads_of_a_long_name": r"roads_of_a_long_name\.xosc:61: \"xxx",
    "road_length_huge": r"parking_street\.xodr:6: <road>: length=\"1e15\" is beyond",
    "road_length_long": r"parking_street\.xodr:6: <road>: length 1e\+08 is beyond 1e\+06 m",
    "road_far_away": r"parking_street\.xodr:\d+: <geometry>: x=\"1e300\" is beyond",
    "road_curve_huge": r"parking_street\.xodr:16: <paramPoly3>: bU=\"1e200\" is beyond",
    "phases_after_one_another": r"phases_after_one_another\.xosc:61: signal controllers .* c1 > c2 > c1",
    "criterion_nan": r"criterion_nan\.xosc:17: property \"pass\.goal_s\.most\" is \"NaN\"",
}
PLAYED = ("never_ends_and_again", "phase_of_hardly_any_time")
QUICK = Options(dt_s=0.25, limit_s=1.0, films="none", trajectories=False)


@pytest.mark.parametrize("name", REFUSED)
def test_one_error_says_where(name: str, tmp_path: Path) -> None:
    outcome = played(Case(name=name, path=plant(name, tmp_path / name)), QUICK, tmp_path, CatalogFiles())
    assert outcome.status is Status.ERROR
    assert re.search(REFUSED[name], outcome.message), outcome.message
    assert "\n" not in outcome.message and "defect" not in outcome.message


@pytest.mark.parametrize("name", PLAYED)
def test_what_never_ends_is_played_to_the_limit(name: str, tmp_path: Path) -> None:
    outcome = played(Case(name=name, path=plant(name, tmp_path / name)), QUICK, tmp_path, CatalogFiles())
    assert outcome.status is not Status.ERROR and outcome.time_s == 1.0, outcome.message


def test_a_defect_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("drivegen.runtime.replay.players.run", broken)
    outcome = played(Case(name="x", path=Path("x.xosc")), QUICK, tmp_path, CatalogFiles())
    assert outcome.message.startswith("x.xosc: a defect of drivegen (ZeroDivisionError)")
    assert "planted" in (tmp_path / "trace.txt").read_text(encoding="utf-8")
