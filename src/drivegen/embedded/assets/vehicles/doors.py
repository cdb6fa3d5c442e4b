"""Doors that open: panels cut from a shell, what is seen behind them, and how they swing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.placed import Row
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.cutting import Patch, joined
from drivegen.embedded.assets.vehicles.interior import add_interior, room_m
from drivegen.embedded.assets.vehicles.shell import Shell, crease_rad, finishes
from drivegen.embedded.assets.vehicles.skin import Part, finish_of, lining, part_of, skin_of
from drivegen.embedded.mesh import Material, Mesh, MeshLibrary, merge_meshes

OPEN_RAD = math.radians(66.0)
"""How far a door opens: the last check of a car's door holds at about 65 to 70 degrees."""
PANEL_M = 0.055
LINING_M = 0.03
JAMB_M = 0.09
SILL_GAP_M = 0.055
"""Height of a door's lower edge above the sill."""


class Door(IntEnum):
    """CARLA's numbers of doors."""

    FRONT_LEFT = 0
    FRONT_RIGHT = 1
    REAR_LEFT = 2
    REAR_RIGHT = 3
    ALL = 6


DOORS = (Door.FRONT_LEFT, Door.FRONT_RIGHT, Door.REAR_LEFT, Door.REAR_RIGHT)
Shares = Sequence[float]
"""How far each of `DOORS` is open, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLines:
    """Where a door is cut, in the shell's frame."""

    door: Door
    rear_m: float
    front_m: float
    low_m: float

    @property
    def left(self) -> bool:
        """Whether it is on the left side."""
        return self.door in (Door.FRONT_LEFT, Door.REAR_LEFT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hinged:
    """A door's mesh in the frame of the body, and the upright line that it turns about."""

    door: Door
    mesh: int
    hinge_m: Float64[np.ndarray, "2"]

    def matrix(self, share: float) -> Float64[np.ndarray, "4 4"]:
        """Pose at a share of the whole opening."""
        side = -1.0 if self.door in (Door.FRONT_LEFT, Door.REAR_LEFT) else 1.0
        out = np.eye(4)
        out[:3, :3] = rotation_about(2, side * OPEN_RAD * share)
        out[:2, 3] = self.hinge_m - out[:2, :2] @ self.hinge_m
        return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenBody:
    """A body with holes where its doors were, and the doors."""

    body_mesh: int
    doors: tuple[Hinged, ...]

    def rows(self, shares: Shares, tint: tuple[int, int, int]) -> list[Row]:
        """Body and doors, the doors open by their shares."""
        rows = [Row(mesh=self.body_mesh, asset_mesh=np.eye(4), tint=tint)]
        rows += [
            Row(mesh=hinged.mesh, asset_mesh=hinged.matrix(shares[hinged.door]), tint=tint)
            for hinged in self.doors
        ]
        return rows


class Opening:
    """The parts of a vehicle with doors, made when a door is first opened."""

    def __init__(self, doors: tuple[Door, ...], make: Callable[[], OpenBody]) -> None:
        self.doors = doors
        self._make = make
        self._made: OpenBody | None = None

    def parts(self) -> OpenBody:
        """Body and doors apart."""
        if self._made is None:
            self._made = self._make()
        return self._made


def door_lines(shell: Shell) -> tuple[DoorLines, ...]:
    """The doors of a shell: front and, where its style has a third line, rear."""
    x = [shell.x(share) for share in shell.style.door_lines_f]
    low = shell.sill_m + SILL_GAP_M
    return tuple(
        DoorLines(door=DOORS[2 * k + side], rear_m=x[k + 1], front_m=x[k], low_m=low)
        for k in range(min(len(x) - 1, 2))
        for side in (0, 1)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoorMaker:
    """Makes the opened form of a body from its shell and all else that is fixed to it."""

    library: MeshLibrary
    name: str
    shell: Shell
    tag: Tag
    body_shell: Float[np.ndarray, "4 4"]
    """From the shell's frame to that of the finished body."""
    add_fixed: Callable[[Sculpture], None]
    """Adds what stays on the body."""
    add_moving: Callable[[Sculpture, DoorLines], None]
    """Adds what swings with a door: handle, mirror, stripes."""
    also: Mesh | None = None
    """What else belongs to the body, in its frame."""

    def make(self) -> OpenBody:
        """Cuts the doors out and adds all meshes to the library."""
        lines = door_lines(self.shell)
        panels, rest = _cut(skin_of(self.shell), lines)
        doors = tuple(self._hinged(line, panel) for line, panel in zip(lines, panels, strict=True))
        body = Sculpture()
        self._add(body, _hollow(self.shell, rest), finishes(self.tag))
        rear, front = room_m(self.shell)
        _, inner = rest.where(np.isin(part_of(rest), _LINED)).parted(0, rear)
        inner, _ = inner.parted(0, front)
        roomy = joined([inner, rest.where(np.isin(part_of(rest), _ABOVE))])
        self._add(body, roomy.inside(LINING_M), lining(self.tag))
        jamb = Finish((46, 47, 49), Material.MATTE, self.tag)
        for line, panel in zip(lines, panels, strict=True):
            rim = panel.rim(JAMB_M, ((0, line.rear_m), (0, line.front_m), (2, line.low_m)))
            body.add(Shape(points_m=rim.points_m, faces=rim.faces[:, ::-1]), jamb, crease_rad=0.0)
        add_interior(body, self.shell, self.tag)
        self.add_fixed(body)
        mesh = self._fitted(body, "open")
        if self.also is not None:
            mesh = merge_meshes([mesh, self.also], mesh.name)
        return OpenBody(body_mesh=self.library.add(mesh), doors=doors)

    def _hinged(self, line: DoorLines, panel: Patch) -> Hinged:
        sculpture = Sculpture()
        self._add(sculpture, panel, finishes(self.tag))
        self._add(sculpture, panel.inside(PANEL_M), lining(self.tag))
        edge = Finish((255, 255, 255), Material.PAINT, self.tag)
        sculpture.add(panel.rim(PANEL_M), edge, crease_rad=0.0)
        self.add_moving(sculpture, line)
        at = self.shell.side_point_m(line.left, line.front_m, self.shell.belt_m * 0.75)
        matrix = np.asarray(self.body_shell, dtype=np.float64)
        hinge = matrix[:3, :3] @ (at - (0.01, 0.0, 0.0)) + matrix[:3, 3]
        mesh = self.library.add(self._fitted(sculpture, line.door.name.lower()))
        return Hinged(door=line.door, mesh=mesh, hinge_m=hinge[:2])

    def _add(self, sculpture: Sculpture, patch: Patch, palette: Sequence[Finish]) -> None:
        if len(patch):
            crease = crease_rad(self.shell.style)
            sculpture.add(patch.shape(), (palette, finish_of(patch)), crease_rad=crease)

    def _fitted(self, sculpture: Sculpture, part: str) -> Mesh:
        mesh = sculpture.mesh(f"{self.name}/{part}")
        return mesh.transformed(np.asarray(self.body_shell, dtype=np.float64))


_MOVING = (Part.SIDE, Part.LEDGE, Part.BAND, Part.WINDOW)
_LINED = (Part.SIDE, Part.LEDGE)
_ABOVE = (Part.BAND, Part.WINDOW, Part.PILLAR, Part.END, Part.ROOF)


def _cut(skin: Patch, lines: Sequence[DoorLines]) -> tuple[list[Patch], Patch]:
    """The doors' panels, and what is left of the skin."""
    panels: list[Patch] = []
    for line in lines:
        parts = part_of(skin)
        middle = skin.corners_m[:, :, 1].mean(axis=1)
        moving = np.isin(parts, _MOVING) & ((middle > 0) == line.left)
        stays, swings = skin.where(~moving), skin.where(moving)
        behind, swings = swings.parted(0, line.rear_m)
        swings, before = swings.parted(0, line.front_m)
        below, swings = swings.parted(2, line.low_m)
        panels.append(swings)
        skin = joined([stays, behind, before, below])
    return panels, skin


def _hollow(shell: Shell, skin: Patch) -> Patch:
    """The skin without what closes the lower body under the cabin."""
    parts = part_of(skin)
    lid = np.isin(parts, (Part.TOP, Part.LEDGE))
    rear, front = room_m(shell)
    behind, within = skin.where(lid).parted(0, rear)
    within, before = within.parted(0, front)
    keep = within.where(part_of(within) == Part.LEDGE)
    return joined([skin.where(~lid & (parts != Part.LID)), behind, before, keep])
