"""One direction of a main carriageway or side road: pieces of road, and a small junction at each zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drivegen.opendrive.model import (
    Connection,
    ContactPoint,
    Cubic,
    ElementKind,
    Junction,
    Lane,
    LaneLink,
    LaneSection,
    LaneType,
    Road,
    RoadLink,
    RoadMark,
    RoadType,
)
from drivegen_generators.roads.expressway_axis import heading_at, stretch
from drivegen_generators.roads.expressway_section import (
    AUXILIARY,
    BOLD,
    NO_MARK,
    SOLID,
    CrossSection,
    Profile,
    Strip,
    centre_lane,
    lanes_of,
    mark_between,
)
from drivegen_generators.roads.expressway_zones import AFTER, Zone, ZoneKind
from drivegen_generators.roads.movements import Movement
from drivegen_generators.roads.plan_view import Path, biarc

RAMP = "ramp"
RAMP_LEFT, RAMP_RIGHT = "left strip", "right strip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A strip of a connecting road: from a strip before it to one behind it, each by name."""

    kind: LaneType
    before: str | None
    after: str | None
    from_m: float
    to_m: float
    mark: RoadMark = NO_MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class RampEnd:
    """The end of a ramp within a junction."""

    road_id: int
    """Of the ramp itself."""
    section: CrossSection
    path: Path
    """Left border of its lane, within the junction."""
    speed_mps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriageway:
    """A one-way road along an axis, with its zones in order."""

    name: str
    axis: Path
    length_m: float
    profile: Profile
    zones: Sequence[Zone]
    first_road: int
    """Pieces are numbered on from this, then connecting roads."""
    first_junction: int
    speed_mps: float
    kind: str
    """OpenDRIVE's type of road."""

    def piece_id(self, index: int) -> int:
        """Of the piece before zone `index`, or behind the last for `len(zones)`."""
        return self.first_road + index

    def through_id(self, index: int) -> int:
        """Of the connecting road straight through zone `index`; its others follow."""
        return self.first_road + 20 + 3 * index

    def span_m(self, index: int) -> tuple[float, float]:
        """Stations of the axis between which a piece lies."""
        first = self.zones[index - 1].last_m if index > 0 else 0.0
        last = self.zones[index].first_m if index < len(self.zones) else self.length_m
        return first, last

    def section(self, index: int) -> CrossSection:
        """Of a piece."""
        return self.profile.section(self._auxiliary(index))

    def _auxiliary(self, index: int) -> bool:
        return index > 0 and AFTER[self.zones[index - 1].kind]

    def pieces(self, before: tuple[int, CrossSection], after: tuple[int, CrossSection]) -> list[Road]:
        """The roads outside junctions.

        Args:
            before: road that leads onto the first piece, and its cross-section.
            after: road that the last piece leads onto.
        """
        out = []
        for k in range(len(self.zones) + 1):
            first, last = self.span_m(k)
            starts, ends = k == 0, k == len(self.zones)
            section = self.section(k)
            path = stretch(self.axis, first, last, self.profile.start_m(self._auxiliary(k)))
            out.append(
                one_way_road(
                    self.piece_id(k),
                    f"{self.name} {k + 1}",
                    path,
                    lanes_of(
                        section,
                        before[1].ids if starts else None,
                        after[1].ids if ends else None,
                    ),
                    predecessor=_road(before[0], ContactPoint.END)
                    if starts
                    else _junction(self.first_junction + k - 1),
                    successor=_road(after[0], ContactPoint.START)
                    if ends
                    else _junction(self.first_junction + k),
                    speed_mps=self.speed_mps,
                    kind=self.kind,
                )
            )
        return out

    def junctions(self, ramps: Mapping[int, RampEnd]) -> tuple[list[Movement], list[Junction]]:
        """Connecting roads and junctions of all zones.

        Args:
            ramps: by number.
        """
        movements: list[Movement] = []
        junctions = []
        for k, zone in enumerate(self.zones):
            own = _Crossing(way=self, index=k, zone=zone, first_road=self.through_id(k))
            made = own.movements(ramps[zone.ramp] if zone.ramp is not None else None)
            movements += made
            junctions.append(
                Junction(
                    id=self.first_junction + k,
                    name=f"{self.name} {zone.kind.name.lower()} {k + 1}",
                    connections=tuple(
                        Connection(
                            id=i,
                            incoming_road=m.incoming,
                            connecting_road=m.road.id,
                            contact=ContactPoint.START,
                            lane_links=m.links,
                        )
                        for i, m in enumerate(made)
                    ),
                )
            )
        return movements, junctions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crossing:
    """The connecting roads of one zone."""

    way: Carriageway
    index: int
    zone: Zone
    first_road: int

    def movements(self, ramp: RampEnd | None) -> list[Movement]:
        profile, zone = self.way.profile, self.zone
        if zone.kind is ZoneKind.WEAVE:
            beside, auxiliary = profile.beside.name, AUXILIARY
            return [
                self._all_through(),
                self._change(1, beside, auxiliary, near=False),
                self._change(2, auxiliary, beside, near=False),
            ]
        if zone.kind is ZoneKind.OPEN:
            return [self._through(), self._change(1, profile.beside.name, AUXILIARY, near=True)]
        if zone.kind is ZoneKind.CLOSE:
            return [self._through(), self._change(1, AUXILIARY, profile.beside.name, near=True)]
        assert ramp is not None  # zones of the other kinds have one
        return [self._through(), self._ramp(ramp)]

    def _through(self) -> Movement:
        """The lanes that are there before and behind."""
        profile = self.way.profile
        opening = self.zone.kind in (ZoneKind.OPEN, ZoneKind.CLOSE)
        lanes = [_straight(v, w) for v, w in _pairs(profile.lanes)]
        lanes[-1] = replace(lanes[-1], mark=BOLD if opening and profile.auxiliary_on_right else SOLID)
        far = profile.left if profile.auxiliary_on_right else profile.right
        others = [_straight(v, w) for v, w in _pairs(far)]
        near = [] if opening else [self._wedge(profile.near[0])]
        left, right = (others, near) if profile.auxiliary_on_right else (near, others)
        bold = opening and not profile.auxiliary_on_right
        return self._connect(
            0,
            stretch(self.way.axis, self.zone.first_m, self.zone.last_m, profile.border_m),
            left,
            [*lanes, *right],
            centre=BOLD if bold else None,
        )

    def _wedge(self, strip: Strip) -> Lead:
        """The strip beside the lanes that a ramp leaves or reaches grows out of the nose."""
        leaves = self.zone.kind is ZoneKind.LEAVE
        return Lead(
            kind=strip.kind,
            before=None if leaves else strip.name,
            after=strip.name if leaves else None,
            from_m=0.0 if leaves else strip.width_m,
            to_m=strip.width_m if leaves else 0.0,
        )

    def _all_through(self) -> Movement:
        """All lanes and the auxiliary one beside them."""
        profile = self.way.profile
        section = profile.section(True)
        return self._connect(
            0,
            stretch(self.way.axis, self.zone.first_m, self.zone.last_m, profile.start_m(True)),
            [_straight(v, w) for v, w in _pairs(section.left)],
            [_straight(v, w) for v, w in _pairs(section.right)],
        )

    def _change(self, number: int, before: str, after: str, *, near: bool) -> Movement:
        """From one lane to the one beside it; `near`: with the strips that move along."""
        profile, zone = self.way.profile, self.zone
        border = {profile.beside.name: profile.beside_border_m, AUXILIARY: profile.auxiliary_border_m}
        width = {profile.beside.name: profile.beside.width_m, AUXILIARY: profile.auxiliary.width_m}
        path = biarc(
            heading_at(self.way.axis, zone.first_m).moved(0.0, -border[before]),
            heading_at(self.way.axis, zone.last_m).moved(0.0, -border[after]),
        )
        on_right = profile.auxiliary_on_right
        lane = Lead(
            kind=LaneType.DRIVING,
            before=before,
            after=after,
            from_m=width[before],
            to_m=width[after],
            mark=SOLID if near and on_right else NO_MARK,
        )
        strips = [_straight(v, w) for v, w in _pairs(profile.near)] if near else []
        return self._connect(
            number,
            path,
            [] if on_right else strips,
            [lane, *(strips if on_right else [])],
            centre=None if near and not on_right else NO_MARK,
        )

    def _ramp(self, ramp: RampEnd) -> Movement:
        """Between the auxiliary lane and a ramp."""
        profile = self.way.profile
        near, on_right = profile.near[0], profile.auxiliary_on_right
        widths = {v.name: v.width_m for v in (*ramp.section.left, *ramp.section.right)}
        lane = self._turned(AUXILIARY, RAMP, profile.auxiliary.width_m, widths[RAMP], LaneType.DRIVING)
        own, far = (RAMP_RIGHT, RAMP_LEFT) if on_right else (RAMP_LEFT, RAMP_RIGHT)
        along = self._turned(near.name, own, near.width_m, widths[own], LaneType.SHOULDER)
        beyond = self._turned(None, far, 0.0, widths[far], LaneType.SHOULDER)
        left, right = (beyond, along) if on_right else (along, beyond)
        return self._connect(
            1, ramp.path, [left], [replace(lane, mark=SOLID), right], ramp=ramp, centre=SOLID
        )

    def _turned(self, main: str | None, ramp: str, main_m: float, ramp_m: float, kind: LaneType) -> Lead:
        """A strip from the carriageway to the ramp, or the other way where the ramp arrives."""
        if self.zone.kind is ZoneKind.LEAVE:
            return Lead(kind=kind, before=main, after=ramp, from_m=main_m, to_m=ramp_m)
        return Lead(kind=kind, before=ramp, after=main, from_m=ramp_m, to_m=main_m)

    def _connect(
        self,
        number: int,
        path: Path,
        left: Sequence[Lead],
        right: Sequence[Lead],
        *,
        ramp: RampEnd | None = None,
        centre: RoadMark | None = None,
    ) -> Movement:
        way, k = self.way, self.index
        incoming, outgoing = way.piece_id(k), way.piece_id(k + 1)
        before, after = way.section(k).ids, way.section(k + 1).ids
        if ramp is not None and self.zone.kind is ZoneKind.LEAVE:
            outgoing, after = ramp.road_id, ramp.section.ids
        elif ramp is not None:
            incoming, before = ramp.road_id, ramp.section.ids
        lanes = [centre_lane() if centre is None else replace(centre_lane(), road_marks=(centre,))]
        links = []
        for side, sign in ((left, 1), (right, -1)):
            for i, lead in enumerate(side):
                lane = _lane(sign * (1 + i), lead, path.length_m, before, after)
                lanes.append(lane)
                # one direction only: edges and medians on the left carry nobody
                if lane.predecessor is not None and sign < 0:
                    links.append(LaneLink(from_lane=lane.predecessor, to_lane=lane.id))
        road = one_way_road(
            self.first_road + number,
            f"{way.name} {self.zone.kind.name.lower()} {k + 1}",
            path,
            tuple(sorted(lanes, key=lambda lane: -lane.id)),
            predecessor=_road(incoming, ContactPoint.END),
            successor=_road(outgoing, ContactPoint.START),
            speed_mps=way.speed_mps if ramp is None else ramp.speed_mps,
            kind=way.kind,
            junction=way.first_junction + k,
        )
        return Movement(road=road, incoming=incoming, links=tuple(links))


