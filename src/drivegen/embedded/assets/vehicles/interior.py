"""What is seen through an open door: floor, bulkheads, dashboard, steering wheel, seats."""

from __future__ import annotations

import math
from itertools import pairwise

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import box, mirrored_pair, rotation_about, torus
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.assets.vehicles.shell import Shell
from drivegen.embedded.mesh import Material

CARPET, PLASTIC, CLOTH = (44, 43, 42), (40, 41, 44), (88, 84, 80)
SEAT_M = 0.30
"""Height of a car's cushion above the floor."""


def room_m(shell: Shell) -> tuple[float, float]:
    """Rear and front end of the room inside."""
    lines = shell.style.door_lines_f
    rear = shell.x(min(lines[-1] + 0.02, shell.style.backlight_f))
    return rear, shell.x(lines[0] - 0.01)


def add_interior(sculpture: Sculpture, shell: Shell, tag: Tag) -> None:
    """Adds everything between the two bulkheads, in the shell's frame."""
    rear, front = room_m(shell)
    carpet = Finish(CARPET, Material.MATTE, tag)
    plastic = Finish(PLASTIC, Material.MATTE, tag)
    floor, belt = shell.sill_m + 0.07, shell.belt_m
    half = shell.half_width_m - 0.09
    span = front - rear
    sculpture.add(box((span, 2 * half, 0.02), ((front + rear) / 2, 0.0, floor - 0.01)), carpet)
    for x, top in ((front, belt - 0.02), (rear, belt - 0.02)):
        sculpture.add(box((0.02, 2 * half, top - floor), (x, 0.0, (top + floor) / 2)), carpet)
    sculpture.add(box((0.34, 2 * half, 0.20), (front - 0.18, 0.0, belt - 0.13), 0.04), plastic)
    seat = floor + min(SEAT_M, (belt - floor) * 0.5)
    rows = _rows_m(shell)
    for index, x in enumerate(rows):
        _add_seats(sculpture, shell, x, seat, bench=index > 0, tag=tag)
    wheel = torus(0.17, 0.016, 16, 6).turned(rotation_about(1, -math.radians(62.0)))
    at = (rows[0] + 0.52, half * 0.48, seat + 0.33)
    sculpture.add(wheel.moved(at), plastic)


def _rows_m(shell: Shell) -> list[float]:
    """x of the seats' backs at the cushion: one row a door, each near its door's rear edge."""
    lines = [shell.x(share) for share in shell.style.door_lines_f]
    return [rear + min(0.16, 0.2 * (front - rear)) for front, rear in pairwise(lines)]


def _add_seats(
    sculpture: Sculpture, shell: Shell, back_m: float, seat_m: float, *, bench: bool, tag: Tag
) -> None:
    cloth = Finish(CLOTH, Material.MATTE, tag)
    half = shell.half_width_m - 0.14
    wide = 2 * half if bench else half * 0.86
    y = 0.0 if bench else half * 0.52
    tall = min(0.56, shell.height_m - shell.style.roof_crown_m - seat_m - 0.30)
    cushion = box((0.48, wide, 0.14), (back_m + 0.24, y, seat_m - 0.05), 0.04)
    leg = box((0.34, wide * 0.7, 0.20), (back_m + 0.24, y, seat_m - 0.20))
    lean = rotation_about(1, -math.radians(16.0))
    rest = box((0.13, wide, tall), (0.0, 0.0, tall / 2), 0.05).turned(lean).moved((back_m, y, seat_m - 0.02))
    head = box((0.09, 0.26, 0.16), (0.0, 0.0, tall + 0.09), 0.03).turned(lean).moved((back_m, y, seat_m))
    for part in (cushion, leg, rest, head):
        sculpture.add(part if bench else mirrored_pair(part), cloth)
