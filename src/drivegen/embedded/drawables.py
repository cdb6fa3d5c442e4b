"""Drawables: placed meshes. The one description of a moment that cameras and rays share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32, UInt8, UInt32

# Bits of `Drawables.lights`; the first eleven are CARLA's VehicleLightState flags.
LIGHT_POSITION = 0x1
LIGHT_LOW_BEAM = 0x2
LIGHT_HIGH_BEAM = 0x4
LIGHT_BRAKE = 0x8
LIGHT_RIGHT_BLINKER = 0x10
LIGHT_LEFT_BLINKER = 0x20
LIGHT_REVERSE = 0x40
LIGHT_FOG = 0x80
LIGHT_INTERIOR = 0x100
LIGHT_SPECIAL1 = 0x200
LIGHT_SPECIAL2 = 0x400
LIGHT_SIGNAL_RED = 0x10000
LIGHT_SIGNAL_YELLOW = 0x20000
LIGHT_SIGNAL_GREEN = 0x40000
LIGHT_STREET_LAMP = 0x80000
LAMP_SCALE_SHIFT = 24
"""The highest byte of `Drawables.lights` tells how bright a street lamp is: 0 as it was made, else its light
times 2 ** ((byte - LAMP_SCALE_ONE) / LAMP_SCALE_STEPS)."""
LAMP_SCALE_ONE = 160
LAMP_SCALE_STEPS = 16


def lamp_look(
    color: tuple[int, int, int], made: tuple[int, int, int], scale: float
) -> tuple[int, tuple[int, int, int]]:
    """Bits and tint of a street lamp.

    Args:
        color: sRGB of its light.
        made: sRGB of the light of a lamp without any.
        scale: Its intensity, relative to that of a lamp without any; greater than 0.
    """
    ratio = [_linear(c) / _linear(m) for c, m in zip(color, made, strict=True)]
    most = max(ratio)
    if most <= 0.0:
        return 1 << LAMP_SCALE_SHIFT, (0, 0, 0)
    r, g, b = (round(255 * _encoded(c / most)) for c in ratio)
    byte = LAMP_SCALE_ONE + round(LAMP_SCALE_STEPS * math.log2(scale * most))
    return min(max(byte, 1), 255) << LAMP_SCALE_SHIFT, (r, g, b)


def _linear(value: int) -> float:
    """An sRGB byte as light, 0 to 1 (IEC 61966-2-1)."""
    c = value / 255
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def _encoded(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawables:
    """n placed meshes; rows of one actor share its object id."""

    mesh_index: Int32[np.ndarray, "n"]
    """Into the `MeshLibrary`."""
    world_mesh: Float32[np.ndarray, "n 4 4"]
    """Rigid transforms, mesh frame to world."""
    object_id: UInt32[np.ndarray, "n"]
    """Actor id; 0 for scenery without one."""
    tint: UInt8[np.ndarray, "n 3"]
    """sRGB colour that PAINT, CLOTH, and the light of STREET_LAMP are multiplied with."""
    lights: UInt32[np.ndarray, "n"]
    """LIGHT_* bits."""

    def __len__(self) -> int:
        return len(self.mesh_index)

    @staticmethod
    def empty() -> Drawables:
        """No rows."""
        return Drawables(
            mesh_index=np.zeros(0, np.int32),
            world_mesh=np.zeros((0, 4, 4), np.float32),
            object_id=np.zeros(0, np.uint32),
            tint=np.zeros((0, 3), np.uint8),
            lights=np.zeros(0, np.uint32),
        )

    @staticmethod
    def concatenate(parts: Sequence[Drawables]) -> Drawables:
        """All rows, in order."""
        if not parts:
            return Drawables.empty()
        return Drawables(
            mesh_index=np.concatenate([p.mesh_index for p in parts]),
            world_mesh=np.concatenate([p.world_mesh for p in parts]),
            object_id=np.concatenate([p.object_id for p in parts]),
            tint=np.concatenate([p.tint for p in parts]),
            lights=np.concatenate([p.lights for p in parts]),
        )
