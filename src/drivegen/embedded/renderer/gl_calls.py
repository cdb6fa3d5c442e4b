"""The few OpenGL 4.5 functions that moderngl does not offer, by ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from drivegen.core.errors import RenderError
from drivegen.embedded.renderer.context import GraphicsContext

GL_LOWER_LEFT = 0x8CA1
GL_ZERO_TO_ONE = 0x935F
GL_TEXTURE_2D = 0x0DE1
GL_DEPTH_COMPONENT32F = 0x8CAC
GL_DEPTH_ATTACHMENT = 0x8D00


class GlCalls:
    """Bound functions of one context."""

    def __init__(self, context: GraphicsContext) -> None:
        u, i = ctypes.c_uint, ctypes.c_int
        self._clip_control = _bind(context, "glClipControl", [u, u])
        self._create_textures = _bind(context, "glCreateTextures", [u, i, ctypes.POINTER(u)])
        self._texture_storage = _bind(context, "glTextureStorage2D", [u, i, u, i, i])
        self._framebuffer_texture = _bind(context, "glNamedFramebufferTexture", [u, u, u, i])
        self._copy_image = _bind(context, "glCopyImageSubData", [u, u, i, i, i, i, u, u, i, i, i, i, i, i, i])

    def depth_from_zero_to_one(self) -> None:
        """Clip space z in 0..1: with depth reversed in a float buffer it stays precise far away."""
        self._clip_control(GL_LOWER_LEFT, GL_ZERO_TO_ONE)

    def float_depth_texture(self, size: tuple[int, int]) -> int:
        """Name of a new 32-bit float depth texture; moderngl makes 24-bit ones."""
        name = ctypes.c_uint(0)
        self._create_textures(GL_TEXTURE_2D, 1, ctypes.byref(name))
        self._texture_storage(name.value, 1, GL_DEPTH_COMPONENT32F, *size)
        return name.value

    def attach_depth(self, framebuffer: int, texture: int) -> None:
        """Makes a texture the depth buffer of a framebuffer."""
        self._framebuffer_texture(framebuffer, GL_DEPTH_ATTACHMENT, texture, 0)

    def copy_texture(
        self, source: int, destination: int, corner: tuple[int, int], size: tuple[int, int]
    ) -> None:
        """Copies a rectangle of a texture to the same place in another of the same format."""
        place = (GL_TEXTURE_2D, 0, *corner, 0)
        self._copy_image(source, *place, destination, *place, *size, 1)


def _bind(context: GraphicsContext, name: str, types: list[type]) -> Callable[..., None]:
    address = context.address_of(name)
    if not address:
        raise RenderError(f"the OpenGL driver {context.info.renderer} lacks {name}: OpenGL 4.5 is needed")
    return ctypes.CFUNCTYPE(None, *types)(address)
