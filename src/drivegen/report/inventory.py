"""What is in a run or data set, counted: class, distance, visibility, weather; tracks, sizes, headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.capture.index import query
from drivegen.core.actors import ObjectClass
from drivegen.report import charts
from drivegen.report.palette import CLASS_COLORS

DISTANCES_M = (0, 10, 20, 30, 50, 75)
VISIBILITIES = ("not seen", "under 40 %", "40–60 %", "60–80 %", "over 80 %", "not known")
_VISIBILITY = (
    "case when {v} is null then 5 when {v} <= 0 then 0 when {v} < 0.4 then 1 when {v} < 0.6 then 2"
    " when {v} < 0.8 then 3 else 4 end"
)
_WEATHERS = 8
"""Have a table of their own; the others are together."""
_DOTS = 400
_DIRECTIONS = 24
_RINGS_M = (0.0, 15.0, 30.0, 50.0, 80.0)
_SECTORS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Boxes of one class at one distance."""

    count: int
    weight: float
    """Of the fullest cell, 0..1."""
    parts: tuple[int, ...]
    """By `VISIBILITIES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossTable:
    """Class x distance, each cell by visibility."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Cell, ...], int], ...]
    """(class, colour, cells, sum)."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Boxes of one class: (least, median, greatest) length, width, height in metres."""

    name: str
    color: str
    tracks: int
    length_m: tuple[float, float, float]
    width_m: tuple[float, float, float]
    height_m: tuple[float, float, float]
    duration_s: float
    """Median time that a track is labelled."""
    way_m: float
    """Median way in that time."""
    standing: float
    """Share of tracks that never move, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All of it, as the page shows it."""

    tables: tuple[CrossTable, ...]
    """All boxes first, then by weather."""
    visibilities: tuple[str, ...]
    sizes: tuple[Sizes, ...]
    duration: str
    way: str
    speeds: str
    size_dots: str
    headings: str
    points: str
    seen: str
    """SVG."""
    crowd: str


def count(run: Path) -> Inventory:
    """Counts by questions to the index; memory does not grow with the run."""
    return Inventory(
        tables=_tables(run),
        visibilities=VISIBILITIES,
        sizes=_sizes(run),
        duration=_histogram(
            run,
            "(max(time_ns) - min(time_ns)) / 1e9",
            "time that a track is labelled in s",
            "tracks",
        ),
        way=_histogram(
            run,
            "avg(speed_mps) * (max(time_ns) - min(time_ns)) / 1e9",
            "way of a track while it is labelled in m",
            "tracks",
        ),
        speeds=_histogram(run, "max(speed_mps) * 3.6", "highest speed of a track in km/h", "tracks"),
        size_dots=_size_dots(run),
        headings=_headings(run),
        points=_points(run),
        seen=_seen(run),
        crowd=_crowd(run),
    )


def _color(name: str) -> str:
    return CLASS_COLORS[ObjectClass(name)]


def _tables(run: Path) -> tuple[CrossTable, ...]:
    bins = " ".join(f"when distance_m < {d} then {i}" for i, d in enumerate(DISTANCES_M[1:]))
    rows = query(
        run,
        f"select weather, class, case {bins} else {len(DISTANCES_M) - 1} end,"  # noqa: S608 (constants)
        f" {_VISIBILITY.format(v='visible_fraction')}, count(*)"
        " from objects join scenes using (scene) where keyframe group by all order by all",
    ).rows
    weathers: dict[str, int] = {}
    for weather, _, _, _, n in rows:
        weathers[weather] = weathers.get(weather, 0) + n
    ordered = sorted(weathers, key=lambda w: (-weathers[w], w))
    tables = [_table("All weathers" if len(ordered) > 1 else f"Weather: {(*ordered, '-')[0]}", rows)]
    if len(ordered) > 1:
        for weather in ordered[:_WEATHERS]:
            tables.append(_table(f"Weather: {weather}", [r for r in rows if r[0] == weather]))
        rest = ordered[_WEATHERS:]
        if rest:
            tables.append(_table(f"{len(rest)} other weathers", [r for r in rows if r[0] in rest]))
    return tuple(tables)


def _table(title: str, rows: Sequence[tuple[Any, ...]]) -> CrossTable:
    counts: dict[str, np.ndarray] = {}
    for _, name, distance, seen, n in rows:
        grid = counts.setdefault(name, np.zeros((len(DISTANCES_M), len(VISIBILITIES)), np.int64))
        grid[distance, seen] += n
    fullest = max((int(g.sum(axis=1).max()) for g in counts.values()), default=1)
    ordered = sorted(counts, key=lambda k: (-int(counts[k].sum()), k))
    columns = [f"{a}–{b} m" for a, b in pairwise(DISTANCES_M)]
    return CrossTable(
        title=title,
        columns=(*columns, f"over {DISTANCES_M[-1]} m"),
        rows=tuple(
            (
                name,
                _color(name),
                tuple(
                    Cell(count=int(c.sum()), weight=float(c.sum() / fullest), parts=tuple(int(v) for v in c))
                    for c in counts[name]
                ),
                int(counts[name].sum()),
            )
            for name in ordered
        ),
        total=sum(int(g.sum()) for g in counts.values()),
    )


