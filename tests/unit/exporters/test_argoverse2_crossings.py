"""Pedestrian crossings in Argoverse 2's map, read as av2's `PedestrianCrossing` reads them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from plain_export import PLAIN
from tests.unit.capture import synthetic_capture as world

from drivegen.opendrive.reader import read_network
from drivegen_exporters.argoverse2.exporter import Argoverse2
from drivegen_exporters.argoverse2.lane_map import lane_map

HEIGHT_M = 1.5


def an_object(number: int, s: float, t: float, corners: list[tuple[float, float]], **changes: str) -> str:
    ring = [*corners, corners[0]] if corners else []
    outline = "".join(f'<cornerLocal u="{u}" v="{v}" z="0" height="0"/>' for u, v in ring)
    values = {"type": "crosswalk", "hdg": "0", **changes}
    return (
        f'<object id="{number}" name="Zebra" s="{s}" t="{t}" zOffset="0" orientation="none"'
        f' type="{values["type"]}" hdg="{values["hdg"]}" length="4" width="7">'
        f"<outline>{outline}</outline></object>"
    )


BOX = [(-2.0, -3.5), (2.0, -3.5), (2.0, 3.5), (-2.0, 3.5)]
SKEWED = [(-2.0, -4.0), (2.0, -3.0), (3.0, 4.5), (-1.0, 3.5)]
BENT = [(-2.0, -3.5), (2.0, -3.5), (2.0, 0.5), (2.0, 3.5), (-2.0, 3.5), (-1.8, 0.5)]
OBJECTS = [
    an_object(1, 130.0, 0.0, BOX),
    an_object(2, 100.0, 1.0, SKEWED, hdg="0.3"),
    an_object(3, 60.0, -1.0, BENT),
    an_object(4, 220.0, 0.0, BOX),
    an_object(5, 90.0, 0.0, BOX, type="roadMark"),
    an_object(6, 80.0, 0.0, []),
]
"""The fourth lies too far away, the fifth is none, the sixth has no outline."""


def road(objects: list[str]) -> str:
    """The synthetic world's road, from (-120, -5) to the east."""
    text = world.XODR.replace('<elevation s="0" a="0"', f'<elevation s="0" a="{HEIGHT_M}"')
    return text.replace("</lanes>", f"</lanes><objects>{''.join(objects)}</objects>")


def read(text: bytes) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Edges by id."""
    out = {}
    for key, row in json.loads(text)["pedestrian_crossings"].items():
        assert key == str(row["id"]) and row["id"] > 0
        edges = (np.array([[p[a] for a in "xyz"] for p in row[e]]) for e in ("edge1", "edge2"))
        out[row["id"]] = tuple(edges)
    return out


def polygon(edges: tuple[np.ndarray, np.ndarray]) -> shapely.Geometry:
    """The corners in av2's order."""
    (a, b), (c, d) = edges
    return shapely.polygons(np.array([a, b, d, c])[:, :2])


def placed(corners: list[tuple[float, float]], x: float, y: float, turn: float = 0.0) -> np.ndarray:
    c, s = np.cos(turn), np.sin(turn)
    return np.array(corners) @ np.array([[c, s], [-s, c]]) + [x, y]


def test_crossings_lie_where_the_road_has_them() -> None:
    made = lane_map(read_network(road(OBJECTS), "zebras"), np.array([[-60.0, -5.0]]))
    found = sorted(read(made.vectors).values(), key=lambda edges: -edges[0][0, 0])
    wanted = [placed(BOX, 10, -5), placed(SKEWED, -20, -4, 0.3), placed(BOX, -60, -6)]
    assert len(found) == len(wanted)
    for edges, corners in zip(found, wanted, strict=True):
        area = shapely.polygons(corners)
        assert polygon(edges).is_valid
        assert shapely.area(shapely.symmetric_difference(polygon(edges), area)) < 0.15  # centimetres
        for edge in edges:
            np.testing.assert_array_equal(edge[:, 2], HEIGHT_M)
            ahead = edge[1] - edge[0]
            assert abs(ahead[1]) > 3 * abs(ahead[0])  # across the road, as people walk
        assert (edges[0][1] - edges[0][0]) @ (edges[1][1] - edges[1][0]) > 0
    sides = {tuple(np.round(edge[:, 0], 2)) for edge in found[0]}
    assert sides == {(8.0, 8.0), (12.0, 12.0)}


def test_a_crossing_keeps_its_id() -> None:
    few = lane_map(read_network(road(OBJECTS[:1]), "one"), np.array([[0.0, -5.0]]))
    many = lane_map(read_network(road(OBJECTS), "all"), np.array([[-60.0, -5.0]]))
    assert len(read(many.vectors)) == 3 and set(read(few.vectors)) < set(read(many.vectors))


def test_a_log_has_the_crossings_of_its_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "XODR", road(OBJECTS))
    plan = world.make_plan("scene-0001", 0.1, world.make_rig(columns=90))
    capture = world.write_capture(tmp_path / "scene-0001.mcap", plan).path
    Argoverse2(PLAIN).export([capture], tmp_path / "av2")
    (archive,) = (tmp_path / "av2").glob("*/scene-0001/map/log_map_archive_*.json")
    # The ego is at x = -3: now the fourth is near enough, too.
    assert sorted(round(float(e[0][0, 0])) for e in read(archive.read_bytes()).values())[-1] in (98, 102)
    assert len(read(archive.read_bytes())) == 4
