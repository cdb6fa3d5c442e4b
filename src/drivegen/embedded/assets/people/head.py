"""Heads: neck and face. Origin at the foot of the neck; lengths in head heights until scaled."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import ellipsoid, loft, mirrored_pair, patch, torus, tube
from drivegen.embedded.assets.people import hair as hairs
from drivegen.embedded.assets.people.build import Build, Hair, Kind
from drivegen.embedded.assets.people.covers import neck_foot
from drivegen.embedded.assets.people.hair import Put
from drivegen.embedded.assets.people.skull import COLUMNS, skull_points
from drivegen.embedded.assets.people.surface import body_ring
from drivegen.embedded.assets.sculpt import ROUND_RAD, Finish, Sculpture, Shape, join
from drivegen.embedded.mesh import Material

__all__ = ["add_head", "body_ring", "head_top"]

_ROWS = np.array(
    [
        -0.01, 0.03, 0.07, 0.125, 0.155, 0.19, 0.225, 0.28, 0.325, 0.35, 0.38, 0.43, 0.485, 0.53, 0.57,
        0.64, 0.78, 0.90, 0.97, 1.0,
    ]
)  # fmt: skip


def head_top(build: Build) -> float:
    """Top of hair or headgear above the chin, in head heights."""
    tops = {
        Hair.CAP: 1.07, Hair.HELMET: 1.10, Hair.FULL_HELMET: 1.12, Hair.BALD: 1.0, Hair.CROP: 1.015,
        Hair.CURLS: 1.09, Hair.BEANIE: 1.09, Hair.SUN_HAT: 1.12, Hair.HARD_HAT: 1.14, Hair.PEAKED_CAP: 1.13,
    }  # fmt: skip
    return tops.get(build.hair, 1.045)


def add_head(sculpture: Sculpture, build: Build, tag: Tag) -> None:
    """Adds neck and head in metres, with the foot of the neck at the origin."""
    unit = build.head * build.height_m / head_top(build)
    neck_m = (1.0 - build.head) * build.height_m - neck_foot(build) * build.height_m
    chin = np.array([0.02 * unit / 0.22, 0.0, neck_m])

    def put(shape: Shape, finish: Finish, crease_rad: float = ROUND_RAD) -> None:
        sculpture.add(shape.scaled((unit, unit, unit)).moved(chin), finish, crease_rad=crease_rad)

    skin = Finish(build.skin, Material.SKIN, tag)
    slim = 0.20 if build.woman or build.kind in (Kind.BOY, Kind.GIRL) else 0.235
    neck = [
        (-0.12, slim + 0.045, 0.15, -0.36),
        (neck_m / unit * 0.45, slim, 0.11, -0.33),
        (neck_m / unit + 0.10, slim, 0.10, -0.32),
        (neck_m / unit + 0.30, slim * 0.9, 0.06, -0.32),
    ]
    rings = [body_ring(z * unit, w * unit, f * unit, b * unit, 2.0, 12) for z, w, f, b in neck]
    sculpture.add(loft(rings), skin)
    if build.hair == Hair.FULL_HELMET:
        hairs.add_full_helmet(put, build, tag)
        return
    ears = Hair.LONG not in (build.hair, build.under) and Hair.BOB not in (build.hair, build.under)
    put(_face(build.woman, build.kind in (Kind.BOY, Kind.GIRL), ears), skin)
    _add_features(put, build, tag)
    hairs.add_hair(put, build, tag)
    if build.glasses:
        _add_glasses(put, tag)
    if build.mask:
        _add_mask(put, tag)


@lru_cache(maxsize=8)
def _face(woman: bool, child: bool, ears: bool) -> Shape:
    """Skull, face and ears."""
    angle = np.broadcast_to(COLUMNS, (len(_ROWS), len(COLUMNS)))
    points = skull_points(np.broadcast_to(_ROWS[:, None], angle.shape), angle)
    y, z = points[..., 1], points[..., 2]
    front = np.cos(angle) > 0.1
    if woman or child:
        points[..., 1] *= 1.0 - 0.07 * np.exp(-(((z - 0.10) / 0.14) ** 2))
    soft = 0.65 if child else 0.85 if woman else 1.0

    def bump(height: float, at_y: float, at_z: float, wide: float, tall: float) -> Float64[np.ndarray, "r c"]:
        return height * np.exp(-(((np.abs(y) - at_y) / wide) ** 2) - ((z - at_z) / tall) ** 2) * front

    nose = np.interp(z, [0.32, 0.345, 0.37, 0.45, 0.56], [0.0, 0.075, 0.092, 0.042, 0.010])
    relief = (
        nose
        * np.exp(-((y / np.interp(z, [0.36, 0.55], [0.060, 0.040])) ** 2))
        * front
        * (0.8 if child else 1.0)
    )
    relief += bump(-0.032, 0.145, 0.485, 0.075, 0.045) + bump(0.010 * soft, 0.13, 0.575, 0.11, 0.03)
    relief += bump(0.014, 0.20, 0.38, 0.07, 0.07) + bump(0.020, 0.0, 0.19, 0.08, 0.035)
    relief += bump(-0.012, 0.0, 0.125, 0.08, 0.02) + bump(0.022 * soft, 0.0, 0.055, 0.085, 0.045)
    points[..., 0] += relief
    if not ears:
        return loft(points)
    ear = ellipsoid((0.065, 0.028, 0.105), (-0.045, 0.335, 0.43), 8, 4)
    lobe = np.array([[1.0, 0.0, 0.0], [-0.25, 1.0, 0.0], [0.0, 0.0, 1.0]])
    ear = Shape(
        points_m=(ear.points_m - (-0.045, 0.335, 0.43)) @ lobe.T + (-0.045, 0.338, 0.43), faces=ear.faces
    )
    return join([loft(points), mirrored_pair(ear)])


def _add_features(put: Put, build: Build, tag: Tag) -> None:
    def finish(color: tuple[float, float, float], material: Material = Material.MATTE) -> Finish:
        return Finish(
            (int(min(color[0], 255)), int(min(color[1], 255)), int(min(color[2], 255))), material, tag
        )

    r, g, b = build.skin
    whites, irises, lids, mouth, brows = _features(build.woman, build.kind in (Kind.BOY, Kind.GIRL))
    put(whites, finish((228, 224, 218)))
    put(irises, finish((38, 26, 20), Material.SATIN))
    put(lids, finish((r * 0.42, g * 0.38, b * 0.36)))
    if not build.mask:
        red = (0.86, 0.58, 0.56) if build.woman else (0.80, 0.66, 0.62)
        put(mouth, finish((r * red[0], g * red[1], b * red[2]), Material.SKIN))
    put(brows, finish(build.hair_color if sum(build.hair_color) < 420 else (120, 118, 116)))


@lru_cache(maxsize=4)
def _features(woman: bool, child: bool) -> tuple[Shape, Shape, Shape, Shape, Shape]:
    """Whites of the eyes, irises, upper lids, lips, brows."""
    big = 1.15 if child else 1.0
    lid = [(0.372, 0.085, 0.487), (0.395, 0.115, 0.508), (0.398, 0.150, 0.513), (0.378, 0.205, 0.494)]
    lips = [(0.405, 0.085, 0.187), (0.428, 0.04, 0.190), (0.434, 0.0, 0.188)]
    lips += [(x, -y, z) for x, y, z in lips[1::-1]]
    brow = [(0.412, 0.075, 0.560), (0.416, 0.14, 0.578), (0.385, 0.215, 0.562)]
    wide = 0.010 if woman else 0.014
    return (
        mirrored_pair(ellipsoid((0.034, 0.056 * big, 0.026 * big), (0.370, 0.145, 0.482), 8, 3)),
        mirrored_pair(ellipsoid((0.026, 0.025 * big, 0.025 * big), (0.382, 0.142, 0.482), 6, 3)),
        mirrored_pair(tube(lid, [0.006, 0.011, 0.012, 0.006], 4)),
        tube(lips, [0.006, 0.018, 0.020, 0.018, 0.006], 6),
        mirrored_pair(tube(brow, [wide, wide * 1.1, wide * 0.5], 4)),
    )


def _add_glasses(put: Put, tag: Tag) -> None:
    frame = Finish((30, 30, 34), Material.SATIN, tag)
    turn = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    rim = torus(0.082, 0.007, 12, 4).scaled((1.0, 0.78, 1.0)).turned(turn).moved((0.452, 0.148, 0.475))
    put(mirrored_pair(rim), frame)
    put(tube([(0.455, 0.07, 0.49), (0.462, 0.0, 0.50), (0.455, -0.07, 0.49)], 0.009, 4), frame)
    put(
        mirrored_pair(tube([(0.45, 0.225, 0.49), (0.40, 0.300, 0.49), (-0.05, 0.348, 0.475)], 0.009, 4)),
        frame,
    )


def _add_mask(put: Put, tag: Tag) -> None:
    angle = np.radians(np.array([-78.0, -55.0, -35.0, -18.0, 0.0, 18.0, 35.0, 55.0, 78.0]))
    rows = np.array([0.015, 0.10, 0.20, 0.30, 0.395])
    grid_z = np.broadcast_to(rows[:, None], (5, 9))
    points = skull_points(grid_z, np.broadcast_to(angle, (5, 9)))
    swell = np.interp(rows, [0.0, 0.10, 0.30, 0.395], [0.035, 0.055, 0.075, 0.055])[:, None]
    ridge = (
        np.exp(-((points[..., 1] / 0.08) ** 2))
        * np.interp(rows, [0.0, 0.2, 0.38], [0.0, 0.02, 0.045])[:, None]
    )
    points[..., 0] += swell * np.cos(angle) ** 2 + ridge
    points[..., 1] *= 1.0 + 0.25 * swell
    put(patch(points).facing((1.0, 0.0, 0.0)), Finish((226, 234, 240), Material.MATTE, tag))
    put(
        mirrored_pair(tube([(0.11, 0.315, 0.32), (-0.02, 0.352, 0.37)], 0.006, 3)),
        Finish((226, 234, 240), Material.MATTE, tag),
    )
