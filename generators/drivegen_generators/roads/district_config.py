"""What a district can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivegen.core.errors import ConfigError
from drivegen_generators.roads.options import check_flag, check_number, check_place, check_ranges, check_whole

MOST_JUNCTIONS = 1000
_SHARES = (
    "arterials",
    "signalised_minor",
    "roundabouts",
    "midblock",
    "outer_arms",
    "dropped",
    "lane_changes",
    "irregularity",
    "slips",
    "u_turns",
)


@dataclass(slots=True, kw_only=True)
class DistrictConfig:
    """A perturbed grid of arterials and minor streets. Pairs are drawn from, evenly between both numbers."""

    junctions: int = 24
    """Where streets meet; crossings between junctions come on top."""
    block_m: Sequence[float] = (300.0, 480.0)
    """From street to street."""
    irregularity: float = 0.5
    """0: straight lines; 1: streets wind as far as the junctions can bear."""
    arterials: float = 0.6
    """Share of the streets, evenly spread; the others are minor ones."""
    arterial_lanes: Sequence[int] = (2, 4)
    """Least and most lanes of one direction."""
    minor_lanes: Sequence[int] = (1, 2)
    lane_changes: float = 0.2
    """Share of the blocks of arterials over which a lane is added or dropped."""
    signalised_minor: float = 0.3
    """Share of the junctions of minor streets that have lights; all on arterials do."""
    roundabouts: float = 0.25
    """Share of the other junctions of four minor streets, where the angles allow it."""
    midblock: float = 0.25
    """Share of the long blocks of arterials that have a crossing for people between the junctions."""
    dropped: float = 0.12
    """Share of the blocks of minor streets that are left out, which makes junctions of three arms."""
    outer_arms: float = 0.7
    """Share of the streets' ends that go on beyond the last junction, where that can end there."""
    slips: float = 0.4
    """Share of the corners of arterials with right-turn slips, where there is room."""
    u_turns: float = 0.3
    """Share of the arms of arterials where traffic may turn back, where there is room."""
    lane_width_m: Sequence[float] = (3.25, 3.75)
    median_width_m: Sequence[float] = (4.0, 9.0)
    separator_width_m: Sequence[float] = (1.0, 2.5)
    bicycle_lane_width_m: Sequence[float] = (2.5, 3.5)
    pavement_width_m: Sequence[float] = (3.0, 5.0)
    minor_lane_width_m: Sequence[float] = (3.0, 3.5)
    minor_bicycle_lane_width_m: Sequence[float] = (1.5, 2.5)
    minor_pavement_width_m: Sequence[float] = (2.0, 3.5)
    outer_length_m: Sequence[float] = (110.0, 160.0)
    """Of streets' ends beyond the last junction; less where blocks are short."""
    pocket_length_m: Sequence[float] = (30.0, 50.0)
    """Of left-turn pockets of arterials, without their taper; less where blocks are short."""
    waiting_areas: bool = True
    """Mark where left-turning traffic waits inside junctions (左转待转区)."""
    roadside_sites: bool = True
    """A pole with mounts for cameras, LiDARs and radio at each arm of a junction with lights."""
    arterial_limit_kmh: float = 60.0
    minor_limit_kmh: float = 40.0
    latitude_deg: float = 39.795
    longitude_deg: float = 116.506

    def check(self, form: str) -> None:
        """Raises ConfigError for the first value that cannot be."""
        check_whole(form, "junctions", self.junctions, 1, MOST_JUNCTIONS)
        for name in _SHARES:
            check_number(form, name, getattr(self, name), 0.0, 1.0)
        check_ranges(
            form,
            self,
            ("block_m", 240.0, 1500.0),
            ("arterial_lanes", 2, 5),
            ("minor_lanes", 1, 2),
            ("lane_width_m", 2.75, 4.0),
            ("median_width_m", 1.0, 12.0),
            ("separator_width_m", 0.5, 4.0),
            ("bicycle_lane_width_m", 1.5, 5.0),
            ("pavement_width_m", 1.5, 8.0),
            ("minor_lane_width_m", 2.75, 4.0),
            ("minor_bicycle_lane_width_m", 1.0, 3.0),
            ("minor_pavement_width_m", 1.5, 5.0),
            ("outer_length_m", 90.0, 1000.0),
            ("pocket_length_m", 10.0, 100.0),
        )
        for name in ("arterial_lanes", "minor_lanes"):
            for value in getattr(self, name):
                check_whole(form, name, value, 1, 5)
        if self.median_width_m[0] < self.lane_width_m[1]:
            raise ConfigError(
                f"{form}: left-turn pockets need medians as wide as a lane, {self.lane_width_m[1]} m, not "
                f"median_width_m={list(self.median_width_m)}; widen them"
            )
        check_flag(form, "waiting_areas", self.waiting_areas)
        check_flag(form, "roadside_sites", self.roadside_sites)
        check_number(form, "arterial_limit_kmh", self.arterial_limit_kmh, 10.0, 80.0)
        check_number(form, "minor_limit_kmh", self.minor_limit_kmh, 10.0, 60.0)
        check_place(form, self.latitude_deg, self.longitude_deg)
