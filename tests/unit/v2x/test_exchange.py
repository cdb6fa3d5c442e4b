"""The whole exchange on a small street: rates, order, causality, independence, sameness."""

import hashlib
import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from drivegen.capture.frame import EGO, Frame
from drivegen.core.agents import AgentErrors, Clock, Localisation, Sky
from drivegen.core.cooperation import CLOUD, MessageKind, SentMessage
from drivegen.core.errors import PlanError
from drivegen.core.rng import derive_rng
from drivegen.core.v2x_plan import ChannelPlan, DetectorPlan, V2xPlan
from drivegen.opendrive.model import RoadNetwork
from drivegen.v2x.codec import decoded_fields
from drivegen.v2x.exchange import Exchanger
from drivegen_generators.roads.beijing_junction import BeijingJunction
from tests.unit.v2x.street import FIRST_NS, Actor, Mover, crowd, ego, frames, plan, roadside, vehicle

SECONDS = 2
COUNT = 20 * SECONDS + 1
WRONG = AgentErrors(
    clock=Clock(offset_ns=4_000_000, drift_ppm=30.0, jitter_ns=50_000),
    localisation=Localisation(sky=Sky.CANYON),
)


@pytest.fixture(scope="module")
def junction() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(7, "map"), "yizhuang")


def everybody(network: RoadNetwork) -> list[Actor]:
    at = sorted(network.junction_by_id)[0]
    return [
        ego(WRONG),
        vehicle(1, WRONG),
        vehicle(2, WRONG, x_m=20.0),
        replace(roadside(1), junction_id=at),
        replace(roadside(2, x_m=30.0), junction_id=at),
    ]


def run(
    network: RoadNetwork,
    actors: list[Actor],
    movers: list[Mover],
    v2x: V2xPlan | None = None,
    count: int = COUNT,
    paths: dict[tuple[str, str], str] | None = None,
) -> list[Frame]:
    signals = {s.id: "red" for road in network.roads for s in road.signals}
    exchanger = Exchanger(plan(actors, v2x), network)
    left = dict.fromkeys(signals, 12.0)
    return [exchanger.step(f, paths, left) for f in frames(actors, movers, count, signals=signals)]


@pytest.fixture(scope="module")
def talk(junction: RoadNetwork) -> list[Frame]:
    return run(junction, everybody(junction), crowd(9), V2xPlan())


def messages(found: list[Frame]) -> list[SentMessage]:
    return [m for f in found for m in (f.exchange.messages if f.exchange is not None else ())]


def digest(found: list[Frame], agent: str | None = None) -> str:
    """Of all that was said, or of one agent's part in it but for its receivers and numbers."""
    out = hashlib.sha256()
    for frame in found:
        assert frame.exchange is not None
        for name, some in frame.exchange.detections.items():
            for d in some if agent in (None, name) else ():
                out.update(
                    f"{name} {d.detection_id} {d.track_id} {d.box.pose.position_m} {d.stamp_ns}".encode()
                )
        for m in frame.exchange.messages:
            if agent is None:
                out.update(repr((m.number, m.receptions)).encode())
            if agent in (None, m.sender):
                out.update(repr((m.sender, m.kind, m.made_ns, m.sent_ns)).encode() + m.payload)
        if agent is None and frame.exchange.cloud is not None:
            for o in frame.exchange.cloud.objects:
                out.update(
                    f"{o.cloud_id} {o.track_id} {o.box.pose.position_m} {o.sources} {o.age_ns}".encode()
                )
            out.update(repr(frame.exchange.cloud.lanes).encode())
    return out.hexdigest()


def test_nobody_wrong_and_nobody_talking_costs_nothing(junction: RoadNetwork) -> None:
    exchanger = Exchanger(plan([ego()]), junction)
    frame = next(iter(frames([ego()], crowd(3), 1)))
    assert exchanger.idle and exchanger.step(frame) is frame


def test_a_unit_at_no_junction_of_the_map_is_refused(junction: RoadNetwork) -> None:
    with pytest.raises(PlanError, match=r"roadside_1 stands at junction 77, which the map street has not"):
        Exchanger(plan([ego(), replace(roadside(1), junction_id=77)]), junction)


def test_agents_with_errors_have_beliefs_without_talking(junction: RoadNetwork) -> None:
    actors = [ego(WRONG), roadside(1)]
    (frame,) = run(junction, actors, [], count=1)
    assert frame.exchange is None
    believed, true = frame.agents[EGO].belief, frame.agents[EGO].map_agent
    assert believed is not None and believed.position_sigma_m > 0.0
    assert np.linalg.norm(believed.map_agent.position_m - true.position_m) > 0.01
    assert abs(believed.stamp_ns - FIRST_NS - 4_000_000) < 300_000
    assert abs(believed.channel_stamps_ns["LIDAR_TOP"] - FIRST_NS - 4_000_000) < 300_000
    unit = frame.agents["roadside_1"]
    assert unit.belief is not None and unit.belief.stamp_ns == FIRST_NS
    assert unit.belief.map_agent.position_m == pytest.approx(unit.map_agent.position_m)


