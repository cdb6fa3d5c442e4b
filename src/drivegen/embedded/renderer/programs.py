"""The shaders: one program for each shading class and way of lighting, compiled when first used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import moderngl
import numpy as np

from drivegen.embedded.renderer.parts import ShadingClass
from drivegen.embedded.renderer.store import GeometryStore

VERTEX_FORMAT = "3f 4i1 4u1 2f"
VERTEX_NAMES = ("position", "normal_tag", "color_material", "uv")
INSTANCE_FORMAT = "4f 4f 4f 4u /i"
INSTANCE_NAMES = ("world_x", "world_y", "world_z", "instance")
BEFORE_FORMAT = "4f 4f 4f /i"
BEFORE_NAMES = ("before_x", "before_y", "before_z")
BEFORE_BINDING = 1
"""Of the uniform block of before.glsl; the view's is 0."""

SHADOW_UNIT, SKY_UNIT, LAMP_UNIT, LETTER_UNIT, STREET_UNIT, MIRROR_UNIT = 0, 1, 2, 3, 4, 5
GROUND_CLASSES = frozenset(kind.name.lower() for kind in ShadingClass if kind.is_ground)
"""They share ground.frag."""
UNITS = {
    "shadow_map": SHADOW_UNIT,
    "sky_map": SKY_UNIT,
    "lamp_light": LAMP_UNIT,
    "letters": LETTER_UNIT,
    "street_map": STREET_UNIT,
    "mirror": MIRROR_UNIT,
}

