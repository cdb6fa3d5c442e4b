"""Drivers' controls as the arrays that dynamics takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt32

from drivegen.embedded.dynamics.vehicles import VehicleControls
from drivegen.embedded.wire.actors import VehicleControl


def control_arrays(
    controls: Mapping[int, VehicleControl],
) -> tuple[UInt32[np.ndarray, "n"], VehicleControls]:
    """Controls by vehicle, as rows."""
    rows = list(controls.values())
    return np.fromiter(controls, np.uint32, len(controls)), VehicleControls(
        throttle=np.array([c.throttle for c in rows], np.float64),
        steer=np.array([c.steer for c in rows], np.float64),
        brake=np.array([c.brake for c in rows], np.float64),
        hand_brake=np.array([c.hand_brake for c in rows], np.bool_),
        reverse=np.array([c.reverse for c in rows], np.bool_),
        manual_gear=np.array([c.manual_gear_shift for c in rows], np.bool_),
        gear=np.array([c.gear for c in rows], np.int32),
    )
