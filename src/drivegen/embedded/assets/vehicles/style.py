"""The measures that make one car body differ from another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fascia(StrEnum):
    """How the face of a car is drawn."""

    WIDE = "wide"
    """Slim lamps joined by a wide grille."""
    ROUND = "round"
    """Round lamps, small grille."""
    ELECTRIC = "electric"
    """Slim lamps, closed front."""
    BLOCK = "block"
    """Upright lamps beside a tall grille: vans, off-road cars, trucks."""


class Livery(StrEnum):
    """Colour scheme over the paint."""

    PLAIN = "plain"
    POLICE = "police"
    AMBULANCE = "ambulance"
    TWO_TONE = "two_tone"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyStyle:
    """A body with bonnet, cabin and boot, as fractions of the box.

    Fractions named `_f` run from the front (0) to the rear (1) of the length, those named `_h` from the
    ground (0) to the top (1) of the height.
    """

    hood_front_h: float = 0.50
    hood_rear_h: float = 0.63
    belt_h: float = 0.64
    deck_h: float = 0.66
    tail_h: float = 0.62
    """Top edge at the very rear."""
    cowl_f: float = 0.27
    """Foot of the windscreen."""
    roof_front_f: float = 0.405
    roof_rear_f: float = 0.70
    backlight_f: float = 0.84
    """Foot of the rear window."""
    front_axle_f: float = 0.185
    rear_axle_f: float = 0.79
    wheel_radius_m: float = 0.33
    wheel_width_m: float = 0.215
    clearance_m: float = 0.19
    roof_width: float = 0.79
    """Half width of the roof's edge over that of the body."""
    roof_crown_m: float = 0.07
    roof_drop_h: float = 0.045
    """How far the roof falls towards its rear edge."""
    nose_m: float = 0.62
    """Length over which the plan of the nose is rounded."""
    nose_power: float = 2.9
    tail_m: float = 0.45
    tail_power: float = 3.4
    nose_rake_m: float = 0.10
    tail_rake_m: float = 0.08
    side_cells: tuple[tuple[float, str], ...] = (
        (0.05, "pillar"),
        (0.45, "glass"),
        (0.50, "black"),
        (0.84, "glass"),
        (1.0, "pillar"),
    )
    """From front to rear along the side of the cabin: where a cell ends, and what it is."""
    rear_window: bool = True
    door_lines_f: tuple[float, ...] = (0.30, 0.525, 0.73)
    fascia: Fascia = Fascia.WIDE
    livery: Livery = Livery.PLAIN
    cladding: bool = False
    """Dark plastic on sills and wheel arches."""
    spare_wheel: bool = False
    roof_rails: bool = False
    spoiler: bool = False
    flat_faces: bool = False
    """Folded sheet instead of curves."""
    mirror_m: float = 0.10
    """How far a mirror stands out from the body."""
