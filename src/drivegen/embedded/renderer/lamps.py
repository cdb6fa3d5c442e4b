"""Lamps: where meshes emit light, and what that light does at night.

The light of all lamps near the camera is drawn from above into one small map, which every surface looks up
once, so that forty lamps cost no more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import moderngl
import numpy as np
from jaxtyping import Bool, Float32, Float64, UInt8

from drivegen.embedded import drawables as bits
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, Mesh

LAMP_MATERIALS = (
    *(Material(m) for m in range(Material.HEAD_LAMP, Material.STREET_LAMP + 1)),
    *(Material(m) for m in range(Material.REVERSE_LAMP, Material.BEACON_SECOND + 1)),
)
BEACONS = (Material.BEACON_FIRST, Material.BEACON_SECOND)
HIGH_BEAM = 27
"""What the shaders of pools and glows call a head lamp on high beam: no mesh has it."""

APART_M = 0.4
"""Lenses with a gap along x greater than this are lamps of their own: indicators at nose, mirror and tail."""
MAP_TEXELS = 512
MAP_SIZE_M = 144.0
MOST_LAMPS = 512

BITS_OF_MATERIAL = np.zeros(256, np.uint32)
BITS_OF_MATERIAL[Material.HEAD_LAMP] = bits.LIGHT_LOW_BEAM | bits.LIGHT_HIGH_BEAM
BITS_OF_MATERIAL[Material.TAIL_LAMP] = bits.LIGHT_POSITION | bits.LIGHT_LOW_BEAM | bits.LIGHT_HIGH_BEAM
BITS_OF_MATERIAL[Material.BRAKE_LAMP] = bits.LIGHT_BRAKE
BITS_OF_MATERIAL[Material.INDICATOR_LEFT] = bits.LIGHT_LEFT_BLINKER
BITS_OF_MATERIAL[Material.INDICATOR_RIGHT] = bits.LIGHT_RIGHT_BLINKER
BITS_OF_MATERIAL[Material.SIGNAL_RED] = bits.LIGHT_SIGNAL_RED
BITS_OF_MATERIAL[Material.SIGNAL_YELLOW] = bits.LIGHT_SIGNAL_YELLOW
BITS_OF_MATERIAL[Material.SIGNAL_GREEN] = bits.LIGHT_SIGNAL_GREEN
BITS_OF_MATERIAL[Material.STREET_LAMP] = bits.LIGHT_STREET_LAMP
BITS_OF_MATERIAL[Material.REVERSE_LAMP] = bits.LIGHT_REVERSE
BITS_OF_MATERIAL[Material.FOG_LAMP] = bits.LIGHT_FOG
BITS_OF_MATERIAL[Material.REAR_FOG_LAMP] = bits.LIGHT_FOG
BITS_OF_MATERIAL[Material.BEACON_FIRST] = bits.LIGHT_SPECIAL1
BITS_OF_MATERIAL[Material.BEACON_SECOND] = bits.LIGHT_SPECIAL2


class LampPrograms(Protocol):
    """What makes vertex arrays of quads, one for each row of a buffer."""

    def overlay(self, name: str, rows: moderngl.Buffer, vectors: int = 2) -> moderngl.VertexArray:
        """A vertex array of the program `name`; a row has so many vectors of four."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emitters:
    """e lamps of a mesh."""

    position_m: Float32[np.ndarray, "e 3"]
    """Middle of the lens, in the mesh's frame."""
    forward: Float32[np.ndarray, "e 3"]
    """Mean normal of the lens, in the mesh's frame."""
    material: UInt8[np.ndarray, "e"]
    color: Float32[np.ndarray, "e 3"]
    """Mean colour of the lens, its brightest part 1."""

    def __len__(self) -> int:
        return len(self.material)


