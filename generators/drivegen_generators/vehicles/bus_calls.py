"""Buses that stand at stops when a scene begins, and drive on."""

from __future__ import annotations

import dataclasses
from weakref import WeakKeyDictionary

from drivegen.core.plans import Deed, Order, PlacedPose
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.stops import BusStop, bus_stops
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.models import Kind

_GOES_S = (3.0, 25.0)
_MOST_TRIES = 4
_GAP_M = 0.6


def call(draft: Draft, share: float, within_m: float) -> None:
    """Puts a bus at a share of the stops near the ego."""
    stops = _known_stops(draft.strips.network)
    if share <= 0.0 or not stops:
        return
    rng = draft.rng
    near = [s for s in stops if _distance_m(draft, s) < within_m]
    called = [s for s in near if rng.random() < share]
    draft.ask("bus_stop", len(called), beside=True)
    for stop in called:
        x, y, z = (round(float(v), 4) for v in stop.stand.position_m)
        pose = PlacedPose(x_m=x, y_m=y, z_m=z, yaw_rad=round(stop.stand.yaw_rad, 6))
        for _ in range(_MOST_TRIES):
            choice = draft.fleet.draw_of(rng, Kind.BUS)
            if choice.model.length_m <= stop.stand_length_m:
                break
        else:
            continue
        if not draft.takes(pose, choice.model.length_m, choice.model.width_m, _GAP_M, 0.0):
            continue
        behaviour = dataclasses.replace(draft.fleet.behaviour(rng, Kind.BUS), lane_changes=False)
        orders = (
            Order(deed=Deed.STOP, at_s=0.0),
            Order(deed=Deed.GO, at_s=round(float(rng.uniform(*_GOES_S)), 2)),
        )
        draft.add(choice, pose, behaviour, roles=("bus_stop",), orders=orders)


def _distance_m(draft: Draft, stop: BusStop) -> float:
    dx, dy = stop.stand.position_m[:2] - draft.ego_xy_m
    return float((dx * dx + dy * dy) ** 0.5)


def _known_stops(network: RoadNetwork) -> tuple[BusStop, ...]:
    found = _KEPT.get(network)
    if found is None:
        found = _KEPT[network] = bus_stops(network)
    return found


_KEPT: WeakKeyDictionary[RoadNetwork, tuple[BusStop, ...]] = WeakKeyDictionary()
