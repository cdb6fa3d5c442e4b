"""Bus stops, parking lanes and work zones on the carriageways of a finished form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from drivegen.opendrive.model import LaneType, Road, RoadNetwork
from drivegen_generators.roads import bus_stop, parking, work_zone
from drivegen_generators.roads.arm import Arm
from drivegen_generators.roads.options import check_whole
from drivegen_generators.roads.parking import PARALLEL, BayForm
from drivegen_generators.roads.strips import outermost_driving

MOST = 12
_DRAWN = 3
"""Where the number is drawn it is less than this."""
_OBJECTS_EACH = 100
_SIGNALS_EACH = 10
_FROM_JUNCTION_M = 22.0
"""Parking and stops begin so far behind a junction,"""
_TO_STOP_LINE_M = 42.0
"""and end so far before a stop line: lanes may not be changed there, and arrows lie on them."""
_SIGNS_BEFORE_M = 20.0
"""Signs ahead of works stand so far before a stretch."""
_FROM_END_M = 6.0
"""No lane section is shorter: the client passes over short ones."""


class HasExtras(Protocol):
    """Options of a form."""

    bus_stops: int | None
    parking_lanes: int | None
    work_zones: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How many of each; None: drawn."""

    bus_stops: int | None = 0
    parking_lanes: int | None = 0
    work_zones: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a one-way road that can be fitted out; nothing else stands there."""

    road_id: int
    start_m: float
    end_m: float
    closable: bool
    """A lane may be closed here."""


def check_extras(form: str, config: HasExtras) -> None:
    """Raises ConfigError unless the numbers are whole, or null."""
    for name in ("bus_stops", "parking_lanes", "work_zones"):
        if getattr(config, name) is not None:
            check_whole(form, name, getattr(config, name), 0, MOST)


def arm_stretches(network: RoadNetwork, arms: Iterable[Arm]) -> tuple[Stretch, ...]:
    """Both carriageways of each arm: behind the junction, and before its stop line and pocket."""
    out = []
    for arm in arms:
        leaving, entering = network.road_by_id[arm.ids.out], network.road_by_id[arm.ids.into]
        out.append(
            Stretch(
                road_id=leaving.id,
                start_m=_FROM_JUNCTION_M,
                end_m=leaving.length_m - _FROM_END_M,
                closable=True,
            )
        )
        until = entering.length_m - _TO_STOP_LINE_M
        if len(entering.lane_sections) > 1:
            until = min(until, entering.lane_sections[1].s_m - _FROM_END_M)
        out.append(Stretch(road_id=entering.id, start_m=_FROM_END_M, end_m=until, closable=False))
    return tuple(out)


def with_extras(
    network: RoadNetwork,
    stretches: Sequence[Stretch],
    config: HasExtras,
    rng: np.random.Generator,
    *,
    forms: Sequence[BayForm] = (PARALLEL,),
    first_object: int = 10_000,
    first_signal: int = 8_000,
) -> RoadNetwork:
    """The network with as many of each kind as are asked for and find room; one on a stretch at most.

    Args:
        network: finished.
        stretches: where they may be.
        config: how many; None: drawn, 0 to 2.
        rng: is left alone where nothing is asked for.
        forms: of parking bays, to draw from.
        first_object: objects get ids from here on.
        first_signal: signs the same.
    """
    wishes = (config.work_zones, config.bus_stops, config.parking_lanes)
    if all(v == 0 for v in wishes):
        return network
    counts = [int(rng.integers(_DRAWN)) if v is None else v for v in wishes]
    free = [stretches[int(i)] for i in rng.permutation(len(stretches))]
    roads = dict(network.road_by_id)
    number = 0
    for kind, count in zip((_with_works, _with_stop, _with_parking), counts, strict=True):
        done = 0
        for stretch in list(free):
            if done == count:
                break
            place = _Place(
                stretch=stretch,
                number=number,
                first_object=first_object + _OBJECTS_EACH * number,
                first_signal=first_signal + _SIGNALS_EACH * number,
                forms=tuple(forms),
            )
            made = kind(roads[stretch.road_id], place, rng)
            if made is not None:
                roads[stretch.road_id] = made
                free.remove(stretch)
                done, number = done + 1, number + 1
    return replace(network, roads=tuple(roads[road.id] for road in network.roads))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where something may be, and the ids that it may take."""

    stretch: Stretch
    number: int
    first_object: int
    first_signal: int
    forms: tuple[BayForm, ...]


def _with_works(road: Road, place: _Place, rng: np.random.Generator) -> Road | None:
    start, end = place.stretch.start_m - _SIGNS_BEFORE_M, place.stretch.end_m
    closed = any(v.type is LaneType.ROADWORKS for s in road.lane_sections for v in s.lanes)
    if closed or not place.stretch.closable or not work_zone.can_close(road, start, end):
        return None
    return work_zone.add_work_zone(
        road, start, end, rng, first_object=place.first_object, first_signal=place.first_signal
    )


def _with_stop(road: Road, place: _Place, rng: np.random.Generator) -> Road | None:
    stretch = place.stretch
    stand, bay = bus_stop.draw_stand_m(rng), bool(rng.random() < 0.6)
    room = stretch.end_m - stretch.start_m
    for length, is_bay in ((stand, bay), (stand, False), (bus_stop.LEAST_STAND_M, False)):
        spare = room - bus_stop.length_m(is_bay, length)
        if spare < 0.0 or not _is_plain(road, stretch) or not bus_stop.can_stop(road, stretch.start_m):
            continue
        return bus_stop.add_bus_stop(
            road,
            stretch.start_m + float(rng.uniform(0.0, 0.5)) * spare,
            length,
            rng,
            bay=is_bay,
            number=place.number,
            first_object=place.first_object,
        )
    return None


def _with_parking(road: Road, place: _Place, rng: np.random.Generator) -> Road | None:
    stretch = place.stretch
    if not _is_plain(road, stretch):
        return None
    form = place.forms[int(rng.integers(len(place.forms)))] if len(place.forms) > 1 else place.forms[0]
    made = parking.add_parking(
        road, stretch.start_m, stretch.end_m, form, first_object=place.first_object, most=_OBJECTS_EACH
    )
    return None if made is road else made


def _is_plain(road: Road, stretch: Stretch) -> bool:
    """Nothing begins or ends within the stretch, and traffic drives there."""
    if not 0.0 <= stretch.start_m < stretch.end_m <= road.length_m:
        return False
    first, last = road.section_at(stretch.start_m), road.section_at(stretch.end_m)
    lanes = road.lane_sections[first]
    fitted = any(v.type in {LaneType.STOP, LaneType.PARKING, LaneType.ROADWORKS} for v in lanes.lanes)
    return first == last and not fitted and outermost_driving(lanes) < 0
