"""When a walker who waits for it begins a crossing."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import Begin, Crossing
from drivegen.record.box_avoidance import STANDING_MPS, Boxes
from drivegen.record.signals import RED, SignalView

MARGIN_S = 0.5
"""A signalised crossing is begun when the red is known to last the crossing time and this."""

FRESH_RED_S = 2.0
"""Or when the last of the lights has been red for no longer than this."""

GAP_REACH_M = 60.0
"""Vehicles farther away do not count."""

BEFORE_S, AFTER_S = 2.0, 1.0
"""A gap is accepted when each vehicle comes so much later, or is away so much sooner, than the walker is at
its place: lane by lane ("rolling gaps": Brewer, Fitzpatrick, Whitacre and Lord 2006, TRR 1982). The margins
are this project's own."""

CLEARANCE_M = 0.6
"""Vehicles that stand nearer to the way block it."""

EGO_SLOWEST_MPS = 2.0
"""Nobody darts out in front of an ego that is slower."""

EGO_ASIDE_M = 6.0
"""An ego in a bend, or changing lanes, heads past the way that it will cross."""

Point = Float64[np.ndarray, "2"]


def may_begin(
    crossing: Crossing,
    start_m: Point,
    end_m: Point,
    speed_mps: float,
    vehicles: Boxes,
    ego: int | None,
    signals: SignalView,
) -> bool:
    """Whether the moment has come.

    Args:
        crossing: What is to be crossed.
        start_m: Where the walker stands.
        end_m: Where it goes.
        speed_mps: While crossing.
        vehicles: All, the ego too.
        ego: Its row, if there is one.
        signals: Traffic lights.
    """
    if crossing.begin is Begin.EGO:
        arrives_s = None if ego is None else _arrives_s(vehicles, ego, start_m, end_m)
        return arrives_s is not None and arrives_s <= crossing.ego_within_s
    known = [s for s in crossing.signal_ids if s in signals.lights]
    if crossing.begin is Begin.GAP or not known:
        return _gap(start_m, end_m, speed_mps, vehicles)
    if any(signals.lights[s].state != RED for s in known):
        return False
    # A crossing that has only just become free is begun even where its time will not suffice: on wide
    # roads it never does, and there is no better moment.
    if min(signals.lights[s].elapsed_s for s in known) <= FRESH_RED_S:
        return True
    needed_s = float(np.hypot(*(end_m - start_m))) / speed_mps
    return all(signals.red_left_s(s) >= needed_s + MARGIN_S for s in known)


def _gap(start_m: Point, end_m: Point, speed_mps: float, vehicles: Boxes) -> bool:
    """Whether no vehicle that goes on as it does comes too close in time, or stands on the way."""
    leg = end_m - start_m
    length_m = max(float(np.hypot(*leg)), 1e-9)
    share = np.clip((vehicles.xy_m - start_m) @ leg / length_m**2, 0.0, 1.0)
    apart = start_m + share[:, None] * leg - vehicles.xy_m
    distance_m = np.maximum(np.hypot(*apart.T), 1e-9)
    half_m = vehicles.half_m[:, 0]
    blocks = distance_m < half_m + CLEARANCE_M
    pace = (vehicles.velocity_mps * apart).sum(axis=1) / distance_m
    comes = (distance_m < GAP_REACH_M) & (pace > STANDING_MPS)
    pace = np.maximum(pace, STANDING_MPS)
    walker_s = share * length_m / speed_mps
    in_time = (distance_m - half_m) / pace > walker_s + BEFORE_S
    away = (distance_m + half_m) / pace < walker_s - AFTER_S
    return not bool(np.any(blocks | (comes & ~in_time & ~away)))


def _arrives_s(vehicles: Boxes, ego: int, start_m: Point, end_m: Point) -> float | None:
    """Until the ego's front is at the crossing, going straight on as fast as now; None if it will not be."""
    velocity, place = vehicles.velocity_mps[ego], vehicles.xy_m[ego]
    speed_mps = float(np.hypot(*velocity))
    leg = end_m - start_m
    # place + t velocity = start + share leg
    across = float(velocity[0] * -leg[1] + velocity[1] * leg[0])
    if speed_mps < EGO_SLOWEST_MPS or abs(across) < 0.2 * speed_mps * float(np.hypot(*leg)):
        return None
    to = start_m - place
    meets_s = float(to[0] * -leg[1] + to[1] * leg[0]) / across
    share = float(velocity[0] * to[1] - velocity[1] * to[0]) / across
    left_s = meets_s - float(vehicles.half_m[ego, 0]) / speed_mps
    beside = max(-share, share - 1.0) * float(np.hypot(*leg))
    return left_s if beside <= EGO_ASIDE_M and left_s > 0.0 else None