def test_rates_are_those_planned(talk: list[Frame]) -> None:
    turns = Counter((m.sender, m.kind, m.made_ns) for m in messages(talk))
    count = Counter((sender, kind) for sender, kind, _ in turns)
    vehicles, units = (EGO, "vehicle_1", "vehicle_2"), ("roadside_1", "roadside_2")
    for name in vehicles:
        assert abs(count[name, MessageKind.BSM] - 10 * SECONDS) <= 1
        assert 10 * SECONDS - 3 <= count[name, MessageKind.SSM] <= 10 * SECONDS + 1
    for name in units:
        assert abs(count[name, MessageKind.SPAT] - 10 * SECONDS) <= 1
        assert 10 * SECONDS - 3 <= count[name, MessageKind.RSM] <= 10 * SECONDS + 1
        assert count[name, MessageKind.MAP] == SECONDS
    assert not any(count[name, kind] for name in units for kind in (MessageKind.BSM, MessageKind.SSM))
    for key in count:
        made = sorted({m.made_ns for m in messages(talk) if (m.sender, m.kind) == key})
        if key[1] is MessageKind.BSM:
            assert set(np.diff(made)) == {100_000_000}
    assert len({m.made_ns % 100_000_000 for m in messages(talk) if m.kind is MessageKind.BSM}) == 3


def test_numbers_times_and_receivers_are_in_order(talk: list[Frame]) -> None:
    every = messages(talk)
    assert [m.number for m in every] == list(range(len(every)))
    order = [(m.made_ns, m.sender) for m in every]
    assert order == sorted(order)
    names = sorted([*talk[0].agents, CLOUD])
    for before, frame in itertools.pairwise(talk):
        assert frame.exchange is not None
        for m in frame.exchange.messages:
            assert before.time_ns < m.made_ns <= frame.time_ns
    for m in every:
        assert m.made_ns <= m.sent_ns
        assert [r.receiver for r in m.receptions] == [n for n in names if n != m.sender]
        for r in m.receptions:
            assert (r.time_ns is None) == bool(r.cause)
            assert r.time_ns is None or r.time_ns >= m.sent_ns
        assert m.decoded == decoded_fields(m.payload)


def test_counts_go_up_by_one_for_each_sender_and_kind(talk: list[Frame]) -> None:
    seen: dict[tuple[str, str], list[int]] = {}
    for m in messages(talk):
        (body,) = m.decoded.values()
        seen.setdefault((m.sender, m.kind), []).append(body.get("value", body)["msgCnt"])
    assert all(counts == [k % 128 for k in range(len(counts))] for counts in seen.values())
    assert any(kind == MessageKind.RSM for _, kind in seen)


def test_nothing_is_detected_that_left_no_evidence(talk: list[Frame], junction: RoadNetwork) -> None:
    hidden = [replace(m, hidden=True) for m in crowd(9)]
    actors = [ego(), roadside(1)]
    found = run(junction, actors, hidden, V2xPlan(detector=DetectorPlan(false_alarms=0.0)), count=41)
    for frame in found:
        assert frame.exchange is not None
        for name, some in frame.exchange.detections.items():
            assert {d.track_id for d in some} <= {100} - {frame.agents[name].track_id}
    perceiving = [f.exchange.detections for f in talk if f.exchange is not None]
    # Sensors deliver in every other frame.
    assert all(bool(d) == (k % 2 == 0) for k, d in enumerate(perceiving))


def test_detections_are_as_wrong_as_their_agents(talk: list[Frame]) -> None:
    off: dict[str, list[float]] = {}
    for frame in talk:
        assert frame.exchange is not None
        true = {o.track_id: o.box.pose.position_m for o in frame.objects}
        for name, some in frame.exchange.detections.items():
            off.setdefault(name, []).extend(
                float(np.linalg.norm((d.box.pose.position_m - true[d.track_id])[:2]))
                for d in some
                if d.track_id in true
            )
    surveyed, lost = np.median(off["roadside_1"]), np.median(off["vehicle_1"])
    assert lost > 1.5 * surveyed > 0.1


