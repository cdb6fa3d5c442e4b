"""What futures are pulled to while they are drawn: apart from one another, on the road, to goals, at the ego.

Each is a cost of places in metres, differentiable, and works on the clean futures that each step of the
denoising foresees (as "reconstruction guidance": Ho and others 2022, "Video diffusion models"; the costs of
traffic after Zhong and others 2023, "Guided conditional diffusion for controllable traffic simulation").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch.nn import functional

from drivegen_generators.vehicles.learned.areas import CELL_M, Areas
from drivegen_generators.vehicles.learned.overlaps import STOREY_M
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group
from drivegen_generators.vehicles.learned.windows import Present

DISCS = 3
"""A box is this many discs along it."""
_MOVES_M = 0.5 * STEP_S
_FIRST_STEPS = 6
"""Of the time that two are too close are pushed apart."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Guide:
    """How much of each; 0: none."""

    separation: float = 0.0
    road: float = 0.0
    goal: float = 0.0
    adversarial: float = 0.0
    goals_m: Float[np.ndarray, "n 2"] | None = None
    """Where each actor shall be at the end of the window, NaN where it does not matter; map frame."""
    margin_m: float = 0.4
    """Kept between discs."""
    near_m: float = 3.5
    """How near to the ego's middle adversaries are drawn."""
    adversaries: int = 2

    @property
    def none(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.separation or self.road or self.goal or self.adversarial)


SAFE = Guide(separation=1.0, road=1.0)
"""What plans are drawn with by default."""


