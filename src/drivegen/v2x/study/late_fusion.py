"""A snapshot of what the ego can know at a moment: its own detections, and others' as they arrive.

Late fusion: each source gives positions with a spread. Sources are taken one after the other, the ego first;
each is assigned to what there is already (least sum of squared distances, Kuhn 1955) within a gate, what
falls together is averaged by the inverse of its variances, and what falls to nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float64
from scipy.optimize import linear_sum_assignment

from drivegen.core.cooperation import MessageKind
from drivegen.core.geometry import Pose
from drivegen.v2x.heard import HeardObject
from drivegen.v2x.stamps import stamp_near
from drivegen.v2x.study.moments import Heard, Moment, Recording, Sensed

GATE_M = 2.5
"""What is farther apart is never one object."""
KEPT_NS = 1_000_000_000
"""Data whose moment lies farther back than this and the added delay is not used."""
_FLOOR_M = 0.15
"""Of the spread of an own detection, out to 20 m; it grows with range."""
_STATED_M = 0.6
"""Of one whose sender states none."""
_SPEED_SIGMA_MPS = 0.5
_ACCELERATION_MPS2 = 2.0
"""How wrong the assumption of constant velocity may be."""
_OWN_MARGIN_M = 1.0
"""What others report so near to the ego's own body is the ego."""


class Sources(StrEnum):
    """What the ego uses."""

    VEHICLE = "vehicle only"
    MESSAGES = "+ messages"
    CLOUDS = "+ roadside point clouds"
    """What the roadside units found in their own point clouds, whole and by wire, in place of their RSM; and
    vehicles' messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How the ego uses others' data."""

    sources: Sources
    delay_s: float = 0.0
    """On top of what the recording has."""
    compensated: bool = True
    """Whether positions are moved on at their velocities by their stamps."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Positions in the plane, world frame as the ego believes it, and their standard deviations."""

    at_m: Float64[np.ndarray, "n 2"]
    sigma_m: Float64[np.ndarray, "n"]


def snapshot(recording: Recording, moment: Moment, setting: Setting) -> Points:
    """What the ego knows at a moment at which it perceives."""
    found = _own(moment)
    if setting.sources is Sources.VEHICLE:
        return found
    delay = round(setting.delay_s * 1e9)
    for batch in _arrived(recording.heard, moment, delay):
        if setting.sources is Sources.CLOUDS and batch[0].kind is MessageKind.RSM:
            continue
        objects = [o for message in batch for o in message.objects]
        found = merged(found, _foreign(moment, _said(moment, objects, setting)))
    if setting.sources is Sources.CLOUDS:
        for sensed in _sensed(recording.sensed, moment, delay):
            found = merged(found, _foreign(moment, _seen(moment, sensed, setting)))
    return found


def merged(known: Points, new: Points) -> Points:
    """Two sources as one."""
    if not len(known.at_m) or not len(new.at_m):
        return known if len(known.at_m) else new
    gap = np.linalg.norm(known.at_m[:, None] - new.at_m[None, :], axis=2)
    rows, columns = linear_sum_assignment(np.where(gap <= GATE_M, gap**2, 1e6))
    pairs = gap[rows, columns] <= GATE_M
    rows, columns = rows[pairs], columns[pairs]
    at, sigma = known.at_m.copy(), known.sigma_m.copy()
    one, other = 1.0 / sigma[rows] ** 2, 1.0 / new.sigma_m[columns] ** 2
    total = one + other
    at[rows] = (one[:, None] * at[rows] + other[:, None] * new.at_m[columns]) / total[:, None]
    sigma[rows] = 1.0 / np.sqrt(total)
    left = np.setdiff1d(np.arange(len(new.at_m)), columns)
    return Points(
        at_m=np.concatenate([at, new.at_m[left]]), sigma_m=np.concatenate([sigma, new.sigma_m[left]])
    )


def moved_on(
    at_m: Float64[np.ndarray, "2"], velocity_mps: Float64[np.ndarray, "3"], age_s: float
) -> Float64[np.ndarray, "2"]:
    """Where something is now that was somewhere so long ago, at constant velocity."""
    return np.asarray(at_m + age_s * velocity_mps[:2])