def test_no_detection_is_told_before_it_is_ready(talk: list[Frame]) -> None:
    """A unit's clock is exact: its participants' stamps lie at least the latency before the message."""
    told = 0
    for m in messages(talk):
        if m.kind is MessageKind.RSM:
            for participant in m.decoded["rsmFrame"]["participants"]:
                age_ms = (m.made_ns // 1_000_000 - participant["secMark"]) % 60_000
                assert 60 <= age_ms <= 60 + 160
                told += 1
    assert told > 200


def test_messages_carry_their_sender_s_clock(talk: list[Frame]) -> None:
    """Vehicles' clocks are 4 ms ahead and shake by 0.05 ms, units' are exact; stamps are whole ms."""
    for m in messages(talk):
        if m.kind is MessageKind.BSM:
            ahead_ms = m.decoded["bsmFrame"]["secMark"] - m.made_ns / 1e6 % 60_000
            assert 2.7 < ahead_ms < 4.3
        if m.kind is MessageKind.SPAT:
            assert m.decoded["spatFrame"]["timeStamp"] == m.made_ns // 1_000_000 % 60_000


def test_the_picture_is_never_older_than_its_data_nor_newer(talk: list[Frame]) -> None:
    pictures = [f.exchange.cloud for f in talk if f.exchange is not None and f.exchange.cloud is not None]
    assert [p.time_ns for p in pictures] == [FIRST_NS + 100_000_000 * k for k in range(10 * SECONDS + 1)]
    assert not pictures[0].objects
    for picture in pictures:
        for o in picture.objects:
            # What is in it was on its way for a while.
            assert 20_000_000 < o.age_ns <= 1_000_000_000 + 10_000_000
    last = pictures[-1]
    assert len(last.objects) >= 8 and last.signals and set(last.signals.values()) == {"red"}
    assert any(len(o.sources) > 1 for o in last.objects)
    assert any(set(o.sources) & {EGO, "vehicle_1"} for o in last.objects)
    ids = [{o.track_id: o.cloud_id for o in p.objects if o.track_id} for p in pictures]
    kept = [a[t] == b[t] for a, b in itertools.pairwise(ids[5:]) for t in a.keys() & b.keys()]
    assert np.mean(kept) > 0.97


def test_equal_plans_give_equal_bytes(talk: list[Frame], junction: RoadNetwork) -> None:
    again = run(junction, everybody(junction), crowd(9), V2xPlan())
    assert digest(again) == digest(talk)


def test_other_agents_do_not_change_what_one_believes_sees_and_says(
    talk: list[Frame], junction: RoadNetwork
) -> None:
    """Without one vehicle that nobody sees, all that the others detect and send is the same."""
    actors = everybody(junction)
    unseen = vehicle(3, WRONG, x_m=-3000.0)
    more = run(junction, [*actors, unseen], crowd(9), V2xPlan())
    for name in (EGO, "vehicle_1", "roadside_1", "roadside_2"):
        assert digest(more, name) == digest(talk, name)
    for one, other in zip(talk, more, strict=True):
        believed = [f.agents[EGO].belief for f in (one, other)]
        assert believed[0] is not None and believed[1] is not None
        assert believed[0].stamp_ns == believed[1].stamp_ns
        assert np.array_equal(believed[0].map_agent.position_m, believed[1].map_agent.position_m)


def test_range_buildings_and_congestion_lose_messages(junction: RoadNetwork) -> None:
    far = replace(vehicle(1, x_m=-30.0 - 700.0))
    actors = [ego(), far, roadside(1)]
    found = run(junction, actors, [], V2xPlan(), count=21)
    causes = Counter(
        r.cause for m in messages(found) for r in m.receptions if {m.sender, r.receiver} == {EGO, "vehicle_1"}
    )
    assert set(causes) == {"range"}

    def lost(path: str, background: int = 0, x_m: float = 220.0) -> Counter[str]:
        channel = ChannelPlan(background_senders=background)
        pair = [ego(x_m=-60.0), vehicle(1, x_m=x_m)]
        paths = {(EGO, "vehicle_1"): path, ("vehicle_1", EGO): path}
        got = run(junction, pair, [], V2xPlan(channel=channel), count=61, paths=paths)
        return Counter(r.cause for m in messages(got) for r in m.receptions if r.receiver != CLOUD)

    clear, behind = lost("los"), lost("nlos_building")
    assert clear["fading"] <= 2 and behind["fading"] > 0.2 * behind.total()
    assert lost("los", 800)["congestion"] > 5 > clear["congestion"]


def test_without_a_cloud_there_is_none(junction: RoadNetwork) -> None:
    found = run(junction, [ego(), vehicle(1)], crowd(3), V2xPlan(cloud=False), count=11)
    assert all(f.exchange is not None and f.exchange.cloud is None for f in found)
    assert not any(r.receiver == CLOUD for m in messages(found) for r in m.receptions)


def test_many_objects_are_split_over_messages(junction: RoadNetwork) -> None:
    at = sorted(junction.junction_by_id)[0]
    found = run(junction, [ego(), replace(roadside(1), junction_id=at)], crowd(40), V2xPlan(), count=21)
    parts = Counter(m.made_ns for m in messages(found) if m.kind is MessageKind.RSM)
    assert max(parts.values()) >= 2
    for m in messages(found):
        if m.kind is MessageKind.RSM:
            assert 1 <= len(m.decoded["rsmFrame"]["participants"]) <= 16
    together = [m for m in messages(found) if m.kind is MessageKind.RSM and parts[m.made_ns] > 1]
    assert len({m.sent_ns for m in together}) == len(together)
