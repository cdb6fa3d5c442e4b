"""Learned traffic beside the traffic that it learned from and constant velocity, on scenes held out.

`drivegen generate experiment=traffic_rollouts job.name=held job.seed=202 job.scenes=12`, then
`python -m benchmarks.learned_traffic runs/held [--every-s 2] [--samples 4] [--weights FILE]`.

Every window of 8 s begins with a second of what was recorded. Figures are of actors that moved in the
recording and whose future is whole; the others are there as they were.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.core.rng import derive_rng
from drivegen.opendrive.reader import read_network
from drivegen_generators.vehicles.learned.areas import Areas
from drivegen_generators.vehicles.learned.choice import HELD_BACK, choose_futures, held_back
from drivegen_generators.vehicles.learned.guidance import Guide
from drivegen_generators.vehicles.learned.lights import StopLines
from drivegen_generators.vehicles.learned.overlaps import overlapping
from drivegen_generators.vehicles.learned.rolling import Road, areas_of, draw_window, unfit
from drivegen_generators.vehicles.learned.sampling import Sampler
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group, Scene, scene_of
from drivegen_generators.vehicles.learned.weights import SHIPPED, load_model
from drivegen_generators.vehicles.learned.windows import FUTURE, Present, presents

NEAR_MISS_M = 5.0
SPEED_BINS = np.linspace(0.0, 25.0, 51)
ACCELERATION_BINS = np.linspace(-6.0, 6.0, 49)
NEAREST_BINS = np.linspace(0.0, 40.0, 41)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A window: what is known, and what came."""

    present: Present
    road: Road
    time_s: float
    came_m: Float64[np.ndarray, "n t 3"]
    """NaN where it is not known."""
    judged: Bool[np.ndarray, "n"]


@dataclass(slots=True)
class Tally:
    """Figures of one way to make futures."""

    actors: int = 0
    colliding: int = 0
    off_road: int = 0
    on_road: int = 0
    """Vehicles and riders that were on it at first."""
    red: int = 0
    near_misses: int = 0
    with_ego: int = 0
    scenes: int = 0
    cpu_s: float = 0.0
    speed: list[np.ndarray] = field(default_factory=list)
    acceleration: list[np.ndarray] = field(default_factory=list)
    nearest: list[np.ndarray] = field(default_factory=list)
    spread_m: list[float] = field(default_factory=list)
    best_m: list[float] = field(default_factory=list)

    def add(self, case: Case, pose_m: Float64[np.ndarray, "n t 3"]) -> None:
        """One future of all actors of a case."""
        judged, present = case.judged, case.present
        self.scenes += 1
        self.actors += int(judged.sum())
        now = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)[:, None]
        whole = np.concatenate([now, pose_m], axis=1)
        hit = overlapping(whole, present.size_m, present.xyz_m[:, 2])
        self.colliding += int((hit & judged).sum())
        off, red = unfit(pose_m, present, case.road, case.time_s)
        drives = judged & (present.group != Group.WALKER)
        inside = case.road.areas.outside_m(present.xyz_m[:, None, :2], present.group)[:, 0] <= 0.3
        self.on_road += int((drives & inside).sum())
        self.off_road += int((off & drives).sum())
        self.red += int((red & drives).sum())
        speed = np.linalg.norm(np.diff(whole[..., :2], axis=1), axis=2) / STEP_S
        self.speed.append(np.histogram(speed[judged], SPEED_BINS)[0])
        # Over 0.4 s: labels are of single ticks, and their differences jitter.
        change = (speed[:, 2:] - speed[:, :-2]) / (2.0 * STEP_S)
        self.acceleration.append(np.histogram(change[judged].clip(-6.0, 6.0), ACCELERATION_BINS)[0])
        gap = np.linalg.norm(whole[:, None, :, :2] - whole[None, :, :, :2], axis=-1)
        gap[np.arange(len(gap)), np.arange(len(gap))] = np.inf
        nearest = np.nanmin(np.where(np.isnan(gap), np.inf, gap), axis=1)[judged]
        self.nearest.append(np.histogram(nearest[np.isfinite(nearest)].clip(0.0, 40.0), NEAREST_BINS)[0])
        ego = np.flatnonzero(present.ego & judged)
        if len(ego):
            others = np.ones(len(judged), np.bool_)
            others[ego[0]] = False
            others &= judged & (present.group != Group.WALKER)
            at_first, later = gap[ego[0]][:, 0], gap[ego[0]][:, 1:]
            close = (later < NEAR_MISS_M).any(axis=1) & (at_first >= NEAR_MISS_M) & others
            self.with_ego += 1
            self.near_misses += bool(close.any())

    def add_spread(self, case: Case, samples_m: Float64[np.ndarray, "s n t 3"]) -> None:
        """How far samples end apart, and how near the best of them, as a scene, ends to what came."""
        ends = samples_m[:, case.judged, -1, :2]
        if len(ends) < 2 or not ends.shape[1]:
            return
        a, b = np.triu_indices(len(ends), 1)
        self.spread_m.append(float(np.linalg.norm(ends[a] - ends[b], axis=-1).mean()))
        came = case.came_m[case.judged, -1, :2]
        self.best_m.append(float(np.linalg.norm(ends - came, axis=-1).mean(axis=1).min()))


