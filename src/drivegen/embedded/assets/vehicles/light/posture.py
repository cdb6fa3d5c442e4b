"""How somebody sits on a light vehicle: hands round the grips, feet on pedals, boards or rests."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from drivegen.core.geometry import Mat3
from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.build import Build, Color
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, apply, middle_joint, placed
from drivegen.embedded.assets.people.person import SIDES, Person, Stance
from drivegen.embedded.assets.placed import Row
from drivegen.embedded.assets.vehicles.light.headgear import chin_m

TORSO_SHARE = 0.45
"""Of the steering angle: how far the shoulders follow the bars."""
ARM_SHARE = 0.84
"""Of the arm's length: the furthest from shoulder to wrist straight on, so that the bars can be turned."""
MAX_LEAN_RAD = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Saddle:
    """What a machine asks of its rider."""

    point_m: Vec3
    """Top of the saddle under the hips."""
    lean_rad: float
    """Of the torso, forward; more where the bars are further away."""
    elbows_out: float = 0.5
    """How far the elbows point outward rather than down."""
    knees_out: float = 0.10
    foot_pitch_rad: float = 0.0
    """Toes down."""
    arm_share: float = ARM_SHARE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sitting:
    """A person on a saddle; everything in the machine's frame."""

    person: Person
    hip_m: Vec3
    saddle: Saddle
    lean_rad: float
    grips_m: tuple[Vec3, Vec3]
    """Left and right, straight on."""
    fists: tuple[Mat4, Mat4]
    """Frames of the hands, straight on."""
    wrists_m: tuple[Vec3, Vec3]
    headgear_mesh: int
    """Or -1."""
    headgear_rgb: Color

    def stance(
        self, steered: Mat4, steer_rad: float, soles_m: tuple[Vec3, Vec3]
    ) -> tuple[Stance, tuple[Mat4, Mat4]]:
        """The body and its hands, for turned bars and feet on two points."""
        person, saddle = self.person, self.saddle
        b, h = person.build, person.build.height_m
        pelvis = placed(rotation_about(1, 0.45 * self.lean_rad), self.hip_m)
        turn = rotation_about(2, TORSO_SHARE * steer_rad) @ rotation_about(1, self.lean_rad)
        torso = person.torso_frame(pelvis, turn)
        elbows, wrists, feet, hands = [], [], [], []
        tilt = rotation_about(1, saddle.foot_pitch_rad)
        for k, side in enumerate(SIDES):
            shoulder = person.shoulder_m(torso, side)
            wrist = apply(steered, *self.wrists_m[k])
            hint = np.array([-0.5, side * saddle.elbows_out, -1.0])
            elbows.append(middle_joint(shoulder, wrist, b.upper_arm * h, b.forearm * h, hint))
            wrists.append(wrist)
            hands.append(steered @ self.fists[k])
            ankle = soles_m[k] - tilt @ np.array([0.42 * b.foot * h, 0.0, -b.ankle * h])
            feet.append(placed(tilt, ankle))
        stance = Stance(
            pelvis=pelvis,
            torso_turn=turn,
            head_turn=rotation_about(2, 0.6 * steer_rad) @ rotation_about(1, 0.15 * self.lean_rad),
            feet=(feet[0], feet[1]),
            elbows=(elbows[0], elbows[1]),
            wrists=(wrists[0], wrists[1]),
            knees_out=saddle.knees_out,
        )
        return stance, (hands[0], hands[1])

    def rows(self, steered: Mat4, steer_rad: float, soles_m: tuple[Vec3, Vec3]) -> list[Row]:
        """The placed parts: those of `Person.drawn` in its order, then the headgear."""
        stance, hands = self.stance(steered, steer_rad, soles_m)
        skeleton = replace(self.person.skeleton(stance), hands=hands)
        rows = self.person.drawn(skeleton)
        if self.headgear_mesh >= 0:
            chin, _ = chin_m(self.person.build)
            pose = skeleton.head @ placed(np.eye(3), chin)
            rows.append(Row(mesh=self.headgear_mesh, asset_mesh=pose, tint=self.headgear_rgb))
        return rows


