"""What a report says in numbers: read from the index, the ledger, the manifest and the captures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivegen.capture.index import query
from drivegen.capture.place import CapturePlace, size_bytes
from drivegen.core.actors import ObjectClass
from drivegen.report.palette import CLASS_COLORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart."""

    name: str
    value: int
    share: float
    """Of the longest bar, 0..1."""
    color: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for and what came; None where it was not asked for or not counted."""

    name: str
    requested: float | None
    achieved: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Time in one stage."""

    name: str
    seconds: float
    share: float
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneFacts:
    """One scene in numbers."""

    name: str
    map: str
    weather: str
    hour: float
    duration_s: float
    frames: int
    keyframes: int
    tracks: int
    content_sha256: str
    seconds: float | None
    """Wall time of recording it; None without a ledger."""
    attempts: int | None
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run in numbers."""

    name: str
    scenes: tuple[SceneFacts, ...]
    planned: int | None
    set_aside: tuple[tuple[str, str], ...]
    """Scene and why."""
    objects: int
    """Labelled boxes in keyframes."""
    tracks: int
    capture_bytes: int
    wishes: tuple[Wish, ...]
    classes: tuple[Bar, ...]
    distances: tuple[Bar, ...]
    visibilities: tuple[Bar, ...]
    job_seconds: tuple[tuple[str, float], ...]
    stage_totals: tuple[Stage, ...]
    versions: tuple[tuple[str, str], ...] = field(default=())

    @property
    def frames(self) -> int:
        """Of all scenes."""
        return sum(s.frames for s in self.scenes)

    @property
    def keyframes(self) -> int:
        """Of all scenes."""
        return sum(s.keyframes for s in self.scenes)

    @property
    def duration_s(self) -> float:
        """Simulated and recorded, of all scenes."""
        return sum(s.duration_s for s in self.scenes)


_STAGE_COLORS = (
    "#31597a",
    "#5b8fb0",
    "#9cc3d5",
    "#c9772f",
    "#e3ab6f",
    "#7d8f5a",
    "#b3bf94",
    "#8a6f8f",
    "#c3aac6",
)
_OTHER_COLOR = "#c8c4bb"
_DISTANCE_BINS = 9


def read_facts(
    run: Path, captures: Sequence[CapturePlace], ledger: Sequence[Mapping[str, Any]] = ()
) -> RunFacts:
    """Reads a run's facts; `ledger` has its scenes' marks. Raises CaptureError where there is no index."""
    manifest = _json(run / "manifest.json")
    marks = {str(m["scene"]): m for m in ledger}
    colors = _stage_colors(marks.values())
    rows = query(
        run,
        "select scene, map, weather, hour, duration_s, frames, keyframes, tracks, content_sha256"
        " from scenes order by scene",
    ).rows
    scenes = tuple(_scene(row, marks.get(row[0], {}), colors) for row in rows)
    totals: dict[str, float] = {}
    for scene in scenes:
        for stage in scene.stages:
            totals[stage.name] = totals.get(stage.name, 0.0) + stage.seconds
    objects, tracks = query(
        run, "select count(*), count(distinct (scene, track_id)) from objects where keyframe"
    ).rows[0]
    return RunFacts(
        name=str(manifest.get("job", run.name)),
        scenes=scenes,
        planned=manifest.get("scenes", {}).get("planned"),
        set_aside=tuple(
            (name, str((m.get("causes") or [""])[-1]))
            for name, m in sorted(marks.items())
            if m.get("status") == "set_aside"
        ),
        objects=objects,
        tracks=tracks,
        capture_bytes=sum(size_bytes(p) for p in captures),
        wishes=_wishes(manifest, list(marks.values())),
        classes=_class_bars(run),
        distances=_distance_bars(run),
        visibilities=_visibility_bars(run),
        job_seconds=tuple((str(k), float(v)) for k, v in manifest.get("seconds", {}).items()),
        stage_totals=_stages(totals, colors),
        versions=tuple((k, str(manifest[k])) for k in ("version", "carla", "seed") if k in manifest),
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _scene(row: tuple[Any, ...], mark: Mapping[str, Any], colors: dict[str, str]) -> SceneFacts:
    return SceneFacts(
        name=row[0],
        map=row[1],
        weather=row[2],
        hour=row[3],
        duration_s=row[4],
        frames=row[5],
        keyframes=row[6],
        tracks=row[7],
        content_sha256=row[8] or "",
        seconds=mark.get("seconds"),
        attempts=mark.get("attempts"),
        stages=_stages(mark.get("stages", {}), colors),
    )


def _stage_colors(marks: Any) -> dict[str, str]:
    """The stages that take most, over all scenes, get a colour of their own."""
    totals: dict[str, float] = {}
    for mark in marks:
        for name, seconds in mark.get("stages", {}).items():
            totals[name] = totals.get(name, 0.0) + float(seconds)
    names = sorted(totals, key=lambda n: (-totals[n], n))
    return dict(zip(names, _STAGE_COLORS, strict=False))


def _stages(seconds: dict[str, float], colors: dict[str, str]) -> tuple[Stage, ...]:
    total = sum(seconds.values()) or 1.0
    ordered = sorted(seconds.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Stage(name=n, seconds=float(s), share=float(s) / total, color=colors.get(n, _OTHER_COLOR))
        for n, s in ordered
        if s > 0
    )


def _wishes(manifest: dict[str, Any], marks: Sequence[Mapping[str, Any]]) -> tuple[Wish, ...]:
    def total(key: str) -> dict[str, float]:
        if key in manifest:
            return {str(k): float(v) for k, v in manifest[key].items()}
        out: dict[str, float] = {}
        for mark in marks:
            for name, value in mark.get(key, {}).items():
                out[name] = out.get(name, 0.0) + float(value)
        return out

    requested, achieved = total("requested"), total("achieved")
    names = [*sorted(requested), *sorted(set(achieved) - set(requested))]
    wishes = (Wish(name=n, requested=requested.get(n), achieved=achieved.get(n)) for n in names)
    return (*wishes, *_coverage(manifest.get("coverage", {})))


def _coverage(found: dict[str, Any]) -> tuple[Wish, ...]:
    """Pairs of levels, and scenes of each level, of a job that covers factors."""
    if not found:
        return ()
    requested, achieved = found["requested"], found["achieved"]
    pairs = Wish(
        name=f"coverage: pairs of levels, of {found['possible_pairs']}",
        requested=float(requested["pairs"]),
        achieved=float(achieved["pairs"]),
    )
    levels = (
        Wish(
            name=f"coverage: scenes with {factor} {level}",
            requested=float(count),
            achieved=float(achieved["levels"][factor][level]),
        )
        for factor, counts in requested["levels"].items()
        for level, count in counts.items()
    )
    return (pairs, *levels)


def _class_bars(run: Path) -> tuple[Bar, ...]:
    rows = query(
        run,
        "select class, count(*), count(distinct (scene, track_id)), median(distance_m), median(lidar_points)"
        " from objects where keyframe group by class order by 2 desc, 1",
    ).rows
    most = max((r[1] for r in rows), default=1)
    return tuple(
        Bar(
            name=name,
            value=boxes,
            share=boxes / most,
            color=CLASS_COLORS[ObjectClass(name)],
            note=f"{tracks} track{'s' if tracks > 1 else ''}, median {distance:.0f} m"
            + (f", {points:.0f} LiDAR points" if points is not None else ""),
        )
        for name, boxes, tracks, distance, points in rows
    )


def _distance_bars(run: Path) -> tuple[Bar, ...]:
    rows = query(
        run, "select floor(distance_m / 10)::int, count(*) from objects where keyframe group by 1 order by 1"
    ).rows
    last = _DISTANCE_BINS - 1
    counts: dict[int, int] = {}
    for step, count in rows:
        counts[min(step, last)] = counts.get(min(step, last), 0) + count
    names = [f"{10 * i}–{10 * i + 10} m" for i in range(last)] + [f"over {10 * last} m"]
    return _bars(names, counts)


def _visibility_bars(run: Path) -> tuple[Bar, ...]:
    names = ["not seen", "under 40 %", "40–60 %", "60–80 %", "over 80 %"]
    rows = query(
        run,
        "select case when coalesce(visible_fraction, 0) <= 0 then 0 when visible_fraction < 0.4 then 1"
        " when visible_fraction < 0.6 then 2 when visible_fraction < 0.8 then 3 else 4 end, count(*)"
        " from objects where keyframe group by 1",
    ).rows
    return _bars(names, dict(rows))


def _bars(names: Sequence[str], counts: dict[int, int]) -> tuple[Bar, ...]:
    most = max(counts.values(), default=1)
    total = sum(counts.values()) or 1
    return tuple(
        Bar(
            name=name,
            value=counts.get(i, 0),
            share=counts.get(i, 0) / most,
            note=f"{counts.get(i, 0) / total:.0%}",
        )
        for i, name in enumerate(names)
    )
