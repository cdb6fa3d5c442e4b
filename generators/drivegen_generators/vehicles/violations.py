"""Who breaks rules: red lights, illegal stops, cutting in. E-bikes the wrong way are riders'."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from drivegen.core.plans import Deed, Drive, Order, VehiclePlan
from drivegen_generators.vehicles.draft import Draft
from drivegen_generators.vehicles.models import Kind
from drivegen_generators.vehicles.staged import stop_some

_STOPS_AFTER_S = (2.0, 12.0)
_STANDS_S = (6.0, 25.0)
_CUT_IN_AHEAD_M = (12.0, 40.0)
"""Of the ego's middle."""
_CUT_IN_WITHIN_M = (7.0, 15.0)
_CUT_IN_SLOWER_PERCENT = (20.0, 40.0)
"""The ego, which keeps closer to the limit, comes up from behind."""
_TRIES = 12
_CUTTING_KINDS = ((Kind.CAR, 0.8), (Kind.TAXI, 0.12), (Kind.VAN, 0.08))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Shares of the vehicles in driving lanes."""

    red_light: float = 0.0
    illegal_stop: float = 0.0
    cut_in: float = 0.0


def cut_ins(draft: Draft, count: int) -> int:
    """Up to so many vehicles beside the ego's lane that change into it as the ego comes near.

    Returns how many it placed.
    """
    rng = draft.rng
    draft.ask("cut_in", count)
    sides = [
        (side, strip)
        for side in (1, -1)
        if (strip := draft.strips.neighbour(draft.ego_strip, side)) is not None
    ]
    placed = 0
    for _ in range(count if sides else 0):
        for _ in range(_TRIES):
            side, strip = sides[int(rng.random() * len(sides))]
            along = draft.ego_along_m + float(rng.uniform(*_CUT_IN_AHEAD_M))
            choice = draft.fleet.draw_weighted(rng, _CUTTING_KINDS)
            model = choice.model
            piece = draft.strips.strips[strip]
            if along + 0.5 * model.length_m > piece.length_m:
                continue
            pose = draft.strips.pose(strip, along)
            if not draft.takes(pose, model.length_m, model.width_m):
                continue
            behaviour = dataclasses.replace(
                draft.fleet.behaviour(rng, choice.kind),
                speed_difference_percent=round(float(rng.uniform(*_CUT_IN_SLOWER_PERCENT)), 2),
                lane_changes=False,
            )
            order = Order(
                deed=Deed.LANE_RIGHT if side > 0 else Deed.LANE_LEFT,
                ego_within_m=round(float(rng.uniform(*_CUT_IN_WITHIN_M)), 1),
            )
            draft.add(choice, pose, behaviour, place=(strip, along), roles=("cut_in",), orders=(order,))
            placed += 1
            break
    return placed


def mark(draft: Draft, rates: Rates, stops: int = 0) -> None:
    """Lets some of the vehicles in driving lanes ignore lights, and some stop where they may not.

    Vehicles that have a part of their own already, in a queue, a convoy, ..., keep it. `stops` of those ahead
    of the ego stop in any case.
    """
    if stops:
        draft.ask("illegal_stop", stops)
        for i in stop_some(draft, stops, _plain(draft)):
            draft.vehicles[i] = _stopping(draft, i)
    plain = _plain(draft)
    for name, rate in (("red_light", rates.red_light), ("illegal_stop", rates.illegal_stop)):
        if rate <= 0.0:
            continue
        count = int(draft.rng.binomial(len(plain), rate)) if plain else 0
        draft.ask(name, count)
        chosen = draft.rng.choice(len(plain), count, replace=False) if count else np.zeros(0, int)
        for k in sorted(chosen.tolist(), reverse=True):
            i = plain.pop(k)
            vehicle = draft.vehicles[i]
            if name == "red_light":
                roles = (*vehicle.roles, name)
                made = dataclasses.replace(vehicle, roles=roles, ignores_lights_percent=100.0)
            else:
                made = _stopping(draft, i)
            draft.vehicles[i] = made


def _plain(draft: Draft) -> list[int]:
    return [i for i, v in enumerate(draft.vehicles) if v.drive is Drive.TRAFFIC_MANAGER and not _has_part(v)]


def _stopping(draft: Draft, index: int) -> VehiclePlan:
    vehicle = draft.vehicles[index]
    return dataclasses.replace(
        vehicle, roles=(*vehicle.roles, "illegal_stop"), orders=_stop(draft.rng, vehicle.enters_s)
    )


_PARTS = frozenset({"queue", "convoy", "cut_in", "emergency", "bus_stop", "illegal_stop"})


def _has_part(vehicle: VehiclePlan) -> bool:
    return not _PARTS.isdisjoint(vehicle.roles)


def _stop(rng: np.random.Generator, enters_s: float) -> tuple[Order, ...]:
    at = enters_s + float(rng.uniform(*_STOPS_AFTER_S))
    stands = float(rng.uniform(*_STANDS_S))
    return (
        Order(deed=Deed.STOP, at_s=round(at, 2)),
        Order(deed=Deed.GO, at_s=round(at + stands, 2)),
    )
