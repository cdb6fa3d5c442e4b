"""What is fixed to a car's skin: lamps, grille, bumpers, plates, mirrors, door lines, wipers, rails."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, lathe, mirrored_pair, plate, rod, rotation_about
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.shell import Shell, shell_grid
from drivegen.embedded.assets.vehicles.style import Fascia
from drivegen.embedded.mesh import Material

DARK = (20, 21, 23)
CHROME = (196, 199, 203)
LENS = (228, 232, 236)
RED_LENS = (150, 16, 20)
AMBER_LENS = (214, 120, 20)
PLATE_BLUE = (24, 62, 158)

Corner = tuple[float, float]
BOTH = (True, False)
"""Left and right."""


def _patch(corners: Sequence[Corner], rows: int, columns: int) -> Float64[np.ndarray, "rows columns 2"]:
    """Points between four corners: (low a, low b, high b, high a), rows going up, columns from a to b."""
    low_a, low_b, high_b, high_a = (np.array(c) for c in corners)
    v, u = np.linspace(0.0, 1.0, rows)[:, None], np.linspace(0.0, 1.0, columns)[:, None]
    a, b = low_a + (high_a - low_a) * v, low_b + (high_b - low_b) * v
    return np.asarray(a[:, None] + (b - a)[:, None] * u)


class Fitter:
    """Fixes things to the skin of a shell; they stand out by a few millimetres."""

    def __init__(self, sculpture: Sculpture, shell: Shell, tag: Tag) -> None:
        self.sculpture, self.shell, self.tag = sculpture, shell, tag

    def finish(self, color: tuple[int, int, int], material: Material) -> Finish:
        """A finish with the vehicle's tag."""
        return Finish(color, material, self.tag)

    def on_end(
        self, front: bool, corners: Sequence[Corner], finish: Finish, out_m: float = 0.007, cells: int = 6
    ) -> None:
        """A four-cornered patch on nose or tail.

        Args:
            front: nose or tail.
            corners: (share across -1..1, z_m), counter-clockwise as (low a, low b, high b, high a).
            finish: of the patch.
            out_m: how far it stands out.
            cells: divisions across.
        """
        across, z = np.moveaxis(_patch(corners, 2, cells + 1), -1, 0)
        points = self.shell.end_point_m(front, across, z) + self._outward(front, across, z) * out_m
        self.sculpture.add(shell_grid(points, np.array([1.0 if front else -1.0, 0.0, 0.0])), finish)

    def _outward(
        self, front: bool, across: Float64[np.ndarray, "*n"], z_m: Float64[np.ndarray, "*n"]
    ) -> Float64[np.ndarray, "*n 3"]:
        step = 0.02
        inner = np.copysign(np.maximum(np.abs(across) - step, 0.0), across)
        outer = np.copysign(np.minimum(np.abs(across) + step, 0.995), across)
        along = self.shell.end_point_m(front, outer, z_m) - self.shell.end_point_m(front, inner, z_m)
        sign = 1.0 if front else -1.0
        normal = np.stack(
            [np.abs(along[..., 1]) * sign, np.copysign(along[..., 0], across), np.zeros(across.shape)],
            axis=-1,
        )
        length = np.linalg.norm(normal, axis=-1, keepdims=True)
        return np.where(length > 1e-9, normal / np.maximum(length, 1e-12), np.array([sign, 0.0, 0.0]))

    def lamp(self, front: bool, corners: Sequence[Corner], finish: Finish, out_m: float = 0.010) -> None:
        """A lens in a dark housing on the left of nose or tail, and its mirror image."""
        housing = self.finish(DARK, Material.MATTE)
        middle = np.mean(np.array(corners), axis=0)
        grown = [
            (min(middle[0] + (a - middle[0]) * 1.10, 0.985), middle[1] + (z - middle[1]) * 1.28)
            for a, z in corners
        ]
        self.both_ends_sides(front, grown, housing, out_m - 0.004)
        self.both_ends_sides(front, corners, finish, out_m)

    def both_ends_sides(
        self, front: bool, corners: Sequence[Corner], finish: Finish, out_m: float = 0.007
    ) -> None:
        """A patch on the left of nose or tail, and its mirror image."""
        self.on_end(front, corners, finish, out_m)
        self.on_end(front, [(-a, z) for a, z in corners], finish, out_m)

    def on_side(
        self,
        corners: Sequence[Corner],
        finish: Finish,
        out_m: float = 0.006,
        cells: int = 4,
        sides: Sequence[bool] = BOTH,
    ) -> None:
        """A four-cornered patch on the left (True), the right, or both sides.

        Corners are (x_m, z_m): rear low, front low, front high, rear high.
        """
        columns = 3 if abs(corners[1][0] - corners[0][0]) < 0.3 else 9
        x, z = np.moveaxis(_patch(corners, cells + 1, columns), -1, 0)
        for left in sides:
            outward = np.array([0.0, 1.0 if left else -1.0, 0.0])
            points = self.shell.side_point_m(left, x, z) + out_m * outward
            self.sculpture.add(shell_grid(points, outward), finish)

    def plate(self, front: bool, z_m: float, color: tuple[int, int, int] = PLATE_BLUE) -> None:
        """A licence plate, upright, just before the skin."""
        x = float(self.shell.end_point_m(front, 0.0, z_m)[0]) + (0.014 if front else -0.014)
        sign = 1.0 if front else -1.0
        shape, uvs = plate((x, 0.0, z_m), (0.0, 0.22 * sign, 0.0), (0.0, 0.0, 0.07))
        self.sculpture.add(shape, self.finish(color, Material.PLATE), uvs=uvs)
        self.sculpture.add(
            box((0.008, 0.47, 0.165), (x - sign * 0.006, 0.0, z_m)), self.finish(DARK, Material.MATTE)
        )

    def arch_lips(self, finish: Finish, reach_m: float) -> None:
        """A band around each wheel arch."""
        shell = self.shell
        for axle in (a for a in shell.axles_m if abs(a) < shell.length_m / 2):
            for left in (True, False):
                rows = []
                for out, lift in ((0.0, 0.0), (0.0, 0.012), (reach_m, 0.012), (reach_m + 0.008, 0.0)):
                    row = []
                    for angle in np.linspace(0.0, math.pi, 9):
                        radius = shell.arch_m + out
                        x, z = axle + radius * math.cos(angle), shell.wheel_z_m + radius * math.sin(angle)
                        z = max(z, shell.sill_m)
                        point = shell.side_point_m(left, x, z)
                        row.append(point + np.array([0.0, lift if left else -lift, 0.0]))
                    rows.append(row)
                outward = np.array([0.0, 1.0 if left else -1.0, 0.0])
                self.sculpture.add(shell_grid(np.array(rows), outward), finish)