def divergence(a: list[np.ndarray], b: list[np.ndarray]) -> float:
    """Jensen-Shannon divergence of two histograms, in bits (Lin 1991)."""
    p, q = (np.sum(x, axis=0) / max(1, np.sum(x)) for x in (a, b))
    m = 0.5 * (p + q)

    def against(x: np.ndarray) -> float:
        there = x > 0
        return float((x[there] * np.log2(x[there] / m[there])).sum())

    return 0.5 * (against(p) + against(q))


def cases_of(scene: Scene, network: object, every_s: float) -> list[Case]:
    """All windows of a scene."""
    lines = StopLines(network)  # type: ignore[arg-type]
    moved = _moved(scene)
    out = []
    areas: tuple[np.ndarray, Areas] | None = None
    for now, actors, present in presents(scene, every_s):
        middle = present.xyz_m[present.ego][0, :2] if present.ego.any() else present.xyz_m[:, :2].mean(axis=0)
        if areas is None or np.linalg.norm(areas[0] - middle) > 60.0:
            areas = (middle, areas_of(scene.pieces, middle))
        rows = slice(now + 1, now + FUTURE + 1)
        came = np.concatenate([scene.xyz_m[rows, actors, :2], scene.yaw_rad[rows, actors, None]], axis=2)
        came = came.transpose(1, 0, 2)
        out.append(
            Case(
                present=present,
                road=Road(pieces=scene.pieces, lights=scene.lights, stop_lines=lines, areas=areas[1]),
                time_s=now * STEP_S,
                came_m=came,
                judged=np.isfinite(came).all(axis=(1, 2)) & moved[actors],
            )
        )
    return out


def _moved(scene: Scene) -> Bool[np.ndarray, "n"]:
    first = np.argmax(scene.there, axis=0)
    start = scene.xyz_m[first, np.arange(len(first))]
    return np.asarray(np.nanmax(np.linalg.norm(scene.xyz_m - start[None], axis=2), axis=0) > 0.5)


def constant_velocity(case: Case) -> Float64[np.ndarray, "n t 3"]:
    """Straight on as in the last step."""
    present = case.present
    velocity = (present.xyz_m[:, :2] - present.past_m[:, -1]) / STEP_S
    ahead = STEP_S * np.arange(1, FUTURE + 1)
    places = present.xyz_m[:, None, :2] + velocity[:, None] * ahead[:, None]
    yaw = np.repeat(present.yaw_rad[:, None, None], FUTURE, axis=1)
    return _with_others(case, np.concatenate([places, yaw], axis=2))


