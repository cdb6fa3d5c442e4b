"""What stands at and lies on the arms of a junction: lights, signs, zebras, stop lines, arrows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from drivegen.opendrive.model import CornerLocal, LaneValidity, Road, RoadObject, Signal
from drivegen_generators.roads.arm import Arm, CrossSection
from drivegen_generators.roads.turns import Lanes, Turn

ZEBRA_WIDTH_M = 5.0
ZEBRA_TO_EDGE_M = 2.3
STOP_LINE_M = 0.4
_SIGNAL_TYPE = "1000001"
"""A three-lens light in the catalogue that CARLA reads."""
_SPEED_TYPE = "274"
YIELD_TYPE = "205"
STOP_TYPE = "206"
_ARROW_BEFORE_STOP_M = (8.0, 24.0)
_ARROWS = {Turn.LEFT: "Left", Turn.THROUGH: "Through", Turn.RIGHT: "Right"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFittings:
    """What a junction puts on one of its arms."""

    out_objects: tuple[RoadObject, ...] = ()
    """On the carriageway that leads out of the junction; s counts from the junction's edge."""
    in_objects: tuple[RoadObject, ...] = ()
    """On the carriageway that leads in; s counts up to the arm's length."""
    out_signals: tuple[Signal, ...] = ()
    in_signals: tuple[Signal, ...] = ()


def light(signal_id: int, s_m: float, t_m: float, h_offset_rad: float, orientation: str) -> Signal:
    """A traffic light whose pole stands at (s, t); it governs only where something refers to it."""
    return Signal(
        id=str(signal_id),
        name="Signal_3Light_Post01",
        s_m=s_m,
        t_m=t_m,
        z_offset_m=0.0,
        h_offset_rad=h_offset_rad,
        orientation=orientation,
        dynamic=True,
        type=_SIGNAL_TYPE,
        subtype="-1",
        country="OpenDRIVE",
        width_m=0.4,
        height_m=1.2,
        validities=(LaneValidity(from_lane=0, to_lane=0),),
    )


def speed_sign(signal_id: int, s_m: float, t_m: float, limit_mps: float, lanes: int) -> Signal:
    """A speed-limit sign for the lanes -1 to -`lanes`, with its foot at (s, t)."""
    kmh = round(limit_mps * 3.6)
    return replace(
        light(signal_id, s_m, t_m, math.pi, "+"),
        name=f"Speed_{kmh}",
        dynamic=False,
        type=_SPEED_TYPE,
        subtype=str(kmh),
        value=float(kmh),
        unit="km/h",
        width_m=0.8,
        height_m=0.8,
        validities=(LaneValidity(from_lane=-lanes, to_lane=-1),),
    )


def sign(signal_id: int, s_m: float, t_m: float, kind: str, name: str, lanes: int) -> Signal:
    """A sign without a number, of a type of `opendrive.sign_faces`, for lanes -1 to -`lanes`."""
    return replace(
        speed_sign(signal_id, s_m, t_m, 0.0, lanes),
        name=name,
        type=kind,
        subtype="-1",
        value=None,
        unit="",
    )


def zebra(section: CrossSection, object_id: int) -> RoadObject:
    """A zebra crossing from kerb to kerb, to lie at the start of a carriageway out of a junction."""
    half = section.kerb_m
    near, far = -ZEBRA_TO_EDGE_M, -ZEBRA_TO_EDGE_M - ZEBRA_WIDTH_M
    corners = ((near, half), (far, half), (far, -half), (near, -half), (near, half))
    return RoadObject(
        id=str(object_id),
        name="ContinentalCrosswalk",
        type="crosswalk",
        s_m=0.0,
        t_m=0.0,
        orientation="none",
        length_m=ZEBRA_WIDTH_M,
        width_m=2.0 * half,
        outline=tuple(CornerLocal(u_m=u, v_m=v) for u, v in corners),
    )


def stop_lines(section: CrossSection, length_m: float, object_id: int) -> tuple[RoadObject, ...]:
    """Lines across the driving lanes and the bicycle lane at the end of a carriageway in."""
    kerb_side = -section.driving_edge_m
    bicycles = kerb_side - section.separator_m
    lines = [(section.entry_edge_m, kerb_side), (bicycles, bicycles - section.bicycle_m)]
    return tuple(
        RoadObject(
            id=str(object_id + i),
            name="StopLine",
            type="roadMark",
            s_m=length_m - STOP_LINE_M / 2.0 - 0.1,
            t_m=0.5 * (left + right),
            heading_rad=math.pi / 2.0,
            orientation="+",
            length_m=left - right - 0.2,
            width_m=STOP_LINE_M,
        )
        for i, (left, right) in enumerate(lines)
        if left - right > 0.5
    )


def arrows(
    section: CrossSection, length_m: float, plan: Mapping[Turn, Lanes], object_id: int
) -> tuple[RoadObject, ...]:
    """Arrows before the stop line of a carriageway in, for the turns that each lane serves."""
    out: list[RoadObject] = []
    t = section.entry_edge_m
    for lane in range(1, section.entry_lanes + 1):
        width = section.entry_width_m(lane)
        served = [
            text
            for turn, text in _ARROWS.items()
            if turn in plan and plan[turn].first <= lane < plan[turn].first + plan[turn].count
        ]
        out.extend(
            RoadObject(
                id=str(object_id + 2 * lane + i),
                name="Arrow_" + "".join(served),
                type="roadMark",
                s_m=length_m - before,
                t_m=t - width / 2.0,
                orientation="+",
                length_m=6.0,
                width_m=1.2,
            )
            for i, before in enumerate(_ARROW_BEFORE_STOP_M)
        )
        t -= width
    return tuple(out)


def arm_speed_signs(arm: Arm, first_id: int) -> tuple[Signal, Signal, Signal]:
    """Limits for the carriageway out, the turn-around and the carriageway in of an arm."""
    section = arm.section
    beside = -section.post_m
    slow_mps = min(30.0 / 3.6, arm.speed_mps)
    return (
        speed_sign(first_id, 20.0, beside, arm.speed_mps, section.lanes),
        speed_sign(first_id + 2, 1.0, beside, slow_mps, section.lanes),
        speed_sign(first_id + 1, 1.0, beside, arm.speed_mps, section.lanes),
    )


def fitted_arm(arm: Arm, put: ArmFittings, first_sign: int) -> tuple[Road, Road, Road]:
    """The roads of an arm that ends in a turn-around, with the limits of `arm_speed_signs` from an id on."""
    _, loop_speed, in_speed = arm_speed_signs(arm, first_sign)
    return arm.roads(
        out_objects=put.out_objects,
        in_objects=put.in_objects,
        out_signals=put.out_signals,
        in_signals=(*put.in_signals, in_speed),
        loop_signals=(loop_speed,),
    )