def _between(low_m: float, high_m: float) -> Callable[[float], float]:
    """Heights as shares of a face."""

    def height(share: float) -> float:
        return low_m + (high_m - low_m) * share

    return height


def add_face(fit: Fitter) -> None:
    """Head lamps, indicators, grille, air intake and plate of the nose."""
    s, shell = fit.shell.style, fit.shell
    lens, dark = fit.finish(LENS, Material.HEAD_LAMP), fit.finish(DARK, Material.MATTE)
    chrome = fit.finish(CHROME, Material.METAL)
    top = float(shell.shoulder_m(shell.length_m / 2)) + 0.01
    z = _between(shell.sill_m, top)
    fit.on_end(True, [(-0.72, z(0.05)), (0.72, z(0.05)), (0.66, z(0.26)), (-0.66, z(0.26))], dark, cells=10)
    if s.fascia == Fascia.WIDE:
        fit.on_end(
            True, [(-0.46, z(0.52)), (0.46, z(0.52)), (0.52, z(0.80)), (-0.52, z(0.80))], dark, cells=8
        )
        fit.on_end(
            True, [(-0.50, z(0.78)), (0.50, z(0.78)), (0.52, z(0.81)), (-0.52, z(0.81))], chrome, 0.013, 8
        )
        for v in (0.58, 0.65, 0.72):
            fit.on_end(
                True,
                [(-0.45, z(v)), (0.45, z(v)), (0.45, z(v + 0.018)), (-0.45, z(v + 0.018))],
                chrome,
                0.011,
                8,
            )
        fit.lamp(True, [(0.56, z(0.70)), (0.975, z(0.75)), (0.97, z(0.90)), (0.56, z(0.83))], lens)
    elif s.fascia == Fascia.ELECTRIC:
        fit.lamp(True, [(0.50, z(0.76)), (0.975, z(0.80)), (0.965, z(0.93)), (0.60, z(0.84))], lens)
        fit.on_end(
            True, [(-0.50, z(0.75)), (0.50, z(0.75)), (0.50, z(0.775)), (-0.50, z(0.775))], dark, cells=8
        )
    elif s.fascia == Fascia.BLOCK:
        fit.on_end(
            True, [(-0.50, z(0.50)), (0.50, z(0.50)), (0.52, z(0.90)), (-0.52, z(0.90))], dark, cells=8
        )
        for k in range(5):
            v = 0.55 + 0.07 * k
            fit.on_end(
                True,
                [(-0.47, z(v)), (0.47, z(v)), (0.47, z(v + 0.03)), (-0.47, z(v + 0.03))],
                chrome,
                0.012,
                8,
            )
        fit.lamp(True, [(0.58, z(0.62)), (0.93, z(0.64)), (0.92, z(0.90)), (0.58, z(0.90))], lens)
    else:
        fit.on_end(
            True, [(-0.36, z(0.46)), (0.36, z(0.46)), (0.42, z(0.66)), (-0.42, z(0.66))], dark, cells=8
        )
        _round_lamps(fit, z(0.74), lens, chrome)
    amber = fit.finish(AMBER_LENS, Material.INDICATOR_LEFT)
    right = fit.finish(AMBER_LENS, Material.INDICATOR_RIGHT)
    corners = [(0.74, z(0.30)), (0.93, z(0.32)), (0.93, z(0.37)), (0.74, z(0.35))]
    fit.on_end(True, corners, amber)
    fit.on_end(True, [(-a, b) for a, b in corners], right)
    fog = fit.finish(LENS, Material.FOG_LAMP)
    fit.both_ends_sides(
        True, [(0.70, z(0.13)), (0.86, z(0.14)), (0.86, z(0.20)), (0.70, z(0.19))], fog, 0.011
    )
    fit.plate(True, z(0.40))


