"""Which lights take turns: groups of phases, computed from what the map says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivegen.core.geometry import rpy_from_rotation
from drivegen.opendrive.signals import SignalHead

OPPOSITE_TOLERANCE_RAD = math.radians(35.0)
"""Approaches whose axes differ by no more than this share a turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lights that take turns: those of one junction, or of one controller where there is no junction."""

    phases: tuple[tuple[int, ...], ...]
    """Rows that are green together, in the order of their turns. An empty phase is a turn without cars."""

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows, ascending."""
        return tuple(sorted(row for phase in self.phases for row in phase))


def _axis_rad(head: SignalHead) -> float:
    """Direction of the traffic that a head governs, opposite directions being one: in [0, pi)."""
    if head.stop_lines:
        heading = head.stop_lines[0].heading_rad
    else:
        heading = rpy_from_rotation(head.pose.rotation)[2] + math.pi
    return heading % math.pi


def _by_axis(heads: Sequence[SignalHead]) -> list[tuple[int, ...]]:
    """Phases of heads without a controller: opposite approaches together, in the order of the file."""
    phases: list[tuple[float, list[int]]] = []
    for head in heads:
        axis = _axis_rad(head)
        for known, rows in phases:
            apart = abs(axis - known)
            if min(apart, math.pi - apart) <= OPPOSITE_TOLERANCE_RAD:
                rows.append(head.index)
                break
        else:
            phases.append((axis, [head.index]))
    return [tuple(rows) for _, rows in phases]


def light_groups(heads: Sequence[SignalHead]) -> tuple[Group, ...]:
    """Groups of all lights, in the order of the file.

    Controllers of a junction take turns by their sequence number, those of equal number in the order of the
    file (CARLA's maps number them all alike). A group of a single phase, as at a crossing between junctions,
    gets a turn without cars.
    """
    keyed: dict[tuple[str, str], list[SignalHead]] = {}
    for head in heads:
        if head.junction_id is not None:
            key = ("junction", str(head.junction_id))
        elif head.controller_id is not None:
            key = ("controller", head.controller_id)
        else:
            key = ("signal", head.signal_id)
        keyed.setdefault(key, []).append(head)
    groups = []
    for members in keyed.values():
        controllers: dict[str, list[SignalHead]] = {}
        for head in members:
            if head.controller_id is not None:
                controllers.setdefault(head.controller_id, []).append(head)
        turns = sorted(controllers.values(), key=lambda heads: heads[0].sequence)
        phases = [tuple(head.index for head in heads) for heads in turns]
        phases += _by_axis([head for head in members if head.controller_id is None])
        if len(phases) == 1:
            phases.append(())
        groups.append(Group(phases=tuple(phases)))
    return tuple(groups)
