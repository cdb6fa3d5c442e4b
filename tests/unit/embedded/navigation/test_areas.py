"""Areas are areas, whatever touches what."""

from __future__ import annotations

import numpy as np
import shapely

from drivegen.embedded.navigation.areas import GRID_M, make_areas
from drivegen.embedded.navigation.pieces import Piece, PieceKind


def strip(kind: PieceKind, low_m: float, high_m: float) -> Piece:
    return Piece(
        kind=kind,
        outline=shapely.box(0.0, low_m, 100.0, high_m),
        line=shapely.linestrings([(0.0, low_m), (100.0, low_m)]),
        along_m=np.array([0.0, 100.0]),
        z_m=np.zeros(2),
        lift_m=0.0,
    )


def test_a_carriageway_just_out_of_reach_leaves_no_line() -> None:
    # The pavement less its margin ends at 2.7 m, to the grid; walkers reach 30 m from there.
    far = round(2.7 / GRID_M) * GRID_M + 30.0
    made = make_areas(
        [
            strip(PieceKind.PAVEMENT, 0.0, 3.0),
            strip(PieceKind.CARRIAGEWAY, -7.0, 0.0),
            strip(PieceKind.CARRIAGEWAY, far, far + 7.0),
        ]
    )
    assert made.carriageway.geom_type in {"Polygon", "MultiPolygon"}
    assert shapely.bounds(made.carriageway)[3] < 1.0
