"""A recorded scene as a plan to record it again: the same motion, weather and signals, by tracks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from drivegen.capture.frame import EGO
from drivegen.capture.motions import Motion, Motions, motions_of
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import PEOPLE
from drivegen.core.errors import ConfigError
from drivegen.core.plans import (
    Drive,
    EgoPlan,
    PlacedPose,
    ScenePlan,
    VehiclePlan,
    WalkerPlan,
    WeatherPlan,
)
from drivegen.core.tracks import SignalCourse, Track
from drivegen.core.weather import WeatherKeyframe
from drivegen.core.weather_course import WeatherCourse
from drivegen.scenario.staging import PAINTS


def captures_at(path: Path) -> list[Path]:
    """A capture itself, or all of a run folder. Raises ConfigError where there is none."""
    if path.is_file():
        return [path]
    found = sorted((path / "captures").glob("*.mcap"))
    if not found:
        raise ConfigError(f"{path}: no capture (.mcap), and no run folder with captures")
    return found


def plan_again(
    reader: CaptureReader, ego: str = EGO, from_s: float = 0.0, to_s: float = math.inf
) -> tuple[ScenePlan, str]:
    """The plan of a recorded scene, or of a part of it, with the ego's rig; and the road's text.

    Other agents' sensors are left out: who carried them drives as it did.

    Args:
        reader: Of the capture.
        ego: Who becomes the ego: an agent's name, or the id of a vehicle in the labels.
        from_s: Of the part, after the first frame.
        to_s: Its end.

    Raises:
        ConfigError: There is nobody like that, it is no vehicle, or the part is too short.
    """
    old = reader.plan
    try:
        motions = motions_of(reader, from_s, to_s)
        carrier, track = _carrier(motions, ego)
        if track.ends_s - track.begins_s < motions.ends_s - 1e-6:  # the scene is that of its ego
            begin = motions.begins_s
            motions = motions_of(reader, begin + track.begins_s, begin + track.ends_s)
            carrier, track = _carrier(motions, ego)
    except ValueError as error:
        raise ConfigError(f"{reader.path}: {error}") from None
    looks = _Looks(old, motions)
    others = [m for m in (*motions.agents.values(), *motions.objects) if m is not carrier]
    shift = old.tick_s
    color, variant = looks.of(carrier)
    plan = ScenePlan(
        scene=old.scene,
        seed=old.seed,
        tick_s=old.tick_s,
        warmup_s=shift,
        duration_s=round((math.floor(motions.ends_s / old.tick_s + 1e-6) + 1) * old.tick_s, 9),
        keyframe_s=old.keyframe_s,
        label_range_m=old.label_range_m,
        map=old.map,
        weather=_from(old.weather, motions.begins_s),
        ego=EgoPlan(
            blueprint=carrier.blueprint,
            color_rgb=color,
            variant=variant,
            start=_start(track),
            speed_difference_percent=0.0,
            rig=old.ego.rig,
            track=_later(track, shift),
        ),
        vehicles=tuple(_vehicles(others, looks, shift)),
        walkers=tuple(_walkers(others, looks, shift)),
        props=tuple(
            replace(p, track=_later(p.track, shift - old.warmup_s - motions.begins_s)) for p in old.props
        ),
        requested={
            "vehicles": float(sum(m.object_class not in PEOPLE for m in others)),
            "pedestrians": float(sum(m.object_class in PEOPLE for m in others)),
        },
        signals=_signals(motions, shift),
    )
    text = reader.opendrive
    found = hashlib.sha256(text.encode()).hexdigest()
    return replace(plan, map=replace(plan.map, sha256=found)), text


def _vehicles(others: Sequence[Motion], looks: _Looks, shift_s: float) -> Iterator[VehiclePlan]:
    for m in others:
        if m.object_class in PEOPLE:
            continue
        color, variant = looks.of(m)
        for track in m.tracks:
            yield VehiclePlan(
                blueprint=m.blueprint,
                color_rgb=color,
                variant=variant or 0,
                start=_start(track),
                speed_difference_percent=0.0,
                following_distance_m=0.0,
                lane_changes=False,
                drive=Drive.TRACK,
                beacon=looks.has_beacon(m),
                track=_later(track, shift_s),
            )


def _walkers(others: Sequence[Motion], looks: _Looks, shift_s: float) -> Iterator[WalkerPlan]:
    for m in others:
        if m.object_class not in PEOPLE:
            continue
        for track in m.tracks:
            yield WalkerPlan(
                blueprint=m.blueprint,
                variant=looks.of(m)[1] or 0,
                speed_mps=0.0,
                waypoints=(),
                crossings=(),
                track=_later(track, shift_s),
            )


def _signals(motions: Motions, shift_s: float) -> tuple[SignalCourse, ...]:
    return tuple(
        SignalCourse(
            signal_id=name,
            times_s=tuple(round(t + shift_s, 6) for t, _ in shown),
            states=tuple(state for _, state in shown),
        )
        for name, shown in motions.signals.items()
    )


def _carrier(motions: Motions, ego: str) -> tuple[Motion, Track]:
    """Who becomes the ego, and its longest track. Raises ConfigError."""
    if ego in motions.agents:
        found = motions.agents[ego]
        return found, found.tracks[0]
    known = [*motions.agents.values(), *motions.objects]
    named = [m for m in known if ego.isdigit() and m.track_id == int(ego)]
    vehicles = [m for m in known if m.object_class not in PEOPLE]
    if not named or named[0] not in vehicles:
        what = "is nobody" if not named else f"is a {named[0].object_class}"
        ids = ", ".join(str(m.track_id) for m in vehicles if m.track_id)
        raise ConfigError(f"--ego {ego} {what} in this part of the capture; vehicles are {ids or 'none'}")
    return named[0], max(named[0].tracks, key=lambda t: t.ends_s - t.begins_s)


def _later(track: Track, by_s: float) -> Track:
    return replace(track, times_s=tuple(round(t + by_s, 6) for t in track.times_s))


def _start(track: Track) -> PlacedPose:
    return PlacedPose(x_m=track.x_m[0], y_m=track.y_m[0], z_m=track.z_m[0], yaw_rad=track.yaw_rad[0])


def _from(weather: WeatherPlan, begins_s: float) -> WeatherPlan:
    """The weather from a time on."""
    if not weather.keyframes or begins_s <= 0.0:
        return weather
    course = WeatherCourse.of(weather)
    return replace(
        weather,
        parameters=course.exact(begins_s),
        keyframes=tuple(
            WeatherKeyframe(time_s=round(k.time_s - begins_s, 6), parameters=k.parameters)
            for k in weather.keyframes
            if k.time_s > begins_s
        ),
    )


class _Looks:
    """Colours and variants of objects, which labels do not tell, out of the plan."""

    def __init__(self, plan: ScenePlan, motions: Motions) -> None:
        self._plan = plan
        self._known: list[VehiclePlan | WalkerPlan] = [*plan.vehicles, *plan.walkers]
        self._own = motions.agents.get(EGO)
        self._first = self._first_id([*motions.agents.values(), *motions.objects])

    def _first_id(self, motions: Sequence[Motion]) -> int:
        """Id of the plan's first vehicle: servers count on, the recorder spawns in the plan's order."""
        offsets = sorted({m.track_id - k for m in motions for k in range(len(self._known)) if m.track_id > k})
        score = {o: sum(self._at(m.track_id - o, m) is not None for m in motions) for o in offsets}
        return max(offsets, key=lambda o: (score[o], -o), default=0)

    def _at(self, row: int, motion: Motion) -> VehiclePlan | WalkerPlan | None:
        there = 0 <= row < len(self._known)
        return self._known[row] if there and _plays(self._known[row], motion) else None

    def _plan_of(self, motion: Motion) -> VehiclePlan | WalkerPlan | None:
        exact = self._at(motion.track_id - self._first, motion) if motion.track_id else None
        return exact or next((p for p in self._known if _plays(p, motion)), None)

    def of(self, motion: Motion) -> tuple[tuple[int, int, int], int | None]:
        """(colour, variant)."""
        if motion is self._own:
            return self._plan.ego.color_rgb, self._plan.ego.variant
        found = self._plan_of(motion)
        variant = None if found is None else found.variant
        if isinstance(found, VehiclePlan):
            return found.color_rgb, variant
        return PAINTS[motion.track_id % len(PAINTS)], variant

    def has_beacon(self, motion: Motion) -> bool:
        """Whether its beacon was on."""
        found = self._plan_of(motion)
        return isinstance(found, VehiclePlan) and found.beacon


def _plays(plan: VehiclePlan | WalkerPlan, motion: Motion) -> bool:
    return motion.blueprint in (plan.blueprint, plan.stand_in)
