"""The asset of a light vehicle with its riders: frame, what steers, two or three wheels, perhaps a crank."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float64

from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, apply, placed
from drivegen.embedded.assets.placed import WHITE, Row, place_rows
from drivegen.embedded.assets.vehicles.asset import BODY_BONE, CLOSED
from drivegen.embedded.assets.vehicles.doors import Door, Shares
from drivegen.embedded.assets.vehicles.light.posture import Sitting
from drivegen.embedded.drawables import Drawables

STEER_LIMIT_RAD = 0.42
"""What a rider turns the bars by while rolling; the hands of all bodies of the pool reach that far."""
WHEEL_BONES = {
    2: ("Wheel_Front", "Wheel_Rear"),
    3: ("Wheel_Front", "Wheel_Rear_Left", "Wheel_Rear_Right"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wheel:
    """Where a wheel turns; in the machine's frame, straight on."""

    mesh: int
    axle_m: Vec3
    radius_m: float
    steers: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crank:
    """Pedals that turn with the front wheel."""

    mesh: int
    centre_m: Vec3
    length_m: float
    half_width_m: float
    """From the middle to the middle of a pedal."""
    gear: float
    """Turns of the crank for one of the front wheel."""

    def turn_rad(self, wheel_rotation_rad: float) -> float:
        """Of the crank about the axle, the left pedal on top at 0."""
        return wheel_rotation_rad * self.gear

    def pedals_m(self, angle_rad: float) -> tuple[Vec3, Vec3]:
        """Upper faces of the pedals, left and right."""

        def at(angle: float, side: float) -> Vec3:
            x, z = self.length_m * math.sin(angle), self.length_m * math.cos(angle)
            return self.centre_m + np.array([x, side * self.half_width_m, z + PEDAL_HALF_M])

        return at(angle_rad, 1.0), at(angle_rad + math.pi, -1.0)


PEDAL_HALF_M = 0.014


@dataclass(frozen=True, kw_only=True, eq=False)
class Ridden:
    """A bicycle, e-bike, motorcycle or tricycle with its riders.

    Parts are in the machine's frame, whose origin is on the ground under the rear axle; `shift_m` takes it to
    the vehicle's frame. Mesh numbers are positions in `library_index`.
    """

    blueprint_id: str
    size_lwh_m: tuple[float, float, float]
    shift_m: Vec3
    library_index: tuple[int, ...]
    frame_mesh: int
    steered_mesh: int
    wheels: tuple[Wheel, ...]
    """Front first, then rear, or rear left and rear right."""
    steer_axis: Vec3
    """Unit, upward."""
    steer_point_m: Vec3
    """A point on the axis."""
    rests_m: tuple[Vec3, Vec3]
    """Where the balls of the feet rest, without a crank."""
    crank: Crank | None
    driver: Sitting
    fixed: tuple[Row, ...]
    """Passengers and what else does not move in itself."""
    livery_rgb: tuple[int, int, int] | None
    """Paint of vehicles that keep their own, whatever tint is asked for."""
    own_rgb: tuple[int, int, int]
    """Paint of this variant where the tint is the family's default."""
    default_rgb: tuple[int, int, int]
    steer_limit_rad: float = STEER_LIMIT_RAD

    @property
    def wheel_radius_m(self) -> float:
        """Of the front wheel."""
        return self.wheels[0].radius_m

    @property
    def wheelbase_m(self) -> float:
        """Between front and rear axle."""
        return float(self.wheels[0].axle_m[0] - self.wheels[-1].axle_m[0])

    @property
    def doors(self) -> tuple[Door, ...]:
        """None."""
        return ()

    def steered(self, steer_rad: float) -> Mat4:
        """Where what steers goes, in the machine's frame."""
        turn = _about(self.steer_axis, steer_rad)
        return placed(turn, self.steer_point_m - turn @ self.steer_point_m)

    @cached_property
    def _root(self) -> Mat4:
        return placed(np.eye(3), self.shift_m)

    def _wheel(self, wheel: Wheel, turn: Mat4, rotation_rad: float) -> Mat4:
        """Pose of a wheel in the machine's frame; one that tilts as it steers is lifted onto the ground."""
        own = rotation_rad * self.wheel_radius_m / wheel.radius_m
        out = placed(rotation_about(1, own), wheel.axle_m)
        if not wheel.steers:
            return out
        out = turn @ out
        out[2, 3] = wheel.radius_m * math.sqrt(max(1.0 - out[2, 1] ** 2, 0.0))
        return np.asarray(out)

    def bones(self, wheel_rotation_rad: float, steer_rad: float, doors: Shares = CLOSED) -> dict[str, Mat4]:
        """See `VehicleAsset.bones`."""
        del doors  # it has none
        turn = self.steered(self._limited(steer_rad))
        out = {
            BODY_BONE: np.eye(4),
            "Steering": self._root @ turn @ placed(np.eye(3), self.steer_point_m),
        }
        for name, wheel in zip(WHEEL_BONES[len(self.wheels)], self.wheels, strict=True):
            out[name] = self._root @ self._wheel(wheel, turn, wheel_rotation_rad)
        return out

    def _limited(self, steer_rad: float) -> float:
        return max(-self.steer_limit_rad, min(self.steer_limit_rad, steer_rad))

    def paint(self, tint: tuple[int, int, int]) -> tuple[int, int, int]:
        """The paint for a wanted tint."""
        if self.livery_rgb is not None:
            return self.livery_rgb
        return self.own_rgb if tuple(tint) == self.default_rgb else tint

    def rows(self, wheel_rotation_rad: float, steer_rad: float, tint: tuple[int, int, int]) -> list[Row]:
        """All parts in the vehicle's frame, meshes numbered as in the library: the frame, what steers, the
        wheels, the crank if any, the driver, then what is fixed.
        """
        steer, paint = self._limited(steer_rad), self.paint(tint)
        turn = self.steered(steer)
        rows = [
            Row(mesh=self.frame_mesh, asset_mesh=np.eye(4), tint=paint),
            Row(mesh=self.steered_mesh, asset_mesh=turn, tint=paint),
        ]
        for wheel in self.wheels:
            rows.append(
                Row(mesh=wheel.mesh, asset_mesh=self._wheel(wheel, turn, wheel_rotation_rad), tint=paint)
            )
        soles = self.rests_m
        if self.crank is not None:
            angle = self.crank.turn_rad(wheel_rotation_rad)
            pose = placed(rotation_about(1, angle), self.crank.centre_m)
            rows.append(Row(mesh=self.crank.mesh, asset_mesh=pose, tint=WHITE))
            soles = self.crank.pedals_m(angle)
        rows += self.driver.rows(turn, steer, soles)
        rows += self.fixed
        return [
            Row(mesh=self.library_index[r.mesh], asset_mesh=self._root @ r.asset_mesh, tint=r.tint)
            for r in rows
        ]

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

    def grips_m(self, steer_rad: float) -> tuple[Vec3, Vec3]:
        """Where the hands hold, in the vehicle's frame."""
        turn = self._root @ self.steered(self._limited(steer_rad))
        left, right = self.driver.grips_m
        return apply(turn, *left), apply(turn, *right)


def _about(axis: Float64[np.ndarray, "3"], angle_rad: float) -> Float64[np.ndarray, "3 3"]:
    """Rotation about a unit axis (Rodrigues)."""
    x, y, z = axis
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + math.sin(angle_rad) * k + (1.0 - math.cos(angle_rad)) * (k @ k))
