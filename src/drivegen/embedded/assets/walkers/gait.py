"""Walking and running: stances over the gait cycle, with feet that stay where they are planted."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.assets.forms import rotation_about
from drivegen.embedded.assets.people.build import Build, Luggage, Top
from drivegen.embedded.assets.people.limbs import Mat4, Vec3, placed
from drivegen.embedded.assets.people.person import SIDES, Person, Stance
from drivegen.embedded.assets.walkers.stride import SLOWEST_MPS, stride_m

SOLE_M = 0.012
"""Height of a planted sole above the ground."""


def gait_stride_m(build: Build, speed_mps: float) -> float:
    """Ground covered in one cycle of two steps by a body."""
    return stride_m(speed_mps, build.pace_m or build.height_m)


def phase_rate_radps(build: Build, speed_mps: float) -> float:
    """Growth of the gait phase at a speed."""
    if speed_mps <= 1e-6:
        return 0.0
    return 2.0 * math.pi * speed_mps / gait_stride_m(build, speed_mps)


def stance_share(speed_mps: float) -> float:
    """Share of the cycle that a foot stands: 0.62 in walking, less in running."""
    return 0.62 - 0.24 * min(max((speed_mps - 1.7) / 1.5, 0.0), 1.0)


class Gait:
    """Stances of one person at one speed."""

    def __init__(self, person: Person, speed_mps: float) -> None:
        self.person, self.build, self.speed_mps = person, person.build, speed_mps
        # Below the slowest pace of `stride_m` the feet come together.
        self.stride_m = gait_stride_m(person.build, speed_mps) * min(speed_mps / SLOWEST_MPS, 1.0)
        self.planted = stance_share(speed_mps)
        self.vigour = min(math.sqrt(max(speed_mps, 0.0) / 1.4), 1.3)
        """0 standing, 1 at an easy walk."""
        self.run = min(max((speed_mps - 1.9) / 0.8, 0.0), 1.0)
        self.rest = person.build.rest * (1.0 - min(self.vigour / 0.5, 1.0))
        """-1 to 1: which leg carries a standing body, and how much more than the other."""

    def flat_x(self, share: float) -> float:
        """Where a foot that stands flat has its ankle, at a share of the time that it stands."""
        return self.stride_m * (self.planted * (0.5 - share) - 0.055)

    def foot(self, cycle: float) -> tuple[float, float, float]:
        """(x, z, pitch) of an ankle at a share of its own cycle, which begins as the heel strikes.

        z counts from the ankle's height over a flat sole; pitch is positive with the toes down.
        """
        tip = 0.75 * self.build.foot * self.build.height_m
        heel = 0.262 * self.build.foot * self.build.height_m
        rise = self.build.ankle * self.build.height_m
        strike = -0.30 * min(self.vigour, 1.0) * (1 - 0.7 * self.run)
        push = 0.80 * min(self.vigour, 1.0)

        def planted(share: float) -> tuple[float, float, float]:
            flat_x = self.flat_x(share)
            if share < 0.14:
                pitch = strike * (1 - share / 0.14) ** 1.5
                return _roll(flat_x, -heel, rise, pitch)
            if share > 0.58:
                return _roll(flat_x, tip, rise, push * ((share - 0.58) / 0.42) ** 1.5)
            return flat_x, 0.0, 0.0

        if cycle < self.planted:
            return planted(cycle / self.planted)
        swing = (cycle - self.planted) / (1 - self.planted)
        start, end = planted(1.0), planted(0.0)
        smooth = swing * swing * (3 - 2 * swing)
        drift = -self.stride_m * (1 - self.planted)
        x = start[0] + (end[0] - start[0]) * smooth + drift * (swing - 3 * swing**2 + 2 * swing**3)
        lift = (0.05 + 0.19 * self.run) * min(self.vigour, 1.0) * self.build.leg_m / 0.86
        z = start[1] + (end[1] - start[1]) * smooth + lift * math.sin(math.pi * swing) ** 2
        ease = min(swing / 0.65, 1.0)
        pitch = start[2] + (end[2] - start[2]) * ease * ease * (3 - 2 * ease)
        return x, max(z, self._clear(pitch)), pitch

    def _clear(self, pitch: float) -> float:
        """Lowest z of an ankle that keeps the sole above the ground at a pitch."""
        rise, length = self.build.ankle * self.build.height_m, self.build.foot * self.build.height_m
        toe = 0.75 * length * math.sin(max(pitch, 0.0))
        heel = 0.262 * length * math.sin(max(-pitch, 0.0))
        return rise * math.cos(pitch) + max(toe, heel) - rise

    def stance(self, phase_rad: float) -> Stance:
        """The body at a phase; at 0 the left heel strikes, at pi the right."""
        b, h = self.build, self.build.height_m
        cycle = (phase_rad / (2 * math.pi)) % 1.0
        feet: list[Mat4] = []
        rise = b.ankle * h + SOLE_M
        apart = (0.55 + 0.25 * (1 - min(self.vigour, 1.0))) * b.hip_half * h + 0.028
        for k, side in enumerate(SIDES):
            x, z, pitch = self.foot((cycle + 0.5 * k) % 1.0)
            free = max(-side * self.rest, 0.0)
            splay = rotation_about(2, side * (0.10 + 0.22 * free))
            at = np.array([x + 0.035 * h * free, side * (apart + 0.012 * h * free), z + rise])
            feet.append(placed(splay @ rotation_about(1, pitch), at))
        pelvis = self._pelvis(cycle, feet)
        angle = 2 * math.pi * cycle
        sway = min(self.vigour, 1.0)
        lean = 0.02 + 0.035 * self.vigour + 0.10 * self.run + b.stoop_rad
        torso_turn = (
            rotation_about(2, 0.10 * sway * math.cos(angle))
            @ rotation_about(0, 0.05 * self.rest)
            @ rotation_about(1, lean)
        )
        head_turn = rotation_about(2, 0.25 * self.rest) @ rotation_about(1, lean * 0.3 + 0.10 * b.stoop_rad)
        elbows, wrists = self._arms(pelvis, torso_turn, angle)
        return Stance(
            pelvis=pelvis,
            torso_turn=torso_turn,
            head_turn=head_turn,
            feet=(feet[0], feet[1]),
            elbows=elbows,
            wrists=wrists,
        )

    def _pelvis(self, cycle: float, feet: list[Mat4]) -> Mat4:
        """The hips as high as both legs allow, swaying over the standing foot."""
        b, h = self.build, self.build.height_m
        sway = min(self.vigour, 1.0)
        angle = 2 * math.pi * cycle
        y = 0.018 * sway * math.sin(angle) + 0.016 * h * self.rest
        turn = rotation_about(2, -0.09 * sway * math.cos(angle)) @ rotation_about(
            0, -0.03 * sway * math.sin(angle) + 0.06 * self.rest
        )
        heights = [b.hip * h + SOLE_M - 0.012 * h * sway - 0.03 * h * self.run - 0.06 * h * b.stoop_rad]
        longest = 0.992 * b.leg_m
        for side, foot in zip(SIDES, feet, strict=True):
            joint = turn @ np.array([0.0, side * b.hip_half * h, 0.0])
            dx, dy = foot[0, 3] - joint[0], foot[1, 3] - y - joint[1]
            flat = dx * dx + dy * dy
            heights.append(foot[2, 3] + math.sqrt(max(longest**2 - flat, 0.04)) - joint[2])
        sharp = 90.0
        z = -math.log(sum(math.exp(-sharp * (v - heights[0])) for v in heights)) / sharp + heights[0]
        return placed(turn, np.array([0.0, y, z]))

    def _arms(
        self, pelvis: Mat4, torso_turn: Float64[np.ndarray, "3 3"], angle: float
    ) -> tuple[tuple[Vec3, Vec3], tuple[Vec3, Vec3]]:
        b, h = self.build, self.build.height_m
        torso = self.person.torso_frame(pelvis, torso_turn)
        lean = 0.02 + 0.035 * self.vigour + 0.10 * self.run
        frame = torso[:3, :3] @ rotation_about(1, -0.8 * lean - 0.9 * b.stoop_rad)
        elbows: list[Vec3] = []
        wrists: list[Vec3] = []
        sway = min(self.vigour, 1.15)
        for side in SIDES:
            swing = -side * math.cos(angle)
            alpha = -0.02 + (0.40 + 0.2 * self.run) * sway * swing
            flex = 0.22 + 0.10 * sway + 0.20 * sway * max(swing, 0.0) + 1.05 * self.run
            out = 0.115 + 0.03 * (b.girth - 1.0) / 0.1 + (0.06 if b.top == Top.DOWN else 0.0)
            if side < 0 and b.luggage in (Luggage.HANDBAG, Luggage.CROSSBODY):
                out += 0.13
            elbow = self.person.shoulder_m(torso, side) + frame @ _down(alpha, side * out) * b.upper_arm * h
            wrist = elbow + frame @ _down(alpha + flex, side * (out - 0.06 - 0.10 * self.run)) * b.forearm * h
            elbows.append(elbow)
            wrists.append(wrist)
        return (elbows[0], elbows[1]), (wrists[0], wrists[1])


def _down(forward_rad: float, out_rad: float) -> Vec3:
    """Direction of a hanging limb swung forward and to the left."""
    return np.array(
        [
            math.sin(forward_rad) * math.cos(out_rad),
            math.sin(out_rad),
            -math.cos(forward_rad) * math.cos(out_rad),
        ]
    )


def _roll(flat_x: float, pivot_x: float, rise: float, pitch: float) -> tuple[float, float, float]:
    """Ankle of a foot that turns about a point of its sole which stays on the ground."""
    c, s = math.cos(pitch), math.sin(pitch)
    x = flat_x + pivot_x + (-pivot_x) * c + rise * s
    z = pivot_x * s + rise * c - rise
    return x, z, pitch
