"""The part of Embree 4's C interface that the ray caster needs, by ctypes.

The library is the one inside the PyPI wheel `embreex`; embreex's own Python interface is not used, because it
knows neither instances nor the GIL. Numbers and layouts are those of Embree 4's public headers
(RenderKit/embree, include/embree4).
"""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int32, UInt32

from drivegen.core.errors import RenderError

PACKET_FIELDS = 21
"""Words of a ray-hit packet for each ray: 12 of the ray, 9 of the hit."""

_GEOMETRY_TRIANGLE = 0
_GEOMETRY_INSTANCE_ARRAY = 122
_BUFFER_INDEX = 0
_BUFFER_VERTEX = 1
_BUFFER_TRANSFORM = 23
_FORMAT_UINT = 0x5001
_FORMAT_UINT3 = 0x5003
_FORMAT_FLOAT3 = 0x9003
_FORMAT_FLOAT3X4_COLUMN_MAJOR = 0x9234
_SCENE_ROBUST = 1 << 2
_QUALITY_LOW = 0
_QUALITY_MEDIUM = 1
_QUERY_COHERENT = 1 << 16
_ALL_FEATURES = 0xFFFFFFFF
_PROPERTY_VERSION = 0
_NATIVE_PACKETS = ((16, 34), (8, 33), (4, 32))
"""(width, RTCDeviceProperty that tells whether this processor runs packets of it)."""

Handle = int
"""An opaque pointer of Embree."""


class _IntersectArguments(ctypes.Structure):
    """RTCIntersectArguments; the trailing float is there only in some builds, and harmless."""

    _fields_ = (
        ("flags", ctypes.c_uint32),
        ("feature_mask", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("filter", ctypes.c_void_p),
        ("intersect", ctypes.c_void_p),
        ("min_width_distance_factor", ctypes.c_float),
    )


def _find_library() -> Path:
    spec = importlib.util.find_spec("embreex")
    if spec is None or spec.origin is None:
        raise RenderError(
            "LiDAR needs Embree, and the package embreex that carries it is not installed: "
            "pip install 'embreex>=4.4,<5'"
        )
    folder = Path(spec.origin).parent.parent / "embreex.libs"
    found = sorted(folder.glob("libembree4*.so*"))
    if not found:
        raise RenderError(
            f"LiDAR needs Embree 4, and {folder} holds no libembree4: reinstall the wheel, "
            "pip install --force-reinstall --only-binary :all: 'embreex>=4.4,<5'"
        )
    return found[0]


_V, _P, _I, _U, _Z = None, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_size_t
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "rtcNewDevice": (_P, [ctypes.c_char_p]),
    "rtcReleaseDevice": (_V, [_P]),
    "rtcGetDeviceError": (_I, [_P]),
    "rtcGetDeviceLastErrorMessage": (ctypes.c_char_p, [_P]),
    "rtcGetDeviceProperty": (ctypes.c_ssize_t, [_P, _I]),
    "rtcNewScene": (_P, [_P]),
    "rtcReleaseScene": (_V, [_P]),
    "rtcSetSceneFlags": (_V, [_P, _I]),
    "rtcSetSceneBuildQuality": (_V, [_P, _I]),
    "rtcCommitScene": (_V, [_P]),
    "rtcNewGeometry": (_P, [_P, _I]),
    "rtcReleaseGeometry": (_V, [_P]),
    "rtcCommitGeometry": (_V, [_P]),
    "rtcAttachGeometryByID": (_V, [_P, _P, _U]),
    "rtcDetachGeometry": (_V, [_P, _U]),
    "rtcSetNewGeometryBuffer": (_P, [_P, _I, _U, _I, _Z, _Z]),
    "rtcSetSharedGeometryBuffer": (_V, [_P, _I, _U, _I, _P, _Z, _Z, _Z]),
    "rtcUpdateGeometryBuffer": (_V, [_P, _I, _U]),
    "rtcSetGeometryInstancedScenes": (_V, [_P, _P, _Z]),
}


