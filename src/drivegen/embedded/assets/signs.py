"""Traffic signs: plates of Chinese forms (GB 5768: round red rims, octagon, triangle) on a post."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drivegen.core.geometry import Box, Pose
from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, prism, rotation_about
from drivegen.embedded.assets.placed import Row, place_rows
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.opendrive.signals import SignKind

RED, WHITE, BLUE, YELLOW, BLACK = (196, 28, 34), (238, 238, 236), (22, 78, 168), (244, 196, 36), (24, 24, 24)
PLATE_Z_M = 2.6
"""Middle of the plate above the foot: its lower edge above the heads of people."""
RADIUS_M = 0.36

SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc",
    "5": "afgcd", "6": "afgedc", "7": "abc", "8": "abcdefg", "9": "abcdfg",
}  # fmt: skip
"""Strokes of a digit: a top, b right above, c right below, d bottom, e left below, f left above, g middle."""

STOP_STROKES = (
    ((-0.50, 0.95), (-0.98, 0.10)), ((-0.72, 0.50), (-0.72, -1.0)), ((0.22, 1.0), (0.34, 0.80)),
    ((-0.35, 0.70), (0.98, 0.70)), ((-0.05, 0.50), (0.66, 0.50)), ((-0.05, 0.18), (0.66, 0.18)),
    ((-0.05, 0.50), (-0.05, 0.18)), ((0.66, 0.50), (0.66, 0.18)), ((-0.38, -0.02), (0.98, -0.02)),
    ((-0.38, -0.02), (-0.42, -0.26)), ((0.98, -0.02), (0.92, -0.26)), ((-0.12, -0.32), (0.74, -0.32)),
    ((0.32, -0.32), (0.32, -1.0)), ((0.32, -1.0), (0.10, -0.90)),
)  # fmt: skip
"""Strokes of the character on the Chinese stop sign, in a square from -1 to 1, x to the reader's right."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignAsset:
    """A sign on its post. Origin: on the ground at the post's foot; the plate looks along +x."""

    post_mesh: int
    plate_mesh: int
    plate: Box
    """In the asset's frame."""

    def place(self, world_actor: Float[np.ndarray, "4 4"], object_id: int) -> Drawables:
        """The sign at a pose."""
        rows = [
            Row(mesh=self.post_mesh, asset_mesh=np.eye(4)),
            Row(mesh=self.plate_mesh, asset_mesh=self.plate.pose.matrix),
        ]
        return place_rows(rows, world_actor, 0, object_id)


def make_sign(library: MeshLibrary, kind: SignKind, value_kmh: int | None = None) -> SignAsset:
    """A sign of a kind; a speed limit shows its number."""
    out = Sculpture()
    if kind == SignKind.STOP:
        _layers(out, 8, ((1.0, WHITE), (0.93, RED)))
        for a, b in STOP_STROKES:
            _stroke(out, a, b, 0.19, 0.042, WHITE)
    elif kind == SignKind.YIELD:
        _layers(out, 3, ((1.15, RED), (0.78, WHITE)), down=True)
    elif kind == SignKind.SPEED:
        _layers(out, 24, ((1.0, RED), (0.80, WHITE)))
        _digits(out, str(value_kmh if value_kmh is not None else ""))
    else:
        _layers(out, 4, ((1.0, WHITE), (0.94, BLUE)))
        out.add(_painted(box((0.004, 0.08, 0.34), (0.078, 0.0, PLATE_Z_M - 0.02))), _face(WHITE))
    face = out.mesh(f"sign/{kind}_{value_kmh or 0}")
    low, high = (
        face.positions_m.min(axis=0).astype(np.float64),
        face.positions_m.max(axis=0).astype(np.float64),
    )
    middle = Pose(position_m=(low + high) / 2, orientation_wxyz=np.array([1.0, 0.0, 0.0, 0.0]))
    return SignAsset(
        post_mesh=library.add(_post().mesh("sign/post")),
        plate_mesh=library.add(face.transformed(middle.inverse().matrix)),
        plate=Box(pose=middle, size_m=high - low),
    )


