"""Traffic Manager vehicles on a generated roundabout."""

from pathlib import Path

import pytest
from benchmarks.road_forms_drive import draw, stands_without_cause
from benchmarks.traffic_manager_drive import judge, record

pytestmark = pytest.mark.timeout(300)  # a client that hangs is given a second chance

VEHICLES = 12
SECONDS = 14.0


def test_nobody_leaves_a_roundabout_or_stands_in_vain(tmp_path: Path) -> None:
    road = draw("roundabout", 0, tmp_path)
    driven = record(road, VEHICLES, SECONDS)
    verdict = judge(road, driven)
    assert verdict.vehicles == VEHICLES
    assert verdict.destroyed == 0
    assert verdict.centre_off_lane == 0
    assert verdict.mean_speed_mps > 3.0
    assert verdict.junctions_passed >= 2
    assert stands_without_cause(driven) == []
