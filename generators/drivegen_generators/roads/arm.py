"""One arm of a junction: a carriageway out, a turn-around, and a carriageway in, all along one axis.

The axis runs outwards in the middle of the median. Each arm is three one-way roads joined end to end, so that
no lane ends and no traffic waits at the turn-around as it would at a junction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from drivegen.opendrive.model import (
    ContactPoint,
    Cubic,
    ElementKind,
    Lane,
    LaneSection,
    LaneType,
    Road,
    RoadLink,
    RoadMark,
    RoadObject,
    RoadType,
    Signal,
)
from drivegen_generators.roads.plan_view import Heading, Path, reversed_path
from drivegen_generators.roads.profile import LEVEL, Profile

_LINE_WIDTH_M = 0.15
_TAPER_M = 30.0
_SOLID_M = 30.0
"""Lane lines are solid this far before the stop line."""
_LOOP_LEFT_RADIUS_M = 12.0
"""Of the axis in the turn-around; the inner lane's centre turns about 4 m wider, enough for a 12 m bus."""
_NARROW_LOOP_LEFT_RADIUS_M = 16.0
_WIDENED_M = 2.5
"""Lanes without a separator beside them are so much wider in the turn-around."""
_WIDENING_M = 35.0
_LOOP_SHOULDER_M = 2.5
"""Without a median, so much stays clear left of the turn-around."""
_LOOP_SPEED_MPS = 30.0 / 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSection:
    """Widths from the axis outwards; both sides alike."""

    lanes: int
    lane_m: float
    median_m: float
    separator_m: float
    bicycle_m: float
    pavement_m: float
    pocket_m: float
    """Width of the left-turn lane taken from the median; 0 without one."""

    @property
    def driving_edge_m(self) -> float:
        """Axis to the outer border of the driving lanes."""
        return self.median_m / 2.0 + self.lanes * self.lane_m

    @property
    def post_m(self) -> float:
        """Axis to the posts of signals and signs: in the separator, without one behind the kerb."""
        if self.separator_m > 0.0:
            return self.driving_edge_m + self.separator_m / 2.0
        return self.kerb_m + 0.6

    @property
    def outer(self) -> tuple[tuple[LaneType, float], ...]:
        """Kinds and widths of what lies beyond the driving lanes, from there outwards."""
        strips = (
            (LaneType.MEDIAN, self.separator_m),
            (LaneType.BIKING, self.bicycle_m),
            (LaneType.SIDEWALK, self.pavement_m),
        )
        return tuple(strip for strip in strips if strip[1] > 0.0)

    def outer_lane(self, kind: LaneType, innermost: int) -> int:
        """Id of a strip of `outer`, where lane `innermost` is the outermost driving lane."""
        return innermost - 1 - [k for k, _ in self.outer].index(kind)

    @property
    def kerb_m(self) -> float:
        """Axis to the kerb of the pavement."""
        return self.driving_edge_m + self.separator_m + self.bicycle_m

    @property
    def outer_m(self) -> float:
        """Axis to the back of the pavement."""
        return self.kerb_m + self.pavement_m

    @property
    def entry_lanes(self) -> int:
        """Driving lanes at the stop line."""
        return self.lanes + (1 if self.pocket_m > 0.0 else 0)

    @property
    def entry_edge_m(self) -> float:
        """t of the left border of the leftmost entry lane at the stop line, in the inward road's frame."""
        return -self.median_m / 2.0 + self.pocket_m

    def entry_width_m(self, lane: int) -> float:
        """Width of entry lane 1 (leftmost), 2, ... at the stop line."""
        return self.pocket_m if lane == 1 and self.pocket_m > 0.0 else self.lane_m


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmIds:
    """Road ids of an arm."""

    out: int
    loop: int
    into: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm with its sizes."""

    ids: ArmIds
    name: str
    axis: Path
    """From the junction's edge outwards."""
    section: CrossSection
    pocket_length_m: float
    speed_mps: float
    junction: int
    profile: Profile = LEVEL
    """Heights along the axis; level at both ends."""

    @property
    def edge(self) -> Heading:
        """The axis where the arm touches the junction, pointing outwards."""
        return self.axis.start

    def roads(
        self,
        out_objects: tuple[RoadObject, ...],
        in_objects: tuple[RoadObject, ...],
        out_signals: tuple[Signal, ...],
        in_signals: tuple[Signal, ...],
        loop_signals: tuple[Signal, ...],
    ) -> tuple[Road, Road, Road]:
        """The carriageway out, the turn-around, the carriageway in."""
        ids = self.ids
        junction = RoadLink(kind=ElementKind.JUNCTION, id=self.junction)
        out_path, in_path, loop_path = self.axis, reversed_path(self.axis), self._loop()
        edge = Cubic(s_m=0.0, a=-self.section.median_m / 2.0)
        rim = median_lane(self.section.median_m / 2.0)
        if rim is None:
            rim = _lane(1, LaneType.SHOULDER, _LOOP_SHOULDER_M, "none")
        through = self._lanes(self.section.lanes, None, math.inf)
        rimmed = self._lanes(self.section.lanes, rim, math.inf)
        out = _road(
            ids.out,
            f"{self.name} out",
            out_path,
            predecessor=junction,
            successor=_link(ids.loop, ContactPoint.START),
            sections=(LaneSection(s_m=0.0, lanes=linked(through, before=_none, after=_same)),),
            offsets=(edge,),
            elevations=self.profile.pieces,
            speed_mps=self.speed_mps,
        )
        loop = _road(
            ids.loop,
            f"{self.name} turn-around",
            loop_path,
            predecessor=_link(ids.out, ContactPoint.END),
            successor=_link(ids.into, ContactPoint.START),
            sections=(
                LaneSection(
                    s_m=0.0,
                    lanes=linked(self._widened(rimmed, loop_path.length_m), before=_right_only, after=_same),
                ),
            ),
            offsets=(edge,),
            elevations=(Cubic(s_m=0.0, a=self.profile.height_m(out_path.length_m)),),
            speed_mps=min(_LOOP_SPEED_MPS, self.speed_mps),
        )
        sections, offsets = self._inward(in_path.length_m)
        into = _road(
            ids.into,
            f"{self.name} in",
            in_path,
            predecessor=_link(ids.loop, ContactPoint.END),
            successor=junction,
            sections=sections,
            offsets=offsets,
            elevations=self.profile.reversed(in_path.length_m),
            speed_mps=self.speed_mps,
        )
        return (
            replace(out, objects=out_objects, signals=out_signals),
            replace(loop, signals=loop_signals),
            replace(into, objects=in_objects, signals=in_signals),
        )

    def _loop(self) -> Path:
        """A teardrop: right, round to the left, right again, back on the axis."""
        right = self.section.outer_m + 9.0
        left = _NARROW_LOOP_LEFT_RADIUS_M if self._narrow else _LOOP_LEFT_RADIUS_M
        angle = math.acos(right / (right + left))
        return (
            Path(self.axis.end)
            .arc(right * angle, -1.0 / right)
            .arc(left * (math.pi + 2.0 * angle), 1.0 / left)
            .arc(right * angle, -1.0 / right)
        )

    @property
    def _narrow(self) -> bool:
        return self.section.lanes == 1 or self.section.separator_m <= 0.0

    def _widened(self, lanes: tuple[Lane, ...], length_m: float) -> tuple[Lane, ...]:
        """Long vehicles cut in and swing out: in the bend they need more room than a narrow road has."""
        if not self._narrow:
            return lanes
        width, more = self.section.lane_m, _WIDENED_M / math.sqrt(self.section.lanes)
        widths = (
            _ease(0.0, width, width + more, _WIDENING_M)[0],
            Cubic(s_m=_WIDENING_M, a=width + more),
            _ease(length_m - _WIDENING_M, width + more, width, _WIDENING_M)[0],
        )
        return tuple(replace(v, widths=widths) if v.type is LaneType.DRIVING else v for v in lanes)

    def _lanes(self, count: int, median: Lane | None, solid_from_m: float) -> tuple[Lane, ...]:
        return (
            *((median,) if median is not None else ()),
            edge_lane(),
            *driving_lanes(count, self.section.lane_m, solid_from_m),
            *outer_lanes(self.section, count + 1),
        )

    def _inward(self, length_m: float) -> tuple[tuple[LaneSection, ...], tuple[Cubic, ...]]:
        section = self.section
        half = section.median_m / 2.0
        median = median_lane(section.median_m)
        if section.pocket_m <= 0.0:
            lanes = self._lanes(section.lanes, median, length_m - _SOLID_M)
            return (LaneSection(s_m=0.0, lanes=linked(lanes, before=_same, after=_none)),), (
                Cubic(s_m=0.0, a=-half),
            )
        start = length_m - self.pocket_length_m - _TAPER_M
        lanes = self._lanes(section.lanes, median, start)
        first = LaneSection(s_m=0.0, lanes=linked(lanes, before=_same, after=_into_pocket))
        offsets = (Cubic(s_m=0.0, a=-half), *_ease(start, -half, -half + section.pocket_m))
        return (first, self._pocket_section(start, length_m)), offsets

    def _pocket_section(self, start: float, length_m: float) -> LaneSection:
        section = self.section
        median = replace(
            _lane(1, LaneType.MEDIAN, 0.0, "curb"),
            widths=_ease(0.0, section.median_m, section.median_m - section.pocket_m),
        )
        lanes = {v.id: v for v in self._lanes(section.entry_lanes, median, length_m - start - _SOLID_M)}
        # The inner lane leads into the pocket and the lane beside it opens: the client's Traffic Manager
        # follows links and would otherwise hardly ever turn left.
        lanes[-1] = replace(lanes[-1], widths=_ease(0.0, section.lane_m, section.pocket_m))
        lanes[-2] = replace(lanes[-2], widths=_ease(0.0, 0.0, section.lane_m))
        return LaneSection(s_m=start, lanes=linked(lanes.values(), before=_from_pocket, after=_none))


