"""One thing that a check found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """Simulation on the map fails or goes wrong there."""
    WARNING = "warning"
    """Something works otherwise than the map means it."""
    NOTE = "note"
    """Worth knowing; nothing has to be done."""


_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What, where, and how to mend it. Places that are not known are None."""

    severity: Severity
    kind: str
    """Stable name of the check, for example lane-gap."""
    what: str
    mend: str
    line: int | None = None
    """In the file."""
    road_id: int | None = None
    section: int | None = None
    lane_id: int | None = None
    junction_id: int | None = None
    s_m: float | None = None
    x_m: float | None = None
    """In the map's frame (x east, y north), as y_m."""
    y_m: float | None = None

    @property
    def place(self) -> str:
        """The place in words."""
        parts = [
            f"line {self.line}" if self.line else "",
            f"junction {self.junction_id}" if self.junction_id is not None else "",
            f"road {self.road_id}" if self.road_id is not None else "",
            f"lane {self.lane_id}" if self.lane_id is not None else "",
            f"s={self.s_m:.2f}" if self.s_m is not None else "",
            f"({self.x_m:.1f}, {self.y_m:.1f})" if self.x_m is not None and self.y_m is not None else "",
        ]
        return " ".join(p for p in parts if p)


def has_errors(findings: Iterable[Finding]) -> bool:
    """True if one of them is an error."""
    return any(f.severity is Severity.ERROR for f in findings)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by kind; places stay in the order they were found."""
    return tuple(sorted(findings, key=lambda f: (_RANK[f.severity], f.kind)))
