import numpy as np

from drivegen.record.progress import Progress
from tests.unit.record.riding import plan

ROUTE = tuple((10.0 * k, 0.0, 0.0) for k in range(1, 11))


def drive(progress, points):
    for x, y in points:
        progress.advance(np.array([x, y]))
    return progress


def test_points_are_reached_in_turn_and_the_end_is_the_last():
    progress = drive(Progress.of(plan(route=ROUTE)), [(x, 0.3) for x in range(52)])
    assert progress.rest.route == ROUTE[5:]
    assert not progress.done
    assert not drive(progress, [(x, 0.3) for x in range(52, 97)]).done
    assert drive(progress, [(98.0, 0.3)]).done


def test_another_lane_and_a_point_missed_do_not_lose_the_route():
    away = (
        [(x, 3.5) for x in range(40)] + [(x, 12.0) for x in range(40, 61)] + [(x, 3.5) for x in range(61, 97)]
    )
    progress = drive(Progress.of(plan(route=ROUTE)), away)
    assert progress.rest.route == ROUTE[9:]
    assert not progress.done
    assert drive(progress, [(x, 3.5) for x in range(97, 107)]).done


def test_who_starts_near_the_end_of_a_loop_has_it_still_to_drive():
    angles = np.linspace(0.2, 2 * np.pi - 0.1, 40)
    loop = tuple((float(50 * np.cos(a)), float(50 * np.sin(a)), 0.0) for a in angles)
    progress = drive(Progress.of(plan(route=loop)), [(50.0, 0.0)])
    assert not progress.done
    assert drive(progress, [(x, y) for x, y, _ in loop]).done


def test_without_a_route_there_is_no_end():
    assert not drive(Progress.of(plan(route=())), [(0.0, 0.0), (90.0, 0.0)]).done