def _road(
    road_id: int,
    name: str,
    path: Path,
    *,
    predecessor: RoadLink,
    successor: RoadLink,
    sections: tuple[LaneSection, ...],
    offsets: tuple[Cubic, ...],
    elevations: tuple[Cubic, ...],
    speed_mps: float,
) -> Road:
    return Road(
        id=road_id,
        name=name,
        length_m=path.length_m,
        junction=None,
        geometries=path.geometries,
        lane_sections=sections,
        lane_offsets=offsets,
        elevations=elevations,
        predecessor=predecessor,
        successor=successor,
        types=(RoadType(s_m=0.0, type="town", max_mps=speed_mps),),
    )


def _link(road_id: int, contact: ContactPoint) -> RoadLink:
    return RoadLink(kind=ElementKind.ROAD, id=road_id, contact=contact)


def _ease(s_m: float, before: float, after: float, over_m: float = _TAPER_M) -> tuple[Cubic, Cubic]:
    """From one value to another with level ends (3x^2 - 2x^3), then constant."""
    change = after - before
    return (
        Cubic(s_m=s_m, a=before, c=3.0 * change / over_m**2, d=-2.0 * change / over_m**3),
        Cubic(s_m=s_m + over_m, a=after),
    )


def edge_lane() -> Lane:
    """The centre lane with the line left of the driving lanes."""
    mark = RoadMark(s_offset_m=0.0, type="solid", color="yellow", width_m=_LINE_WIDTH_M, lane_change="none")
    return Lane(id=0, type=LaneType.NONE, road_marks=(mark,))


