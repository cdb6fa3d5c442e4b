"""A street between two junctions: a carriageway each way, without turn-arounds.

Both ends have a cross-section of their own. Widths, medians and strips change gradually; lanes are added and
dropped at the outer side of the carriageway that needs it; left-turn pockets open before the junctions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import Cubic, ElementKind, LaneSection, Road, RoadLink, RoadType
from drivegen_generators.roads.arm import Arm, ArmIds, CrossSection
from drivegen_generators.roads.carriageway import APART_M, EASE_M, Carriageway
from drivegen_generators.roads.fittings import ArmFittings
from drivegen_generators.roads.piecewise import Steps
from drivegen_generators.roads.plan_view import Path, reversed_path
from drivegen_generators.roads.profile import LEVEL, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEnd:
    """An end of a link, at a junction."""

    name: str
    """Of the junction's arm."""
    junction: int
    section: CrossSection
    """As the junction sees it, with its left-turn pocket."""
    pocket_length_m: float = 0.0
    """Without its taper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A street from junction a to junction b."""

    there: int
    """Road id of the carriageway from a to b."""
    back: int
    name: str
    axis: Path
    """From a's edge to b's edge in the middle of the median."""
    a: LinkEnd
    b: LinkEnd
    speed_mps: float
    profile: Profile = LEVEL
    """Heights along the axis; 0 and level at both ends."""

    @property
    def arm_a(self) -> Arm:
        """The link as junction a sees it; for `Crossing` and the like, not to make roads of."""
        return self._arm(self.a, self.axis, self.there, self.back)

    @property
    def arm_b(self) -> Arm:
        """The link as junction b sees it."""
        return self._arm(self.b, reversed_path(self.axis), self.back, self.there)

    def _arm(self, end: LinkEnd, axis: Path, out: int, into: int) -> Arm:
        return Arm(
            ids=ArmIds(out=out, loop=0, into=into),
            name=end.name,
            axis=axis,
            section=end.section,
            pocket_length_m=end.pocket_length_m,
            speed_mps=self.speed_mps,
            junction=end.junction,
        )

    def roads(self, at_a: ArmFittings, at_b: ArmFittings) -> tuple[Road, Road]:
        """The carriageways from a to b and from b to a.

        Args:
            at_a: what junction a puts on this link: `Crossing.arm_fittings`.
            at_b: the same of junction b.

        Raises ConfigError where the link is too short for its pockets and changes.
        """
        length = self.axis.length_m
        ways = (
            Carriageway(length, self.a.section, self.b.section, self.b.pocket_length_m),
            Carriageway(length, self.b.section, self.a.section, self.a.pocket_length_m),
        )
        middle = self._middle_m(ways)
        median = self._median(middle, length - ways[1].pocket_from_m, ways[0].pocket_from_m)
        ends = (self.a.junction, self.b.junction)
        there, back = self.profile.pieces, self.profile.reversed(length)
        return (
            self._road(self.there, self.axis, ends, there, ways[0].lanes(middle, median), at_a, at_b),
            self._road(
                self.back,
                reversed_path(self.axis),
                ends[::-1],
                back,
                ways[1].lanes(length - middle, median.reversed(length)),
                at_b,
                at_a,
            ),
        )

    def _road(
        self,
        road_id: int,
        path: Path,
        ends: tuple[int, ...],
        elevations: tuple[Cubic, ...],
        lanes: tuple[tuple[LaneSection, ...], tuple[Cubic, ...]],
        behind: ArmFittings,
        ahead: ArmFittings,
    ) -> Road:
        junctions = [RoadLink(kind=ElementKind.JUNCTION, id=v) for v in ends]
        return Road(
            id=road_id,
            name=self.name,
            length_m=path.length_m,
            junction=None,
            geometries=path.geometries,
            lane_sections=lanes[0],
            lane_offsets=lanes[1],
            elevations=elevations,
            predecessor=junctions[0],
            successor=junctions[1],
            types=(RoadType(s_m=0.0, type="town", max_mps=self.speed_mps),),
            objects=(*behind.out_objects, *ahead.in_objects),
            signals=(*behind.out_signals, *ahead.in_signals),
        )

    def _middle_m(self, ways: Sequence[Carriageway]) -> float:
        """Where the median passes from one carriageway to the other, near the middle, off other breaks."""
        length = self.axis.length_m
        taken = [*ways[0].breaks_m, *(length - s for s in ways[1].breaks_m)]
        first, last = length - ways[1].pocket_from_m + APART_M, ways[0].pocket_from_m - APART_M
        for k in range(200):
            at = 0.5 * length + 0.5 * k * (1 if k % 2 else -1)
            if first <= at <= last and min(abs(at - s) for s in taken) >= APART_M:
                return at
        raise ConfigError(f"roads: {self.name}: a link of {length:.0f} m is too short for its pockets")

    def _median(self, middle_m: float, from_m: float, to_m: float) -> Steps:
        """Width of the median along the axis; it changes between the pockets."""
        change = self.b.section.median_m - self.a.section.median_m
        before, after = middle_m - 1.0 - from_m, to_m - middle_m - 1.0
        over = min(EASE_M, max(before, after))
        if change != 0.0 and over < 10.0:
            raise ConfigError(f"roads: {self.name}: the link is too short for its median to change")
        at = middle_m - 1.0 - over if before >= after else middle_m + 1.0
        return Steps(first=self.a.section.median_m).then(at, over, change)
