"""Lines of the map."""

from __future__ import annotations

import numpy as np

from drivegen.opendrive.reader import read_network
from drivegen.viewer.map_lines import lane_borders
from tests.unit.capture.synthetic_capture import XODR


def test_borders_of_lanes_stand_where_the_road_has_them() -> None:
    lines = lane_borders(read_network(XODR, "plain"))
    offsets = sorted(float(np.unique(line[:, 1].round(6))[0]) for line in lines)
    assert offsets == [-11.5, -8.5, -5.0, -1.5, 1.5]
    for line in lines:
        assert line[0, 0] == -120.0 and abs(line[-1, 0] - 120.0) < 1e-6
        assert np.all((line[:, 2] > 0.0) & (line[:, 2] < 0.1))
