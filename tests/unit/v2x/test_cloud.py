"""The platform: fusion against closed forms, traffic by lane, and what it may know."""

import math

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.v2x.cloud import PERIOD_NS, Cloud, Parcel
from drivegen.v2x.fusion import FORGET_NS, Fusion, Report, predicted, updated
from drivegen.v2x.lane_traffic import Car, LaneTraffic
from tests.unit.v2x.street import FIRST_NS, network

SECOND_NS = 1_000_000_000


def report(
    time_ns: int,
    x_m: float,
    y_m: float = 0.0,
    source: str = "roadside_1",
    number: int = 1,
    speed_mps: float = 10.0,
    sigma_m: float = 0.2,
    kind: ObjectClass = ObjectClass.CAR,
    track_id: int = 7,
) -> Report:
    return Report(
        source=source,
        number=number,
        track_id=track_id,
        object_class=kind,
        position_m=np.array([x_m, y_m, 0.8]),
        yaw_rad=0.0,
        size_m=np.array([4.5, 1.8, 1.5]),
        velocity_mps=np.array([speed_mps, 0.0, 0.0]),
        sigma_m=sigma_m,
        speed_sigma_mps=0.3,
        time_ns=time_ns,
        seen_ns=time_ns,
    )


def test_the_three_numbers_are_the_filter_in_matrices() -> None:
    """Prediction and update of position and velocity of one axis, by the book."""
    spread, noise, dt, q = (0.5, 0.1, 0.8), (0.09, 0.01, 0.04), 0.3, 2.0
    move = np.array([[1.0, dt], [0.0, 1.0]])
    before = np.array([[0.5, 0.1], [0.1, 0.8]])
    white = q**2 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    moved = move @ before @ move.T + white
    p, b, v = predicted(spread, dt, q)
    assert np.array([[p, b], [b, v]]) == pytest.approx(moved)
    r = np.array([[0.09, 0.01], [0.01, 0.04]])
    gain = before @ np.linalg.inv(before + r)
    (p, b, v), rows = updated(spread, noise)
    assert np.array(rows).reshape(2, 2) == pytest.approx(gain)
    assert np.array([[p, b], [b, v]]) == pytest.approx((np.eye(2) - gain) @ before)


def test_two_sources_are_weighed_by_their_variance() -> None:
    """One says 0, one 1 with half the deviation, of the same moment: 1 / 4 to 1 are the weights."""
    fusion = Fusion()
    fusion.take([report(SECOND_NS, 0.0, source="a", sigma_m=0.4, number=-1)])
    fusion.take([report(SECOND_NS, 0.5, source="b", sigma_m=0.2, number=-1)])
    (track,) = fusion.tracks(SECOND_NS)
    assert track.position_m(SECOND_NS)[0] == pytest.approx(0.5 * 0.4**2 / (0.4**2 + 0.2**2))
    assert track.spread[0] == pytest.approx(1.0 / (1 / 0.4**2 + 1 / 0.2**2))
    assert sorted(track.sources) == ["a", "b"]


def test_a_picture_is_predicted_to_its_instant() -> None:
    fusion = Fusion()
    fusion.take([report(SECOND_NS, 3.0, number=-1)])
    (track,) = fusion.tracks(SECOND_NS + 300_000_000)
    assert track.position_m(SECOND_NS + 300_000_000)[0] == pytest.approx(6.0)


def test_a_late_report_counts_at_its_own_time() -> None:
    """Both describe one straight drive; the older one arrives last."""
    fusion = Fusion()
    fusion.take([report(SECOND_NS + 200_000_000, 2.0, source="b", number=-1)])
    fusion.take([report(SECOND_NS, 0.0, source="a", number=5)])
    (track,) = fusion.tracks(SECOND_NS + 200_000_000)
    assert track.position_m(SECOND_NS + 200_000_000)[0] == pytest.approx(2.0, abs=1e-9)
    assert track.newest.source == "b"


