"""Riders in bicycle lanes: e-bikes, bicycles, cargo tricycles, deliveries, and e-bikes the wrong way.

Speeds: electric bicycles 17.1 km/h and bicycles 13.5 km/h on average, as measured in Hangzhou (Speed
distribution for pure and mixed bicycle traffic, Advances in Mechanical Engineering 2015,
doi 10.1177/1687814015616918); spreads, tricycles and deliveries are this project's own choice. None rides
faster than 25 km/h, the design speed of electric bicycles in GB 17761-2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from drivegen.core.plans import Drive
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.draws import Spread, choose
from drivegen_generators.vehicles.fleet import RIDDEN, Choice
from drivegen_generators.vehicles.models import COURIERS, MODELS, PAINT
from drivegen_generators.vehicles.places import Places, bicycle_places
from drivegen_generators.vehicles.strips import Strips, route_points
from drivegen_generators.vehicles.styles import Behaviour

SPEED_KMH: dict[str, Spread] = {
    "ebike": Spread(mean=17.1, deviation=3.5, least=9.0, most=25.0),
    "bicycle": Spread(mean=13.5, deviation=3.0, least=7.0, most=22.0),
    "etricycle": Spread(mean=15.0, deviation=3.0, least=8.0, most=24.0),
    "delivery": Spread(mean=21.0, deviation=2.5, least=14.0, most=25.0),
}

MIX: dict[str, float] = {"ebike": 0.58, "bicycle": 0.30, "etricycle": 0.12}
"""Of riders that are added to those of the mix of traffic; a choice."""

_GAP_AHEAD_M = 1.2
_GAP_ASIDE_M = 0.3
_FREE_M = 0.15
"""Kept to the edges of the lane."""
_APART_M = 2.0
"""Between the points of a route, at least: in bends of 6 m this cuts 8 cm."""
_BEYOND_M = 20.0
_FARTHEST_M = 1.2
"""From the middle of wide lanes."""
_INSET_M = 0.5
_COURIERS = 4
"""Members that deliver in one scene: each is a mesh."""
_MISSES = 12
"""After so many in a row that found no place the lanes are full."""
_MOST_STRIPS = 60
_FEW_PLACES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """What riders of a scene do."""

    lasts_s: float
    """Routes are long enough for so many seconds."""
    wrong_way: float
    """Share of e-bikes that ride against the traffic."""
    delivery: float
    """Share of e-bikes that deliver."""
    ends: frozenset[int] = frozenset()
    """Bicycle lanes at whose end riders leave the map."""
    ends_against: frozenset[int] = frozenset()
    """Bicycle lanes at whose beginning those who ride against the traffic leave it."""


def rider_choice(name: str) -> Choice:
    """A rider of `MIX`."""
    kind = RIDDEN[name]
    model = next(m for m in MODELS[kind] if m.blueprint.rpartition(".")[2] == name)
    return Choice(kind=kind, model=model, paints=model.paints or PAINT[kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traits:
    """What a rider is like, before it has a place."""

    roles: tuple[str, ...]
    variant: int | None
    against: bool
    across: float
    """Where between the edges of the lane, -1 to 1."""
    speed_mps: float
    following_m: float


class Riders:
    """Puts riders into the bicycle lanes of one scene."""

    def __init__(self, draft: Draft, ride: Ride) -> None:
        self._draft = draft
        self._ride = ride
        self._places = _known_places(draft.strips.network)
        self._order: list[int] | None = None
        self._couriers: list[int] = []
        self._misses = 0

    @property
    def possible(self) -> bool:
        """Whether the road has bicycle lanes."""
        return len(self._places.strip) > 0

    def add_more(self, count: int, mix: dict[str, float]) -> None:
        """Up to so many beside those of the mix of traffic."""
        if not self.possible:
            self._draft.ask("rider", count, beside=True)
            return
        for _ in range(count):
            self.add(rider_choice(choose(self._draft.rng, list(mix.items()))), beside=True)

    def add(self, choice: Choice, *, beside: bool = False) -> bool:
        """One rider at the first place with room for it; says whether there was any.

        `beside`: those that the traffic counts.
        """
        if not self.possible:
            return False
        if self._order is None:
            self._order = self._places.near(self._draft.rng, self._draft.ego_xy_m, self._draft.reach_m)
        if self._misses >= _MISSES:
            self._draft.ask("rider", 1, beside=beside)
            return False
        traits = self._traits(choice, beside)
        for k, place in enumerate(self._order[:_FEW_PLACES]):
            strip, along = int(self._places.strip[place]), float(self._places.along_m[place])
            if self._put(choice, traits, strip, along, 0.0):
                del self._order[k]
                self._misses = 0
                return True
        self._misses += 1
        return False

    def enter(self, choice: Choice, enters_s: float, at_start: int | None, at_end: int | None) -> bool:
        """One rider who comes in later.

        Args:
            choice: What it is.
            enters_s: When.
            at_start: Bicycle lane that it begins in.
            at_end: Bicycle lane at whose end it begins if it rides against the traffic.
        """
        traits = self._traits(choice, False)
        strip = at_end if traits.against else at_start
        if strip is None:
            return False
        length = self._draft.strips.strips[strip].length_m
        inset = 0.5 * choice.model.length_m + _INSET_M
        return self._put(choice, traits, strip, length - inset if traits.against else inset, enters_s)

    def _traits(self, choice: Choice, beside: bool) -> _Traits:
        draft, rng = self._draft, self._draft.rng
        draft.ask("rider", 1, beside=beside)
        name = choice.model.blueprint.rpartition(".")[2]
        roles, variant, pace, against = ["rider"], None, name, False
        if name == "ebike":
            if rng.random() < self._ride.delivery:
                self._couriers = self._couriers or rng.choice(COURIERS, _COURIERS, replace=False).tolist()
                variant = self._couriers[int(rng.random() * len(self._couriers))]
                pace = "delivery"
                roles.append("delivery")
            against = bool(rng.random() < self._ride.wrong_way)
            if against:
                roles.append("wrong_way")
        for role in roles[1:]:
            draft.ask(role, 1)
        return _Traits(
            roles=tuple(roles),
            variant=variant,
            against=against,
            across=float(rng.uniform(-1.0, 1.0)),
            speed_mps=SPEED_KMH[pace].draw(rng) / 3.6,
            following_m=round(float(rng.uniform(0.8, 2.0)), 2),
        )

    def _put(self, choice: Choice, traits: _Traits, strip: int, along_m: float, enters_s: float) -> bool:
        draft, model = self._draft, choice.model
        piece = draft.strips.strips[strip]
        free = 0.5 * (piece.width_at(along_m) - model.width_m)
        if free < 0.0:
            return False
        left = _left_m(traits, free)
        pose = draft.strips.pose(strip, along_m, left, turned=traits.against)
        room = enters_s > 0.0 or draft.takes(pose, model.length_m, model.width_m, _GAP_AHEAD_M, _GAP_ASIDE_M)
        if not room:
            return False
        route, leaves = self._route(traits, strip, along_m, model.width_m)
        draft.add(
            choice,
            pose,
            Behaviour(
                speed_difference_percent=0.0,
                following_distance_m=traits.following_m,
                lane_changes=False,
            ),
            drive=Drive.RIDER,
            roles=traits.roles,
            route=route,
            enters_s=enters_s,
            leaves=leaves,
            cruise_mps=round(traits.speed_mps, 3),
            variant=traits.variant,
        )
        return True

    def _route(
        self, traits: _Traits, strip: int, along_m: float, width_m: float
    ) -> tuple[tuple[tuple[float, float, float], ...], bool]:
        """Along bicycle lanes, over junctions as their lanes lead; and whether the lanes end before."""
        strips, rng = self._draft.strips, self._draft.rng
        chain = [strip]
        piece = strips.strips[strip]
        left = traits.speed_mps * self._ride.lasts_s + _BEYOND_M
        left -= along_m if traits.against else piece.length_m - along_m
        ends = self._ride.ends_against if traits.against else self._ride.ends
        while left > 0.0 and len(chain) < _MOST_STRIPS and chain[-1] not in ends:
            options = (strips.before if traits.against else strips.after)[chain[-1]]
            if not options:
                break
            chain.append(options[int(rng.random() * len(options))])
            left -= strips.strips[chain[-1]].length_m
        pieces = [strips.strips[i] for i in chain]
        beside = [_left_m(traits, 0.5 * (min(p.widths_m[0], p.widths_m[-1]) - width_m)) for p in pieces]
        if traits.against:
            first = max(-left, 0.0)
            found = route_points(pieces[::-1], first, along_m, _APART_M, beside[::-1], with_start=True)
            return found[-2::-1], left > 0.0
        last = piece.length_m if len(pieces) == 1 else pieces[-1].length_m
        return route_points(pieces, along_m, last + min(left, 0.0), _APART_M, beside), left > 0.0


def _left_m(traits: _Traits, free_m: float) -> float:
    """How far left of the lane's middle, as the lane's traffic sees it, with so much room to either side.

    Those in their direction keep to the kerb mostly, those against it to the other side. By decimetres, so
    that riders share the points of routes.
    """
    free = min(max(free_m - _FREE_M, 0.0), _FARTHEST_M)
    left = free * (0.7 - 0.3 * traits.across if traits.against else 0.6 * traits.across - 0.25)
    return round(left, 1)


def _known_places(network: RoadNetwork) -> Places:
    found = _KEPT.get(network)
    if found is None:
        found = _KEPT[network] = bicycle_places(Strips.of(network))
    return found


_KEPT: WeakKeyDictionary[RoadNetwork, Places] = WeakKeyDictionary()