def _with_others(case: Case, pose_m: Float64[np.ndarray, "n t 3"]) -> Float64[np.ndarray, "n t 3"]:
    """Those that are not judged are as they came, or gone."""
    return np.where(case.judged[:, None, None], pose_m, case.came_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to draw."""

    name: str
    guide: Guide
    chosen: bool = False
    """One future of each actor is chosen among the samples, as plans have it."""


WAYS = (
    Way(name="diffusion", guide=Guide()),
    Way(name="diffusion + guidance", guide=Guide(separation=1.0, road=1.0)),
    Way(name="diffusion + guidance + choice (plans)", guide=Guide(separation=1.0, road=1.0), chosen=True),
    Way(
        name="diffusion + guidance + adversarial",
        guide=Guide(separation=1.0, road=1.0, adversarial=3.0),
    ),
)


def draw(
    case: Case, sampler: Sampler, rng: np.random.Generator, way: Way, samples: int
) -> tuple[Float64[np.ndarray, "n t 3"], Float64[np.ndarray, "s n t 3"]]:
    """(the future that counts, all samples)."""
    fixed = np.where(case.judged[:, None, None], np.nan, case.came_m)
    # Who leaves is where it was last seen: it has to be somewhere.
    gone = ~case.judged & ~np.isfinite(case.came_m).all(axis=(1, 2))
    fixed[gone] = _filled(case.came_m[gone], case.present, gone)
    drawn = draw_window(
        sampler, rng, case.present, case.road, case.time_s, samples=samples, guide=way.guide, fixed_m=fixed
    )
    if not way.chosen:
        return _with_others(case, drawn[0]), drawn
    present = case.present
    start = np.concatenate([present.xyz_m[:, :2], present.yaw_rad[:, None]], axis=1)
    every = np.concatenate(
        [drawn, [held_back(drawn[0], present.speed_mps, start, b, STEP_S) for b in HELD_BACK]]
    )
    every[:, ~case.judged] = drawn[:1, ~case.judged]
    marks = [unfit(p, present, case.road, case.time_s) for p in every]
    found = choose_futures(
        every,
        present.size_m,
        present.xyz_m[:, 2],
        np.array([off | red for off, red in marks]),
        case.judged,
        samples,
    )
    return _with_others(case, found.pose_m), drawn


def _filled(
    came_m: Float64[np.ndarray, "m t 3"], present: Present, rows: Bool[np.ndarray, "n"]
) -> Float64[np.ndarray, "m t 3"]:
    first = np.concatenate([present.xyz_m[rows, :2], present.yaw_rad[rows, None]], axis=1)[:, None]
    whole = np.concatenate([first, came_m], axis=1)
    at: Int64[np.ndarray, "m t"] = np.where(np.isfinite(whole[..., 0]), np.arange(whole.shape[1]), 0)
    last = np.maximum.accumulate(at, axis=1)
    return np.take_along_axis(whole, last[..., None], axis=1)[:, 1:]


def table(tallies: dict[str, Tally]) -> str:
    """As Markdown."""
    data = tallies["rule-based traffic (the data)"]
    lines = [
        "| | colliding actors | off the road | past red | JSD speed / acceleration / nearest | spread, m | "
        f"best of samples ends off, m | near misses of the ego (< {NEAR_MISS_M:g} m) | scenes/s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, t in tallies.items():
        cells = [
            name,
            f"{100 * t.colliding / max(1, t.actors):.2f} %",
            f"{100 * t.off_road / max(1, t.on_road):.2f} %",
            f"{100 * t.red / max(1, t.on_road):.2f} %",
            " / ".join(
                f"{divergence(getattr(t, n), getattr(data, n)):.4f}"
                for n in ("speed", "acceleration", "nearest")
            )
            if t is not data
            else "",
            f"{np.mean(t.spread_m):.2f}" if t.spread_m else "",
            f"{np.mean(t.best_m):.2f}" if t.best_m else "",
            f"{100 * t.near_misses / max(1, t.with_ego):.1f} %",
            f"{t.scenes / t.cpu_s:.1f}" if t.cpu_s else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def evaluate(
    cases: list[Case], sampler: Sampler, samples: int, seed: int, tell: Callable[[str], None]
) -> dict[str, Tally]:
    """The figures of all ways."""
    names = ("rule-based traffic (the data)", "constant velocity", *(w.name for w in WAYS))
    tallies = {name: Tally() for name in names}
    for k, case in enumerate(cases):
        if not case.judged.any():
            continue
        tallies[names[0]].add(case, case.came_m)
        straight = constant_velocity(case)
        tallies[names[1]].add(case, straight)
        tallies[names[1]].best_m.append(_end_error(case, straight))
        for way in WAYS:
            start = time.process_time()
            one, all_ = draw(case, sampler, derive_rng(seed, k), way, samples)
            tallies[way.name].cpu_s += time.process_time() - start
            tallies[way.name].add(case, one)
            tallies[way.name].add_spread(case, all_)
        if k % 20 == 19:
            tell(f"{k + 1} of {len(cases)} windows")
    return tallies


def _end_error(case: Case, pose_m: Float64[np.ndarray, "n t 3"]) -> float:
    gap = pose_m[case.judged, -1, :2] - case.came_m[case.judged, -1, :2]
    return float(np.linalg.norm(gap, axis=-1).mean())


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="a run folder of held-out scenes")
    parser.add_argument("--every-s", type=float, default=4.0)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=10**9, help="windows")
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    given = parser.parse_args()
    cases: list[Case] = []
    captures = sorted((given.run / "captures").glob("*.mcap"))
    for capture in captures:
        road = _road_of(given.run, capture)
        cases += cases_of(
            scene_of(capture), read_network(road.read_text(encoding="utf-8"), road.name), given.every_s
        )
    cases = cases[:: max(1, len(cases) // given.most)]
    sampler = Sampler(model=load_model(given.weights))
    print(f"{len(captures)} scenes, {len(cases)} windows", flush=True)
    tallies = evaluate(
        cases, sampler, given.samples, given.seed, lambda text: print(text, file=sys.stderr, flush=True)
    )
    print(f"{tallies['constant velocity'].actors} futures of actors\n")
    print(table(tallies))
    return 0


def _road_of(run: Path, capture: Path) -> Path:
    from drivegen.capture.reader import CaptureReader  # noqa: PLC0415 - alone needed here

    with CaptureReader(capture) as reader:
        return run / "maps" / reader.plan.map.opendrive


if __name__ == "__main__":
    sys.exit(main())