class Costs:
    """The costs of one moment's futures."""

    def __init__(
        self, guide: Guide, present: Present, areas: Areas | None, free: Bool[np.ndarray, "n"]
    ) -> None:
        """`free`: whose futures may be changed; those of the others are as they are."""
        self._guide = guide
        self._group = torch.from_numpy(present.group)
        size = present.size_m
        self._offset = torch.from_numpy(
            (size[:, :1] - size[:, 1:]).clip(0.0) * np.linspace(-0.5, 0.5, DISCS)
        ).float()
        self._radius = torch.from_numpy(0.5 * size[:, 1]).float()
        self._yaw = torch.from_numpy(present.yaw_rad).float()
        self._start = torch.from_numpy(present.xyz_m[:, :2]).float()
        self._pairs = self._near_pairs(present, free)
        self._ego = int(np.flatnonzero(present.ego)[0]) if present.ego.any() else -1
        self._free = torch.from_numpy(free)
        self._areas = areas
        if areas is not None:
            self._field = torch.from_numpy(areas.distance_m).unsqueeze(1)
            self._low = torch.from_numpy(areas.low_m).float()
        self._hunters = self._adversaries(present, free)

    def _near_pairs(self, present: Present, free: Bool[np.ndarray, "n"]) -> Any:
        delta = np.linalg.norm(present.xyz_m[:, None, :2] - present.xyz_m[None, :, :2], axis=2)
        speed = present.speed_mps
        reach = 15.0 + 8.0 * np.maximum(speed[:, None], speed[None])
        near = (delta < reach) & (np.abs(present.xyz_m[:, None, 2] - present.xyz_m[None, :, 2]) < STOREY_M)
        near &= free[:, None] | free[None]
        return torch.from_numpy(np.argwhere(np.triu(near, 1)))

    def _adversaries(self, present: Present, free: Bool[np.ndarray, "n"]) -> Any:
        """The free vehicles and riders nearest to the ego."""
        if self._ego < 0 or not self._guide.adversarial:
            return torch.zeros(0, dtype=torch.long)
        apart = np.linalg.norm(present.xyz_m - present.xyz_m[self._ego], axis=1)
        fits = free & ~present.ego & (present.group != Group.WALKER)
        order = [i for i in np.argsort(apart, kind="stable") if fits[i]]
        return torch.tensor(order[: self._guide.adversaries], dtype=torch.long)

    def of(self, places: Any) -> Any:
        """One number for places (s, n, t, 2) in the map's frame."""
        guide = self._guide
        total = places.new_zeros(())
        discs = None
        if guide.separation or guide.road:
            discs = self._discs(places)
        if guide.separation and len(self._pairs):
            total = total + guide.separation * self._separation(discs, places)
        if guide.road and self._areas is not None:
            total = total + guide.road * self._road(discs)
        if guide.goal and guide.goals_m is not None:
            total = total + guide.goal * self._goal(places, guide.goals_m)
        if len(self._hunters):
            total = total + guide.adversarial * self._hunt(places)
        return total

    def _discs(self, places: Any) -> Any:
        """Middles of the discs (s, n, t, d, 2); directions are taken as given."""
        with torch.no_grad():
            first = self._start.expand(places.shape[0], -1, -1).unsqueeze(2)
            step = torch.diff(torch.cat([first, places], 2), dim=2)
            moves = step.norm(dim=-1) > _MOVES_M
            yaw = torch.atan2(step[..., 1], step[..., 0])
            # Who stands keeps looking where it last went.
            at = torch.arange(1, places.shape[2] + 1).expand(moves.shape)
            last = torch.where(moves, at, 0).cummax(-1).values
            known = torch.cat([self._yaw[None, :, None].expand(places.shape[0], -1, 1), yaw], 2)
            yaw = known.gather(2, last)
            axis = torch.stack([yaw.cos(), yaw.sin()], -1)
        return places.unsqueeze(3) + axis.unsqueeze(3) * self._offset[None, :, None, :, None]

    def _separation(self, discs: Any, places: Any) -> Any:
        with torch.no_grad():
            a, b = self._pairs.T
            reach = self._offset[a, -1] + self._offset[b, -1] + self._radius[a] + self._radius[b] + 1.0
            apart = (places[:, a] - places[:, b]).norm(dim=-1).amin(-1).amin(0)
            a, b = self._pairs[apart < reach].T
        if not len(a):
            return places.new_zeros(())
        between = discs[:, a].unsqueeze(4) - discs[:, b].unsqueeze(3)
        apart = between.norm(dim=-1)
        least = (self._radius[a] + self._radius[b] + self._guide.margin_m)[None, :, None, None, None]
        depth = (functional.relu(least - apart) ** 2).sum((3, 4))
        with torch.no_grad():
            # Only where two first meet: who drove through another would be pushed back before and on after.
            counts = (depth > 0.0).cumsum(-1) <= _FIRST_STEPS
        return (depth * counts).sum()

    def _road(self, discs: Any) -> Any:
        h, w = self._field.shape[2:]
        at = (discs - self._low) / CELL_M
        scale = torch.tensor([2.0 / (w - 1), 2.0 / (h - 1)])
        total = discs.new_zeros(())
        for group in Group:
            rows = torch.nonzero((self._group == group) & self._free)[:, 0]
            if not len(rows):
                continue
            grid = (at[:, rows] * scale - 1.0).reshape(1, 1, -1, 2)
            found = functional.grid_sample(
                self._field[group : group + 1], grid, align_corners=True, padding_mode="border"
            ).view(at[:, rows].shape[:-1])
            half = (self._radius[rows] - 0.3).clamp(min=0.0)[None, :, None, None]
            total = total + (functional.relu(found + half).clamp(max=5.0) ** 2).sum()
        return total

    def _goal(self, places: Any, goals_m: Float[np.ndarray, "n 2"]) -> Any:
        rows = np.flatnonzero(np.isfinite(goals_m[:, 0]))
        wanted = torch.from_numpy(goals_m[rows]).float()
        gap = (places[:, torch.from_numpy(rows), -1] - wanted).norm(dim=-1)
        return functional.smooth_l1_loss(gap, torch.zeros_like(gap), reduction="sum", beta=5.0)

    def _hunt(self, places: Any) -> Any:
        """How far each adversary stays from the ego at its nearest, beyond what is wanted."""
        gap = (places[:, self._hunters] - places[:, self._ego : self._ego + 1].detach()).norm(dim=-1)
        nearest = -torch.logsumexp(-gap, dim=-1)
        return (functional.relu(nearest - self._guide.near_m)).sum()
