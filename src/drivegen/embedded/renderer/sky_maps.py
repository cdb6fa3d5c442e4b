"""Textures that follow the weather: the sky itself, and what shiny surfaces reflect."""

from __future__ import annotations

from typing import Any, Protocol

import moderngl
import numpy as np

from drivegen.embedded.renderer.light import Light
from drivegen.embedded.renderer.sky import COLUMNS, EDGE, LAYER, MIST_CURVE, PITCH, ROWS, shade_step

SKY_TEXELS = 1024
STREET_TEXELS = 256
WINDOW_LIGHT = np.array([1.0, 0.72, 0.42]) * 0.22
"""Exposed light of a lit window in a reflection."""
LIT_SHARE = 0.3
TABLE_UNIT = 8


class SkyPrograms(Protocol):
    """What compiles a program that fills a whole target."""

    def screen(self, name: str) -> moderngl.VertexArray:
        """The vertex array of `name`.frag; three vertices of it cover the target."""
        ...


class SkyMaps:
    """The sky's upper half and a street around it; drawn when the weather changes."""

    def __init__(self, gl: moderngl.Context, programs: SkyPrograms) -> None:
        self._gl = gl
        self.sky = _texture(gl, SKY_TEXELS)
        self.street = _texture(gl, STREET_TEXELS)
        self._sky_buffer = gl.framebuffer([self.sky])
        self._street_buffer = gl.framebuffer([self.street])
        self._table = gl.texture((COLUMNS, ROWS), 3, dtype="f4")
        self._table.filter = (gl.LINEAR, gl.LINEAR)
        self._table.repeat_x = self._table.repeat_y = False
        self._sky_pass = programs.screen("sky_map")
        self._street_pass = programs.screen("surroundings")
        self._light: Light | None = None

    def use(self, light: Light, sky_unit: int, street_unit: int) -> None:
        """Makes both textures those of a light, and binds them."""
        if self._light is not light:
            self._gl.enable_only(0)
            self._draw_sky(light)
            self.sky.use(sky_unit)
            self._draw_street(light)
            self._light = light
        self.sky.use(sky_unit)
        self.street.use(street_unit)

    def _draw_sky(self, light: Light) -> None:
        sky = light.sky
        self._table.write(np.ascontiguousarray(sky.table).tobytes())
        self._table.use(TABLE_UNIT)
        _set(
            self._sky_pass.program,
            clear_table=TABLE_UNIT,
            table_size=(float(COLUMNS), float(ROWS)),
            map_size=float(SKY_TEXELS),
            light_scale=light.sky_scale,
            to_sun=tuple(sky.to_sun),
            cover=(sky.cover, sky.closed, sky.threshold, min(1.0, sky.cover * 25.0)),
            layer=(LAYER, PITCH, EDGE, MIST_CURVE),
            shade_step=tuple(shade_step(sky.to_sun)),
            sunlit=tuple(sky.sunlit),
            shaded=tuple(sky.shaded),
            grey=tuple(sky.grey),
            night=tuple(sky.night),
            glow=tuple(sky.glow),
            mist=(*sky.mist_light, sky.mist),
        )
        self._sky_buffer.use()
        self._sky_pass.render(self._gl.TRIANGLES, vertices=3)

    def _draw_street(self, light: Light) -> None:
        walls = np.maximum(light.ambient[0], 0.0)
        _set(
            self._street_pass.program,
            map_size=float(STREET_TEXELS),
            light_scale=light.sky_scale,
            sky_scale=light.sky_scale,
            to_sun=tuple(light.to_sun),
            sun_light=tuple(light.sun),
            wall_light=tuple(walls),
            ground_light=tuple(light.bounce),
            horizon=tuple(light.horizon),
            lamps=(*(WINDOW_LIGHT / light.exposure), LIT_SHARE * light.night),
        )
        self._street_buffer.use()
        self._street_pass.render(self._gl.TRIANGLES, vertices=3)


def _texture(gl: moderngl.Context, side: int) -> moderngl.Texture:
    texture = gl.texture((side, side), 4)
    texture.filter = (gl.LINEAR, gl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    return texture


def _set(program: moderngl.Program, **values: Any) -> None:
    """Sets the uniforms that the compiler has left in."""
    for name, value in values.items():
        if name in program:
            program[name] = value
