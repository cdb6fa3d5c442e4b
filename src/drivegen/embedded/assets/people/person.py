"""A person: parts, and how they hang together in a stance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.assets.people.bones import bones_of
from drivegen.embedded.assets.people.build import Build, Color
from drivegen.embedded.assets.people.covers import neck_foot, waist
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, apply, hanging, middle_joint, placed
from drivegen.embedded.assets.people.parts import PersonParts
from drivegen.embedded.assets.people.skirts import skirt_frames
from drivegen.embedded.assets.people.things import Marks, Thing
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
    fronts: tuple[Vec3 | None, Vec3 | None] = (None, None)
    """Where the thumbs' sides of forearm and hand look; None: forward."""
    things: tuple[Mat4, ...] = ()
    """Of what is held or pushed, in the order of the person's things."""


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
    skirts: tuple[Mat4, ...] = ()
    things: tuple[Mat4, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Person:
    """A build, its meshes and the colours of its clothes."""

    build: Build
    parts: PersonParts
    top_color: Color
    bottom_color: Color
    things: tuple[Thing, ...] = ()
    """What is held or pushed."""
    marks: Marks = Marks()  # noqa: RUF009 - frozen
    """Corners of clothes and bags that stand out of the bones' flesh."""

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
            front = stance.fronts[k]
            if front is None:
                front = torso[:3, 0] + 0.35 * torso[:3, 2]
            fore.append(hanging(stance.elbows[k], stance.wrists[k], front))
            hip, ankle = self.hip_m(stance.pelvis, side), stance.feet[k][:3, 3]
            bend = stance.pelvis[:3, 0] + side * stance.knees_out * stance.pelvis[:3, 1]
            knee = middle_joint(hip, ankle, (b.hip - b.knee) * h, (b.knee - b.ankle) * h, bend)
            thighs.append(hanging(hip, knee, bend))
            shins.append(hanging(knee, ankle, stance.feet[k][:3, 0] + 0.3 * stance.feet[k][:3, 2]))
        skirts = skirt_frames(b, stance.pelvis, shins, stance.feet) if self.parts.skirts else ()
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
            skirts=skirts,
            things=stance.things,
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
        hanging_tint = top if self.build.skirt_of_top else bottom
        rows += [
            Row(mesh=m, asset_mesh=f, tint=hanging_tint) for m, f in zip(p.skirts, s.skirts, strict=True)
        ]
        rows += [
            Row(mesh=t.mesh, asset_mesh=f, tint=WHITE) for t, f in zip(self.things, s.things, strict=True)
        ]
        return rows

    def bones(self, s: Skeleton) -> dict[str, Mat4]:
        """Bone poses by CARLA's names, and markers at the corners of clothes, bags and things."""
        frames = np.stack(
            [
                np.eye(4), s.pelvis, s.torso, s.head, *s.upper_arms, *s.forearms, *s.hands, *s.thighs,
                *s.shins, *s.feet, *s.skirts, *s.things,
            ]
        )  # fmt: skip
        return bones_of(self.build, self.marks, self.things, frames)
