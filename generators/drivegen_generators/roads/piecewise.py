"""Values along a road that change gradually from one constant to the next."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivegen.opendrive.model import Cubic


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change with level ends."""

    from_m: float
    over_m: float
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A value at the start and its changes; no two of them overlap."""

    first: float
    changes: tuple[Step, ...] = ()

    def then(self, from_m: float, over_m: float, by: float) -> Steps:
        """With one more change; none where it changes nothing."""
        if by == 0.0:
            return self
        step = Step(from_m=from_m, over_m=over_m, by=by)
        return replace(self, changes=tuple(sorted((*self.changes, step), key=lambda v: v.from_m)))

    def plus(self, other: Steps) -> Steps:
        """The sum of two values."""
        changes = sorted((*self.changes, *other.changes), key=lambda v: v.from_m)
        return Steps(first=self.first + other.first, changes=tuple(changes))

    @property
    def last(self) -> float:
        """The value at the end."""
        return self.first + sum(v.by for v in self.changes)

    def scaled(self, factor: float) -> Steps:
        """All values multiplied."""
        changes = tuple(replace(v, by=v.by * factor) for v in self.changes)
        return Steps(first=self.first * factor, changes=changes)

    def reversed(self, length_m: float) -> Steps:
        """Seen from the other end of a road of that length."""
        changes = (
            replace(v, from_m=length_m - v.from_m - v.over_m, by=-v.by) for v in reversed(self.changes)
        )
        return Steps(first=self.last, changes=tuple(changes))

    def pieces(self) -> tuple[Cubic, ...]:
        """As cubics of the distance: each change 3x^2 - 2x^3, constants between them."""
        out = [Cubic(s_m=0.0, a=self.first)]
        value = self.first
        for v in self.changes:
            c, d = 3.0 * v.by / v.over_m**2, -2.0 * v.by / v.over_m**3
            rising = Cubic(s_m=v.from_m, a=value, c=c, d=d)
            value += v.by
            out += [rising, Cubic(s_m=v.from_m + v.over_m, a=value)]
        return tuple(out)


def restricted(pieces: Sequence[Cubic], from_m: float, to_m: float) -> tuple[Cubic, ...]:
    """What of piecewise cubics lies between two distances, told from the first of them."""
    out = []
    for piece, after in itertools.zip_longest(pieces, pieces[1:]):
        if piece.s_m >= to_m - 1e-6 or (after is not None and after.s_m <= from_m + 1e-6):
            continue
        u = max(from_m - piece.s_m, 0.0)
        out.append(
            Cubic(
                s_m=max(piece.s_m - from_m, 0.0),
                a=piece.a + u * (piece.b + u * (piece.c + u * piece.d)),
                b=piece.b + u * (2.0 * piece.c + 3.0 * u * piece.d),
                c=piece.c + 3.0 * u * piece.d,
                d=piece.d,
            )
        )
    return tuple(out)
