"""Short films of scenes from above, as GIF: the lanes, what moves on them, and whose sensors have it.

Drawn from the index alone (and the map, where there is one), so that they cost little.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float64, UInt8
from PIL import Image as Pillow

from drivegen.capture.export.preview import mark_preview
from drivegen.capture.index import query
from drivegen.core.actors import PEOPLE, ObjectClass
from drivegen.report.from_above import INK, Areas, ViewFromAbove
from drivegen.report.palette import CLASS_COLORS, bgr
from drivegen.report.rows import Labels, read_labels, read_sightings

FILM_PX = 400
_FRAMES = 44
"""Most pictures of a film."""
_REACH_M = 50.0
"""From the middle to each side, where the film follows the ego."""
_WIDEST_M = 90.0
"""Half of the widest view that stands still."""
_AGENT = bgr("#c2410c")
_POLE = bgr("#1d4ed8")
_COLORS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film and what it shows."""

    gif: bytes
    still: UInt8[np.ndarray, "h w 3"]
    """Its first picture, without the mark of previews."""
    pictures: int
    seconds: float
    follows: bool
    """It moves with the ego; else it stands still."""
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Agent:
    name: str
    kind: str
    track: int | None
    poses: dict[int, tuple[float, float, float]]
    """x, y, yaw by frame."""


