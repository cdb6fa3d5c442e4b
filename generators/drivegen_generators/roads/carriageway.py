"""One carriageway of a link: which lanes it has where."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drivegen.core.errors import ConfigError
from drivegen.opendrive.model import Cubic, Lane, LaneSection, LaneType, RoadMark
from drivegen_generators.roads.arm import CrossSection, edge_lane
from drivegen_generators.roads.piecewise import Steps, restricted

LEAD_M = 25.0
"""Nothing changes so far behind a junction: signs and lights stand there."""
EASE_M = 40.0
"""Over this length widths change."""
LANE_CHANGE_M = 50.0
"""Over this length a lane opens or closes."""
TAPER_M = 30.0
"""Over this length a left-turn pocket opens."""
APART_M = 6.0
"""Lane sections begin at least this far from each other."""
_SOLID_M = 30.0
_LINE_M = 0.15
_ORDER = (LaneType.MEDIAN, LaneType.BIKING, LaneType.SIDEWALK)


@dataclass(slots=True, eq=False)
class _Track:
    """A lane over all sections that it is in."""

    kind: LaneType
    width: Steps


class Carriageway:
    """Lanes from one cross-section to another, with a pocket at the end."""

    def __init__(
        self, length_m: float, start: CrossSection, end: CrossSection, pocket_length_m: float
    ) -> None:
        """Raises ConfigError where the length is too short."""
        self._length_m = length_m
        self._rows: list[tuple[float, list[_Track]]] = []
        tracks = [_Track(LaneType.DRIVING, Steps(first=start.lane_m)) for _ in range(start.lanes)]
        tracks += [_Track(kind, Steps(first=width)) for kind, width in start.outer]
        self._row(0.0, tracks)
        at = self._ease_widths(tracks, start, end)
        for _ in range(abs(end.lanes - start.lanes)):
            at = self._change_lane(at, end.lane_m, adds=end.lanes > start.lanes)
        self.pocket = Steps(first=0.0)
        self.pocket_from_m = length_m
        if end.pocket_m > 0.0:
            self.pocket_from_m = length_m - pocket_length_m - TAPER_M
        if at + APART_M > self.pocket_from_m:
            need = at + APART_M + length_m - self.pocket_from_m
            raise ConfigError(
                f"roads: a link of {length_m:.0f} m is too short: its lanes and pocket need {need:.0f} m; "
                "move the junctions apart, or give both ends the same lanes"
            )
        if end.pocket_m > 0.0:
            self._open_pocket(end)

    @property
    def breaks_m(self) -> tuple[float, ...]:
        """Where lane sections begin, but for the one in which the median begins."""
        return tuple(s for s, _ in self._rows)

    def lanes(self, middle_m: float, median: Steps) -> tuple[tuple[LaneSection, ...], tuple[Cubic, ...]]:
        """Lane sections and lane offsets.

        Args:
            middle_m: from here on this carriageway carries the median, the other one before.
            median: its width along this carriageway, pockets not taken off.
        """
        split = max((row for row in self._rows if row[0] < middle_m), key=lambda row: row[0])
        rows = sorted([*self._rows, (middle_m, split[1])], key=lambda row: row[0])
        ends = [*(s for s, _ in rows[1:]), self._length_m]
        left = median.plus(self.pocket.scaled(-1.0)).pieces()
        ids = [_ids(tracks) for _, tracks in rows]
        sections = []
        for i, ((start, tracks), end) in enumerate(zip(rows, ends, strict=True)):
            before = ids[i - 1] if i > 0 else {}
            after = _after(tracks, ids[i + 1]) if i + 1 < len(rows) else {}
            lanes = [edge_lane()]
            widths = restricted(left, start, end)
            if start >= middle_m and any(v.a > 0.0 or v.c > 0.0 for v in widths):
                lanes.insert(0, _median(widths, first=start == middle_m, last=i + 1 == len(rows)))
            driving = [v for v in tracks if v.kind is LaneType.DRIVING]
            lanes.extend(
                Lane(
                    id=ids[i][track],
                    type=track.kind,
                    widths=restricted(track.width.pieces(), start, end),
                    road_marks=self._marks(track, driving, start, end),
                    predecessor=before.get(track),
                    successor=after.get(track),
                )
                for track in tracks
            )
            sections.append(LaneSection(s_m=start, lanes=tuple(lanes)))
        return tuple(sections), median.scaled(-0.5).plus(self.pocket).pieces()

    def _row(self, at_m: float, tracks: list[_Track]) -> None:
        self._rows = [*(row for row in self._rows if row[0] != at_m), (at_m, list(tracks))]

    def _ease_widths(self, tracks: list[_Track], start: CrossSection, end: CrossSection) -> float:
        """Lanes and strips to their widths at the end; returns where that is done."""
        here, there = dict(start.outer), dict(end.outer)
        if start.lane_m == end.lane_m and here == there:
            return LEAD_M
        out = [v for v in tracks if v.kind is LaneType.DRIVING]
        for track in out:
            track.width = track.width.then(LEAD_M, EASE_M, end.lane_m - start.lane_m)
        known = {v.kind: v for v in tracks if v.kind in here}
        for kind in _ORDER:
            if kind in here or kind in there:
                track = known.get(kind) or _Track(kind, Steps(first=0.0))
                track.width = track.width.then(LEAD_M, EASE_M, there.get(kind, 0.0) - here.get(kind, 0.0))
                out.append(track)
        done = LEAD_M + EASE_M
        if len(out) > len(tracks):
            self._row(LEAD_M, out)
        if any(kind not in there for kind in here):
            self._row(done, [v for v in out if v.kind is LaneType.DRIVING or v.kind in there])
        return done

    def _change_lane(self, at_m: float, lane_m: float, *, adds: bool) -> float:
        """One lane more or less, at the outer side; returns where that is done."""
        tracks = list(self._rows[-1][1])
        outermost = [v for v in tracks if v.kind is LaneType.DRIVING][-1]
        done = at_m + LANE_CHANGE_M
        if adds:
            # The outermost lane leads on into the new outermost one, and another opens beside it: traffic
            # that follows links would otherwise hardly ever turn right.
            opening = _Track(LaneType.DRIVING, Steps(first=0.0).then(at_m, LANE_CHANGE_M, lane_m))
            tracks.insert(tracks.index(outermost), opening)
            self._row(at_m, tracks)
        else:
            outermost.width = outermost.width.then(at_m, LANE_CHANGE_M, -outermost.width.last)
            tracks.remove(outermost)
            self._row(done, tracks)
        return done

    def _open_pocket(self, end: CrossSection) -> None:
        """The inner lane leads into the pocket, and the lane beside it opens, as on an arm."""
        at, tracks = self.pocket_from_m, list(self._rows[-1][1])
        tracks[0].width = tracks[0].width.then(at, TAPER_M, end.pocket_m - end.lane_m)
        tracks.insert(1, _Track(LaneType.DRIVING, Steps(first=0.0).then(at, TAPER_M, end.lane_m)))
        self._row(at, tracks)
        self.pocket = self.pocket.then(at, TAPER_M, end.pocket_m)

    def _marks(
        self, track: _Track, driving: list[_Track], start_m: float, end_m: float
    ) -> tuple[RoadMark, ...]:
        if track.kind is not LaneType.DRIVING:
            kind = "none" if track.kind is LaneType.SIDEWALK else "curb"
            return (RoadMark(s_offset_m=0.0, type=kind, color="white", lane_change="none"),)
        broken = RoadMark(s_offset_m=0.0, type="broken", color="white", width_m=_LINE_M, lane_change="both")
        solid = replace(broken, type="solid", lane_change="none")
        solid_from = self._length_m - _SOLID_M - start_m
        if track is driving[-1] or solid_from <= 0.0:
            return (solid,)
        if start_m + solid_from < end_m:
            return (broken, replace(solid, s_offset_m=solid_from))
        return (broken,)


def _ids(tracks: list[_Track]) -> dict[_Track, int]:
    return {track: -1 - i for i, track in enumerate(tracks)}


def _after(tracks: list[_Track], ids: dict[_Track, int]) -> dict[_Track, int]:
    """Where each lane leads on; a driving lane that closes leads into the one on its left."""
    out: dict[_Track, int] = {}
    left: int | None = None
    for track in tracks:
        left = ids.get(track, left)
        if track in ids:
            out[track] = ids[track]
        elif track.kind is LaneType.DRIVING and left is not None:
            out[track] = left
    return out


def _median(widths: tuple[Cubic, ...], *, first: bool, last: bool) -> Lane:
    return Lane(
        id=1,
        type=LaneType.MEDIAN,
        widths=widths,
        road_marks=(RoadMark(s_offset_m=0.0, type="curb", color="white", lane_change="none"),),
        predecessor=None if first else 1,
        successor=None if last else 1,
    )
