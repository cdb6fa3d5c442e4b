"""Options that overpass and tunnel share, and what is drawn from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drivegen.core.errors import ConfigError
from drivegen_generators.roads.arm import CrossSection
from drivegen_generators.roads.options import (
    as_pair,
    check_number,
    check_place,
    check_ranges,
    check_whole,
    draw_between,
)
from drivegen_generators.roads.profile import grade_limits
from drivegen_generators.roads.separation import Separation

LEAST_CLEARANCE_M = 4.5
"""For motor vehicles: CJJ 37-2012, section 3.4; JTG B01-2014 asks as much of class 3 and 4 roads."""
_LINK_FROM_CROSSING_M = 90.0


@dataclass(slots=True, kw_only=True)
class SeparationConfig:
    """Sizes of two streets that cross at two levels. Pairs are drawn from, evenly between both numbers."""

    lanes: int | None = None
    """Of one direction of both streets, 1 or 2; None: drawn for each. The link has one."""
    lane_width_m: Sequence[float] = (3.25, 3.5)
    bicycle_lane_width_m: Sequence[float] = (1.5, 2.5)
    """Marked beside the driving lanes, not kept apart."""
    pavement_width_m: Sequence[float] = (2.0, 3.0)
    clearance_m: Sequence[float] = (4.5, 5.5)
    """Above the lower road."""
    grade_percent: Sequence[float] = (4.0, 5.5)
    """Of both ramps; at most what CJJ 37 allows at the speed limit."""
    skew_deg: float = 12.0
    """The streets cross at a right angle plus or minus at most this."""
    end_length_m: Sequence[float] = (60.0, 100.0)
    """Of the streets beyond junctions, ramps and crossing, to their turn-arounds."""
    bend_radius_m: float = 250.0
    """Tightest bend of the ends."""
    speed_limit_kmh: float = 50.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self, form: str) -> None:
        """Raises ConfigError for the first value that cannot be."""
        if self.lanes is not None:
            check_whole(form, "lanes", self.lanes, 1, 2)
        check_ranges(
            form,
            self,
            ("lane_width_m", 2.75, 4.5),
            ("bicycle_lane_width_m", 1.0, 4.0),
            ("pavement_width_m", 1.5, 6.0),
            ("clearance_m", LEAST_CLEARANCE_M, 8.0),
            ("grade_percent", 2.0, 8.0),
            ("end_length_m", 45.0, 500.0),
        )
        check_number(form, "skew_deg", self.skew_deg, 0.0, 20.0)
        check_number(form, "bend_radius_m", self.bend_radius_m, 120.0, 1e6)
        check_number(form, "speed_limit_kmh", self.speed_limit_kmh, 20.0, 80.0)
        check_place(form, self.latitude_deg, self.longitude_deg)
        steepest = 100.0 * grade_limits(self.speed_limit_kmh).steepest
        if self.grade_percent[1] > steepest + 1e-9:
            raise ConfigError(
                f"{form}: grade_percent={list(self.grade_percent)} is steeper than the {steepest:g} % that "
                f"CJJ 37 allows at {self.speed_limit_kmh:g} km/h; take less, or a lower speed_limit_kmh"
            )


def draw_separation(rng: np.random.Generator, config: SeparationConfig, deeper_m: float) -> Separation:
    """Two streets, the first above the other; the length that it stays level is least.

    Args:
        rng: everything is drawn from it.
        config: checked.
        deeper_m: what lies between the clearance and the surface of the upper road.
    """
    drawn = rng.integers(1, 3, 2)
    link = CrossSection(
        lanes=1,
        lane_m=draw_between(rng, as_pair(config.lane_width_m)),
        median_m=0.0,
        separator_m=0.0,
        bicycle_m=draw_between(rng, as_pair(config.bicycle_lane_width_m)),
        pavement_m=draw_between(rng, as_pair(config.pavement_width_m)),
        pocket_m=0.0,
    )
    first, second = (replace(link, lanes=int(n) if config.lanes is None else config.lanes) for n in drawn)
    skew = float(rng.uniform(-1.0, 1.0)) * math.radians(config.skew_deg)
    ends = tuple(draw_between(rng, as_pair(config.end_length_m)) for _ in range(4))
    bends = rng.uniform(-1.0, 1.0, 4) / config.bend_radius_m
    across = second.outer_m / math.cos(skew) + first.outer_m * abs(math.tan(skew))
    return Separation(
        first=first,
        second=second,
        link=link,
        skew_rad=skew,
        rise_m=draw_between(rng, as_pair(config.clearance_m)) + deeper_m,
        level_m=across + 3.0,
        grade=draw_between(rng, as_pair(config.grade_percent)) / 100.0,
        limits=grade_limits(config.speed_limit_kmh),
        to_second_m=first.outer_m + second.outer_m + _LINK_FROM_CROSSING_M + float(rng.uniform(0.0, 40.0)),
        end_lengths_m=(ends[0], ends[1], ends[2], ends[3]),
        bends_pm=(float(bends[0]), float(bends[1]), float(bends[2]), float(bends[3])),
        kerb_radius_m=8.0,
        speed_mps=config.speed_limit_kmh / 3.6,
        stops=bool(rng.random() < 0.5),
    )
