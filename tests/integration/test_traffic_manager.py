"""The client's Traffic Manager drives mixed traffic through the generated junction."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.lockstep import beijing_map
from benchmarks.traffic_manager_drive import Recording, Verdict, judge, record

from drivegen.embedded.world.maps import MapStore

pytestmark = pytest.mark.timeout(300)  # a client that hangs is given a second chance

VEHICLES = 20
SECONDS = 32.0
AGAIN_SECONDS = 8.0


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beijing_map(tmp_path_factory.mktemp("map"))


@pytest.fixture(scope="module")
def driven(road: Path) -> Recording:
    return record(road, VEHICLES, SECONDS)


@pytest.fixture(scope="module")
def verdict(road: Path, driven: Recording) -> Verdict:
    return judge(road, driven)


def test_everybody_drives_and_nobody_is_taken_out(verdict: Verdict) -> None:
    assert verdict.vehicles == VEHICLES
    assert verdict.destroyed == 0
    assert verdict.mean_speed_mps > 3.0


def test_vehicles_stay_on_their_lanes(verdict: Verdict) -> None:
    assert verdict.centre_off_lane == 0
    # A tyre's width over the edge of a tight turn, now and then.
    assert verdict.wheels_off_lane < 0.002 * VEHICLES * SECONDS / 0.05


def test_vehicles_do_not_overlap(verdict: Verdict) -> None:
    assert verdict.overlaps == 0
    assert verdict.deepest_overlap_m < 0.02


def test_red_lights_are_respected_and_green_lets_traffic_through(verdict: Verdict) -> None:
    assert verdict.line_crossings >= 4
    assert verdict.junctions_passed >= 2
    assert verdict.queues_released == verdict.queues >= 2
    assert verdict.red_crossings == 0


def test_vehicles_wait_shortly_before_the_line(road: Path, driven: Recording) -> None:
    """Fronts of those who stand first at a line, at the end of the recording."""
    store = MapStore(road)
    gaps = []
    for head in store.load(store.names[0]).heads:
        for line in head.stop_lines:
            along = np.array([np.cos(line.heading_rad), np.sin(line.heading_rad)])
            across = np.array([-along[1], along[0]])
            middle = (line.start_m + line.end_m)[:2] / 2
            for n in np.flatnonzero((driven.speed_mps[-1] == 0.0) & driven.at_light[-1]):
                yaw = driven.yaw_rad[-1, n]
                front = np.array([driven.x_m[-1, n], driven.y_m[-1, n]])
                front += driven.size_m[n, 0] / 2 * np.array([np.cos(yaw), np.sin(yaw)])
                if abs((front - middle) @ across) < 1.5 and abs((front - middle) @ along) < 10.0:
                    gaps.append(-float((front - middle) @ along))
    assert gaps
    assert min(gaps) > 0.3
    assert max(gaps) < 4.1, "4 m: who came to a stand behind somebody that then left"


def test_the_same_again_gives_identical_poses(road: Path, driven: Recording) -> None:
    again = record(road, VEHICLES, AGAIN_SECONDS)
    ticks = len(again.x_m)
    for name in ("x_m", "y_m", "yaw_rad", "speed_mps", "lights"):
        assert np.array_equal(getattr(again, name), getattr(driven, name)[:ticks], equal_nan=True)