def seat_person(
    person: Person,
    saddle: Saddle,
    grips_m: tuple[Vec3, Vec3],
    bar_axis: tuple[Vec3, Vec3],
    headgear_mesh: int,
    headgear_rgb: Color,
) -> Sitting:
    """Leans a person so that the hands reach the grips.

    Args:
        person: with fists for hands.
        saddle: where and how it sits.
        grips_m: left and right.
        bar_axis: directions of the grips, unit, to the left.
        headgear_mesh: number of the mesh, or -1.
        headgear_rgb: its tint.
    """
    b, h = person.build, person.build.height_m
    hip = saddle.point_m + np.array([0.0, 0.0, 0.056 * h * b.girth])
    arm = (b.upper_arm + b.forearm) * h
    lean = saddle.lean_rad
    while True:
        pelvis = placed(rotation_about(1, 0.45 * lean), hip)
        torso = person.torso_frame(pelvis, rotation_about(1, lean))
        fists, wrists, furthest = [], [], 0.0
        for k, side in enumerate(SIDES):
            fist, wrist = _hold(person, torso, side, grips_m[k], bar_axis[k], saddle.elbows_out)
            fists.append(fist)
            wrists.append(wrist)
            furthest = max(furthest, float(np.linalg.norm(wrist - person.shoulder_m(torso, side))))
        if furthest <= saddle.arm_share * arm or lean >= MAX_LEAN_RAD:
            break
        lean += 0.04
    return Sitting(
        person=person,
        hip_m=hip,
        saddle=saddle,
        lean_rad=lean,
        grips_m=grips_m,
        fists=(fists[0], fists[1]),
        wrists_m=(wrists[0], wrists[1]),
        headgear_mesh=headgear_mesh,
        headgear_rgb=headgear_rgb,
    )


def _hold(
    person: Person, torso: Mat4, side: float, grip: Vec3, axis: Vec3, elbows_out: float
) -> tuple[Mat4, Vec3]:
    """Frame of a fist round a grip, its x along the forearm, and the wrist behind it."""
    b, h = person.build, person.build.height_m
    hand = b.hand * h
    shoulder = person.shoulder_m(torso, side)
    along = grip - shoulder
    wrist = grip
    turn: Mat3 = np.eye(3)
    for _ in range(4):
        x = along - (along @ axis) * axis
        x = x / np.linalg.norm(x)
        turn = np.stack([x, axis, np.cross(x, axis)], axis=1)
        wrist = grip + turn @ np.array([-0.47 * hand, 0.0, 0.13 * hand])
        elbow = middle_joint(
            shoulder, wrist, b.upper_arm * h, b.forearm * h, np.array([-0.5, side * elbows_out, -1.0])
        )
        along = wrist - elbow
        along = along / np.linalg.norm(along)
        # The hand bends at the wrist: it follows the forearm by half only where that comes from far below.
        along[2] = max(-0.75, min(along[2], 0.35))
    return placed(turn, grip), wrist


def saddle_height_m(build: Build, pedal_low_m: Vec3, back_m: float, foot_pitch_rad: float = 0.12) -> float:
    """Height of a saddle over the lowest pedal for a leg that is nearly straight.

    Args:
        build: of the rider.
        pedal_low_m: top of the pedal at its lowest.
        back_m: of the hips behind that pedal.
        foot_pitch_rad: toes down.
    """
    h = build.height_m
    tilt = rotation_about(1, foot_pitch_rad)
    ankle = pedal_low_m - tilt @ np.array([0.42 * build.foot * h, 0.0, -build.ankle * h])
    reach = 0.945 * build.leg_m
    back = back_m - float(pedal_low_m[0] - ankle[0])
    hip = float(ankle[2]) + math.sqrt(max(reach**2 - back**2, 0.04))
    return hip - 0.056 * h * build.girth
