"""Things that people hold and push, and how arms reach for them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.arms import GRIP
from drivegen.embedded.assets.people.covers import waist
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, apply, hanging, middle_joint, placed
from drivegen.embedded.assets.people.person import Person, Stance
from drivegen.embedded.assets.walkers.gait import SOLE_M, Gait

UP = np.array([0.0, 0.0, 1.0])


class Carriage(StrEnum):
    """How something is carried along."""

    FREE = "free"
    UMBRELLA = "umbrella"
    SUITCASE = "suitcase"
    CANE = "cane"
    BAG = "bag"
    """Hangs from a hand."""
    PHONE = "phone"
    STROLLER = "stroller"
    WHEELCHAIR = "wheelchair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """What a person carries or pushes, as far as arms and legs must know."""

    carriage: Carriage = Carriage.FREE
    side: float = -1.0
    """1 the left hand, -1 the right."""
    length_m: float = 0.0
    """From the grip to where it ends: canopy's top, tip, wheels."""
    height_m: float = 0.0
    """Of the bar of a stroller, of the seat of a wheelchair."""
    reach_m: float = 0.0
    """Radius of a wheelchair's rims; how far ahead of the hips a stroller's bar is."""
    half_m: float = 0.0
    """Half the distance between the hands on a bar, or between rims."""


