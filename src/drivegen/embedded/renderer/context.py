"""Opens an OpenGL 4.5 core context without a display: EGL on a GPU, EGL on Mesa, or OSMesa from a wheel.

EGL devices are tried first, hardware before software; then OSMesa from the `lavavu-osmesa` wheel, loaded by
ctypes without importing `lavavu`. Which of several GPUs draws is told by its number among EGL's hardware
devices, so that servers side by side can each have their own. A process must not fork after a context exists
(Mesa's threads would hang): spawn.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import moderngl

from drivegen.core.errors import RenderError

Backend = Literal["auto", "egl", "osmesa"]
Opened = tuple[moderngl.Context, Callable[[str], int]]
"""A context and what tells the address of a GL function by its name."""

# moderngl's stubs declare the settings of a backend as dictionaries.
_CREATE: Callable[..., moderngl.Context] = moderngl.create_context

GL_VERSION = 450
SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swrast", "software")
OSMESA_WHEEL = "lavavu-osmesa"
# Only what libOSMesa needs and a bare system may lack, in the order in which one needs the other: the wheel's
# libraries have no RPATH, so that each must be in the process before the next is opened.
OSMESA_PRELOADS = (
    "libtinfo",
    "libzstd",
    "libffi",
    "libpcre2-8",
    "libselinux",
    "libdrm",
    "libglapi",
    "libLLVM",
)

# GL/osmesa.h
OSMESA_FORMAT = 0x22
OSMESA_DEPTH_BITS = 0x30
OSMESA_STENCIL_BITS = 0x31
OSMESA_ACCUM_BITS = 0x32
OSMESA_PROFILE = 0x33
OSMESA_CORE_PROFILE = 0x34
OSMESA_CONTEXT_MAJOR_VERSION = 0x36
OSMESA_CONTEXT_MINOR_VERSION = 0x37
OSMESA_RGBA = 0x1908
GL_UNSIGNED_BYTE = 0x1401


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextInfo:
    """Which OpenGL draws, and why this one."""

    backend: str
    """`egl` or `osmesa`."""
    renderer: str
    """GL_RENDERER."""
    version: str
    """GL_VERSION."""
    software: bool
    """True when the processor draws (llvmpipe)."""
    tried: tuple[str, ...]
    """One line for each way that was tried before this one, with the reason why it was not taken."""


class GraphicsContext:
    """An open context; `gl` is current on the thread that opened it."""

    def __init__(self, gl: moderngl.Context, info: ContextInfo, address_of: Callable[[str], int]) -> None:
        self.gl = gl
        self.info = info
        self.address_of = address_of
        """Address of a GL function by its name, 0 if there is none: for what moderngl does not offer."""

    def make_current(self) -> None:
        """Makes this context the one that GL calls of this thread go to."""
        enter: Callable[[], object] = self.gl.__enter__
        enter()

    def close(self) -> None:
        """Gives the context back; nothing made with it may be used afterwards."""
        self.gl.release()


class _OsMesa:
    """A context of libOSMesa in the form that moderngl takes: a loader of GL functions."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.OSMesaCreateContextAttribs.restype = ctypes.c_void_p
        library.OSMesaCreateContextAttribs.argtypes = [ctypes.POINTER(ctypes.c_int), ctypes.c_void_p]
        library.OSMesaMakeCurrent.restype = ctypes.c_ubyte
        library.OSMesaMakeCurrent.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int] * 3]
        library.OSMesaGetProcAddress.restype = ctypes.c_void_p
        library.OSMesaGetProcAddress.argtypes = [ctypes.c_char_p]
        library.OSMesaDestroyContext.argtypes = [ctypes.c_void_p]
        attributes = [
            *(OSMESA_FORMAT, OSMESA_RGBA, OSMESA_DEPTH_BITS, 0, OSMESA_STENCIL_BITS, 0, OSMESA_ACCUM_BITS, 0),
            *(OSMESA_PROFILE, OSMESA_CORE_PROFILE),
            *(OSMESA_CONTEXT_MAJOR_VERSION, GL_VERSION // 100),
            *(OSMESA_CONTEXT_MINOR_VERSION, GL_VERSION % 100 // 10),
            0,
        ]
        self._context: int | None = library.OSMesaCreateContextAttribs(
            (ctypes.c_int * len(attributes))(*attributes), None
        )
        if not self._context:
            raise RenderError(f"OSMesa refused a core profile of OpenGL {GL_VERSION / 100:.1f}")
        # Everything is drawn into framebuffer objects; OSMesa wants a default one all the same.
        self._pixels = (ctypes.c_ubyte * 64)()
        self.__enter__()

    def __enter__(self) -> None:
        if self._context and not self._library.OSMesaMakeCurrent(
            self._context, self._pixels, GL_UNSIGNED_BYTE, 4, 4
        ):
            raise RenderError("OSMesaMakeCurrent failed")

    def __exit__(self, *_: object) -> None:
        pass

    def load_opengl_function(self, name: str) -> int:
        """Address of a GL function, 0 if the library has none."""
        return self._library.OSMesaGetProcAddress(name.encode()) or 0

    # moderngl's older name of the same.
    load = load_opengl_function

    def release(self) -> None:
        """Destroys the context."""
        if self._context:
            self._library.OSMesaDestroyContext(self._context)
            self._context = None


def open_context(backend: Backend = "auto", gpu: int | None = None) -> GraphicsContext:
    """Opens the best context that this machine has.

    Args:
        backend: `egl` or `osmesa` tries only that; `auto` tries EGL's devices, then OSMesa.
        gpu: Number of the GPU, from 0, among EGL's devices that are hardware: that one or none. Absent, the
            first that can be opened draws, and the processor where there is none.

    Raises:
        RenderError: no way to draw was found; says what was tried and how to mend it.
    """
    tried: list[str] = []
    if backend not in ("auto", "egl", "osmesa"):
        raise RenderError(f"renderer backend {backend!r} is unknown: choose auto, egl or osmesa")
    if gpu is not None:
        return _open_gpu(backend, gpu, tried)
    if backend in ("auto", "egl"):
        context = _open_egl(tried)
        if context is not None:
            return context
    if backend in ("auto", "osmesa"):
        context = _attempt("osmesa", "OSMesa of the wheel " + OSMESA_WHEEL, _open_osmesa, tried)
        if context is not None:
            return context
    raise RenderError(
        "no OpenGL 4.5 found to draw camera images. Tried: "
        + "; ".join(tried)
        + f". Mend: `pip install --no-deps {OSMESA_WHEEL}` (no root needed), or install libegl1, libgl1 and "
        "libgl1-mesa-dri (Debian, Ubuntu), or an NVIDIA driver with EGL."
    )


def _open_egl(tried: list[str]) -> GraphicsContext | None:
    """A hardware device if there is one, else the first software device."""
    software: GraphicsContext | None = None
    for index in range(_egl_device_count(tried)):
        label = f"EGL device {index}"
        context = _attempt("egl", label, partial(_egl_device, index), tried)
        if context is None:
            continue
        if not context.info.software:
            if software is not None:
                software.close()
            context.make_current()
            return context
        tried.append(f"{label}: {context.info.renderer} is software, hardware is preferred")
        if software is None:
            software = context
        else:
            context.close()
    if software is not None:
        software.make_current()
        software.info = replace(software.info, tried=tuple(tried))
    return software


def gpu_names() -> list[str]:
    """GL_RENDERER of each GPU that EGL offers, in the order of their numbers."""
    names = []
    tried: list[str] = []
    for index in range(_egl_device_count(tried)):
        context = _attempt("egl", f"EGL device {index}", partial(_egl_device, index), tried)
        if context is not None:
            if not context.info.software:
                names.append(context.info.renderer)
            context.close()
    return names


def _open_gpu(backend: Backend, gpu: int, tried: list[str]) -> GraphicsContext:
    """The hardware device of that number, and nothing in its place."""
    if backend == "osmesa" or gpu < 0:
        raise RenderError(
            f"gpu {gpu} with renderer {backend}: give a number from 0 with auto or egl; OSMesa has no GPU"
        )
    found = 0
    for index in range(_egl_device_count(tried)):
        label = f"EGL device {index}"
        context = _attempt("egl", label, partial(_egl_device, index), tried)
        if context is None:
            continue
        if not context.info.software and found == gpu:
            context.make_current()
            return context
        found += not context.info.software
        tried.append(f"{label}: {context.info.renderer} is not GPU {gpu}")
        context.close()
    raise RenderError(
        f"GPU {gpu} cannot draw: EGL offers {found} here. Tried: {'; '.join(tried)}. Mend: choose a number "
        "below that, leave gpu out to draw with what there is, or install the GPU's driver with its EGL."
    )


def _attempt(
    backend: str,
    label: str,
    make: Callable[[], tuple[moderngl.Context, Callable[[str], int]]],
    tried: list[str],
) -> GraphicsContext | None:
    try:
        gl, address_of = make()
    except Exception as error:  # drivers and loaders raise what they like; each is one more way that failed
        tried.append(f"{label}: {' '.join(str(error).split()) or type(error).__name__}")
        return None
    name = str(gl.info["GL_RENDERER"])
    info = ContextInfo(
        backend=backend,
        renderer=name,
        version=str(gl.info["GL_VERSION"]),
        software=any(word in name.lower() for word in SOFTWARE_RENDERERS),
        tried=tuple(tried),
    )
    return GraphicsContext(gl, info, address_of)


def _egl_device(index: int) -> Opened:
    # Libraries by name: ctypes.util.find_library needs ldconfig or a compiler, which bare containers lack.
    gl = _CREATE(
        require=GL_VERSION,
        standalone=True,
        backend="egl",
        device_index=index,
        libegl="libEGL.so.1",
        libgl="libGL.so.1",
    )
    egl = _egl_library()
    return gl, lambda name: egl.eglGetProcAddress(name.encode()) or 0


def _egl_library() -> ctypes.CDLL:
    egl = ctypes.CDLL("libEGL.so.1")
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
    return egl


def _egl_device_count(tried: list[str]) -> int:
    """Number of EGL devices (EGL_EXT_device_enumeration), 0 with a line in `tried` if EGL is absent."""
    try:
        egl = _egl_library()
    except OSError as error:
        tried.append(f"EGL: {error}")
        return 0
    address = egl.eglGetProcAddress(b"eglQueryDevicesEXT")
    if not address:
        tried.append("EGL: the library cannot list devices (eglQueryDevicesEXT)")
        return 0
    query = ctypes.CFUNCTYPE(
        ctypes.c_uint, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_int)
    )(address)
    count = ctypes.c_int(0)
    if not query(0, None, ctypes.byref(count)) or count.value == 0:
        tried.append("EGL: no device, a driver is missing (Debian: libgl1-mesa-dri)")
        return 0
    return count.value


def _open_osmesa() -> Opened:
    loader = _OsMesa(_load_osmesa())
    gl = _CREATE(require=GL_VERSION, standalone=True, context=loader)
    return gl, loader.load_opengl_function


def _load_osmesa() -> ctypes.CDLL:
    """libOSMesa of the wheel, after the libraries that it needs."""
    try:
        files = importlib.metadata.distribution(OSMESA_WHEEL).files or []
    except importlib.metadata.PackageNotFoundError:
        raise RenderError("the wheel is not installed") from None
    libraries = {f.name: Path(str(f.locate())) for f in files if re.search(r"\.so(\.|$)", f.name)}
    for stem in OSMESA_PRELOADS:
        for name in sorted(libraries):
            if name.startswith(stem):
                ctypes.CDLL(os.fspath(libraries[name]))
    for name in sorted(libraries):
        if name.startswith("libOSMesa"):
            return ctypes.CDLL(os.fspath(libraries[name]))
    raise RenderError("the wheel holds no libOSMesa")
