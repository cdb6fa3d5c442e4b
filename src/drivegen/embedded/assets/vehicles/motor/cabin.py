"""Cabins: pillars, windows and roof of a car, lofted upward from the waist, and the points on them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Float64

from drivegen.core.tags import Tag
from drivegen.embedded.assets.forms import loft
from drivegen.embedded.assets.sculpt import Finish, Sculpture, Shape
from drivegen.embedded.assets.vehicles.motor.panels import GLASS
from drivegen.embedded.mesh import Material

Points = Float64[np.ndarray, "*n 3"]
RISES = (-0.12, 0.04, 0.27, 0.5, 0.73, 0.925, 1.0)
"""Levels between waist (0) and the roof's edge (1)."""
FIRST_GLASS, LAST_GLASS = 1, 4
SCREEN = (-1.0, -0.945, -0.72, -0.48, -0.24, 0.0, 0.24, 0.48, 0.72, 0.945)
"""Where the columns of windscreen and rear window begin, as shares of the half width."""
CROWN = ((0.965, 0.30), (0.90, 0.58), (0.72, 0.84), (0.40, 0.97))
"""Rings of the roof: (share of the plan, share of the crown's rise)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cabin:
    """Measures of a cabin. x in the car's frame, heights above the ground."""

    cowl_m: float
    """x of the windscreen's foot."""
    cowl_z_m: float
    roof_front_m: float
    """x of the roof's front edge, and of its rear edge."""
    roof_rear_m: float
    backlight_m: float
    """x of the rear window's foot."""
    waist_m: float
    top_m: float
    """Height of the roof."""
    half_width_m: float
    """At the waist."""
    roof_width: float = 0.80
    """Half width of the roof's edge over that of the waist."""
    crown_m: float = 0.07
    drop_m: float = 0.06
    """How far the roof falls towards its rear edge."""
    kick_m: float = 0.0
    """How far the waist rises towards the rear."""
    taper: float = 0.06
    """How much narrower the cabin is at its rear."""
    cells: tuple[tuple[float, str], ...] = (
        (0.05, "pillar"),
        (0.46, "glass"),
        (0.5, "black"),
        (0.86, "glass"),
        (1.0, "pillar"),
    )
    """From front to rear along the side: where a cell ends, and what it is."""
    rear_window: bool = True
    roof: str = "paint"
    """Of the roof: paint, black, glass (a panorama within a frame)."""
    pillars: str = "paint"
    """Paint, or black for a roof that seems to float."""

    @property
    def edge_m(self) -> float:
        """Height of the roof's edge."""
        return self.top_m - self.crown_m

    def _front(self, rise: np.ndarray) -> np.ndarray:
        foot = (self.cowl_z_m - self.waist_m) / (self.edge_m - self.waist_m)
        lift = np.maximum((rise - foot) / (1.0 - foot), -0.05)
        reach = self.roof_front_m - self.cowl_m
        return self.cowl_m + reach * lift - 0.055 * reach * np.sin(np.pi * np.clip(lift, 0.0, 1.0))

    def _rear(self, rise: np.ndarray) -> np.ndarray:
        up = np.maximum(rise, 0.0)
        reach = self.roof_rear_m - self.backlight_m
        return self.backlight_m + reach * up - 0.06 * abs(reach) * np.sin(np.pi * np.clip(up, 0.0, 1.0))

    def _half(self, rise: np.ndarray) -> np.ndarray:
        up = np.clip(rise, 0.0, 1.0)
        half = self.half_width_m * (1.0 + (self.roof_width - 1.0) * up**1.2)
        return np.asarray(half * (1.0 + 0.018 * np.sin(np.pi * up)))

    def _high(self, x: np.ndarray, share: np.ndarray, rise: np.ndarray) -> np.ndarray:
        z = self.waist_m + rise * (self.edge_m - self.waist_m)
        fall = np.clip((self.roof_front_m - x) / max(self.roof_front_m - self.roof_rear_m, 0.3), -0.6, 1.25)
        drop = self.drop_m * np.maximum(fall - 0.35, 0.0) ** 2 / 0.4225
        drop = drop + 0.02 * np.maximum(0.25 - fall, 0.0)
        up = np.clip(rise, 0.0, 1.0)
        return np.asarray(z - drop * up + self.kick_m * np.clip(share, 0.0, 1.0) ** 1.5 * (1.0 - up))

    def _bows(self, rise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        half = np.minimum(self._half(rise), 1.0)
        return 0.16 * half, 0.10 * half

    def screen(self, across: Float[np.ndarray, "*n"], rise: Float[np.ndarray, "*n"]) -> Points:
        """Points on the windscreen: across from -1 (right) to 1, up from the waist (0) to the roof (1)."""
        a, r = np.broadcast_arrays(np.asarray(across, np.float64), np.asarray(rise, np.float64))
        x = self._front(r) - self._bows(r)[0] * np.abs(a) ** 2.2
        return np.stack([x, a * self._half(r), self._high(x, np.zeros_like(x), r)], axis=-1)

    def back(self, across: Float[np.ndarray, "*n"], rise: Float[np.ndarray, "*n"]) -> Points:
        """Points on the rear window."""
        a, r = np.broadcast_arrays(np.asarray(across, np.float64), np.asarray(rise, np.float64))
        x = self._rear(r) + self._bows(r)[1] * np.abs(a) ** 2.2
        return np.stack(
            [x, a * self._half(r) * (1.0 - self.taper), self._high(x, np.ones_like(x), r)], axis=-1
        )

    def side(self, share: Float[np.ndarray, "*n"], rise: Float[np.ndarray, "*n"]) -> Points:
        """Points on the left side: from the windscreen (0) to the rear window (1)."""
        s, r = np.broadcast_arrays(np.asarray(share, np.float64), np.asarray(rise, np.float64))
        bow = self._bows(r)
        a, b = self._front(r) - bow[0], self._rear(r) + bow[1]
        x = a + (b - a) * s
        y = self._half(r) * (1.0 - self.taper * np.maximum(s - 0.3, 0.0) / 0.7)
        return np.stack([x, y, self._high(x, s, r)], axis=-1)

    def share_of(self, x_m: float, rise: float) -> float:
        """The share along the side at an x."""
        ends = self.side(np.array([0.0, 1.0]), np.array([rise, rise]))[:, 0]
        return float((x_m - ends[0]) / (ends[1] - ends[0]))

    def _columns(self) -> tuple[list[float], list[str]]:
        shares, kinds = [], []
        for (start, _), (end, kind) in pairwise(((0.0, ""), *self.cells)):
            parts = 2 if end - start > 0.16 else 1
            for k in range(parts):
                shares.append(start + (end - start) * k / parts)
                kinds.append(kind)
        return shares, kinds

    def shape(self) -> tuple[Shape, list[str]]:
        """The closed cabin, and what each face is."""
        shares, kinds = self._columns()
        across = np.array(SCREEN)
        screen = ["pillar"] + ["glass"] * (len(SCREEN) - 2) + ["pillar"]
        back = screen if self.rear_window else ["pillar"] * len(SCREEN)
        names = [*screen, *kinds, *back, *kinds[::-1]]
        rings = []
        for rise in RISES:
            r = np.full(len(across), rise)
            left = self.side(np.array(shares), np.full(len(shares), rise))
            right = self.side(np.array([*shares[1:], 1.0])[::-1], np.full(len(shares), rise))
            rings.append(
                np.concatenate(
                    [self.screen(across, r), left, self.back(-across, r), right * (1.0, -1.0, 1.0)]
                )
            )
        rim = rings[-1]
        middle = np.array([(rim[:, 0].max() + rim[:, 0].min()) / 2, 0.0, 0.0])
        for shrink, rise in CROWN:
            ring = middle + (rim - middle) * (0.3 + 0.7 * shrink, shrink, 1.0)
            ring[:, 2] = self._high(ring[:, 0], np.zeros(len(ring)), np.ones(len(ring))) + self.crown_m * rise
            rings.append(ring)
        faces: list[str] = []
        for row in range(len(rings) - 1):
            for name in names:
                if FIRST_GLASS <= row <= LAST_GLASS:
                    kind = name
                elif row < len(RISES) - 1:
                    kind = "pillar"
                else:
                    kind = "frame" if row <= len(RISES) else "roof"
                faces += [kind, kind]
        faces += ["under"] * len(names) + ["roof"] * len(names)
        return loft(np.array(rings)), faces

    def add(self, out: Sculpture, tag: Tag, paint: Finish) -> None:
        """Adds the cabin."""
        shape, faces = self.shape()
        gloss = Finish((13, 14, 15), Material.SATIN, tag)
        glass = Finish(GLASS, Material.GLASS, tag)
        dark_glass = Finish((13, 15, 17), Material.GLASS, tag)
        palette = (paint, gloss, glass, dark_glass, Finish((18, 18, 19), Material.MATTE, tag))
        roof = {"paint": 0, "black": 1, "glass": 3}[self.roof]
        pillar = 0 if self.pillars == "paint" else 1
        frame = 0 if self.roof == "paint" or (self.roof == "glass" and self.pillars == "paint") else 1
        index = {
            "glass": 2,
            "tinted": 3,
            "black": 3,
            "pillar": pillar,
            "frame": frame,
            "roof": roof,
            "under": 4,
            "paint": 0,
        }
        out.add(shape, (palette, np.array([index[k] for k in faces])))
