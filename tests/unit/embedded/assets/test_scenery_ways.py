import numpy as np

from drivegen.embedded.assets.scenery.ways import polyline


def test_tight_bends_are_told_from_wide_ones() -> None:
    angle = np.linspace(0.0, np.pi, 200)
    for radius, tight in ((20.0, True), (40.0, True), (50.0, False), (200.0, False)):
        line = polyline(np.stack([radius * np.cos(angle), radius * np.sin(angle), 0.0 * angle], axis=1), 1.0)
        inside = np.arange(5.0, line.length_m - 5.0, 5.0)
        assert (line.bends_within(inside, 45.0) == tight).all()
