"""Where the roadside poles of a junction stand: one an arm, beside the traffic that comes in."""

from __future__ import annotations

import math

import numpy as np

from drivegen.core.roadside import CABINET_M, CABINET_Y_M, roadside_pole
from drivegen.opendrive.model import RoadObject
from drivegen.opendrive.sites import pole_object
from drivegen_generators.roads.arm import CrossSection

POLE_BEFORE_EDGE_M = 4.0
"""From the end of the carriageway in, where the stop line is, back along it: clear of the zebra, whose near
side lies 2.3 m beyond, of its dropped kerb, and of who waits there."""
POLE_VARIANTS = 32
"""So many different poles are used, that a city has few meshes."""
_BEHIND_M = CABINET_Y_M + CABINET_M[1] / 2
"""From the foot's middle to the back of the cabinet."""
_MAST_M = 0.15
"""Radius of the mast's foot."""
_FROM_KERB_M = 0.45
"""Of the mast's middle: its face keeps the usual clearance of 0.25 m and more from the kerb's edge."""
_RIM_M = 0.2
"""Left between the cabinet and the strip's other kerb."""
_WALKED_M = 0.9
"""The middle of a pavement stays clear to this distance."""
_INSIDE_M = 0.3
"""Of a narrow pavement's back edge, the mast's middle."""
_OVER_M = 0.8
"""The arm reaches at least this far over the roadway."""
_PAVED_Z_M = 0.15
_GROUND_Z_M = 0.13
"""Free ground lies 2 cm below the pavement beside it; so low is the foot of a pole whose cabinet is there."""


def draw_pole_variants(rng: np.random.Generator, arms: int) -> tuple[int, ...]:
    """One number for each arm; `pole_beside` takes the first fitting pole from there on."""
    return tuple(int(v) for v in rng.integers(0, POLE_VARIANTS, arms))


def pole_beside(section: CrossSection, length_m: float, object_id: int, variant: int) -> RoadObject | None:
    """The pole beside the end of a carriageway into a junction; None where no pole fits.

    It stands in the separator between driving and bicycle lanes where that is wide enough for its cabinet;
    else at the kerb of a pavement so wide that its middle stays free; else at the back of the pavement with
    the cabinet behind it and an arm that is long enough.

    Args:
        section: of the arm.
        length_m: of the carriageway in, whose t is negative to its right.
        object_id: unique in the network.
        variant: the first choice; poles with arms too short are passed over.
    """
    z = _PAVED_Z_M
    if section.separator_m >= _FROM_KERB_M + _BEHIND_M + _RIM_M:
        foot, roadway = section.driving_edge_m + _FROM_KERB_M, section.driving_edge_m
    elif section.pavement_m / 2 >= _FROM_KERB_M + _BEHIND_M + _WALKED_M:
        foot, roadway = section.kerb_m + _FROM_KERB_M, section.kerb_m
    else:
        # on the narrowest pavements the mast stands on the ground behind them
        inside = min(_INSIDE_M, section.pavement_m / 2 - _WALKED_M - _MAST_M)
        foot, roadway, z = section.outer_m - inside, section.kerb_m, _GROUND_Z_M
    least_arm_m = foot - roadway + _OVER_M
    for step in range(POLE_VARIANTS):
        choice = (variant + step) % POLE_VARIANTS
        if roadside_pole(choice).arm_m >= least_arm_m:
            return pole_object(
                object_id,
                choice,
                s_m=length_m - POLE_BEFORE_EDGE_M,
                foot_t_m=-foot,
                z_offset_m=z,
                heading_rad=math.pi,
            )
    return None