def _points(rows: Sequence[tuple[Float64[np.ndarray, "2"], float]]) -> Points:
    return Points(
        at_m=np.array([at for at, _ in rows], dtype=np.float64).reshape(-1, 2),
        sigma_m=np.array([sigma for _, sigma in rows], dtype=np.float64),
    )


def _range_sigma(at_m: Float64[np.ndarray, "2"], sensor: Pose) -> float:
    far = float(np.linalg.norm(at_m - sensor.position_m[:2]))
    return _FLOOR_M * max(1.0, far / 20.0)


def _own(moment: Moment) -> Points:
    rows = []
    for detection in moment.own or ():
        at = detection.box.pose.position_m[:2]
        age = (moment.stamp_ns - detection.stamp_ns) * 1e-9
        rows.append((moved_on(at, detection.velocity_mps, age), _range_sigma(at, moment.believed)))
    return _points(rows)


def _arrived(heard: Sequence[Heard], moment: Moment, delay_ns: int) -> list[list[Heard]]:
    """By sender and kind the newest that is there, with all its parts that are."""
    newest: dict[tuple[str, str], list[Heard]] = {}
    for message in heard:
        if message.received_ns + delay_ns > moment.time_ns:
            continue
        if moment.time_ns - message.made_ns > KEPT_NS + delay_ns:
            continue
        key = (message.sender, message.kind.value)
        held = newest.get(key)
        if held is None or message.made_ns > held[0].made_ns:
            newest[key] = [message]
        elif message.made_ns == held[0].made_ns:
            held.append(message)
    return [newest[key] for key in sorted(newest)]


def _sensed(sensed: Sequence[Sensed], moment: Moment, delay_ns: int) -> list[Sensed]:
    newest: dict[str, Sensed] = {}
    for one in sensed:
        if one.time_ns + delay_ns <= moment.time_ns <= one.time_ns + delay_ns + KEPT_NS:
            newest[one.agent] = one
    return [newest[name] for name in sorted(newest)]


def _row(
    at_m: Float64[np.ndarray, "2"],
    velocity_mps: Float64[np.ndarray, "3"],
    sigma_m: float,
    age_s: float,
    setting: Setting,
) -> tuple[Float64[np.ndarray, "2"], float]:
    if not setting.compensated:
        return at_m, sigma_m
    grown = np.sqrt(sigma_m**2 + (_SPEED_SIGMA_MPS * age_s) ** 2 + (0.5 * _ACCELERATION_MPS2 * age_s**2) ** 2)
    return moved_on(at_m, velocity_mps, age_s), float(grown)


def _said(moment: Moment, objects: Sequence[HeardObject], setting: Setting) -> Points:
    rows = []
    for one in objects:
        stamp = moment.stamp_ns if one.second_s is None else stamp_near(one.second_s, moment.stamp_ns)
        age = (moment.stamp_ns - stamp) * 1e-9
        sigma = max(_FLOOR_M, one.sigma_m or _STATED_M)
        rows.append(_row(one.box.pose.position_m[:2], one.velocity_mps, sigma, age, setting))
    return _points(rows)


def _seen(moment: Moment, sensed: Sensed, setting: Setting) -> Points:
    rows = []
    for one in sensed.detections:
        age = (moment.stamp_ns - one.stamp_ns) * 1e-9
        at = np.asarray(one.box.pose.position_m[:2])
        rows.append(_row(at, one.velocity_mps, _range_sigma(at, sensed.believed), age, setting))
    return _points(rows)


def _foreign(moment: Moment, points: Points) -> Points:
    """Without the ego itself, which others report too. The ego's body moves with its belief."""
    if moment.body is None or not len(points.at_m):
        return points
    moved = moment.believed @ moment.map_ego.inverse()
    body = replace(moment.body, pose=moved @ moment.body.pose)
    local = (points.at_m - body.pose.position_m[:2]) @ body.pose.rotation[:2, :2]
    mine = np.all(np.abs(local) <= body.size_m[:2] / 2.0 + _OWN_MARGIN_M, axis=1)
    return Points(at_m=points.at_m[~mine], sigma_m=points.sigma_m[~mine])
