"""Checks of lanes that follow each other: do they touch, and is there a way on?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from drivegen.opendrive.checks.finding import Finding, Severity
from drivegen.opendrive.checks.lanes import TOUCH_M
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.lane_tips import LaneTip, lane_tip
from drivegen.opendrive.model import DRIVABLE, ElementKind, LaneType, Road
from drivegen.opendrive.topology import LaneRef, Topology

_APART_M = 0.5
"""Lanes whose ends are farther apart make a vehicle leave its lane."""
_KINK_RAD = np.radians(15.0)
_FOLLOWED = DRIVABLE | {LaneType.BIKING, LaneType.SIDEWALK, LaneType.WALKING}


def check_lane_links(geometry: NetworkGeometry) -> Iterator[Finding]:
    """Findings of linked lanes that do not touch, and of lanes without a way on."""
    network = geometry.network
    topology = Topology(network)
    for road in network.roads:
        for index, section in enumerate(road.lane_sections):
            for lane in section.lanes:
                if lane.id == 0 or lane.type not in _FOLLOWED:
                    continue
                ref = LaneRef(road_id=road.id, section=index, lane_id=lane.id)
                tip = lane_tip(geometry, ref, leaving=True)
                if tip is None:
                    continue
                after = topology.successors(ref)
                for other in after:
                    start = lane_tip(geometry, other, leaving=False)
                    if start is not None:
                        yield from _joint(ref, tip, other, start, driven=lane.type in DRIVABLE)
                if not after and lane.type in DRIVABLE:
                    yield from _dead_end(road, ref, tip)


def _finding(ref: LaneRef, tip: LaneTip, severity: Severity, kind: str, what: str, mend: str) -> Finding:
    return Finding(
        severity=severity,
        kind=kind,
        what=what,
        mend=mend,
        road_id=ref.road_id,
        section=ref.section,
        lane_id=ref.lane_id,
        s_m=tip.s_m,
        x_m=float(tip.centre_m[0]),
        y_m=float(tip.centre_m[1]),
    )


def _joint(ref: LaneRef, tip: LaneTip, other: LaneRef, start: LaneTip, *, driven: bool) -> Iterator[Finding]:
    to = f"lane {other.lane_id} of road {other.road_id}"
    flat = float(np.linalg.norm(start.centre_m[:2] - tip.centre_m[:2]))
    rise = abs(float(start.centre_m[2] - tip.centre_m[2]))
    turn = abs(tip.turn_to_rad(start))
    mend = "move or widen one of them, so that they touch"
    if rise > TOUCH_M:
        severity = Severity.ERROR if driven and rise > 4.0 * TOUCH_M else Severity.WARNING
        what = f"the next lane, {to}, begins {rise:.2f} m higher or lower"
        yield _finding(ref, tip, severity, "height-step", what, "make the elevations meet")
    # Where the width changes at once the centres are apart by half of that, and the lanes still touch.
    apart = flat - 0.5 * abs(start.width_m - tip.width_m)
    if apart > TOUCH_M:
        severity = Severity.ERROR if driven and apart > _APART_M else Severity.WARNING
        yield _finding(ref, tip, severity, "lane-gap", f"the next lane, {to}, begins {flat:.2f} m off", mend)
    elif driven and turn > _KINK_RAD:
        what = f"the next lane, {to}, begins turned by {np.degrees(turn):.0f} degrees"
        mend = "make the reference lines meet in one direction"
        yield _finding(ref, tip, Severity.WARNING, "lane-kink", what, mend)


def _dead_end(road: Road, ref: LaneRef, tip: LaneTip) -> Iterator[Finding]:
    link = road.successor if ref.lane_id < 0 else road.predecessor
    last = len(road.lane_sections) - 1
    inside = ref.section != (last if ref.lane_id < 0 else 0)
    if road.junction is not None or (link is not None and link.kind is ElementKind.JUNCTION and not inside):
        severity, what = Severity.WARNING, "a driving lane that ends in a junction"
    elif inside or link is not None:
        severity, what = Severity.WARNING, "a driving lane that ends, though the road goes on"
    else:
        severity, what = Severity.NOTE, "the end of a road: traffic vanishes here"
    mend = "link the lane to the one that follows it"
    yield _finding(ref, tip, severity, "dead-end" if severity is Severity.NOTE else "lane-ends", what, mend)