def test_a_track_averages_out_noise_and_keeps_its_id() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    fusion, errors = Fusion(), []
    ids = set()
    for k in range(80):
        now = SECOND_NS + k * 100_000_000
        fusion.take([report(now, 1.0 * k + 0.4 * rng.normal(), number=1 + k // 20, sigma_m=0.4)])
        for track in fusion.tracks(now):
            ids.add(track.cloud_id)
            errors.append(track.position_m(now)[0] - 1.0 * k)
    assert ids == {1}
    assert np.std(errors[20:]) < 0.3


def test_objects_apart_stay_apart_and_one_report_is_not_shown() -> None:
    fusion = Fusion()
    two = [report(SECOND_NS, 0.0, number=1), report(SECOND_NS, 2.0, number=2, track_id=8)]
    fusion.take(two)
    assert not fusion.tracks(SECOND_NS)
    later = SECOND_NS + 100_000_000
    fusion.take([report(later, 1.0, number=1), report(later, 3.0, number=2, track_id=8)])
    tracks = fusion.tracks(later)
    assert [t.newest.track_id for t in tracks] == [7, 8]
    # Even where they come close, for their source tells them apart.
    fusion.take([report(later + 10**8, 2.0, number=1), report(later + 10**8, 2.3, number=2, track_id=8)])
    assert len(fusion.tracks(later + 10**8)) == 2


def test_a_walker_beside_a_car_is_no_part_of_it() -> None:
    fusion = Fusion()
    for k in range(3):
        now = SECOND_NS + k * 10**8
        fusion.take([report(now, 1.0 * k)])
        fusion.take(
            [report(now, 1.0 * k, 0.8, source="b", kind=ObjectClass.PEDESTRIAN, track_id=9, speed_mps=9.0)]
        )
    assert {t.newest.track_id for t in fusion.tracks(SECOND_NS + 3 * 10**8)} == {7, 9}


def test_silence_makes_tracks_old_and_then_nothing() -> None:
    fusion = Fusion()
    fusion.take([report(SECOND_NS, 0.0, number=-1)])
    assert len(fusion.tracks(SECOND_NS + FORGET_NS)) == 1
    assert not fusion.tracks(SECOND_NS + FORGET_NS + 1)


def test_the_cloud_knows_what_has_arrived_and_no_more() -> None:
    cloud = Cloud(network(), [], FIRST_NS)
    seen = FIRST_NS + 20_000_000
    cloud.post(Parcel(arrives_ns=FIRST_NS + 130_000_000, reports=(report(seen, 5.0, number=-1),)))
    cloud.post(
        Parcel(arrives_ns=FIRST_NS + 90_000_000, signals={"s": "red"}, signals_made_ns=FIRST_NS + 40_000_000)
    )
    # An older report that was overtaken on its way.
    cloud.post(Parcel(arrives_ns=FIRST_NS + 150_000_000, signals={"s": "green"}, signals_made_ns=FIRST_NS))
    first, second = (cloud.picture(FIRST_NS + k * PERIOD_NS) for k in (1, 2))
    assert not first.objects and first.signals == {"s": "red"}
    (found,) = second.objects
    assert found.age_ns == FIRST_NS + 2 * PERIOD_NS - seen
    assert found.box.pose.position_m[0] == pytest.approx(5.0 + 10.0 * 0.18)
    assert second.signals == {"s": "red"}


def test_pictures_are_due_ten_times_a_second() -> None:
    cloud = Cloud(network(), [], FIRST_NS)
    assert cloud.due_ns(FIRST_NS - 1, FIRST_NS) == FIRST_NS
    assert cloud.due_ns(FIRST_NS, FIRST_NS + PERIOD_NS - 1) is None
    assert cloud.due_ns(FIRST_NS, FIRST_NS + 5 * PERIOD_NS + 3) == FIRST_NS + 5 * PERIOD_NS


def car(number: int, x_m: float, y_m: float, speed_mps: float, west: bool = False) -> Car:
    return Car(
        cloud_id=number,
        x_m=x_m,
        y_m=y_m,
        heading_rad=math.pi if west else 0.0,
        speed_mps=speed_mps,
        length_m=5.0,
    )


def test_lanes_have_speed_and_queue() -> None:
    """The street ends at x = 400; lane -1 runs east at y = -1.75, lane 1 west at y = 1.75."""
    traffic = LaneTraffic(network(), [np.zeros(3)], FIRST_NS)
    standing = [car(1, 395.0, -1.75, 0.0), car(2, 387.0, -1.75, 0.4), car(3, 340.0, -1.75, 0.0)]
    moving = [car(4, 300.0, -1.75, 8.0), car(5, 100.0, 1.75, 6.0, west=True)]
    states = {(s.road_id, s.lane_id): s for s in traffic.states(FIRST_NS, [*standing, *moving])}
    assert sorted(states) == [(1, -2), (1, -1), (1, 1), (1, 2)]
    east, west = states[1, -1], states[1, 1]
    # The third stands too far behind to be of the queue: its tail is 400 - (387 - 2.5).
    assert east.queue_m == pytest.approx(15.5, abs=0.05) and east.vehicles == 4
    assert east.speed_mps == pytest.approx((0.0 + 0.4 + 0.0 + 8.0) / 4)
    assert west.speed_mps == 6.0 and west.queue_m == 0.0
    assert states[1, 2].speed_mps is None and states[1, 2].vehicles == 0


def test_flow_counts_who_passes_the_middle_once() -> None:
    traffic = LaneTraffic(network(), [np.zeros(3)], FIRST_NS)
    for k in range(31):
        cars = [
            car(1, -8.0 + k, -1.75, 10.0),
            car(2, 8.0 - k, 1.75, 10.0, west=True),
            car(3, 50.0, -5.25, 0.0),
        ]
        states = traffic.states(FIRST_NS + k * PERIOD_NS, cars)
    flow = {s.lane_id: s.flow_per_h for s in states}
    # One vehicle in three seconds.
    assert flow == pytest.approx({-1: 1200.0, 1: 1200.0, -2: 0.0, 2: 0.0})
    late = traffic.states(FIRST_NS + 62 * SECOND_NS, [])
    assert {s.flow_per_h for s in late} == {0.0}


def test_lanes_far_from_units_are_told_of_when_somebody_is_there() -> None:
    traffic = LaneTraffic(network(), [np.array([0.0, 900.0, 0.0])], FIRST_NS)
    assert traffic.states(FIRST_NS, []) == ()
    assert [s.lane_id for s in traffic.states(FIRST_NS + 1, [car(1, 0.0, -5.25, 3.0)])] == [-2]