VIEW_BLOCK = np.dtype(
    [
        ("clip_relative", "f4", (4, 4)),  # columns first, as GLSL stores them
        ("eye", "f4", 4),
        ("ray_corner", "f4", 4),
        ("ray_dx", "f4", 4),
        ("ray_dy", "f4", 4),
        ("sun", "f4", 4),
        ("sun_light", "f4", 4),
        ("ambient", "f4", (4, 4)),
        ("haze", "f4", 4),
        ("fog", "f4", 4),
        ("horizon", "f4", 4),
        ("zenith", "f4", 4),
        ("bounce", "f4", 4),
        ("wet", "f4", 4),
        ("shadow_world", "f4", (4, 4)),  # columns first
        ("far_scale", "f4", 4),
        ("far_offset", "f4", 4),
        ("lamp_map", "f4", 4),
        ("haze_sun", "f4", 4),
        ("air", "f4", 4),
    ]
)
"""The uniform block of view.glsl (std140)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighting:
    """What the shaders must be able to do; each combination is a program of its own."""

    color: bool
    normal: bool = False
    sun: bool = False
    lamps: bool = False
    wet: bool = False
    fog: bool = False
    mirror: bool = False
    """Wet ground looks its reflections up in the picture of `Mirror`."""
    reflected: bool = False
    """Draws that picture."""
    flow: bool = False


LABELS_ONLY = Lighting(color=False)


class Programs:
    """Compiles and keeps the programs, and their vertex arrays."""

    def __init__(self, gl: moderngl.Context, store: GeometryStore, instances: moderngl.Buffer) -> None:
        self._gl = gl
        self._store = store
        self._instances = instances
        self._before: moderngl.Buffer | None = None
        self._programs: dict[tuple[str, Lighting], moderngl.Program] = {}
        self._arrays: dict[tuple[str, Lighting], moderngl.VertexArray] = {}
        self._sky: dict[Lighting, moderngl.VertexArray] = {}
        self._generation = -1

    def use_instances(self, buffer: moderngl.Buffer) -> None:
        """Takes another instance buffer, after it had to grow."""
        self._instances = buffer
        self._forget_arrays()

    def use_before(self, buffer: moderngl.Buffer) -> None:
        """Takes another buffer of what the instances were before."""
        self._before = buffer
        self._forget_arrays()

    def array(self, shading: ShadingClass, lighting: Lighting) -> moderngl.VertexArray:
        """The vertex array that draws parts of a class."""
        name = "labels" if not lighting.color else shading.name.lower()
        return self._array(name, lighting, "geometry")

    def shadow(self) -> moderngl.VertexArray:
        """The vertex array that draws parts into a shadow map."""
        return self._array("shadow", LABELS_ONLY, "shadow")

    def sky(self, lighting: Lighting) -> moderngl.VertexArray:
        """The vertex array that fills what is left with sky."""
        key = Lighting(color=lighting.color, flow=lighting.flow)
        if key not in self._sky:
            fragment = "sky" if key.color else "sky_labels"
            program = self._compiled(_text("sky.vert"), _text(f"{fragment}.frag"), "", flow=key.flow)
            self._sky[key] = self._gl.vertex_array(program, [])
        return self._sky[key]

    def overlay(self, name: str, rows: moderngl.Buffer, vectors: int = 2) -> moderngl.VertexArray:
        """A vertex array that draws a quad (a strip of 4) for each row of 2 or 3 vectors (4f) of a buffer."""
        shared = _text("lamps.glsl") if name.startswith("lamp_") else ""
        fragment = _text("noise.glsl") + _text(f"{name}.frag")
        program = self._compiled(shared + _text(f"{name}.vert"), fragment, "")
        names = ("row_a", "row_b", "row_c")[:vectors]
        content = [(rows, *_used(program, "4f " * vectors + "/i", names))]
        return self._gl.vertex_array(program, content)

    def screen(self, name: str) -> moderngl.VertexArray:
        """A vertex array whose three vertices cover the target with the fragments of `name`.frag."""
        program = self._compiled(_text("sky.vert"), _text("noise.glsl") + _text(f"{name}.frag"), "")
        return self._gl.vertex_array(program, [])

    def quads(self, name: str) -> moderngl.VertexArray:
        """A vertex array that draws a quad (a strip of 4) for each instance, without a buffer."""
        program = self._compiled(_text("noise.glsl") + _text(f"{name}.vert"), _text(f"{name}.frag"), "")
        return self._gl.vertex_array(program, [])

    def _array(self, name: str, lighting: Lighting, vertex: str) -> moderngl.VertexArray:
        if self._generation != self._store.generation:
            self._forget_arrays()
            self._generation = self._store.generation
        key = (name, lighting)
        if key not in self._arrays:
            program = self._program(name, lighting, vertex)
            content = [
                (self._store.vertices, *_used(program, VERTEX_FORMAT, VERTEX_NAMES)),
                (self._instances, *_used(program, INSTANCE_FORMAT, INSTANCE_NAMES)),
            ]
            if lighting.flow and self._before is not None:
                content.append((self._before, *_used(program, BEFORE_FORMAT, BEFORE_NAMES)))
            self._arrays[key] = self._gl.vertex_array(program, content, self._store.indices)
        return self._arrays[key]

    def _program(self, name: str, lighting: Lighting, vertex: str) -> moderngl.Program:
        key = (name, lighting)
        if key not in self._programs:
            ground = name in GROUND_CLASSES
            flags = {
                "COLOR": lighting.color,
                "NORMAL": lighting.normal,
                "SUN": lighting.sun,
                "LAMPS": lighting.lamps,
                "WET": lighting.wet,
                "FOG": lighting.fog,
                "MIRROR": lighting.mirror,
                "REFLECTED": lighting.reflected,
                "GROUND": ground,
                name.upper(): True,
            }
            defines = "".join(f"#define {flag}\n" for flag, on in flags.items() if on)
            fragment = _text("ground.frag" if ground else f"{name}.frag")
            if lighting.color:
                fragment = _text("noise.glsl") + _text("shading.glsl") + fragment
            self._programs[key] = self._compiled(
                _text(f"{vertex}.vert"), fragment, defines, flow=lighting.flow
            )
        return self._programs[key]

    def _compiled(self, vertex: str, fragment: str, defines: str, *, flow: bool = False) -> moderngl.Program:
        if flow:
            defines += "#define FLOW\n" + _text("before.glsl")
            fragment = _text("flow.glsl") + fragment
        head = "#version 450 core\n" + defines + _text("view.glsl")
        program = self._gl.program(vertex_shader=head + vertex, fragment_shader=head + fragment)
        block = program.get("Before", None)
        if isinstance(block, moderngl.UniformBlock):
            block.binding = BEFORE_BINDING
        for sampler, unit in UNITS.items():
            if sampler in program:
                program[sampler] = unit
        return program

    def _forget_arrays(self) -> None:
        for array in self._arrays.values():
            array.release()
        self._arrays.clear()


def _used(program: moderngl.Program, layout: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The buffer's format and attribute names, with what the program leaves out skipped over."""
    sizes = {"f": 4, "u": 4, "i1": 1, "u1": 1}
    formats, kept = [], []
    rate = " /i" if layout.endswith("/i") else ""
    for field, name in zip(layout.removesuffix(" /i").split(), names, strict=True):
        if name in program:
            formats.append(field)
            kept.append(name)
        else:
            formats.append(f"{int(field[0]) * sizes[field[1:]]}x")
    return (" ".join(formats) + rate, *kept)


@cache
def _text(name: str) -> str:
    return (resources.files("drivegen.embedded.renderer") / "shaders" / name).read_text(encoding="utf-8")
