"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import contextlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import cv2
import jinja2
import numpy as np
from jaxtyping import UInt8

from drivegen.capture.frame import EGO
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.sensors import Camera
from drivegen.report import pictures
from drivegen.report.birdseye import draw_scene
from drivegen.report.facts import SceneFacts, read_facts
from drivegen.report.maps import draw_maps, networks_of
from drivegen.report.survey import survey

_SCENES_SHOWN = 8
_THUMB_PX = 560
_HERO_PX = 1280
_WEBP_QUALITY = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the page."""

    uri: str
    width: int
    height: int
    title: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneView:
    """One scene as the page shows it."""

    facts: SceneFacts
    frame: int
    time_s: float
    hero: Picture
    cameras: tuple[Picture, ...]
    labels: tuple[Picture, ...]
    labels_of: str
    """The camera; empty in a scene without any."""
    birdseye: Picture
    objects: int


def write_report(
    run: Path,
    out: Path,
    ledger: Sequence[Mapping[str, Any]] = (),
    captures: Sequence[CapturePlace] | None = None,
) -> None:
    """Writes the report of a run folder: pictures of up to eight scenes, numbers of all.

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
    with _WholeFile(out) as file:  # before the pictures: a path that cannot be written is told at once
        file.write(_page(run, captures, ledger))


def _page(run: Path, captures: Sequence[CapturePlace], ledger: Sequence[Mapping[str, Any]]) -> str:
    facts = read_facts(run, captures, ledger)
    by_name = {s.name: s for s in facts.scenes}
    shown = [p for p in captures if p.stem in by_name]
    step = max(1.0, len(shown) / _SCENES_SHOWN)
    views = [
        view_scene(shown[int(i * step)], by_name[shown[int(i * step)].stem])
        for i in range(min(_SCENES_SHOWN, len(shown)))
    ]
    networks = networks_of(shown)
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["amount"] = amount
    environment.filters["size"] = size
    environment.filters["span"] = span
    return environment.get_template("page.html.jinja").render(
        run=facts,
        views=views,
        maps=draw_maps(run, networks),
        maps_in_all=len(networks),
        measures=survey(run, networks),
    )


def view_scene(path: CapturePlace, facts: SceneFacts) -> SceneView:
    """Draws one scene: at the keyframe, in the middle half of the scene, with most objects in view."""
    with CaptureReader(path) as reader:
        frame = _telling_frame(reader)
        agent = frame.agents[EGO]
        cameras = [reader.sensor(EGO, c) for c in agent.delivered_by(Camera)]
        drawn = []
        for camera in sorted((c for c in cameras if isinstance(c, Camera)), key=_place_in_sheet):
            image, count = pictures.draw_boxes(
                agent.bgr(camera.name), camera, agent.map_agent, frame.objects, camera.name
            )
            drawn.append((count, camera, image))
        bird = draw_scene(reader, frame)
        above = _picture(bird, bird.shape[1], "From above", f"{facts.name} from above")
        hero, best = above, ""
        if drawn:
            count, camera, image = max(drawn, key=_telling)
            best = camera.name
            hero = _picture(image, _HERO_PX, best, f"{best} with {count} boxes")
        return SceneView(
            facts=facts,
            frame=frame.index,
            time_s=(frame.time_ns - reader.frame(0).time_ns) / 1e9,
            hero=hero,
            cameras=tuple(
                _picture(image, _THUMB_PX, c.name, f"{c.name} with {n} boxes") for n, c, image in drawn
            ),
            labels=_label_views(frame, best) if best else (),
            labels_of=best,
            birdseye=above,
            objects=len(frame.objects),
        )


def _telling(drawn: tuple[int, Camera, pictures.Image]) -> int:
    """How much a camera's picture tells: its boxes, those ahead twice."""
    count, camera, _ = drawn
    return count * (2 if abs(camera.agent_sensor.yaw_rad) < 1 else 1)


def _telling_frame(reader: CaptureReader) -> CapturedFrame:
    keyframes = list(reader.frames(keyframes=True))
    if not keyframes:
        raise CaptureError(f"{reader.path}: the capture has no keyframe")
    quarter = len(keyframes) // 4
    middle = keyframes[quarter : len(keyframes) - quarter]

    def shown(frame: CapturedFrame) -> int:
        cameras = (c for o in frame.objects for c in o.seen_by(EGO).cameras.values())
        return sum(c.visible_pixels > 40 for c in cameras)

    return max(middle, key=shown)


def _place_in_sheet(camera: Camera) -> tuple[bool, float]:
    """Front cameras from left to right, then those that look back, also as left, middle, right."""
    yaw = camera.agent_sensor.yaw_rad
    if abs(yaw) <= math.pi / 2:
        return False, -yaw
    return True, yaw % (2 * math.pi)


def _label_views(frame: CapturedFrame, channel: str) -> tuple[Picture, ...]:
    agent = frame.agents[EGO]
    image = agent.bgr(channel)
    views = (
        ("Colour", image),
        ("Depth", pictures.draw_depth(agent.depth_m(channel))),
        ("Semantic", pictures.draw_semantic(agent.tag(channel))),
        ("Instance", pictures.draw_instances(agent.instance(channel), image)),
    )
    return tuple(_picture(v, _THUMB_PX, name, f"{channel}: {name.lower()}") for name, v in views)


def _picture(image: UInt8[np.ndarray, "h w 3"], width_px: int, title: str, alt: str) -> Picture:
    small = pictures.shrink(image, width_px)
    data = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])[1].tobytes()
    return Picture(
        uri="data:image/webp;base64," + base64.b64encode(data).decode(),
        width=small.shape[1],
        height=small.shape[0],
        title=title,
        alt=alt,
    )


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


class _WholeFile:
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
