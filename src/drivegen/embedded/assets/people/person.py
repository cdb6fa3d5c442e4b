"""A person: parts, and how they hang together in a stance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.skeleton import PARENT_BONE
from drivegen.embedded.assets.people.build import Build, Color
from drivegen.embedded.assets.people.covers import bag_corners_m, hem_corners_m, neck_foot, waist
from drivegen.embedded.assets.people.fingers import FINGER_BONES, finger_places_m
from drivegen.embedded.assets.people.head import head_top
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, apply, hanging, middle_joint, placed
from drivegen.embedded.assets.people.parts import PersonParts
from drivegen.embedded.assets.placed import WHITE, Row

LEFT, RIGHT = 1.0, -1.0
SIDES = (LEFT, RIGHT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stance:
    """Where the ends of a body are, in the person's frame (x forward, y left, z up)."""

    pelvis: Mat4
    """Between the hip joints."""
    torso_turn: Float64[np.ndarray, "3 3"]
    """Rotation of the torso about the waist joint, in the person's frame."""
    head_turn: Float64[np.ndarray, "3 3"]
    feet: tuple[Mat4, Mat4]
    """Ankles, left and right; x of a foot points to its toes."""
    elbows: tuple[Vec3, Vec3]
    wrists: tuple[Vec3, Vec3]
    knees_out: float = 0.0
    """How far the knees point outward."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skeleton:
    """Frames of all parts in one stance."""

    pelvis: Mat4
    torso: Mat4
    head: Mat4
    upper_arms: tuple[Mat4, Mat4]
    forearms: tuple[Mat4, Mat4]
    thighs: tuple[Mat4, Mat4]
    hands: tuple[Mat4, Mat4]
    """Wrists; the fingers point to -z."""
    shins: tuple[Mat4, Mat4]
    feet: tuple[Mat4, Mat4]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Person:
    """A build, its meshes and the colours of its clothes."""

    build: Build
    parts: PersonParts
    top_color: Color
    bottom_color: Color

    def waist_m(self, pelvis: Mat4) -> Vec3:
        """The waist joint."""
        return apply(pelvis, 0.0, 0.0, (waist(self.build) - self.build.hip) * self.build.height_m)

    def torso_frame(self, stance_pelvis: Mat4, torso_turn: Float64[np.ndarray, "3 3"]) -> Mat4:
        """The torso on a pelvis."""
        return placed(torso_turn, self.waist_m(stance_pelvis))

    def shoulder_m(self, torso: Mat4, side: float) -> Vec3:
        """A shoulder joint."""
        b = self.build
        z = (b.shoulder - waist(b)) * b.height_m
        return apply(torso, 0.0, side * b.shoulder_half * b.girth * b.height_m, z)

    def hip_m(self, pelvis: Mat4, side: float) -> Vec3:
        """A hip joint."""
        return apply(pelvis, 0.0, side * self.build.hip_half * self.build.height_m, 0.0)

    def skeleton(self, stance: Stance) -> Skeleton:
        """Frames of all parts."""
        b, h = self.build, self.build.height_m
        torso = self.torso_frame(stance.pelvis, stance.torso_turn)
        head = placed(stance.head_turn, apply(torso, -0.008 * h, 0.0, (neck_foot(b) - waist(b)) * h))
        upper, fore, thighs, shins = [], [], [], []
        for k, side in enumerate(SIDES):
            shoulder = self.shoulder_m(torso, side)
            upper.append(hanging(shoulder, stance.elbows[k], torso[:3, 0]))
            fore.append(hanging(stance.elbows[k], stance.wrists[k], torso[:3, 0] + 0.35 * torso[:3, 2]))
            hip, ankle = self.hip_m(stance.pelvis, side), stance.feet[k][:3, 3]
            bend = stance.pelvis[:3, 0] + side * stance.knees_out * stance.pelvis[:3, 1]
            knee = middle_joint(hip, ankle, (b.hip - b.knee) * h, (b.knee - b.ankle) * h, bend)
            thighs.append(hanging(hip, knee, bend))
            shins.append(hanging(knee, ankle, stance.feet[k][:3, 0] + 0.3 * stance.feet[k][:3, 2]))
        return Skeleton(
            pelvis=stance.pelvis,
            torso=torso,
            head=head,
            upper_arms=(upper[0], upper[1]),
            forearms=(fore[0], fore[1]),
            hands=(self._wrist(fore[0]), self._wrist(fore[1])),
            thighs=(thighs[0], thighs[1]),
            shins=(shins[0], shins[1]),
            feet=stance.feet,
        )

    def _wrist(self, forearm: Mat4) -> Mat4:
        out = forearm.copy()
        out[:3, 3] -= forearm[:3, 2] * (self.build.forearm * self.build.height_m)
        return out

    def rows(self, stance: Stance) -> list[Row]:
        """The placed parts."""
        return self.drawn(self.skeleton(stance))

    def drawn(self, s: Skeleton) -> list[Row]:
        """The placed parts of a skeleton."""
        p = self.parts
        top, bottom = self.top_color, self.bottom_color
        rows = [
            Row(mesh=p.pelvis, asset_mesh=s.pelvis, tint=bottom),
            Row(mesh=p.torso, asset_mesh=s.torso, tint=top),
            Row(mesh=p.head, asset_mesh=s.head, tint=WHITE),
            Row(mesh=p.hands[0], asset_mesh=s.hands[0], tint=WHITE),
            Row(mesh=p.hands[1], asset_mesh=s.hands[1], tint=WHITE),
        ]
        for k in (0, 1):
            rows += [
                Row(mesh=p.upper_arms[k], asset_mesh=s.upper_arms[k], tint=top),
                Row(mesh=p.forearms[k], asset_mesh=s.forearms[k], tint=top),
                Row(mesh=p.thigh, asset_mesh=s.thighs[k], tint=bottom),
                Row(mesh=p.shin, asset_mesh=s.shins[k], tint=bottom),
                Row(mesh=p.feet[k], asset_mesh=s.feet[k], tint=WHITE),
            ]
        return rows

    def bones(self, s: Skeleton) -> dict[str, Mat4]:
        """Bone poses by CARLA's names, and markers at the corners of luggage and of a skirt's hem."""
        b, h = self.build, self.build.height_m
        unit = b.head * h / head_top(b)
        chin = (1.0 - b.head - neck_foot(b)) * h
        x0 = 0.02 * unit / 0.22

        def at(frame: Mat4, x: float, y: float, z: float) -> Mat4:
            return placed(frame[:3, :3], apply(frame, x, y, z))

        shoulder = (b.shoulder - waist(b)) * h
        out = dict.fromkeys(PARENT_BONE, s.pelvis)
        out["crl_root"] = np.eye(4)
        out["crl_spine__C"] = s.torso
        out["crl_spine01__C"] = at(s.torso, 0.0, 0.0, 0.55 * shoulder)
        out["crl_neck__C"] = s.head
        out["crl_Head__C"] = at(s.head, x0 - 0.03 * unit, 0.0, chin + 0.52 * unit)
        for k, name in enumerate("LR"):
            side = SIDES[k]
            out[f"crl_eye__{name}"] = at(s.head, x0 + 0.38 * unit, side * 0.145 * unit, chin + 0.485 * unit)
            out[f"crl_shoulder__{name}"] = at(s.torso, 0.0, side * 0.35 * b.shoulder_half * h, shoulder)
            out[f"crl_arm__{name}"] = s.upper_arms[k]
            out[f"crl_foreArm__{name}"] = s.forearms[k]
            out[f"crl_hand__{name}"] = s.hands[k]
            fingers = s.hands[k] @ finger_places_m(b.hand * h, side)
            out.update(zip(FINGER_BONES[k], fingers, strict=True))
            out[f"crl_thigh__{name}"] = s.thighs[k]
            out[f"crl_leg__{name}"] = s.shins[k]
            out[f"crl_foot__{name}"] = s.feet[k]
            inside = -side * 0.02 * b.foot * h
            out[f"crl_toe__{name}"] = at(s.feet[k], 0.45 * b.foot * h, inside, -0.58 * b.ankle * h)
            out[f"crl_toeEnd__{name}"] = at(s.feet[k], 0.72 * b.foot * h, 2 * inside, -0.62 * b.ankle * h)
        for k, corner in enumerate(bag_corners_m(b)):
            out[f"luggage_{k}"] = at(s.torso, *corner)
        for k, corner in enumerate(hem_corners_m(b)):
            out[f"hem_{k}"] = at(s.pelvis, *corner)
        return out