def _round_lamps(fit: Fitter, z_m: float, lens: Finish, chrome: Finish) -> None:
    centre = fit.shell.end_point_m(True, 0.68, z_m)
    radius = 0.095
    turn = rotation_about(1, math.pi / 2)
    rim = lathe([(radius * 1.15, -0.08), (radius * 1.15, 0.012), (radius, 0.022)], 16).turned(turn)
    glass = lathe([(radius, 0.012), (radius * 0.9, 0.03), (radius * 0.5, 0.042), (0.0, 0.046)], 16).turned(
        turn
    )
    fit.sculpture.add(mirrored_pair(rim.moved(centre)), chrome)
    fit.sculpture.add(mirrored_pair(glass.moved(centre)), lens)


def add_tail(fit: Fitter) -> None:
    """Tail and brake lamps, indicators, reversing strip, plate and bumper of the rear."""
    shell = fit.shell
    top = float(shell.shoulder_m(-shell.length_m / 2)) + 0.01
    z = _between(shell.sill_m, top)
    dark = fit.finish(DARK, Material.MATTE)
    fit.on_end(False, [(-0.78, z(0.04)), (0.78, z(0.04)), (0.70, z(0.22)), (-0.70, z(0.22))], dark, cells=10)
    fit.on_end(False, [(-0.44, z(0.40)), (0.44, z(0.40)), (0.44, z(0.62)), (-0.44, z(0.62))], dark, 0.004, 8)
    tail = fit.finish(RED_LENS, Material.TAIL_LAMP)
    brake = fit.finish((178, 20, 24), Material.BRAKE_LAMP)
    fit.both_ends_sides(
        False, [(0.54, z(0.68)), (0.975, z(0.66)), (0.97, z(0.90)), (0.54, z(0.88))], tail, 0.008
    )
    fit.both_ends_sides(
        False, [(0.58, z(0.71)), (0.84, z(0.70)), (0.84, z(0.80)), (0.58, z(0.80))], brake, 0.012
    )
    for sign, material in ((1.0, Material.INDICATOR_LEFT), (-1.0, Material.INDICATOR_RIGHT)):
        corners = [(0.60, z(0.815)), (0.93, z(0.82)), (0.93, z(0.86)), (0.60, z(0.85))]
        fit.on_end(False, [(sign * a, b) for a, b in corners], fit.finish(AMBER_LENS, material), 0.012)
    fog = fit.finish((120, 12, 16), Material.REAR_FOG_LAMP)
    fit.both_ends_sides(
        False, [(0.62, z(0.28)), (0.86, z(0.29)), (0.86, z(0.335)), (0.62, z(0.325))], fog, 0.007
    )
    reverse = fit.finish(LENS, Material.REVERSE_LAMP)
    fit.both_ends_sides(
        False, [(0.84, z(0.71)), (0.94, z(0.71)), (0.94, z(0.79)), (0.84, z(0.79))], reverse, 0.012
    )
    fit.plate(False, z(0.52))


