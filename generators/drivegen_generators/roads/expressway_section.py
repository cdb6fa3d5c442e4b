"""Cross-sections of an expressway: main carriageway, side road, ramp, each with named strips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivegen.opendrive.model import Cubic, Lane, LaneType, RoadMark

AUXILIARY = "auxiliary"
"""Name of the lane that leads to or from a ramp."""
EDGE = "edge"
MEDIAN = "median"
SHOULDER = "shoulder"
LINE_M = 0.15
BOLD_LINE_M = 0.45
"""Of broken lines beside lanes that begin or end (GB 5768.3-2009, entry and exit markings)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A lane in a cross-section, known by name."""

    name: str
    kind: LaneType
    width_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSection:
    """Strips of a one-way road, on both sides of the left border of its leftmost driving lane."""

    left: tuple[Strip, ...] = ()
    """From the reference line leftwards: lanes 1, 2, ..."""
    right: tuple[Strip, ...] = ()
    """From the reference line rightwards: lanes -1, -2, ..."""

    @property
    def ids(self) -> Mapping[str, int]:
        """Lane ids by name."""
        left = {v.name: 1 + i for i, v in enumerate(self.left)}
        return left | {v.name: -1 - i for i, v in enumerate(self.right)}

    @property
    def driving(self) -> tuple[Strip, ...]:
        """The driving lanes from left to right."""
        return tuple(v for v in self.right if v.kind is LaneType.DRIVING)

    @property
    def right_m(self) -> float:
        """Width right of the reference line."""
        return sum(v.width_m for v in self.right)

    def width_m(self, name: str) -> float:
        """Of the strip of this name; 0 without it."""
        return next((v.width_m for v in (*self.left, *self.right) if v.name == name), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A carriageway along which an auxiliary lane comes and goes on one side.

    `left` and `right` frame `lanes`; the auxiliary lane lies between the lanes and the strips of its side.
    """

    left: tuple[Strip, ...]
    lanes: tuple[Strip, ...]
    right: tuple[Strip, ...]
    auxiliary: Strip
    auxiliary_on_right: bool
    border_m: float
    """From the axis rightwards to the left border of `lanes`."""

    def section(self, auxiliary: bool) -> CrossSection:
        """With or without the auxiliary lane."""
        lanes = self.lanes
        if auxiliary and self.auxiliary_on_right:
            lanes = (*lanes, self.auxiliary)
        elif auxiliary:
            lanes = (self.auxiliary, *lanes)
        return CrossSection(left=self.left, right=(*lanes, *self.right))

    def start_m(self, auxiliary: bool) -> float:
        """From the axis rightwards to the reference line of such a section."""
        moved = auxiliary and not self.auxiliary_on_right
        return self.border_m - (self.auxiliary.width_m if moved else 0.0)

    @property
    def auxiliary_border_m(self) -> float:
        """From the axis rightwards to the left border of the auxiliary lane."""
        if self.auxiliary_on_right:
            return self.border_m + sum(v.width_m for v in self.lanes)
        return self.border_m - self.auxiliary.width_m

    @property
    def beside(self) -> Strip:
        """The lane next to the auxiliary lane."""
        return self.lanes[-1] if self.auxiliary_on_right else self.lanes[0]

    @property
    def beside_border_m(self) -> float:
        """From the axis rightwards to the left border of that lane."""
        before = self.lanes[:-1] if self.auxiliary_on_right else ()
        return self.border_m + sum(v.width_m for v in before)

    @property
    def near(self) -> tuple[Strip, ...]:
        """Strips on the auxiliary lane's side, from it outwards."""
        return self.right if self.auxiliary_on_right else self.left

    @property
    def outer_m(self) -> float:
        """From the axis to the far border of everything."""
        return self.border_m + sum(v.width_m for v in (*self.lanes, *self.right))


def lanes_of(
    section: CrossSection, before: Mapping[str, int] | None = None, after: Mapping[str, int] | None = None
) -> tuple[Lane, ...]:
    """A road's lanes with lines between them, linked by name to those of the roads before and after.

    Args:
        section: the strips.
        before: lane ids of the road before; None at a junction.
        after: of the road after; None at a junction.
    """
    lanes = [centre_lane()]
    for side, sign in ((section.left, 1), (section.right, -1)):
        for i, strip in enumerate(side):
            following = side[i + 1] if i + 1 < len(side) else None
            lanes.append(
                Lane(
                    id=sign * (1 + i),
                    type=strip.kind,
                    widths=(Cubic(s_m=0.0, a=strip.width_m),),
                    road_marks=(mark_between(strip, following),),
                    predecessor=(before or {}).get(strip.name),
                    successor=(after or {}).get(strip.name),
                )
            )
    return tuple(sorted(lanes, key=lambda lane: -lane.id))


def centre_lane() -> Lane:
    """Lane 0 with the line left of the driving lanes."""
    mark = RoadMark(s_offset_m=0.0, type="solid", color="yellow", width_m=LINE_M, lane_change="none")
    return Lane(id=0, type=LaneType.NONE, road_marks=(mark,))


def mark_between(strip: Strip, following: Strip | None) -> RoadMark:
    """The line between a strip and the next one outwards."""
    if strip.kind is LaneType.DRIVING:
        if following is not None and following.kind is LaneType.DRIVING:
            bold = AUXILIARY in (strip.name, following.name)
            return BOLD if bold else BROKEN
        return SOLID
    raised = strip.kind in (LaneType.MEDIAN, LaneType.BIKING)
    return RoadMark(s_offset_m=0.0, type="curb" if raised else "none", color="white", lane_change="none")


BROKEN = RoadMark(s_offset_m=0.0, type="broken", color="white", width_m=LINE_M, lane_change="both")
BOLD = RoadMark(
    s_offset_m=0.0, type="broken", color="white", width_m=BOLD_LINE_M, lane_change="both", weight="bold"
)
SOLID = RoadMark(s_offset_m=0.0, type="solid", color="white", width_m=LINE_M, lane_change="none")
NO_MARK = RoadMark(s_offset_m=0.0, type="none", color="white", lane_change="none")
