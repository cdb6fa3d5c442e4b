"""The strangest labels of a run: those that cannot be first, then what can, then what is merely rare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drivegen.capture.index import query
from drivegen.opendrive.model import RoadNetwork
from drivegen.report.rows import read_labels, read_sightings
from drivegen.report.strange.finding import TITLES, Finding, Level
from drivegen.report.strange.level_ground import LevelGround
from drivegen.report.strange.motion import check_motion
from drivegen.report.strange.senses import check_senses
from drivegen.report.strange.shape import SIZES_M, Sizes, check_shapes

SHOWN = 50
_OF_ONE_CHECK = 14
"""Of one check so many are shown before others get their turn."""
_LOOKED_AT = 400
"""Scenes; of more an even choice."""
_KEPT = 2_000
"""Findings of a check that are kept; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangeness:
    """What the checks found."""

    shown: tuple[Finding, ...]
    """The strangest first, at most `SHOWN`."""
    counts: tuple[tuple[str, str, int, int], ...]
    """(check, title, tracks that cannot be so, tracks to look at), of all checks that are about a fault."""
    scenes: int
    """Looked at."""
    of_scenes: int
    wrong: int
    doubtful: int


def find_strange(
    run: Path,
    scenes: Sequence[str],
    network_of: Callable[[str], RoadNetwork | None],
    label_range_m: float,
    more: Iterable[Finding] = (),
    sizes_m: Mapping[str, Sizes] = SIZES_M,
) -> Strangeness:
    """Looks at every label of the scenes, a scene at a time.

    Args:
        run: Folder with the index.
        scenes: Names.
        network_of: The map of a scene, if there is one.
        label_range_m: How far labels reach around the ego.
        more: What was found otherwise, in the captures.
        sizes_m: What is plausible, by class.
    """
    ground = LevelGround()
    chosen = [scenes[int(i)] for i in np.linspace(0, len(scenes) - 1, min(len(scenes), _LOOKED_AT))]
    found: dict[str, list[Finding]] = {check: [] for check in TITLES}
    counts: Counter[tuple[str, Level]] = Counter()

    def take(findings: Iterable[Finding]) -> None:
        for item in findings:
            counts[item.check, item.level] += 1
            if len(found[item.check]) < _KEPT:
                found[item.check].append(item)

    for scene in chosen:
        labels = read_labels(run, scene)
        if len(labels):
            take(check_shapes(labels, ground.under(labels, network_of(scene)), sizes_m))
            take(check_motion(labels, _frames_of(run, scene), label_range_m))
        take(check_senses(read_sightings(run, scene)))
    take(more)
    shown = _choose([f for check in found.values() for f in check])
    if len(shown) < SHOWN:
        taken = {(f.scene, f.track) for f in shown}
        shown += [f for f in _rare(run) if (f.scene, f.track) not in taken][: SHOWN - len(shown)]
    return Strangeness(
        shown=tuple(shown),
        counts=tuple(
            (check, title, counts[check, Level.WRONG], counts[check, Level.DOUBTFUL])
            for check, title in TITLES.items()
            if check != "rare"
        ),
        scenes=len(chosen),
        of_scenes=len(scenes),
        wrong=sum(n for (_, level), n in counts.items() if level is Level.WRONG),
        doubtful=sum(n for (_, level), n in counts.items() if level is Level.DOUBTFUL),
    )


def _frames_of(run: Path, scene: str) -> np.ndarray:
    name = scene.replace("'", "''")
    rows = query(run, f"select frame from frames where scene = '{name}' order by 1").rows  # noqa: S608 (quoted)
    return np.array([r[0] for r in rows], dtype=np.int64)


def _choose(found: list[Finding]) -> list[Finding]:
    """By level and score; no check fills the list before others had their turn."""
    ordered = sorted(found, key=lambda f: (-f.level, -f.score, f.scene, f.track, f.check))
    taken: Counter[str] = Counter()
    first: list[Finding] = []
    rest: list[Finding] = []
    for item in ordered:
        taken[item.check] += 1
        (first if taken[item.check] <= _OF_ONE_CHECK else rest).append(item)
    chosen = sorted((first + rest)[:SHOWN], key=lambda f: (-f.level, -f.score, f.scene, f.track, f.check))
    return chosen


_FAR = 1.0
"""Of the deviations of `_rare`; what lies nearer is nothing to look at."""
_MEASURES = (
    ("length_m", "long", "m", 1.0),
    ("width_m", "wide", "m", 1.0),
    ("height_m", "high", "m", 1.0),
    ("speed_mps", "at its fastest", "km/h", 3.6),
)


def _rare(run: Path) -> list[Finding]:
    """The track of each class that lies farthest from the class's median, in each of `_MEASURES`.

    In units of the median absolute deviation times 1.4826 (Leys et al. 2013, Journal of Experimental Social
    Psychology 49), of at least a twentieth of the median.
    """
    out: list[Finding] = []
    for column, word, unit, factor in _MEASURES:
        rows = query(
            run,
            f"""with t as (
                select scene, track_id, class, max({column}) v, arg_max(frame, {column}) frame
                from objects where {column} is not null and isfinite({column}) group by all),
            c as (select class, median(v) m, mad(v) d, count(*) n from t group by class having count(*) > 2)
            select scene, track_id, t.class, v, frame, m, n,
                abs(v - m) / (1.4826 * greatest(d, 0.05 * abs(m), 0.01)) z
            from t join c using (class)
            where abs(v - m) / (1.4826 * greatest(d, 0.05 * abs(m), 0.01)) > {_FAR}
            qualify row_number() over (partition by t.class order by z desc, scene, track_id) <= 6
            order by z desc, scene, track_id""",  # noqa: S608  (columns of `_MEASURES`)
        ).rows
        for scene, track, kind, value, frame, median, count, z in rows:
            why = (
                f"{factor * value:.1f} {unit} {word}; half of the {count} objects of this class are"
                f" {'above' if value < median else 'below'} {factor * median:.1f} {unit}"
            )
            out.append(
                Finding(
                    check="rare",
                    level=Level.RARE,
                    score=float(z),
                    why=why,
                    scene=scene,
                    frame=frame,
                    track=track,
                    kind=kind,
                )
            )
    seen: set[tuple[str, int]] = set()
    unique = []
    for item in sorted(out, key=lambda f: (-f.score, f.scene, f.track)):
        if (item.scene, item.track) not in seen:
            seen.add((item.scene, item.track))
            unique.append(item)
    return unique