def _lane(lane_id: int, kind: LaneType, width_m: float, mark: str) -> Lane:
    return Lane(
        id=lane_id,
        type=kind,
        widths=(Cubic(s_m=0.0, a=width_m),),
        road_marks=(RoadMark(s_offset_m=0.0, type=mark, color="white", lane_change="none"),),
    )


def driving_lanes(count: int, width_m: float, solid_from_m: float) -> tuple[Lane, ...]:
    """Lanes -1 .. -count with broken lines between them that become solid, and a solid line outside."""
    out = []
    for i in range(1, count + 1):
        broken = RoadMark(
            s_offset_m=0.0, type="broken", color="white", width_m=_LINE_WIDTH_M, lane_change="both"
        )
        solid = replace(broken, type="solid", lane_change="none")
        if i == count:
            marks: tuple[RoadMark, ...] = (solid,)
        elif solid_from_m <= 0.0:
            marks = (solid,)
        elif math.isinf(solid_from_m):
            marks = (broken,)
        else:
            marks = (broken, replace(solid, s_offset_m=solid_from_m))
        out.append(Lane(id=-i, type=LaneType.DRIVING, widths=(Cubic(s_m=0.0, a=width_m),), road_marks=marks))
    return tuple(out)


def median_lane(width_m: float) -> Lane | None:
    """The kerbed strip left of the driving lanes; None without width."""
    return _lane(1, LaneType.MEDIAN, width_m, "curb") if width_m > 0.0 else None


def outer_lanes(section: CrossSection, first: int) -> tuple[Lane, ...]:
    """Separator, bicycle lane and pavement, so far as the road has them, from lane -first outwards."""
    return tuple(
        _lane(-first - i, kind, width, "none" if kind is LaneType.SIDEWALK else "curb")
        for i, (kind, width) in enumerate(section.outer)
    )


def linked(
    lanes: Iterable[Lane], *, before: Callable[[int], int | None], after: Callable[[int], int | None]
) -> tuple[Lane, ...]:
    """The lanes with predecessors and successors by id; the centre lane keeps none."""
    return tuple(
        replace(v, predecessor=before(v.id), successor=after(v.id)) if v.id != 0 else v for v in lanes
    )


def _same(lane: int) -> int:
    return lane


def _none(_lane_id: int) -> None:
    return None


def _right_only(lane: int) -> int | None:
    return lane if lane < 0 else None


def _into_pocket(lane: int) -> int:
    return lane if lane >= -1 else lane - 1


def _from_pocket(lane: int) -> int | None:
    return {1: 1, -1: -1, -2: None}.get(lane, lane + 1)
