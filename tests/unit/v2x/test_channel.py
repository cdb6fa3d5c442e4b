"""Radio: path loss, shadowing, block errors, congestion, latency."""

import math
from collections import Counter

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.v2x_plan import ChannelPlan
from drivegen.v2x.channel import CONGESTION, FADING, HALF_DUPLEX, RANGE, Channel, block_error, noise_dbm
from drivegen.v2x.evidence import Scene
from drivegen.v2x.path_loss import (
    LOS,
    NLOS_BUILDING,
    NLOS_VEHICLE,
    Link,
    Links,
    blockage_db,
    blockers_m,
    median_loss_db,
    plan_paths,
)
from drivegen.v2x.scheduling import assignable, collision, grant, half_duplex, same_resource
from tests.unit.v2x.street import Mover, ego, frames

MESSAGES = 800


def test_path_loss_is_that_of_the_report() -> None:
    """By hand at 100 m: 38.77 + 33.4 + 14.03, and 36.85 + 60 + 14.57."""
    assert median_loss_db(LOS, 100.0) == pytest.approx(86.20, abs=0.01)
    assert median_loss_db(NLOS_BUILDING, 100.0) == pytest.approx(111.42, abs=0.01)
    assert median_loss_db(NLOS_VEHICLE, 100.0) == median_loss_db(LOS, 100.0)
    assert blockage_db(100.0, 2, 3.0) == 0.0
    assert blockage_db(100.0, 1, 0.0) == 5.0
    assert blockage_db(100.0, 0, 1.0) == 13.5
    assert blockage_db(1000.0, 0, 0.0) == pytest.approx(9.0 + 45.0 - 41.0)
    assert blockage_db(100.0, 0, -9.0) == 0.0


def test_the_noise_floor_and_the_curve_are_those_named() -> None:
    assert noise_dbm(50) == pytest.approx(-95.46, abs=0.01)
    assert [block_error(x) for x in (-9.0, 4.0, 5.0, 30.0)] == pytest.approx([1.0, 0.3, 0.195, 1e-4])


def shadowed(step_m: float, count: int, path: str = LOS) -> np.ndarray:
    """Shadowing of a pair of which one end drives off, in dB."""
    links = Links(2, ["a", "b"], shadowing=True)
    out = []
    for k in range(count):
        at = {"a": np.zeros(3), "b": np.array([50.0 + step_m * k, 0.0, 0.0])}
        link = links.step(k, at, {("a", "b"): path}, {})[("a", "b")]
        out.append(link.loss_db - median_loss_db(path, link.distance_m))
    return np.array(out)


def test_shadowing_has_its_deviation_and_is_correlated_over_distance() -> None:
    los, nlos = shadowed(5.0, 2000), shadowed(5.0, 2000, NLOS_BUILDING)
    assert los.std() == pytest.approx(3.0, rel=0.1)
    assert nlos.std() == pytest.approx(4.0, rel=0.1)
    assert np.corrcoef(los[1:], los[:-1])[0, 1] == pytest.approx(math.exp(-0.5), abs=0.07)
    assert np.corrcoef(nlos[1:], nlos[:-1])[0, 1] == pytest.approx(math.exp(-5.0 / 13.0), abs=0.07)
    assert np.ptp(shadowed(0.0, 50)) == 0.0


def test_a_pair_has_draws_of_its_own() -> None:
    at = {name: np.array([x, 0.0, 0.0]) for name, x in (("a", 0.0), ("b", 60.0), ("c", 90.0))}
    three = Links(2, ["a", "b", "c"], shadowing=True).step(1, at, {}, {})
    two = Links(2, ["b", "a"], shadowing=True).step(1, {k: at[k] for k in "ab"}, {}, {})
    assert two["a", "b"] == three["a", "b"]
    assert three["a", "c"].loss_db - median_loss_db(LOS, 90.0) != pytest.approx(
        three["a", "b"].loss_db - median_loss_db(LOS, 60.0)
    )


def scene_with(truck_x_m: float, truck_y_m: float, kind: ObjectClass = ObjectClass.TRUCK) -> Scene:
    truck = Mover(
        track_id=9, object_class=kind, x_m=truck_x_m, y_m=truck_y_m, yaw_rad=0.6, size_m=(9.0, 2.5, 3.2)
    )
    return Scene.of(next(iter(frames([ego()], [truck], 1))))


def test_large_vehicles_across_the_line_block_it() -> None:
    at = {"a": np.array([0.0, 0.0, 1.5]), "b": np.array([80.0, 0.0, 6.0])}
    own: dict[str, int | None] = {"a": None, "b": None}
    paths, tops = plan_paths(scene_with(40.0, 1.0), at, own)
    assert paths == {("a", "b"): NLOS_VEHICLE} and tops["a", "b"] == pytest.approx(3.2)
    for scene in (scene_with(40.0, 9.0), scene_with(95.0, 0.0), scene_with(40.0, 1.0, ObjectClass.CAR)):
        assert plan_paths(scene, at, own)[0] == {("a", "b"): LOS}
    assert plan_paths(scene_with(40.0, 1.0), at, {"a": 9, "b": None})[0] == {("a", "b"): LOS}
    assert blockers_m(scene_with(40.0, 1.0, ObjectClass.CAR), at, own, [("a", "b")])["a", "b"] > 3.0


