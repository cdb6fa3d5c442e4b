"""Radar cross sections at 77 GHz, by class and by the side that a radar sees.

Means over fluctuation, rounded, from published measurements, which scatter by several dB between makes: cars
after Silberling et al. 2014, "Radar Measurements of Representative Small Light Passenger Vehicles" (DRI,
NHTSA), and ISO 19206-3; people after Fortuny-Guasch and Chareau 2013, "Radar Cross Section Measurements of
Pedestrian Dummies and Humans in the 24/77 GHz Frequency Bands" (JRC, EUR 25762), and ISO 19206-2; bicycles
after Belgiovane and Chen 2017, "Bicycles and human riders backscattering at 77 GHz for automotive radar"
(EuCAP), and ISO 19206-4. Those of classes without a measurement are set between those of the nearest ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Vec3


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSection:
    """Mean cross section in dBsm: straight at a side, and between sides."""

    front_dbsm: float
    side_dbsm: float
    rear_dbsm: float
    corner_dbsm: float


def _section(front: float, side: float, rear: float, corner: float) -> CrossSection:
    return CrossSection(front_dbsm=front, side_dbsm=side, rear_dbsm=rear, corner_dbsm=corner)


CROSS_SECTIONS: dict[ObjectClass, CrossSection] = {
    ObjectClass.CAR: _section(10.0, 18.0, 12.0, 3.0),
    ObjectClass.VAN: _section(12.0, 20.0, 14.0, 5.0),
    ObjectClass.TRUCK: _section(18.0, 26.0, 20.0, 8.0),
    ObjectClass.BUS: _section(18.0, 28.0, 20.0, 8.0),
    ObjectClass.EMERGENCY: _section(14.0, 22.0, 16.0, 6.0),
    ObjectClass.POLICE: _section(10.0, 18.0, 12.0, 3.0),
    ObjectClass.MOTORCYCLE: _section(1.0, 7.0, 3.0, -2.0),
    ObjectClass.BICYCLE: _section(-4.0, 3.0, -3.0, -7.0),
    ObjectClass.TRICYCLE: _section(2.0, 8.0, 4.0, -1.0),
    ObjectClass.CONSTRUCTION: _section(16.0, 22.0, 16.0, 8.0),
    ObjectClass.UNMANNED: _section(5.0, 9.0, 5.0, 0.0),
    ObjectClass.PEDESTRIAN: _section(-7.0, -9.0, -7.0, -8.0),
    ObjectClass.CHILD: _section(-11.0, -13.0, -11.0, -12.0),
}

LOBE_RAD = math.radians(22.0)
"""Off the normal of a side the cross section falls to the corner's, as a Gaussian of this width in dB."""


def cross_section_dbsm(section: CrossSection, aspect_rad: float) -> float:
    """Mean cross section for a view from `aspect_rad`: 0 from the front, pi / 2 from a side, pi from the
    rear."""
    angle = abs(math.remainder(aspect_rad, 2.0 * math.pi))
    sides = ((0.0, section.front_dbsm), (math.pi / 2, section.side_dbsm), (math.pi, section.rear_dbsm))
    out = section.corner_dbsm
    for normal, peak in sides:
        out += (peak - section.corner_dbsm) * math.exp(-(((angle - normal) / LOBE_RAD) ** 2))
    return out


def aspect_rad(box: Box, eye_m: Vec3) -> float:
    """Side from which a point sees a box: 0 from straight ahead of it, pi from behind, always 0..pi."""
    seen_from = (np.asarray(eye_m) - box.pose.position_m) @ box.pose.rotation
    return abs(math.atan2(float(seen_from[1]), float(seen_from[0])))


def silhouette_m2(box: Box, eye_m: Vec3) -> float:
    """Area of a box's outline, seen from a distant point."""
    seen_from = (np.asarray(eye_m) - box.pose.position_m) @ box.pose.rotation
    way = np.abs(seen_from) / max(float(np.linalg.norm(seen_from)), 1e-9)
    length, width, height = (float(v) for v in box.size_m)
    return float(way[0] * width * height + way[1] * length * height + way[2] * length * width)
