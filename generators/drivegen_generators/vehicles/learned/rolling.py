"""The future of a whole scene, window by window: each begins with the motion that the last ended with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64

from drivegen_generators.vehicles.learned.areas import Areas
from drivegen_generators.vehicles.learned.choice import HELD_BACK, choose_futures, held_back
from drivegen_generators.vehicles.learned.guidance import Guide
from drivegen_generators.vehicles.learned.kinematics import follow
from drivegen_generators.vehicles.learned.lights import Lights, StopLines
from drivegen_generators.vehicles.learned.overlaps import overlapping_pairs
from drivegen_generators.vehicles.learned.pieces import Pieces, choose, tokens
from drivegen_generators.vehicles.learned.sampling import Sampler
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group
from drivegen_generators.vehicles.learned.windows import FUTURE, LANES, PAST, Present, ways_at

_REACH_M = 220.0
_LEAST_GOAL_MPS = 3.0
OUTSIDE_M = 0.3
"""Middles farther outside their area than this are off the road."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """What of a road does not change."""

    pieces: Pieces
    lights: Lights
    stop_lines: StopLines
    areas: Areas


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rolled:
    """A scene from its beginning to its end, every `STEP_S`."""

    pose_m: Float64[np.ndarray, "n t 3"]
    z_m: Float64[np.ndarray, "n t"]
    swapped: int
    held_back: int
    overlaps: int
    """Pairs that overlap at some time and did not at first."""
    off_road: int
    """Actors that leave their area."""
    red_lights: int


def areas_of(pieces: Pieces, middle_m: Float[np.ndarray, "2"]) -> Areas:
    """Wide enough for a scene around a point."""
    return Areas.around(pieces, middle_m, _REACH_M)


def draw_window(
    sampler: Sampler,
    rng: np.random.Generator,
    present: Present,
    road: Road,
    time_s: float,
    *,
    samples: int,
    guide: Guide,
    fixed_m: Float[np.ndarray, "n t 3"] | None = None,
) -> Float64[np.ndarray, "s n t 3"]:
    """Drivable futures of a moment: x, y and yaw."""
    walks = present.group == Group.WALKER
    choice = choose(road.pieces, present.xyz_m, present.yaw_rad, walks, LANES)
    light = road.lights.of_pieces(road.pieces, time_s)
    lanes = tokens(road.pieces, choice, present.xyz_m, present.yaw_rad, light)
    known = None if fixed_m is None else fixed_m[..., :2]
    ways = [ways_at(rng, road.pieces, present, light, known) for _ in range(samples)]
    drawn = sampler.draw(rng, present, lanes, ways, guide=guide, areas=road.areas, fixed_m=known)
    start = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)
    out = follow(start, present.speed_mps, drawn, present.size_m, present.group)
    if fixed_m is not None:
        there = np.isfinite(fixed_m).all(axis=(1, 2))
        out[:, there] = fixed_m[there]
    return out


def unfit(
    pose_m: Float64[np.ndarray, "n t 3"], present: Present, road: Road, time_s: float
) -> tuple[Bool[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    """(who leaves the area and was in it, who passes a red light)."""
    outside = road.areas.outside_m(pose_m[..., :2], present.group)
    now = road.areas.outside_m(present.xyz_m[:, None, :2], present.group)[:, 0]
    off = (outside > OUTSIDE_M).any(axis=1) & (now <= OUTSIDE_M)
    times = time_s + STEP_S * np.arange(pose_m.shape[1] + 1)
    first = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)
    whole = np.concatenate([first[:, None], pose_m], axis=1)
    red = road.stop_lines.passed_red(whole, present.size_m[:, 0], road.lights, times)
    return off, red & (present.group != Group.WALKER)


def roll(
    sampler: Sampler,
    rng: np.random.Generator,
    present: Present,
    road: Road,
    *,
    lasts_s: float,
    guide: Guide,
    routes: Sequence[Sequence[tuple[float, float, float]]] = (),
    fixed_m: Float[np.ndarray, "n t 3"] | None = None,
    samples: int = 4,
    keep_s: float = 4.0,
) -> Rolled:
    """Draws windows of 8 s, keeps the first `keep_s` of each, and draws on from there.

    Args:
        sampler: With the model.
        rng: For the noise.
        present: The beginning.
        road: Lanes, lights, areas.
        lasts_s: Of the scene.
        guide: For every window.
        routes: Ways of the actors, whose goals lie on them, as far ahead as they go in a window; empty where
            an actor has none.
        fixed_m: Poses at each `STEP_S` from the first after now on, of actors that are known: as many as the
            scene needs and a window more; NaN of the others.
        samples: Futures of each window, of which one is taken.
        keep_s: Of each window.
    """
    steps, keep = round(lasts_s / STEP_S), round(keep_s / STEP_S)
    first = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)
    past = np.concatenate([present.past_m, np.repeat(present.yaw_rad[:, None, None], PAST, axis=1)], axis=2)
    poses = [past, first[:, None]]
    free = np.ones(len(first), np.bool_)
    if fixed_m is not None:
        free = ~np.isfinite(fixed_m).all(axis=(1, 2))
    swapped = held = 0
    reds, offs = np.zeros(len(first), np.bool_), np.zeros(len(first), np.bool_)
    z = present.xyz_m[:, 2].copy()
    heights = [z.copy()]
    for at in range(0, steps, keep):
        time_s = at * STEP_S
        known = None if fixed_m is None else fixed_m[:, at : at + FUTURE]
        aimed = dataclasses.replace(guide, goals_m=_goals(routes, present)) if routes else guide
        drawn = draw_window(sampler, rng, present, road, time_s, samples=samples, guide=aimed, fixed_m=known)
        start = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)
        slower = [held_back(drawn[0], present.speed_mps, start, b, STEP_S) for b in HELD_BACK]
        every = np.concatenate([drawn, np.array(slower)])
        every[:, ~free] = drawn[:1, ~free]
        marks = [unfit(p, present, road, time_s) for p in every]
        chosen = choose_futures(
            every,
            present.size_m,
            present.xyz_m[:, 2],
            np.array([off | red for off, red in marks]),
            free,
            samples,
        )
        swapped, held = swapped + chosen.swapped, held + chosen.held_back
        part = chosen.pose_m[:, : min(keep, steps - at)]
        off, red = unfit(part, present, road, time_s)
        offs, reds = offs | (off & free), reds | (red & free)
        for k in range(part.shape[1]):
            z = road_height(road.pieces, part[:, k, :2], z)
            heights.append(z.copy())
        poses.append(part)
        whole = np.concatenate(poses, axis=1)
        present = Present(
            xyz_m=np.concatenate([whole[:, -1, :2], z[:, None]], axis=1),
            yaw_rad=whole[:, -1, 2],
            past_m=whole[:, -1 - PAST : -1, :2],
            size_m=present.size_m,
            group=present.group,
            ego=present.ego,
        )
    pose = np.concatenate(poses[1:], axis=1)
    height = np.array(heights).T
    return Rolled(
        pose_m=pose,
        z_m=height,
        swapped=swapped,
        held_back=held,
        overlaps=len(overlapping_pairs(pose, present.size_m, height[:, 0])),
        off_road=int(offs.sum()),
        red_lights=int(reds.sum()),
    )


def _goals(
    routes: Sequence[Sequence[tuple[float, float, float]]], present: Present
) -> Float64[np.ndarray, "n 2"]:
    """Where each is at the end of a window if it goes on along its route as fast as it goes now."""
    out = np.full((len(routes), 2), np.nan)
    speed = np.maximum(present.speed_mps, _LEAST_GOAL_MPS)
    for n, route in enumerate(routes):
        if len(route) < 2:
            continue
        points = np.array(route)[:, :2]
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        here = along[np.argmin(np.linalg.norm(points - present.xyz_m[n, :2], axis=1))]
        goal = min(here + speed[n] * FUTURE * STEP_S, along[-1])
        out[n] = [np.interp(goal, along, points[:, d]) for d in range(2)]
    return out


def road_height(
    pieces: Pieces, xy_m: Float[np.ndarray, "n 2"], before_m: Float[np.ndarray, "n"]
) -> Float64[np.ndarray, "n"]:
    """Height of the piece under each place whose height is nearest to that before."""
    count = min(12, pieces.tree.n)
    apart, near = pieces.tree.query(xy_m, k=count)
    apart, near = apart.reshape(len(xy_m), count), near.reshape(len(xy_m), count)
    points = pieces.points_m.reshape(-1, 3)
    rise = np.abs(points[near, 2] - np.asarray(before_m)[:, None])
    best = np.argmin(apart + 20.0 * np.maximum(rise - 0.5, 0.0), axis=1)
    rows = np.arange(len(xy_m))
    pick = near[rows, best]
    # Between the points of a piece heights are on the line to the neighbour that is nearer.
    p, k = np.divmod(pick, pieces.points_m.shape[1])
    out = points[pick, 2].copy()
    weight = np.zeros(len(xy_m))
    for side in (-1, 1):
        other = k + side
        fits = (other >= 0) & (other < pieces.points_m.shape[1])
        a, b = pieces.points_m[p, k], pieces.points_m[p, np.clip(other, 0, pieces.points_m.shape[1] - 1)]
        line = b - a
        length = np.maximum((line[:, :2] ** 2).sum(axis=1), 1e-9)
        share = ((xy_m - a[:, :2]) * line[:, :2]).sum(axis=1) / length
        better = fits & (share > weight) & (share <= 1.0)
        out = np.where(better, a[:, 2] + share * line[:, 2], out)
        weight = np.where(better, share, weight)
    return out
