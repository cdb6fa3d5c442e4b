"""Two streets that cross at two levels, joined by a quarter link between two unsignalised junctions.

The first street runs from west to east through its junction and then over or under the other one; the second
runs from south to north, on the ground throughout. The link leads from the first street's junction to the
second's around the quarter between them, so that every end is reached from every other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivegen.opendrive.model import (
    ElementKind,
    Lane,
    Road,
    RoadLink,
    RoadNetwork,
    Structure,
)
from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.crossing import Control, Crossing
from drivegen_generators.roads.layout import ArmPlan, place_arms
from drivegen_generators.roads.movements import Movement
from drivegen_generators.roads.network import geo_reference
from drivegen_generators.roads.plan_view import Heading, Path, fillet, reversed_path
from drivegen_generators.roads.profile import GradeLimits, Profile, Ramp

_FIRST, _SECOND = 900, 901
_LEAD_M = 25.0
"""From a junction to where the ramp begins."""
_TAIL_M = 30.0
_LINK_MPS = 30.0 / 3.6
_RIGHT = math.pi / 2.0
_AHEAD, _BACK, _LINK = 0, 1, 2
"""Arms of the first junction: across the other street, away from it, the link."""
_AWAY, _THROUGH = 0, 1
"""Arms of the second junction; the third is the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """All that is drawn for two such streets."""

    first: CrossSection
    second: CrossSection
    link: CrossSection
    skew_rad: float
    """How far from a right angle the streets cross."""
    rise_m: float
    """Of the first street where it crosses; negative: it dips."""
    level_m: float
    """Half the length that it stays at that height."""
    grade: float
    limits: GradeLimits
    to_second_m: float
    """From the crossing to the second street's junction."""
    end_lengths_m: tuple[float, float, float, float]
    """Beyond: of the first street east and west, of the second north and south."""
    bends_pm: tuple[float, float, float, float]
    kerb_radius_m: float
    speed_mps: float
    stops: bool
    """Stop signs on the link, else yield signs."""

    @property
    def ramp(self) -> Ramp:
        """From the ground to where the streets cross."""
        over = self.rise_m > 0.0
        first, last = self.limits.sag_radius_m, self.limits.crest_radius_m
        return Ramp(
            rise_m=self.rise_m,
            grade=self.grade,
            first_radius_m=first if over else last,
            last_radius_m=last if over else first,
        )

    @property
    def profile(self) -> Profile:
        """Along the first street from its junction on."""
        up = self.ramp
        down = replace(
            up, rise_m=-up.rise_m, first_radius_m=up.last_radius_m, last_radius_m=up.first_radius_m
        )
        top = _LEAD_M + up.length_m + 2.0 * self.level_m
        flat = Profile().pieces
        return Profile(pieces=(*flat, *up.pieces(_LEAD_M, 0.0), *down.pieces(top, self.rise_m)))

    @property
    def crossing_m(self) -> float:
        """Where the streets cross, along the first street from its junction on."""
        return _LEAD_M + self.ramp.length_m + self.level_m

    def station_at(self, height_m: float) -> float:
        """Where the ramp of the profile has risen or dipped so far."""
        low, high, profile = _LEAD_M, _LEAD_M + self.ramp.length_m, self.profile
        for _ in range(60):
            middle = 0.5 * (low + high)
            if abs(profile.height_m(middle)) < abs(height_m):
                low = middle
            else:
                high = middle
        return high


def separated_network(
    separation: Separation,
    structures: Sequence[Structure],
    name: str,
    *,
    latitude_deg: float,
    longitude_deg: float,
) -> RoadNetwork:
    """The whole map; its origin is where the streets cross.

    Args:
        separation: the streets.
        structures: along the first street from its junction on; they hold for both carriageways.
        name: of the map.
        latitude_deg: of the origin.
        longitude_deg: of the origin.
    """
    arms_1, arms_2 = _arms(separation)
    crossings = [
        Crossing(
            arms=arms,
            junction=junction,
            first_road=100 * (i + 1),
            first_signal=1000 * (i + 1),
            first_controller=5000 + 100 * i,
            kerb_radii_m=(separation.kerb_radius_m,) * 3,
            control=Control.STOP if separation.stops else Control.YIELD,
            minor=(_LINK,),
        )
        for i, (arms, junction) in enumerate(((arms_1, _FIRST), (arms_2, _SECOND)))
    ]
    roads_1, movements_1 = crossings[0].roads()
    roads_2, movements_2 = crossings[1].roads()
    roads = _joined(roads_1, [_renumbered(r) for r in roads_2], arms_1[_LINK], arms_2[_LINK])
    ahead = arms_1[_AHEAD]
    made = [_with_structures(road, ahead, structures) for road in roads]
    every: list[Movement] = [*movements_1, *movements_2]
    return RoadNetwork(
        name=name,
        geo_reference=geo_reference(latitude_deg, longitude_deg),
        roads=(*made, *(m.road for m in every)),
        junctions=(
            crossings[0].junction_element(movements_1),
            crossings[1].junction_element(movements_2),
        ),
        source=name,
    )


