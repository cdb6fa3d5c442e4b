"""The skin of a shell by its parts: what a door takes with it and what stays."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from drivegen.core.tags import Tag
from drivegen.embedded.assets.sculpt import Finish
from drivegen.embedded.assets.vehicles.cutting import Patch, joined, patch_of
from drivegen.embedded.assets.vehicles.shell import Shell, finishes
from drivegen.embedded.mesh import Material

CABIN_RINGS = 10
"""Levels of `Shell.cabin`, and its two caps take as many faces as one more row."""


class Part(IntEnum):
    """Parts of the skin."""

    UNDER = 0
    """Floor and wheel wells."""
    SIDE = 1
    LEDGE = 2
    """Where the side turns into the top, at the foot of the windows."""
    TOP = 3
    """Bonnet, boot lid and what lies between them under the cabin."""
    BAND = 4
    """The cabin's foot at its sides, mostly inside the lower body."""
    WINDOW = 5
    """The cabin's sides behind the front pillars."""
    PILLAR = 6
    END = 7
    """Windscreen and rear window."""
    ROOF = 8
    LID = 9
    """The cabin's closed bottom."""


_OF_COLUMN = [Part.UNDER] * 3 + [Part.SIDE] * 6 + [Part.LEDGE] + [Part.TOP] * 2


def skin_of(shell: Shell) -> Patch:
    """All faces of lower body and cabin. A face's number is 8 * its part + its finish (of `finishes`)."""
    body, column = shell.lower_body()
    parts = np.array([*_OF_COLUMN, *[Part.TOP] * 8])[column]
    lower = patch_of(body, parts * 8 + shell.lower_finish(column))
    cabin, kinds = shell.cabin()
    upper = patch_of(cabin, _cabin_parts(shell, len(kinds)) * 8 + shell.cabin_finish(kinds))
    return joined([lower, upper])


def part_of(patch: Patch) -> np.ndarray:
    """Each face's part."""
    return np.asarray(patch.kinds // 8)


def finish_of(patch: Patch) -> np.ndarray:
    """Each face's finish, an index into the palette."""
    return np.asarray(patch.kinds % 8)


def lining(tag: Tag) -> tuple[Finish, ...]:
    """What the inside is made of, by the finish of the outside."""
    cloth = Finish((74, 72, 70), Material.MATTE, tag)
    _, _, dark, glass = finishes(tag)
    return cloth, dark, dark, glass


def _cabin_parts(shell: Shell, faces: int) -> np.ndarray:
    columns = faces // (2 * CABIN_RINGS)
    row, column = np.divmod(np.arange(faces) // 2, columns)
    cells = shell.style.side_cells
    start, count = 0.0, []
    for end, _ in cells:
        count.append(2 if end - start > 0.2 else 1)
        start = end
    side = sum(count)
    place = np.where(column < 8 + side, column - 8, columns - 1 - column)
    """Along the left or the right side from the front; negative or beyond it at the ends."""
    at_side = (column >= 8) & (place >= 0) & (place < side) & ~((column >= 8 + side) & (column < 16 + side))
    pillar = at_side & (place < count[0]) & (cells[0][1] == "pillar")
    parts = np.full(faces, int(Part.ROOF))
    windows = (row >= 1) & (row <= 3)
    parts[windows] = np.where(pillar, Part.PILLAR, np.where(at_side, Part.WINDOW, Part.END))[windows]
    parts[row == 0] = np.where(at_side, Part.BAND, Part.END)[row == 0]
    caps = 2 * columns * (CABIN_RINGS - 1)
    parts[caps : caps + columns] = Part.LID
    parts[caps + columns :] = Part.ROOF
    return parts