class Carrying:
    """A person with gear at one speed."""

    def __init__(self, person: Person, gear: Gear, speed_mps: float) -> None:
        self.person, self.build, self.gear = person, person.build, gear
        self.gait = Gait(person, speed_mps)
        self.speed_mps = speed_mps

    def stance(self, phase_rad: float) -> Stance:
        """The body at a phase, arms and things where they belong."""
        if self.gear.carriage == Carriage.WHEELCHAIR:
            return self._seated(phase_rad)
        stance = self.gait.stance(phase_rad)
        match self.gear.carriage:
            case Carriage.UMBRELLA:
                return self._umbrella(stance)
            case Carriage.SUITCASE:
                return self._suitcase(stance)
            case Carriage.CANE:
                return self._cane(stance, phase_rad)
            case Carriage.BAG:
                return self._bag(stance)
            case Carriage.PHONE:
                return self._phone(stance)
            case Carriage.STROLLER:
                return self._stroller(stance)
        return stance

    def _torso(self, stance: Stance) -> Mat4:
        return self.person.torso_frame(stance.pelvis, stance.torso_turn)

    def _reach(self, stance: Stance, side: float, bar: Vec3, hint: Vec3, front: Vec3) -> tuple[Stance, Mat4]:
        """The stance with a closed hand about a bar, and the hand's frame.

        Args:
            stance: before.
            side: which arm.
            bar: where the bar is.
            hint: where the elbow points.
            front: along the bar: where the thumb's side of the hand looks.
        """
        b = self.build
        hand = b.hand * b.height_m
        shoulder = self.person.shoulder_m(self._torso(stance), side)
        upper, fore = b.upper_arm * b.height_m, b.forearm * b.height_m
        # The bar lies beside the line of the forearm, on the palm's side.
        target = bar
        for _ in range(2):
            elbow = middle_joint(shoulder, target, upper, fore - GRIP[2] * hand, hint)
            along = (target - elbow) / max(float(np.linalg.norm(target - elbow)), 1e-9)
            wrist = elbow + along * fore
            frame = hanging(elbow, wrist, front)
            target = bar + side * GRIP[1] * hand * frame[:3, 1]
        frame[:3, 3] = wrist
        k = 0 if side > 0 else 1
        return (
            replace(
                stance,
                elbows=_with(stance.elbows, k, elbow),
                wrists=_with(stance.wrists, k, wrist),
                fronts=_with(stance.fronts, k, front),
            ),
            frame,
        )

    def _held(self, hand: Mat4) -> Vec3:
        """The middle of the bar that a closed hand holds."""
        length = self.build.hand * self.build.height_m
        return apply(hand, GRIP[0] * length, -self.gear.side * GRIP[1] * length, GRIP[2] * length)

    def _z(self, share: float) -> float:
        return (share - waist(self.build)) * self.build.height_m

    def _umbrella(self, stance: Stance) -> Stance:
        b, h, side = self.build, self.build.height_m, self.gear.side
        at = _hip_axis(stance) + np.array([0.135 * h, side * 0.105 * h, 0.0])
        at[2] = stance.pelvis[2, 3] + (b.shoulder - b.hip - 0.155) * h
        stance, hand = self._reach(stance, side, at, np.array([-0.7, side * 0.45, -1.0]), UP)
        grip = self._held(hand)
        top = stance.pelvis[:3, 3] + np.array([0.045 * h, side * 0.015 * h, 0.0])
        top[2] = grip[2] + self.gear.length_m
        return replace(stance, things=(placed(_upright(top - grip), grip),))

    def _phone(self, stance: Stance) -> Stance:
        b, h, side = self.build, self.build.height_m, self.gear.side
        torso = self._torso(stance)
        at = apply(torso, 0.175 * h, side * 0.045 * h, self._z(b.shoulder - 0.115))
        stance, hand = self._reach(
            stance, side, at, np.array([-0.4, side * 0.5, -1.0]), np.array([0.0, side * 0.4, 1.0])
        )
        grip = self._held(hand)
        screen = rotation_about(1, -0.6)
        return replace(
            stance, things=(placed(screen, grip),), head_turn=stance.head_turn @ rotation_about(1, 0.30)
        )

    def _bag(self, stance: Stance) -> Stance:
        side = self.gear.side
        k = 0 if side > 0 else 1
        b, h = self.build, self.build.height_m
        torso = self._torso(stance)
        shoulder = self.person.shoulder_m(torso, side)
        swing = 0.35 * (stance.wrists[k][0] - shoulder[0])
        reach = 0.985 * (b.upper_arm + b.forearm - GRIP[2] * b.hand) * h
        at = shoulder + np.array([swing, side * 0.055 * h, 0.0])
        at[2] = shoulder[2] - math.sqrt(max(reach**2 - swing**2 - (0.055 * h) ** 2, 0.01))
        stance, hand = self._reach(
            stance, side, at, np.array([-1.0, side * 0.3, 0.0]), np.array([1.0, 0.0, 0.0])
        )
        tilt = rotation_about(1, -0.4 * swing)
        return replace(stance, things=(placed(tilt, self._held(hand)),))

    def _suitcase(self, stance: Stance) -> Stance:
        h, side = self.build.height_m, self.gear.side
        at = _hip_axis(stance) + np.array([-0.130 * h, side * 0.165 * h, 0.0])
        at[2] = SOLE_M + 0.475 * h
        front = np.array([0.0, -side, 0.0])
        stance, hand = self._reach(stance, side, at, np.array([-1.0, side * 0.4, 0.3]), front)
        grip = self._held(hand)
        behind = math.sqrt(max(self.gear.length_m**2 - grip[2] ** 2, 0.01))
        return replace(stance, things=(placed(_upright(np.array([behind, 0.0, grip[2]])), grip),))

    def _cane(self, stance: Stance, phase_rad: float) -> Stance:
        h, side = self.build.height_m, self.gear.side
        other = 1 if side > 0 else 0
        cycle = (phase_rad / (2 * math.pi) + 0.5 * other) % 1.0
        x, _, _ = self.gait.foot(cycle)
        lifted = (
            0.0
            if cycle < self.gait.planted
            else 0.5 * math.sin(math.pi * (cycle - self.gait.planted) / (1 - self.gait.planted))
        )
        # A planted foot's ankle rolls on; the tip stays, so it follows the flat course of that foot.
        if cycle < self.gait.planted:
            x = self.gait.flat_x(cycle / self.gait.planted)
        tip = np.array([x + 0.075 * h, side * 0.185 * h, 0.010 + 0.12 * lifted * min(self.gait.vigour, 1.0)])
        grip = np.array([0.065 * h + 0.55 * x, side * 0.150 * h, 0.0])
        flat = float(np.hypot(*(grip - tip)[:2]))
        grip[2] = tip[2] + math.sqrt(max(self.gear.length_m**2 - flat**2, 0.01))
        stance, hand = self._reach(
            stance, side, grip, np.array([-1.0, side * 0.5, -0.2]), np.array([1.0, 0.0, 0.1])
        )
        held = self._held(hand)
        return replace(stance, things=(placed(_upright(held - tip), held),))

    def _stroller(self, stance: Stance) -> Stance:
        gear = self.gear
        bar = np.array([gear.reach_m, 0.0, gear.height_m])
        for side in (1.0, -1.0):
            at = bar + np.array([0.0, side * gear.half_m, 0.0])
            stance, _ = self._reach(
                stance, side, at, np.array([-0.6, side * 0.5, -1.0]), np.array([0.0, -side, 0.0])
            )
        return replace(stance, things=(placed(np.eye(3), np.array([gear.reach_m, 0.0, 0.0])),))

    def _seated(self, phase_rad: float) -> Stance:
        """In a wheelchair whose wheels turn once in a turn of the phase; the arms push twice."""
        b, h, gear = self.build, self.build.height_m, self.gear
        rim, hip_z = gear.reach_m, gear.height_m + 0.055 * h
        rolling = min(self.speed_mps / 0.3, 1.0)
        share = (phase_rad / math.pi) % 1.0
        begin, push = -0.45, 0.42
        if share < push:
            angle, away, lean = begin + share * math.pi, 0.0, share / push
        else:
            back = (share - push) / (1 - push)
            ease = back * back * (3 - 2 * back)
            angle, away, lean = begin + push * math.pi * (1 - ease), math.sin(math.pi * back), 1 - ease
        if self.speed_mps <= SLOW_MPS:
            angle, away, lean = 0.25, 0.0, 0.0
        pelvis = placed(rotation_about(1, -0.12), np.array([-0.02, 0.0, hip_z]))
        turn = rotation_about(1, -0.04 + 0.14 * lean * rolling + b.stoop_rad)
        ankle = np.array([(b.hip - b.knee) * h * 0.99 + 0.05 * h, 0.0, 0.115 + b.ankle * h])
        feet = [
            placed(rotation_about(1, -0.12), ankle + np.array([0.0, s * 0.055 * h, 0.0])) for s in (1.0, -1.0)
        ]
        nowhere = np.array([0.3, 0.0, 0.6])
        stance = Stance(
            pelvis=pelvis,
            torso_turn=turn,
            head_turn=rotation_about(1, 0.02),
            feet=(feet[0], feet[1]),
            elbows=(nowhere, nowhere),
            wrists=(nowhere, nowhere),
            knees_out=0.10,
        )
        for side in (1.0, -1.0):
            at = np.array(
                [rim * math.sin(angle), side * (gear.half_m + 0.03 * away), WHEEL_M + rim * math.cos(angle)]
            )
            at[2] += 0.04 * away
            front = np.array([math.cos(angle), 0.0, -math.sin(angle)])
            stance, _ = self._reach(stance, side, at, np.array([-1.0, side * 0.55, 0.15]), front)
        spin = rotation_about(1, phase_rad)
        wheels = tuple(
            placed(spin, np.array([0.0, side * (gear.half_m - 0.028), WHEEL_M])) for side in (1.0, -1.0)
        )
        return replace(stance, things=(np.eye(4), *wheels))


SLOW_MPS = 0.02
WHEEL_M = 0.30
"""Radius of a wheelchair's large wheels."""


def _with(pair: tuple[Any, Any], index: int, value: Any) -> tuple[Any, Any]:
    return (value, pair[1]) if index == 0 else (pair[0], value)


def _hip_axis(stance: Stance) -> Vec3:
    """Above the middle between the hips: what is held before the body does not turn with it."""
    return np.array([stance.pelvis[0, 3], stance.pelvis[1, 3], 0.0])


def _upright(direction: Float64[np.ndarray, "3"]) -> Float64[np.ndarray, "3 3"]:
    """A rotation whose z is a direction and whose y lies level."""
    z = direction / max(float(np.linalg.norm(direction)), 1e-9)
    y = np.array([-z[0] * z[1], z[0] ** 2 + z[2] ** 2, -z[1] * z[2]])
    y /= max(float(np.linalg.norm(y)), 1e-9)
    return np.stack([np.cross(y, z), y, z], axis=1)
