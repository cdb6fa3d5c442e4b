"""Compiled code made ready before anybody waits for it."""

from __future__ import annotations

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.embedded.dynamics.bodies import body_for
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.stepping import Surroundings
from drivegen.embedded.dynamics.vehicles import VehicleDynamics
from drivegen.embedded.dynamics.walkers import WalkerDynamics


def warm_up(ground: GroundHeights, place: Pose | None = None) -> None:
    """Lets a car and a walker take one step, at a place or at the origin.

    The first step after an installation compiles for many seconds, longer than clients wait for a tick; later
    processes find the code on disk.
    """
    here = place if place is not None else Pose.identity()
    vehicles, walkers = VehicleDynamics(), WalkerDynamics()
    vehicles.add(1, body_for(ObjectClass.CAR, np.array([4.5, 1.9, 1.5])), here)
    walkers.add(2, np.array([0.5, 0.5, 1.8]), here @ Pose.from_xyz_rpy(9.0, 0.0, 0.9))
    walkers.step(0.01, ground)
    vehicles.step(0.01, ground, Surroundings(walkers=walkers))
