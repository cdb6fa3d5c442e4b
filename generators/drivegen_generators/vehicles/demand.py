"""Traffic by demand: vehicles come in at the ends of a map, turn by ratios, and leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from drivegen.core.plans import TrafficDraw
from drivegen.opendrive.lane_graph import Turn
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.applications import ZONE
from drivegen_generators.vehicles.company import Company, on_call
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.fleet import Fleet
from drivegen_generators.vehicles.flows import HOURLY, arrivals_s, factor
from drivegen_generators.vehicles.inflows import Inflow, LaneFlow, by_name, make_inflow
from drivegen_generators.vehicles.journeys import Journey, beside, settle, travel
from drivegen_generators.vehicles.links import Entry
from drivegen_generators.vehicles.places import start_places
from drivegen_generators.vehicles.riders import Riders
from drivegen_generators.vehicles.staged import run_red
from drivegen_generators.vehicles.strips import route_points
from drivegen_generators.vehicles.styles import SHARES
from drivegen_generators.vehicles.traffic import check_count
from drivegen_generators.vehicles.ways import TURNS, Ways

_TURNS = tuple(t.value for t in Turn)
_APART_M = 5.0
_SPACING_M = 8.0
_AROUND = 3.0
"""Ways are looked for so many radii far."""
_RIDER_MPS = 4.4
_MOST_RIDERS = 2500.0
"""An hour and entry: about what a bicycle lane holds, a choice."""
_INSET_M = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """Where and when one vehicle comes in."""

    at_s: float
    inflow: Inflow
    lane: LaneFlow


class Demand:
    """Draws an ego start, and vehicles as flows and turning ratios bring them about.

    Vehicles that came in before the scene are where their journey has brought them: so there are as many as
    flow times travel time (Little 1961, A proof for the queuing formula L = λW, Operations Research 9).
    Others come in while it lasts. Options that are not here are those of `Traffic`.

    Args:
        flow_per_lane: Vehicles an hour and lane at an entry in the busiest hour.
        flows: Vehicles an hour of whole entries in the busiest hour, by the name of the road or its first
            words, instead of `flow_per_lane`.
        profile: 24 shares of the flow of the busiest hour, from 0 to 1 o'clock on.
        turns: Ratios of left, through, right and u-turn.
        turns_by_entry: Other ratios at an entry, for the first crossing.
        light_delay_s: Mean time that a vehicle waits at a light, for where it is as the scene begins.
        radius_m: On a larger map only what lies so near to the ego has traffic.
        mix: Share of each kind of vehicle and application; the demonstration zone's when absent.
    """

    def __init__(
        self,
        *,
        flow_per_lane: float = 350.0,
        flows: Mapping[str, float] | None = None,
        profile: Sequence[float] | None = None,
        turns: Mapping[str, float] | None = None,
        turns_by_entry: Mapping[str, Mapping[str, float]] | None = None,
        light_delay_s: float = 18.0,
        radius_m: float = 300.0,
        mix: Mapping[str, float] | None = None,
        reach_m: float = 70.0,
        two_wheeler_difference_percent: float = 55.0,
        variants_per_family: int = 12,
        styles: Mapping[str, object] | None = None,
        **company: object,
    ) -> None:
        self._flow = checks.number("flow_per_lane", flow_per_lane, 0.0, 1e5)
        given = {} if flows is None else flows
        self._flows = {
            name: checks.number(f"flows.{name}", given[name], 0.0, 1e6)
            for name in checks.mapping("flows", given, tuple(given))
        }
        self._profile = _profile(HOURLY if profile is None else profile)
        self._turns = checks.shares("turns", TURNS if turns is None else turns, _TURNS)
        own = {} if turns_by_entry is None else turns_by_entry
        self._turns_by_entry = {
            name: checks.shares(f"turns_by_entry.{name}", own[name], _TURNS)
            for name in checks.mapping("turns_by_entry", own, tuple(own))
        }
        self._delay_s = checks.number("light_delay_s", light_delay_s, 0.0, 300.0)
        self._radius_m = checks.number("radius_m", radius_m, 50.0, 1e5)
        self._reach_m = checks.number("reach_m", reach_m, 1.0, 1e5)
        self._fleet = Fleet(
            mix=ZONE if mix is None else mix,
            speed_difference_percent=(12.0, 10.0),
            two_wheeler_difference_percent=two_wheeler_difference_percent,
            following_distance_m=(2.0, 5.0),
            lane_change_share=0.0,
            variants_per_family=variants_per_family,
            styles=SHARES if styles is None else styles,
        )
        self._company = Company.read(company)
        self._inflows: WeakKeyDictionary[RoadNetwork, dict[tuple[int, bool], Inflow]] = WeakKeyDictionary()

    def plan(
        self,
        rng: np.random.Generator,
        network: RoadNetwork,
        count: int,
        *,
        hour: float = 12.0,
        ego_length_m: float = 5.4,
    ) -> TrafficDraw:
        """The ego's start, the vehicles around it, and those that come in later.

        Args:
            rng: To draw from.
            network: The road.
            count: Of vehicles at once at most, without parked ones and riders that are added to the mix.
            hour: Local time of the day.
            ego_length_m: Left free at the ego's start.

        Raises:
            MapError: The network has no place where the ego could start.
            ConfigError: `count` is negative, or an option names an entry that the map does not have.
        """
        check_count(count)
        places, for_ego = start_places(network, _SPACING_M)
        ways = Ways.of(network)
        flows = by_name("flows", self._flows, ways.links.entries)
        own = by_name("turns_by_entry", self._turns_by_entry, ways.links.entries)
        ego = int(rng.choice(for_ego))
        draft = Draft(
            rng,
            places.strips,
            self._fleet,
            ego=(int(places.strip[ego]), float(places.along_m[ego])),
            ego_length_m=ego_length_m,
            reach_m=self._reach_m,
        )
        order = [i for i in places.near(rng, places.xy_m[ego], self._reach_m) if i != ego]
        self._company.begin(draft, count, places, order, ratios=self._turns, leaving=True)
        within = ways.links.near(draft.ego.x_m, draft.ego.y_m, self._radius_m)
        share = factor(self._profile, hour)
        scene = _Scene(draft, ways, self._company, self._turns, _AROUND * self._radius_m, within)
        for inflow, part in self._entries(ways, within, own):
            lanes = len(inflow.entry.strips)
            per_hour = share * part * _number(flows.get(inflow.entry.link, self._flow * lanes))
            draft.requested[f"flow {inflow.entry.name} (vehicles/h)"] = round(per_hour, 1)
            scene.come(inflow, per_hour, self._delay_s)
        scene.fill(count, self._delay_s)
        self._company.end(draft, scene.riders)
        # Who comes in by flows cannot be staged: it is asked for, and does not come.
        run_red(draft, self._company.staged, None)
        draft.ask_all(scene.wanted)
        return draft.draw()

    def _entries(
        self, ways: Ways, within: frozenset[int], own: Mapping[int, object]
    ) -> list[tuple[Inflow, float]]:
        """Inflows of a scene and the part of their flow that comes from outside."""
        out: list[tuple[Inflow, float]] = []
        for entry in ways.links.entries:
            if entry.link in within:
                out.append((self._inflow(ways, entry, own, inner=False), 1.0))
        for link in sorted(within):
            feeders = ways.links.feeders(link)
            outside = len(feeders - within)
            if outside and ways.links.links[link].entry is None:
                entry = ways.links.inner_entry(link)
                out.append((self._inflow(ways, entry, own, inner=True), outside / len(feeders)))
        return out

    def _inflow(self, ways: Ways, entry: Entry, own: Mapping[int, object], *, inner: bool) -> Inflow:
        network = ways.strips.network
        known = self._inflows.setdefault(network, {})
        found = known.get((entry.link, inner))
        if found is None:
            ratios = own.get(entry.link)
            turns = {str(k): _number(v) for k, v in ratios.items()} if isinstance(ratios, Mapping) else None
            found = make_inflow(ways, entry, turns or self._turns, _AROUND * self._radius_m)
            known[entry.link, inner] = found
        return found


class _Scene:
    """Who comes into one scene."""

    def __init__(
        self,
        draft: Draft,
        ways: Ways,
        company: Company,
        ratios: Mapping[str, float],
        longest_m: float,
        within: frozenset[int],
    ) -> None:
        self._draft, self._ways, self._company = draft, ways, company
        self._ratios, self._longest_m, self._within = ratios, longest_m, within
        lanes = [ways.links.bicycle_lanes(link) for link in sorted(within)]
        ends = frozenset(end for _, end in lanes if end is not None)
        begins = frozenset(begin for begin, _ in lanes if begin is not None)
        self.riders = Riders(draft, company.ride(ends, begins))
        self._coming: list[_Coming] = []
        self._riding: list[tuple[float, Inflow]] = []
        self.wanted = draft.moving
        """Vehicles of the traffic that are asked for: those there at first, and those that come in."""

    def come(self, inflow: Inflow, per_hour: float, delay_s: float) -> None:
        """Draws when vehicles come in at an entry."""
        rng, fleet = self._draft.rng, self._draft.fleet
        ridden = fleet.rider_share if self.riders.possible else 0.0
        begin = -(inflow.drive_s + 2.0 * delay_s * inflow.lights)
        for lane in inflow.lanes:
            times = arrivals_s(rng, per_hour * (1.0 - ridden) * lane.share, begin, self._company.lasts_s)
            self._coming += [_Coming(at_s=at, inflow=inflow, lane=lane) for at in times]
        if ridden > 0.0:
            begin = -inflow.drive_m / _RIDER_MPS
            rate = min(per_hour * ridden, _MOST_RIDERS) / 3600.0
            times = sorted(
                rng.uniform(begin, self._company.lasts_s, rng.poisson(rate * (self._company.lasts_s - begin)))
            )
            self._riding += [(float(at), inflow) for at in times]

    def fill(self, count: int, delay_s: float) -> None:
        """Places those that are there at first, then lets others come in, `count` at once at most."""
        rng = self._draft.rng
        self._coming.sort(key=lambda c: c.at_s)
        there: list[Journey] = []
        later: list[Journey] = []
        for coming in self._coming:
            journey = self._travel(coming, delay_s)
            if journey is not None:
                (there if coming.at_s <= 0.0 else later).append(journey)
        riding = [r for r in self._riding if r[0] <= 0.0]
        self.wanted += len(there) + len(later) + len(self._riding)
        room = max(count - self._draft.moving, 0)
        # Whom the limit leaves out is drawn among all alike.
        total = len(there) + len(riding)
        kept = set(rng.permutation(total)[:room].tolist()) if total > room else set(range(total))
        gone = self._place([j for k, j in enumerate(there) if k in kept])
        for k in range(len(there), total):
            if k in kept:
                self.riders.add(self._draft.fleet.draw_rider(rng))
        steady = self._draft.moving - len(gone)
        self._let_in(later, gone, count - steady)

    def _travel(self, coming: _Coming, delay_s: float) -> Journey | None:
        rng, draft = self._draft.rng, self._draft
        emergency = self._company.emergency > 0.0 and rng.random() < self._company.emergency
        if emergency:
            choice, behaviour = on_call(draft)
        else:
            choice = draft.fleet.draw_driven(rng) if self.riders.possible else draft.fleet.draw(rng)
            behaviour = draft.fleet.behaviour(rng, choice.kind)
        found = travel(
            rng,
            self._ways,
            coming.lane,
            at_s=coming.at_s,
            ratios=self._ratios,
            longest_m=self._longest_m,
            within=self._within,
            light_delay_s=delay_s,
            choice=choice,
            behaviour=behaviour,
            emergency=emergency,
        )
        if found is not None and emergency:
            draft.ask("emergency", 1)
        return found

    def _place(self, journeys: Sequence[Journey]) -> list[float]:
        """Places those that came before, the first in each lane first; when each of them will have gone."""
        out: list[float] = []
        order = sorted(journeys, key=lambda j: (j.chain[j.place], -j.along_m))
        for journey in order:
            if journey.waits:
                self._draft.ask("queue", 1)
                journey = beside(self._draft.rng, self._ways, journey, self._ratios, self._longest_m)  # noqa: PLW2901
            found = settle(self._draft, self._ways, journey)
            if found is not None:
                self._add(journey, *found, 0.0)
                out.append(journey.gone_s)
        return out

    def _let_in(self, later: Sequence[Journey], gone: list[float], limit: int) -> None:
        """Those that come in, unless so many are there already."""
        rng, pieces = self._draft.rng, self._ways.strips.strips
        riding = [r for r in self._riding if r[0] > 0.0]
        moments: list[tuple[float, int, Journey | None]] = [(j.at_s, k, j) for k, j in enumerate(later)]
        moments += [(at, len(later) + k, None) for k, (at, _) in enumerate(riding)]
        there = list(gone)
        for at, k, journey in sorted(moments, key=lambda m: m[:2]):
            there = [t for t in there if t > at]
            if len(there) >= limit:
                continue
            enters = max(round(at, 2), 0.01)
            if journey is None:
                lanes = self._ways.links.bicycle_lanes(riding[k - len(later)][1].entry.link)
                if self.riders.enter(self._draft.fleet.draw_rider(rng), enters, *lanes):
                    there.append(self._company.lasts_s)
                continue
            along = min(0.5 * journey.choice.model.length_m + _INSET_M, pieces[journey.chain[0]].length_m)
            self._add(journey, 0, along, enters)
            there.append(journey.gone_s)

    def _add(self, journey: Journey, place: int, along_m: float, enters_s: float) -> None:
        strips = self._ways.strips
        chain = journey.chain[place:]
        last = self._ways.links.leaves_at_m(chain[-1])
        if len(chain) == 1:
            last = max(last, along_m)
        roles = (("emergency",) if journey.emergency else ()) + (("queue",) if journey.waits else ())
        self._draft.add(
            journey.choice,
            strips.pose(chain[0], along_m),
            journey.behaviour,
            place=(chain[0], along_m),
            roles=roles,
            route=route_points([strips.strips[s] for s in chain], along_m, last, _APART_M),
            enters_s=enters_s,
            leaves=journey.leaves,
            beacon=journey.emergency,
        )


def _profile(values: Sequence[float]) -> tuple[float, ...]:
    found = tuple(checks.number("profile", v, 0.0, 10.0) for v in values)
    if len(found) != 24:
        checks.number("profile: number of values", len(found), 24, 24)
    return found


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
