"""Classes of precision that messages state, from the coarsest; a class holds what is at least so good."""

from __future__ import annotations

import math
from dataclasses import dataclass

UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Precisions:
    """The classes of one quantity: names on the wire, and their bounds, falling."""

    names: tuple[str, ...]
    bounds: tuple[float, ...]

    def name(self, value: float | None) -> str:
        """The finest class whose bound is not below the value; what is coarser than all is unavailable."""
        found = UNAVAILABLE
        if value is None:
            return found
        for name, bound in zip(self.names, self.bounds, strict=True):
            if value > bound * (1.0 + 1e-9):
                break
            found = name
        return found

    def bound(self, name: str | None) -> float | None:
        """The bound of a class."""
        return None if name is None or name == UNAVAILABLE else self.bounds[self.names.index(name)]


def _time_name(bound_s: float) -> str:
    """As the names go: whole seconds in three digits, decimals in groups of three with none to spare."""
    decimals = max(0, -math.floor(math.log10(bound_s) + 1e-9))
    whole, _, part = f"{bound_s:.{decimals}f}".partition(".")
    part = part.ljust(3, "0")
    groups = [part[i : i + 3] for i in range(0, len(part), 3)]
    return "-".join(("time", whole.rjust(3, "0"), *groups))


_PLACE_M = (500.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
_TIME_S = (
    *(100.0, 50.0, 20.0, 10.0, 2.0, 1.0),
    *(m * 10.0**-e for e in range(1, 12) for m in (5.0, 2.0, 1.0)),
)

PLANE = Precisions(
    names=tuple(f"a{m:.0f}m" if m >= 1.0 else f"a{100 * m:.0f}cm" for m in _PLACE_M), bounds=_PLACE_M
)
"""Metres, horizontal."""
HEIGHT = Precisions(names=tuple(f"elev-{m:06.2f}".replace(".", "-") for m in _PLACE_M), bounds=_PLACE_M)
"""Metres."""
TIME = Precisions(names=tuple(_time_name(s) for s in _TIME_S), bounds=_TIME_S)
"""Seconds."""
SPEED = Precisions(
    names=("prec100ms", "prec10ms", "prec5ms", "prec1ms", "prec0-1ms", "prec0-05ms", "prec0-01ms"),
    bounds=(100.0, 10.0, 5.0, 1.0, 0.1, 0.05, 0.01),
)
"""Metres per second."""
HEADING = Precisions(
    names=("prec10deg", "prec05deg", "prec01deg", "prec0-1deg", "prec0-05deg", "prec0-0125deg"),
    bounds=tuple(math.radians(d) for d in (10.0, 5.0, 1.0, 0.1, 0.05, 0.0125)),
)
"""Radians. The wire has a class of 0.01 degree too, out of order; it is read as the one of 0.0125 degree."""
WHEEL = Precisions(
    names=("prec2deg", "prec1deg", "prec0-02deg"), bounds=tuple(math.radians(d) for d in (2.0, 1.0, 0.02))
)
"""Radians."""
