"""Falling rain: streaks around the eye, drawn over the colour, hidden by what stands before them."""

from __future__ import annotations

from typing import Protocol

import moderngl

MOST_STREAKS = 5200


class RainPrograms(Protocol):
    """What makes vertex arrays of quads without a buffer."""

    def quads(self, name: str) -> moderngl.VertexArray:
        """The vertex array of the program `name`."""
        ...


class Rain:
    """Streaks whose places are a function of the simulated time and the world alone."""

    def __init__(self, gl: moderngl.Context, programs: RainPrograms) -> None:
        self._gl = gl
        self._quads = programs.quads("rain")

    def draw(self, rain: float) -> None:
        """Draws over the bound framebuffer's colour; `rain` is the share of the heaviest, 0 to 1."""
        count = round(MOST_STREAKS * rain)
        if count == 0:
            return
        gl = self._gl
        gl.enable_only(gl.BLEND | gl.DEPTH_TEST)
        # Colour and alpha apart; moderngl's stubs know only the short form.
        gl.blend_func = gl.ONE, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE  # type: ignore[assignment]
        self._quads.render(gl.TRIANGLE_STRIP, vertices=4, instances=count)
