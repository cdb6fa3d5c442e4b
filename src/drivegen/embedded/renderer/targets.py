"""What is drawn into, and how it is read back."""

from __future__ import annotations

import sys
from collections.abc import Set

import moderngl
import numpy as np

from drivegen.embedded.renderer.antialias import Smoother
from drivegen.embedded.renderer.gl_calls import GlCalls
from drivegen.embedded.renderer.views import GBuffer, Output

ATTACHMENTS = (Output.COLOR, Output.DEPTH, Output.LABELS, Output.NORMAL, Output.FLOW)
"""In the order of the shaders' output locations."""

MOST_KEPT = 4
"""Arrays of one form that a target keeps to give out again."""


class _Arrays:
    """Arrays that are given out again once nobody holds them: the kernel need not find and clear new pages,
    which takes a tenth of a frame's time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[tuple[int, ...], str], list[np.ndarray]] = {}

    def empty(self, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        """An array without particular content; views of it keep it from being given out."""
        kept = self._kept.setdefault((shape, dtype), [])
        for index in range(len(kept)):
            # The list's reference and that of the call's argument: there is no other.
            if sys.getrefcount(kept[index]) == 2:
                return kept[index]
        array = np.empty(shape, dtype)
        if len(kept) < MOST_KEPT:
            kept.append(array)
        return array


class Target:
    """Textures of one image size and a framebuffer for each set of outputs.

    GL's bottom row holds the image's top row, so that what is read back begins at the top.
    """

    def __init__(self, gl: moderngl.Context, calls: GlCalls, width_px: int, height_px: int) -> None:
        self._gl = gl
        self._calls = calls
        self._size = (width_px, height_px)
        self._depth_test = calls.float_depth_texture(self._size)
        self._textures: dict[Output, moderngl.Texture] = {}
        self._framebuffers: dict[frozenset[Output], moderngl.Framebuffer] = {}
        self._arrays = _Arrays()
        self.smoother = Smoother(width_px, height_px)

    def framebuffer(self, wanted: Set[Output]) -> moderngl.Framebuffer:
        """A framebuffer that keeps the wanted outputs and drops the others."""
        key = frozenset(wanted)
        if key not in self._framebuffers:
            # Attachments are numbered without gaps: an unwanted one before a wanted one is kept all the same.
            last = max((ATTACHMENTS.index(o) for o in key), default=-1)
            textures = [self._texture(o) for o in ATTACHMENTS[: last + 1]]
            framebuffer = self._gl.framebuffer(textures)
            self._calls.attach_depth(framebuffer.glo, self._depth_test)
            self._framebuffers[key] = framebuffer
        # `color_only` may have had it last.
        self._framebuffers[key].depth_mask = True
        return self._framebuffers[key]

    def color_only(self) -> moderngl.Framebuffer:
        """The colour alone, before the same depth: for what leaves no label and no depth."""
        framebuffer = self.framebuffer({Output.COLOR})
        framebuffer.depth_mask = False
        return framebuffer

    def read(self, wanted: Set[Output]) -> GBuffer:
        """Waits for the drawing and copies the wanted outputs into arrays of their own."""
        width, height = self._size
        framebuffer = self.framebuffer(wanted)
        bgra = depth = labels = normal = flow = None
        if Output.COLOR in wanted:
            bgra = self._arrays.empty((height, width, 4), "u1")
            framebuffer.read_into(bgra, components=4, attachment=0)
        if Output.DEPTH in wanted:
            depth = self._arrays.empty((height, width), "f4")
            framebuffer.read_into(depth, components=1, attachment=1, dtype="f4")
        if Output.LABELS in wanted:
            words = self._arrays.empty((height, width), "u4")
            framebuffer.read_into(words, components=1, attachment=2, dtype="u4")
            labels = words.view(np.uint8).reshape(height, width, 4)
        if Output.NORMAL in wanted:
            normal = self._arrays.empty((height, width, 3), "f4")
            framebuffer.read_into(normal, components=3, attachment=3, dtype="f4")
        if Output.FLOW in wanted:
            flow = self._arrays.empty((height, width, 2), "f4")
            framebuffer.read_into(flow, components=2, attachment=4, dtype="f4")
        return GBuffer(bgra=bgra, depth_m=depth, labels=labels, normal=normal, flow=flow)

    def _texture(self, output: Output) -> moderngl.Texture:
        if output not in self._textures:
            components, dtype = {
                Output.COLOR: (4, "f1"),
                Output.DEPTH: (1, "f4"),
                Output.LABELS: (1, "u4"),
                Output.NORMAL: (4, "f4"),
                Output.FLOW: (2, "f4"),
            }[output]
            self._textures[output] = self._gl.texture(self._size, components, dtype=dtype)
        return self._textures[output]
