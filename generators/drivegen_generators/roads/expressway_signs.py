"""Signs along an expressway: limits, exits and entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivegen.opendrive.model import LaneType, LaneValidity, Road, Signal
from drivegen_generators.roads.expressway_carriageway import Carriageway
from drivegen_generators.roads.expressway_section import AUXILIARY, CrossSection
from drivegen_generators.roads.expressway_zones import ZoneKind
from drivegen_generators.roads.fittings import sign, speed_sign

_PLACES = (
    "荣华中路",
    "科创街",
    "经海路",
    "宏达路",
    "文化园路",
    "地盛街",
    "永昌路",
    "博兴路",
    "兴海路",
    "景园街",
)
"""Streets of Yizhuang New Town."""
_MERGE_TYPE = "121"
_NO_BICYCLES_TYPE = "254"
_SLOWER_M = ((120.0, 60.0), (50.0, 40.0))
"""Before a turn-around: distance to its start, and most km/h from there on."""
_SIDE_SLOWER_M = 25.0
_SIDE_LOOP_MPS = 30.0 / 3.6
_BESIDE_M = 0.6
_BOARD_M = 60.0
"""Boards with the places that an exit leads to stand so far before its nose."""


@dataclass(slots=True, kw_only=True)
class Signs:
    """Puts signs on roads and numbers them."""

    speed_mps: float
    side_mps: float
    ramp_mps: float
    first_place: int
    _count: int = 0

    def on_pieces(self, way: Carriageway, pieces: Sequence[Road], *, is_main: bool) -> list[Road]:
        """The pieces of a carriageway with their signs."""
        out = []
        for k, road in enumerate(pieces):
            section = way.section(k)
            arrived = way.zones[k - 1].kind if k > 0 else None
            coming = way.zones[k].kind if k < len(way.zones) else None
            found: list[Signal] = []
            if arrived in (None, ZoneKind.ARRIVE, ZoneKind.LEAVE, ZoneKind.CLOSE):
                found.append(self._limit(section, 2.0, way.speed_mps))
            if is_main and coming is ZoneKind.LEAVE:
                found += self._exit(section, road.length_m)
            if is_main and coming is ZoneKind.ARRIVE:
                found.append(self._plain(section, max(5.0, road.length_m - 60.0), _MERGE_TYPE, "Sign_Merge"))
            if coming is None:
                found += self._slower(section, road.length_m, is_main=is_main)
            out.append(replace(road, signals=tuple(found)))
        return out

    def on_ramp(self, road: Road, *, is_exit: bool) -> Road:
        """A ramp with its limit; who enters learns that bicycles may not."""
        found = [speed_sign(self._next(), 1.0, -_ramp_post_m(road), self.ramp_mps, 1)]
        if not is_exit:
            at = road.length_m / 2.0
            found.append(sign(self._next(), at, -_ramp_post_m(road), _NO_BICYCLES_TYPE, "Sign_NoBicycles", 1))
        return replace(road, signals=tuple(found))

    def _exit(self, section: CrossSection, length_m: float) -> list[Signal]:
        """Lower limits along the lane that leads to the ramp, and a board beside it."""
        lane = section.ids[AUXILIARY]
        own = LaneValidity(from_lane=lane, to_lane=lane)
        halfway = (self.speed_mps + self.ramp_mps) / 2.0
        slow = [
            replace(self._limit(section, s, round(limit * 0.36) * 10.0 / 3.6), validities=(own,))
            for s, limit in ((1.0, halfway), (max(5.0, length_m - 25.0), self.ramp_mps))
        ]
        ahead, right = (_PLACES[(self.first_place + self._count * 3 + i) % len(_PLACES)] for i in range(2))
        board = replace(
            self._plain(section, max(4.0, length_m - _BOARD_M), "expressway", "Sign_Exit"),
            text=f"|{ahead}|{right}",
        )
        return [*slow, board]

    def _slower(self, section: CrossSection, length_m: float, *, is_main: bool) -> list[Signal]:
        """Before the turn-around."""
        if not is_main:
            s = max(3.0, length_m - _SIDE_SLOWER_M)
            return [self._limit(section, s, min(self.side_mps, _SIDE_LOOP_MPS))]
        return [
            self._limit(section, max(3.0, length_m - before), min(self.speed_mps, most / 3.6))
            for before, most in _SLOWER_M
        ]

    def _limit(self, section: CrossSection, s_m: float, limit_mps: float) -> Signal:
        return speed_sign(self._next(), s_m, -_post_m(section), limit_mps, len(section.driving))

    def _plain(self, section: CrossSection, s_m: float, kind: str, name: str) -> Signal:
        return sign(self._next(), s_m, -_post_m(section), kind, name, len(section.driving))

    def _next(self) -> int:
        self._count += 1
        return 20000 + self._count


def _post_m(section: CrossSection) -> float:
    """From the reference line to posts: in the separator, or beside everything."""
    across = 0.0
    for strip in section.right:
        if strip.kind is LaneType.MEDIAN:
            return across + strip.width_m / 2.0
        across += strip.width_m
    return across + _BESIDE_M


def _ramp_post_m(road: Road) -> float:
    return sum(v.widths[0].a for v in road.lane_sections[0].right) + _BESIDE_M