def one_way_road(
    road_id: int,
    name: str,
    path: Path,
    lanes: tuple[Lane, ...],
    *,
    predecessor: RoadLink,
    successor: RoadLink,
    speed_mps: float,
    kind: str,
    junction: int | None = None,
) -> Road:
    """A level road of one lane section."""
    return Road(
        id=road_id,
        name=name,
        length_m=path.length_m,
        junction=junction,
        geometries=path.geometries,
        lane_sections=(LaneSection(s_m=0.0, lanes=lanes),),
        elevations=(Cubic(s_m=0.0, a=0.0),),
        predecessor=predecessor,
        successor=successor,
        types=(RoadType(s_m=0.0, type=kind, max_mps=speed_mps),),
    )


def _lane(
    lane_id: int, lead: Lead, length_m: float, before: Mapping[str, int], after: Mapping[str, int]
) -> Lane:
    return Lane(
        id=lane_id,
        type=lead.kind,
        widths=(Cubic(s_m=0.0, a=lead.from_m, b=(lead.to_m - lead.from_m) / length_m),),
        road_marks=(lead.mark,),
        predecessor=before[lead.before] if lead.before is not None else None,
        successor=after[lead.after] if lead.after is not None else None,
    )


def _straight(strip: Strip, following: Strip | None) -> Lead:
    return Lead(
        kind=strip.kind,
        before=strip.name,
        after=strip.name,
        from_m=strip.width_m,
        to_m=strip.width_m,
        mark=mark_between(strip, following),
    )


def _pairs(strips: Sequence[Strip]) -> list[tuple[Strip, Strip | None]]:
    return list(zip(strips, [*strips[1:], None], strict=True))


def _road(road_id: int, contact: ContactPoint) -> RoadLink:
    return RoadLink(kind=ElementKind.ROAD, id=road_id, contact=contact)


def _junction(junction_id: int) -> RoadLink:
    return RoadLink(kind=ElementKind.JUNCTION, id=junction_id)
