"""All props of a world: what stands on the ground, and slides on it when it is struck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt32

from drivegen.core.geometry import Pose, Vec3, rpy_from_rotation
from drivegen.embedded.dynamics import colliders as c
from drivegen.embedded.dynamics.ground import GroundHeights
from drivegen.embedded.dynamics.obstacles import padded
from drivegen.embedded.dynamics.solids import Solid, single_solid

GRAVITY_MPS2 = 9.81
FRICTION = 0.6
"""Of plastic, wood and stone on asphalt, rounded."""
DRAG_ARM = 0.38
"""Arm of the friction that ends a prop's turning, over the diagonal: of a square with even pressure."""

Table = np.ndarray[Any, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class _Prop:
    id: int
    solids: tuple[Solid, ...]
    single: Solid | None
    """All of it as one body; None for what is no obstacle at all."""
    mass_kg: float
    inertia_kgm2: float
    arm_m: float
    position_m: Float64[np.ndarray, "3"]
    rpy_rad: Float64[np.ndarray, "3"]
    velocity_mps: Float64[np.ndarray, "3"]
    spin_radps: float = 0.0
    physics: bool = False
    gravity: bool = True
    tangible: bool = True


class PropDynamics:
    """Props; those without physics stand fast wherever they are put, which is how CARLA spawns them."""

    def __init__(self) -> None:
        self._props: dict[int, _Prop] = {}
        self._stale = True
        self._bodies: tuple[Table, Table, Table] = (
            np.zeros((0, c.N_BODY)),
            np.zeros((0, 8, 2)),
            np.zeros(0, np.int64),
        )
        self._owners: list[_Prop] = []
        self._moving: list[_Prop] = []

    def __len__(self) -> int:
        return len(self._props)

    def add(self, actor_id: int, solids: Sequence[Solid], mass_kg: float, pose: Pose) -> None:
        """Adds a prop that stands fast.

        Args:
            actor_id: Its id.
            solids: What of it others can touch, in its own frame; none for what all pass over.
            mass_kg: How heavy it is once it has physics.
            pose: Of its origin: the middle of its foot.
        """
        if actor_id in self._props:
            raise KeyError(f"prop {actor_id} exists already")
        single = single_solid(solids) if len(solids) else None
        size = np.ptp(single.corners_m, axis=0) if single is not None else np.full(2, 0.1)
        self._props[actor_id] = _Prop(
            id=actor_id,
            solids=tuple(solids),
            single=single,
            mass_kg=mass_kg,
            inertia_kgm2=mass_kg * float((size**2).sum()) / 12.0,
            arm_m=DRAG_ARM * float(np.hypot(*size)),
            position_m=np.array(pose.position_m),
            rpy_rad=np.array(rpy_from_rotation(pose.rotation)),
            velocity_mps=np.zeros(3),
        )
        self._stale = True

    def remove(self, actor_id: int) -> None:
        """Takes a prop out. KeyError if there is none of this id."""
        del self._props[actor_id]
        self._stale = True

    def __contains__(self, actor_id: int) -> bool:
        return actor_id in self._props

    def set_pose(self, actor_id: int, pose: Pose) -> None:
        """Puts a prop somewhere; its velocity stays."""
        prop = self._props[actor_id]
        prop.position_m = np.array(pose.position_m)
        prop.rpy_rad = np.array(rpy_from_rotation(pose.rotation))
        self._stale = True

    def set_simulate_physics(self, actor_id: int, enabled: bool) -> None:
        """A prop with physics falls, slides and is pushed; one without stands fast where it is put."""
        prop = self._props[actor_id]
        prop.physics = enabled
        if not enabled:
            prop.velocity_mps, prop.spin_radps = np.zeros(3), 0.0
        self._stale = True

    def set_collisions(self, actor_id: int, enabled: bool) -> None:
        """A prop without collisions stops nobody."""
        self._props[actor_id].tangible = enabled
        self._stale = True

    def set_gravity(self, actor_id: int, enabled: bool) -> None:
        """A prop without gravity floats, and nothing slows it."""
        self._props[actor_id].gravity = enabled
        self._stale = True

    def set_target_velocity(self, actor_id: int, velocity_mps: Vec3) -> None:
        """Sets the velocity once, world frame; without physics nothing comes of it."""
        prop = self._props[actor_id]
        if prop.physics:
            prop.velocity_mps = np.array(velocity_mps, np.float64)

    def set_target_angular_velocity(self, actor_id: int, angular_velocity_radps: Vec3) -> None:
        """Sets the turning about the vertical once; without physics nothing comes of it."""
        prop = self._props[actor_id]
        if prop.physics:
            prop.spin_radps = float(angular_velocity_radps[2])

    def add_impulse(self, actor_id: int, impulse_ns: Vec3) -> None:
        """A push at the centre of mass, world frame; without physics nothing comes of it."""
        prop = self._props[actor_id]
        if prop.physics:
            prop.velocity_mps = prop.velocity_mps + np.asarray(impulse_ns) / prop.mass_kg

    def fall(self, dt_s: float, ground: GroundHeights) -> None:
        """The vertical part of a step, for props with physics: they fall, and rest on the ground."""
        self._moving = [p for p in self._props.values() if p.physics]
        if not self._moving:
            return
        heights = ground.height_near(np.array([p.position_m for p in self._moving]))
        for prop, height in zip(self._moving, heights.tolist(), strict=True):
            speed = prop.velocity_mps[2] - (GRAVITY_MPS2 * dt_s if prop.gravity else 0.0)
            z = prop.position_m[2] + dt_s * speed
            rests = z <= height
            prop.position_m[2] = height if rests else z
            prop.velocity_mps[2] = 0.0 if rests else speed

    def bodies(self) -> tuple[Table, Table, Table]:
        """(rows, forms, counts of corners) as of `colliders`: a prop that moves is one, else each part."""
        if self._stale:
            self._make_bodies()
        rows, forms, counts = self._bodies
        rows = rows.copy()
        if self._moving:
            for k, prop in enumerate(self._owners):
                if prop.physics:
                    _write(prop, rows[k])
        return rows, forms, counts

    def _make_bodies(self) -> None:
        owners: list[_Prop] = []
        solids: list[Solid] = []
        for prop in self._props.values():
            parts = prop.solids
            if prop.physics and prop.single is not None:
                parts = (prop.single,)
            owners += [prop] * len(parts)
            solids += parts
        rows = np.zeros((len(owners), c.N_BODY))
        corners = np.zeros((len(owners), 8, 2))
        for k, (prop, solid) in enumerate(zip(owners, solids, strict=True)):
            corners[k] = padded(solid.corners_m)
            rows[k, c.REACH] = float(np.hypot(*solid.corners_m.T).max())
            rows[k, c.SOLID] = float(prop.tangible)
            # What bounds the height from below is below the foot for all that stands on the ground.
            rows[k, c.LOW], rows[k, c.HIGH] = solid.low_m, solid.high_m
            if prop.physics:
                rows[k, c.EASE], rows[k, c.TURN_EASE] = 1.0 / prop.mass_kg, 1.0 / prop.inertia_kgm2
            rows[k, [c.LOW, c.HIGH]] += prop.position_m[2]
            _write(prop, rows[k])
        counts = np.array([[len(s.corners_m)] * 2 for s in solids], np.int64).reshape(-1, 2)
        self._bodies = rows, c.both_forms(corners), counts
        self._owners = owners
        self._stale = False

    def met(self, rows: Table) -> None:
        """Takes back where `bodies` have gone."""
        for k, prop in enumerate(self._owners):
            if prop.physics:
                prop.position_m[:2] = rows[k, [c.X, c.Y]]
                prop.rpy_rad[2] = rows[k, c.YAW]
                prop.velocity_mps[:2] = rows[k, [c.VX, c.VY]]
                prop.spin_radps = float(rows[k, c.SPIN])

    @property
    def body_ids(self) -> UInt32[np.ndarray, "b"]:
        """Whose the bodies are."""
        return np.array([p.id for p in self._owners], np.uint32)

    @property
    def moving(
        self,
    ) -> tuple[UInt32[np.ndarray, "n"], Float64[np.ndarray, "n 3"], Float64[np.ndarray, "n 3"]]:
        """(ids, positions, roll pitch yaw) of props with physics, which may have moved."""
        props = [p for p in self._props.values() if p.physics]
        return (
            np.array([p.id for p in props], np.uint32),
            np.array([p.position_m for p in props]).reshape(-1, 3),
            np.array([p.rpy_rad for p in props]).reshape(-1, 3),
        )

    def motion_of(self, actor_id: int) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
        """(velocity, angular velocity) of a prop, world frame."""
        prop = self._props[actor_id]
        return prop.velocity_mps.copy(), np.array([0.0, 0.0, prop.spin_radps])

    def mass_kg(self, actor_id: int) -> float:
        """How heavy a prop is."""
        return self._props[actor_id].mass_kg

    def has_physics(self, actor_id: int) -> bool:
        """Whether a prop moves."""
        return self._props[actor_id].physics


def _write(prop: _Prop, row: Table) -> None:
    row[[c.X, c.Y]] = prop.position_m[:2]
    row[c.YAW] = prop.rpy_rad[2]
    height = row[c.HIGH] - row[c.LOW]
    if prop.physics:
        row[[c.VX, c.VY]] = prop.velocity_mps[:2]
        row[c.SPIN] = prop.spin_radps
        single = prop.single
        if single is not None:
            row[c.LOW] = prop.position_m[2] + single.low_m
            row[c.HIGH] = row[c.LOW] + height
        grips = prop.gravity and prop.velocity_mps[2] == 0.0
        row[c.SLOWING] = FRICTION * GRAVITY_MPS2 if grips else 0.0
        row[c.TURN_SLOWING] = row[c.SLOWING] * prop.arm_m * prop.mass_kg / prop.inertia_kgm2