def emitters_of(mesh: Mesh) -> Emitters:
    """The lamps of a mesh: lens triangles of one material, near one another on one side, are one lamp."""
    positions, forwards, materials, colors = [], [], [], []
    if len(mesh.triangles):
        of_triangle = mesh.materials[mesh.triangles[:, 0]]
        for material in LAMP_MATERIALS:
            chosen = mesh.triangles[of_triangle == material]
            if len(chosen) == 0:
                continue
            middle = mesh.positions_m[chosen].mean(axis=1)
            normal = mesh.normals[chosen].mean(axis=1)
            for side in _groups(middle):
                if side.any():
                    n = normal[side].sum(axis=0)
                    positions.append(middle[side].mean(axis=0))
                    forwards.append(n / max(float(np.linalg.norm(n)), 1e-9))
                    materials.append(int(material))
                    color = mesh.colors[chosen[side]].reshape(-1, 3).mean(axis=0)
                    colors.append((color / max(float(color.max()), 1.0)) ** 2.2)
    return Emitters(
        position_m=np.array(positions, np.float32).reshape(-1, 3),
        forward=np.array(forwards, np.float32).reshape(-1, 3),
        material=np.array(materials, np.uint8),
        color=np.array(colors, np.float32).reshape(-1, 3),
    )


def _groups(middle_m: Float32[np.ndarray, "t 3"]) -> list[Bool[np.ndarray, "t"]]:
    """Lens triangles left and right, and those before others by a gap: nose, mirror, tail."""
    order = np.argsort(middle_m[:, 0], kind="stable")
    gaps = np.diff(middle_m[order, 0]) > APART_M
    group = np.zeros(len(order), np.int64)
    group[order[1:]] = np.cumsum(gaps)
    sides = (middle_m[:, 1] >= 0.0, middle_m[:, 1] < 0.0)
    return [side & (group == k) for side in sides for k in range(int(group.max()) + 1)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LampLights:
    """k lamps that are on, in the world."""

    position_m: Float32[np.ndarray, "k 3"]
    forward: Float32[np.ndarray, "k 3"]
    material: UInt8[np.ndarray, "k"]
    light: Float32[np.ndarray, "k 3"]
    """Linear rgb, relative to what a lamp of its material gives as it was made."""

    def __len__(self) -> int:
        return len(self.material)

    @staticmethod
    def joined(a: LampLights, b: LampLights) -> LampLights:
        """Those of a, then those of b."""
        return LampLights(
            position_m=np.concatenate([a.position_m, b.position_m]),
            forward=np.concatenate([a.forward, b.forward]),
            material=np.concatenate([a.material, b.material]),
            light=np.concatenate([a.light, b.light]),
        )


def lights_on(emitters: Sequence[Emitters], drawables: Drawables) -> LampLights:
    """The lamps of drawables whose bit is set."""
    positions, forwards, materials, lights = [], [], [], []
    for k in np.flatnonzero(drawables.lights):
        e = emitters[int(drawables.mesh_index[k])]
        if len(e) == 0:
            continue
        on = (BITS_OF_MATERIAL[e.material] & drawables.lights[k]) != 0
        if not on.any():
            continue
        matrix = drawables.world_mesh[k]
        positions.append(e.position_m[on] @ matrix[:3, :3].T + matrix[:3, 3])
        forwards.append(e.forward[on] @ matrix[:3, :3].T)
        far = (e.material[on] == Material.HEAD_LAMP) & bool(drawables.lights[k] & bits.LIGHT_HIGH_BEAM)
        materials.append(np.where(far, HIGH_BEAM, e.material[on]).astype(np.uint8))
        light = np.ones((int(on.sum()), 3), np.float32)
        light[e.material[on] == Material.STREET_LAMP] = _light_of(drawables, int(k))
        beacons = np.isin(e.material[on], BEACONS)
        light[beacons] = e.color[on][beacons]
        lights.append(light)
    return LampLights(
        position_m=np.concatenate([np.zeros((0, 3), np.float32), *positions]).astype(np.float32),
        forward=np.concatenate([np.zeros((0, 3), np.float32), *forwards]).astype(np.float32),
        material=np.concatenate([np.zeros(0, np.uint8), *materials]),
        light=np.concatenate([np.zeros((0, 3), np.float32), *lights]),
    )


def _light_of(drawables: Drawables, row: int) -> Float64[np.ndarray, "3"]:
    """What a street lamp's tint and highest light byte make of its light."""
    byte = int(drawables.lights[row]) >> bits.LAMP_SCALE_SHIFT
    scale = 2.0 ** ((byte - bits.LAMP_SCALE_ONE) / bits.LAMP_SCALE_STEPS) if byte else 1.0
    c = drawables.tint[row].astype(np.float64) / 255.0
    # As the shaders have it (view.glsl).
    return np.asarray(scale * c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878))


