"""What stands off the body: where clothes end, where bags are; and the heights that they hang from."""

from __future__ import annotations

from drivegen.embedded.assets.people.build import Bottom, Build, Top

LOOSE = {
    Top.JACKET: 0.006,
    Top.COAT: 0.008,
    Top.SHIRT: 0.003,
    Top.TEE: 0.003,
    Top.HOODIE: 0.006,
    Top.DOWN: 0.014,
    Top.LONG_COAT: 0.008,
    Top.DRESS: 0.001,
}
"""How far a top stands off the body, as a share of the height."""

_HEM = {
    Top.JACKET: 0.0,
    Top.COAT: -0.060,
    Top.SHIRT: 0.008,
    Top.TEE: 0.010,
    Top.HOODIE: 0.006,
    Top.DOWN: -0.008,
    Top.LONG_COAT: 0.015,
    Top.DRESS: 0.030,
}
"""Where a top ends, over the hip joints."""


def waist(build: Build) -> float:
    """Height of the joint between pelvis and torso, as a share of the body's."""
    return build.hip + 0.055


def neck_foot(build: Build) -> float:
    """Height of the joint between torso and neck, as a share of the body's."""
    return build.shoulder + 0.030


def hem_of_top(build: Build) -> float:
    """Height of the lower end of the top, as a share of the body's."""
    tucked = build.bottom in (Bottom.SKIRT, Bottom.LONG_SKIRT) and build.top in (Top.TEE, Top.SHIRT)
    return build.hip + (0.035 if tucked else _HEM[build.top])


def hem_of_skirt(build: Build) -> float:
    """Height of the lower end of what hangs about the legs, as a share of the body's."""
    if build.top == Top.LONG_COAT:
        return build.knee + 0.005
    if build.bottom == Bottom.LONG_SKIRT:
        return build.ankle + 0.075
    return build.knee + (0.030 if build.top == Top.DRESS else 0.055)


def bag_span(build: Build) -> tuple[float, float]:
    """Lower and upper end of a backpack, in the torso's frame."""
    h = build.height_m
    shoulder = (build.shoulder - waist(build)) * h
    return shoulder - 0.40 * h / 1.75, shoulder - 0.0 * h


def handbag_place(build: Build) -> tuple[float, float]:
    """(y, z) of its middle in the torso's frame: on the right, at the hip."""
    h = build.height_m
    return -(0.100 * build.girth * h + 0.045), -0.02 * h
