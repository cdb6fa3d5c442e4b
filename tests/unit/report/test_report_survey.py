"""The survey measures what the tracks do: known movements on a straight road with a zebra."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tests.unit.opendrive.roads import lane, one_road

from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import CornerLocal, LaneType, RoadNetwork, RoadObject, Signal
from drivegen.report import survey as module
from drivegen.report.gaps import discharge_headways_s, walker_gaps_s
from drivegen.report.norms import NORMS
from drivegen.report.tracks import Movement

STEP_S = 0.1


def street() -> RoadNetwork:
    """200 m eastwards, two lanes; a light with its line at the end of the first road, a zebra at 100 m."""
    corners = ((-2.0, 4.0), (2.0, 4.0), (2.0, -8.0), (-2.0, -8.0), (-2.0, 4.0))
    zebra = RoadObject(
        id="1",
        name="Crosswalk",
        type="crosswalk",
        s_m=100.0,
        t_m=0.0,
        outline=tuple(CornerLocal(u_m=u, v_m=v) for u, v in corners),
    )
    lanes = (lane(-1, LaneType.DRIVING, 3.5), lane(-2, LaneType.DRIVING, 3.5))
    network = one_road(length_m=200.0, lanes=lanes)
    road = dataclasses.replace(network.roads[0], objects=(zebra,))
    return RoadNetwork(name="m", geo_reference="", roads=(road,))


def track(
    number: int, x: np.ndarray, y: np.ndarray, kind: str = "car", from_s: float = 0.0, yaw: float = 0.0
) -> dict[str, np.ndarray]:
    speed = np.hypot(np.gradient(x), np.gradient(y)) / STEP_S
    n = len(x)
    return {
        "time_s": from_s + STEP_S * np.arange(n),
        "track": np.full(n, number),
        "kind": np.full(n, kind, dtype=object),
        "blueprint": np.full(n, "vehicle.test", dtype=object),
        "xy_m": np.stack([x, y], axis=1),
        "z_m": np.zeros(n),
        "yaw_rad": np.full(n, yaw),
        "length_m": np.full(n, 4.0),
        "speed_mps": speed,
    }


def movement(*tracks: dict[str, np.ndarray]) -> Movement:
    return Movement(**{k: np.concatenate([t[k] for t in tracks]) for k in tracks[0]}, signals=())


def driven(number: int, from_m: float, mps: float, seconds: float, y: float = -1.75, weave_m: float = 0.0):
    t = np.arange(0.0, seconds, STEP_S)
    return track(number, from_m + mps * t, y + weave_m * math.sqrt(2) * np.sin(2 * math.pi * t))


def walked(number: int, x: float, seconds: float, from_s: float, mps: float = 1.25, from_y: float = 4.0):
    t = np.arange(0.0, seconds, STEP_S)
    return track(number, np.full(len(t), x), from_y - mps * t, "pedestrian", from_s, -math.pi / 2)


def measured(moved: Movement) -> dict[str, list[float]]:
    network = street()
    values: dict[str, list[float]] = {key: [] for key in module._TITLES}
    zebras = module._zebras(NetworkGeometry(network))
    module._survey_scene(moved, network, LaneLocator(network), zebras, values)
    return values


def test_speeds_headways_and_places_in_the_lane() -> None:
    found = measured(movement(driven(1, 30.0, 10.0, 5.0), driven(2, 10.0, 10.0, 5.0, weave_m=0.2, y=-1.5)))
    assert found["speed_motor"] == pytest.approx([36.0, 36.0], abs=0.4)
    assert found["time_headway"] == pytest.approx([2.0] * 5, abs=0.05)
    assert found["lateral_sd"] == pytest.approx([0.0, 0.2], abs=0.01)
    assert found["lateral_mean"] == pytest.approx([0.0, 0.25], abs=0.01)


def test_vehicles_in_other_lanes_and_far_ahead_are_not_followed() -> None:
    other = movement(driven(1, 30.0, 10.0, 5.0, y=-5.25), driven(2, 10.0, 10.0, 5.0))
    far = movement(driven(1, 90.0, 10.0, 5.0), driven(2, 10.0, 10.0, 5.0))
    assert measured(other)["time_headway"] == measured(far)["time_headway"] == []


def test_a_crossing_is_timed_over_its_whole_length() -> None:
    found = measured(movement(driven(1, 0.0, 1.0, 3.0), walked(2, 100.0, 8.0, 0.0, mps=1.5)))
    assert found["crossing_speed"] == pytest.approx([1.5], abs=0.02)
    assert found["crossing_time"] == pytest.approx([8.0], abs=0.1)
    half = measured(movement(driven(1, 0.0, 1.0, 3.0), walked(2, 100.0, 3.0, 0.0, mps=1.5)))
    assert half["crossing_speed"] == []


def test_the_gap_is_from_stepping_out_to_the_next_front() -> None:
    # steps off at y = 0 after 2 s, where the front of a car comes 5 s after the scene's beginning
    network = street()
    moved = movement(driven(1, 48.0, 10.0, 9.0), walked(2, 100.0, 6.0, 0.0, mps=1.0, from_y=2.0))
    gaps = walker_gaps_s(moved, moved.lanes(LaneLocator(network)))
    assert gaps == pytest.approx([3.0], abs=0.15)


def test_a_vehicle_that_gives_way_leaves_no_gap() -> None:
    t = np.arange(0.0, 9.0, STEP_S)
    x = np.where(t < 4.0, 48.0 + 10.0 * t, np.where(t < 6.0, 88.0, 88.0 + 10.0 * (t - 6.0)))
    moved = movement(track(1, x, np.full(len(t), -1.75)), walked(2, 100.0, 6.0, 0.0, mps=1.0, from_y=2.0))
    assert walker_gaps_s(moved, moved.lanes(LaneLocator(street()))) == []


def queue(headway_s: float) -> Movement:
    """Three cars wait before x = 100 and drive over it one after another."""
    tracks = []
    for k in range(3):
        t = np.arange(0.0, 14.0, STEP_S)
        start = 3.0 + headway_s * k
        tracks.append(track(k + 1, 97.0 - 7.0 * k + 6.0 * np.maximum(t - start, 0.0), np.full(len(t), -1.75)))
    return movement(*tracks)


def test_headways_of_a_queue_that_starts() -> None:
    network = street()
    first = dataclasses.replace(network.roads[0], length_m=100.0)
    geometry = network.roads[0].geometries[0]
    second = dataclasses.replace(
        network.roads[0],
        id=2,
        length_m=100.0,
        geometries=(dataclasses.replace(geometry, x_m=100.0, length_m=100.0),),
        objects=(),
    )
    light = Signal(
        id="5",
        name="Signal_3Light_Post01",
        s_m=99.0,
        t_m=-8.0,
        z_offset_m=0.0,
        h_offset_rad=0.0,
        orientation="+",
        dynamic=True,
        type="1000001",
        subtype="-1",
    )
    first = dataclasses.replace(
        first,
        signals=(light,),
        geometries=(dataclasses.replace(geometry, length_m=100.0),),
        objects=(),
    )
    network = RoadNetwork(name="m", geo_reference="", roads=(first, second))
    moved = queue(2.0)
    found = discharge_headways_s(moved, moved.lanes(LaneLocator(network)), network)
    assert found == pytest.approx([2.0 + 7.0 / 6.0] * 2, abs=0.11)


def test_what_is_seldom_seen_is_left_out_and_the_verdict_is_of_the_median() -> None:
    slow = module._measure("walking", np.full(9, 0.5))
    assert (slow.verdict, slow.norm) == ("below", NORMS["walking"])
    fit = module._measure("walking", np.array([0.2] * 4 + [1.3] * 5))
    assert fit.verdict == "within"
    assert fit.share(0.0) == 0.0 and 0.0 < fit.share(fit.p15) < fit.share(fit.p85) < 1.0
    signed = module._measure("lateral_mean", np.linspace(-0.1, 0.1, 9))
    assert signed.share(0.0) == pytest.approx(0.5)


def test_every_range_says_where_it_is_from() -> None:
    for key, norm in NORMS.items():
        assert key in module._TITLES
        assert norm.low < norm.high and len(norm.source) > 30
        assert norm.read or "memory" in norm.source