LAMP = np.dtype(
    [
        ("position", "3f4"),
        ("material", "f4"),
        ("forward", "3f4"),
        ("ground", "f4"),
        ("light", "3f4"),
        ("unused", "f4"),
    ]
)
"""Layout of the buffer of lamps; moderngl: `4f 4f 4f /i`."""


class LampMap:
    """The light of lamps on the ground, drawn from above, and the glow around each lens.

    Red, green and blue: of street lamps and small lamps. Alpha: of head lamps, whose colour is the shaders'.
    """

    def __init__(self, gl: moderngl.Context, programs: LampPrograms) -> None:
        self._gl = gl
        self.texture = gl.texture((MAP_TEXELS, MAP_TEXELS), 4, dtype="f2")
        self.texture.filter = (gl.LINEAR, gl.LINEAR)
        self.texture.repeat_x = self.texture.repeat_y = False
        self._framebuffer = gl.framebuffer([self.texture])
        self._buffer = gl.buffer(reserve=LAMP.itemsize * MOST_LAMPS)
        self._pools = programs.overlay("lamp_pool", self._buffer, 3)
        self._glows = programs.overlay("lamp_glow", self._buffer, 3)
        self._mirrored = programs.overlay("lamp_mirror", self._buffer, 3)
        self._count = 0

    def draw(self, lamps: LampLights, focus_m: Float64[np.ndarray, "3"], ground_m: float) -> None:
        """Draws the map around a point; the uniform `lamp_map` must say the same place."""
        near = np.linalg.norm(lamps.position_m[:, :2] - focus_m[:2], axis=1)
        chosen = np.argsort(near, kind="stable")[:MOST_LAMPS]
        rows = np.zeros(len(chosen), LAMP)
        rows["position"] = lamps.position_m[chosen]
        rows["material"] = lamps.material[chosen]
        rows["forward"] = lamps.forward[chosen]
        rows["ground"] = ground_m
        rows["light"] = lamps.light[chosen]
        self._count = len(rows)
        gl = self._gl
        self._framebuffer.use()
        self._framebuffer.clear()
        if self._count == 0:
            return
        self._buffer.write(rows)
        gl.enable_only(gl.BLEND)
        gl.blend_func = gl.ONE, gl.ONE
        self._pools.render(gl.TRIANGLE_STRIP, vertices=4, instances=self._count)

    def draw_glows(self) -> None:
        """Draws the glow of each lens of the last `draw` into the bound framebuffer."""
        if self._count == 0:
            return
        gl = self._gl
        gl.enable_only(gl.BLEND | gl.DEPTH_TEST)
        # Screen: light on light never leaves the display's range.
        # Colour and alpha apart; moderngl's stubs know only the short form.
        gl.blend_func = gl.ONE, gl.ONE_MINUS_SRC_COLOR, gl.ZERO, gl.ONE  # type: ignore[assignment]
        self._glows.render(gl.TRIANGLE_STRIP, vertices=4, instances=self._count)

    def draw_mirrored(self) -> None:
        """Draws the reflections of the lenses on a wet road, as `draw_glows` draws the glows."""
        if self._count == 0:
            return
        gl = self._gl
        gl.enable_only(gl.BLEND | gl.DEPTH_TEST)
        gl.blend_func = gl.ONE, gl.ONE_MINUS_SRC_COLOR, gl.ZERO, gl.ONE  # type: ignore[assignment]
        self._mirrored.render(gl.TRIANGLE_STRIP, vertices=4, instances=self._count)


def map_corner(focus_m: Float64[np.ndarray, "3"]) -> Float64[np.ndarray, "2"]:
    """World xy of the map's corner: around the focus, on whole texels so that nothing crawls."""
    texel = MAP_SIZE_M / MAP_TEXELS
    return np.asarray(np.round((focus_m[:2] - MAP_SIZE_M / 2) / texel) * texel)
