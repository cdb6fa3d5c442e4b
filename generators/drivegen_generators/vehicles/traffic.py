"""Traffic: which vehicles start where, in the mix of Beijing's streets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool

from drivegen.core.errors import ConfigError
from drivegen.core.plans import TrafficDraw
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.company import Company, on_call
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.fleet import Choice, Fleet, is_rider
from drivegen_generators.vehicles.models import BEIJING, KERB_KINDS
from drivegen_generators.vehicles.places import Places, start_places
from drivegen_generators.vehicles.riders import Riders
from drivegen_generators.vehicles.staged import run_red, set_stage
from drivegen_generators.vehicles.strips import route_points
from drivegen_generators.vehicles.ways import TURNS, Ways

MISSES = 12
"""After so many vehicles in a row that found no place the road is full."""
LONG_M = 13.0
"""Longer vehicles start on roads with several lanes a direction alone: their ends sweep over the pavements of
narrow streets' bends, where lamps and trees stand. They leave the map where a road ends: its turn-around is
made for a bus of 12 m."""
_WAY_OUT_M = 2000.0
_APART_M = 5.0


class Traffic:
    """Draws an ego start and the vehicles around it.

    Args:
        mix: Share of each kind of vehicle; need not sum to 1. Beijing's when absent.
        reach_m: Vehicles start the likelier the nearer to the ego; at this distance a third as likely.
        spacing_m: Between the places in a lane where a vehicle may start.
        speed_difference_percent: Mean and standard deviation below the speed limit.
        two_wheeler_difference_percent: Mean for two-wheelers, tricycles and unmanned vehicles; the deviation
            is the same.
        following_distance_m: Least and most.
        lane_change_share: Of drivers who change lanes.
        variants_per_family: Members of a family that a scene draws from: each is a mesh in the server's
            memory.
        styles: Shares of driving styles, which then replace the three options above for all but slow
            vehicles; see `drivegen_generators.vehicles.styles`.
        bicycle_lanes: Bicycles, e-bikes and tricycles ride in bicycle lanes where the road has any.
        company: Parked vehicles, queues, riders, violations, ...; see
            `drivegen_generators.vehicles.company`.
    """

    def __init__(
        self,
        *,
        mix: Mapping[str, float] | None = None,
        reach_m: float = 70.0,
        spacing_m: float = 8.0,
        speed_difference_percent: Sequence[float] = (12.0, 10.0),
        two_wheeler_difference_percent: float = 55.0,
        following_distance_m: Sequence[float] = (2.0, 5.0),
        lane_change_share: float = 0.6,
        variants_per_family: int = 12,
        styles: Mapping[str, object] | None = None,
        bicycle_lanes: bool = True,
        **company: object,
    ) -> None:
        self._fleet = Fleet(
            mix=BEIJING if mix is None else mix,
            speed_difference_percent=speed_difference_percent,
            two_wheeler_difference_percent=two_wheeler_difference_percent,
            following_distance_m=following_distance_m,
            lane_change_share=lane_change_share,
            variants_per_family=variants_per_family,
            styles=styles,
        )
        self._reach_m = checks.number("reach_m", reach_m, 1.0, 1e5)
        self._spacing_m = checks.number("spacing_m", spacing_m, 2.0, 200.0)
        self._bicycle_lanes = checks.flag("bicycle_lanes", bicycle_lanes)
        self._company = Company.read(company)

    def plan(
        self,
        rng: np.random.Generator,
        network: RoadNetwork,
        count: int,
        *,
        hour: float = 12.0,  # noqa: ARG002
        ego_length_m: float = 5.4,
    ) -> TrafficDraw:
        """The ego's start and up to `count` vehicles; fewer where the road has no more room.

        Args:
            rng: To draw from.
            network: The road.
            count: Of moving vehicles, without the riders that are added to the mix.
            hour: Local time of the day.
            ego_length_m: Left free at the ego's start.

        Raises:
            MapError: The network has no place where the ego could start.
            ConfigError: `count` is negative.
        """
        check_count(count)
        places, for_ego = start_places(network, self._spacing_m)
        ego = int(rng.choice(for_ego))
        spot, xy_m = (int(places.strip[ego]), float(places.along_m[ego])), places.xy_m[ego]
        stage, staged = None, self._company.staged
        if staged.red_light and (stage := set_stage(places.strips, rng, staged)) is not None:
            ego, spot = -1, stage.ego
            xy_m = np.array(places.strips.strips[spot[0]].at(spot[1])[:2])
        draft = Draft(
            rng,
            places.strips,
            self._fleet,
            ego=spot,
            ego_length_m=ego_length_m,
            reach_m=self._reach_m,
        )
        order = [i for i in places.near(rng, xy_m, self._reach_m) if i != ego]
        run_red(draft, staged, stage)
        riders = Riders(draft, self._company.ride())
        self._company.begin(draft, count, places, order)
        self._fill(draft, count - draft.moving, places, order, riders)
        self._company.end(draft, riders)
        draft.ask_all(count)
        return draft.draw()

    def _fill(self, draft: Draft, count: int, places: Places, order: list[int], riders: Riders) -> None:
        """Adds vehicles of the mix until there are so many, or the road is full."""
        rng = draft.rng
        called = self._company.called(draft, max(count, 0))
        room = _Room(draft, places, order)
        misses = 0
        for k in range(count):
            choice, behaviour = on_call(draft) if k < called else (self._fleet.draw(rng), None)
            rides = self._bicycle_lanes and riders.possible and is_rider(choice.model)
            if rides and riders.add(choice):
                misses = 0
                continue
            allowed = None
            if choice.kind in KERB_KINDS:
                allowed = places.outermost if rides else places.kerb
            if choice.model.length_m > LONG_M:
                allowed = places.several
            place = room.find(choice, allowed)
            if place is None:
                misses += 1
                if misses == MISSES:
                    break
                continue
            misses = 0
            spot = (int(places.strip[place]), float(places.along_m[place]))
            if behaviour is None:
                behaviour = self._fleet.behaviour(rng, choice.kind)
            emergency = k < called
            route: tuple[tuple[float, float, float], ...] = ()
            if choice.model.length_m > LONG_M:
                route = _way_out(draft, *spot)
            draft.add(
                choice,
                draft.strips.pose(*spot),
                behaviour,
                place=spot,
                roles=("emergency",) if emergency else (),
                route=route,
                leaves=bool(route),
                beacon=emergency,
            )


def _way_out(draft: Draft, strip: int, along_m: float) -> tuple[tuple[float, float, float], ...]:
    """A drawn way to where traffic leaves the map; nothing where it goes on for long."""
    ways = Ways.of(draft.strips.network)
    chain, leaves = ways.walk(draft.rng, strip, TURNS, _WAY_OUT_M)
    end_m = ways.links.leaves_at_m(chain[-1])
    if not leaves or (len(chain) == 1 and end_m <= along_m + _APART_M):
        return ()
    return route_points([draft.strips.strips[i] for i in chain], along_m, end_m, _APART_M)


class _Room:
    """Places in an order; those that are taken go."""

    def __init__(self, draft: Draft, places: Places, order: list[int]) -> None:
        self._draft, self._places, self._order = draft, places, order
        self._too_small: dict[int, tuple[float, float]] = {}
        """By place: length and width of what did not fit there."""

    def find(self, choice: Choice, allowed: Bool[np.ndarray, "n"] | None) -> int | None:
        """Takes the first place in the order where a model fits."""
        model, places = choice.model, self._places
        for k, place in enumerate(self._order):
            if allowed is not None and not allowed[place]:
                continue
            length, width = self._too_small.get(place, (math.inf, math.inf))
            if model.length_m >= length and model.width_m >= width:
                continue
            pose = self._draft.strips.pose(int(places.strip[place]), float(places.along_m[place]))
            if self._draft.takes(pose, model.length_m, model.width_m):
                del self._order[k]
                return place
            self._too_small[place] = (model.length_m, model.width_m)
        return None


def check_count(count: int) -> None:
    """Raises ConfigError for a negative number of vehicles."""
    if count < 0:
        raise ConfigError(f"traffic: {count} vehicles cannot be; take 0 or more")
