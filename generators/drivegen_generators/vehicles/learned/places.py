"""Where futures along ways are: with torch, so that places can be pulled at while they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from drivegen_generators.vehicles.learned.ways import SPACING_M


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Codes as places by the lines of n actors, which may differ in r draws; in the frame of the lines."""

    points: Any
    """(r or 1, n, k, 2)"""
    foreseen: Any
    """(r or 1, n, t, 2): how far along and to the left who has codes of 0 is."""
    directions: Any
    """(n, t, 2, c): what codes of 1 add."""

    def places(self, code: Any) -> tuple[Any, Any]:
        """Places (r, n, t, 2) of codes (r, n, c), and how the lines run there, of length 1."""
        along, left = (torch.einsum("rnc,ntdc->rntd", code, self.directions) + self.foreseen).unbind(-1)
        cells = along / SPACING_M
        cell = cells.detach().floor().clamp(0, self.points.shape[2] - 2).long()
        share = (cells - cell).unsqueeze(-1)
        (step,) = torch.gradient(self.points, dim=2)
        run = step / step.norm(dim=-1, keepdim=True)

        def at(values: Any, k: Any) -> Any:
            index = k.unsqueeze(-1).expand(-1, -1, -1, 2)
            return values.expand(len(k), -1, -1, -1).gather(2, index)

        a, b = at(self.points, cell), at(self.points, cell + 1)
        turn = share.clamp(0.0, 1.0)
        tangent = at(run, cell) * (1.0 - turn) + at(run, cell + 1) * turn
        normal = torch.stack([-tangent[..., 1], tangent[..., 0]], -1)
        return a + (b - a) * share + normal * left.unsqueeze(-1), tangent


def encounters(lines: Lines, code: Any, near: Any, relation: Any) -> Any:
    """(r, n, b, 3 t): how far ahead, how far to the left and how near neighbours are at each time, seen from
    where each will be, along its line.

    Args:
        lines: In each actor's own frame.
        code: (r, n, c)
        near: (n, b): rows of the neighbours.
        relation: (n, b, 4): x and y of neighbours now, metres, and cosine and sine of how they are turned.
    """
    place, tangent = lines.places(code)
    theirs = place[:, near]
    c, s = relation[..., 2, None], relation[..., 3, None]
    x = c * theirs[..., 0] - s * theirs[..., 1] + relation[..., 0, None]
    y = s * theirs[..., 0] + c * theirs[..., 1] + relation[..., 1, None]
    dx, dy = x - place[:, :, None, :, 0], y - place[:, :, None, :, 1]
    tx, ty = tangent[:, :, None, :, 0], tangent[:, :, None, :, 1]
    ahead, left = dx * tx + dy * ty, dy * tx - dx * ty
    close = torch.exp(-torch.hypot(ahead, left) / 6.0)
    return torch.cat([torch.tanh(ahead / 15.0), torch.tanh(left / 4.0), close], -1)
