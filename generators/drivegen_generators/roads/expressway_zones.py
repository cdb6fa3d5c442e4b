"""Where along an expressway ramps leave and arrive, and how far their extra lanes reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Kind(StrEnum):
    """What one direction of an expressway has."""

    MERGE = "merge"
    """An entry, and far behind it an exit."""
    DIVERGE = "diverge"
    """An exit, and behind it an entry."""
    WEAVING = "weaving"
    """An entry and an exit that share one auxiliary lane."""
    ALL = "all"
    """An exit, an entry and an exit that share a lane, an entry."""


class ZoneKind(Enum):
    """What happens to the auxiliary lane of a carriageway."""

    OPEN = "it widens out of the lane beside it"
    CLOSE = "it runs into the lane beside it"
    LEAVE = "it leads onto a ramp"
    ARRIVE = "it comes from a ramp"
    WEAVE = "it may be left for the lane beside it and entered from there"


AFTER = {
    ZoneKind.OPEN: True,
    ZoneKind.CLOSE: False,
    ZoneKind.LEAVE: False,
    ZoneKind.ARRIVE: True,
    ZoneKind.WEAVE: True,
}
"""Whether there is an auxiliary lane behind a zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A junction on a carriageway, between two stations of its direction's axis."""

    kind: ZoneKind
    first_m: float
    last_m: float
    ramp: int | None = None
    """Number of the ramp that leaves or arrives here."""

    def moved(self, by_m: float) -> Zone:
        """The same zone further on."""
        return Zone(kind=self.kind, first_m=self.first_m + by_m, last_m=self.last_m + by_m, ramp=self.ramp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Sizes along one direction of an expressway."""

    taper_m: float
    deceleration_m: float
    acceleration_m: float
    weaving_m: float
    ramp_m: float
    """From where its border leaves one carriageway's lanes to where it reaches the other's."""
    main_nose_m: float
    """From there to where ramp and main carriageway lie apart."""
    side_nose_m: float
    """As much at the side road."""


SIDE_TAPER_M = 45.0
_SIDE_LANE_M = 40.0
"""Full width of the side road's extra lane."""
_LEAD_M = 30.0
_APART_M = 60.0
_BETWEEN_M = 30.0
"""Of the side road, between two extra lanes."""
_WEAVE_M = 70.0


@dataclass(slots=True, kw_only=True)
class Plan:
    """The zones of one direction, and its length."""

    lengths: Lengths
    main: list[Zone] = field(default_factory=list)
    side: list[Zone] = field(default_factory=list)
    ramps: list[tuple[bool, float]] = field(default_factory=list)
    """Of each ramp: if it is an exit, and the station of its start."""
    length_m: float = 0.0

    def exit(self, start_m: float, *, opens: bool) -> float:
        """Adds an exit whose extra lane begins at a station; the ramp's start if it has one already.

        Returns the station where the side road is itself again.
        """
        v, number = self.lengths, len(self.ramps)
        at = start_m
        if opens:
            self._main(ZoneKind.OPEN, at, v.taper_m)
            at += v.taper_m + v.deceleration_m
        self._main(ZoneKind.LEAVE, at, v.main_nose_m, number)
        self.ramps.append((True, at))
        end = at + v.ramp_m
        self._side(ZoneKind.ARRIVE, end - v.side_nose_m, v.side_nose_m, number)
        self._side(ZoneKind.CLOSE, end + _SIDE_LANE_M, SIDE_TAPER_M)
        return end + _SIDE_LANE_M + SIDE_TAPER_M

    def entry(self, start_m: float, *, closes: bool) -> float:
        """Adds an entry for which the side road widens at a station.

        Returns the station where the main carriageway is itself again, or has its auxiliary lane.
        """
        v, number = self.lengths, len(self.ramps)
        self._side(ZoneKind.OPEN, start_m, SIDE_TAPER_M)
        at = start_m + SIDE_TAPER_M + _SIDE_LANE_M
        self._side(ZoneKind.LEAVE, at, v.side_nose_m, number)
        self.ramps.append((False, at))
        end = at + v.ramp_m
        self._main(ZoneKind.ARRIVE, end - v.main_nose_m, v.main_nose_m, number)
        if not closes:
            return end
        self._main(ZoneKind.CLOSE, end + v.acceleration_m, v.taper_m)
        return end + v.acceleration_m + v.taper_m

    def weaving(self, start_m: float) -> float:
        """Adds an entry and an exit that share a lane; returns what `exit` does."""
        end = self.entry(start_m, closes=False)
        half = (self.lengths.weaving_m - _WEAVE_M) / 2.0
        self._main(ZoneKind.WEAVE, end + half, _WEAVE_M)
        return self.exit(end + self.lengths.weaving_m, opens=False)

    def moved(self, by_m: float, length_m: float) -> Plan:
        """The same further on, on a longer road."""
        return Plan(
            lengths=self.lengths,
            main=[v.moved(by_m) for v in self.main],
            side=[v.moved(by_m) for v in self.side],
            ramps=[(leaves, s + by_m) for leaves, s in self.ramps],
            length_m=length_m,
        )

    def _main(self, kind: ZoneKind, first_m: float, length_m: float, ramp: int | None = None) -> None:
        self.main.append(Zone(kind=kind, first_m=first_m, last_m=first_m + length_m, ramp=ramp))

    def _side(self, kind: ZoneKind, first_m: float, length_m: float, ramp: int | None = None) -> None:
        self.side.append(Zone(kind=kind, first_m=first_m, last_m=first_m + length_m, ramp=ramp))


def plan(kind: Kind, lengths: Lengths) -> Plan:
    """The zones of one direction, as close together as they may be."""
    out = Plan(lengths=lengths)
    if kind is Kind.MERGE:
        end = out.exit(out.entry(_LEAD_M, closes=True) + _APART_M, opens=True)
    elif kind is Kind.DIVERGE:
        end = out.entry(out.exit(_LEAD_M, opens=True) + _BETWEEN_M, closes=True)
    elif kind is Kind.WEAVING:
        end = out.weaving(_LEAD_M)
    else:
        end = out.weaving(out.exit(_LEAD_M, opens=True) + _BETWEEN_M)
        end = out.entry(end + _BETWEEN_M, closes=True)
    out.length_m = end + _LEAD_M
    return out