def received(
    distance_m: float, path: str = LOS, payload: int = 60, subframes: float = 0.0, **plan: float
) -> Counter[str]:
    """Share of causes over many messages; empty for what came."""
    channel = Channel(6, ChannelPlan(**plan))  # type: ignore[arg-type]
    loss = median_loss_db(path, distance_m) + (9.0 if path == NLOS_VEHICLE else 0.0)
    link = Link(path=path, distance_m=distance_m, loss_db=loss)
    causes: Counter[str] = Counter()
    for k in range(MESSAGES):
        got = channel.receive(("a", "BSM", k), 1000, grant(payload), "b", {"a": link}, {}, subframes)
        assert (got.time_ns is None) == bool(got.cause) and got.path == path
        causes[got.cause] += 1
    return Counter({cause: count / MESSAGES for cause, count in causes.items()})


def test_losses_grow_with_distance_and_end_at_the_range() -> None:
    far = [received(d, NLOS_BUILDING)[FADING] for d in (60.0, 180.0, 280.0, 400.0)]
    assert far[0] < 0.01 and far == sorted(far) and far[-1] > 0.6
    assert received(499.0)[""] > 0.98
    assert received(501.0) == {RANGE: 1.0}


def test_fading_is_the_curve_at_the_link_s_ratio() -> None:
    """At 250 m behind buildings: 23 + 6 dBm, less the loss, over the noise of the message's blocks."""
    blocks = grant(60).blocks
    snr = 29.0 - median_loss_db(NLOS_BUILDING, 250.0) - noise_dbm(blocks)
    expected = block_error(snr)
    assert 0.1 < expected < 0.6
    assert received(250.0, NLOS_BUILDING)[FADING] == pytest.approx(expected, abs=0.05)


def test_larger_messages_reach_less_far() -> None:
    assert grant(60).subchannels == 2 and grant(900).subchannels == 8
    assert grant(3000).subframes == 3
    small, large = (received(230.0, NLOS_BUILDING, payload=size)[""] for size in (60, 900))
    assert large < small - 0.2


def test_the_collision_model_keeps_to_its_equations() -> None:
    """An empty pool has all resources; a full one the 20 per cent that stay eligible."""
    assert assignable(500.0, 0.0) == 500.0
    assert assignable(500.0, 10_000.0) == 100.0
    # Ne = 50 + sum over i = 1..50 of (1 - i / 450) = 50 + 50 - 2.833
    assert assignable(500.0, 100.0) == pytest.approx(500.0 - 97.1667, abs=1e-3)
    assert same_resource(500.0, 0.0) == pytest.approx(1.0 / 5000.0)
    assert collision(500.0, 100.0, 0.0) == 0.0
    assert collision(500.0, 100.0, 1.0) == pytest.approx(1.0 - (1.0 - 1.0 / 4028.33) ** 100, rel=1e-4)
    assert half_duplex(2.0) == 0.02


def test_congestion_and_own_sending_hurt() -> None:
    """Behind a vehicle, where there is little to spare."""
    empty, busy, full = (
        received(250.0, NLOS_VEHICLE, background_senders=n)[CONGESTION] for n in (0, 150, 600)
    )
    assert empty == 0.0 < busy < full
    assert full > 0.05
    assert received(50.0, subframes=10.0)[HALF_DUPLEX] == pytest.approx(0.1, abs=0.03)


def test_latency_is_log_normal_about_its_median() -> None:
    channel = Channel(6, ChannelPlan(cloud_loss=0.25))
    link = Link(path=LOS, distance_m=20.0, loss_db=60.0)
    late = []
    for k in range(MESSAGES):
        got = channel.receive(("a", "BSM", k), 10**9, grant(60), "b", {"a": link}, {}, 0.0)
        if got.time_ns is not None:
            late.append((got.time_ns - 10**9) * 1e-6)
    logs = np.log(late)
    assert np.median(late) == pytest.approx(12.0, rel=0.05)
    assert logs.std() == pytest.approx(0.35, rel=0.1)
    assert abs(((logs - logs.mean()) ** 3).mean() / logs.std() ** 3) < 0.35
    cloud = [channel.upload(("a", "BSM", k), 10**9) for k in range(MESSAGES)]
    assert np.mean([c.time_ns is None for c in cloud]) == pytest.approx(0.25, abs=0.05)
    there = [(c.time_ns - 10**9) * 1e-6 for c in cloud if c.time_ns is not None]
    assert np.median(there) == pytest.approx(40.0, rel=0.06)


def test_access_takes_up_to_twenty_subframes_and_stays_for_a_reservation() -> None:
    channel = Channel(6, ChannelPlan())
    waits = [channel.access_ns("a", "BSM", k) for k in range(400)]
    assert min(waits) >= 1_000_000 and max(waits) <= 20_000_000
    assert len(set(waits[:10])) == 1 and len(set(waits)) == 40


def test_fate_depends_on_the_message_and_the_receiver_alone() -> None:
    """Another agent in the neighbourhood that sends nothing changes nothing."""
    channel = Channel(6, ChannelPlan())
    weak = Link(path=NLOS_BUILDING, distance_m=250.0, loss_db=median_loss_db(NLOS_BUILDING, 250.0))
    near = Link(path=LOS, distance_m=20.0, loss_db=60.0)
    for k in range(100):
        key = ("a", "BSM", k)
        one = channel.receive(key, 5, grant(60), "b", {"a": weak}, {}, 0.0)
        assert one == channel.receive(key, 5, grant(60), "b", {"a": weak, "c": near}, {"c": 0.0}, 0.0)
