"""Noise that cameras and frames share: the same where they look at the same.

A diffusion model makes an image of noise. In a scene's first frame a cell's noise follows from the direction
in which it looks, so cameras whose fields overlap begin alike there (but for their distance from each other).
Then it sticks to what the cell shows and goes where that goes, by exact flow; what comes into sight gets new.
A number is never used twice in an image: noise stays white and of unit variance, where plain warping would
stretch it into blotches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, UInt64

from drivegen.capture.clip import ClipImage
from drivegen.capture.flow import Anchors, Moment
from drivegen.core.rng import derive_rng, derive_seed

Noise = Float32[np.ndarray, "channels rows columns"]

_FINEST_RAD = 2.0**-12
"""Cells of directions are this large, or a power of two larger."""
_ROUND = 1 << 20
"""More cells than there are around."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a model's latent images."""

    channels: int
    rows: int
    columns: int
    cell_px: tuple[float, float]
    """Width and height of a cell in pixels of the camera."""

    def moment(self, image: ClipImage) -> Moment:
        """The geometry of an image at the cells."""
        return Moment.of(image, self.rows, self.columns, self.cell_px)


class SharedNoise:
    """The noise of one scene's images; each camera's are asked for by ascending time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._last: dict[tuple[str, str], tuple[Anchors, Float32[np.ndarray, "channels n"]]] = {}

    def of(self, image: ClipImage, grid: Grid, moment: Moment) -> Noise:
        """Of an image, whose moment at the grid this is."""
        camera = (image.agent, image.channel)
        noise = _fresh(self._seed, image, grid)
        flat = noise.reshape(grid.channels, -1)
        anchors = moment.anchors()
        if camera not in self._last:
            _lay_directions(flat, image, grid, derive_seed(self._seed, image.agent))
        else:
            old, values = self._last[camera]
            cells = _cells_of(old, moment, grid)
            first = _first_of(cells)
            first = first[cells[first] >= 0]
            flat[:, cells[first]] = values[:, first]
            # What has moved on keeps the point where it was born: rounding does not add up over frames.
            anchors = anchors.replaced(cells[first], old, first)
        self._last[camera] = (anchors, flat.copy())
        return noise


def noise_of_moment(seed: int, image: ClipImage, grid: Grid) -> Noise:
    """White noise that follows from direction and time: cameras of an agent share it where they look the same
    way, and each time has its own, as models of video have learned it."""
    noise = _fresh(seed, image, grid)
    key = derive_seed(seed, image.agent, image.time_ns)
    _lay_directions(noise.reshape(grid.channels, -1), image, grid, key)
    return noise


def _fresh(seed: int, image: ClipImage, grid: Grid) -> Noise:
    rng = derive_rng(seed, "noise", image.agent, image.channel, image.time_ns)
    return rng.standard_normal((grid.channels, grid.rows, grid.columns), dtype=np.float32)


def _lay_directions(flat: Float32[np.ndarray, "channels n"], image: ClipImage, grid: Grid, seed: int) -> None:
    """Into the cells, each direction's number; where several cells share a direction, the first has it."""
    keys = _directions(image, grid)
    first = _first_of(keys)
    flat[:, first] = _hashed_normal(keys[first], grid.channels, seed)


def _directions(image: ClipImage, grid: Grid) -> Int64[np.ndarray, "n"]:
    """A number for the direction of each cell, seen from the agent."""
    x = (np.arange(grid.columns) + 0.5) * grid.cell_px[0]
    y = (np.arange(grid.rows) + 0.5) * grid.cell_px[1]
    rays = image.camera.optics.unproject(np.stack(np.meshgrid(x, y), axis=-1))
    rays = rays @ (image.agent_optical.rotation).T
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    # The angle between neighbours in the middle, to a power of two: cameras that see alike share it.
    row, column = grid.rows // 2, grid.columns // 2
    step = float(np.linalg.norm(rays[row, column] - rays[row, column - 1]))
    level = max(0, round(math.log2(max(step, _FINEST_RAD) / _FINEST_RAD))) if np.isfinite(step) else 6
    size = _FINEST_RAD * 2.0**level
    rays = np.nan_to_num(rays)
    yaw = np.floor(np.arctan2(rays[..., 1], rays[..., 0]) / size).astype(np.int64) + _ROUND // 2
    pitch = np.floor(np.arcsin(np.clip(rays[..., 2], -1.0, 1.0)) / size).astype(np.int64) + _ROUND // 2
    return ((level * _ROUND + pitch) * _ROUND + yaw).reshape(-1)


def _cells_of(anchors: Anchors, moment: Moment, grid: Grid) -> Int64[np.ndarray, "n"]:
    """For each point the number of the cell that shows it; -1 where none does."""
    at, shown = anchors.in_view(moment)
    with np.errstate(invalid="ignore"):
        x, y = (np.floor(at[:, axis] / grid.cell_px[axis]) for axis in (0, 1))
        shown = shown & (x >= 0) & (y >= 0) & (x < grid.columns) & (y < grid.rows)
        return np.where(shown, y * grid.columns + x, -1.0).astype(np.int64)


def _first_of(keys: Int64[np.ndarray, "n"]) -> Int64[np.ndarray, "m"]:
    """Where each number stands first."""
    return np.unique(keys, return_index=True)[1]


def _hashed_normal(
    keys: Int64[np.ndarray, "n"], channels: int, seed: int
) -> Float32[np.ndarray, "channels n"]:
    """Normal numbers that follow from keys (Box and Muller 1958, of SplitMix64: Steele et al. 2014)."""
    channel = np.arange(channels, dtype=np.uint64)[:, None]
    mixed = _split_mix(keys.astype(np.uint64)[None] + np.uint64(seed))
    mixed = _split_mix(mixed ^ _split_mix(channel + np.uint64(1)))
    one = (mixed >> np.uint64(40)).astype(np.float64) + 0.5
    other = (_split_mix(mixed) >> np.uint64(40)).astype(np.float64) + 0.5
    radius = np.sqrt(-2.0 * np.log(one / 2.0**24))
    return (radius * np.cos(2.0 * math.pi * other / 2.0**24)).astype(np.float32)


def _split_mix(value: UInt64[np.ndarray, "*n"]) -> UInt64[np.ndarray, "*n"]:
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))
