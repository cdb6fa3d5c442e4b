"""Scenes as the page shows them: pictures of a telling frame, of every agent, and a film."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from drivegen.capture.clip import ClipImage
from drivegen.capture.export.preview import mark_preview
from drivegen.capture.frame import EGO
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.sensors import Camera
from drivegen.report import overlays, pictures
from drivegen.report.birdseye import draw_scene
from drivegen.report.facts import SceneFacts
from drivegen.report.film import Film

THUMB_PX = 560
HERO_PX = 1280
_WEBP_QUALITY = 80
_OTHERS = 6
"""So many agents beside the ego are shown, each with so many cameras:"""
_CAMERAS = 3
_FLOW_STEP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the page."""

    uri: str
    width: int
    height: int
    title: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmView:
    """A film of the page, with a still for who wants no motion."""

    uri: str
    still: str
    width: int
    alt: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """What one agent's cameras show."""

    agent: str
    kind: str
    frame: int
    cameras: tuple[Picture, ...]
    more: int
    """Cameras that are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneView:
    """One scene as the page shows it."""

    facts: SceneFacts
    frame: int
    time_s: float
    hero: Picture
    agents: tuple[AgentView, ...]
    """The ego first."""
    more_agents: int
    labels: tuple[Picture, ...]
    labels_of: str
    """The camera; empty in a scene without any."""
    birdseye: Picture | None
    """None where only boxes are known."""
    film: FilmView | None
    objects: int


def view_scene(path: CapturePlace, facts: SceneFacts, film: Film | None) -> SceneView:
    """Draws one scene: at the keyframe, in the middle half of the scene, with most objects in view."""
    with CaptureReader(path) as reader:
        frame = _telling_frame(reader)
        bird = draw_scene(reader, frame)
        above = picture(bird, bird.shape[1], "From above", f"{facts.name} from above")
        names = list(reader.rigs)
        ego, hero, best = _agent_view(reader, frame, EGO, "ego")
        views = [ego] if ego.cameras else []
        kinds = {c.name: "vehicle" for c in reader.plan.connected} | {
            r.name: "roadside" for r in reader.plan.roadside
        }
        for name in names[1 : 1 + _OTHERS]:
            near = _nearest_with_images(reader, frame, name)
            if near is not None:
                views.append(_agent_view(reader, near, name, kinds[name])[0])
        return SceneView(
            facts=facts,
            frame=frame.index,
            time_s=(frame.time_ns - reader.frame(0).time_ns) / 1e9,
            hero=hero or above,
            agents=tuple(views),
            more_agents=max(0, len(names) - 1 - _OTHERS),
            labels=_label_views(reader, frame, best) if best else (),
            labels_of=best,
            birdseye=above,
            film=None if film is None else film_view(film, facts.name),
            objects=len(frame.objects),
        )


def _agent_view(
    reader: CaptureReader, frame: CapturedFrame, name: str, kind: str
) -> tuple[AgentView, Picture | None, str]:
    """All cameras of the ego, some of the others; large the one that tells most, and its name."""
    agent = frame.agents[name]
    cameras = [reader.sensor(name, c) for c in agent.delivered_by(Camera)]
    ordered = sorted((c for c in cameras if isinstance(c, Camera)), key=_place_in_sheet)
    shown = ordered if name == EGO else ordered[:_CAMERAS]
    labels = [o.seen_by(name) for o in frame.around(name)]
    drawn = []
    for camera in shown:
        image, count = pictures.draw_boxes(
            agent.bgr(camera.name), camera, agent.map_agent, labels, camera.name
        )
        drawn.append((count, camera, image))
    view = AgentView(
        agent=name,
        kind=kind,
        frame=frame.index,
        cameras=tuple(
            picture(image, THUMB_PX, c.name, f"{name}/{c.name} with {n} boxes") for n, c, image in drawn
        ),
        more=len(ordered) - len(shown),
    )
    if not drawn:
        return view, None, ""
    count, camera, image = max(drawn, key=_telling)
    return view, picture(image, HERO_PX, camera.name, f"{camera.name} with {count} boxes"), camera.name


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


def _nearest_with_images(reader: CaptureReader, frame: CapturedFrame, name: str) -> CapturedFrame | None:
    """Agents' cameras have phases of their own."""
    order = sorted(range(len(reader)), key=lambda i: (abs(i - frame.index), i))
    found = (reader.frame(i) for i in order)
    return next((f for f in found if f.agents[name].delivered_by(Camera)), None)


def _place_in_sheet(camera: Camera) -> tuple[bool, float]:
    """Front cameras from left to right, then those that look back, also as left, middle, right."""
    yaw = camera.agent_sensor.yaw_rad
    if abs(yaw) <= math.pi / 2:
        return False, -yaw
    return True, yaw % (2 * math.pi)


def _label_views(reader: CaptureReader, frame: CapturedFrame, channel: str) -> tuple[Picture, ...]:
    """Every kind of label of a camera: recorded ones, and those that follow from them."""
    agent: CapturedAgent = frame.agents[EGO]
    camera = reader.sensor(EGO, channel)
    assert isinstance(camera, Camera)
    image = ClipImage(frame, agent, camera)
    views = [
        ("Colour", image.bgr),
        ("Depth", pictures.draw_depth(image.depth_m)),
        ("Semantic", pictures.draw_semantic(image.tag)),
        ("Instance", pictures.draw_instances(image.instance, image.bgr)),
    ]
    points_m = overlays.optical_points(agent, reader.rigs[EGO], camera)
    if len(points_m):
        views.append(("LiDAR", overlays.draw_returns(image.bgr, camera, points_m)))
    views.append(("Normals", overlays.draw_normals(image.normals)))
    if frame.index + 1 < len(reader):
        after = reader.frame(frame.index + 1)
        flow, most = overlays.draw_flow(overlays.flow_px(image, frame, after, _FLOW_STEP))
        views.append(
            (f"Flow, full colour is {most:.0f} px in {(after.time_ns - frame.time_ns) / 1e9:g} s", flow)
        )
    return tuple(picture(v, THUMB_PX, name, f"{channel}: {name.split(',')[0].lower()}") for name, v in views)


def film_view(film: Film, scene: str) -> FilmView:
    """A film as the page shows it."""
    follows = "it follows the ego" if film.follows else "it stands still"
    return FilmView(
        uri="data:image/gif;base64," + base64.b64encode(film.gif).decode(),
        still=_webp_uri(film.still),
        width=film.still.shape[1],
        alt=f"{scene} from above, as a film",
        title=f"Film of {film.seconds:.1f} s from above, north up, {film.pictures} pictures; {follows}",
    )


def picture(image: UInt8[np.ndarray, "h w 3"], width_px: int, title: str, alt: str) -> Picture:
    """At most that wide, with the mark of generated content."""
    small = pictures.shrink(image, width_px)
    return Picture(
        uri=_webp_uri(small),
        width=small.shape[1],
        height=small.shape[0],
        title=title,
        alt=alt,
    )


def _webp_uri(image: UInt8[np.ndarray, "h w 3"]) -> str:
    """The marked picture as the page holds it."""
    marked = mark_preview(image)
    data = cv2.imencode(".webp", marked, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])[1].tobytes()
    return "data:image/webp;base64," + base64.b64encode(data).decode()
