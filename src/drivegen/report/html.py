"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import jinja2

from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.model import RoadNetwork
from drivegen.report.evidence import Evidence, gather
from drivegen.report.facts import RunFacts, SceneFacts, read_facts
from drivegen.report.fellows import read_company
from drivegen.report.film import make_film
from drivegen.report.from_above import Areas
from drivegen.report.inventory import count
from drivegen.report.look_verdicts import look_views
from drivegen.report.maps import draw_maps, networks_of
from drivegen.report.plan_view import areas_of
from drivegen.report.portraits import Portrait, by_scene, draw_portrait
from drivegen.report.repeats import find_repeats
from drivegen.report.rows import read_labels
from drivegen.report.scenes import Picture, SceneView, picture, view_scene
from drivegen.report.sensors import look_at_sensors
from drivegen.report.strange.choose import Strangeness, find_strange
from drivegen.report.strange.finding import TITLES, Finding
from drivegen.report.survey import survey
from drivegen.report.verdict import checks_of

_SCENES_SHOWN = 8
_FILMS = 5
_OPENED = 60
"""Captures whose rigs and maps are looked at; of more an even choice. All are counted by the index."""
_FILMED_ROADS = 1200
"""Maps of more roads are not drawn under films."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrangeView:
    """A strange label as the page shows it."""

    finding: Finding
    title: str
    crop: Picture | None
    camera: str
    above: Picture | None
    reach_m: float


def write_report(
    run: Path,
    out: Path,
    ledger: Sequence[Mapping[str, Any]] = (),
    captures: Sequence[CapturePlace] | None = None,
) -> None:
    """Writes the report of a run folder: pictures of up to eight scenes, numbers of all.

    Memory does not grow with the run: captures are read one by one, tables by questions to the index.

    Args:
        run: The run's folder, with captures/ and index/; manifest.json where it exists.
        out: The page; replaced when the new one is whole.
        ledger: What is known of each scene: scene, status, attempts, seconds, stages, causes.
        captures: By scene name, where they do not lie in captures/.

    Raises:
        CaptureError: There are no captures, no index, or the page cannot be written.
    """
    if captures is None:
        captures = sorted((run / "captures").glob("*.mcap"))
    if not captures:
        raise CaptureError(f"{run}: there is nothing to report, captures/ holds no capture")
    with WholeFile(out) as file:  # before the pictures: a path that cannot be written is told at once
        file.write(_page(run, captures, ledger))


def _page(run: Path, captures: Sequence[CapturePlace], ledger: Sequence[Mapping[str, Any]]) -> str:
    facts = read_facts(run, captures, ledger)
    by_name = {s.name: s for s in facts.scenes}
    known = [p for p in captures if p.stem in by_name]
    opened = evenly(known, _OPENED)
    networks = networks_of(opened)
    seen = gather(opened)
    sensors = look_at_sensors(opened, seen.pairings)
    repeats = find_repeats(run, known)
    strange = _strange(run, facts, networks, sensors.label_range_m, seen)
    maps_in_all = len({s.map for s in facts.scenes})
    return render(
        run=facts,
        dataset=None,
        checks=checks_of(sensors, repeats, strange, seen),
        inventory=count(run),
        sensors=sensors,
        repeats=repeats,
        strange=strange,
        strange_views=_portraits(run, known, strange),
        company=read_company(run),
        looks=look_views(run, {p.stem: p for p in known}),
        views=_views(run, known, by_name, networks),
        maps=draw_maps(run, networks),
        maps_in_all=maps_in_all,
        measures=survey(run, networks),
    )


def _strange(
    run: Path,
    facts: RunFacts,
    networks: dict[str, tuple[RoadNetwork, tuple[str, ...]]],
    label_range_m: float,
    seen: Evidence,
) -> Strangeness:
    map_of = {s.name: s.map for s in facts.scenes}

    def network_of(scene: str) -> RoadNetwork | None:
        found = networks.get(map_of[scene])
        return found[0] if found is not None else None

    return find_strange(run, list(map_of), network_of, label_range_m, seen.findings)


def _portraits(run: Path, captures: Sequence[CapturePlace], strange: Strangeness) -> list[StrangeView]:
    places = {p.stem: p for p in captures}
    found: dict[int, StrangeView] = {}
    for scene, numbers in by_scene(strange.shown).items():
        if scene not in places:  # indexed, and no longer there
            for number in numbers:
                found[number] = _portrait(None, strange.shown[number])
            continue
        labels = read_labels(run, scene)
        with CaptureReader(places[scene]) as reader:
            for number in numbers:
                found[number] = _portrait(
                    draw_portrait(reader, labels, strange.shown[number]), strange.shown[number]
                )
    return [found[number] for number in sorted(found)]


def _portrait(drawn: Portrait | None, finding: Finding) -> StrangeView:
    drawn = drawn or Portrait(crop=None, camera="", later_s=0.0, above=None, reach_m=0.0)
    about = f"the {finding.kind} of track {finding.track}"
    later = (
        ""
        if not drawn.later_s
        else f", {abs(drawn.later_s):.2g} s {'later' if drawn.later_s > 0 else 'before'}"
    )
    return StrangeView(
        finding=finding,
        title=TITLES[finding.check],
        crop=None
        if drawn.crop is None
        else picture(drawn.crop, drawn.crop.shape[1], drawn.camera + later, f"{about} in {drawn.camera}"),
        camera=drawn.camera + later,
        above=None
        if drawn.above is None
        else picture(drawn.above, drawn.above.shape[1], "from above", f"{about} from above"),
        reach_m=drawn.reach_m,
    )


def _views(
    run: Path,
    captures: Sequence[CapturePlace],
    by_name: Mapping[str, SceneFacts],
    networks: dict[str, tuple[RoadNetwork, tuple[str, ...]]],
) -> list[SceneView]:
    areas: dict[str, Areas] = {}
    out = []
    for number, place in enumerate(evenly(captures, _SCENES_SHOWN)):
        facts = by_name[place.stem]
        film = None
        if number < _FILMS:
            found = networks.get(facts.map)
            if found is not None and facts.map not in areas and len(found[0].roads) <= _FILMED_ROADS:
                areas[facts.map] = areas_of(NetworkGeometry(found[0]))
            film = make_film(run, facts.name, areas.get(facts.map))
        out.append(view_scene(place, facts, film))
    return out


def evenly(places: Sequence[CapturePlace], count: int) -> list[CapturePlace]:
    """At most so many, evenly chosen; always the first."""
    step = max(1.0, len(places) / count)
    return [places[int(i * step)] for i in range(min(count, len(places)))]


def render(**parts: Any) -> str:
    """The page of its parts."""
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "page"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["amount"] = amount
    environment.filters["size"] = size
    environment.filters["span"] = span
    environment.filters["clock"] = clock
    return environment.get_template("page.html.jinja").render(**parts)


def amount(value: float | None) -> str:
    """A number as text: thousands apart, no needless decimals, a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def size(count: int) -> str:
    """Bytes as text."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def span(seconds: float | None) -> str:
    """A time as text."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def clock(hour: float) -> str:
    """An hour of the day as text."""
    minutes = round(hour * 60) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class WholeFile:
    """A text file that gets its name when it is whole and vanishes otherwise."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> TextIO:
        try:
            self._file = self._part.open("w", encoding="utf-8")
        except OSError as error:
            raise self._failed(error) from error
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                self._part.replace(self._path)
        except OSError as refusal:
            kind, error = OSError, refusal
        if kind is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> CaptureError:
        return CaptureError(
            f"{self._path} could not be written: {error.strerror or error}; free space or give another path"
        )
