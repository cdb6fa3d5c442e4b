"""What a scene asks of a machine, counted from its plan: ticks, pixels, beams, actors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from drivegen.core.lenses import KannalaBrandt
from drivegen.core.plans import ScenePlan

DRAWN_OF_FISHEYE = 2.6
DRAWN_OF_LENS = 1.3
"""Pixels drawn for one of the image, of a fisheye and of another lens: 2.62 and 1.32 by
`python -m benchmarks cameras` at commit 65e2875."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Of one scene, or the sum over many."""

    scenes: float = 0.0
    frames: float = 0.0
    """That are recorded."""
    keyframes: float = 0.0
    ticks: float = 0.0
    """Warm-up included."""
    actor_ticks: float = 0.0
    """Vehicles and walkers times ticks."""
    images: float = 0.0
    actor_images: float = 0.0
    """Vehicles and walkers times images."""
    megapixels: float = 0.0
    """Of the images."""
    drawn_megapixels: float = 0.0
    """Of what is drawn for them."""
    lens_megapixels: float = 0.0
    """Of images that are resampled to a lens."""
    megabeams: float = 0.0
    """Of LiDAR sweeps."""

    def __add__(self, other: Workload) -> Workload:
        """The work of both."""
        names = [f.name for f in fields(self)]
        return Workload(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def times(self, count: float) -> Workload:
        """So many of these."""
        return Workload(**{f.name: count * getattr(self, f.name) for f in fields(self)})


def workload_of(plan: ScenePlan) -> Workload:
    """Of one scene."""
    frames = round(plan.duration_s / plan.tick_s)
    ticks = frames + round(plan.warmup_s / plan.tick_s)
    actors = 1 + len(plan.vehicles) + len(plan.walkers)
    images = megapixels = drawn = resampled = 0.0
    rigs = plan.rigs.values()
    for camera in (c for rig in rigs for c in rig.cameras):
        shots = _times_due(plan, camera.period_s)
        pixels = shots * camera.width_px * camera.height_px / 1e6
        factor = DRAWN_OF_FISHEYE if isinstance(camera.lens, KannalaBrandt) else DRAWN_OF_LENS
        images += shots
        megapixels += pixels
        drawn += pixels * (factor if camera.lens is not None else 1.0)
        resampled += pixels if camera.lens is not None else 0.0
    beams = sum(
        _times_due(plan, lidar.period_s) * lidar.channels * lidar.columns
        for rig in rigs
        for lidar in rig.lidars
    )
    return Workload(
        scenes=1.0,
        frames=frames,
        keyframes=_times_due(plan, plan.keyframe_s),
        ticks=ticks,
        actor_ticks=actors * ticks,
        images=images,
        actor_images=actors * images,
        lens_megapixels=resampled,
        megapixels=megapixels,
        drawn_megapixels=drawn,
        megabeams=beams / 1e6,
    )


def total(loads: Iterable[Workload]) -> Workload:
    """Of many scenes."""
    return sum(loads, Workload())


def _times_due(plan: ScenePlan, period_s: float) -> int:
    """How often in the recorded part, the first frame included."""
    return int(round(plan.duration_s / plan.tick_s) - 1) // max(1, round(period_s / plan.tick_s)) + 1
