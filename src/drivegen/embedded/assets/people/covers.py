"""What stands off the body: clothes that hang, bags; and the heights that they hang from."""

from __future__ import annotations

from drivegen.embedded.assets.people.build import Bottom, Build, Luggage, Top

SKIRT_HEM, SKIRT_FRONT, SKIRT_BACK = 0.065, 0.105, 0.110
"""Hem above the knee, and how far it stands out, as shares of the height."""


def waist(build: Build) -> float:
    """Height of the joint between pelvis and torso, as a share of the body's."""
    return build.hip + 0.055


def neck_foot(build: Build) -> float:
    """Height of the joint between torso and neck, as a share of the body's."""
    return build.shoulder + 0.030


def bag_corners_m(build: Build) -> tuple[tuple[float, float, float], ...]:
    """Corners of what is carried, in the torso's frame; empty without luggage."""
    h = build.height_m
    if build.luggage == Luggage.BACKPACK:
        low, high = bag_span(build)
        x = (-0.055 * h * build.girth - 0.125, -0.02 * h)
        return tuple((a, s * 0.150, z) for a in x for s in (-1, 1) for z in (low, high))
    if build.luggage == Luggage.HANDBAG:
        y, z = handbag_place(build)
        return tuple((a, y + b, z + c) for a in (-0.13, 0.13) for b in (-0.05, 0.055) for c in (-0.10, 0.105))
    return ()


LOOSE = {Top.JACKET: 0.007, Top.COAT: 0.009, Top.SHIRT: 0.002, Top.TEE: 0.0}
"""How far a top stands off the body, as a share of the height."""


def hem_corners_m(build: Build) -> tuple[tuple[float, float, float], ...]:
    """Foremost and rearmost points of what covers the hips, in the pelvis's frame."""
    h, g = build.height_m, build.girth
    loose = LOOSE[build.top]
    swing = 0.008  # of the hem, as the torso leans
    points = [((0.070 + loose) * g * h, 0.0, 0.0), (-(0.0765 + loose) * g * h - swing, 0.0, 0.0)]
    if build.bottom == Bottom.SKIRT:
        z = (build.knee + SKIRT_HEM - build.hip) * h
        points += [(x * g * h, 0.0, z) for x in (SKIRT_FRONT, -SKIRT_BACK)]
    return tuple(points)


def bag_span(build: Build) -> tuple[float, float]:
    """Lower and upper end of a backpack, in the torso's frame."""
    h = build.height_m
    shoulder = (build.shoulder - waist(build)) * h
    return shoulder - 0.40 * h / 1.75, shoulder - 0.0 * h


def handbag_place(build: Build) -> tuple[float, float]:
    """(y, z) of its middle in the torso's frame: under the left arm's elbow, at the hip."""
    h = build.height_m
    return -(0.100 * build.girth * h + 0.045), -0.02 * h
