"""A body on its wheels: axles with single or twin tyres, and the asset that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.embedded.assets.vehicles.asset import (
    CLEARANCE_M,
    FourWheeler,
    WheelMount,
    box_matrix,
    steer_limit,
)
from drivegen.embedded.mesh import Mesh, MeshLibrary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axle:
    """Two wheels."""

    x_m: float
    wheel: Mesh
    radius_m: float
    tyre_m: float
    face_m: float
    """y of the left wheel's outer face."""
    steers: bool = False


def put_on_wheels(
    library: MeshLibrary,
    blueprint_id: str,
    size_lwh_m: tuple[float, float, float],
    body: Mesh,
    axles: Sequence[Axle],
    livery_rgb: tuple[int, int, int] | None = None,
) -> FourWheeler:
    """A body scaled into its box on its wheels, in the library; axles from the front to the rear."""
    fitted = box_matrix(body, size_lwh_m)
    body_mesh = library.add(body.transformed(fitted))
    meshes: dict[int, int] = {}
    mounts = []
    ends = [axles[0], axles[-1], *axles[1:-1]] if len(axles) > 1 else list(axles)
    for axle in ends:
        if id(axle.wheel) not in meshes:
            meshes[id(axle.wheel)] = library.add(axle.wheel)
        track = axle.face_m - axle.tyre_m / 2
        for side in (1.0, -1.0):
            x = float(fitted[0, 0]) * axle.x_m + float(fitted[0, 3])
            centre = np.array([x, side * track, axle.radius_m + CLEARANCE_M])
            mounts.append(WheelMount(mesh=meshes[id(axle.wheel)], centre_m=centre, steers=axle.steers))
    first = axles[0]
    return FourWheeler(
        blueprint_id=blueprint_id,
        size_lwh_m=size_lwh_m,
        wheel_radius_m=first.radius_m,
        wheelbase_m=axles[0].x_m - axles[-1].x_m,
        body_mesh=body_mesh,
        wheels=tuple(mounts),
        livery_rgb=livery_rgb,
        steer_limit_rad=min(
            steer_limit(size_lwh_m[1] / 2 - CLEARANCE_M, a.face_m - a.tyre_m / 2, a.radius_m, a.tyre_m / 2)
            for a in axles
            if a.steers or a is first
        ),
    )