def _sizes(run: Path) -> tuple[Sizes, ...]:
    rows = query(
        run,
        """with t as (select scene, track_id, class,
            median(length_m) l, median(width_m) w, median(height_m) h,
            (max(time_ns) - min(time_ns)) / 1e9 d, avg(speed_mps) * d way, max(speed_mps) < 0.3 still
            from objects group by scene, track_id, class)
        select class, count(*),
            min(l), median(l), max(l), min(w), median(w), max(w), min(h), median(h), max(h),
            median(d), median(way), avg(still::int) from t group by class order by 2 desc, 1""",
    ).rows
    return tuple(
        Sizes(
            name=r[0],
            color=_color(r[0]),
            tracks=r[1],
            length_m=(r[2], r[3], r[4]),
            width_m=(r[5], r[6], r[7]),
            height_m=(r[8], r[9], r[10]),
            duration_s=r[11],
            way_m=r[12] if r[12] is not None else float("nan"),
            standing=r[13] if r[13] is not None else float("nan"),
        )
        for r in rows
    )


def _histogram(run: Path, of_track: str, across: str, up: str, bars: int = 16) -> str:
    """A chart of one value a track; beyond the 99th percentile all are in the last bar."""
    inner = f"select {of_track} v from objects group by scene, track_id"  # noqa: S608 (constants)
    top = query(
        run,
        f"with t as ({inner}) select quantile_cont(v, 0.99) from t where v is not null",  # noqa: S608
    ).rows[0][0]
    if top is None:
        return ""
    step = _step(max(float(top), 1e-6) / bars)
    last = max(1, min(bars, int(np.ceil(float(top) / step))))
    rows = query(
        run,
        f"with t as ({inner}) select least(floor(v / {step})::int, {last - 1}), count(*) from t"  # noqa: S608
        " where v is not null group by 1",
    ).rows
    counts = dict(rows)
    edges = [round(i * step, 6) for i in range(last + 1)]
    return charts.histogram(
        [counts.get(i, 0) for i in range(last)], edges, across, up, f"{up}: {across}", True
    )


def _step(value: float) -> float:
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= value * 0.999))


def _size_dots(run: Path) -> str:
    rows = query(
        run,
        """select class, round(length_m, 1), round(width_m, 1), count(distinct (scene, track_id)) from objects
        where isfinite(length_m) and isfinite(width_m) group by all order by 4 desc, 1, 2, 3""",
    ).rows
    dots = [
        charts.Dot(
            x=length, y=width, color=_color(name), title=f"{n} x {name}: {length} m long, {width} m wide"
        )
        for name, length, width, n in rows[:_DOTS]
    ]
    return charts.scatter(dots, "length in m", "width in m", "length and width of all boxes by class")


def _headings(run: Path) -> str:
    rows = query(
        run,
        f"""with a as (select o.yaw_rad - f.ego_yaw_rad d from objects o join frames f using (scene, frame)
            where o.keyframe and isfinite(o.yaw_rad))
        select (round((d / (2 * pi())) * {_DIRECTIONS})::int % {_DIRECTIONS} + {_DIRECTIONS}) % {_DIRECTIONS},
            count(*) from a group by 1""",  # noqa: S608 (constants)
    ).rows
    counts = dict(rows)
    title = "boxes by their heading, seen from the ego: ahead is the same direction as the ego"
    return charts.rose([counts.get(i, 0) for i in range(_DIRECTIONS)], title)


def _points(run: Path) -> str:
    rows = query(
        run,
        "select floor(distance_m / 10)::int, median(lidar_points) from objects"
        " where lidar_points is not null and distance_m < 80 group by 1 order by 1",
    ).rows
    if not rows:
        return ""
    medians = dict(rows)
    edges = [10.0 * i for i in range(9)]
    return charts.histogram(
        [medians.get(i, 0) for i in range(8)],
        edges,
        "distance from the ego in m",
        "LiDAR points of a box",
        "median number of LiDAR points of a box by distance",
    )


def _seen(run: Path) -> str:
    """Which share of the boxes around the ego some camera or LiDAR of its has, by direction and distance."""
    rings = " ".join(f"when distance_m < {d} then {i}" for i, d in enumerate(_RINGS_M[1:]))
    rows = query(
        run,
        f"""select case {rings} end,
            (round(atan2(ego_y_m, ego_x_m) / (2 * pi()) * {_SECTORS})::int + {_SECTORS}) % {_SECTORS},
            count(*),
            sum((coalesce(visible_fraction, 0) > 0 or coalesce(lidar_points, 0) > 0)::int)
        from objects where keyframe and distance_m < {_RINGS_M[-1]} group by all""",  # noqa: S608 (constants)
    ).rows
    counts, seen = np.zeros((len(_RINGS_M) - 1, _SECTORS)), np.zeros((len(_RINGS_M) - 1, _SECTORS))
    for ring, sector, n, has in rows:
        counts[ring, sector], seen[ring, sector] = n, has
    title = "share of the boxes around the ego that its cameras or LiDARs have, by direction and distance"
    return charts.polar(seen / np.maximum(counts, 1), counts, _RINGS_M, title)


def _crowd(run: Path) -> str:
    top = query(run, "select max(objects) from frames where keyframe").rows[0][0]
    if not top:
        return ""
    step = max(1, round(_step(top / 14)))
    bars = top // step + 1
    rows = query(
        run,
        f"select objects // {step}, count(*) from frames where keyframe group by 1",  # noqa: S608 (a number)
    ).rows
    counts = {int(k): n for k, n in rows}
    edges = [i * step for i in range(bars + 1)]
    return charts.histogram(
        [counts.get(i, 0) for i in range(bars)],
        edges,
        "labelled objects in a keyframe",
        "keyframes",
        "crowdedness",
    )