def _arms(v: Separation) -> tuple[tuple[Arm, ...], tuple[Arm, ...]]:
    """Of both junctions; the link arms share one line."""
    bearings_1 = (0.0, 2.0 * _RIGHT, 3.0 * _RIGHT)
    # The link leaves both streets at a right angle to the first one, however they cross.
    bearings_2 = (v.skew_rad - _RIGHT, v.skew_rad + _RIGHT, 2.0 * _RIGHT)
    radii = (v.kerb_radius_m,) * 3
    first = place_arms(_plans(v, v.first, bearings_1, ("east", "west", "link")), radii, junction=_FIRST)
    second = place_arms(_plans(v, v.second, bearings_2, ("south", "north", "link")), radii, junction=_SECOND)
    north = v.skew_rad + _RIGHT
    to_first = math.hypot(first[_AHEAD].edge.x_m, first[_AHEAD].edge.y_m) + v.crossing_m
    place_1 = (-to_first, 0.0)
    place_2 = (-v.to_second_m * math.cos(north), -v.to_second_m * math.sin(north))
    starts_1 = [_moved(arm.edge, place_1) for arm in first]
    starts_2 = [_moved(arm.edge, place_2) for arm in second]
    link = fillet(starts_1[_LINK], starts_2[_LINK].turned_back())
    east, west, northern, southern = v.end_lengths_m
    over = v.crossing_m + v.level_m + v.ramp.length_m + _TAIL_M
    gap = math.hypot(starts_2[_THROUGH].x_m, starts_2[_THROUGH].y_m)
    clear = gap + v.first.outer_m / math.cos(v.skew_rad) + v.second.outer_m * abs(math.tan(v.skew_rad)) + 10.0
    axes_1 = (
        Path(starts_1[0]).line(over).arc(east, v.bends_pm[0]),
        Path(starts_1[1]).line(0.4 * west).arc(0.6 * west, v.bends_pm[1]),
        link,
    )
    axes_2 = (
        Path(starts_2[0]).line(0.4 * southern).arc(0.6 * southern, v.bends_pm[3]),
        Path(starts_2[1]).line(clear).arc(northern, v.bends_pm[2]),
        reversed_path(link),
    )
    # Both carriageways of the link belong to both junctions.
    ids = [ArmIds(out=10 * k + 1, loop=10 * k + 2, into=10 * k + 3) for k in range(5)]
    ids_2 = (ids[3], ids[4], ArmIds(out=ids[_LINK].into, loop=99, into=ids[_LINK].out))
    arms_1 = tuple(
        replace(arm, axis=axis, ids=i) for arm, axis, i in zip(first, axes_1, ids[:3], strict=True)
    )
    arms_2 = tuple(replace(arm, axis=axis, ids=i) for arm, axis, i in zip(second, axes_2, ids_2, strict=True))
    return (replace(arms_1[0], profile=v.profile), *arms_1[1:]), arms_2


def _plans(
    v: Separation, street: CrossSection, bearings: Sequence[float], names: Sequence[str]
) -> list[ArmPlan]:
    return [
        ArmPlan(
            name=name,
            bearing_rad=bearing,
            section=v.link if k == _LINK else street,
            length_m=1.0,
            bend_pm=0.0,
            speed_mps=min(v.speed_mps, _LINK_MPS) if k == _LINK else v.speed_mps,
        )
        for k, (name, bearing) in enumerate(zip(names, bearings, strict=True))
    ]


def _moved(heading: Heading, by_m: tuple[float, float]) -> Heading:
    return replace(heading, x_m=heading.x_m + by_m[0], y_m=heading.y_m + by_m[1])


def _renumbered(road: Road) -> Road:
    """Objects of both junctions have numbers of their own."""
    return replace(road, objects=tuple(replace(o, id=str(int(o.id) + 1000)) for o in road.objects))


def _joined(first: list[Road], second: list[Road], link_1: Arm, link_2: Arm) -> list[Road]:
    """All roads, each carriageway of the link once, from junction to junction, without turn-arounds."""
    at_first, at_second = {r.id: r for r in first}, {r.id: r for r in second}
    both = []
    for start, end, road_id, path in (
        (at_first, at_second, link_1.ids.out, link_1.axis),
        (at_second, at_first, link_2.ids.out, link_2.axis),
    ):
        leaving, arriving = start[road_id], end[road_id]
        assert isinstance(leaving.predecessor, RoadLink)
        assert leaving.predecessor.kind is ElementKind.JUNCTION
        sections = tuple(
            replace(s, lanes=tuple(_unlinked(v) for v in s.lanes)) for s in arriving.lane_sections
        )
        both.append(
            replace(
                arriving,
                name="link",
                length_m=path.length_m,
                geometries=path.geometries,
                lane_sections=sections,
                predecessor=leaving.predecessor,
                objects=(*leaving.objects, *arriving.objects),
                signals=(*leaving.signals, *arriving.signals),
            )
        )
    gone = {link_1.ids.loop, link_2.ids.loop, *(r.id for r in both)}
    return [*(r for r in (*first, *second) if r.id not in gone), *both]


def _unlinked(lane: Lane) -> Lane:
    return replace(lane, predecessor=None, successor=None)


def _with_structures(road: Road, ahead: Arm, structures: Sequence[Structure]) -> Road:
    if road.id == ahead.ids.out:
        return replace(road, structures=tuple(structures))
    if road.id == ahead.ids.into:
        length = ahead.axis.length_m
        turned = (replace(v, id=str(int(v.id) + 100), s_m=length - v.s_m - v.length_m) for v in structures)
        return replace(road, structures=tuple(turned))
    return road