def _post() -> Sculpture:
    out = Sculpture()
    steel = Finish((128, 131, 134), Material.METAL, Tag.POLE)
    out.add(lathe([(0.11, 0.0), (0.11, 0.02), (0.04, 0.04)], 10), steel)
    out.add(lathe([(0.04, 0.0), (0.04, PLATE_Z_M + 0.40)], 10), steel)
    return out


def _face(color: tuple[int, int, int]) -> Finish:
    return Finish(color, Material.MATTE, Tag.TRAFFIC_SIGN)


def _painted(solid: Shape) -> Shape:
    """The front of a solid alone: coarser levels of detail would lay flat what is raised by millimetres."""
    a, b, c = (solid.points_m[solid.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    front = solid.faces[normal[:, 0] > 0.9 * np.linalg.norm(normal, axis=1)]
    used, faces = np.unique(front, return_inverse=True)
    return Shape(points_m=solid.points_m[used], faces=faces.reshape(-1, 3).astype(solid.faces.dtype))


def _plate(corners: int, radius: float, depth: float, *, down: bool) -> Shape:
    turn = math.pi / corners if corners in (4, 8) else (math.pi if down else 0.0) + math.pi / 2
    outline = [
        (
            radius * math.cos(turn + 2 * math.pi * k / corners),
            radius * math.sin(turn + 2 * math.pi * k / corners),
        )
        for k in range(corners)
    ]
    upright = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    return prism(outline, 0.0, depth).turned(upright)


def _layers(
    out: Sculpture,
    corners: int,
    layers: tuple[tuple[float, tuple[int, int, int]], ...],
    *,
    down: bool = False,
) -> None:
    back = _plate(corners, RADIUS_M * layers[0][0], 0.012, down=down).moved((0.048, 0.0, PLATE_Z_M))
    out.add(back, Finish((150, 153, 156), Material.METAL, Tag.TRAFFIC_SIGN))
    for k, (share, color) in enumerate(layers):
        sheet = _plate(corners, RADIUS_M * share, 0.006, down=down).moved((0.060 + 0.006 * k, 0.0, PLATE_Z_M))
        out.add(_painted(sheet), _face(color))


def _stroke(
    out: Sculpture,
    a: tuple[float, float],
    b: tuple[float, float],
    scale_m: float,
    wide_m: float,
    color: tuple[int, int, int],
) -> None:
    (ay, az), (by, bz) = a, b
    length = math.hypot(by - ay, bz - az) * scale_m + wide_m * 0.8
    bar = box((0.004, length, wide_m)).turned(rotation_about(0, math.atan2(bz - az, by - ay)))
    bar = bar.moved((0.075, (ay + by) / 2 * scale_m, PLATE_Z_M + (az + bz) / 2 * scale_m))
    out.add(_painted(bar), _face(color))


def _digits(out: Sculpture, text: str) -> None:
    # Wider than what coarser levels of detail may leave out.
    height, width, stroke = 0.26, 0.13, 0.046
    pitch = 0.185
    strokes = {
        "a": (0.0, 1.0, True), "g": (0.0, 0.0, True), "d": (0.0, -1.0, True),
        "b": (1.0, 0.5, False), "c": (1.0, -0.5, False), "f": (-1.0, 0.5, False), "e": (-1.0, -0.5, False),
    }  # fmt: skip
    for k, digit in enumerate(text):
        # Seen from the front, the reader's right is +y.
        middle = (k - (len(text) - 1) / 2) * pitch
        for name in SEGMENTS[digit]:
            across, up, level = strokes[name]
            size = (0.004, width + stroke if level else stroke, stroke if level else height / 2)
            centre = (0.075, middle + across * width / 2, PLATE_Z_M + up * height / 2)
            out.add(_painted(box(size, centre)), _face(BLACK))