def make_film(run: Path, scene: str, areas: Areas | None = None) -> Film | None:
    """The film of a scene; none of a scene with a single frame.

    Args:
        run: Folder with the index.
        scene: Its name.
        areas: Of the map, by kind (`drivegen.report.plan_view.areas_of`).
    """
    agents = _agents(run, scene)
    ego = next(a for a in agents if a.kind == "ego")
    numbers = sorted(ego.poses)
    if len(numbers) < 2:
        return None
    labels = read_labels(run, scene)
    times = _times(run, scene)
    step = max(1, -(-len(numbers) // _FRAMES))
    chosen = numbers[::step]
    way = np.array([p[:2] for a in agents for p in a.poses.values()])
    middle, reach = 0.5 * (way.min(axis=0) + way.max(axis=0)), 0.5 * float(np.ptp(way, axis=0).max()) + 25.0
    poles = [p[:2] for a in agents if a.kind == "roadside" for p in a.poses.values()]
    if poles and reach > _WIDEST_M:  # what several see together is around the poles
        middle, reach = np.mean(poles, axis=0), 0.8 * _WIDEST_M
    follows = reach > _WIDEST_M
    sensed = _sensed(run, scene)
    pictures = []
    for number in chosen:
        view = ViewFromAbove(middle_m=middle, reach_m=reach, size_px=FILM_PX)
        if follows:
            middle_now = np.array(ego.poses[number][:2])
            view = ViewFromAbove(middle_m=middle_now, reach_m=_REACH_M, size_px=FILM_PX)
        pictures.append(_draw(view, areas or {}, labels, agents, number, sensed, times[number]))
    rate_s = (times[chosen[-1]] - times[chosen[0]]) / (len(chosen) - 1)
    return Film(
        gif=gif(pictures, rate_s),
        still=pictures[0],
        pictures=len(pictures),
        seconds=times[chosen[-1]] - times[chosen[0]],
        follows=follows,
        agents=tuple(a.name for a in agents),
    )


def _agents(run: Path, scene: str) -> list[_Agent]:
    name = scene.replace("'", "''")
    rows = query(
        run,
        f"""select agent, kind, max(track_id), list(frame order by frame), list(x_m order by frame),
            list(y_m order by frame), list(yaw_rad order by frame)
        from agents where scene = '{name}' group by agent, kind order by kind <> 'ego', agent""",  # noqa: S608 (quoted)
    ).rows
    return [
        _Agent(name=a, kind=k, track=t, poses=dict(zip(f, zip(x, y, yaw, strict=True), strict=True)))
        for a, k, t, f, x, y, yaw in rows
    ]


def _times(run: Path, scene: str) -> dict[int, float]:
    name = scene.replace("'", "''")
    rows = query(
        run,
        f"select frame, (time_ns - min(time_ns) over ()) / 1e9 from frames where scene = '{name}' order by 1",  # noqa: S608 (quoted)
    ).rows
    return dict(rows)


def _sensed(run: Path, scene: str) -> dict[int, Float64[np.ndarray, "k"]]:
    """Frames by track in which some sensor of somebody has it."""
    seen = read_sightings(run, scene)
    has = (seen.views.pixels > 0) | (np.nan_to_num(seen.lidar_points) > 0)
    out: dict[int, list[int]] = {}
    for track, frame in zip(seen.track[has].tolist(), seen.frame[has].tolist(), strict=True):
        out.setdefault(track, []).append(frame)
    return {track: np.unique(frames).astype(np.float64) for track, frames in out.items()}


def _draw(
    view: ViewFromAbove,
    areas: Areas,
    labels: Labels,
    agents: list[_Agent],
    frame: int,
    sensed: dict[int, Float64[np.ndarray, "k"]],
    time_s: float,
) -> UInt8[np.ndarray, "h w 3"]:
    out = view.ground(areas)
    for row in np.flatnonzero(labels.frame == frame):
        moments = sensed.get(int(labels.track[row]))
        # Sensors have periods of their own: what was sensed within half a second counts.
        near = moments is not None and float(np.abs(moments - frame).min()) <= 5
        _draw_box(out, view, labels, int(row), near)
    for agent in agents:
        if frame in agent.poses:
            _draw_agent(out, view, agent, agent.poses[frame])
    view.write(out, time_s)
    return out


def _draw_box(
    out: UInt8[np.ndarray, "h w 3"], view: ViewFromAbove, labels: Labels, row: int, sensed: bool
) -> None:
    yaw, (length, width, _) = labels.yaw_rad[row], labels.size_m[row]
    if not np.isfinite([*labels.xyz_m[row], yaw, length, width]).all():
        return
    along = 0.5 * length * np.array([math.cos(yaw), math.sin(yaw)])
    across = 0.5 * max(width, 0.8) * np.array([-math.sin(yaw), math.cos(yaw)])
    middle = labels.xyz_m[row, :2]
    corners = np.array(
        [middle + along + across, middle + along - across, middle - along - across, middle - along + across]
    )
    pixels = view.pixels(corners)
    kind = ObjectClass(labels.kind[row])
    color = bgr(CLASS_COLORS[kind])
    if kind in PEOPLE:
        at = view.pixels(middle[None])[0].tolist()
        cv2.circle(out, at, 4 * 16, color, -1 if sensed else 1, cv2.LINE_AA, 4)
        if sensed:
            cv2.circle(out, at, 4 * 16, INK, 1, cv2.LINE_AA, 4)
        return
    if sensed:
        cv2.fillPoly(out, [pixels], color, cv2.LINE_AA, 4)
    cv2.polylines(out, [pixels.reshape(-1, 1, 2)], True, INK if sensed else color, 1, cv2.LINE_AA, 4)
    nose = view.pixels(np.stack([middle, middle + along]))
    cv2.line(out, nose[0].tolist(), nose[1].tolist(), INK, 1, cv2.LINE_AA, 4)


def _draw_agent(
    out: UInt8[np.ndarray, "h w 3"], view: ViewFromAbove, agent: _Agent, pose: tuple[float, float, float]
) -> None:
    x, y, yaw = pose
    at = view.pixels(np.array([[x, y]]))[0] / 16.0
    turn = np.array([[math.cos(-yaw), -math.sin(-yaw)], [math.sin(-yaw), math.cos(-yaw)]])
    if agent.kind == "roadside":
        fan = np.array([[0.0, 0.0], [26.0, -12.0], [26.0, 12.0]]) @ turn.T + at
        cv2.polylines(
            out, [np.rint(fan * 16).astype(np.int32).reshape(-1, 1, 2)], True, _POLE, 1, cv2.LINE_AA, 4
        )
        cv2.circle(out, np.rint(at * 16).astype(int).tolist(), 5 * 16, _POLE, -1, cv2.LINE_AA, 4)
        return
    size = 9.0 if agent.kind == "ego" else 7.0
    arrow = np.array([[1.0, 0.0], [-0.8, 0.65], [-0.4, 0.0], [-0.8, -0.65]]) * size @ turn.T + at
    points = np.rint(arrow * 16).astype(np.int32)
    cv2.fillPoly(out, [points], _AGENT, cv2.LINE_AA, 4)
    if agent.kind != "ego":
        cv2.circle(out, np.rint(at * 16).astype(int).tolist(), 12 * 16, _AGENT, 1, cv2.LINE_AA, 4)


def gif(pictures: list[UInt8[np.ndarray, "h w 3"]], rate_s: float) -> bytes:
    """A film of marked pictures (`drivegen.capture.export.preview`), each at its time.

    All have the colours of a few: what stands still then is the same bytes, and small.
    """
    pictures = [mark_preview(p) for p in pictures]
    some = np.concatenate([pictures[i] for i in sorted({0, len(pictures) // 2, len(pictures) - 1})])
    palette = Pillow.fromarray(np.ascontiguousarray(some[..., ::-1])).quantize(
        _COLORS, dither=Pillow.Dither.NONE
    )
    frames = [
        Pillow.fromarray(np.ascontiguousarray(p[..., ::-1])).quantize(
            palette=palette, dither=Pillow.Dither.NONE
        )
        for p in pictures
    ]
    file = io.BytesIO()
    # Hundredths of a second are what GIF knows; the last picture stays for a second.
    durations = [max(20, round(rate_s * 100) * 10)] * (len(frames) - 1) + [1000]
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=False
    )
    return file.getvalue()
