"""What families of cars draw their measures from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a family draws from; `_f`: shares of the length from the front, `_h`: of the height."""

    length_m: tuple[float, float]
    width_m: tuple[float, float]
    """Of the body; mirrors add to it."""
    height_m: tuple[float, float]
    wheelbase_f: tuple[float, float]
    front_overhang_m: tuple[float, float]
    wheel_m: tuple[float, float]
    """Radius."""
    sill_m: tuple[float, float]
    hood_h: tuple[float, float]
    """Top of the nose."""
    cowl_h: tuple[float, float]
    waist_h: tuple[float, float]
    deck_h: tuple[float, float]
    cowl_f: tuple[float, float]
    screen_f: tuple[float, float]
    """Length of the windscreen seen from above."""
    roof_rear_f: tuple[float, float]
    backlight_f: tuple[float, float]
    roof_width: tuple[float, float] = (0.78, 0.83)
    doors: int = 4
    tailgate: bool = False
    electric: float = 0.5
    """Share of electric members."""
    rugged: float = 0.0
    cladding: float = 0.0
    rails: float = 0.0
    boxy: float = 0.15
    """Share with square corners."""
    drop_m: tuple[float, float] = (0.05, 0.09)


SEDAN = Range(
    length_m=(4.45, 5.12),
    width_m=(1.77, 1.91),
    height_m=(1.42, 1.51),
    wheelbase_f=(0.578, 0.612),
    front_overhang_m=(0.84, 0.93),
    wheel_m=(0.325, 0.358),
    sill_m=(0.17, 0.20),
    hood_h=(0.465, 0.505),
    cowl_h=(0.63, 0.66),
    waist_h=(0.63, 0.655),
    deck_h=(0.64, 0.69),
    cowl_f=(0.235, 0.275),
    screen_f=(0.145, 0.18),
    roof_rear_f=(0.64, 0.70),
    backlight_f=(0.85, 0.925),
    electric=0.5,
    boxy=0.1,
)
HATCHBACK = Range(
    length_m=(3.55, 4.35),
    width_m=(1.62, 1.82),
    height_m=(1.46, 1.60),
    wheelbase_f=(0.60, 0.645),
    front_overhang_m=(0.66, 0.80),
    wheel_m=(0.295, 0.335),
    sill_m=(0.18, 0.21),
    hood_h=(0.49, 0.54),
    cowl_h=(0.615, 0.655),
    waist_h=(0.615, 0.645),
    deck_h=(0.62, 0.65),
    cowl_f=(0.205, 0.25),
    screen_f=(0.15, 0.19),
    roof_rear_f=(0.86, 0.92),
    backlight_f=(0.965, 0.985),
    tailgate=True,
    electric=0.65,
    drop_m=(0.03, 0.09),
    boxy=0.25,
)
SUV = Range(
    length_m=(4.30, 5.10),
    width_m=(1.82, 1.99),
    height_m=(1.62, 1.82),
    wheelbase_f=(0.585, 0.615),
    front_overhang_m=(0.84, 0.93),
    wheel_m=(0.36, 0.40),
    sill_m=(0.23, 0.29),
    hood_h=(0.535, 0.585),
    cowl_h=(0.65, 0.68),
    waist_h=(0.645, 0.675),
    deck_h=(0.65, 0.675),
    cowl_f=(0.235, 0.275),
    screen_f=(0.13, 0.165),
    roof_rear_f=(0.825, 0.905),
    backlight_f=(0.95, 0.985),
    tailgate=True,
    electric=0.5,
    rugged=0.22,
    cladding=0.65,
    rails=0.55,
    drop_m=(0.05, 0.11),
)
MPV = Range(
    length_m=(4.75, 5.25),
    width_m=(1.84, 1.98),
    height_m=(1.72, 1.90),
    wheelbase_f=(0.585, 0.615),
    front_overhang_m=(0.90, 0.98),
    wheel_m=(0.335, 0.365),
    sill_m=(0.19, 0.22),
    hood_h=(0.50, 0.54),
    cowl_h=(0.585, 0.615),
    waist_h=(0.565, 0.595),
    deck_h=(0.575, 0.60),
    cowl_f=(0.185, 0.215),
    screen_f=(0.15, 0.18),
    roof_rear_f=(0.93, 0.955),
    backlight_f=(0.975, 0.99),
    roof_width=(0.83, 0.87),
    tailgate=True,
    electric=0.55,
    drop_m=(0.02, 0.04),
    rails=0.2,
    boxy=0.4,
)
MINIVAN = Range(
    length_m=(3.95, 4.75),
    width_m=(1.58, 1.74),
    height_m=(1.80, 2.00),
    wheelbase_f=(0.60, 0.655),
    front_overhang_m=(0.62, 0.76),
    wheel_m=(0.282, 0.305),
    sill_m=(0.18, 0.22),
    hood_h=(0.40, 0.46),
    cowl_h=(0.525, 0.555),
    waist_h=(0.54, 0.57),
    deck_h=(0.54, 0.57),
    cowl_f=(0.075, 0.135),
    screen_f=(0.13, 0.17),
    roof_rear_f=(0.965, 0.98),
    backlight_f=(0.982, 0.992),
    roof_width=(0.86, 0.91),
    tailgate=True,
    electric=0.35,
    drop_m=(0.01, 0.02),
    boxy=0.7,
)
PICKUP = Range(
    length_m=(5.25, 5.60),
    width_m=(1.86, 1.97),
    height_m=(1.80, 1.92),
    wheelbase_f=(0.585, 0.61),
    front_overhang_m=(0.90, 0.98),
    wheel_m=(0.375, 0.405),
    sill_m=(0.32, 0.38),
    hood_h=(0.54, 0.58),
    cowl_h=(0.605, 0.63),
    waist_h=(0.605, 0.63),
    deck_h=(0.60, 0.625),
    cowl_f=(0.225, 0.25),
    screen_f=(0.11, 0.135),
    roof_rear_f=(0.60, 0.62),
    backlight_f=(0.635, 0.65),
    electric=0.2,
    rugged=0.45,
    cladding=0.7,
    rails=0.35,
    boxy=0.6,
    drop_m=(0.01, 0.02),
)
VAN = Range(
    length_m=(5.35, 6.05),
    width_m=(1.95, 2.06),
    height_m=(2.30, 2.72),
    wheelbase_f=(0.58, 0.62),
    front_overhang_m=(0.88, 0.98),
    wheel_m=(0.335, 0.36),
    sill_m=(0.22, 0.27),
    hood_h=(0.37, 0.42),
    cowl_h=(0.455, 0.49),
    waist_h=(0.465, 0.495),
    deck_h=(0.465, 0.495),
    cowl_f=(0.115, 0.145),
    screen_f=(0.115, 0.145),
    roof_rear_f=(0.975, 0.985),
    backlight_f=(0.987, 0.993),
    roof_width=(0.90, 0.94),
    tailgate=True,
    electric=0.35,
    drop_m=(0.0, 0.01),
    boxy=0.9,
    cladding=0.6,
)
