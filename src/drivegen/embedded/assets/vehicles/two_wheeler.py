"""Two-wheelers: a frame, a part that steers, two wheels, perhaps a crank, and a rider."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, apply, placed
from drivegen.embedded.assets.placed import WHITE, Row, place_rows
from drivegen.embedded.assets.vehicles.asset import BODY_BONE, CLEARANCE_M, CLOSED
from drivegen.embedded.assets.vehicles.doors import Door, Shares
from drivegen.embedded.assets.vehicles.rider import Rider, dressed
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary

GEAR = 0.38
"""Turns of the crank for one of the wheel."""
STEER_LIMIT_RAD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crank:
    """Pedals that turn with the wheel."""

    mesh: int
    centre_m: Vec3
    length_m: float
    half_width_m: float
    """From the middle to the middle of a pedal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoWheeler:
    """A bicycle, scooter or motorcycle with its rider. Origin: on the ground under the centre of its box."""

    blueprint_id: str
    size_lwh_m: tuple[float, float, float]
    wheel_radius_m: float
    rear_radius_m: float
    frame_mesh: int
    steered_mesh: int
    """Fork, bars, lamp: in the vehicle's frame while it steers straight on."""
    front_wheel_mesh: int
    rear_wheel_mesh: int
    front_axle_m: Vec3
    rear_axle_m: Vec3
    steer_axis: Vec3
    """Unit, upward."""
    steer_point_m: Vec3
    """A point on the axis."""
    grips_m: tuple[Vec3, Vec3]
    rests_m: tuple[Vec3, Vec3]
    """Where the balls of the feet rest, without a crank."""
    crank: Crank | None
    rider: Rider
    steer_limit_rad: float = STEER_LIMIT_RAD

    @property
    def wheelbase_m(self) -> float:
        """Between the axles."""
        return float(self.front_axle_m[0] - self.rear_axle_m[0])

    def steered(self, steer_rad: float) -> Mat4:
        """Where what steers goes."""
        turn = _about(self.steer_axis, steer_rad)
        return placed(turn, self.steer_point_m - turn @ self.steer_point_m)

    def bones(self, wheel_rotation_rad: float, steer_rad: float, doors: Shares = CLOSED) -> dict[str, Mat4]:
        """See `VehicleAsset.bones`."""
        del doors  # it has none
        _, steered, front, rear = self.rows(wheel_rotation_rad, steer_rad, WHITE)[:4]
        return {
            BODY_BONE: np.eye(4),
            "Steering": steered.asset_mesh @ placed(np.eye(3), self.steer_point_m),
            "Wheel_Front": front.asset_mesh,
            "Wheel_Rear": rear.asset_mesh,
        }

    def rows(self, wheel_rotation_rad: float, steer_rad: float, tint: tuple[int, int, int]) -> list[Row]:
        """All parts in the vehicle's frame."""
        steer = max(-self.steer_limit_rad, min(self.steer_limit_rad, steer_rad))
        turn = self.steered(steer)
        front = turn @ placed(rotation_about(1, wheel_rotation_rad), self.front_axle_m)
        sunk = self.wheel_radius_m * math.sqrt(max(1.0 - front[2, 1] ** 2, 0.0)) + CLEARANCE_M - front[2, 3]
        front[2, 3] += max(sunk, 0.0)
        rear_turn = wheel_rotation_rad * self.wheel_radius_m / self.rear_radius_m
        rows = [
            Row(mesh=self.frame_mesh, asset_mesh=np.eye(4), tint=tint),
            Row(mesh=self.steered_mesh, asset_mesh=turn, tint=tint),
            Row(mesh=self.front_wheel_mesh, asset_mesh=front, tint=WHITE),
            Row(
                mesh=self.rear_wheel_mesh,
                asset_mesh=placed(rotation_about(1, rear_turn), self.rear_axle_m),
                tint=WHITE,
            ),
        ]
        grips = (apply(turn, *self.grips_m[0]), apply(turn, *self.grips_m[1]))
        soles = self.rests_m
        if self.crank is not None:
            angle = wheel_rotation_rad * GEAR
            rows.append(
                Row(mesh=self.crank.mesh, asset_mesh=placed(rotation_about(1, angle), self.crank.centre_m))
            )
            soles = (self._pedal(self.crank, angle, 1.0), self._pedal(self.crank, angle + math.pi, -1.0))
        return rows + self.rider.rows(grips, soles)

    @staticmethod
    def _pedal(crank: Crank, angle: float, side: float) -> Vec3:
        x, z = crank.length_m * math.sin(angle), crank.length_m * math.cos(angle)
        return np.asarray(crank.centre_m + np.array([x, side * crank.half_width_m, z + 0.02]))

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
        del doors  # it has none
        return place_rows(self.rows(wheel_rotation_rad, steer_rad, tint), world_actor, lights, object_id)

    @property
    def doors(self) -> tuple[Door, ...]:
        """See `VehicleAsset.doors`."""
        return ()

    def dressed(self, seed: int) -> TwoWheeler:
        """The same machine with its rider in other colours."""
        return replace(self, rider=dressed(self.rider, self.blueprint_id, seed))

    def with_steer_limit(self, library: MeshLibrary) -> TwoWheeler:
        """The same machine, steering no further than its box allows."""
        half = np.array(self.size_lwh_m[:2]) / 2 - CLEARANCE_M
        for angle in np.arange(STEER_LIMIT_RAD, 0.0, -0.04):
            machine = replace(self, steer_limit_rad=float(angle))
            still = [r.asset_mesh for r in machine.rows(0.0, 0.0, WHITE)]
            reach = [
                np.abs(library.meshes[r.mesh].positions_m @ r.asset_mesh[:3, :3].T + r.asset_mesh[:3, 3])[
                    :, :2
                ].max(axis=0)
                for steer in np.linspace(-angle, angle, 12)
                for r, before in zip(machine.rows(0.0, float(steer), WHITE), still, strict=True)
                if not np.array_equal(r.asset_mesh, before)
            ]
            if np.all(np.max(reach, axis=0) <= half - 2e-4):
                return machine
        return replace(self, steer_limit_rad=0.0)


def _about(axis: Float64[np.ndarray, "3"], angle_rad: float) -> Float64[np.ndarray, "3 3"]:
    """Rotation about a unit axis (Rodrigues)."""
    x, y, z = axis
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(angle_rad) * k + (1.0 - math.cos(angle_rad)) * (k @ k))
