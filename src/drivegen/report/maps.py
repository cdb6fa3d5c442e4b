"""The maps that a run was recorded on, each drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from drivegen.capture.index import query
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.reader import read_network
from drivegen.report.plan_view import MapView, Ring, draw_map

MAPS_SHOWN = 12
_WAYS_SHOWN = 40
"""On one map; more would hide it."""


def networks_of(captures: Sequence[CapturePlace]) -> dict[str, tuple[RoadNetwork, tuple[str, ...]]]:
    """The maps by name, each with the scenes on it; maps in the order of their first scene."""
    found: dict[str, tuple[RoadNetwork, list[str]]] = {}
    for path in captures:
        with CaptureReader(path) as reader:
            name = reader.plan.map.name
            if name not in found:
                found[name] = read_network(reader.opendrive, f"{path}: {name}"), []
            found[name][1].append(reader.scene)
    return {name: (network, tuple(scenes)) for name, (network, scenes) in found.items()}


def draw_maps(run: Path, networks: dict[str, tuple[RoadNetwork, tuple[str, ...]]]) -> tuple[MapView, ...]:
    """Pictures of the first `MAPS_SHOWN` maps with the ways of the egos."""
    ways = _ways(run)
    return tuple(
        draw_map(network, name, {s: ways[s] for s in scenes[:_WAYS_SHOWN] if s in ways})
        for name, (network, scenes) in list(networks.items())[:MAPS_SHOWN]
    )


def _ways(run: Path) -> dict[str, Ring]:
    rows = query(run, "select scene, ego_x_m, ego_y_m from frames order by scene, frame").rows
    out: dict[str, list[tuple[float, float]]] = {}
    for scene, x, y in rows:
        out.setdefault(scene, []).append((x, y))
    return {scene: np.array(points, dtype=np.float64) for scene, points in out.items()}