class Embree:
    """A loaded library and one device. Builds run on the calling thread alone."""

    def __init__(self) -> None:
        """Loads the library and opens a device.

        Raises:
            RenderError: It is not installed, cannot be loaded, or refuses to start.
        """
        path = _find_library()
        try:
            self._library = ctypes.CDLL(str(path))
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(self._library, name)
                function.restype = result
                function.argtypes = arguments
        except (OSError, AttributeError) as error:
            raise RenderError(f"the Embree library {path} cannot be used: {error}") from error
        # One thread: servers run side by side, one a core, and TBB's pool would make them fight.
        self._device: Handle = self._library.rtcNewDevice(b"threads=1")
        if not self._device:
            raise RenderError(f"Embree ({path}) refused to start: {self._last_error(0)}")
        # Embree takes wider packets than the processor has lanes apart into single rays, at half the speed.
        self.packet_width = next(
            (w for w, p in _NATIVE_PACKETS if self._library.rtcGetDeviceProperty(self._device, p)), 4
        )
        self.intersect_address = _address(getattr(self._library, f"rtcIntersect{self.packet_width}"))
        self._coherent = _IntersectArguments(flags=_QUERY_COHERENT, feature_mask=_ALL_FEATURES)
        self.coherent_address = ctypes.addressof(self._coherent)

    @property
    def version(self) -> str:
        """Of the library, for example 4.4.0."""
        number = self._library.rtcGetDeviceProperty(self._device, _PROPERTY_VERSION)
        return f"{number // 10000}.{number // 100 % 100}.{number % 100}"

    def close(self) -> None:
        """Releases the device; what was made from it must have been released before."""
        if self._device:
            self._library.rtcReleaseDevice(self._device)
            self._device = 0

    def mesh_scene(
        self, positions_m: Float32[np.ndarray, "v 3"], triangles: Int32[np.ndarray, "t 3"]
    ) -> Handle:
        """A scene of one triangle mesh, built. Embree keeps copies of both arrays."""
        geometry = self._library.rtcNewGeometry(self._device, _GEOMETRY_TRIANGLE)
        self._fill_buffer(
            geometry, _BUFFER_VERTEX, _FORMAT_FLOAT3, positions_m.astype(np.float32, copy=False)
        )
        self._fill_buffer(geometry, _BUFFER_INDEX, _FORMAT_UINT3, triangles.astype(np.uint32))
        self._library.rtcCommitGeometry(geometry)
        scene: Handle = self._library.rtcNewScene(self._device)
        # Robust: no ray slips between two triangles that share an edge.
        self._library.rtcSetSceneFlags(scene, _SCENE_ROBUST)
        self._library.rtcSetSceneBuildQuality(scene, _QUALITY_MEDIUM)
        self._library.rtcAttachGeometryByID(scene, geometry, 0)
        self._library.rtcReleaseGeometry(geometry)
        self.commit(scene)
        return scene

    def instance_scene(self) -> Handle:
        """An empty scene for instances."""
        scene: Handle = self._library.rtcNewScene(self._device)
        self._library.rtcSetSceneFlags(scene, _SCENE_ROBUST)
        return scene

    def instances(
        self,
        parts: Sequence[Handle],
        part_of: UInt32[np.ndarray, "n"],
        transforms: Float32[np.ndarray, "n 4 3"],
    ) -> Handle:
        """A geometry of n instances of other scenes.

        Args:
            parts: The scenes that are instanced.
            part_of: For each instance, which of them.
            transforms: Columns of the 3x4 matrices, instance to world. Shared, not copied: the caller keeps
                the array alive, writes new values into it, and calls `refit`.
        """
        geometry: Handle = self._library.rtcNewGeometry(self._device, _GEOMETRY_INSTANCE_ARRAY)
        handles = (ctypes.c_void_p * len(parts))(*parts)
        self._library.rtcSetGeometryInstancedScenes(geometry, handles, len(parts))
        self._fill_buffer(geometry, _BUFFER_INDEX, _FORMAT_UINT, part_of)
        self._library.rtcSetSharedGeometryBuffer(
            geometry,
            _BUFFER_TRANSFORM,
            0,
            _FORMAT_FLOAT3X4_COLUMN_MAJOR,
            transforms.ctypes.data,
            0,
            48,
            len(transforms),
        )
        self._library.rtcCommitGeometry(geometry)
        self._check("instances")
        return geometry

    def refit(self, instances: Handle) -> None:
        """Takes up new values in the transforms of `instances`; `commit` of their scene must follow."""
        self._library.rtcUpdateGeometryBuffer(instances, _BUFFER_TRANSFORM, 0)
        self._library.rtcCommitGeometry(instances)

    def attach(self, scene: Handle, geometry: Handle, geometry_id: int) -> None:
        """Puts a geometry into a scene; `commit` must follow."""
        self._library.rtcAttachGeometryByID(scene, geometry, geometry_id)

    def detach(self, scene: Handle, geometry: Handle, geometry_id: int) -> None:
        """Takes a geometry out of a scene and releases it; `commit` must follow."""
        self._library.rtcDetachGeometry(scene, geometry_id)
        self._library.rtcReleaseGeometry(geometry)

    def commit(self, scene: Handle) -> None:
        """Builds the scene anew."""
        self._library.rtcCommitScene(scene)
        self._check("a scene")

    def release_scene(self, scene: Handle) -> None:
        """Frees a scene."""
        self._library.rtcReleaseScene(scene)

    def _fill_buffer(self, geometry: Handle, kind: int, layout: int, values: np.ndarray) -> None:
        stride = values.dtype.itemsize * (values.shape[1] if values.ndim == 2 else 1)
        target = self._library.rtcSetNewGeometryBuffer(geometry, kind, 0, layout, stride, len(values))
        if not target:
            self._check("a buffer")
            raise RenderError(f"Embree gave no memory for {values.nbytes} bytes")
        ctypes.memmove(target, np.ascontiguousarray(values).ctypes.data, values.nbytes)

    def _last_error(self, device: Handle) -> str:
        code = self._library.rtcGetDeviceError(device)
        text = self._library.rtcGetDeviceLastErrorMessage(device) or b""
        return f"error {code} {text.decode(errors='replace')}".strip() if code else ""

    def _check(self, what: str) -> None:
        error = self._last_error(self._device)
        if error:
            raise RenderError(f"Embree could not build {what}: {error}")


def library_version() -> str:
    """Version of the Embree library that rays are cast with, and the width of its packets on this processor.

    Raises:
        RenderError: It is not installed, cannot be loaded, or refuses to start.
    """
    embree = Embree()
    try:
        return f"{embree.version}, packets of {embree.packet_width} rays"
    finally:
        embree.close()


def _address(function: object) -> int:
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)  # type: ignore[arg-type]
