"""The vehicle asset: what `make_vehicle` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.placed import WHITE, Row, place_rows
from drivegen.embedded.assets.vehicles.doors import Door, Opening, Shares
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Mesh

CLOSED: Shares = (0.0, 0.0, 0.0, 0.0)
BODY_BONE = "Vehicle_Base"
WHEEL_BONES = ("Wheel_Front_Left", "Wheel_Front_Right", "Wheel_Rear_Left", "Wheel_Rear_Right")
"""CARLA's names for the bones of a vehicle with four wheels (its public page on adding vehicles)."""
DOOR_BONES = {
    Door.FRONT_LEFT: "Door_Front_Left",
    Door.FRONT_RIGHT: "Door_Front_Right",
    Door.REAR_LEFT: "Door_Rear_Left",
    Door.REAR_RIGHT: "Door_Rear_Right",
}
CLEARANCE_M = 0.01
"""Between everything that belongs to a vehicle and the faces of its box."""
MAX_STEER_RAD = 0.62


class VehicleAsset(Protocol):
    """A vehicle's meshes and how they move. Origin: on the ground under the centre of its box."""

    @property
    def blueprint_id(self) -> str:
        """CARLA's id."""
        ...

    @property
    def size_lwh_m(self) -> tuple[float, float, float]:
        """Full length, width, height of the box that holds everything with `CLEARANCE_M` to spare."""
        ...

    @property
    def wheel_radius_m(self) -> float:
        """Of the front wheel: `wheel_rotation_rad` grows by distance / radius."""
        ...

    @property
    def wheelbase_m(self) -> float:
        """Between front and rear axle."""
        ...

    def place(
        self,
        world_actor: Float[np.ndarray, "4 4"],
        wheel_rotation_rad: float,
        steer_rad: float,
        lights: int,
        object_id: int,
        tint: tuple[int, int, int],
        doors: Shares = CLOSED,
    ) -> Drawables:
        """The vehicle at a pose.

        Args:
            world_actor: rigid; origin on the ground, x forward, y left.
            wheel_rotation_rad: about the axle, growing when rolling forward.
            steer_rad: of the front wheels, positive to the left; limited to what fits in the box.
            lights: LIGHT_* bits.
            object_id: actor id.
            tint: sRGB of the paint.
            doors: how far each door is open, 0 to 1, in the order of CARLA's numbers.
        """
        ...

    @property
    def doors(self) -> tuple[Door, ...]:
        """Those that can be opened."""
        ...

    def bones(
        self, wheel_rotation_rad: float, steer_rad: float, doors: Shares = CLOSED
    ) -> dict[str, Float64[np.ndarray, "4 4"]]:
        """The parts that move, in the vehicle's frame: the body, wheels (x forward, y along the axle to the
        left), doors at their hinges. Arguments as those of `place`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WheelMount:
    """Where a wheel sits."""

    mesh: int
    centre_m: Float64[np.ndarray, "3"]
    steers: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FourWheeler:
    """A body that does not move in itself, and wheels that turn and steer."""

    blueprint_id: str
    size_lwh_m: tuple[float, float, float]
    wheel_radius_m: float
    wheelbase_m: float
    body_mesh: int
    wheels: tuple[WheelMount, ...]
    steer_limit_rad: float
    livery_rgb: tuple[int, int, int] | None = None
    """Paint of vehicles whose colour their service prescribes, whatever tint is asked for."""
    opening: Opening | None = None

    @property
    def doors(self) -> tuple[Door, ...]:
        """See `VehicleAsset.doors`."""
        return self.opening.doors if self.opening is not None else ()

    def bones(
        self, wheel_rotation_rad: float, steer_rad: float, doors: Shares = CLOSED
    ) -> dict[str, Float64[np.ndarray, "4 4"]]:
        """See `VehicleAsset.bones`."""
        steer = max(-self.steer_limit_rad, min(self.steer_limit_rad, steer_rad))
        out = {BODY_BONE: np.eye(4)}
        for name, wheel in zip(WHEEL_BONES, self.wheels, strict=False):
            matrix = np.eye(4)
            turn = rotation_about(2, steer if wheel.steers else 0.0)
            matrix[:3, :3] = turn @ rotation_about(1, wheel_rotation_rad)
            matrix[:3, 3] = wheel.centre_m
            out[name] = matrix
        if self.opening is not None:
            for hinged in self.opening.parts().doors:
                matrix = hinged.matrix(doors[hinged.door])
                matrix[:2, 3] = hinged.hinge_m
                out[DOOR_BONES[hinged.door]] = matrix
        return out

    def place(
        self,
        world_actor: Float[np.ndarray, "4 4"],
        wheel_rotation_rad: float,
        steer_rad: float,
        lights: int,
        object_id: int,
        tint: tuple[int, int, int],
        doors: Shares = CLOSED,
    ) -> Drawables:
        """See `VehicleAsset.place`."""
        steer = max(-self.steer_limit_rad, min(self.steer_limit_rad, steer_rad))
        if self.opening is not None and any(doors):
            rows = self.opening.parts().rows(doors, self.livery_rgb or tint)
        else:
            rows = [Row(mesh=self.body_mesh, asset_mesh=np.eye(4), tint=self.livery_rgb or tint)]
        for wheel in self.wheels:
            rows.append(
                Row(
                    mesh=wheel.mesh,
                    asset_mesh=wheel_matrix(
                        wheel.centre_m, wheel_rotation_rad, steer if wheel.steers else 0.0
                    ),
                    tint=WHITE,
                )
            )
        return place_rows(rows, world_actor, lights, object_id)


def wheel_matrix(
    centre_m: Float64[np.ndarray, "3"], rotation_rad: float, steer_rad: float
) -> Float64[np.ndarray, "4 4"]:
    """Pose of a wheel whose outer face is its +y; wheels on the right are turned round."""
    right = centre_m[1] < 0
    out = np.eye(4)
    out[:3, 3] = centre_m
    turn = rotation_about(2, steer_rad + (math.pi if right else 0.0))
    out[:3, :3] = turn @ rotation_about(1, -rotation_rad if right else rotation_rad)
    return out


def steer_limit(half_width_m: float, track_half_m: float, radius_m: float, tyre_half_m: float) -> float:
    """The largest angle at which a steered wheel stays within `half_width_m` of the middle."""
    for angle in np.arange(MAX_STEER_RAD, 0.0, -0.01):
        if track_half_m + tyre_half_m * math.cos(angle) + radius_m * math.sin(angle) <= half_width_m:
            return float(angle)
    return 0.0


def fit_to_box(mesh: Mesh, size_lwh_m: tuple[float, float, float]) -> Mesh:
    """The mesh scaled along each axis so that it reaches the box less `CLEARANCE_M` on all sides."""
    return mesh.transformed(box_matrix(mesh, size_lwh_m))


def box_matrix(mesh: Mesh, size_lwh_m: tuple[float, float, float]) -> Float64[np.ndarray, "4 4"]:
    """What `fit_to_box` does to a mesh.

    The wheels stand on the ground, not the body: it is scaled upward from z = 0, its underside with it.
    """
    low, high = (
        mesh.positions_m.min(axis=0).astype(np.float64),
        mesh.positions_m.max(axis=0).astype(np.float64),
    )
    length, width, height = size_lwh_m
    target_high = np.array([length / 2, width / 2, height]) - CLEARANCE_M
    matrix = np.eye(4)
    for axis in (0, 1):
        matrix[axis, axis] = 2 * target_high[axis] / (high[axis] - low[axis])
        matrix[axis, 3] = -matrix[axis, axis] * (high[axis] + low[axis]) / 2
    matrix[2, 2] = target_high[2] / high[2]
    return matrix