def _on_sides(shape: Shape, sides: Sequence[bool]) -> Shape:
    """A shape of the left side on the left (True), mirrored on the right, or both."""
    if len(sides) == 2:
        return mirrored_pair(shape)
    return shape if sides[0] else shape.scaled((1.0, -1.0, 1.0))


def add_mirrors(fit: Fitter, x_m: float, z_m: float, sides: Sequence[bool] = BOTH) -> None:
    """Outside mirrors that reach to the side of the box."""
    shell = fit.shell
    y_skin = abs(float(shell.side_point_m(True, x_m, z_m)[1])) - 0.02
    y_out = shell.half_width_m + shell.style.mirror_m
    paint = fit.finish((255, 255, 255), Material.PAINT)
    width = max(min(0.20, y_out - y_skin - 0.02), 0.06)
    housing = box((0.12, width, 0.13), (x_m - 0.02, y_out - width / 2, z_m + 0.07), 0.035)
    fit.sculpture.add(_on_sides(housing, sides), paint)
    glass, _ = plate(
        (x_m - 0.083, y_out - width / 2, z_m + 0.07), (0.0, -width * 0.36, 0.0), (0.0, 0.0, 0.045)
    )
    fit.sculpture.add(
        _on_sides(glass.facing((-1.0, 0.0, 0.0)), sides), fit.finish((120, 128, 135), Material.METAL)
    )
    arm = rod((x_m, y_skin - 0.05, z_m + 0.01), (x_m - 0.02, y_out - width * 0.6, z_m + 0.04), 0.02, 6)
    fit.sculpture.add(_on_sides(arm, sides), fit.finish(DARK, Material.MATTE))
    for left in sides:
        sign, material = (1.0, Material.INDICATOR_LEFT) if left else (-1.0, Material.INDICATOR_RIGHT)
        lamp = box((0.012, width * 0.6, 0.014), (x_m + 0.036, sign * (y_out - width / 2), z_m + 0.075))
        fit.sculpture.add(lamp, fit.finish(AMBER_LENS, material))


def add_gaps(fit: Fitter) -> None:
    """Dark lines around the doors."""
    shell, s = fit.shell, fit.shell.style
    gap = fit.finish((14, 14, 15), Material.MATTE)
    low = shell.sill_m + 0.06
    for share in s.door_lines_f:
        x = shell.x(share)
        high = float(shell.shoulder_m(x)) - 0.005
        start = low
        for axle in shell.axles_m:
            inside = (shell.arch_m + 0.05) ** 2 - (x - axle) ** 2
            if inside > 0:
                start = max(start, shell.wheel_z_m + math.sqrt(inside))
        if start < high - 0.1:
            fit.on_side(
                [(x - 0.005, start), (x + 0.005, start), (x + 0.005, high), (x - 0.005, high)], gap, 0.006, 8
            )
    if len(s.door_lines_f) > 1:
        front, rear = shell.x(s.door_lines_f[0]), shell.x(s.door_lines_f[-1])
        z = shell.sill_m + 0.055
        clear_front = shell.axles_m[0] - shell.arch_m - 0.08
        clear_rear = shell.axles_m[1] + shell.arch_m + 0.08
        a, b = max(rear, clear_rear), min(front, clear_front)
        fit.on_side([(a, z - 0.004), (b, z - 0.004), (b, z + 0.004), (a, z + 0.004)], gap, 0.006, 1)


def add_handle(fit: Fitter, index: int, sides: Sequence[bool] = BOTH) -> None:
    """The handle of a door, counted from the front."""
    shell = fit.shell
    x = shell.x(shell.style.door_lines_f[index + 1]) + 0.14
    z = float(shell.shoulder_m(x)) - 0.075
    left = shell.side_point_m(True, x, z)
    handle = box((0.17, 0.03, 0.028), (left[0], left[1] + 0.010, z))
    fit.sculpture.add(_on_sides(handle, sides), fit.finish(CHROME, Material.METAL))


def add_wipers(fit: Fitter) -> None:
    """Two wipers resting at the foot of the windscreen."""
    shell, s = fit.shell, fit.shell.style
    x, z = shell.x(s.cowl_f), s.hood_rear_h * shell.height_m
    dark = fit.finish(DARK, Material.MATTE)
    for y in (0.35, -0.25):
        half = shell.half_width_m
        fit.sculpture.add(
            rod((x - 0.03, y * half, z + 0.028), (x - 0.07, (y - 0.5) * half, z + 0.055), 0.008, 5), dark
        )
